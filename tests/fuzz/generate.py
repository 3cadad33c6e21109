"""Writes programs: leaves, then calls, writes and gradients, each a step that runs at once."""

import re

from . import creation, elementwise, networks, shapes  # noqa: F401 (their rows)
from . import rooms_elementwise, rooms_nn, rooms_products, rooms_putting  # noqa: F401
from . import rooms_reducing, rooms_shaping  # noqa: F401
from .indices import index
from .program import (
    AGAIN,
    BACKWARD,
    End,
    GRADIENT,
    OTHER,
    Program,
    Step,
    VALUE,
    WRITE,
    overlap,
    written_view,
)
from .rooms_writes import way_to_write
from .table import ROOMS, ROWS, floats
from .writer import Writer

NAMES = "abcdefghijklmnopqrstuvwxyz"
OFTEN = {
    "getitem": 14, "cross_entropy": 10, "reshape": 10, "add": 2, "mul": 2, "where": 2, "expand": 2,
    "split by sizes": 2, "contiguous": 6, "scaled_dot_product_attention": 2, "to": 2,
}  # fmt: skip
ALL = list(dict.fromkeys(ROWS.values())) + [
    ROWS[name] for name, n in OFTEN.items() for _ in range(n)
]
IN_ROOMS = list(dict.fromkeys(ROOMS.values()))
NO_GRAD = "with torch.no_grad(): "

TURNS = ("t_()", "unsqueeze_(0)", "squeeze_()", "transpose_(0, -1)", "unsqueeze_(-1)")


# What is called in place besides the lists of rooms_writes.py.
WRITTEN = ("fill_diagonal_", "tril_", "triu_", "clamp_", "exp_", "add_", "sub_", "fill_", "zero_")


class Generator:
    """Writes one program, and runs it step by step."""

    def __init__(self, draw, torch):
        self.program = Program(torch)
        self.w = Writer(draw, self.program)

    def whole(self):
        """A whole program; raises Mismatch."""
        w = self.w
        try:
            for _ in range(1 + w.below(2)):
                self.keep(w.fresh(), "tensor")
            for _ in range(4 + w.below(9)):
                w.pick((self.call,) * 16 + (self.write,) * 5 + (self.other,) * 2)()
            if not w.chance(12):
                self.gradients()
            self.program.compare_all("end")
        except End:
            pass

    def keep(self, text, call, kind=VALUE, prefix=""):
        """A step `a = …` with a new variable; returns its name, or None if it raised an error."""
        name = next(name for name in NAMES if name not in self.program.scale)
        step = Step(f"{prefix}{name} = {text}", call, kind, name)
        return name if self.program.run(step) else None

    def call(self):
        """Call a public name and keep the result."""
        rooms = self.w.rooms and not self.w.chance(3)
        text = self.w.pick(IN_ROOMS if rooms else ALL)(self.w)
        if text is not None:
            self.keep(text, called(text), prefix=NO_GRAD if self.w.chance(16) else "")

    # --- writes
    def write(self):
        """Write into a variable in place, under no_grad() if PyTorch would record it, mostly."""
        w = self.w
        ref = w.tensor()
        if ref is None:
            return
        ways = (self.assigned, self.assigned, self.changed, self.stepped, self.overwritten)
        turns = self.turned if w.chance(3) else self.overwritten
        line, value = w.pick((*ways, turns))(ref)
        refs = [r for r in (ref, value) if r in self.program.tensors()]
        grads = any(w.value(r).requires_grad for r in refs) or "requires_grad=True" in line
        turned = line.endswith(TURNS)
        under = grads and not turned and (not floats(w.value(ref)) or w.chance(2))
        way = re.sub(r"\[.*\]", "[i]", re.sub(rf"\b{re.escape(ref)}", "x", line, count=1))
        way = re.sub(r"= .*|\(.*", "=" if "=" in way else "", way)
        call = f"{'recorded ' if grads and not under else ''}write {way}"
        self.program.run(Step(f"{NO_GRAD if under else ''}{line}", call, WRITE))

    def place(self, ref, plain=False):
        """An index to write to. Not False: PyTorch does not check what is written nowhere."""
        text = index(self.w, self.w.value(ref), plain)
        return re.sub(r"^False$|(?<=, )False(?=,|$)|^False(?=,)", "True", text)

    def assigned(self, ref):
        """x[i] = y"""
        value = self.other_value(ref)
        return f"{ref}[{self.place(ref)}] = {value}", value

    def changed(self, ref):
        """x.fill_(y), through a view or an element too"""
        w = self.w
        number = w.number(w.pick(("float64", "int64")))
        into = w.pick((ref, f"{ref}[{self.place(ref, plain=True)}]"))
        if w.chance(4):
            return f"[v.fill_({number}) for v in {ref}]", None
        value = self.other_value(ref, numbers=False)
        way = w.pick((f"fill_({number})", "zero_()", f"copy_({value or number})"))
        return f"{into}.{way}", value

    def stepped(self, ref):
        """x += y, x[i] += y"""
        w = self.w
        # Of nothing, PyTorch checks no powers; of 0, its second derivative is NaN; and a power of
        # what is 1 but for rounding can be anything.
        sure = w.value(ref).numel() and w.value(ref).all() and ref[0] in self.program.exact
        powers = ("**",) if sure else ()
        value = self.other_value(ref)
        inexact = value[0] in set(self.program.variables) - self.program.exact
        quotients = () if inexact else ("/",)  # by -0.0, or by what rounding made of 0
        operator = w.pick(("+", "-", "*", "&", "|", *quotients, *powers))
        element = "[" in ref or w.chance(2)
        into = f"{ref}[{self.place(ref, plain=w.chance(2))}]" if element else ref
        return f"{into} {operator}= {value}", value

    def overwritten(self, ref):
        """x.tanh_(), x.add_(y, alpha=2), x.masked_fill_(mask, 1), through a view too"""
        w = self.w
        if w.rooms and w.chance(2):
            return way_to_write(w, ref), None
        x, value = w.value(ref), self.other_value(ref)
        into = w.pick((ref, ref, f"{ref}[{self.place(ref, plain=True)}]"))
        ways = [f"add_({value})", f"sub_({value})", f"mul_({value})", "neg_()", "tanh_()"]
        ways += ["sigmoid_()", "t_().t_()"] if x.ndim < 3 else ["tril_()", "triu_(1)"]
        scaled = value if value in self.program.tensors() else "2.0"
        ways += [
            f"add_({scaled}, alpha={w.pick(('2', '-0.5', '3.0'))})",
            f"sub_({scaled}, alpha=2)",
        ]
        if ref[0] in self.program.exact:
            ways += ["relu_()", "abs_()", "clamp_(-1.0, 2.0)", "clamp_(max=1)", "exp_()"]
        if into == ref and x.ndim > 1:
            ways += [f"fill_diagonal_({w.number()})"] if x.ndim == 2 and x.numel() else []
        mask = w.fresh("bool", w.broadcastable(tuple(x.shape)))
        ways += [f"masked_fill_({mask}, {w.number()})"] if into == ref else []
        way = w.pick(ways)
        return f"{into}.{way}", value if value in way else None

    def turned(self, ref):
        """x.t_(), x.unsqueeze_(0): another shape, in the same memory"""
        return f"{ref}.{self.w.pick(TURNS)}", None

    def other_value(self, ref, numbers=True):
        """A number, or a tensor that shares no memory with the one that is written to."""
        w = self.w
        x = w.value(ref)
        if numbers and w.odd():
            return w.pick(("None", "'7'", "[1.0]", "[]", "1e400"))
        if numbers and not w.chance(3):
            return w.number(w.pick(("float64", "int64", "bool")))
        return w.tensor(lambda y: not overlap(x, y)) or (w.number() if numbers else None)

    # --- flags
    def other(self):
        """Flags, names that go, and gradients in the middle."""
        w = self.w
        ref = w.tensor()
        if ref is None:
            return
        way = w.below(6)
        lines = {
            0: (f"{ref}.requires_grad_({w.pick(('', 'False', 'True'))})", "requires_grad_"),
            1: (f"{ref}.retain_grad()", "retain_grad"),
            2: (f"{ref}.requires_grad = {w.pick(('True', 'False', 'None'))}", "requires_grad ="),
            3: (f"{ref}.grad = {w.pick(('None', ref, '1.0', f'{ref}.clone()'))}", "grad ="),
        }
        if way in lines:  # in PyTorch, views require grad with their base, and ours are their own
            gone = self.views_of(ref) if way in (0, 2) else ()
            self.program.run(Step(*lines[way], gone=gone))
        elif way == 4:
            name = ref.partition("[")[0]
            self.program.run(Step(f"del {name}", "del", OTHER, gone=(name,)))
        else:
            self.gradients()

    def views_of(self, ref):
        """The other variables that share memory with one."""
        x, name = self.w.value(ref), ref.partition("[")[0]
        others = [(r, self.w.value(r)) for r in self.program.tensors()]
        shared = [r for r, y in others if overlap(x, y) or _view_of_nothing(x, y)]
        return tuple({r.partition("[")[0] for r in shared} - {name})

    # --- gradients
    def gradients(self):
        """A loss of some results, and its first or second derivatives."""
        w = self.w
        results = w.like(lambda x: floats(x) and x.requires_grad)
        if not results:
            return
        few = w.chance(2)
        chosen = [results[-1]] + [r for r in results[:-1] if not few or w.chance(3)]
        loss = self.keep(" + ".join(f"weighted({r})" for r in chosen), "loss")
        # Second derivatives at infinite numbers depend on what is multiplied first.
        if loss and w.value(loss).isfinite() and w.chance(2):
            self.second(loss, results)
        elif loss:
            self.program.run(Step(f"{loss}.backward(retain_graph=True)", "gradient", BACKWARD))

    def second(self, loss, results):
        whole = [r for r in results if not written_view(self.w.value(r))]
        wanted = [r for r in whole if self.w.chance(2)] or whole[:1]
        if not wanted:
            return
        settings = "create_graph=True, allow_unused=True"
        text = f"torch.autograd.grad({loss}, [{', '.join(wanted)}], {settings})"
        if name := self.keep(text, "gradient", GRADIENT):
            line = f"again({name}).backward(retain_graph=True)"
            self.program.run(Step(line, "second gradient", AGAIN, gone=(name,)))


def _view_of_nothing(x, y):
    """True if y is a view, and where its memory is cannot be seen."""
    return y._is_view() and not (x.numel() and y.numel())


def called(text):
    """The name that a text calls, for grouping."""
    names = re.findall(r"\.([A-Za-z_]\w*)\b(?=\(|$)", text.partition("(torch.tensor")[0])
    if re.match(r"(torch\.|given\()", text):
        return re.match(r"(?:given\()?(?:torch\.)?((?:nn\.)?(?:functional\.|init\.)?\w+)", text)[1]
    if names and re.match(r"[a-z](\[\d\])?\.", text):
        return names[0]
    return re.sub(r"\b[a-z](\[\d\])?(?=\W|$)", "x", re.sub(r"\[.{4,}\]", "[i]", text))[:40]

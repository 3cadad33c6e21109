"""A program: its steps, run in minigrad and in PyTorch at once, and compared after each.

A program ends at the first difference (Mismatch), or at a documented one (End).
"""

import re
import warnings
from typing import NamedTuple

import minigrad

from .differences import documented, leaks, shares_gradients
from .world import World, dtype_of, difference, identical, is_tensor, largest

VALUE, GRADIENT, WRITE, BACKWARD, AGAIN, OTHER = (
    "value", "gradient", "write", "backward", "again", "other",
)  # fmt: skip
COMMON = ("tensor", "loss", "gradient", "second gradient")  # what nearly every program calls


class Step(NamedTuple):
    """A line of a program.

    call  the name that is called, for grouping what is found
    kind  what is compared after it: a new value, a new gradient, all variables (after a write),
          all `.grad` (after a backward; the gradients of AGAIN may be None instead of 0)
    new   the variable that the line makes
    gone  the variables that are not compared any more, because a documented difference begins
    """

    line: str
    call: str
    kind: str = OTHER
    new: str | None = None
    gone: tuple[str, ...] = ()


class Mismatch(Exception):
    """A step after which the frameworks differ.

    kind   the call and what differs: "getitem: shape"
    calls  everything that the program calls; a wrong gradient may be any of theirs
    """

    def __init__(self, call, what, text, steps):
        super().__init__(call, what, text, steps)
        self.kind, self.text, self.steps = f"{call}: {what}", text, list(steps)
        self.calls = frozenset(step.call for step in steps if step.call not in COMMON)

    def like(self, known):
        """True if this is another case of what is known."""
        distant = self.steps[-1].kind in (BACKWARD, AGAIN, GRADIENT)
        return self.kind == known.kind and (not distant or known.calls <= self.calls)

    @property
    def script(self):
        """The program as Python to copy, and what differs after its last line."""
        what = [f"# {line}" for line in self.text.splitlines()]
        return "\n".join([*[step.line for step in self.steps], *what])


class End(Exception):
    """The program ends here: from here on the frameworks differ, as documented."""


class Program:
    """The steps so far, the two worlds in which they ran, and the variables that are compared.

    exact   the variables that both hold to the bit
    scale   for each variable, the largest number from which it was computed
    coarse  the variables that were computed in float32
    """

    def __init__(self, torch):
        self.ours, self.theirs = World(minigrad), World(torch)
        self.steps, self.exact, self.coarse, self.scale = [], set(), set(), {}

    @property
    def variables(self):
        return list(self.scale)

    def tensors(self):
        """The references of all tensors: `a`; or `b[0]`, `b[1]` where b holds several."""
        return [ref for name in self.scale for ref in references(name, self.theirs.names[name])]

    # --- running
    def run(self, step):
        """Run a step in both and compare; returns True if it raised no error."""
        self.steps.append(step)
        theirs, ours = self.theirs.run(step.line), self.ours.run(step.line)
        if ours or theirs:
            self._compare_errors(step, ours, theirs)
            if step.kind == WRITE and isinstance(theirs, IndexError):
                raise End  # PyTorch may have written a part before it raised the error
        else:
            for name in step.gone:
                self.forget(name)
            self._compare(step)
        return not ours and not theirs

    def forget(self, name):
        self.scale.pop(name, None)
        self.exact.discard(name)
        self.coarse.discard(name)

    def _compare(self, step):
        for name in self.variables:
            if any(map(shares_gradients, _tensors(self.theirs.names[name]))):
                self.forget(name)
        if step.kind in (VALUE, GRADIENT):
            self._add(step)
        if step.kind == WRITE:
            if any(re.search(rf"\b{v}\b", step.line) for v in self.coarse):
                self.coarse |= set(self.variables)
            self._after_write()
        if step.kind in (WRITE, OTHER):
            self.compare_all(step.call)
        if step.kind in (BACKWARD, AGAIN):
            self._compare_grads(step)

    def _compare_errors(self, step, ours, theirs):
        if isinstance(theirs, NameError):  # a needed step was left out
            raise End
        said = f"minigrad: {_said(ours)}\nPyTorch:  {_said(theirs)}"
        if ours and leaks(ours, theirs):
            self.fail(step.call, "leak", said)
        if not ours and "modified by an inplace operation" in str(theirs):
            self._compare_as_saved(step)
            raise End
        if documented(step, ours, theirs, self.theirs):
            raise End
        if ours and theirs and step.kind in (BACKWARD, AGAIN):  # PyTorch leaves some gradients
            raise End
        if not ours:
            self.fail(step.call, "not refused", said)
        if not theirs:
            self.fail(step.call, "refused", said)

    def _compare_as_saved(self, step):
        """Compare gradients for which PyTorch misses an old value, and minigrad does not.

        PyTorch runs again, and saves copies of what is written to, unless through a view.
        """
        views = any(x._is_view() for x in map(self.theirs.value, self.tensors()))
        if views or any(each.kind == WRITE and "[" in each.line for each in self.steps):
            return
        library = self.theirs.names["torch"]
        again = World(library)
        with library.autograd.graph.allow_mutation_on_saved_tensors():
            errors = [again.run(each.line) for each in self.steps]
        grads = [again.value(ref).grad for ref in self.tensors() if again.value(ref).is_leaf]
        if not errors[-1] and not any(g is not None and g.isnan().any() for g in grads):
            self.theirs = again
            self._compare(step)

    def _add(self, step):
        name, ours, theirs = step.new, self.ours.names[step.new], self.theirs.names[step.new]
        used = [v for v in self.scale if re.search(rf"\b{v}\b", step.line)]
        numbers = [abs(float(n)) for n in re.findall(r"\d[\d.]*e[+-]?\d+", step.line)]
        scale = max([*[self.scale[v] for v in used], *numbers, largest(theirs)], default=0.0)
        coarse = any(v in self.coarse for v in used)
        coarse = coarse or any(dtype_of(x) == "float32" for x in _tensors(theirs))
        gradient = step.kind == GRADIENT
        if any(map(shares_gradients, _tensors(theirs))):
            return
        self._check(step.call, difference(ours, theirs, scale, coarse, gradient))
        exact = all(v in self.exact for v in used) and identical(ours, theirs) and not gradient
        self.forget(name)
        self.scale[name] = scale
        self.exact |= {name} if exact else set()
        self.coarse |= {name} if coarse else set()

    def compare_all(self, call):
        """Every variable has the same values in both."""
        for name in self.variables:
            ours, theirs = self.ours.names[name], self.theirs.names[name]
            text = difference(ours, theirs, self.scale[name], name in self.coarse)
            self._check(call, text, f"{name}: ")

    def _after_write(self):
        for name in self.variables:
            theirs = self.theirs.names[name]
            self.scale[name] = max(self.scale[name], largest(theirs))
            if not identical(self.ours.names[name], theirs):
                self.exact.discard(name)

    def _compare_grads(self, step):
        scale = max(self.scale.values(), default=0.0)
        only_leaves = any(step.kind == GRADIENT for step in self.steps)
        # Of what required no grad when it was used, PyTorch has second derivatives all the same.
        toggled = any(step.call.startswith("requires_grad") for step in self.steps)
        again = any(step.kind == AGAIN for step in self.steps)
        # PyTorch's grad() fills what retains its gradient, ours does not.
        for ref in self.tensors():
            ours, theirs = self.ours.value(ref), self.theirs.value(ref)
            filled = (
                theirs.is_leaf or theirs.retains_grad and not (only_leaves or written_view(theirs))
            )
            if not (theirs.requires_grad and filled):
                continue
            ours, theirs = ours.grad, theirs.grad
            if again and _none_for_0(ours, theirs):
                continue
            if step.kind == AGAIN and toggled and ours is None:
                continue
            text = difference(ours, theirs, scale, bool(self.coarse), gradient=True)
            self._check(step.call, text, f"{ref}.grad: ")

    def _check(self, call, text, prefix=""):
        if text:
            self.fail(call, re.split(r"[: ]", text)[0], prefix + text)

    def fail(self, call, what, text):
        raise Mismatch(call, what, text, self.steps)


def replay(torch, steps):
    """The Mismatch of these steps, run again; None if there is none."""
    program = Program(torch)
    try:
        with warnings.catch_warnings(action="ignore"):
            for step in steps:
                program.run(step)
            program.compare_all("end")
    except End:
        return None
    except Mismatch as found:
        return found
    return None


def without_needless_steps(torch, found):
    """The same Mismatch with every step left out that it does not need."""
    shorter = True
    while shorter:
        shorter = False
        for i in reversed(range(len(found.steps))):
            again = replay(torch, found.steps[:i] + found.steps[i + 1 :])
            if again and again.kind == found.kind:
                found, shorter = again, True
                break
    return found


def references(name, value):
    """The tensors in a variable: `a`, or `a[0]`, `a[1]` if it holds several."""
    if is_tensor(value):
        return [name]
    if isinstance(value, tuple | list):
        return [f"{name}[{i}]" for i, x in enumerate(value[:3]) if is_tensor(x)]
    return []


def _none_for_0(ours, theirs):
    """True if one gradient is None and the other all 0: both say that nothing depends on it."""
    found = theirs if ours is None else ours
    return (ours is None or theirs is None) and largest(found) == 0


def _tensors(value):
    several = value if isinstance(value, tuple | list) else [value]
    return [x for x in several if is_tensor(x)]


def _said(error):
    said = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {said[0][:200]}" if error else "no error"


def written_view(x):
    """True for a view to which something was written, whose history PyTorch replaces."""
    return x._is_view() and x._version > 0


def overlap(x, y):
    """True if two of PyTorch's tensors share memory."""
    if not x.numel() or not y.numel():
        return x is y
    return x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()

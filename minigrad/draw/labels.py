"""The labels of boxes and arrows, in Graphviz's HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Call, Node, value_of
from ..text import printable
from .flow import norm
from .scene import Scene
from .groups import Group
from .view import Arrow, Box, is_constant

SMALL = 12  # tensors of up to this many elements show their numbers, larger ones a summary
SHORT = 20, 2  # a matrix of up to this many shows them if none has more digits than this
ROW = 26  # a line of a vector's numbers has up to this many characters
TWO_LINES = 22  # a longer name of a parameter inside modules is written in two lines
WIDE_NAME = 16  # the shape of a tensor with a longer name is under the name
LONG = 24  # settings are cut after this many characters
WIDE = 72  # the note under a drawing has up to this many characters in a line
FONTS = "Helvetica,Arial,Noto Sans KR,Apple SD Gothic Neo,Malgun Gothic,sans-serif"
AWAY = "&#160;&#160;"  # on both sides of an arrow's label, so that no arrow runs over it
QUIET, ALARM = "#475569", "#b91c1c"  # colours of shapes and titles, and of non-finite numbers


def tensor(
    value: Array,
    name: str = "",
    grad: Array | None = None,
    bold: bool = False,
    times: int = 1,
    body: str = "",
) -> str:
    """A tensor: its name, shape and dtype (unless it is float32), and its numbers or a summary.

    If `times` tensors are rolled up into one box, their number instead of their numbers. A `body`,
    as a table of numbers with words, is shown instead of them, too.
    """
    words = [_name(name, bold)] if name else []
    words += [quiet(str(value.shape))] if value.ndim else []
    words += [quiet(str(value.dtype))] if value.dtype != np.float32 else []
    words += [quiet(f"×{times}")] if times > 1 else []
    rows: list[list[str]] = []
    if times == 1 and not body:
        given = [("value", value)] if grad is None else [("value", value), ("grad", grad)]
        wide = _columns([array for _, array in given])
        rows = [row for title, array in given for row in _numbers(title, array, wide)]
        if grad is None:  # then the row needs no title
            rows = [row[1:] for row in rows if len(row) > 1]
    align = "RIGHT" if len(rows) > 1 else "CENTER"
    wide = max(map(len, rows), default=1)
    lines = [_row(row, align, wide) for row in rows]
    lines += [f"<TD>{body}</TD>"] if body and times == 1 else []
    cut = 1 if len(name) > WIDE_NAME else len(words)  # a long name has a line of its own
    titles = [part for part in (words[:cut], words[cut:]) if part]
    lines[:0] = [f'<TD COLSPAN="{wide}">{"&#160;".join(title)}</TD>' for title in titles]
    table = "".join(f"<TR>{line}</TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{table}</TABLE>>'


def _row(row: list[str], align: str, wide: int) -> str:
    """The cells of a row; a summary beside numbers in more than two columns is as wide as they."""
    if len(row) == 1 or wide < 4 or len(row) == wide:
        return "".join(f'<TD ALIGN="{align}">{cell}</TD>' for cell in row)
    title, *cells = row
    text = "&#160; ".join(cells)
    return f'<TD ALIGN="{align}">{title}</TD><TD ALIGN="{align}" COLSPAN="{wide - 1}">{text}</TD>'


def _name(name: str, bold: bool) -> str:
    """A name; a parameter's, if it is long, in two lines, divided at the dot nearest its middle."""
    if not bold:
        return escaped(name)
    dots = [i + 1 for i, c in enumerate(name) if c == "."]
    if not dots or len(name) <= TWO_LINES:
        return f"<B>{escaped(name)}</B>"
    middle = min(dots, key=lambda i: abs(i - len(name) / 2))
    return f"<B>{escaped(name[:middle])}<BR/>{escaped(name[middle:])}</B>"


def _columns(arrays: Sequence[Array]) -> int:
    """The numbers in a line: as many as the columns, but for a vector no more than fit."""
    wide = arrays[0].shape[-1] if arrays[0].ndim else 1
    if arrays[0].size != wide or wide > SMALL:
        return wide
    longest = max((len(digits(x)) for array in arrays for x in array.ravel().tolist()), default=1)
    lines = -(-wide * longest // ROW)
    return -(-wide // max(lines, 1)) or 1


def summary_lines(title: str, array: Array) -> str:
    """A table row with a summary, one line below the other."""
    first, *more = ["&#160; ".join(row) for row in _summary(array) or [[]]]
    return f"<TD>{'<BR/>'.join([f'{quiet(title)}&#160; {first}', *more])}</TD>"


def _numbers(title: str, array: Array, wide: int) -> list[list[str]]:
    """Table rows with an array's numbers, or with a summary; the first begins with a title."""
    if 0 < array.size <= SMALL or _short(array):
        numbers = [number(x) for x in array.ravel().tolist()]
        numbers += [""] * (-len(numbers) % wide)
        rows = [numbers[i : i + wide] for i in range(0, len(numbers), wide)]
    else:
        rows = _summary(array) or [[]]
    return [[quiet("" if i else title), *row] for i, row in enumerate(rows)]


def _short(array: Array) -> bool:
    """True for a small matrix of short numbers that differ, such as 0s and 1s."""
    most, longest = SHORT
    if array.ndim < 2 or not array.shape[-1] < array.size <= most:
        return False
    numbers = {digits(x) for x in array.ravel().tolist()}
    return len(numbers) > 1 and max(map(len, numbers)) <= longest


def cells(array: Array) -> list[str]:
    """The texts of an array's numbers, or of its summary, as they are in a tensor's box."""
    rows = _numbers("", array, max(array.size, 1))
    return [plain(f"<{cell}>") for row in rows for cell in row[1:]]


def _summary(array: Array) -> list[list[str]]:
    """Mean ± standard deviation, minimum … maximum, proportion of zeros; or a warning."""
    if array.size == 0:
        return []
    if array.dtype.kind == "b":
        return [[f"{array.mean():.0%} True"]]
    low, high = array.min(), array.max()
    if array.dtype.kind == "i":
        return [[f"{low} … {high}"]]
    bad = array.size - int(np.isfinite(array).sum())
    if bad:
        return [[_alarm(f"{bad} of {array.size} not finite")]]
    if low == high:
        return [[f"all {digits(low)}"]]
    numbers = array.astype(float)
    zeros, mean, std = (array == 0).mean(), numbers.mean(), numbers.std()
    mean = 0.0 if abs(mean) < 1e-6 * std else mean  # nothing but rounding error
    extremes = [f"{low:.2g} … {high:.2g}"] + ([f"{zeros:.0%} zeros"] if zeros >= 0.01 else [])
    return [[f"{mean:.2g} ± {std:.2g}"], extremes]


def op(call: Call, times: int = 1) -> str:
    """An op, written as a call: inputs that come by an arrow are dots, defaults are left out.

    If `times` ops are rolled up into one, their number; their settings may differ.
    """
    if times > 1:
        return f"<<B>{escaped(call.op.__name__)}</B> ×{times}>"
    arrows = [isinstance(x, Node) or is_constant(x) for x in call.inputs]
    arguments = []
    if not all(arrows):
        given = zip(call.inputs, arrows, strict=True)
        arguments = ["·" if arrow else digits(x) for x, arrow in given]
    defaults = call.op.forward.__kwdefaults__ or {}
    for name, setting in call.settings.items():
        if name not in defaults or repr(setting) != repr(defaults[name]):
            typed = f"{name}={_index(setting) if name == 'index' else _typed(setting)}"
            arguments.append(escaped(typed if len(typed) <= LONG else f"{typed[: LONG - 1]}…"))
    listed = f"({', '.join(arguments)})" if arguments else ""
    return f"<<B>{escaped(call.op.__name__)}</B>{listed}>"


def module(box: Box, scene: Scene) -> str:
    """A folded module: its name and class, how often it is called, and what is inside."""
    assert box.inside
    lines = [_title(box.inside), quiet(f"{len(box.nodes):,} op{'s' if len(box.nodes) > 1 else ''}")]
    if box.parameters:
        count = sum(scene.values[p].size for p in box.parameters)
        lines[-1] += quiet(f", {count:,} parameters")
    made = set(box.nodes)
    found = [scene.gradients[p] for p in box.parameters if p in scene.gradients]
    found += [scene.values[g] for x, g in scene.recorded.items() if not x.call and g in made]
    if found:
        lines.append(f"{quiet('‖grad‖ ')}{number(norm(np.array([norm(g) for g in found])))}")
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{rows}</TABLE>>'


def title(group: Group) -> str:
    """An open module: its name and class, and how often it is called."""
    return f"<{_title(group)}>"


def _title(group: Group) -> str:
    kind = type(group.module).__name__
    words = [f"<B>{escaped(group.name)}</B>"] + (
        [quiet(escaped(kind))] if kind != group.name else []
    )
    return "&#160;".join(words + ([f"×{len(group.calls)}"] if len(group.calls) > 1 else []))


def caption(note: str, *parts: str) -> str:
    """The note, the legend and the key under a drawing, if there are any."""
    import textwrap  # slow to load

    lines = [f"<I>{quiet(escaped(line))}</I>" for line in textwrap.wrap(note, WIDE)]
    rows = [f'<TR><TD ALIGN="LEFT">{part}</TD></TR>' for part in (*lines, *parts) if part]
    body = "".join(rows)
    return body and f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{body}</TABLE>>'


def along(arrow: Arrow) -> dict[str, str]:
    """The label of an arrow: the shape of the tensors that go along it, and their number."""
    shapes = list(dict.fromkeys(value_of(x).shape for x in arrow.tensors))
    if arrow.uses[0] is None or arrow.tail.kind in ("tensor", "constant"):
        return {}  # the tensor's own box shows its shape
    count = len(dict.fromkeys(map(id, arrow.tensors)))
    text = " ".join(map(str, shapes[:2])) + ("…" if len(shapes) > 2 else "")
    return {"label": f"<{AWAY}{quiet(text + (f' ×{count}' if count > 1 else ''))}{AWAY}>"}


def _typed(setting: Any) -> str:
    """A setting, as a reader would type it."""
    if isinstance(setting, slice):
        ends = [setting.start, setting.stop] + ([setting.step] if setting.step else [])
        return ":".join("" if end is None else str(end) for end in ends)
    if isinstance(setting, Array):
        small = setting.size <= SMALL
        return str(setting.tolist()) if small else f"{setting.dtype} {setting.shape}"
    if setting is ...:
        return "..."
    if isinstance(setting, tuple):  # a Size, too, as a tuple is typed
        setting = tuple(setting)
    return repr(setting) if isinstance(setting, str) else str(setting)


def _index(index: Any) -> str:
    """The index of an x[…], as a reader would type it."""
    parts = index if isinstance(index, tuple) else (index,)
    return f"[{', '.join(map(_typed, parts))}]"


def digits(x: Any) -> str:
    """A number: integers in full, others to four significant digits."""
    x = x.item() if hasattr(x, "item") else x
    return str(x) if isinstance(x, int) else f"{x + 0.0:.4g}"  # + 0.0 turns -0.0 into 0.0


def number(x: Any) -> str:
    """A number, in red if it is not finite."""
    return digits(x) if np.isfinite(x) else _alarm(digits(x))


def quiet(text: str) -> str:
    """Small grey text; empty text stays empty, since Graphviz rejects an empty FONT."""
    return text and f'<FONT COLOR="{QUIET}" POINT-SIZE="10">{text}</FONT>'


def _alarm(text: str) -> str:
    """Bold red text."""
    return f'<FONT COLOR="{ALARM}"><B>{text}</B></FONT>'


def escaped(words: str) -> str:
    """Any text, escaped for use in a label."""
    import html  # slow to load

    return html.escape(printable(words)).replace("\\", "\\\\")  # Graphviz reads \N as the box's id


def plain(label: str) -> str:
    """The text of a label, without its HTML."""
    import html
    import re

    return html.unescape(re.sub("<[^<>]*>", "", label[1:-1])).replace("\\\\", "\\")

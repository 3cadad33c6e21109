"""What stands in the boxes and at the arrows, in Graphviz's HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Call, Node, value_of
from .flow import norm
from .view import Arrow, Box, Group, is_array

SMALL = 12  # up to so many numbers a tensor shows its values, else only its shape
LONG = 24  # a setting is cut after so many characters
QUIET, ALARM = "#475569", "#b91c1c"  # text: shapes and titles; numbers that are not finite


def tensor(
    value: Array, name: str = "", grad: Array | None = None, bold: bool = False, times: int = 1
) -> str:
    """A tensor: its name, shape and dtype; its numbers, or whether some of them are not finite.

    Of several that are rolled up into one, how many there are.
    """
    words = [f"<B>{_text(name)}</B>" if bold else _text(name)] if name else []
    words += [quiet(str(value.shape))] if value.ndim else []
    words += [quiet(str(value.dtype))] if value.dtype != np.float32 else []
    words += [quiet(f"×{times}")] if times > 1 else []
    rows: list[list[str]] = []
    if times == 1:
        rows = _numbers("value", value)
        if grad is None:  # nothing to tell the value from
            rows = [row[1:] for row in rows if len(row) > 1]
        else:
            rows += _numbers("grad", grad)
    align = "RIGHT" if len(rows) > 1 else "CENTER"
    lines = ["".join(f'<TD ALIGN="{align}">{cell}</TD>' for cell in row) for row in rows]
    if words:
        wide = max(map(len, rows), default=1)
        lines.insert(0, f'<TD COLSPAN="{wide}">{"&#160;".join(words)}</TD>')
    table = "".join(f"<TR>{line}</TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{table}</TABLE>>'


def _numbers(title: str, array: Array) -> list[list[str]]:
    """An array's numbers, a list a row; of many a summary. The title stands before the first."""
    if not 0 < array.size <= SMALL:
        return [[quiet(title), *_summary(array)]]
    rows = array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist()
    return [[quiet("" if i else title), *map(_number, row)] for i, row in enumerate(rows)]


def _summary(array: Array) -> list[str]:
    """Mean and spread, least and most, and the share of zeros; or what is not finite."""
    if array.size == 0:
        return []
    if array.dtype.kind == "b":
        return [f"{array.mean():.0%} True"]
    low, high = array.min(), array.max()
    if array.dtype.kind == "i":
        return [f"{low} … {high}"]
    bad = array.size - int(np.isfinite(array).sum())
    if bad:
        return [_alarm(f"{bad} of {array.size} not finite")]
    if low == high:
        return [f"all {digits(low)}"]
    numbers = array.astype(float)
    zeros, mean, spread = (array == 0).mean(), numbers.mean(), numbers.std()
    mean = 0.0 if abs(mean) < 1e-6 * spread else mean  # no more than rounding
    parts = [f"{mean:.2g} ± {spread:.2g}", f"{low:.2g} … {high:.2g}"]
    return parts + ([f"{zeros:.0%} zeros"] if zeros >= 0.01 else [])


def op(call: Call, times: int = 1) -> str:
    """An op, written as a call: what comes by an arrow is a dot, what is as by default left out.

    Of several that are rolled up into one, how many there are; their settings may differ.
    """
    if times > 1:
        return f"<<B>{_text(call.op.__name__)}</B> ×{times}>"
    arrows = [isinstance(x, Node) or is_array(x) for x in call.inputs]
    arguments = []
    if not all(arrows):
        given = zip(call.inputs, arrows, strict=True)
        arguments = ["·" if arrow else digits(x) for x, arrow in given]
    defaults = call.op.forward.__kwdefaults__ or {}
    for name, setting in call.settings.items():
        if name not in defaults or repr(setting) != repr(defaults[name]):
            typed = f"{name}={_index(setting) if name == 'index' else _typed(setting)}"
            arguments.append(_text(typed if len(typed) <= LONG else f"{typed[: LONG - 1]}…"))
    listed = f"({', '.join(arguments)})" if arguments else ""
    return f"<<B>{_text(call.op.__name__)}</B>{listed}>"


def module(box: Box, grads: Mapping[Node, Array]) -> str:
    """A folded module: its name and class, how often it is called, and what lies inside."""
    assert box.inside
    lines = [_title(box.inside), quiet(f"{len(box.nodes):,} op{'s' if len(box.nodes) > 1 else ''}")]
    if box.parameters:
        count = sum(p.value.size for p in box.parameters)
        lines[-1] += quiet(f", {count:,} parameters")
        known = [norm(grads[p]) for p in box.parameters if p in grads]
        if known:
            lines.append(f"{quiet('‖grad‖ ')}{_number(norm(np.array(known)))}")
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{rows}</TABLE>>'


def title(group: Group) -> str:
    """An open module's box."""
    return f"<{_title(group)}>"


def _title(group: Group) -> str:
    kind = type(group.module).__name__
    words = [f"<B>{_text(group.name)}</B>"] + ([quiet(_text(kind))] if kind != group.name else [])
    return "&#160;".join(words + ([f"×{len(group.calls)}"] if len(group.calls) > 1 else []))


def along(arrow: Arrow) -> dict[str, str]:
    """What goes along an arrow: the shape of the tensors, and how many there are."""
    shapes = list(dict.fromkeys(value_of(x).shape for x in arrow.tensors))
    if arrow.uses[0] is None or arrow.tail.kind == "tensor" or arrow.tail.kind == "constant":
        return {}  # the box tells it
    count = len(dict.fromkeys(map(id, arrow.tensors)))
    text = " ".join(map(str, shapes[:2])) + ("…" if len(shapes) > 2 else "")
    return {"label": f"<{quiet(text + (f' ×{count}' if count > 1 else ''))}>"}


def _typed(setting: Any) -> str:
    """A setting as a reader would type it."""
    if isinstance(setting, slice):
        ends = [setting.start, setting.stop] + ([setting.step] if setting.step else [])
        return ":".join("" if end is None else str(end) for end in ends)
    if isinstance(setting, Array):
        small = setting.size <= SMALL
        return str(setting.tolist()) if small else f"{setting.dtype} {setting.shape}"
    if setting is ...:
        return "..."
    return repr(setting) if isinstance(setting, str) else str(setting)


def _index(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return f"[{', '.join(map(_typed, parts))}]"


def digits(x: Any) -> str:
    """A number: whole ones in full, others in four digits."""
    x = x.item() if hasattr(x, "item") else x
    return str(x) if isinstance(x, int) else f"{x + 0.0:.4g}"  # + 0.0: no -0


def _number(x: Any) -> str:
    """A number's digits; in red if it is not finite."""
    return digits(x) if np.isfinite(x) else _alarm(digits(x))


def quiet(text: str) -> str:
    """Small and grey; of nothing, nothing: Graphviz takes no empty FONT."""
    return text and f'<FONT COLOR="{QUIET}" POINT-SIZE="10">{text}</FONT>'


def _alarm(text: str) -> str:
    return f'<FONT COLOR="{ALARM}"><B>{text}</B></FONT>'


def _text(words: str) -> str:
    """Anybody's words, safe in a label."""
    import html  # slow to load

    return html.escape(printable(words)).replace("\\", "\\\\")  # Graphviz reads \N as the box's id


def printable(words: str) -> str:
    """Words, with what has no glyph (a newline) as Python writes it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)


def plain(label: str) -> str:
    """A label's words, as plain text."""
    import html
    import re

    return html.unescape(re.sub("<[^<>]*>", "", label[1:-1])).replace("\\\\", "\\")

"""The device: there is only the CPU. Others have names, which programs mention."""

from __future__ import annotations

import re
from typing import Any

from .errors import shown

TYPES = ("cpu", "cuda", "mps", "xpu", "meta", "xla", "hpu", "mtia", "ipu", "maia", "hip", "vulkan")


class device:
    """A device as in PyTorch: device("cpu"), device("cuda:1"), device("cuda", 1).

    type    "cpu", "cuda" …
    index   which one of this type, or None
    """

    __slots__ = ("type", "index")
    type: str
    index: int | None

    def __init__(self, type: str | device, index: int | None = None) -> None:
        if isinstance(type, device):
            self.type, self.index = type.type, type.index
            return
        if not isinstance(type, str) or not (index is None or isinstance(index, int)):
            wrong = index if isinstance(type, str) else type
            raise TypeError(f'a device is a text such as "cpu", or "cuda", 1, not {shown(wrong)}')
        self.type, colon, number = type.partition(":")
        counted = index is None and re.fullmatch("0|[1-9][0-9]*", number)
        if self.type not in TYPES or (colon and not counted) or (index or 0) < 0:
            given = type if index is None else f"{type}, {index}"
            raise RuntimeError(f"device {given!r}: it is one of {', '.join(TYPES)}, as in cuda:1")
        self.index = int(number) if colon else index

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


CPU = device("cpu")


def on_cpu(given: Any) -> None:
    """Raise ValueError for any device but the CPU (None: the default, which is the CPU)."""
    if given is not None and (given if isinstance(given, device) else device(given)).type != "cpu":
        raise ValueError(f'device {str(given)!r}: minigrad computes on "cpu" only')

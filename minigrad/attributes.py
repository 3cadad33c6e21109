"""Tensors' attributes and methods that scripts use now and then: memory, dtypes by name, devices.

They are loaded when they are asked for. Each function is a method: the tensor comes first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dtypes
from .device import on_cpu
from .dims import axis
from .dtypes import DTYPES, dtype, supported_dtype
from .errors import shown
from .functions import mT
from .graph import Node, value_of
from .memory import owner


class Layout:
    """How elements lie in memory: strided is the only way."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class memory_format(Layout):
    """The order of the dims in memory, which changes nothing that can be seen here."""


strided = Layout("strided")
layout = property(lambda x: strided, doc="How the elements lie in memory.")
contiguous_format, preserve_format = map(memory_format, ("contiguous_format", "preserve_format"))
channels_last = memory_format("channels_last")

# --- dtypes ------------------------------------------------------------------------------------

# The classes of tensors in old programs, by their dtype.
KINDS = {
    "Float": "float32", "Double": "float64", "Long": "int64", "Int": "int32", "Short": "int16",
    "Char": "int8", "Byte": "uint8", "Bool": "bool", "Half": "float16", "BFloat16": "bfloat16",
}  # fmt: skip
TYPES = {f"torch.{kind}Tensor": dtype(name) for kind, name in KINDS.items()}


def type(x: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """x.type() is the name of its class, "torch.FloatTensor"; x.type(dtype) converts it.

    The dtype may be given by such a name, or by such a class.
    """
    if dtype is None:
        return next(name for name, own in TYPES.items() if own == x.dtype)
    if isinstance(dtype, str):
        if dtype.replace("cuda.", "") not in TYPES:
            raise ValueError(f"type: {shown(dtype)} is not a type: one is torch.FloatTensor")
        on_cpu("cuda" if ".cuda." in dtype else "cpu")
        dtype = TYPES[dtype]
    return x.to(supported_dtype(getattr(dtype, "dtype", dtype)))


def type_as(x: Any, other: Node) -> Any:
    """x in the dtype of another tensor."""
    return x.to(other.value.dtype)


def _conversion(name: str, to: str, said: str = "x in {}.") -> Any:
    def convert(x: Any, memory_format: Any = None) -> Any:
        return x.to(dtype(to))

    convert.__name__, convert.__doc__ = name, said.format(to)
    return convert


int, short, char, byte = (
    _conversion(*names)
    for names in [("int", "int32"), ("short", "int16"), ("char", "int8"), ("byte", "uint8")]
)
NONE = "Raises TypeError: PyTorch has {}, minigrad has not."
half = _conversion("half", "float16", NONE)
bfloat16 = _conversion("bfloat16", "bfloat16", NONE)


def is_signed(x: Node) -> bool:
    """True if its dtype has negative numbers."""
    return bool(DTYPES[x.value.dtype].is_signed)


def is_complex(x: Node) -> bool:
    """False: no tensor holds complex numbers."""
    return False


def result_type(x: Any, y: Any) -> Any:
    """The dtype of x + y."""
    return DTYPES[dtypes.result_type(value_of(x), value_of(y))]


def promote_types(type1: Any, type2: Any) -> Any:
    """The dtype of the sum of two tensors, given theirs."""
    return DTYPES[dtypes.higher(supported_dtype(type1), supported_dtype(type2))]


def can_cast(from_: Any, to: Any) -> bool:
    """True if a tensor of the second dtype can take in place what is of the first one."""
    return dtypes.level(supported_dtype(from_)) <= dtypes.level(supported_dtype(to))


class finfo:
    """The limits of a float dtype: max, min, eps, tiny, smallest_normal, resolution, bits."""

    def __init__(self, type: Any = None) -> None:
        own = dtype("float32") if type is None else type
        limits = np.finfo(getattr(own, "name", own))
        self.dtype, self.bits = str(limits.dtype), limits.bits
        for name in ("max", "min", "eps", "tiny", "smallest_normal", "resolution"):
            setattr(self, name, float(getattr(limits, name)))


class iinfo:
    """The limits of an int dtype: max, min, bits."""

    def __init__(self, type: Any) -> None:
        limits = np.iinfo(supported_dtype(type))
        self.dtype, self.bits = str(limits.dtype), limits.bits
        self.max, self.min = limits.max, limits.min


# --- memory ------------------------------------------------------------------------------------


def nelement(x: Node) -> Any:
    """The number of elements."""
    return x.value.size


def ndimension(x: Node) -> Any:
    """The number of dims."""
    return x.value.ndim


def element_size(x: Node) -> Any:
    """The bytes of one element."""
    return x.value.itemsize


itemsize = property(element_size, doc="The bytes of one element.")
nbytes = property(lambda x: x.value.nbytes, doc="The bytes of all elements.")


def stride(x: Node, dim: Any = None) -> Any:
    """How many elements lie from one to the next of each dim in memory, or of one dim."""
    steps = tuple([step // x.value.itemsize for step in x.value.strides])
    return steps if dim is None else steps[axis(x.value, dim)]


def is_contiguous(x: Node, memory_format: Any = None) -> Any:
    """True if the elements lie in memory in their order."""
    return x.value.flags.c_contiguous


def data_ptr(x: Node) -> Any:
    """The address of the first element."""
    return x.value.ctypes.data


def storage_offset(x: Node) -> Any:
    """How many elements of the memory, which it may share with others, lie before the first."""
    return (x.value.ctypes.data - owner(x.value).ctypes.data) // x.value.itemsize


def _transposed(name: str) -> Any:
    def of(x: Any) -> Any:
        if name == "H" and x.ndim not in (0, 2):
            raise RuntimeError(f"H: a matrix has two dims, not shape {x.value.shape}; use mT")
        return mT(x) if x.ndim else x

    return property(of, doc="A matrix transposed: for real numbers, the adjoint is that.")


H, mH = _transposed("H"), _transposed("mH")

# --- devices -----------------------------------------------------------------------------------


def cpu(x: Any, memory_format: Any = None) -> Any:
    """x itself: it is on the CPU."""
    return x


def cuda(x: Any, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Any:
    """Raises ValueError: there is only the CPU."""
    return on_cpu("cuda" if device is None else device)


def pin_memory(x: Any, device: Any = None) -> Any:
    """x itself: no other device copies from its memory."""
    return x


def get_device(x: Any) -> Any:
    """-1: the CPU has no number."""
    return -1


def share_memory_(x: Any) -> Any:
    """x itself."""
    return x


is_cuda = is_mps = is_xpu = is_meta = is_sparse = is_quantized = is_nested = property(
    lambda x: False, doc="False: a tensor is an array on the CPU."
)
is_cpu = property(lambda x: True, doc="True: there is only the CPU.")

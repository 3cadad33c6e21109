"""Names that only PyTorch's history explains, so that programs written for it run as they are.

Before 2018 there was a class of tensors for each dtype, and Variables carried the gradients. GPUs,
compilers and half precision have switches that programs set, and that change nothing here. Nothing
in minigrad needs this file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any

import numpy as np

from .checks import flag, whole
from .creation import arange, tensor, zeros
from .dtypes import float32, supported_dtype
from .errors import shown
from .grad_mode import enable_grad
from .grad_mode import mode as now
from .graph import Node, Op

# --- a class of tensors for each dtype ---------------------------------------------------------


class _Kind(type):
    """The class of a TypedTensor: an instance is any tensor of its dtype."""

    dtype: np.dtype
    is_cuda = False

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Node) and x.value.dtype == cls.dtype

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


class TypedTensor(metaclass=_Kind):
    """A tensor of one dtype: FloatTensor(2, 3) has that shape, FloatTensor([2, 3]) these numbers.

    Without arguments it is empty. Where PyTorch leaves memory as it is, there are zeros.
    """

    dtype = float32

    def __new__(cls, *data: Any, device: Any = None) -> Any:
        """Make a tensor of the sizes, or of the data."""
        sized = all(isinstance(n, int) and not isinstance(n, bool) for n in data)
        if len(data) == 1 and type(data[0]).__name__ == "Size":
            return zeros(*data[0], dtype=cls.dtype, device=device)
        if sized:
            return zeros(*(data or (0,)), dtype=cls.dtype, device=device)
        if len(data) > 1 or not hasattr(data[0], "__len__"):
            raise TypeError(f"{cls.__name__} takes sizes or one list, not {shown(data[0])}")
        given = data[0]
        if isinstance(given, Node):
            if given.value.dtype != cls.dtype:
                raise TypeError(f"{cls.__name__}: the tensor is {given.value.dtype}: convert it")
            return Op.node(given.value.view())
        return tensor(given, dtype=cls.dtype, device=device)


def _kind(name: str, dtype: str) -> Any:
    doc = f"A tensor of {dtype}: of data, or of sizes, with zeros. PyTorch leaves it unfilled."
    return _Kind(name, (TypedTensor,), {"dtype": np.dtype(dtype), "__doc__": doc})


FloatTensor, DoubleTensor = _kind("FloatTensor", "float32"), _kind("DoubleTensor", "float64")
LongTensor, IntTensor = _kind("LongTensor", "int64"), _kind("IntTensor", "int32")
ShortTensor, CharTensor = _kind("ShortTensor", "int16"), _kind("CharTensor", "int8")
ByteTensor, BoolTensor = _kind("ByteTensor", "uint8"), _kind("BoolTensor", "bool")


class _VariableKind(type):
    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Node)


class Variable(metaclass=_VariableKind):
    """Variable(x): a tensor without history that shares the memory of x.

    volatile is accepted as before 2018, when it was what no_grad() is.
    """

    def __new__(cls, data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
        """Return the tensor."""
        if not isinstance(data, Node):
            raise TypeError(f"Variable takes a tensor, not {shown(data)}")
        made = Op.node(data.value.view())
        made.requires_grad = flag("Variable: requires_grad", requires_grad) and not volatile
        return made


def new(self: Any, *data: Any, device: Any = None) -> Any:
    """x.new(2, 3), or x.new([2, 3]): a TypedTensor of x's dtype."""
    kind = type("new", (TypedTensor,), {"dtype": self.value.dtype})
    return kind(*data, device=device)


def range(start: float = 0, end: Any = None, step: float = 1, **options: Any) -> Any:
    """start, start + step, … up to end, which is included; float32. `arange` is what replaced it.

    With one number, it starts at 0.
    """
    start, end = (0, start) if end is None else (start, end)
    counted = arange(int((end - start) / step) + 1, dtype=options.get("dtype") or float32)
    return (counted * step + start).requires_grad_(bool(options.get("requires_grad")))


newaxis = None


# --- modes of recording ------------------------------------------------------------------------


class inference_mode(enable_grad):
    """As no_grad(), or with mode=False as if it were not there: a context, or a decorator.

    PyTorch refuses to record ops on tensors that were made in it, here that is allowed.
    """

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        """Allow `@inference_mode` without parentheses."""
        if callable(mode):
            return cls()(mode)
        return ContextDecorator.__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.mode = flag("inference_mode: mode", mode)

    def __enter__(self) -> None:
        self.before.append(now.recording)
        now.recording = now.recording and not self.mode

    def _recreate_cm(self) -> Any:
        return type(self)(self.mode)


class set_grad_enabled(enable_grad):
    """Record, or do not, from now on; as a context manager, until it ends."""

    def __new__(cls, mode: bool) -> Any:
        """A mode of recording, set at once."""
        return ContextDecorator.__new__(cls)

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode = flag("set_grad_enabled: mode", mode)
        self.outer = now.recording
        now.recording = self.mode

    def __call__(self, function: Any) -> Any:
        """Decorate a function; the mode outside stays as it was."""
        now.recording = self.outer
        return super().__call__(function)

    def __enter__(self) -> None:
        self.before.append(self.outer)
        now.recording = self.mode

    def _recreate_cm(self) -> Any:
        return type(self)(self.mode)


class set_detect_anomaly(enable_grad):
    """Accepted, and changes nothing: errors of the backward pass name the op and its line."""

    def __new__(cls, mode: bool = True, check_nan: bool = True) -> Any:
        """A context that changes nothing."""
        return ContextDecorator.__new__(cls)

    def __init__(self, mode: bool = True, check_nan: bool = True) -> None:
        super().__init__()

    def __enter__(self) -> None:
        self.before.append(now.recording)


detect_anomaly = set_detect_anomaly


def is_inference_mode_enabled() -> bool:
    """False, where PyTorch has True inside of inference_mode: here that is no_grad()."""
    return False


# --- compilers ---------------------------------------------------------------------------------


class jit:
    """script and trace return a model or function as it is. PyTorch compiles it."""

    @staticmethod
    def script(obj: Any, *_: Any, **__: Any) -> Any:
        """The model or function itself."""
        return obj

    @staticmethod
    def trace(func: Any, *_: Any, **__: Any) -> Any:
        """The model or function itself."""
        return func

    @staticmethod
    def is_scripting() -> bool:
        """False."""
        return False

    is_tracing = is_scripting

    @staticmethod
    def export(function: Any) -> Any:
        """The function itself."""
        return function

    ignore = unused = export
    ScriptModule = object


def compile(model: Any = None, **_: Any) -> Any:
    """The model or function itself; without one, a decorator. PyTorch compiles it."""
    return (lambda given: given) if model is None else model


# --- settings ----------------------------------------------------------------------------------


def get_default_dtype() -> Any:
    """float32, always."""
    return tensor(0.0).dtype


def set_default_dtype(d: Any) -> None:
    """Accept float32. Raises TypeError for others, which PyTorch accepts: give dtype= instead."""
    if supported_dtype(d) != float32:
        raise TypeError(f"the default dtype is float32, not {d}: give dtype=, or use double()")


def set_default_tensor_type(t: Any) -> None:
    """Accept FloatTensor. Raises TypeError for others, which PyTorch accepts."""
    name = t if isinstance(t, str) else f"torch.{t.__name__}"
    if name.rpartition(".")[2] != "FloatTensor" or ".cuda." in name:
        raise TypeError(f"the default is torch.FloatTensor, not {name}")


def set_default_device(device: Any) -> None:
    """Accept the CPU. Raises ValueError for another device."""
    from .device import on_cpu

    on_cpu("cpu" if device is None else device)


def get_default_device() -> Any:
    """The CPU."""
    return tensor(0.0).device


def get_num_threads() -> int:
    """How many threads NumPy's products may use: set by OMP_NUM_THREADS before Python starts."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)


def set_num_threads(num: int) -> None:
    """Accepted, and changes nothing: NumPy decides when it is imported (OMP_NUM_THREADS)."""
    whole("set_num_threads: the number", num, least=1)


get_num_interop_threads, set_num_interop_threads = get_num_threads, set_num_threads


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted, and changes nothing: all algorithms are deterministic."""
    flag("use_deterministic_algorithms: mode", mode)


def are_deterministic_algorithms_enabled() -> bool:
    """True: the same program gives the same numbers."""
    return True


def get_float32_matmul_precision() -> str:
    """Always "highest"."""
    return "highest"


def set_float32_matmul_precision(precision: str) -> None:
    """Accepted, and changes nothing: products are as precise as float32 is."""
    if precision not in ("highest", "high", "medium"):
        raise ValueError(f'the precision is "highest", "high" or "medium", not {shown(precision)}')


def is_storage(obj: Any) -> bool:
    """False: tensors have no storages."""
    return False


def is_complex(input: Any) -> bool:
    """False: no tensor holds complex numbers."""
    return False


def typename(obj: Any) -> str:
    """The name of a tensor's type, such as "torch.FloatTensor"; of anything else, of its class."""
    if isinstance(obj, Node):
        kinds = (FloatTensor, DoubleTensor, LongTensor, IntTensor, ShortTensor, CharTensor)
        for kind in (*kinds, ByteTensor, BoolTensor):
            if isinstance(obj, kind):
                return f"torch.{kind.__name__}"
    of = obj if isinstance(obj, type) or hasattr(obj, "__qualname__") else type(obj)
    module = "" if of.__module__ == "builtins" else f"{of.__module__}."
    return f"{module}{of.__qualname__}"

"""Tensor: a node with operators and methods, each a one-line call of an op or a function."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from . import compare, ops, picking, printing
from . import functions as f
from .autograd.backward import backward
from .autograd.changed import viewed
from .device import CPU, device, on_cpu
from .dims import Size, Sizes, axis, new, sizes
from .grad_mode import is_grad_enabled
from .dtypes import DTYPES, Array, Number, bool_, dtype, float32, float64, int64, supported_dtype
from .errors import shown
from .graph import Node, Op, leave_past, with_value
from .indexing import index_steps
from .inplace import OTHERS, OVERWRITING, InPlace
from .memory import owner, shared, tick

# Methods that are loaded when they are asked for, by the room that has them: functions of tensors.
METHODS = {
    "minigrad.elementwise": """
        sin cos tan asin acos atan atan2 sinh cosh asinh acosh atanh arcsin arccos arctan arctan2
        arcsinh arccosh arctanh exp2 expm1 log2 log10 log1p logaddexp rsqrt square reciprocal sign
        sgn floor ceil round trunc fix frac fmod remainder floor_divide true_divide divide multiply
        subtract negative positive absolute clip clamp_min clamp_max lerp addcmul addcdiv erf erfc
        erfinv sinc hypot logit xlogy nan_to_num heaviside deg2rad rad2deg float_power fmax fmin
        bitwise_xor bitwise_left_shift bitwise_right_shift logical_and logical_or logical_not
        logical_xor isfinite isinf isposinf isneginf isreal isclose signbit copysign less less_equal
        greater greater_equal not_equal""",
    "minigrad.reducing": """
        prod norm cumsum cumprod cummax cummin logcumsumexp nansum nanmean median nanmedian mode
        aminmax count_nonzero diff dist bincount histc quantile""",
    "minigrad.sorting": "sort msort unique unique_consecutive nonzero argwhere kthvalue",
    "minigrad.putting": """
        scatter scatter_add scatter_reduce index_add index_copy index_fill index_put masked_scatter
        masked_select take take_along_dim scatter_ scatter_add_ scatter_reduce_ index_add_
        index_copy_ index_fill_ index_put_ masked_scatter_ select_scatter slice_scatter
        diagonal_scatter""",
    "minigrad.shaping": """
        repeat repeat_interleave tile expand_as view_as reshape_as movedim moveaxis swapaxes
        swapdims narrow select flip fliplr flipud rot90 unflatten tensor_split hsplit vsplit dsplit
        ravel adjoint""",
    "minigrad.strides": "diag diagonal diag_embed diagflat unfold",
    "minigrad.joining": "broadcast_to",
    "minigrad.products": """
        bmm mm mv dot vdot outer ger addmm addmv addr addbmm baddbmm kron cross matrix_power
        inverse trace""",
    "minigrad.contraction": "inner",
    "minigrad.creating": """
        new_tensor new_zeros new_ones new_full new_empty is_floating_point is_nonzero""",
    "minigrad.sampling": """
        bernoulli multinomial normal_ uniform_ bernoulli_ random_ exponential_""",
    "minigrad.overwriting": f"{OVERWRITING} {OTHERS}",
    "minigrad.legacy": "new",
    "minigrad.autograd.hooks": "register_hook register_post_accumulate_grad_hook",
    "minigrad.autograd.grad_fn": "grad_fn",
    "minigrad.compare": "bitwise_and bitwise_or bitwise_not allclose",
    "minigrad.attributes": """
        type type_as int short char byte half bfloat16 is_signed is_complex nelement ndimension
        element_size itemsize nbytes layout stride is_contiguous data_ptr storage_offset H mH cpu
        cuda pin_memory get_device share_memory_ is_cpu is_cuda is_mps is_xpu is_meta is_sparse
        is_quantized is_nested""",
}
METHOD_ROOMS = {name: room for room, names in METHODS.items() for name in names.split()}

Flag = bool  # the builtins; inside Tensor, `bool` and `float` are methods
Real = float
Device = str | device | None


class InRoom:
    """A method, or a function for an operator, that is loaded when it is asked for.

    One object per name, instead of a __getattr__, which would slow down every attribute of tensors.
    """

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *inputs: Any) -> Any:
        return getattr(import_module(METHOD_ROOMS[self.__name__]), self.__name__)(*inputs)

    def __get__(self, x: Any, kind: Any) -> Any:
        setattr(Tensor, self.__name__, getattr(import_module(METHOD_ROOMS[self.__name__]), self.__name__))
        return getattr(kind if x is None else x, self.__name__)


class TensorType(type):
    """The type of Tensor, by which Tensor(2, 3) and Tensor([1, 2]) are called as in PyTorch."""

    made: Any  # what they return: see creation.py

    def __call__(cls, *data: Any, **options: Any) -> Any:
        return cls.made(*data, **options) if cls is Tensor else super().__call__(*data, **options)

    def __repr__(cls) -> str:
        """<class 'minigrad.Tensor'>: the places that PyTorch shows, too."""
        places = {"minigrad.tensor": "minigrad", "minigrad.nn.module": "minigrad.nn.parameter"}
        return f"<class '{places.get(cls.__module__, cls.__module__)}.{cls.__qualname__}'>"


class Tensor(InPlace, metaclass=TensorType):
    """An n-dimensional array of one dtype that remembers how it was made.

    Made by `tensor`, `zeros`, `randn` …, and by every op. The NumPy array itself is `value`.
    """

    __slots__ = ()
    __array_priority__ = 1000  # so that array + tensor calls Tensor.__radd__
    __hash__ = object.__hash__

    # --- what it is
    @property
    def shape(self) -> Size:
        """The size of each dim."""
        return new(Size, self.value.shape)
    @property
    def dtype(self) -> dtype:
        """float32, float64, an int dtype or bool."""
        own = self.value.dtype
        return DTYPES.get(own, own)
    @property
    def ndim(self) -> int:
        """The number of dims."""
        return self.value.ndim
    @property
    def device(self) -> device:
        """Where it is: on the CPU, the only device."""
        return CPU
    @property
    def is_leaf(self) -> Flag:
        """True if no recorded op made it."""
        return self.call is None

    def size(self, dim: Any = None) -> Any: return self.shape if dim is None else self.value.shape[axis(self.value, dim)]
    def dim(self) -> int: return self.value.ndim
    def numel(self) -> int: return self.value.size
    def item(self) -> Number: return self.value.item()
    def tolist(self) -> Any: return self.value.tolist()
    def __len__(self) -> int: return len(self.value)
    def __reversed__(self) -> Any: return InRoom("flip")(self, 0) if self.ndim else self
    def __iter__(self) -> Iterator[Tensor]: return iter(f.iterated(self))
    __contains__ = compare.contains
    def __bool__(self) -> Flag: return bool(self.value)
    def __float__(self) -> Real: return float(self.item())
    def __int__(self) -> int: return int(self.item())
    def __index__(self) -> int:
        """The int or bool as an index of Python's own: of a list, say."""
        if self.numel() != 1 or self.dtype.kind == "f":
            raise TypeError(f"an index is one int, not {shown(self.value)}")
        return int(self.item())
    def __array__(self, dtype: Any = None, copy: Flag | None = None) -> Array: return np.array(self.numpy(), dtype, copy=copy)

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: Flag = False) -> Any:
        """The result of a NumPy function of tensors as a tensor; bools as uint8, as in PyTorch."""
        array = array.astype(np.uint8) if array.dtype == bool_ else np.asarray(array)
        supported_dtype(array.dtype)
        return Op.node(array.view())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if type(self) is Tensor and not self.ndim else object.__format__(self, spec)

    def __repr__(self) -> str: return printing.text(self, *[] if type(self) is Tensor else [type(self).__name__])

    def numpy(self, *, force: Flag = False) -> Array:
        """An array that shares the tensor's memory: writing to one changes the other.

        If the tensor requires grad, call `detach()` first, do it under no_grad(), or force it.
        """
        if self.requires_grad and is_grad_enabled() and not force:
            raise RuntimeError("numpy: this tensor requires grad: use x.detach().numpy()")
        return shared(self.value)

    # --- gradients
    backward = backward

    def requires_grad_(self, requires_grad: Flag = True) -> Tensor:
        """Turn gradients for this leaf on or off. Float tensors only."""
        if not (self.call and requires_grad is True):
            self.requires_grad = requires_grad
        return self

    def retain_grad(self) -> None:
        """Make `backward` fill `grad` although this is not a leaf."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad: this tensor does not require grad")
        self.retains_grad = True

    def detach(self) -> Tensor:
        """The same values in the same memory, without history."""
        detached: Any = Op.node(self.value.view())
        return detached

    def detach_(self) -> Tensor:
        """Forget the history: from now on it is a leaf that requires no grad."""
        if viewed(self) is not None:
            raise RuntimeError("detach_: this tensor is a view of another one: use detach()")
        if self._requires_grad:
            leave_past(self, with_value(self, self.value))
            self.call, self._requires_grad, self.birth = None, False, tick()
        return self

    @property
    def data(self) -> Tensor:
        """The same values in the same memory, without history. A leaf's can be set to another tensor."""
        return self.detach()

    @data.setter
    def data(self, given: Any) -> None:
        if not isinstance(given, Node):
            raise TypeError(f"data is a tensor, not {shown(given)}")
        if self.call or self.requires_grad and given.value.dtype.kind != "f":
            whose = "an op made this tensor" if self.call else f"only floats have gradients, not {given.value.dtype}"
            raise RuntimeError(f"data: {whose}: it cannot be set")
        grad, kept = self._grad, (self.value.shape, self.value.dtype)
        self.replace(given.value)
        self._grad = grad if kept == (given.value.shape, given.value.dtype) else None

    # --- operators
    __add__, __sub__, __mul__, __truediv__ = ops.add, ops.sub, ops.mul, ops.div
    __pow__, __matmul__ = ops.pow, ops.matmul
    def __radd__(self, other: Any) -> Tensor: return ops.add(other, self)
    def __rsub__(self, other: Any) -> Tensor: return ops.sub(other, self)
    def __rmul__(self, other: Any) -> Tensor: return ops.mul(other, self)
    def __rtruediv__(self, other: Any) -> Tensor: return ops.div(other, self)
    def __rpow__(self, other: Any) -> Tensor: return ops.pow(other, self)
    def __rmatmul__(self, other: Any) -> Tensor: return ops.matmul(other, self)
    __neg__, __abs__, __invert__ = ops.neg, ops.abs, compare.bitwise_not
    def __pos__(self) -> Tensor: return self
    __eq__, __ne__ = compare.operator(compare.eq), compare.operator(compare.ne)
    __lt__, __le__, __gt__, __ge__ = map(compare.operator, (compare.lt, compare.le, compare.gt, compare.ge))
    __and__ = __rand__ = compare.operator(compare.bitwise_and)
    __or__ = __ror__ = compare.operator(compare.bitwise_or)
    __xor__ = __rxor__ = compare.operator(InRoom("bitwise_xor"))
    __floordiv__, __mod__ = (compare.operator(InRoom(name)) for name in ("floor_divide", "remainder"))
    __lshift__, __rshift__ = (compare.operator(InRoom(f"bitwise_{way}_shift")) for way in ("left", "right"))
    def __rfloordiv__(self, other: Any) -> Tensor: return InRoom("floor_divide")(other, self)
    def __rmod__(self, other: Any) -> Tensor: return InRoom("remainder")(other, self)
    def __rlshift__(self, other: Any) -> Tensor: return InRoom("bitwise_left_shift")(other, self)
    def __rrshift__(self, other: Any) -> Tensor: return InRoom("bitwise_right_shift")(other, self)

    def __getitem__(self, index: Any) -> Tensor:
        for part in index_steps(index, self.ndim):
            self = ops.getitem(self, index=part)
        return self

    # --- methods: the functions of the same name, with the tensor as their first argument
    add, sub, mul, div, pow, neg = ops.add, ops.sub, ops.mul, ops.div, ops.pow, ops.neg
    exp, log, tanh, sigmoid, relu = ops.exp, ops.log, ops.tanh, ops.sigmoid, ops.relu
    sqrt, abs, clamp, matmul = ops.sqrt, ops.abs, f.clamp, ops.matmul
    sum, mean, var, std = ops.sum, f.mean, f.var, f.std
    amax, amin, max, min, topk = ops.amax, ops.amin, f.max, f.min, f.topk
    argmax, argmin, argsort, any, all, isnan = compare.argmax, compare.argmin, compare.argsort, compare.any, compare.all, compare.isnan
    softmax, log_softmax, logsumexp = ops.softmax, ops.log_softmax, f.logsumexp
    maximum, minimum = ops.maximum, ops.minimum
    transpose, t, flatten, squeeze, unsqueeze = f.transpose, f.t, f.flatten, f.squeeze, f.unsqueeze
    split, chunk, unbind, roll, tril, triu = f.split, f.chunk, f.unbind, picking.roll, picking.tril, picking.triu
    gather, index_select, masked_fill = picking.gather, picking.index_select, picking.masked_fill
    eq, ne, lt, le, gt, ge, equal = compare.eq, compare.ne, compare.lt, compare.le, compare.gt, compare.ge, compare.equal
    def where(self, condition: Tensor, other: Any) -> Tensor: return ops.where(condition, self, other)
    @property
    def T(self) -> Tensor:
        """A matrix transposed; of more dims all in reverse order, which PyTorch no longer likes."""
        if self.ndim <= 2:
            return f.t(self)
        warnings.warn(f"T of {self.ndim} dims reverses them all: use mT, or permute()", stacklevel=2)
        return self.permute(*reversed(range(self.ndim)))
    @property
    def mT(self) -> Tensor:
        """The last two dims exchanged."""
        return f.mT(self)
    def reshape(self, *shape: Sizes) -> Tensor: return ops.reshape(self, shape=sizes(shape))
    def expand(self, *shape: Sizes) -> Tensor: return ops.expand(self, shape=sizes(shape))
    def permute(self, *dims: Sizes) -> Tensor: return ops.permute(self, dims=sizes(dims))
    def clone(self, *, memory_format: Any = None) -> Tensor: return ops.cast(self, dtype=self.value.dtype)
    def contiguous(self, memory_format: Any = None) -> Tensor: return self if self.value.flags.c_contiguous else ops.cast(self, dtype=self.value.dtype, order="C")
    def float(self, memory_format: Any = None) -> Tensor: return self.to(float32)
    def double(self, memory_format: Any = None) -> Tensor: return self.to(float64)
    def long(self, memory_format: Any = None) -> Tensor: return self.to(int64)
    def bool(self, memory_format: Any = None) -> Tensor: return self.to(bool_)

    def view(self, *shape: Sizes) -> Tensor:
        """`reshape` without a copy: the same memory. Raises RuntimeError if that cannot be."""
        out = self.reshape(*shape)
        if owner(out.value) is owner(self.value):
            return out
        if self.value.base is not None:
            raise RuntimeError(
                f"view: the elements of this {self.value.shape} tensor, itself a view, do not lie in "
                "memory in their order: use reshape() or contiguous().view()"
            )
        self.value = np.array(self.value, order="C")  # its own memory, which NumPy ordered otherwise
        return self.reshape(*shape)

    def to(
        self, *to: Any, dtype: Any = None, device: Device = None, copy: Flag = False,
        non_blocking: Flag = False, memory_format: Any = None,
    ) -> Tensor:  # fmt: skip
        """Convert to a dtype, or to that of another tensor; a device must be the CPU.

        Returns self if nothing changes, unless a copy is asked for.
        """
        flags = [given for given in to if type(given) is Flag]  # non_blocking, and copy
        for given in (*to, device):
            if isinstance(given, Node):
                dtype = given.value.dtype
            elif isinstance(given, GIVEN_DTYPE):
                dtype = given
            elif type(given) is not Flag:
                on_cpu(given)
        wanted = self.value.dtype if dtype is None else supported_dtype(dtype)
        if wanted == self.value.dtype and not (copy or flags[1:] == [True]):
            return self
        return ops.cast(self if wanted.kind == "f" else self.detach(), dtype=wanted)


GIVEN_DTYPE = (dtype, np.dtype, type)
for name in METHOD_ROOMS.keys() - set(dir(Tensor)):
    setattr(Tensor, name, InRoom(name))
# Ops return Tensors from now on. Only calls by name are those of TensorType.
Op.node = type.__call__.__get__(Tensor)

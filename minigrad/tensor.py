"""Tensor: a node with operators and methods, each a one-line call of an op or a function."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from . import autograd, compare, ops, picking
from . import functions as f
from .device import on_cpu
from .dims import Size, sizes
from .grad_mode import is_grad_enabled
from .dtypes import Array, Number, bool_, float32, float64, int64, supported_dtype
from .graph import Op
from .indexing import index_steps
from .inplace import InPlace
from .memory import owner, shared
from .rooms import not_here

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
    "minigrad.strided": "diag diagonal diag_embed diagflat unfold",
    "minigrad.joining": "broadcast_to",
    "minigrad.products": """
        bmm mm mv dot vdot outer ger addmm addmv addr addbmm baddbmm kron cross matrix_power
        inverse trace""",
    "minigrad.contraction": "inner",
    "minigrad.creating": """
        new_tensor new_zeros new_ones new_full new_empty is_floating_point is_nonzero""",
    "minigrad.sampling": """
        bernoulli multinomial normal_ uniform_ bernoulli_ random_ exponential_""",
    "minigrad.legacy": "cuda cpu type type_as is_cuda is_contiguous pin_memory",
}
METHOD_ROOMS = {name: room for room, names in METHODS.items() for name in names.split()}

Flag = bool  # the builtins; inside Tensor, `bool` and `float` are methods
Real = float


class Tensor(InPlace):
    """An n-dimensional array of one dtype that remembers how it was made.

    Made by `tensor`, `zeros`, `randn` …, and by every op. Its dtype is float32, float64, int64 or
    bool. The NumPy array itself is `value`.
    """

    __slots__ = ()
    __array_ufunc__ = None  # so that array + tensor calls Tensor.__radd__
    __hash__ = object.__hash__

    # --- what it is
    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each dim."""
        return self.value.shape
    @property
    def dtype(self) -> np.dtype:
        """float32, float64, int64 or bool."""
        return self.value.dtype
    @property
    def ndim(self) -> int:
        """The number of dims."""
        return self.value.ndim
    @property
    def device(self) -> str:
        """Where it is: "cpu", the only device."""
        return "cpu"
    @property
    def is_leaf(self) -> Flag:
        """True if no recorded op made it."""
        return self.call is None

    def size(self, dim: int | None = None) -> int | tuple[int, ...]: return self.shape if dim is None else self.shape[dim]
    def dim(self) -> int: return self.value.ndim
    def numel(self) -> int: return self.value.size
    def item(self) -> Number: return self.value.item()
    def tolist(self) -> Any: return self.value.tolist()
    def __len__(self) -> int: return len(self.value)
    def __iter__(self) -> Iterator[Tensor]: return iter(f.iterated(self))
    __contains__ = compare.contains
    def __bool__(self) -> Flag: return bool(self.value)
    def __float__(self) -> Real: return float(self.item())
    def __int__(self) -> int: return int(self.item())
    def __index__(self) -> int:
        """The int or bool as an index of Python's own: of a list, say."""
        if self.numel() != 1 or self.dtype.kind == "f":
            raise TypeError(f"an index is one int, not {self.dtype} of shape {self.shape}")
        return int(self.item())
    def __array__(self, dtype: Any = None, copy: Flag | None = None) -> Array: return np.array(self.numpy(), dtype, copy=copy)
    def __format__(self, spec: str) -> str: return format(self.item() if self.ndim == 0 else str(self), spec)

    def __repr__(self) -> str:
        values = np.array2string(self.value, precision=4, separator=", ", prefix="tensor(")
        values += f", size={self.shape}" if self.shape != (0,) and not self.numel() else ""
        default = self.dtype in (float32, bool_) or self.dtype == int64 and self.numel()
        dtype = "" if default else f", dtype={self.dtype}"
        leaf = ", requires_grad=True" if self.requires_grad else ""
        made = f", grad_fn=<op {self.call.op.__name__}>" if self.call else leaf
        return f"tensor({values}{dtype}{made})"

    def numpy(self) -> Array:
        """An array that shares the tensor's memory: writing to one changes the other.

        If the tensor requires grad, call `detach()` first, or do it under no_grad().
        """
        if self.requires_grad and is_grad_enabled():
            raise RuntimeError("numpy: this tensor requires grad: use x.detach().numpy()")
        return shared(self.value)

    # --- gradients
    backward = autograd.backward

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
        return Tensor(self.value.view())

    # --- operators
    __add__, __sub__, __mul__, __truediv__ = ops.add, ops.sub, ops.mul, ops.div
    __pow__, __matmul__ = ops.pow, ops.matmul
    def __radd__(self, other: Any) -> Tensor: return ops.add(other, self)
    def __rsub__(self, other: Any) -> Tensor: return ops.sub(other, self)
    def __rmul__(self, other: Any) -> Tensor: return ops.mul(other, self)
    def __rtruediv__(self, other: Any) -> Tensor: return ops.div(other, self)
    def __rpow__(self, other: Any) -> Tensor: return ops.pow(other, self)
    def __rmatmul__(self, other: Any) -> Tensor: return ops.matmul(other, self)
    __neg__, __invert__ = ops.neg, compare.bitwise_not
    __eq__, __ne__ = compare.operator(compare.eq), compare.operator(compare.ne)
    __lt__, __le__, __gt__, __ge__ = map(compare.operator, (compare.lt, compare.le, compare.gt, compare.ge))
    __and__ = __rand__ = compare.operator(compare.bitwise_and)
    __or__ = __ror__ = compare.operator(compare.bitwise_or)

    def __getitem__(self, index: Any) -> Tensor:
        for part in index_steps(index, self.ndim):
            self = ops.getitem(self, index=part)
        return self

    def __getattr__(self, name: str) -> Any:
        if name not in METHOD_ROOMS:
            raise AttributeError(not_here("Tensor", name, [*dir(Tensor), *METHOD_ROOMS]))
        setattr(Tensor, name, getattr(import_module(METHOD_ROOMS[name]), name))
        return getattr(self, name)

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
        """A matrix transposed."""
        return f.t(self)
    @property
    def mT(self) -> Tensor:
        """The last two dims exchanged."""
        return f.mT(self)
    def reshape(self, *shape: Size) -> Tensor: return ops.reshape(self, shape=sizes(shape))
    def expand(self, *shape: Size) -> Tensor: return ops.expand(self, shape=sizes(shape))
    def permute(self, *dims: Size) -> Tensor: return ops.permute(self, dims=sizes(dims))
    def clone(self) -> Tensor: return ops.cast(self, dtype=self.dtype)
    def contiguous(self) -> Tensor: return self if self.value.flags.c_contiguous else ops.cast(self, dtype=self.dtype, order="C")
    def float(self) -> Tensor: return self.to(float32)
    def double(self) -> Tensor: return self.to(float64)
    def long(self) -> Tensor: return self.to(int64)
    def bool(self) -> Tensor: return self.to(bool_)

    def view(self, *shape: Size) -> Tensor:
        """`reshape` without a copy: the same memory. Raises RuntimeError if that cannot be."""
        out = self.reshape(*shape)
        if owner(out.value) is owner(self.value):
            return out
        if self.value.base is not None:
            raise RuntimeError(
                f"view: the elements of this {self.shape} tensor, itself a view, do not lie in "
                "memory in their order: use reshape() or contiguous().view()"
            )
        self.value = np.array(self.value, order="C")  # its own memory, which NumPy ordered otherwise
        return self.reshape(*shape)

    def to(self, *to: str | np.dtype, dtype: np.dtype | None = None, device: str | None = None) -> Tensor:
        """Convert to a dtype; returns self if it has it already. A device must be "cpu"."""
        for given in (*to, device):
            if isinstance(given, np.dtype):
                dtype = given
            elif given is not None:
                on_cpu(given)
        if dtype is None or dtype == self.dtype:
            return self
        dtype = supported_dtype(dtype)
        return ops.cast(self if dtype.kind == "f" else self.detach(), dtype=dtype)


Op.node = Tensor  # ops return Tensors from now on

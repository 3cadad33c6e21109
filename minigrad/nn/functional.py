"""Functions for neural networks: composed of ops, or ops of nn/ops.py."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import checks
from .. import ops as plain
from ..compare import untracked
from ..dtypes import Array
from ..errors import describe
from ..grad_mode import no_grad
from ..graph import Node, value_of
from ..kernels import outside
from ..ops import add, cast, matmul, mul, sigmoid, sub, tanh
from ..ops import pow as power
from ..rooms import rooms
from ..seeds import chances
from ..tensor import Tensor
from . import ops
from .attention import scaled_dot_product_attention
from .likelihood import cross_entropy, nll_loss
from .ops import gelu
from .reduction import Reduction, Setting, chosen, reduced, weighted_mean

__all__ = [
    "cross_entropy", "dropout", "embedding", "gelu", "layer_norm", "linear", "log_softmax",
    "mse_loss", "nll_loss", "one_hot", "relu", "scaled_dot_product_attention", "sigmoid", "softmax",
    "tanh",
]  # fmt: skip

# What is loaded when it is asked for, by the room that has it.
ROOMS = {
    "minigrad.nn.activations": """
        silu mish leaky_relu elu selu celu glu softplus softsign hardtanh hardsigmoid hardswish
        relu6 prelu rrelu threshold logsigmoid tanhshrink softshrink hardshrink softmin
        gumbel_softmax relu_ leaky_relu_ elu_""",
    "minigrad.nn.losses": """
        l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits
        kl_div cosine_embedding_loss margin_ranking_loss hinge_embedding_loss triplet_margin_loss
        soft_margin_loss multi_margin_loss multilabel_soft_margin_loss poisson_nll_loss
        gaussian_nll_loss""",
    "minigrad.nn.more_layers": """
        bilinear embedding_bag dropout1d dropout2d alpha_dropout""",
    "minigrad.nn.distances": "cosine_similarity pairwise_distance normalize",
    "minigrad.nn.normalization": "batch_norm group_norm instance_norm rms_norm",
    "minigrad.nn.convolution": """
        conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d""",
    "minigrad.nn.pooling": """
        max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d""",
    "minigrad.nn.adaptive": """
        adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d
        adaptive_max_pool2d adaptive_max_pool3d""",
    "minigrad.nn.padding": "pad",
    "minigrad.nn.folding": "unfold fold interpolate upsample pixel_shuffle pixel_unshuffle",
    "minigrad.nn.multihead": "multi_head_attention_forward",
}
__getattr__ = rooms(__name__, ROOMS)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """x where it is positive, else 0; with `inplace`, written into the input."""
    return written(input, plain.relu(input), inplace) if inplace else plain.relu(input)


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """eˣ / Σ eˣ over dim, computed in `dtype` if that is given: positive, with sum 1."""
    input = input if dtype is None else cast(input, dtype=np.dtype(dtype))
    dim = implicit_dim("softmax", input, _stacklevel) if dim is None else dim
    return plain.softmax(input, dim=dim)


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """log softmax(x) over dim, computed in `dtype` if that is given."""
    input = input if dtype is None else cast(input, dtype=np.dtype(dtype))
    dim = implicit_dim("log_softmax", input, _stacklevel) if dim is None else dim
    return plain.log_softmax(input, dim=dim)


def implicit_dim(name: str, input: Tensor, stacklevel: int = 3) -> int:
    """The dim that softmax takes without one, with a warning: 0 for 0, 1 or 3 dims, else 1."""
    dim = 0 if np.ndim(value_of(input)) in (0, 1, 3) else 1
    warnings.warn(f"{name}: give dim; without it, {dim} is taken here", stacklevel=stacklevel)
    return dim


def written(input: Any, out: Any, inplace: bool) -> Any:
    """The result of a function or, with `inplace`, the input with its values."""
    return input._become(out) if checks.flag("inplace", inplace) else out


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weightᵀ + bias: (…, in), weight (out, in), bias (out,) to (…, out).

    With a weight of shape (in,) there is one output: (…, in) to (…).
    """
    if getattr(weight, "ndim", 2) == 1:
        out = matmul(input, weight)
        return out if bias is None else add(out, bias)
    return ops.linear(input, weight) if bias is None else ops.linear(input, weight, bias)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, each element is 0 with probability p; the others are divided by 1 - p.

    The expected value stays that of the input (Srivastava et al. 2014, §4, scaled as in §10).
    """
    x = value_of(input)
    if type(x) is not Array or x.dtype.kind != "f":
        checks.floats("dropout", input=input)
    if type(p) is not float or not 0 <= p <= 1:
        p = checks.probability("dropout: p", p)
    on = training if type(training) is bool else checks.flag("dropout: training", training)
    if not on or p == 0:
        return input
    kept = chances(x.shape, 1 - p)
    factor: Any = np.multiply(kept, 1 / (1 - p) if p < 1 else 1, dtype=x.dtype)
    out = mul(input, factor)
    return written(input, out, inplace) if inplace else out


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The row of `weight` for each word id in `input`: (…) int64, (words, d) to (…, d).

    padding_idx         this row gets no gradient
    max_norm            first the rows used here are scaled down to at most this norm, in place
    norm_type           the p of that norm
    scale_grad_by_freq  divides the gradient of a row by how often its id is in `input`
    sparse              changes nothing: gradients are dense
    """
    if max_norm is not None:
        shorten_rows(weight, input, max_norm, norm_type)
    if getattr(value_of(input), "dtype", None) == np.int32:
        input = cast(input, dtype=np.dtype(np.int64))
    out = ops.embedding(input, weight, padding_idx=padding_idx)
    if not scale_grad_by_freq:
        return out
    ids = value_of(input)
    each = 1 / np.bincount(ids.ravel(), minlength=1)[ids][..., None].astype(value_of(out).dtype)
    return add(mul(out, each), mul(value_of(out), 1 - each))  # the values as they are


@no_grad()
def shorten_rows(weight: Any, input: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows of an embedding that are used down to a norm of at most max_norm."""
    most, p = checks.number("max_norm", max_norm), checks.number("norm_type", norm_type)
    used = np.unique(value_of(input))
    rows = value_of(weight)[used]
    norms = np.linalg.norm(rows, p, axis=1)
    if (long := norms > most).any():
        weight[used[long]] = (rows[long] * (most / (norms[long] + 1e-7))[:, None]).astype(
            rows.dtype
        )


def layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Layer normalization: mean 0 and variance 1 over the last dims, times weight, plus bias.

    The last dims, weight and bias have the shape `normalized_shape`; eps is added to the variance
    (Ba, Kiros and Hinton 2016, §3).
    """
    if isinstance(input, Node) and isinstance(weight, Node) and isinstance(bias, Node):
        x, w, b = input.value, weight.value, bias.value
        plain = type(normalized_shape) is tuple and type(eps) is float
        same = plain and normalized_shape == w.shape == b.shape and x.dtype is w.dtype is b.dtype
        if same and x.shape[-w.ndim :] == w.shape != ():
            return ops.layer_norm(input, weight, bias, eps=eps)  # the common case
    eps = checks.number("layer_norm: eps", eps)
    shape = checks.shape_or_int("layer_norm: normalized_shape", normalized_shape)
    if getattr(input, "shape", ())[-len(shape) :] != shape:
        checks.tensors("layer_norm", input=input)
        raise ValueError(f"layer_norm: the last dims of {describe(input)} are not {shape}")
    for name, p in (("weight", weight), ("bias", bias)):
        if p is not None and getattr(p, "shape", None) != shape:
            checks.tensors("layer_norm", **{name: p})
            raise ValueError(
                f"layer_norm: {name} has shape {describe(p)}, it must have shape {shape}"
            )
    dims = tuple(range(-len(shape), 0))
    if weight is not None and bias is not None and weight.dtype == bias.dtype == input.dtype:
        return ops.layer_norm(input, weight, bias, eps=eps)
    out = ops.standardize(input, dim=dims, eps=eps)
    out = out if weight is None else mul(out, weight)
    return out if bias is None else add(out, bias)


@untracked
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the class, 0 elsewhere: (…) int64 to (…, num_classes) int64; -1 means the max + 1."""
    if tensor.dtype != np.int64:
        raise TypeError(f"classes must be int64, not {tensor.dtype.name}")
    num_classes = checks.whole("num_classes", num_classes, least=-1)
    if num_classes == -1 and not np.size(tensor):
        raise ValueError("no classes to take num_classes from: give num_classes")
    needed = int(np.max(tensor, initial=-1)) + 1
    classes = needed if num_classes == -1 else num_classes
    ids: Any = tensor  # an array, if the function was called on a tensor
    bad = outside(ids, classes)
    if bad.size:
        raise IndexError(f"class {bad[0]} is out of range: classes must be from 0 to {classes - 1}")
    return (tensor[..., None] == np.arange(classes)).astype(np.int64)


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The squared difference, reduced by "mean", "sum" or "none" (one loss per element).

    Shapes that differ broadcast, with a warning. weight, of the input's shape, is a factor per
    element; the mean is then divided by the sum of the weights.
    """
    reduction = chosen(reduction, size_average, reduce)
    check_sizes("mse_loss", input, target, weight)
    losses: Any = power(sub(input, target), 2)
    return (
        reduced(losses, reduction) if weight is None else weighted_mean(losses, reduction, weight)
    )


def check_sizes(name: str, input: Any, target: Any, weight: Any = None) -> None:
    """Warn if an input and a target differ in shape; raise ValueError for weights that do."""
    checks.tensors(name, input=input, target=target)
    if input.shape != target.shape:
        shapes = f"input {tuple(input.shape)} and target {tuple(target.shape)} differ in shape"
        warnings.warn(f"{name}: {shapes} and are broadcast: is that meant?", stacklevel=3)
    if weight is not None and getattr(weight, "shape", None) != input.shape:
        checks.tensors(name, weight=weight)
        shapes = f"weight {describe(weight)} must have the input's shape {describe(input)}"
        raise ValueError(f"{name}: {shapes}")

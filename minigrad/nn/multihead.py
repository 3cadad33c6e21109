"""Multi-head attention: several attentions side by side, each over its own part of the vectors.

    head_i = softmax(Q W_iᵠ (K W_iᵏ)ᵀ / √size) V W_iᵛ
    output = concat(head_1 … head_h) W°                  (Vaswani et al. 2017, §3.2.2)

The three projections of all heads are one matrix, in_proj_weight (3 · embed_dim, embed_dim).
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from ..checks import flag, floats, number, whole
from ..creation import zeros
from ..functions import cat, chunk, mean, mT, squeeze, unsqueeze
from ..graph import Op, value_of
from ..ops import cast, expand, mul, permute, reshape, softmax
from ..tensor import Tensor
from . import functional as F
from . import init
from .layers import Linear
from .module import Module, Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear, with the name under which PyTorch prints the output projection."""


class MultiheadAttention(Module):
    """Multi-head attention with its projections.

    embed_dim      the size of queries and outputs; it is divided among num_heads heads
    dropout        the probability with which an attention weight is dropped in training
    add_bias_kv    adds a learned key and value, bias_k and bias_v, to each sequence
    add_zero_attn  adds a key and value of zeros to each sequence
    kdim, vdim     the sizes of keys and values, if they are not embed_dim
    batch_first    tensors are (batch, length, size), not (length, batch, size)

    The projections start as `xavier_uniform_`, their biases as 0.
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    static_k: Tensor | None = None
    static_v: Tensor | None = None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made = {"device": device, "dtype": dtype}
        self.embed_dim, self.num_heads, self.head_dim = _sizes(embed_dim, num_heads)
        self.kdim = embed_dim if kdim is None else whole("MultiheadAttention: kdim", kdim)
        self.vdim = embed_dim if vdim is None else whole("MultiheadAttention: vdim", vdim)
        self.dropout = number("MultiheadAttention: dropout", dropout)
        self.batch_first = flag("MultiheadAttention: batch_first", batch_first)
        self.add_zero_attn = flag("MultiheadAttention: add_zero_attn", add_zero_attn)
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        one = {"in_proj_weight": (3 * embed_dim, embed_dim)}
        each = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
        three = {f"{name}_proj_weight": (embed_dim, size) for name, size in each.items()}
        for name, shape in (one | three).items():
            wanted = (name in one) == self._qkv_same_embed_dim
            weight = Parameter(zeros(shape, **made)) if wanted else None
            self.register_parameter(name, weight)
        self.register_parameter("in_proj_bias", None)
        if flag("MultiheadAttention: bias", bias):
            self.in_proj_bias = Parameter(zeros(3 * embed_dim, **made))
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, **made)
        self.bias_k = self.bias_v = None
        if flag("MultiheadAttention: add_bias_kv", add_bias_kv):
            self.bias_k = Parameter(zeros(1, 1, embed_dim, **made))
            self.bias_v = Parameter(zeros(1, 1, embed_dim, **made))
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, *self._weights()):
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for added in (self.bias_k, self.bias_v):
            if added is not None:
                init.xavier_normal_(added)

    def _weights(self) -> tuple[Any, Any, Any]:
        """The projections of queries, keys and values, where they are three matrices."""
        return self.q_proj_weight, self.k_proj_weight, self.v_proj_weight

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The output, in the shape of the query; and the attention weights, or None.

        query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim): L queries and S keys in each
        of N sequences; with batch_first (N, L, embed_dim) and so on; all without the N, too.

        key_padding_mask  (N, S) bool, True at padding; or floats, added to the scores
        attn_mask         (L, S) or (N · num_heads, L, S) bool, True where a query may not attend
                          (unlike in scaled_dot_product_attention); or floats, added to the scores
        need_weights      also return the weights: (N, L, S), their mean over the heads; or, without
                          average_attn_weights, (N, num_heads, L, S)
        is_causal         says that attn_mask is the causal mask, which is then not read
        """
        check_shapes(self, query, key, value, key_padding_mask, attn_mask)
        mask = self._mask(query, key, key_padding_mask, attn_mask, is_causal, need_weights)
        q, k, v = self._projected(query, key, value)  # (batch, heads, L or S, size) each
        k, v = self._extended(k, v)  # two keys more, at most
        p = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            context, weights = attend(q, k, v, mask, p)
        else:
            context = F.scaled_dot_product_attention(q, k, v, mask, p, is_causal and mask is None)
        output = self.out_proj(self._join(context))  # the shape of the query, with a batch
        if weights is not None and average_attn_weights:
            weights = mean(weights, 1)  # (batch, L, S)
        if query.ndim == 2:
            output = squeeze(output, self._batch_dim)
            weights = None if weights is None else squeeze(weights, 0)
        return output, weights

    @property
    def _batch_dim(self) -> int:
        return 0 if self.batch_first else 1

    def _projected(self, query: Any, key: Any, value: Any) -> list[Any]:
        """Queries, keys and values, split into heads: (batch, heads, length, size) each."""
        given = [x if x.ndim == 3 else unsqueeze(x, self._batch_dim) for x in (query, key, value)]
        if query is key is value and self.in_proj_weight is not None:  # one product for all three
            x = F.linear(given[0], self.in_proj_weight, self.in_proj_bias)
            return [self._split(part) for part in chunk(x, 3, -1)]
        weight, bias = self.in_proj_weight, self.in_proj_bias
        weights = self._weights() if weight is None else chunk(weight, 3)
        biases = (None, None, None) if bias is None else chunk(bias, 3)
        pairs = zip(given, weights, biases, strict=True)
        return [self._split(F.linear(x, w, b)) for x, w, b in pairs]

    def _split(self, x: Any) -> Any:
        """(length, batch, embed_dim) or (batch, length, …) to (batch, heads, length, size)."""
        x = reshape(x, shape=(*x.shape[:2], self.num_heads, self.head_dim))
        return permute(x, dims=(0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3))

    def _join(self, x: Any) -> Any:
        """(batch, heads, length, size) to (length, batch, embed_dim) or (batch, length, …)."""
        x = permute(x, dims=(0, 2, 1, 3) if self.batch_first else (2, 0, 1, 3))
        return reshape(x, shape=(*x.shape[:2], self.embed_dim))

    def _extended(self, k: Any, v: Any) -> tuple[Any, Any]:
        """Keys and values, or the static ones, with the learned ones and zeros after them."""
        batch, heads, _, size = k.shape
        if self.static_k is not None:
            k = reshape(self.static_k, shape=(batch, heads, -1, size))
        if self.static_v is not None:
            v = reshape(self.static_v, shape=(batch, heads, -1, size))
        if self.bias_k is not None and self.bias_v is not None:
            shape = (batch, heads, 1, size)
            added = [reshape(b, shape=(1, heads, 1, size)) for b in (self.bias_k, self.bias_v)]
            b_k, b_v = [expand(b, shape=shape) for b in added]
            k, v = cat([k, b_k], 2), cat([v, b_v], 2)
        if self.add_zero_attn:
            nothing = zeros(batch, heads, 1, size, dtype=k.dtype)
            k, v = cat([k, nothing], 2), cat([v, nothing], 2)
        return k, v

    def _mask(
        self, query: Any, key: Any, padding: Any, mask: Any, is_causal: bool, need_weights: bool
    ) -> Any:
        """Both masks as one, to be added to the scores: it broadcasts to (batch, heads, L, S)."""
        if is_causal and mask is None:
            raise RuntimeError("MultiheadAttention: is_causal says what attn_mask is: give it, too")
        if is_causal and padding is None and not need_weights:
            return None
        masks = []
        if mask is not None:
            mask = additive("attn_mask", mask, query.dtype)
            shape = (-1, self.num_heads, *mask.shape[-2:]) if mask.ndim == 3 else mask.shape
            masks.append(reshape(mask, shape=shape))
        if padding is not None:
            padding = additive("key_padding_mask", padding, query.dtype)
            masks.append(reshape(padding, shape=(-1, 1, 1, padding.shape[-1])))
        if not masks:
            return None
        both = masks[0] if len(masks) == 1 else masks[0] + masks[1]
        added = (self.bias_k is not None) + self.add_zero_attn  # keys that nothing masks
        none = np.zeros((*both.shape[:-1], added), query.dtype)
        return cat([both, none], -1) if added else both


def attend(q: Any, k: Any, v: Any, mask: Any, p: float) -> tuple[Any, Any]:
    """Scaled dot-product attention: the context (batch, heads, L, size), and its weights.

    q (batch, heads, L, size), k and v (batch, heads, S, size), the mask is added to the scores.
    """
    scores = mul(q, q.shape[-1] ** -0.5) @ mT(k)  # (batch, heads, L, S)
    scores = scores if mask is None else scores + mask
    weights = F.dropout(softmax(scores, dim=-1), p)  # (batch, heads, L, S)
    return weights @ v, weights


def additive(name: str, mask: Any, dtype: Any) -> Any:
    """A mask to be added to scores: of bools, -inf where it is True, and 0 elsewhere.

    Raises AssertionError, as in PyTorch, for a mask that is neither bool nor floats.
    """
    if mask is None or mask.dtype.kind == "f":
        return mask if mask is None or mask.dtype == dtype else cast(mask, dtype=dtype)
    if mask.dtype.kind != "b":
        raise AssertionError(f"{name} must be bool or floats, not {mask.dtype}")
    return Op.node(np.where(value_of(mask), -math.inf, 0).astype(dtype))


def check_shapes(layer: Any, query: Any, key: Any, value: Any, padding: Any, mask: Any) -> None:
    """Raise AssertionError or RuntimeError, as in PyTorch, for shapes that do not fit."""
    name = "MultiheadAttention"
    floats(name, query=query, key=key, value=value)
    shapes, ndim = (query.shape, key.shape, value.shape), query.ndim
    given = f"shapes {', '.join(map(str, shapes))}"
    if ndim not in (2, 3) or not ndim == key.ndim == value.ndim:
        raise AssertionError(f"{name}: query, key and value need 2 dims, or all 3, not {given}")
    sizes = (layer.embed_dim, layer.kdim, layer.vdim)
    if tuple(shape[-1] for shape in shapes) != sizes:
        raise AssertionError(f"{name}: the last dims must be {sizes}, in {given}")
    at = layer._batch_dim
    batch, ends = (query.shape[at], key.shape[at]) if ndim == 3 else (1, 1)
    if key.shape[:-1] != value.shape[:-1] or batch != ends:
        raise AssertionError(f"{name}: keys and values must match, and the batch size, in {given}")
    length, keys = [x.shape[1 - at if ndim == 3 else 0] for x in (query, key)]
    wanted: Any = (batch, keys) if ndim == 3 else (keys,)
    if padding is not None and padding.shape != wanted:
        raise AssertionError(f"{name}: key_padding_mask must be {wanted}, not {padding.shape}")
    wanted = (length, keys), (batch * layer.num_heads, length, keys)
    if mask is not None and mask.shape not in wanted:
        kind = RuntimeError if mask.ndim in (2, 3) else AssertionError
        raise kind(f"{name}: attn_mask must be {wanted[0]} or {wanted[1]}, not {mask.shape}")


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """A MultiheadAttention made of these weights and called; tensors are (length, batch, size).

    static_k, static_v  (batch · num_heads, S, size): used in place of the projected key and value
    """
    layer = _layer_of(dict(locals()))
    masks = key_padding_mask, need_weights, attn_mask, average_attn_weights, is_causal
    return layer(query, key, value, *masks)


def _layer_of(given: dict[str, Any]) -> MultiheadAttention:
    """A layer with the weights and settings that multi_head_attention_forward was given."""
    layer = MultiheadAttention.__new__(MultiheadAttention)
    Module.__init__(layer)
    size, heads, of_head = _sizes(given["embed_dim_to_check"], given["num_heads"])
    same = (
        "in_proj_bias", "q_proj_weight", "k_proj_weight", "v_proj_weight", "static_k", "static_v",
        "bias_k", "bias_v", "add_zero_attn", "training",
    )  # fmt: skip
    vars(layer).update({name: given[name] for name in same})
    vars(layer).update(embed_dim=size, num_heads=heads, head_dim=of_head, batch_first=False)
    vars(layer).update(kdim=given["key"].shape[-1], vdim=given["value"].shape[-1])
    separate = given["use_separate_proj_weight"]
    layer.in_proj_weight = None if separate else given["in_proj_weight"]
    weight, bias = given["out_proj_weight"], given["out_proj_bias"]
    vars(layer).update(out_proj=partial(F.linear, weight=weight, bias=bias))
    layer.dropout = given["dropout_p"]
    return layer


def _sizes(embed_dim: int, num_heads: int) -> tuple[int, int, int]:
    """embed_dim, num_heads, and the size of a head."""
    size = whole("MultiheadAttention: embed_dim", embed_dim, None)
    heads = whole("MultiheadAttention: num_heads", num_heads, None)
    if min(size, heads) < 1:
        given = f"{size} and {heads}"
        raise ValueError(
            f"MultiheadAttention: embed_dim and num_heads must be positive, not {given}"
        )
    if size % heads:
        raise AssertionError(
            f"MultiheadAttention: the {heads} heads must divide embed_dim, {size}, evenly"
        )
    return size, heads, size // heads

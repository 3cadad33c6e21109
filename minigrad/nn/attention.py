"""Scaled dot-product attention, as PyTorch has it; the op is in ops.py."""

from __future__ import annotations

import math
from typing import Any

from .. import checks
from ..errors import describe
from ..graph import value_of
from ..ops import expand, matmul, mul, reshape
from ..seeds import chances
from ..tensor import Tensor
from .ops import attend, attention_weights

NAME = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(QKᵀ / √d) V (Vaswani et al. 2017, §3.2.1).

    query (…, L, d), key (…, S, d), value (…, S, dv) to (…, L, dv).

    attn_mask   broadcasts to (…, L, S): bool, True where a query may attend; or floats, added to
                the scores. A query with everything masked gets 0
    dropout_p   the probability with which an attention weight is dropped
    is_causal   a causal mask: position i attends to positions up to i
    scale       replaces 1 / √d
    enable_gqa  key and value may have fewer heads, dim -3, than the query: each serves several
    """
    _check(query, key, value, attn_mask)
    scale = 1 / math.sqrt(max(query.shape[-1], 1)) if scale is None else scale
    scale = checks.number(f"{NAME}: scale", scale)
    causal = checks.flag(f"{NAME}: is_causal", is_causal)
    if causal and attn_mask is not None:
        raise ValueError(f"{NAME}: give attn_mask or is_causal, not both")
    if checks.flag(f"{NAME}: enable_gqa", enable_gqa):
        key, value = (_repeated(x, query.shape[-3]) for x in (key, value))
    mask = () if attn_mask is None else (attn_mask,)
    p = checks.probability(f"{NAME}: dropout_p", dropout_p)
    if not p:
        return attend(query, key, value, *mask, scale=scale, causal=causal)
    weights = attention_weights(query, key, *mask, scale=scale, causal=causal)
    kept = chances(value_of(weights).shape, 1 - p) / (1 - p if p < 1 else 1)
    return matmul(mul(weights, kept.astype(value_of(weights).dtype)), value)


def _repeated(x: Any, heads: int) -> Any:
    """Each head (dim -3) of a key or value several times, so that there are as many as asked."""
    *batch, few, length, size = x.shape
    if not few or heads % few:
        raise ValueError(f"{NAME}: {heads} heads of the query are not a multiple of {few}")
    several = expand(
        reshape(x, shape=(*batch, few, 1, length, size)),
        shape=(*batch, few, heads // few, length, size),
    )
    return reshape(several, shape=(*batch, heads, length, size))


def _check(query: Any, key: Any, value: Any, mask: Any) -> None:
    """Raise TypeError or ValueError unless these are tensors that attention is computed from."""
    checks.floats(NAME, query=query, key=key, value=value)
    if min(query.ndim, key.ndim, value.ndim) < 2:
        shapes = ", ".join(map(describe, (query, key, value)))
        raise ValueError(f"{NAME}: query, key and value need two dims or more, not {shapes}")
    if query.shape[-1] != key.shape[-1]:
        product = f"{tuple(query.shape)} @ {(*key.shape[:-2], key.shape[-1], key.shape[-2])}"
        raise ValueError(f"{NAME}: query @ keyᵀ, {product}: their last dims must be equal")
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(f"{NAME}: there are {key.shape[-2]} keys, but {value.shape[-2]} values")
    if mask is not None:
        checks.tensors(NAME, attn_mask=mask)
        if mask.dtype.kind not in "bf":
            raise TypeError(f"{NAME}: attn_mask must be bool or floats, not {mask.dtype.name}")
        scores = (*query.shape[:-1], key.shape[-2])
        pairs = zip(scores[:-3:-1], mask.shape[:-3:-1], strict=False)
        if any(m not in (1, n) for n, m in pairs):
            shapes = f"{tuple(scores)} and {tuple(mask.shape)}"
            raise ValueError(f"{NAME}: the scores and attn_mask must broadcast, not {shapes}")

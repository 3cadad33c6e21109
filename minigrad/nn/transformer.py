"""The Transformer: layers of attention and feed-forward networks, encoder and decoder.

Vaswani et al. 2017, §3. Each layer adds to its input what its blocks compute from it, and
normalizes: after each block, as in the paper, or with norm_first before it (Xiong et al. 2020).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from ..creation import full
from ..errors import shown
from ..functions import unsqueeze
from ..grad_mode import is_grad_enabled
from ..graph import value_of
from ..picking import masked_fill, triu
from ..tensor import Tensor
from . import functional as F
from . import init
from .containers import ModuleList
from .layers import Dropout, LayerNorm, Linear, ReLU
from .module import Module
from .multihead import MultiheadAttention, additive

Activation = str | Callable[[Tensor], Tensor]


class _Layer(Module):
    """The parts that the layers of encoder and decoder share.

    d_model          the size of the vectors
    nhead            the number of attention heads
    dim_feedforward  the hidden size of the feed-forward network
    dropout          is applied to the attention weights, in the feed-forward network, and to the
                     output of each block
    activation       "relu", "gelu", or a function
    batch_first      tensors are (batch, length, d_model), not (length, batch, d_model)
    norm_first       normalize before each block, not after it
    """

    blocks = 2  # each with its norm and dropout; the decoder's layer has 3
    multihead_attn: MultiheadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: Any = {"bias": bias, "device": device, "dtype": dtype}
        heads: Any = {"dropout": dropout, "batch_first": batch_first}
        self.self_attn = MultiheadAttention(d_model, nhead, **heads, **made)
        if self.blocks == 3:
            self.multihead_attn = MultiheadAttention(d_model, nhead, **heads, **made)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        for k in range(1, self.blocks + 1):
            setattr(self, f"norm{k}", LayerNorm(d_model, eps=layer_norm_eps, **made))
        for k in range(1, self.blocks + 1):
            setattr(self, f"dropout{k}", Dropout(dropout))
        self.activation = _activation(activation) if isinstance(activation, str) else activation

    def _attend(self, x: Any, mask: Any, padding: Any, is_causal: bool) -> Any:
        """Self-attention: the positions of x attend to each other."""
        return self.self_attn(x, x, x, padding, False, mask, is_causal=is_causal)[0]

    def _feed_forward(self, x: Any) -> Any:
        """The feed-forward network, for each position alone."""
        x = self.dropout(self.activation(self.linear1(x)))  # (…, dim_feedforward)
        return self.linear2(x)  # (…, d_model)


class TransformerEncoderLayer(_Layer):
    """Self-attention, then a feed-forward network; see `_Layer` for the arguments."""

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """src (length, batch, d_model) to the same shape; the masks are MultiheadAttention's."""
        x, masks = src, (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = x + self.dropout1(self._attend(self.norm1(x), *masks))
            x = x + self.dropout2(self._feed_forward(self.norm2(x)))
        else:
            x = self.norm1(x + self.dropout1(self._attend(x, *masks)))
            x = self.norm2(x + self.dropout2(self._feed_forward(x)))
        return x


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's output, then a feed-forward network."""

    blocks = 3

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """tgt (target, batch, d_model), memory (source, batch, d_model) to the shape of tgt.

        The masks are those of MultiheadAttention.
        """
        x, masks = tgt, (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        of_memory = memory, memory_mask, memory_key_padding_mask, memory_is_causal
        if self.norm_first:
            x = x + self.dropout1(self._attend(self.norm1(x), *masks))
            x = x + self.dropout2(self._look_back(self.norm2(x), *of_memory))
            x = x + self.dropout3(self._feed_forward(self.norm3(x)))
        else:
            x = self.norm1(x + self.dropout1(self._attend(x, *masks)))
            x = self.norm2(x + self.dropout2(self._look_back(x, *of_memory)))
            x = self.norm3(x + self.dropout3(self._feed_forward(x)))
        return x

    def _look_back(self, x: Any, memory: Any, mask: Any, padding: Any, is_causal: bool) -> Any:
        """Cross-attention: the positions of x attend to those of the encoder's output."""
        masks = padding, False, mask
        return self.multihead_attn(x, memory, memory, *masks, is_causal=is_causal)[0]


class TransformerEncoder(Module):
    """num_layers copies of a layer, one after the other, and a norm after them, if one is given.

    With enable_nested_tensor, evaluation without gradients gives 0 at padding before that norm, as
    in PyTorch, if the layer is one for which PyTorch then computes nothing there.
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check
        self.use_nested_tensor = enable_nested_tensor and _skips_padding(encoder_layer)

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """src (length, batch, d_model) to the same shape.

        is_causal None: found by comparing the mask with the causal one.
        """
        mask = None if mask is None else additive("mask", mask, src.dtype)
        padding: Any = src_key_padding_mask
        padding = None if padding is None else additive("src_key_padding_mask", padding, src.dtype)
        causal = _is_causal(mask, is_causal, src, self.layers[0])
        output = src
        for layer in self.layers:
            masks = {"src_mask": mask, "src_key_padding_mask": padding, "is_causal": causal}
            output = layer(output, **masks)
        if padding is not None and mask is None and self._nested(src, padding):
            output = masked_fill(output, unsqueeze(padding == -np.inf, -1), 0.0)
        return output if self.norm is None else self.norm(output)

    def _nested(self, src: Any, padding: Any) -> bool:
        """True if PyTorch would leave out the padding, and give 0 there."""
        first = self.layers[0]
        if not self.use_nested_tensor or first.training or src.ndim != 3:
            return False
        if is_grad_enabled() and any(x.requires_grad for x in (src, *first.parameters())):
            return False
        padded = value_of(padding) == -np.inf
        return not (padded[:, :-1] & ~padded[:, 1:]).any()  # padding is at the end only


class TransformerDecoder(Module):
    """num_layers copies of a layer, one after the other, and a norm after them, if one is given."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """tgt (target, batch, d_model), memory (source, batch, d_model) to the shape of tgt.

        tgt_is_causal None: found by comparing tgt_mask with the causal mask.
        """
        masks = {
            "tgt_mask": tgt_mask,
            "memory_mask": memory_mask,
            "tgt_key_padding_mask": tgt_key_padding_mask,
            "memory_key_padding_mask": memory_key_padding_mask,
            "tgt_is_causal": _is_causal(tgt_mask, tgt_is_causal, tgt, self.layers[0]),
            "memory_is_causal": memory_is_causal,
        }
        output = tgt
        for layer in self.layers:
            output = layer(output, memory, **masks)
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """Encoder and decoder: the sequence to read, and the one to write so far, to its vectors.

    The arguments are those of the layers. Matrices start as `xavier_uniform_`. Embeddings,
    positions and the output layer are not part of it.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        sizes = d_model, nhead, dim_feedforward, dropout, activation
        settings: Any = layer_norm_eps, batch_first, norm_first, bias, device, dtype
        made: Any = {"bias": bias, "device": device, "dtype": dtype}
        if custom_encoder is None:
            layer: Module = TransformerEncoderLayer(*sizes, *settings)
            norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm)
        if custom_decoder is None:
            layer = TransformerDecoderLayer(*sizes, *settings)
            norm = LayerNorm(d_model, eps=layer_norm_eps, **made)
            custom_decoder = TransformerDecoder(layer, num_decoder_layers, norm)
        self.encoder, self.decoder = custom_encoder, custom_decoder
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """src (source, batch, d_model), tgt (target, batch, d_model) to the shape of tgt."""
        at = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[at] != tgt.shape[at]:
            sizes = f"{src.shape[at]} and {tgt.shape[at]}"
            raise RuntimeError(f"Transformer: src and tgt must have one batch size, not {sizes}")
        if not src.shape[-1] == tgt.shape[-1] == self.d_model:
            sizes = f"{src.shape[-1]} and {tgt.shape[-1]}"
            raise RuntimeError(
                f"Transformer: the last dims of src and tgt must be {self.d_model}, not {sizes}"
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        padding = tgt_key_padding_mask, memory_key_padding_mask
        causal = tgt_is_causal, memory_is_causal
        return self.decoder(tgt, memory, tgt_mask, memory_mask, *padding, *causal)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """The causal mask (sz, sz), to be added to scores: -inf after each position, else 0."""
        return triu(full((sz, sz), float("-inf"), dtype=dtype, device=device), 1)


def _copies(layer: Module, number: int) -> ModuleList:
    """Copies of a layer: they start with equal values, and are trained apart."""
    return ModuleList([copy.deepcopy(layer) for _ in range(number)])


def _activation(name: str) -> Callable[[Tensor], Tensor]:
    if name not in ("relu", "gelu"):
        raise RuntimeError(f"activation is relu, gelu or a function, not {shown(name)}")
    return getattr(F, name)


def _is_causal(mask: Any, is_causal: bool | None, x: Any, layer: Any) -> bool:
    """is_causal; if it is None: True if the mask is the causal mask of x's length."""
    if is_causal is not None or mask is None:
        return is_causal is True
    length = x.shape[0 if x.ndim == 2 or not layer.self_attn.batch_first else 1]
    after = np.triu(np.ones((length, length), bool), 1)
    causal = after if mask.dtype.kind == "b" else np.where(after, -np.inf, 0)
    return np.array_equal(value_of(mask), causal)


def _skips_padding(layer: Any) -> bool:
    """True for a layer for which PyTorch leaves out padding when it evaluates."""
    if not isinstance(layer, TransformerEncoderLayer) or layer.norm_first:
        return False
    attention, activation = layer.self_attn, layer.activation
    relu_or_gelu = activation is F.relu or isinstance(activation, ReLU) or _is_gelu(activation)
    plain = attention.batch_first and attention.in_proj_bias is not None
    return plain and relu_or_gelu and attention.num_heads % 2 == 0


def _is_gelu(activation: Any) -> bool:
    return "gelu" in (getattr(activation, "__name__", ""), type(activation).__name__.lower())

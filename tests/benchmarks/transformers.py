"""Transformers in the manner of the scripts that people learn from: one class per family.

Like the course's models, they run on PyTorch with the word minigrad replaced. Each forward takes
ids (batch, time) and the next ids, and returns the loss. Their blocks differ in what the families
write differently: the attention and the feed-forward network.
"""

import math

import minigrad
from minigrad import nn
from minigrad.nn import functional as F


class NewGELU(nn.Module):
    """GELU with tanh, as makemore and minGPT write it (Hendrycks and Gimpel 2016, §2)."""

    def forward(self, x):
        """Elementwise."""
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * minigrad.pow(x, 3.0))
        return 0.5 * x * (1.0 + minigrad.tanh(inner))


class Attention(nn.Module):
    """All heads at once, from one product; the scores are masked and then normalized."""

    def __init__(self, size):
        super().__init__()
        self.heads, self.hidden = size.heads, size.hidden
        self.c_attn = nn.Linear(size.hidden, 3 * size.hidden)
        self.c_proj = nn.Linear(size.hidden, size.hidden)
        self.attn_dropout, self.resid_dropout = nn.Dropout(size.dropout), nn.Dropout(size.dropout)
        lower = minigrad.tril(minigrad.ones(size.time, size.time))
        self.register_buffer("bias", lower.view(1, 1, size.time, size.time))

    def forward(self, x):
        """(batch, time, hidden) to the same shape."""
        batch, time, hidden = x.shape
        q, k, v = self.c_attn(x).split(self.hidden, dim=2)
        q, k, v = (part.view(batch, time, self.heads, -1).transpose(1, 2) for part in (q, k, v))
        y = self.attend(q, k, v, time)
        y = y.transpose(1, 2).contiguous().view(batch, time, hidden)
        return self.resid_dropout(self.c_proj(y))

    def attend(self, q, k, v, time):
        """(batch, heads, time, size of a head) to the same shape."""
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.shape[-1]))
        att = att.masked_fill(self.bias[:, :, :time, :time] == 0, float("-inf"))
        att = self.attn_dropout(F.softmax(att, dim=-1))
        return att @ v


class FusedAttention(Attention):
    """As nanoGPT does it: scaled_dot_product_attention instead of the lines."""

    def attend(self, q, k, v, time):
        """(batch, heads, time, size of a head) to the same shape."""
        return F.scaled_dot_product_attention(q, k, v, attn_mask=None, is_causal=True)


class Head(nn.Module):
    """One head of the lecture's attention: keys, queries and values from layers of its own."""

    def __init__(self, size):
        super().__init__()
        width = size.hidden // size.heads
        self.key = nn.Linear(size.hidden, width, bias=False)
        self.query = nn.Linear(size.hidden, width, bias=False)
        self.value = nn.Linear(size.hidden, width, bias=False)
        self.register_buffer("tril", minigrad.tril(minigrad.ones(size.time, size.time)))
        self.dropout = nn.Dropout(size.dropout)

    def forward(self, x):
        """(batch, time, hidden) to (batch, time, size of a head)."""
        time, hidden = x.shape[1:]
        k, q = self.key(x), self.query(x)
        wei = q @ k.transpose(-2, -1) * hidden**-0.5
        wei = wei.masked_fill(self.tril[:time, :time] == 0, float("-inf"))
        wei = self.dropout(F.softmax(wei, dim=-1))
        return wei @ self.value(x)


class Heads(nn.Module):
    """Heads as modules; their results are concatenated."""

    def __init__(self, size):
        super().__init__()
        self.heads = nn.ModuleList([Head(size) for _ in range(size.heads)])
        self.proj = nn.Linear(size.hidden, size.hidden)
        self.dropout = nn.Dropout(size.dropout)

    def forward(self, x):
        """(batch, time, hidden) to the same shape."""
        return self.dropout(self.proj(minigrad.cat([head(x) for head in self.heads], dim=-1)))


class GELU(nn.Module):
    """F.gelu, exact."""

    def forward(self, x):
        """Elementwise."""
        return F.gelu(x)


class Block(nn.Module):
    """Attention and a feed-forward network, each after a layer norm and with a residual."""

    attention, activation = Attention, NewGELU

    def __init__(self, size):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(size.hidden), nn.LayerNorm(size.hidden)
        self.attn = self.attention(size)
        self.mlp = nn.Sequential(
            nn.Linear(size.hidden, 4 * size.hidden),
            self.activation(),
            nn.Linear(4 * size.hidden, size.hidden),
            nn.Dropout(size.dropout),
        )

    def forward(self, x):
        """(batch, time, hidden) to the same shape."""
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class LectureBlock(Block):
    """Heads one by one, and ReLU."""

    attention, activation = Heads, nn.ReLU


class FusedBlock(Block):
    """The fused functions: scaled_dot_product_attention and gelu."""

    attention, activation = FusedAttention, GELU


class Makemore(nn.Module):
    """makemore's Transformer; minGPT is the same, with dropout."""

    block = Block

    def __init__(self, size):
        super().__init__()
        self.wte = nn.Embedding(size.words, size.hidden)
        self.wpe = nn.Embedding(size.time, size.hidden)
        self.drop = nn.Dropout(size.dropout)
        self.blocks = nn.ModuleList([self.block(size) for _ in range(size.layers)])
        self.ln_f = nn.LayerNorm(size.hidden)
        self.lm_head = nn.Linear(size.hidden, size.words, bias=False)

    def forward(self, ids, targets):
        """The mean loss of the next words."""
        order = minigrad.arange(0, ids.shape[1], dtype=minigrad.long).unsqueeze(0)
        x = self.drop(self.wte(ids) + self.wpe(order))
        for block in self.blocks:
            x = block(x)
        logits = self.lm_head(self.ln_f(x))
        logits, targets = logits.view(-1, logits.shape[-1]), targets.view(-1)
        return F.cross_entropy(logits, targets, ignore_index=-1)


class Lecture(Makemore):
    """The GPT of the lecture "Let's build GPT"."""

    block = LectureBlock


class GPT(Makemore):
    """A GPT in the manner of nanoGPT."""

    block = FusedBlock

"""A stack of Transformer blocks that reads words and predicts the next (Vaswani et al. 2017, §3).

Like the course's models, it runs on PyTorch with the word minigrad replaced.
"""

import math

import minigrad
from minigrad import nn


class Block(nn.Module):
    """Multi-head attention, then a feed-forward network, both with a residual connection."""

    def __init__(self, hidden, heads):
        super().__init__()
        self.heads, self.size = heads, hidden // heads
        self.norm1, self.norm2 = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)
        self.wide, self.narrow = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)

    def forward(self, x, mask):
        """x (batch, time, hidden) to the same shape; mask (time, time): True where hidden."""
        batch, time, hidden = x.shape
        parts = self.qkv(self.norm1(x)).reshape(batch, time, 3, self.heads, self.size)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)  # (batch, heads, time, size)
        scores = (query @ key.mT) * (1 / math.sqrt(self.size))
        weights = minigrad.softmax(scores.masked_fill(mask, -math.inf), -1)
        context = (weights @ value).transpose(1, 2).reshape(batch, time, hidden)
        x = x + self.output(context)
        return x + self.narrow(minigrad.relu(self.wide(self.norm2(x))))


class Transformer(nn.Module):
    """From ids (batch, time) to the logits of the next words (batch, time, words)."""

    def __init__(self, words, hidden, layers=2, heads=4, longest=1024):
        super().__init__()
        self.embedding = nn.Embedding(words, hidden)
        self.position = nn.Embedding(longest, hidden)
        self.blocks = nn.ModuleList([Block(hidden, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(hidden)
        self.output = nn.Linear(hidden, words)

    def forward(self, text):
        """The logits after each word; the causal mask hides the words that follow it."""
        time = text.shape[1]
        order = minigrad.arange(time)
        mask = order[:, None] < order
        x = self.embedding(text) + self.position(order)
        for block in self.blocks:
            x = block(x, mask)
        return self.output(self.norm(x))

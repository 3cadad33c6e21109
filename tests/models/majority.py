"""The model of test_kinds.py: does a text have more a or more b?."""

import minigrad
from minigrad import nn


class Majority(nn.Module):
    """One query attends to the letters, and their weighted average answers."""

    def __init__(self, words, size):
        super().__init__()
        self.embedding = nn.Embedding(words, size)
        self.query = nn.Parameter(minigrad.zeros(size))
        self.output = nn.Linear(size, 2)

    def forward(self, text):
        x = self.embedding(text)  # (batch, words, size)
        weights = minigrad.softmax(x @ self.query, -1)  # (batch, words)
        return self.output((weights[:, None] @ x)[:, 0]), weights

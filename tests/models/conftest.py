"""What the tests of the models share: a small corpus, and runs that are over in a second."""

import pytest

from models.tasks.calendar import corpus
from models.training.translating import Settings


@pytest.fixture(scope="session")
def splits():
    """100 short sentences to train on, 10 to validate and 10 to test with."""
    return corpus(size=100, validation=10, test=10, max_clauses=2)


@pytest.fixture(params=["seq2seq", "attention"])
def small(request):
    """Settings of both models for the smallest run."""
    return Settings(model=request.param, embedding=6, hidden=8, dropout=0.2, steps=9, batch_size=16)

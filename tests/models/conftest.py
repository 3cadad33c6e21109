"""What the tests of the models share: a small corpus, and settings of runs that take a second."""

import pytest

from models.tasks.calendar import corpus
from models.training.translating import Settings


@pytest.fixture(scope="session")
def splits():
    """100 short sentences to train on, 10 to validate and 10 to test with."""
    return corpus(size=100, validation=10, test=10, max_clauses=2)


@pytest.fixture(params=["seq2seq", "attention"])
def small(request):
    """Settings of the smallest run, for both translators."""
    return Settings(model=request.param, embedding=6, hidden=8, dropout=0.2, steps=9, batch_size=16)

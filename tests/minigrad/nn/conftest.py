"""The same net in minigrad and in PyTorch."""

import pytest
from nets import nets

import minigrad


@pytest.fixture
def net():
    return nets(minigrad)


@pytest.fixture
def theirs(torch):
    torch.manual_seed(0)
    return nets(torch)

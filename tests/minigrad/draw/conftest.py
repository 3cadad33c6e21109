import pytest
from drawn import Reader


@pytest.fixture
def model():
    return Reader()

"""no_grad and enable_grad: as context managers and decorators, nested, and in threads."""

import functools
import threading

import numpy as np
import pytest

import minigrad
from minigrad import Tensor, enable_grad, is_grad_enabled, no_grad


def leaf(*shape):
    return minigrad.randn(*shape, dtype=minigrad.float64, requires_grad=True)


def recorded(x):
    return (x * 2).requires_grad


def test_no_grad_records_nothing_inside():
    x = leaf(3)
    assert is_grad_enabled()
    with no_grad():
        assert not is_grad_enabled()
        assert not recorded(x)
        with enable_grad():
            assert recorded(x)
            with no_grad():
                assert not recorded(x)
            assert recorded(x)
        assert not recorded(x)
    assert recorded(x)


@pytest.mark.parametrize(
    ("decorator", "records"),
    [(no_grad, False), (no_grad(), False), (enable_grad, True), (enable_grad(), True)],
    ids=["no_grad", "no_grad()", "enable_grad", "enable_grad()"],
)
@pytest.mark.parametrize("around", [no_grad, enable_grad])
def test_as_a_decorator(decorator, records, around):
    @decorator
    def decorated(x, depth=3):
        """Its docstring."""
        inner = decorated(x, depth - 1) if depth else True
        return inner and recorded(x) == records

    with around():
        before = is_grad_enabled()
        assert decorated(leaf(3))
        assert is_grad_enabled() == before
    assert decorated.__name__ == "decorated"
    assert decorated.__doc__ == "Its docstring."


def test_one_object_can_be_entered_repeatedly():
    off = no_grad()
    with off, off:
        with enable_grad(), off:
            assert not is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_the_mode_is_restored_after_an_exception():
    @no_grad
    def fails():
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        fails()
    assert is_grad_enabled()
    with pytest.raises(KeyError, match="y"), no_grad(), enable_grad():
        raise KeyError("y")
    assert is_grad_enabled()


def test_results_under_no_grad_are_leaves():
    with no_grad():
        y = leaf(3) * 2
        asked = minigrad.zeros(3, requires_grad=True)
    assert y.is_leaf
    assert asked.requires_grad


def test_a_generator_cannot_be_decorated():
    with pytest.raises(TypeError, match="no_grad: words is a generator: write `with no_grad"):

        @no_grad()
        def words():
            yield 1


async def waits():
    return is_grad_enabled()


async def streams():
    yield is_grad_enabled()


def words():
    yield is_grad_enabled()


class Words:
    def __call__(self):
        yield is_grad_enabled()


REFUSED = {
    "a generator": words, "an asynchronous generator": streams, "an async function": waits,
    "is a class": Words, "partial": functools.partial(words), "static": staticmethod(words),
    "called": Words(), "a function, not 5": 5, "a function, not <property": property(waits),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("decorator", [no_grad, no_grad(), enable_grad()])
def test_what_runs_later_or_is_no_function_is_refused(decorator, case):
    message = case if " " in case else "is a generator: write `with"
    with pytest.raises(TypeError, match=message):
        decorator(REFUSED[case])


def test_methods_and_lambdas_can_be_decorated():
    class Model:
        @no_grad()
        def forward(self, x):
            return recorded(x)

        @staticmethod
        @no_grad
        def still(x):
            return recorded(x)

    assert not Model().forward(leaf(2))
    assert not Model.still(leaf(2))
    assert not no_grad(lambda: recorded(leaf(2)))()


def test_the_mode_is_per_thread():
    x = Tensor(np.ones(2), requires_grad=True)
    inside, outside = threading.Event(), threading.Event()

    def evaluate():
        with no_grad():
            inside.set()
            outside.wait(10)

    thread = threading.Thread(target=evaluate)
    thread.start()
    assert inside.wait(10)
    try:
        assert is_grad_enabled()
        assert (x * 2).requires_grad
    finally:
        outside.set()
        thread.join()

"""Writing in place: as PyTorch does it, and never with a wrong gradient."""

import numpy as np
import pytest
from agreement import draw

import minigrad
from minigrad import no_grad

X = draw(2, 3, 4)

WRITES = [
    "x[0] = 7", "x[..., 0] = 7.5", "x[x > 0] = 0", "x[[0, 1], [1, 2]] = 5",
    "x[:, 1:] = x[:, :-1].clone()",
    "x[0] = torch.tensor([1.0, 2, 3, 4])", "x[0] = torch.tensor(3)", "x[1, 2, 3] = True",
    "x += 1", "x -= 0.5", "x *= 2", "x /= 4", "x += x", "x += x[0].clone()", "x *= torch.tensor(2)",
    "x[0] += 1",
    "x[:, 1] *= 3", "x[[0, 0]] += 1", "x.zero_()", "x.fill_(3)", "x.fill_(2.5)",
    "x.copy_(x[0] * 2)",
    "x.copy_(torch.ones(4, dtype=torch.int64))", "x[0].zero_()", "x.view(-1)[3] = 9",
    "x[:1] = 1 - x[1:]",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_writes_against_torch(torch, write):
    written = []
    for library in (minigrad, torch):
        x = library.tensor(X)
        also = x
        exec(write, scope := {"x": x, "torch": library})
        assert scope["x"] is also
        assert x.is_leaf
        written.append(x.numpy())
    np.testing.assert_array_equal(*written)


@pytest.mark.parametrize("method", ["zero_()", "fill_(2)", "copy_(torch.ones(2))"])
def test_writing_methods_return_the_tensor(method):
    x = minigrad.tensor([1.0, 2.0])
    assert eval(f"x.{method}", {"x": x, "torch": minigrad}) is x


def test_a_graph_makes_its_arrays_read_only():
    a, x = minigrad.tensor([1.0, 2.0]), minigrad.ones(2, requires_grad=True)
    base = np.zeros((2, 2))
    view = minigrad.from_numpy(base)[0]
    y = x * a + view
    for array in (a.numpy(), x.detach().numpy(), y.detach().numpy(), view.numpy(), base):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5


def test_a_view_older_than_the_graph_is_read_only_as_an_array():
    a, x = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    older = a.detach()
    y = (x * a).sum()
    with pytest.raises(ValueError, match="read-only"):
        older.numpy()[0] = 5
    y.backward()
    assert x.grad.tolist() == [1, 1]


def test_arrays_stay_writeable_without_a_graph():
    a, x = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    with no_grad():
        y = x * a
    a.numpy()[0] = y.numpy()[0] = 5
    b = minigrad.ones(2)
    (a * b).numpy()[0] = 5
    b.numpy()[0] = 5


def test_the_caller_can_still_write_to_an_array_among_the_inputs():
    array = np.array([1.0, 2.0])
    x = minigrad.ones(2, dtype=minigrad.float64, requires_grad=True)
    y = x * array
    array[:] = 7
    y.sum().backward()
    assert x.grad.tolist() == [1, 2]


BETWEEN = [
    "a[0] = 5",
    "a += 1",
    "a *= 2",
    "a.zero_()",
    "a.copy_(a + 1)",
    "a.fill_(0)",
    "a[a > 0] = 1",
    "x[0] = 5",
    "x += 1",
    "x.zero_()",
]


@pytest.mark.parametrize("write", BETWEEN)
def test_a_write_between_forward_and_backward_is_an_error(write):
    a = minigrad.tensor([1.0, 2.0])
    x = minigrad.tensor([3.0, 4.0], requires_grad=True)
    y = (x * a).exp().sum()
    with no_grad():
        exec(write, {"a": a, "x": x})
    with pytest.raises(RuntimeError, match=r"shape \(2,\) was changed in place after mul"):
        y.backward()
    assert x.grad is None


def test_a_write_through_a_view_never_gives_a_wrong_gradient():
    a = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    x = minigrad.ones(2, requires_grad=True)
    row, flat, detached = a[0], a.view(4), a.detach()
    y = (x * row).sum()
    for view in (row[:1], flat[:2], detached):
        with pytest.raises(RuntimeError, match="view of memory that a graph remembers"):
            view[0] = 9
    a[0] = 9  # the tensor gets new memory
    assert row.tolist() == [1, 2]
    y.backward()
    assert x.grad.tolist() == [1, 2]


def test_a_write_after_backward_is_allowed():
    a, x = minigrad.tensor([1.0, 2.0]), minigrad.ones(2, requires_grad=True)
    (x * a).sum().backward()
    a[0] = 5
    with no_grad():
        x -= x.grad
        x[1] = 9
    assert x.requires_grad
    assert x.is_leaf
    x.grad = None
    (x * a).sum().backward()
    assert x.tolist() == [0, 9]
    assert x.grad.tolist() == [5, 2]


def test_a_write_before_the_tensor_is_used_counts():
    x = minigrad.zeros(3)
    x[1] = 2
    w = minigrad.ones(3, requires_grad=True)
    y = (w * x).sum()
    y.backward()
    assert w.grad.tolist() == [0, 2, 0]


REFUSED = {
    "a leaf by index": "x[0] = 1",
    "a leaf by method": "x.zero_()",
    "a leaf by +=": "x += 1",
    "a result by index": "y[0] = 1",
    "a result by method": "y.fill_(2)",
    "a tracked value into one that is not": "a[0] = y[0]",
    "a copy of one": "a.copy_(y)",
}


@pytest.mark.parametrize("case", REFUSED)
def test_writes_that_a_graph_would_miss_are_refused(case):
    x = minigrad.ones(2, requires_grad=True)
    scope = {"x": x, "y": x * 2, "a": minigrad.zeros(2)}
    with pytest.raises(RuntimeError, match=r"no_grad\(\)"):
        exec(REFUSED[case], scope)
    assert scope["a"].tolist() == [0, 0]
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_augmented_assignment_to_a_result_is_recorded(torch, sign):
    """`out += x` in a model binds the name to a new tensor, and gradients flow through both."""
    gradients = []
    for library in (minigrad, torch):
        x = library.tensor([2.0, 3.0], requires_grad=True)
        exec(f"out = x * 1.5\nout {sign}= x * x", scope := {"x": x})
        scope["out"].sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients[0] == pytest.approx(gradients[1])


def test_augmented_assignment_with_a_tracked_value_is_recorded(torch):
    gradients = []
    for library in (minigrad, torch):
        x = library.tensor([2.0, 3.0], requires_grad=True)
        total = library.zeros(2)
        for i in range(3):
            total += x * i
        total.sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients[0] == gradients[1] == [3, 3]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        ("i += 1.5", "int64.*float32"),
        ("i /= 2", "int64.*float32"),
        ("a += b", r"\(2,\).*\(3, 2\)"),
        ("a += c", r"\(2,\) and \(3,\)"),
        ("a[0] = c", "broadcast|shape|sequence"),
        ("a.copy_(c)", "broadcast|shape"),
    ],
)
def test_writes_that_do_not_fit(write, message):
    scope = {
        "i": minigrad.tensor([1, 2]),
        "a": minigrad.ones(2),
        "b": minigrad.ones(3, 2),
        "c": minigrad.ones(3),
    }
    with pytest.raises((RuntimeError, ValueError), match=message):
        exec(write, scope)
    assert scope["a"].tolist() == [1, 1]
    assert scope["i"].tolist() == [1, 2]


def test_writing_keeps_the_dtype():
    x = minigrad.tensor([1, 2])
    x[0] = 3.7
    x += True
    assert x.dtype == minigrad.int64
    assert x.tolist() == [4, 3]
    y = minigrad.ones(2)
    y.copy_(minigrad.tensor([1.5, 2.5], dtype=minigrad.float64))
    assert y.dtype == minigrad.float32


def test_the_memory_of_an_expanded_view_is_read_only_too():
    x, w = minigrad.ones(1, 3), minigrad.ones(2, 3, requires_grad=True)
    y = (x.expand(2, 3) * w).sum()
    with pytest.raises(ValueError, match="read-only"):
        x.value[0, 0] = 100
    x[0, 0] = 100  # a new array for x; the graph keeps the old one
    y.backward()
    assert w.grad.tolist() == np.ones((2, 3)).tolist()


def test_a_view_cannot_become_a_tensor_that_requires_grad():
    a, w = minigrad.zeros(2), minigrad.ones(1, requires_grad=True)
    view = a[:1]
    with pytest.raises(RuntimeError, match="view"):
        view += w
    a += minigrad.ones(2, dtype=minigrad.float64)  # cast down to float32, as in PyTorch
    assert a.dtype == minigrad.float32


def test_a_write_that_fails_changes_nothing():
    x, w = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    y = (x * w).sum()
    with pytest.raises(IndexError, match=r"writing 0 into \(2,\)"):
        x[9] = 0
    y.backward()
    assert w.grad.tolist() == [1, 1]


def test_memory_that_does_not_belong_to_an_array():
    x = minigrad.from_numpy(np.frombuffer(bytearray(8), np.float32))
    x[0] = 1
    assert x.numpy().tolist() == [1, 0]

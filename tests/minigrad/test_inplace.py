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
    "a[0].fill_(3)",
    "a.detach().zero_()",
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


@pytest.mark.parametrize("write", ["x[0] = 5", "x += 1", "x.zero_()"])
def test_a_write_to_what_no_rule_needs(write):
    """Only the gradient of `a` would need x."""
    a, x = minigrad.tensor([1.0, 2.0]), minigrad.tensor([3.0, 4.0], requires_grad=True)
    y = (x * a).sum()
    with no_grad():
        exec(write, {"x": x})
    y.backward()
    assert x.grad.tolist() == [1, 2]


def test_a_write_through_a_view_never_gives_a_wrong_gradient():
    a = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    x = minigrad.ones(2, requires_grad=True)
    row, flat, detached = a[0], a.view(4), a.detach()
    for view in (row[:1], flat[:2], detached):
        y = (x * row).sum()
        view[0] = 9
        assert row[0] == 9
        with pytest.raises(RuntimeError, match="changed in place after mul"):
            y.backward()
    (x * row).sum().backward()
    assert x.grad.tolist() == [9, 9]


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


LEAVES = ["x[0] = 1", "x.zero_()", "x += 1", "x[0] += 1", "x[:1].fill_(2)", "x.view(2, 1)[0] = 3"]


@pytest.mark.parametrize("write", LEAVES)
def test_a_leaf_that_requires_grad_is_not_written_to(torch, write):
    for library in (minigrad, torch):
        x = library.ones(2, requires_grad=True)
        with pytest.raises(RuntimeError, match=r"no_grad\(\)|leaf Variable"):
            exec(write, {"x": x})
        assert x.tolist() == [1, 1]


def test_a_result_that_was_overwritten_is_not_taken_for_the_result():
    """The recorded write copies what it needs; what was changed before stays changed."""
    x = minigrad.ones(2, requires_grad=True)
    y = x.exp()
    with no_grad():
        y.zero_()
    y += 1
    with pytest.raises(RuntimeError, match="changed in place after exp"):
        y.sum().backward()


# Programs on x, w (leaves), d (data), y = x * 2; then (y · y).sum() + (d · d).sum() goes back.
RECORDED = [
    "y[0] = w", "y[0] += w", "y[0, 1] = w[0]; y[1] = y[0] * 2", "y[y > 5] = 0.0", "y *= w",
    "y[[0, 0], [1, 2]] = 7.0", "y[0, [1, 2]] = w[:2]", "y[:, 0] = w[:2]", "y[1] -= y[0] + w",
    "y += y", "y /= w", "y **= 2", "y.copy_(w)", "y.zero_(); y += x", "y.fill_(3.0); y *= x",
    "y += d.double()",
    "v = y[0]; v += w", "v = y[0]; v *= w", "v = y.view(-1); v *= 2", "v = y.t(); v[0] = 5",
    "v = y.unsqueeze(0); v[0, 1] = w", "v = y.view(3, 2).t()[1]; v *= 3", "y[None][0] += w",
    "v = y.expand(1, 2, 3); v *= 2",
    "a, b = y[0], y[1]; a += w; b += w; y = y + a.sum() * b.sum()",  # b is older than a's write
    "a = y[0]; y[0] = w; y = y + (a * 3).sum()", "a = y[0]; c = a * 1; y[0] = w; y = y + c",
    "a = y[0]; b = a[1:]; y[0] = w; y[1] = 4.0; y = y + b.sum()",
    "z = y; y += w; y = z", "z = y + 3; y += 1; y = y + z", "z = y.exp(); y += w; y = y + z / 9",
    "for _ in range(3): y += w * y.sum()",
    "d += x", "d[0] = w", "d.copy_(x)", "d[x > 3] = x[x > 3]", "d += w; d *= x; d[0] = 1.0",
    "e = torch.zeros(2, 2, 3).double(); e[0] = x; e[1] = y * w; y = e.sum(0)",
    "d = torch.where(d > 0, d, d); d += x", "d = torch.ones(2, 2, 3).double().sum(0); d += w",
]  # fmt: skip


@pytest.mark.parametrize("write", RECORDED)
@pytest.mark.parametrize("order", [1, 2])
def test_recorded_writes_against_torch(torch, write, order):
    found = []
    for library in (minigrad, torch):
        x = library.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=library.float64)
        w, d = library.tensor([0.5, -2.0, 3.0], dtype=x.dtype), library.ones(2, 3, dtype=x.dtype)
        x.requires_grad_(), w.requires_grad_()
        scope = {"torch": library, "x": x, "w": w, "d": d, "y": x * 2}
        exec(write, scope)
        y, d = scope["y"], scope["d"]
        loss = (y * y).sum() + (d * d * w).sum()
        gradients = library.autograd.grad(loss, [x, w], create_graph=True)
        if order == 2:
            loss = sum((g * g * w.sum()).sum() for g in gradients)
            gradients = library.autograd.grad(loss, [x, w])
        found.append([t.detach().numpy() for t in (y, d, *gradients)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_augmented_assignment_to_a_result_is_recorded(torch, sign):
    """After `out += x` in a model, gradients flow through out as it was, and through x."""
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


def test_an_expanded_tensor():
    x, w = minigrad.ones(1, 3), minigrad.ones(2, 3, requires_grad=True)
    wide = x.expand(2, 3)
    with pytest.raises(RuntimeError, match=r"was expanded.*clone\(\)"):
        wide += 1
    wide[0] = 5  # this row is no two places in one
    x[0, 0] = 100
    assert wide.tolist() == [[100, 5, 5], [100, 5, 5]]
    (wide * w).sum().backward()
    assert w.grad.tolist() == wide.tolist()


@pytest.mark.parametrize(
    "share", [lambda a: a[:1], lambda a: a.detach(), lambda a: a.numpy(), lambda a: a * W]
)
def test_data_that_others_share_does_not_become_part_of_a_graph(share):
    """They would not know of its history."""
    a = minigrad.zeros(2)
    others = share(a)
    with pytest.raises(RuntimeError, match=r"its memory is shared.*x = x \+ y"):
        a += W
    with pytest.raises(RuntimeError, match="its memory is shared"):
        a[0] = W[0]
    del others
    a += W
    assert a.requires_grad


W = minigrad.ones(2, requires_grad=True)


def test_in_place_the_dtype_stays():
    a, y = minigrad.zeros(2), W * 2
    a += minigrad.ones(2, dtype=minigrad.float64)  # cast down to float32, as in PyTorch
    y += minigrad.ones(2, dtype=minigrad.float64)
    assert a.dtype == y.dtype == minigrad.float32
    with pytest.raises(RuntimeError, match=r"in place, a float32 of shape \(2,\) cannot become"):
        y += minigrad.ones(3, 2)


@pytest.mark.parametrize("value", [None, "7", [1, 2], object(), 1j])
def test_only_numbers_are_written(value):
    x = minigrad.ones(2)
    with pytest.raises(TypeError, match=r"writing .* into \(2,\): only tensors"):
        x[0] = value


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


@pytest.mark.parametrize("value", ["ones(3)", "ones(1)"])
def test_fill_takes_one_number(torch, value):
    for library in (minigrad, torch):
        with pytest.raises(RuntimeError, match="fill_"):
            library.zeros(3).fill_(eval(f"library.{value}", {"library": library}))
        assert library.zeros(2).fill_(library.tensor(2.0)).tolist() == [2, 2]


@pytest.mark.parametrize(
    "value", ["tensor(2)", "tensor([2])", "tensor([1, 2])", "tensor([1, 2, 3])"]
)
@pytest.mark.parametrize("index", [True, False])
def test_a_bool_as_index_takes_every_dtype(torch, index, value):
    results = []
    for library in (minigrad, torch):
        x = library.zeros(2)
        try:
            x[index] = eval(f"library.{value}", {"library": library})
            results.append(x.tolist())
        except (RuntimeError, ValueError):
            results.append("refused")
    assert results[0] == results[1]

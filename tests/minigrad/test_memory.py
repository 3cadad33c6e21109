"""Memory that tensors share: with views, with NumPy, with a graph; and the flags of a leaf."""

import gc

import numpy as np
import pytest

import minigrad
from minigrad import memory, no_grad
from minigrad.autograd import changed

# --- through NumPy


def test_the_value_of_a_tensor_is_read_only():
    x = minigrad.ones(2, requires_grad=True)
    for tensor in (minigrad.zeros(2), x, x * 2, x[0], x.detach()):
        with pytest.raises(ValueError, match="read-only"):
            tensor.value[...] = 5


SHARED = {
    "numpy()": lambda a, base: a.numpy(),
    "a view of it": lambda a, base: a.numpy()[:],
    "numpy() of a view": lambda a, base: a[:].numpy(),
    "detach().numpy()": lambda a, base: a.detach().numpy(),
    "np.asarray": lambda a, base: np.asarray(a),
    "the array of from_numpy": lambda a, base: base,
}


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("first", [True, False])
def test_what_numpy_writes_is_noticed(name, first):
    """Shared before or after an op has used the tensor: an error, never a wrong gradient."""
    base = np.array([1.0, 2.0])
    a, x = minigrad.from_numpy(base), minigrad.ones(2, dtype=minigrad.float64, requires_grad=True)
    array = SHARED[name](a, base) if first else None
    y, z = (x * a).sum(), (x + a).sum()
    array = SHARED[name](a, base) if array is None else array
    array[0] = 5
    del array
    assert a.tolist() == [5, 2]
    z.backward()  # needs no old value
    with pytest.raises(RuntimeError, match="changed in place after mul"):
        y.backward()
    (x * a).sum().backward()
    assert x.grad.tolist() == [6, 3]


def test_arrays_that_numpy_has_no_more_cost_nothing():
    gc.collect()
    x = minigrad.ones(3)
    with no_grad():
        before = len(memory.watched)
        x.numpy()[0] = 2
        kept = x.numpy()[1:]
        assert len(memory.watched) == before + 1
        kept[0] = 3
    del kept
    assert len(memory.watched) == before
    assert x.tolist() == [2, 3, 1]
    writes = len(memory._writes)
    del x
    assert len(memory._writes) == writes - 1


def test_a_graph_is_not_searched_for_arrays_that_numpy_has_no_more(monkeypatch):
    for key in list(memory.watched):  # what other tests have left
        monkeypatch.delitem(memory.watched, key)
    y = minigrad.ones(3, requires_grad=True) * 2
    assert y.detach().numpy().sum() == 6  # as a training loop measures its accuracy
    monkeypatch.setattr(changed, "notice", lambda *arrays: pytest.fail("nothing is watched"))
    y.sum().backward()


def test_a_view_of_an_array_is_watched_after_its_tensor_is_gone():
    base, x = np.array([[1.0, 2.0], [3.0, 4.0]]), minigrad.ones(2, requires_grad=True).double()
    row = minigrad.from_numpy(base)[0]
    y = (row * x).sum()
    base[0] = 9
    with pytest.raises(RuntimeError, match="changed in place after mul"):
        y.backward()


def test_only_the_memory_that_a_graph_uses_is_compared(monkeypatch):
    """Losses kept as arrays, and batches of a large array, cost no more from step to step."""
    compared = []
    notice = memory.Watch.notice
    monkeypatch.setattr(memory.Watch, "notice", lambda one: (compared.append(one), notice(one)))
    w = minigrad.ones(3, requires_grad=True)
    data = minigrad.from_numpy(np.ones((1 << 17, 3), np.float32))
    kept, rows, many = [], [], []
    for i in range(20):
        compared.clear()
        loss = (data[i : i + 2] * w).sum()
        loss.backward()
        kept += [loss.detach().numpy(), w.detach().numpy()]
        many.append(len(compared))
        rows += [one.before.size for one in compared if one.before is not None]
    assert max(many[1:]) == many[1]
    assert max(rows) == 6


def test_a_small_array_is_compared_as_a_whole():
    base = np.ones((50, 3), np.float32)
    data, w = minigrad.from_numpy(base), minigrad.ones(3, requires_grad=True)
    loss = minigrad.stack([(row * w).sum() for row in data]).sum()
    assert len(memory.watched[id(base)]) == 2
    loss.backward()


def test_nothing_is_locked_by_a_graph_that_is_gone():
    base = np.ones((2, 2))
    x, emb = minigrad.from_numpy(base), minigrad.nn.Embedding(3, 2)
    y = (emb(minigrad.tensor([0, 1])) * x.float()).sum()
    y.backward()
    del y
    base[0, 0] = 7
    row = x[0]
    row += 1
    with no_grad():
        emb.weight[0].fill_(0)
        emb.weight[1] += 1
    minigrad.nn.init.constant_(emb.weight[2], 0)
    assert x.tolist() == [[8, 2], [1, 1]]
    assert emb.weight[[0, 2]].tolist() == [[0, 0], [0, 0]]


def test_memory_that_numpy_has_as_read_only():
    x = minigrad.from_numpy(np.frombuffer(bytes(8), np.float32))
    assert not x.numpy().flags.writeable
    with pytest.raises(RuntimeError, match="read-only: write into a clone"):
        x += 1


# --- views


def test_a_number_taken_from_a_tensor_is_a_view():
    x = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    v = x[0, 1]
    v.fill_(7)
    for row in x:
        for number in row:
            number += 1
    assert x.tolist() == [[2, 8], [4, 5]]
    assert v == 8
    x[:, 0].view(2)[1][...].zero_()
    assert x.tolist() == [[2, 8], [0, 5]]


def test_contiguous_is_a_copy_where_the_order_in_memory_is_another():
    x = minigrad.arange(6.0).view(2, 3)
    assert x.contiguous() is x
    for other in (x.t(), x[:, 1:], x[:1].expand(2, 3), x[::2, ::2]):
        copy = other.contiguous()
        copy += 1
        assert copy.value.flags.c_contiguous
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("view", ["x.t()", "x[:, 1:]", "x[:1].expand(2, 3)", "x.t().detach()"])
def test_a_view_never_copies(torch, view):
    for library in (minigrad, torch):
        x = library.ones(2, 3)
        with pytest.raises(RuntimeError, match=r"view.*reshape\("):
            eval(view, {"x": x}).view(-1)
    y = (minigrad.arange(6.0).view(2, 3).t() * 2).view(-1)  # its own memory, in another order
    assert y.tolist() == [0, 6, 2, 8, 4, 10]


# --- requires_grad and grad


def test_gradients_are_added_up_and_zeroed_in_their_own_memory(torch):
    """A gradient that was kept, or a buffer that `.grad` is a view of, changes along."""
    for library in (minigrad, torch):
        x, buffer = library.ones(2, requires_grad=True), library.zeros(4)
        x.grad = buffer[:2]
        (x * 2).sum().backward()
        (x * 3).sum().backward()
        assert buffer.tolist() == [5, 5, 0, 0]
        layer = library.nn.Linear(2, 1)
        layer(x).sum().backward()
        kept = layer.bias.grad
        library.optim.SGD(layer.parameters(), 0.1).zero_grad(set_to_none=False)
        assert kept.tolist() == [0]
        layer(x).sum().backward()
        assert kept.tolist() == [1]
        layer.zero_grad(set_to_none=False)
        assert layer.bias.grad is kept
        assert kept.tolist() == [0]


def test_the_gradient_of_a_result_is_added_up_in_new_memory(torch):
    for library in (minigrad, torch):
        y = library.ones(2, requires_grad=True) * 2
        y.retain_grad()
        y.sum().backward(retain_graph=True)
        kept = y.grad
        y.sum().backward()
        assert (kept.tolist(), y.grad.tolist()) == ([1, 1], [2, 2])


@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_recorded_gradient_is_zeroed_without_its_history(torch):
    for library in (minigrad, torch):
        x = library.ones(2, requires_grad=True)
        (x**3).sum().backward(create_graph=True)
        (x**2).sum().backward()
        assert (x.grad.tolist(), x.grad.requires_grad) == ([5, 5], True)
        library.optim.SGD([x], 0.1).zero_grad(set_to_none=False)
        assert (x.grad.tolist(), x.grad.requires_grad) == ([0, 0], False)


def test_what_was_expanded_is_not_trained_and_collects_no_gradients(torch):
    for library in (minigrad, torch):
        x = library.ones(2, requires_grad=True)
        x.grad = library.ones(1).expand(2)
        with pytest.raises(RuntimeError, match="clone"):
            (x * x).sum().backward()
        p = library.nn.Parameter(library.ones(1).expand(2))
        p.sum().backward()
        with pytest.raises(RuntimeError, match="clone"):
            library.optim.SGD([p], 0.1).step()


def test_the_pasts_of_a_tensor_are_kept_in_one_list():
    w = minigrad.ones(2, requires_grad=True)
    total = minigrad.zeros(2)
    total += w
    total += w
    past = total._past
    total += w
    assert total._past is past  # a copy per write would make long sums quadratic
    total.sum().backward()
    assert w.grad.tolist() == [3, 3]


def test_requires_grad_after_use_counts_from_then_on():
    a, w = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    y = (a * w).sum()
    a.requires_grad_()
    y.backward()
    assert a.grad is None
    (a * w).sum().backward()
    assert a.grad.tolist() == [1, 1]
    y = (a * w).sum()
    a.requires_grad_(False)
    z = (a * w).sum()
    a.requires_grad_(True)
    y.backward()
    z.backward()
    assert a.grad.tolist() == [2, 2]


REFUSED = {
    "i.requires_grad = True": "only floats have gradients, not int64",
    "y.requires_grad = False": "an op made this",
    "x.requires_grad = 1": "is True or False, not 1",
    "x.grad = 5": "a tensor or None, not a int",
    "x.grad = x": "not the tensor itself",
    "x.grad = i": r"shape \(3,\) for a tensor of shape \(2,\)",
    "x.grad = y.double().detach()": "dtype float64 for a tensor of dtype float32",
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_set_is_refused(torch, code):
    for library in (minigrad, torch):
        x, i = library.ones(2, requires_grad=True), library.tensor([1, 2, 3])
        message = REFUSED[code] if library is minigrad else "."
        with pytest.raises((RuntimeError, TypeError), match=message):
            exec(code, {"x": x, "y": x * 2, "i": i})


def test_overlapping_windows_are_not_written_to():
    """PyTorch writes into one element after the other: a number in two windows changes twice."""
    x = minigrad.tensor([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(RuntimeError, match="unfolded, so several elements are one number"):
        x.unfold(0, 2, 1).mul_(3)
    x.unfold(0, 2, 2).mul_(3)
    assert x.tolist() == [3, 6, 9, 12]


@pytest.mark.parametrize(("view", "overlapping"), [
    (lambda x: x.diagonal(0, 1, 2), False), (lambda x: x[::2, :, 1:].transpose(0, 2), False),
    (lambda x: x.movedim(0, -1), False),
    (lambda x: x[:, :1].expand(4, 3, 5), True), (lambda x: x.unfold(2, 3, 2), True),
    (lambda x: x.unfold(2, 2, 2), False), (lambda x: x[:0].expand(0, 3, 5), False),
])  # fmt: skip
def test_elements_that_are_one_number_in_memory(view, overlapping):
    part = view(minigrad.zeros(4, 3, 5))
    assert memory.overlaps(part.value) == overlapping

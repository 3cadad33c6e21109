import numpy as np
import pytest

import minigrad
from minigrad.autograd import gradcheck
from models.rnn import CELLS, GRU, LSTM, RNN, each, hidden

BATCH, TIME, INPUT, HIDDEN = 3, 5, 4, 6


@pytest.fixture
def rnn():
    return RNN(INPUT, HIDDEN).double()


@pytest.fixture
def x():
    return minigrad.randn(BATCH, TIME, INPUT, dtype=minigrad.float64)


@pytest.fixture
def h():
    return minigrad.randn(BATCH, HIDDEN, dtype=minigrad.float64)


def test_each_state_follows_the_formula(rnn, x, h):
    hs, last = rnn(x, h)
    assert hs.shape == (BATCH, TIME, HIDDEN)
    W_x, b, W_h = (
        part.detach().numpy() for part in (rnn.input.weight, rnn.input.bias, rnn.hidden.weight)
    )
    state = h.numpy()
    for t in range(TIME):
        state = np.tanh(x.numpy()[:, t] @ W_x.T + state @ W_h.T + b)
        np.testing.assert_allclose(hs.detach().numpy()[:, t], state, rtol=0, atol=1e-14)
    assert minigrad.equal(last, hs[:, -1])


def test_a_state_knows_only_what_was_read(rnn, x, h):
    hs, _ = rnn(x, h)
    later = x.numpy().copy()
    later[:, 3:] += 1
    changed, _ = rnn(minigrad.tensor(later), h)
    assert minigrad.equal(changed[:, :3], hs[:, :3])
    assert (changed[:, 3:] != hs[:, 3:]).all()


def test_reading_can_be_interrupted(rnn, x, h):
    hs, last = rnn(x, h)
    first, between = rnn(x[:, :2], h)
    second, end = rnn(x[:, 2:], between)
    assert minigrad.allclose(minigrad.cat([first, second], 1), hs, rtol=0, atol=1e-14)
    assert minigrad.allclose(end, last, rtol=0, atol=1e-14)


def test_gradients_are_the_derivatives(rnn, x, h):
    x, h = x.requires_grad_(), h.requires_grad_()
    assert gradcheck(rnn, (x, h))


def test_pytorchs_own_layer_agrees(torch, rnn, x, h):
    theirs = torch.nn.RNN(INPUT, HIDDEN, batch_first=True).double()
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.tensor(rnn.input.weight.detach().numpy()))
        theirs.weight_hh_l0.copy_(torch.tensor(rnn.hidden.weight.detach().numpy()))
        theirs.bias_ih_l0.copy_(torch.tensor(rnn.input.bias.detach().numpy()))
        theirs.bias_hh_l0.zero_()
    hs, last = rnn(x, h)
    their_hs, their_last = theirs(torch.tensor(x.numpy()), torch.tensor(h.numpy())[None])
    np.testing.assert_allclose(hs.detach().numpy(), their_hs.detach(), rtol=0, atol=1e-13)
    np.testing.assert_allclose(last.detach().numpy(), their_last[0].detach(), rtol=0, atol=1e-13)

    (hs * hs).sum().backward()
    (their_hs * their_hs).sum().backward()
    for ours, other in (
        (rnn.input.weight, theirs.weight_ih_l0),
        (rnn.hidden.weight, theirs.weight_hh_l0),
        (rnn.input.bias, theirs.bias_ih_l0),
    ):
        np.testing.assert_allclose(ours.grad.numpy(), other.grad, rtol=0, atol=1e-12)


# Gates.

NAMES = {
    "input.weight": "weight_ih_l0",
    "input.bias": "bias_ih_l0",
    "hidden.weight": "weight_hh_l0",
    "hidden.bias": "bias_hh_l0",
}


def start(layer):
    """A state before the first word, (batch, hidden) or a pair of these."""
    size = layer.VECTORS * HIDDEN
    return layer.state(minigrad.randn(BATCH, size, dtype=minigrad.float64))


def tensors(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("framework", ["minigrad", "torch"])
@pytest.mark.parametrize("name", ["GRU", "LSTM"])
def test_gates_are_those_of_the_built_in_layers(request, framework, name, x):
    other = minigrad if framework == "minigrad" else request.getfixturevalue("torch")
    mine = CELLS[name.lower()](INPUT, HIDDEN).double()
    theirs = getattr(other.nn, name)(INPUT, HIDDEN, batch_first=True).double()
    weights = mine.state_dict()
    theirs.load_state_dict(
        {NAMES[key]: other.tensor(value.numpy()) for key, value in weights.items()}
    )
    state = start(mine)
    states, last = mine(x.requires_grad_(), each(lambda s: s.requires_grad_(), state))

    their_x = other.tensor(x.detach().numpy()).requires_grad_()
    their_state = [other.tensor(s.detach().numpy()).requires_grad_() for s in tensors(state)]
    given = [s[None] for s in their_state]
    hs, their_last = theirs(their_x, given[0] if len(given) == 1 else tuple(given))
    pairs = [
        (hidden(states), hs),
        *zip(tensors(last), [s[0] for s in tensors(their_last)], strict=True),
    ]

    sum((a * a).sum() for a, _ in pairs).backward()
    sum((b * b).sum() for _, b in pairs).backward()
    pairs += [(p.grad, getattr(theirs, NAMES[key]).grad) for key, p in mine.named_parameters()]
    pairs += [
        (a.grad, b.grad) for a, b in zip((x, *tensors(state)), (their_x, *their_state), strict=True)
    ]
    for a, b in pairs:
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=0, atol=1e-12)
    assert len(pairs) == {"GRU": 2 + 4 + 2, "LSTM": 3 + 4 + 3}[name]


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradients_of_every_layer_are_the_derivatives(cell, x):
    layer = CELLS[cell](INPUT, HIDDEN).double()
    parts = tensors(start(layer))
    inputs = [t.requires_grad_() for t in (x[:, :3], *parts)]

    def outputs(x, *state):
        states, last = layer(x, state if len(state) > 1 else state[0])
        return (*tensors(states), *tensors(last))

    assert gradcheck(outputs, inputs)


@pytest.mark.parametrize("cell", CELLS)
def test_the_states_of_all_words_end_with_the_last_one(cell, x):
    layer = CELLS[cell](INPUT, HIDDEN).double()
    states, last = layer(x, start(layer))
    assert len(tensors(states)) == len(tensors(last)) == layer.VECTORS
    for whole, end in zip(tensors(states), tensors(last), strict=True):
        assert whole.shape == (BATCH, TIME, HIDDEN)
        assert minigrad.equal(whole[:, -1], end)


def test_a_gate_can_keep_the_state():
    """With the update gate open, or the forget gate alone, nothing changes over 50 words."""
    x = minigrad.randn(BATCH, 50, INPUT, dtype=minigrad.float64)
    gru, lstm = GRU(INPUT, HIDDEN).double(), LSTM(INPUT, HIDDEN).double()
    with minigrad.no_grad():
        gru.input.bias[HIDDEN : 2 * HIDDEN] = 100.0  # z
        lstm.input.bias[: 2 * HIDDEN] = 100.0  # f, and i
        lstm.input.bias[:HIDDEN] = -100.0  # i
    h = start(gru)
    assert minigrad.allclose(gru(x, h)[1], h, rtol=0, atol=1e-12)
    _, c = state = start(lstm)
    assert minigrad.allclose(lstm(x, state)[1][1], c, rtol=0, atol=1e-12)


def test_one_function_for_all_tensors_of_states():
    a, b = minigrad.tensor([1.0]), minigrad.tensor([2.0])
    assert each(lambda x, y: (x + y).item(), (a, (b, None, ())), (b, (b, None, ()))) == (
        3.0,
        (4.0, None, ()),
    )
    with pytest.raises(ValueError, match="zip"):
        each(lambda x, y: x, (a, b), (a,))

import numpy as np
import pytest

import minigrad
from minigrad.autograd import gradcheck
from models.rnn import RNN

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

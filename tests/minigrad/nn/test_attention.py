"""scaled_dot_product_attention: what is masked, and special numbers, beside PyTorch."""

import functools
import math

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad.nn import functional as F

inf = float("inf")
Q, K, V = draw(2, 3, 5), draw(2, 4, 5), draw(2, 4, 6)


def attend(library, q, k, v, *mask, **settings):
    """Attention; a mask gets no gradient, because not every kernel of PyTorch computes one."""
    attention = library.nn.functional.scaled_dot_product_attention
    return attention(q, k, v, *[m.detach() for m in mask], **settings)


def test_attention_is_the_formula():
    q, k, v = (minigrad.tensor(x) for x in (Q, K, V))
    weights = minigrad.softmax(q @ k.mT / math.sqrt(5), dim=-1)
    found = F.scaled_dot_product_attention(q, k, v)
    np.testing.assert_allclose(found.value, (weights @ v).value, rtol=1e-12)
    np.testing.assert_allclose(weights.sum(-1).value, 1)


def test_attention_drops_weights():
    values = minigrad.eye(50)
    weights = F.scaled_dot_product_attention(
        minigrad.zeros(40, 8), minigrad.zeros(50, 8), values, dropout_p=0.25
    ).value
    assert (weights == 0).mean() == pytest.approx(0.25, abs=0.04)
    np.testing.assert_allclose(weights[weights > 0], 1 / 50 / 0.75, rtol=1e-5)


def test_causal_attention_sees_no_future():
    q, k, v = (minigrad.tensor(draw(4, 3, seed=s), requires_grad=True) for s in range(3))
    F.scaled_dot_product_attention(q, k, v, is_causal=True)[1].sum().backward()
    for x in (k, v):
        assert (x.grad.value[2:] == 0).all()
        assert (x.grad.value[:2] != 0).any()


@pytest.mark.parametrize(
    "mask", [[[True, False], [False, False]], [[0.0, -inf], [-inf, -inf]]], ids=["bool", "float"]
)
def test_a_query_with_everything_masked_gets_zeros(torch, mask):
    """As in PyTorch: where a mask leaves no position to attend to, the output is 0 and not nan."""
    agree(torch, attend, *(draw(2, 3, seed=s) for s in range(3)), np.array(mask), order=1)


def special(shape, place, value):
    array = draw(*shape)
    array[place] = value
    return array


@pytest.mark.parametrize("value", [inf - inf, inf, -inf, 1e30, -1e30])
@pytest.mark.parametrize("place", [(0, 1), 0, (slice(None), 0)])
def test_special_numbers_in_a_mask_as_torch(torch, value, place):
    """A NaN in a mask gives NaN: it is not a position that is masked."""
    mask = special((3, 4), place, value)
    arrays = [Q[0], K[0], V[0], mask]
    agree(torch, attend, *arrays, order=1)
    agree(torch, attend, *[x.astype(np.float32) for x in arrays], order=1, rtol=1e-5)


@pytest.mark.parametrize("value", [inf - inf, inf, -inf])
@pytest.mark.parametrize("where", range(3))
@pytest.mark.parametrize("settings", [{}, {"is_causal": True}, {"mask": "bool"}, {"mask": "float"}])
def test_special_numbers_as_torch_also_where_they_are_masked(torch, value, where, settings):
    arrays = [x.copy() for x in (Q[0], K[0], V[0])]
    arrays[where][0, 0] = value
    mask = np.array([[False, True, True, True]] * 3)
    mask = np.where(mask, 0, -inf) if settings.get("mask") == "float" else mask
    given = [mask] if "mask" in settings else []
    settings = {k: v for k, v in settings.items() if k != "mask"}
    agree(torch, functools.partial(attend, **settings), *arrays, *given, order=1)


def test_attention_without_features_is_the_mean():
    v = minigrad.tensor(V[0])
    y = F.scaled_dot_product_attention(
        minigrad.zeros(3, 0).double(), minigrad.zeros(4, 0).double(), v
    )
    np.testing.assert_allclose(y.value, np.tile(V[0].mean(0), (3, 1)))

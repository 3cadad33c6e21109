"""The scale: arrows are wider and darker the larger their gradient, and the legend says so."""

import re

import numpy as np
import pytest
from drawn import words

import minigrad
from minigrad.draw import draw, scale


def test_a_gradient_that_vanishes_can_be_seen():
    y = minigrad.tensor(1.0, requires_grad=True)
    for _ in range(8):
        y = (0.1 * y).tanh()
    y.backward()
    lines = [line for line in draw(y).source.splitlines() if " -> " in line]
    widths = [float(line.split("penwidth=")[1].split("]")[0]) for line in lines]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    assert "along an arrow" in draw(y).source
    assert all(f'BGCOLOR="{color}"' in draw(y).source for color in scale.GRADIENT)


def test_arrows_that_look_alike_have_no_legend():
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x + 1
    y.backward()
    assert "penwidth" not in draw(y).source
    assert "along an arrow" not in draw(y).source


def test_gradients_of_zero_and_nan_look_different():
    x = minigrad.tensor(1.0, requires_grad=True)
    w = minigrad.tensor(0.0, requires_grad=True)
    with np.errstate(all="ignore"):
        y = w.sqrt() * 0.5 + (x * 0.0) * 3.0 + x * 1e-9
    y.backward()
    source = draw(y).source
    assert "style=dotted" in source
    assert 'color="#b91c1c"' in source
    assert "style=dashed" in source


def test_large_gradients_show_their_size():
    x = minigrad.zeros(25, requires_grad=True)
    loss = (x * 1e20).sum()
    loss.backward()
    shown = words(draw(loss))
    i = shown.index("(25,)")
    assert shown[i : i + 5] == ["(25,)", "value", "all 0", "grad", "all 1e+20"]
    assert "≥ 3.6e+16" in shown  # one step below the norm, 5e+20; its square overflows float32


def shades(drawing):
    """The widths of the arrows of a drawing, without repetition."""
    return set(re.findall(r"penwidth=([\d.]+)", drawing.source))


@pytest.mark.parametrize("factor", [1.5, 3.0, 0.1, 1e-3])
def test_gradients_of_any_range_take_all_shades(factor):
    """Whole powers of ten per shade left two shades for norms from 1 to 45."""
    y = minigrad.tensor(1.0, requires_grad=True)
    for _ in range(12):
        y = factor * y
    y.backward()
    assert len(shades(draw(y))) == 5


def test_a_gradient_far_away_leaves_the_shades_to_the_others():
    """Of a softmax, that of a bias added to all scores is rounding error."""
    xs = [minigrad.tensor(1.0, requires_grad=True) for _ in range(12)]
    y = sum(x * 2.0**i for i, x in enumerate(xs)) + xs[0] * 1e-12
    y.backward()
    assert len(shades(draw(y))) == 5


def test_the_styles_of_arrows_are_explained():
    x = minigrad.tensor(1.0, requires_grad=True)
    y = (x * 0.0) * 3.0 + x * 2.0
    y.backward()
    assert "dotted arrow: gradient 0" in draw(y).source
    assert "not finite" not in draw(y).source

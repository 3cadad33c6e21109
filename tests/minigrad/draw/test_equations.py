"""Calls as equations, as the page says a step."""

import minigrad
from minigrad.draw.equations import equation
from minigrad.draw.scene import Scene


def equations(output, names):
    scene = Scene.of(output, names)
    return [equation(node, scene) for node in scene.made]


def test_numbers_are_put_in():
    x, y = (minigrad.tensor(n, requires_grad=True) for n in (2.0, -3.0))
    s = x + y
    out = (s * x - 1).tanh() ** 2
    assert equations(out, {"x": x, "y": y, "s": s}) == [
        "s = 2 + (−3) = −1",
        "(−1) · 2 = −2",
        "(−2) − 1 = −3",
        "tanh(−3) = −0.9951",
        "(−0.9951) ** 2 = 0.9901",
    ]


def test_tensors_have_names_and_shapes():
    x, w = minigrad.randn(3, 4), minigrad.randn(4, 2, requires_grad=True)
    h = x @ w
    assert equations((h * 0.5).sum(), {"x": x, "w": w, "h": h}) == [
        "h (3, 2) = x (3, 4) @ w (4, 2)",
        "(3, 2) = h (3, 2) · 0.5",
        "a number = sum((3, 2))",
    ]

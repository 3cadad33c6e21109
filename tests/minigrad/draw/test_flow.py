"""The gradients in a drawing: those in `.grad`, those of another sweep, and those of each use."""

import numpy as np
import pytest
from drawn import label, small_graph, words

import minigrad
from minigrad.draw import draw, flow
from minigrad.draw.scene import Scene


def test_without_backward_there_are_no_gradients():
    _, _, y = small_graph()
    assert "grad" not in draw(y).source


def test_every_tensor_shows_its_gradient_and_nothing_is_changed():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    squares = x * x
    loss = squares.sum()
    loss.backward()
    drawing = draw(loss, names={"x": x, "squares": squares})
    assert "".join(words(drawing)).count("grad") == 3
    assert words(drawing)[:8] == ["x", "(2,)", "value", "1", "2", "grad", "2", "4"]
    assert squares.grad is None
    assert loss.grad is None
    assert x.grad.tolist() == [2, 4]


def test_leaves_show_the_grad_they_have():
    x = minigrad.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    y.backward()
    assert words(draw(y, names={"x": x}))[:5] == ["x", "value", "3", "grad", "12"]


def test_without_a_single_number_only_existing_grads_are_shown():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    y.sum().backward()
    assert words(draw(y, names={"x": x})).count("grad") == 1


def test_data_has_no_gradient():
    x, w = minigrad.tensor(2.0), minigrad.tensor(3.0, requires_grad=True)
    y = x * w
    y.backward()
    assert "grad" not in label(draw(y), "t0")
    assert "grad" in label(draw(y), "t1")


def test_the_gradient_is_a_graph_too():
    x = minigrad.tensor(0.5, requires_grad=True)
    y = x.tanh()
    y.backward(create_graph=True)
    drawing = draw(x.grad, names={"x": x, "y": y})
    shown = words(drawing)
    for word in ("x", "y", "x.grad", "mul", "sub", "(1, ·)", f"{1 - np.tanh(0.5) ** 2:.4g}"):
        assert word in shown
    assert "grad" not in shown  # x.grad is part of the graph, not shown as a gradient in it


def test_a_second_derivative_shows_its_gradients():
    x = minigrad.tensor(2.0, requires_grad=True)
    (slope,) = minigrad.autograd.grad(x**3, x, create_graph=True)
    slope.backward()
    shown = words(draw(slope, names={"x": x}))
    i = shown.index("x")
    assert shown[i : i + 5] == ["x", "value", "2", "grad", "12"]


def test_gradients_of_several_passes_are_not_mixed():
    """Only what is in `.grad` is shown: the gradients of one pass would not match it."""
    w = minigrad.tensor(1.0, requires_grad=True)
    y = w * 2.0
    y.backward()
    y.backward()
    source = draw(y, names={"w": w}).source
    assert source.count(">grad<") == 1


def test_the_old_gradient_of_a_frozen_tensor_is_not_shown():
    x, a = minigrad.ones(2, requires_grad=True), minigrad.ones(2, requires_grad=True)
    a.grad = minigrad.ones(2)
    a.requires_grad_(False)
    assert "grad" not in draw((x * a).sum()).source


# --- norms -------------------------------------------------------------------------------------


def test_norms_are_those_of_the_gradients_that_rules_return():
    x = minigrad.tensor([3.0, 4.0], requires_grad=True)
    y = x * x
    loss = y.sum()
    loss.backward()
    assert Scene.of(loss).norms == {(y, 0): 5.0, (y, 1): 5.0, (loss, 0): pytest.approx(np.sqrt(2))}
    assert np.linalg.norm(x.grad.numpy()) == 10.0


def test_the_norm_of_a_large_gradient_is_finite():
    w = minigrad.tensor(np.linspace(1, 2, 20), requires_grad=True)
    y = (w * 1e200).sum()
    y.backward()
    assert "not finite" not in draw(y).source
    assert "dashed" not in draw(y).source
    assert flow.norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert np.isnan(flow.norm(np.array([np.nan, 1.0])))
    assert flow.norm(np.zeros(0)) == 0


# --- a recorded backward pass ------------------------------------------------------------------


def test_a_recorded_backward_op_has_the_place_of_its_forward_op():
    x = minigrad.tensor(2.0, requires_grad=True)
    y = x * x
    z = y * x
    z.backward(create_graph=True)

    def instruction(node):
        return flow.place_of(node).instruction

    found = {instruction(node) for node in flow.tensors({x.grad}) if node.call}
    assert {instruction(y), instruction(z)} <= found
    assert instruction(x * 2) not in found

    with pytest.raises(RuntimeError, match="only a single number"):
        minigrad.stack([x, x]).backward(create_graph=True)
    assert instruction(x + 1) not in found

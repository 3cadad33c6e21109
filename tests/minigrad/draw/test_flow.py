"""The gradients in a drawing: those in `.grad`, those of another sweep, and those of each use."""

import numpy as np
import pytest
from drawn import label, small_graph, words

import minigrad
from minigrad import nn
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
    assert words(drawing).count("grad") == 3
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


def twice(loss, *_):
    loss.backward()
    loss.backward()


def clipped(loss, *leaves):
    loss.backward()
    nn.utils.clip_grad_norm_(leaves, 1e-3)


def scaled(loss, *_):
    (loss / 4).backward()


def zeroed(loss, *leaves):
    loss.backward()
    leaves[0].grad.zero_()


def of_another_loss(loss, *leaves):
    (loss + leaves[0].sum() * 7).backward()


def infinite(loss, *leaves):
    loss.backward()
    leaves[0].grad.fill_(float("inf"))


CHANGED = [twice, clipped, scaled, zeroed, of_another_loss, infinite]


@pytest.mark.parametrize("backward", CHANGED)
def test_no_gradient_is_lost_when_grad_is_not_that_of_the_pass(backward):
    """Leaves have their `.grad`, all else a pass from the output, and a note says so."""
    w, b = minigrad.randn(3, 2, requires_grad=True), minigrad.randn(2, requires_grad=True)
    h = minigrad.randn(4, 3) @ w
    loss = (h + b).tanh().sum()
    outputs = backward(loss, w, b) or loss
    scene = Scene.of(outputs, {"w": w, "b": b})
    (expected,) = minigrad.autograd.grad(loss, h)
    np.testing.assert_array_equal(scene.gradients[h], expected.numpy())
    assert set(scene.gradients) == {x for x in scene.values if x.requires_grad}
    assert scene.norms[h, 1] == pytest.approx(np.linalg.norm(minigrad.autograd.grad(loss, w)[0]))
    for leaf in (w, b):
        np.testing.assert_array_equal(scene.gradients[leaf], leaf.grad.numpy())
    assert w in scene.differing
    assert scene.note.startswith("The .grad of w ")
    assert scene.note.endswith("All other gradients are those of this pass.")
    assert draw(outputs, names={"w": w}).note != ""


def test_only_some_outputs_were_gone_back_from():
    """The gradients are those of these outputs, and a note says which; the others need not be 1."""
    a, b = (minigrad.randn(2, requires_grad=True) for _ in range(2))
    h = a * b
    one, other = h.sum(), (h * h).sum() + b.sum()
    names = {"one": one, "other": other, "h": h}
    one.backward()
    for outputs in ((one, other), (other, one), (one, h), (one, h, other)):
        scene = Scene.of(outputs, names)
        (expected,) = minigrad.autograd.grad(one, h)
        np.testing.assert_array_equal(scene.gradients[h], expected.numpy())
        assert (one, 0) in scene.norms
        assert not scene.differing
        assert other not in scene.gradients
        left = " and ".join(name for name in ("h", "other") if names[name] in set(outputs))
        assert scene.note == (
            f"The gradients are those of a backward pass from one alone, not from {left}."
        )
    other.backward()
    scene = Scene.of((one, other), names)
    assert scene.note == ""
    assert scene.gradients[other] == scene.gradients[one] == 1


def test_an_output_without_a_common_leaf_was_not_gone_back_from():
    a, b = (minigrad.randn(2, requires_grad=True) for _ in range(2))
    one, other = a.exp().sum(), b.exp().sum()
    other.backward()
    scene = Scene.of((one, other), {"one": one, "other": other})
    assert a not in scene.gradients
    assert scene.note.endswith("from other alone, not from one.")


@pytest.mark.parametrize("dtype", [minigrad.float32, minigrad.float64])
def test_the_same_pass_needs_no_note(dtype):
    x, w = (minigrad.randn(50, 50, dtype=dtype, requires_grad=True) for _ in range(2))
    loss = (x @ w).softmax(-1).log().mean() * 1e-12
    loss.backward()
    assert Scene.of(loss).note == ""
    (loss * 1.0).backward()
    assert "The .grad of 2 tensors is not from this" in Scene.of(loss).note
    w.grad = None
    x.grad /= 2
    assert Scene.of(loss).note == ""


def test_a_retained_gradient_is_shown_as_it_is():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    h.retain_grad()
    loss = (h * h).sum()
    loss.backward()
    loss.backward()
    scene = Scene.of(loss, {"h": h})
    assert scene.gradients[h].tolist() == h.grad.tolist() == [12, 24]
    assert scene.gradients[loss] == 1
    assert "The .grad of 2 tensors" in scene.note


def test_gradients_set_by_hand_are_shown_without_a_note():
    """As in chapter 2, where every tensor gets the gradient that a walk has brought it."""
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    loss = h.sum()
    by_hand = {x: [7.0, 7.0], h: [5.0, 5.0], loss: 4.0}
    for node, g in by_hand.items():
        node.grad = minigrad.tensor(g)
    scene = Scene.of(loss)
    assert {node: g.tolist() for node, g in scene.gradients.items()} == by_hand
    assert scene.norms[h, 0] == pytest.approx(3 * np.hypot(5, 5))
    assert scene.note == ""


def test_the_tensors_in_a_note_have_names():
    leaves = {name: minigrad.tensor(1.0, requires_grad=True) for name in "abcd"}
    a, b, c, d = leaves.values()
    loss = a * b * c * d
    loss.backward()
    a.grad = a.grad * 2
    assert "The .grad of a is not" in Scene.of(loss, leaves).note
    b.grad = b.grad * 2
    c.grad = c.grad * 2
    assert "The .grad of a, b and c is not" in Scene.of(loss, leaves).note
    d.grad = d.grad * 2
    assert "The .grad of 4 tensors is not" in Scene.of(loss, leaves).note
    assert "The .grad of 4 tensors is not" in Scene.of(loss).note


def test_gradients_that_cannot_be_known_are_mentioned():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    assert Scene.of(y).note == ""
    y.sum().backward()
    assert "Only the gradients in .grad are known: to see the others, draw" in Scene.of(y).note


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

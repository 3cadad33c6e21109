"""Groups: rolling up is decided for a kind of module as a whole; backward passes have modules."""

import pytest
from drawn import Reader

import minigrad
from minigrad import nn
from minigrad.draw import draw
from minigrad.draw.groups import Back
from minigrad.draw.scene import Scene
from minigrad.draw.view import view


class Loop(nn.Module):
    """A loop whose first step leaves something out."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x, steps):
        h = x
        for t in range(steps):
            h = self.layer(h).tanh()
            if t:
                h = h + x
        return h


class Two(nn.Module):
    """The same kind of loop, with few steps and with many."""

    def __init__(self):
        super().__init__()
        self.short, self.long = Loop(), Loop()

    def forward(self, x):
        return self.long(self.short(x, 4), 30).sum()


def counts(seen, kind):
    """The number of ops in each box of ops of one kind."""
    return sorted(
        len(box.nodes)
        for box in seen.boxes
        if box.kind == "op" and box.nodes[0].call.op.__name__ == kind
    )


def test_a_kind_of_loop_is_rolled_up_wherever_it_is_called():
    """An encoder of 4 words was drawn word by word beside a decoder of 5 in one box."""
    loss = Two()(minigrad.ones(1, 2))
    seen = view(Scene.of(loss), depth=9)
    assert counts(seen, "tanh") == counts(seen, "linear") == [4, 30]
    assert counts(seen, "add") == [3, 29]
    assert [len(group.calls) for group in seen.groups() if group.name == "layer"] == [4, 30]


@pytest.mark.parametrize("steps", [4, 5, 6])
def test_all_ops_of_a_loop_are_rolled_up_or_none(steps):
    """Of five steps, an op that the first one leaves out was drawn four times."""
    seen = view(Scene.of(Loop()(minigrad.ones(1, 2), steps).sum()), depth=9)
    if steps > 4:
        assert (counts(seen, "tanh"), counts(seen, "add")) == ([steps], [steps - 1])
    else:
        assert (counts(seen, "tanh"), counts(seen, "add")) == ([1] * 4, [1] * 3)


@pytest.mark.parametrize("steps", [10, 30, 60])
def test_unroll_unrolls_graphs_of_more_boxes_than_fit_a_page_too(steps):
    """With thirty steps there were six boxes: the model was folded."""
    model = Reader()
    loss = model(minigrad.randn(steps, 3))
    drawing = draw(loss, names=model, unroll=True)
    assert drawing.boxes > 5 * steps
    assert drawing.source.count("<B>tanh</B>") == steps + 1  # and that of the output
    assert drawing.note == ""


def test_unroll_says_what_it_folds_nevertheless(monkeypatch):
    monkeypatch.setitem(view.__globals__, "LARGEST", 100)
    model = Reader()
    drawing = draw(model(minigrad.randn(30, 3)), names=model, unroll=True)
    assert drawing.boxes <= 100
    assert drawing.note == (
        "Modules below depth 1 are folded: opened, and step by step, they would be more than "
        "100 boxes."
    )
    assert drawing.note in repr(drawing)
    assert "Modules below depth 1" in drawing.source


# --- a recorded backward pass ------------------------------------------------------------------


def test_the_backward_pass_is_folded_by_module_as_the_forward_pass():
    """It was outside all modules: more than two hundred boxes for a small model."""
    model = Reader()
    loss = model(minigrad.randn(30, 3))
    back = draw(loss, names=model, depth=1, backward=True)
    forward = draw(loss, names=model, depth=1)
    assert back.boxes <= 3 * forward.boxes
    seen = view(Scene.of(loss, model, backward=True), depth=1)
    folded = [box.inside.name for box in seen.boxes if box.kind == "module"]
    assert folded == ["cells.0", "out", "out backward", "cells.0 backward"]
    assert [group.name for group in seen.groups()] == ["Reader", "Reader backward"]
    assert "‖grad‖" in back.source
    for box in seen.boxes:
        if box.inside and isinstance(box.inside.calls[0], Back):
            assert all(seen.scene.is_backward(node) for node in box.nodes)


def test_a_parameter_that_its_rule_uses_again_is_in_the_folded_module():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    loss = model(minigrad.ones(1, 2, requires_grad=True)).sum()
    seen = view(Scene.of(loss, model, backward=True), depth=1)
    assert sum(len(box.parameters) for box in seen.boxes) == 4
    names = {(arrow.tail.kind, arrow.head.kind) for arrow in seen.arrows}
    assert ("module", "module") in names

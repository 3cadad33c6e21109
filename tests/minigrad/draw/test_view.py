"""The view: nothing of a graph is lost, whatever is folded or rolled up."""

import numpy as np
import pytest
from drawn import Cell, Reader
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn
from minigrad.draw import draw, flow, sources
from minigrad.draw.scene import Scene
from minigrad.draw.view import BOXES, PLAIN, _Builder, view
from minigrad.graph import Node


def graph(loss):
    return flow.tensors({loss})


def scene(outputs, names):
    return Scene({node: node.value for node in flow.tensors(outputs)}, outputs, names)


def seen(loss, model=None, **options):
    names = {module: name for name, module in model.named_modules() if name} if model else {}
    return view(scene({loss}, names), **options)


def assert_nothing_is_lost(nodes, found, outputs):
    """Every tensor and op is a box or in one; every use of a tensor is an arrow or in a box."""
    makers, holders = {}, {}
    for box in found.boxes:
        for node in box.nodes:
            place = holders if box.kind == "tensor" else makers
            assert node not in place  # only once
            place[node] = box
        for node in box.parameters:
            assert node not in holders
            holders[node] = box
    arrows = {(arrow.tail, arrow.head) for arrow in found.arrows}
    drawn = [use for arrow in found.arrows for use in arrow.uses if use]
    uses = set(drawn)
    assert len(uses) == len(drawn)
    for node in nodes:
        assert node in holders or node in makers
        if node in outputs:
            assert holders[node].kind == "tensor"
        if not node.call:
            continue
        if node in holders:
            assert (makers[node], holders[node]) in arrows
        for j, x in enumerate(node.call.inputs):
            if isinstance(x, Node):
                tail, head = holders.get(x) or makers[x], makers[node]
                drawn = (tail, head) in arrows and (node, j) in uses
                assert drawn or tail is head


# --- nothing is lost ---------------------------------------------------------------------------


OPTIONS = [
    {},
    {"depth": 0},
    {"depth": 1},
    {"depth": 2},
    {"depth": 9},
    {"unroll": True},
    {"unroll": True, "depth": 1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("steps", "cells"), [(2, 1), (3, 3), (20, 2)])
def test_nothing_of_a_model_is_lost(options, steps, cells):
    model = Reader(cells=cells)
    loss = model(minigrad.randn(steps, 3))
    found = seen(loss, model, **options)
    assert_nothing_is_lost(graph(loss), found, {loss})


def nested(depth, width=1):
    """A module inside a module, and so on; each calls the inner one `width` times."""
    model = nn.Tanh()
    for _ in range(depth):
        model = nn.Sequential(*[model] * width, nn.Tanh())
    return model


def test_as_deep_as_fits_is_found_without_trying_every_depth(monkeypatch):
    model = nested(200)
    y = model(minigrad.ones(1, requires_grad=True))
    tried, build = [], _Builder.build
    monkeypatch.setattr(_Builder, "build", lambda self: tried.append(self.depth) or build(self))
    assert len(seen(y, model).boxes) == BOXES
    assert len(tried) < 12


@settings(max_examples=60, deadline=None)
@given(data=st.data(), depth=st.none() | st.integers(0, 3), unroll=st.booleans())
def test_nothing_of_a_random_graph_is_lost(data, depth, unroll):
    modules = [nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.Tanh()), Cell(2)]
    values = [minigrad.ones(2, 2, requires_grad=i % 2 == 0) for i in range(3)]
    for _ in range(data.draw(st.integers(1, 30))):
        kind, i, j = (data.draw(st.integers(0, n)) for n in (6, len(values) - 1, len(values) - 1))
        x, y = values[i], values[j]
        made = [x + y, x * y, x @ y, x * np.ones((2, 2), np.float32), None, None, None][kind]
        if kind >= 4:
            module = modules[kind - 4]
            made = module(x, y) if isinstance(module, Cell) else module(x)
        values.append(made)
    outputs = {values[-1], values[-2]}
    nodes, drawn = flow.tensors(outputs), scene(outputs, {})
    assert_nothing_is_lost(nodes, view(drawn, depth, unroll), outputs)
    counts = [len(view(drawn, depth, unroll).boxes) for depth in range(5)]
    assert counts == sorted(counts)  # by which `view` finds the depth that fits


# --- folded and rolled up ----------------------------------------------------------------------


@pytest.mark.parametrize("steps", [10, 30, 100])
def test_the_number_of_boxes_does_not_depend_on_the_length_of_the_text(model, steps):
    found = [seen(model(minigrad.randn(n, 3)), model) for n in (steps, 2 * steps)]
    assert len(found[0].boxes) == len(found[1].boxes) <= BOXES
    (cell,) = [group for group in found[0].groups() if group.name == "cells.0"]
    assert len(cell.calls) == steps
    assert f"<B>cells.0</B>&#160;Cell ×{steps}".replace("&#160;Cell", "") in draw(
        model(minigrad.randn(steps, 3)), names=model
    ).source.replace('&#160;<FONT COLOR="#475569" POINT-SIZE="10">Cell</FONT>&#160;', " ")


def test_small_graphs_are_drawn_as_they_are(model):
    loss = model(minigrad.randn(2, 3))
    found, nodes = seen(loss, model), graph(loss)
    assert sum(node.call is not None for node in nodes) <= PLAIN
    assert found.plain
    assert {node for box in found.boxes if box.kind == "tensor" for node in box.nodes} == set(nodes)
    names = {group.name for group in found.groups() if group.depth == 2}
    assert names == {"cells.0 (1)", "cells.0 (2)", "out"}


def test_a_folded_module_contains_its_own_parameters(model):
    found = seen(model(minigrad.randn(20, 3)), model, depth=1)
    folded = {box.inside.name: box for box in found.boxes if box.kind == "module"}
    assert set(folded) == {"cells.0", "out"}
    assert len(folded["cells.0"].inside.calls) == 20
    assert set(folded["cells.0"].parameters) == set(model.cells.parameters())
    assert set(folded["out"].parameters) == set(model.out.parameters())
    assert [group.name for group in found.groups()] == ["Reader"]


def test_at_depth_0_a_model_is_one_box(model):
    loss = model(minigrad.randn(20, 3))
    found = seen(loss, model, depth=0)
    assert [box.kind for box in found.boxes].count("module") == 1
    assert len(found.boxes) == 3  # with its input and the loss


def test_unrolled_every_call_is_a_box(model):
    found = seen(model(minigrad.randn(20, 3)), model, depth=1, unroll=True)
    names = [box.inside.name for box in found.boxes if box.kind == "module"]
    assert names == [*(f"cells.0 ({i})" for i in range(1, 21)), "out"]


def test_layers_are_not_rolled_up_with_each_other():
    model = nn.Sequential(*[nn.Linear(2, 2) for _ in range(40)])
    found = seen(model(minigrad.ones(1, 2)).sum(), model)
    folded = [box.inside.name for box in found.boxes if box.kind == "module"]
    assert folded == [str(i) for i in range(40)]


def test_a_loop_without_modules_is_rolled_up_too():
    x = y = minigrad.tensor(1.0, requires_grad=True)
    for _ in range(100):
        y = (y * x).tanh()
    found = seen(y)
    assert sorted(len(box.nodes) for box in found.boxes if box.kind == "op") == [100, 100]
    assert len(found.boxes) == 4
    assert len(seen(y, unroll=True).boxes) == 202


def test_a_scope_ends_with_its_call(model):
    x = minigrad.ones(2, 3, requires_grad=True)

    class Broken(nn.Module):
        def forward(self, x):
            raise KeyError("in the middle")

    with pytest.raises(KeyError):
        Broken()(x)
    y = x + 1
    assert flow.place_of(y).scope is None
    assert flow.place_of(model(x)).scope.module is model
    assert flow.place_of(x + 1).scope is None


def test_a_call_knows_the_line_of_the_reader_not_of_the_library():
    x = minigrad.ones(3, requires_grad=True)
    mean = x.mean()
    means = [mean, nn.functional.layer_norm(x, 3)]
    places = [flow.place_of(y) for y in means]
    lines = [sources.lines(place.code)[place.instruction] for place in places]
    assert [place.code.co_filename for place in places] == [__file__] * 2
    assert lines[1] == lines[0] + 1


def test_a_loop_has_one_constant_per_step():
    h = minigrad.ones(2, requires_grad=True)
    for i in range(10):
        h = h * np.array([i, i + 1.0], np.float32)
    (constant,) = [box for box in seen(h, depth=9).boxes if box.kind == "constant"]
    assert len(constant.arrays) == 10
    assert "×10" in draw(h, depth=9).source


def test_data_of_different_dtypes_gets_different_boxes():
    class Scaled(nn.Module):
        def forward(self, x, i, f):
            return x * i * f

    x = minigrad.ones(2, requires_grad=True)
    y = Scaled()(x, minigrad.tensor([1, 2]), minigrad.tensor([0.5, 1.5]))
    kinds = [box.nodes[0].dtype for box in seen(y, depth=0).boxes if box.kind == "tensor"]
    assert sorted(kind.name for kind in kinds) == ["float32", "float32", "float32", "int64"]


def test_many_modules_are_drawn_quickly_by_depth():
    model = nn.Sequential(*[nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(300)])
    assert draw(model(minigrad.ones(1, 2)).sum(), names=model, depth=1).boxes < 310

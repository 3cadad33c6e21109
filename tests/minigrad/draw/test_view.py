"""What is drawn of a graph: nothing is lost, whatever is folded or rolled up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn
from minigrad.draw import draw, flow
from minigrad.draw.view import BOXES, PLAIN, view
from minigrad.graph import Node


class Cell(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.x, self.h = nn.Linear(size, size), nn.Linear(size, size, bias=False)

    def forward(self, x, h):
        return minigrad.tanh(self.x(x) + self.h(h))


class Reader(nn.Module):
    """Reads a sequence with one cell, or with a stack of them."""

    def __init__(self, size=3, cells=1):
        super().__init__()
        self.cells = nn.ModuleList([Cell(size) for _ in range(cells)])
        self.out = nn.Sequential(nn.Linear(size, 2), nn.Tanh())

    def forward(self, xs):
        for cell in self.cells:
            h, hs = minigrad.zeros(xs.shape[1]), []
            for x in xs.unbind(0):
                h = cell(x, h)
                hs.append(h)
            xs = minigrad.stack(hs)
        return self.out(h).sum()


@pytest.fixture
def model():
    return Reader()


def graph(loss):
    return flow.tensors({loss})


def seen(loss, model=None, **options):
    names = {module: name for name, module in model.named_modules() if name} if model else {}
    return view(graph(loss), {loss}, names, **options)


def assert_nothing_is_lost(nodes, found, outputs):
    """Every tensor and op is a box or inside one, every step of the graph an arrow or inside."""
    makers, holders = {}, {}
    for box in found.boxes:
        for node in box.nodes:
            place = holders if box.kind == "tensor" else makers
            assert node not in place  # once
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
    nodes = flow.tensors(outputs)
    assert_nothing_is_lost(nodes, view(nodes, outputs, {}, depth, unroll), outputs)


@pytest.mark.parametrize("steps", [10, 30, 100])
def test_however_long_the_text_the_drawing_is_as_large(model, steps):
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


def test_a_folded_module_holds_what_is_its_own(model):
    found = seen(model(minigrad.randn(20, 3)), model, depth=1)
    folded = {box.inside.name: box for box in found.boxes if box.kind == "module"}
    assert set(folded) == {"cells.0", "out"}
    assert len(folded["cells.0"].inside.calls) == 20
    assert set(folded["cells.0"].parameters) == set(model.cells.parameters())
    assert set(folded["out"].parameters) == set(model.out.parameters())
    assert [group.name for group in found.groups()] == ["Reader"]


def test_all_of_it_in_one_box(model):
    loss = model(minigrad.randn(20, 3))
    found = seen(loss, model, depth=0)
    assert [box.kind for box in found.boxes].count("module") == 1
    assert len(found.boxes) == 3  # beside it: what it is given, and the loss


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
    assert y.call.place[0] is None
    assert model(x).call.place[0].module is model
    assert (x + 1).call.place[0] is None


def test_a_call_knows_the_line_of_the_reader_not_of_the_library():
    from minigrad.place import line_of

    x = minigrad.ones(3, requires_grad=True)
    mean = x.mean()
    means = [mean, nn.functional.layer_norm(x, 3)]
    lines = [line_of(y.call.place) for y in means]
    assert [y.call.place[1].co_filename for y in means] == [__file__] * 2
    assert lines[1] == lines[0] + 1


def test_the_model_is_not_changed_by_names(model):
    loss = model(minigrad.randn(20, 3))
    before = dict(model.named_parameters())
    draw(loss, names=model)
    assert dict(model.named_parameters()) == before


# Gradients along the arrows.


def test_flows_are_what_the_rules_hand_back():
    x = minigrad.tensor([3.0, 4.0], requires_grad=True)
    y = x * x
    loss = y.sum()
    loss.backward()
    nodes = graph(loss)
    norms = flow.flows(nodes, flow.gradients(nodes, {loss}))
    assert norms == {(y, 0): 5.0, (y, 1): 5.0, (loss, 0): pytest.approx(np.sqrt(2))}
    assert np.linalg.norm(x.grad.numpy()) == 10.0


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
    assert draw(y).source.count("BGCOLOR") == 5


def test_what_is_alike_has_no_legend():
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x + 1
    y.backward()
    assert "penwidth" not in draw(y).source
    assert "along an arrow" not in draw(y).source


def test_gradients_of_zero_and_of_no_number_differ():
    x = minigrad.tensor(1.0, requires_grad=True)
    w = minigrad.tensor(0.0, requires_grad=True)
    with np.errstate(all="ignore"):
        y = w.sqrt() * 0.5 + (x * 0.0) * 3.0 + x * 1e-9
    y.backward()
    source = draw(y).source
    assert "style=dotted" in source
    assert 'color="#b91c1c"' in source
    assert "style=dashed" in source


# The backward pass as a graph.


def test_the_backward_pass_beside_the_forward_one():
    x = minigrad.tensor(0.5, requires_grad=True)
    y = x.tanh()
    drawing = draw(y, names={"x": x, "y": y}, backward=True)
    assert x.grad is None
    for name in ("x.grad", "y.grad"):
        assert name in drawing.source
    same = [line for line in drawing.source.splitlines() if "rank=same" in line]
    assert len(same) == 2
    assert "dir=back" in drawing.source
    slope = f"{1 - np.tanh(0.5) ** 2:.4g}"
    assert slope in drawing.source


def test_what_has_no_gradient_by_itself_has_no_backward_pass():
    x = minigrad.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match=r"from single numbers .* not from .* shape \(3,\)"):
        draw(x * 2, backward=True)
    with pytest.raises(ValueError, match="that require grad"):
        draw(x.detach().sum(), backward=True)


@pytest.mark.parametrize("options", [{}, {"depth": 0}, {"depth": 2}, {"depth": 2, "unroll": True}])
def test_the_backward_pass_of_modules_can_be_laid_out(model, options, capfd):
    loss = model(minigrad.randn(12, 3))
    svg = draw(loss, names=model, backward=True, **options).svg()
    assert "out.0.weight.grad" in svg
    assert capfd.readouterr().err == ""


def test_what_is_recorded_on_the_way_back_was_called_where_its_op_was():
    x = minigrad.tensor(2.0, requires_grad=True)
    y = x * x
    z = y * x
    z.backward(create_graph=True)
    places = {node.call.place[2] for node in graph(x.grad) if node.call}
    assert {y.call.place[2], z.call.place[2]} <= places
    assert (x * 2).call.place[2] not in places

    with pytest.raises(RuntimeError, match="only a single number"):
        minigrad.stack([x, x]).backward(create_graph=True)
    assert (x + 1).call.place[2] not in places


# Names.


def test_names_of_several_modules_and_tensors():
    one, two = nn.Linear(2, 2), nn.Linear(2, 2)
    x = minigrad.ones(1, 2)
    source = draw(two(one(x)), names={"one": one, "two": two, "x": x}).source
    for name in ("one.weight", "two.bias", "one", "two"):
        assert f"<B>{name}</B>" in source
    assert ">x&#160;" in source


def test_a_name_is_kept_beside_a_folded_module():
    a, b, c = (nn.Linear(2, 2) for _ in range(3))
    h = a(minigrad.ones(1, 2))
    y = b(h) + c(h)
    assert ">h&#160;" in draw(y, names={"h": h}, depth=0).source


def test_a_loop_s_constants_are_as_many_as_its_steps():
    h = minigrad.ones(2, requires_grad=True)
    for i in range(10):
        h = h * np.array([i, i + 1.0], np.float32)
    (constant,) = [box for box in seen(h, depth=9).boxes if box.kind == "constant"]
    assert len(constant.arrays) == 10
    assert "×10" in draw(h, depth=9).source


def test_data_of_other_dtypes_is_another_box():
    class Scaled(nn.Module):
        def forward(self, x, i, f):
            return x * i * f

    x = minigrad.ones(2, requires_grad=True)
    y = Scaled()(x, minigrad.tensor([1, 2]), minigrad.tensor([0.5, 1.5]))
    kinds = [box.nodes[0].dtype for box in seen(y, depth=0).boxes if box.kind == "tensor"]
    assert sorted(map(str, kinds)) == ["float32", "float32", "float32", "int64"]


@pytest.mark.parametrize("depth", [-1, "2", 1.5])
def test_a_depth_is_a_whole_number_from_0(depth):
    with pytest.raises(ValueError, match="depth is a whole number from 0"):
        draw(minigrad.ones(1), depth=depth)


# What is not of this drawing.


def test_an_old_gradient_of_what_is_frozen_is_none_of_this_pass():
    x, a = minigrad.ones(2, requires_grad=True), minigrad.ones(2, requires_grad=True)
    a.grad = minigrad.ones(2)
    a.requires_grad_(False)
    assert "grad" not in draw((x * a).sum()).source


def test_the_page_shows_what_the_picture_shows_whatever_changes_later():
    w = minigrad.tensor([1.0, 2.0])
    drawing = draw(w)
    before = drawing.page()
    w += 1
    assert drawing.page() == before


def test_large_numbers_have_a_gradient_that_is_finite():
    w = minigrad.tensor(np.linspace(1, 2, 20), requires_grad=True)
    y = (w * 1e200).sum()
    y.backward()
    assert "not finite" not in draw(y).source
    assert "dashed" not in draw(y).source
    assert flow.norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert np.isnan(flow.norm(np.array([np.nan, 1.0])))
    assert flow.norm(np.zeros(0)) == 0


def test_many_modules_are_drawn_quickly_by_depth():
    model = nn.Sequential(*[nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(300)])
    assert draw(model(minigrad.ones(1, 2)).sum(), names=model, depth=1).boxes < 310

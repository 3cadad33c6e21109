"""The layouts of the explorer's page: the same boxes, open down to each depth; and partial sums."""

import itertools
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from explored import modules, plain, scalars, transformer

import minigrad
from minigrad import nn
from minigrad.draw import draw, labels, opened

SCRIPT = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.S)


def data_of(drawing, svg=False):
    return json.loads(SCRIPT.search(drawing.page() if svg else drawing._page(None))[1])


@pytest.mark.parametrize("svg", [False, True])
@pytest.mark.parametrize("depth", [0, 1, None])
def test_there_is_a_layout_for_each_depth(depth, svg):
    data = data_of(transformer(depth), svg)
    layouts = data["layouts"]
    assert [layout["depth"] for layout in layouts] == list(range(6))
    assert sum("svg" not in layout for layout in layouts) == 1
    for one, other in itertools.pairwise(layouts):
        assert set(one["open"]) < set(other["open"])
    for i, layout in enumerate(layouts):
        inside = {
            box["group"] for box in layout.get("boxes", data["boxes"]).values() if "group" in box
        }
        assert inside <= set(layout["open"])
        assert all(
            data["groups"][group].get("outer", -1) in {-1, *layout["open"]} for group in inside
        )
        assert i or not layout["open"]


@pytest.mark.parametrize("svg", [False, True])
def test_each_box_of_a_layout_is_in_its_picture_or_in_an_earlier_one(svg):
    drawing = transformer(1)
    page = drawing.page() if svg else drawing._page(None)
    data = json.loads(SCRIPT.search(page)[1])
    known = set(data["boxes"])
    for layout in data["layouts"]:
        if "svg" not in layout:
            continue
        picture = ElementTree.fromstring(layout["svg"])
        nodes = [
            g for g in picture.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "node"
        ]
        new = {node[0].text for node in nodes}
        assert set(layout["boxes"]) == new | set(layout["shift"])
        assert set(layout["shift"]) <= known
        known |= new
        assert len(layout["steps"]) == len(data["steps"])
        assert len(layout["tensors"]) == len(data["tensors"])
        assert set(layout["steps"]) <= set(layout["boxes"])


def test_a_folded_module_has_a_box_in_some_layout():
    data = data_of(transformer(2))
    boxes = {id: box for layout in data["layouts"] for id, box in layout.get("boxes", {}).items()}
    for group in data["groups"]:
        assert (boxes | data["boxes"])[group["box"]]["name"] == group["name"]
    assert len({group["box"] for group in data["groups"]}) == len(data["groups"])


def test_the_same_box_is_shifted_and_looks_the_same():
    drawing = modules()
    data = data_of(drawing, svg=True)
    for layout in data["layouts"]:
        for id, (x, y) in layout.get("shift", {}).items():
            assert id in data["boxes"] or id.startswith("m")
            assert abs(x) < 5000 > abs(y)


def test_layouts_with_too_many_boxes_are_left_out(monkeypatch):
    monkeypatch.setattr(opened, "MOST", 20)
    data = data_of(transformer(1))
    assert [layout["depth"] for layout in data["layouts"]] == [0, 1, 2]
    data = data_of(transformer(3))  # what is drawn is there, however large
    assert [layout["depth"] for layout in data["layouts"]] == [0, 1, 2, 3]


def test_without_modules_there_is_one_layout():
    assert len(data_of(plain()[-1])["layouts"]) == 1


def test_numbered_modules_of_two_owners_are_told_apart():
    names = [group["name"] for group in data_of(transformer())["groups"]]
    assert {"encoder.layers.0", "decoder.layers.0"} <= set(names)
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    alone = data_of(draw(model(minigrad.ones(1, 2)), names=model))
    assert [group["name"] for group in alone["groups"]] == ["Sequential", "0", "1"]


# --- how gradients add up ------------------------------------------------------------------------


def test_partial_sums_are_in_the_order_in_which_gradients_come_back():
    data = data_of(scalars())
    (s,) = [i for i, tensor in enumerate(data["tensors"]) if tensor.get("name") == "s"]
    sums = [step["sums"] for step in reversed(data["steps"]) if "sums" in step]
    assert sums == [{"0": ["3"]}, {"0": ["7"]}]
    assert data["tensors"][s]["back"] == ["7"]


def test_both_parts_of_a_square_add_up_in_one_step():
    x = minigrad.tensor([2.0, 3.0], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    data = data_of(draw(y, names={"x": x}))
    assert data["steps"][0]["sums"] == {"0": ["2", "3"], "1": ["4", "6"]}


def test_an_output_that_is_used_further_begins_with_its_own_gradient():
    x = minigrad.tensor(3.0, requires_grad=True)
    y = x * 2
    z = y * 5
    (y + z).backward()
    data = data_of(draw(y, z, names={"x": x, "y": y, "z": z}))
    (y,) = [tensor for tensor in data["tensors"] if tensor.get("name") == "y"]
    assert [step.get("sums") for step in data["steps"]] == [None, {"0": ["6"]}]
    assert y["back"] == ["6"]


@pytest.mark.parametrize(
    "array",
    [np.array(-2.5), np.arange(6.0).reshape(2, 3), np.zeros(0), np.ones(50), np.full(3, np.nan)],
)
def test_cells_are_the_texts_of_a_box(array):
    array = array.astype(np.float32)
    texts = re.findall(">([^<>]+)<", labels.tensor(array).replace("&#160;", "\xa0"))
    shape = str(array.shape) if array.ndim else None
    assert [text for text in texts if text != shape] == labels.cells(array)


def test_norms_of_arrays():
    x = minigrad.tensor([3.0, -4.0], requires_grad=True)
    (x * 1e-30).sum().backward()
    data = data_of(draw((x * 1e-30).sum(), names={"x": x}))
    norms = [array.get("norm") for array in data["arrays"]]
    assert "5" in norms
    assert "5e-30" in [step for step in norms if step] or "1.414e-30" in norms

"""The data of the explorer's page: steps, numbers, gradients, source; and that it is safe."""

import json
import re

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.draw import Drawing, draw, explorer
from minigrad.draw.scene import LONG
from minigrad.graph import Op
from minigrad.text import printable

SCRIPT = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.S)
EVIL = "<script>alert(1)</script> --> <!-- the picture --> /* the data */ \u2028 한국어 \ud800"


def data_of(drawing, svg=None):
    """The data in the page of a drawing, laid out in rows or with a given SVG."""
    return json.loads(SCRIPT.search(drawing._page(svg))[1])


def small():
    """loss = Σ tanh(x · w + b), after backward; and its drawing."""
    x = minigrad.randn(3, 4)
    w, b = (minigrad.randn(*shape, requires_grad=True) for shape in ((4, 2), (2,)))
    loss = minigrad.tanh(x @ w + b).sum()
    loss.backward()
    return x, w, b, draw(loss, names={"x": x, "w": w, "b": b})


def numbers(array):
    return np.array([float(word) for word in array["numbers"].split()]).reshape(array["shape"])


def same(array, tensor):
    return np.allclose(numbers(array), tensor.detach().numpy(), rtol=1e-3)


def by_name(data, name):
    (found,) = [tensor for tensor in data["tensors"] if tensor.get("name") == name]
    return found


# --- steps and numbers -------------------------------------------------------------------------


def test_each_call_is_a_step_in_order_of_birth():
    data = data_of(small()[-1])
    assert [step["text"] for step in data["steps"]] == ["matmul", "add", "tanh", "sum"]
    names = [data["tensors"][x].get("name") for step in data["steps"] for x in step["inputs"]]
    assert names == ["x", "w", None, "b", None, None]
    for step in data["steps"]:
        assert data["tensors"][step["out"]]["made"] == data["steps"].index(step)
        assert step["box"] in data["boxes"]


def test_the_numbers_are_the_tensors():
    x, w, b, drawing = small()
    data = data_of(drawing)
    for name, tensor in (("x", x), ("w", w), ("b", b)):
        found = by_name(data, name)
        shown = data["arrays"][found["value"]]
        assert same(shown, tensor)
        assert shown["dtype"] == "float32"
    assert same(data["arrays"][by_name(data, "w")["grad"]], w.grad)
    assert "grad" not in by_name(data, "x")
    assert [tensor["kind"] for tensor in data["tensors"]].count("leaf") == 2


def test_a_step_passes_back_the_gradients_of_its_inputs():
    _, w, b, drawing = small()
    data = data_of(drawing)
    matmul, add, *_ = data["steps"]
    ((place, to_w),) = matmul["back"]  # x gets none
    assert place == 1
    assert same(data["arrays"][to_w], w.grad)
    (_, to_sum), (_, to_b) = add["back"]
    assert data["arrays"][to_sum]["shape"] == [3, 2]
    assert same(data["arrays"][to_b], b.grad)  # summed over the rows


def test_gradients_that_come_back_twice_add_up():
    x = minigrad.tensor([2.0, 3.0], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    data = data_of(draw(y, names={"x": x}))
    parts = [numbers(data["arrays"][g]) for _, g in data["steps"][0]["back"]]
    assert np.allclose(np.add(*parts), x.grad.numpy())


def test_before_backward_there_are_no_gradients():
    x = minigrad.ones(2, requires_grad=True)
    data = data_of(draw((x * 2).sum()))
    assert not any(step["back"] for step in data["steps"])
    assert not any("grad" in tensor for tensor in data["tensors"])


def test_later_changes_do_not_reach_the_data():
    x = minigrad.ones(2, requires_grad=True)
    y = (x * x).sum()
    y.backward()
    drawing = draw(y, names={"x": x})
    before = drawing._page(None)
    with minigrad.no_grad():
        x += 1
    x.grad = None
    assert drawing._page(None) == before


def test_constants_are_inputs_too():
    x = minigrad.ones(3, requires_grad=True)
    data = data_of(draw((x * np.arange(3.0, dtype=np.float32) + 0.5).sum()))
    mul, add, _ = data["steps"]
    constant = data["tensors"][mul["inputs"][1]]
    assert constant["kind"] == "constant"
    assert data["boxes"][constant["box"]]["kind"] == "constant"
    assert add["inputs"][1] == "0.5"


def test_folded_and_rolled_up_calls_are_steps():
    layer = nn.Linear(2, 2)
    x = minigrad.ones(1, 2)
    for _ in range(40):
        x = layer(x).tanh()
    drawing = draw(x.sum(), names=layer, depth=0)
    data = data_of(drawing)
    assert len(data["steps"]) == drawing.ops == 40 * 2 + 1
    assert len(data["boxes"]) == drawing.boxes < 10
    (module,) = [id for id, box in data["boxes"].items() if box["kind"] == "module"]
    assert sum(step["box"] == module for step in data["steps"]) == 40
    assert by_name(data, "weight")["box"] == module
    assert data["boxes"][module]["calls"] == 40


def test_modules_are_groups():
    model = nn.Sequential(nn.Linear(2, 2))
    data = data_of(draw(model(minigrad.ones(1, 2)), names=model))
    assert [(group["name"], group.get("outer")) for group in data["groups"]] == [
        ("Sequential", None),
        ("0", 0),
    ]
    assert {step["scope"] for step in data["steps"]} == {"0"}


# --- arrays ------------------------------------------------------------------------------------


def test_statistics():
    array = np.array([0, 1, 2, np.nan, np.inf, -np.inf, 1], np.float32)
    assert explorer.statistics(array) == {
        "mean": "1",
        "std": "0.7071",
        "min": "0",
        "max": "2",
        "zeros": "25%",
        "nan": "1",
        "inf": "2",
    }
    assert explorer.statistics(np.array([np.nan])) == {"nan": "1"}
    assert explorer.statistics(np.array([True, False]))["mean"] == "0.5"


@pytest.mark.parametrize(
    ("shape", "rows", "columns"),
    [((65,), 1, 64), ((100, 3), 16, 3), ((3, 1000), 3, 16), ((2, 50, 50), 16, 16), ((9, 9), 9, 9)],
)
def test_a_heat_map_has_few_cells(shape, rows, columns):
    seen = explorer.heat_map(np.ones(shape))
    assert (seen["rows"], len(seen["map"])) == (rows, rows * columns)
    assert set(seen["map"]) == {explorer.LEVELS[-1]}
    assert seen["scale"] == "1"


def test_a_heat_map_is_darkest_where_the_numbers_are_largest():
    array = np.zeros((10, 10))
    array[0, 0], array[0, 1], array[0, 2], array[0, 3] = 4, -4, 2, np.nan
    cells = explorer.heat_map(array)["map"]
    levels = [explorer.LEVELS.find(cell) for cell in cells[:5]]
    assert levels == [62, 0, 47, -1, 31]
    assert explorer.heat_map(np.full((9, 9), np.inf))["map"] == explorer.BAD * 81


@pytest.mark.parametrize(
    "array",
    [np.zeros((0, 3)), np.array(7), np.arange(5), np.ones((2, 2), bool), np.full(99, np.nan)],
)
def test_every_array_has_a_summary(array):
    assert json.loads(json.dumps(explorer.summary(array), allow_nan=False))["dtype"]


# --- source ------------------------------------------------------------------------------------


def test_a_step_shows_its_rule_and_the_line_that_called_it():
    data = data_of(small()[-1])
    tanh = data["steps"][2]
    op, place = data["ops"][tanh["op"]], data["places"][tanh["place"]]
    assert op["name"] == "tanh"
    assert "np.tanh" in op["forward"]
    assert "return (g * (1 - out * out),)" in op["rule"]
    assert place["file"] == "draw/test_explorer.py"  # not the whole path
    assert place["function"] == "small"
    assert "minigrad.tanh(x @ w + b)" in place["lines"][place["line"] - place["first"]]


def test_no_path_of_this_machine_is_shown():
    page = small()[-1]._page(None)
    assert str(minigrad.__path__[0]) not in page
    assert __file__ not in page


def test_an_op_without_source():
    space = {"op": minigrad.graph.op}
    exec("@op\ndef twice(x):\n    return 2 * x\n", space)
    try:
        data = data_of(draw(space["twice"](minigrad.ones(2, requires_grad=True))))
    finally:
        del Op.registry["twice"]
    assert data["ops"] == [{"name": "twice", "forward": "", "rule": data["ops"][0]["rule"]}]


# --- the page ----------------------------------------------------------------------------------


def test_names_cannot_break_out_of_the_data():
    x = minigrad.ones(2, requires_grad=True)
    drawing = draw((x * 2).sum(), names={EVIL: x})
    for page in (drawing._page(None), drawing.page()):
        assert page.count("<script") == page.count("</script>") == 2
        assert "\u2028" not in page
        page.encode()
    assert by_name(data_of(drawing), printable(EVIL, LONG))["kind"] == "leaf"


def test_the_page_is_one_file_that_fetches_nothing(tmp_path):
    text = small()[-1].save(tmp_path / "graph.html").read_text("utf-8")
    found = set(re.findall(r"""(?:https?:)?//[\w.-]+\.\w+[^\s"'<]*""", text))
    assert found <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # only names
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:,\")|\ssrc=|@import|\bfetch\(", text)


def test_only_a_drawing_made_by_draw_can_be_explored():
    with pytest.raises(ValueError, match=r"draw\(\)"):
        Drawing("digraph {}", 0, 0).page()

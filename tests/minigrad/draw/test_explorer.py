"""The data of the explorer's page: steps, numbers, gradients, source; and that it is safe."""

import json
import linecache
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.draw import Drawing, draw, sources
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


def straight(length):
    """A program of that many lines, each with one op; and its drawing."""
    lines = [f"x = x * {1 + i / 1e6}" for i in range(length)]
    space = {"x": minigrad.tensor(1.0, requires_grad=True)}
    exec(compile("\n".join(lines), "straight.py", "exec"), space)
    return lines, draw(space["x"])


def test_each_step_of_a_long_program_has_its_own_line(monkeypatch):
    """Looked up once per code and once per file: line by line, 20,000 took over a minute."""
    calls, found = [], sources.lines
    monkeypatch.setattr(sources, "lines", lambda code: calls.append(code) or found(code))
    lines, drawing = straight(300)
    source = [f"{line}\n" for line in lines]
    monkeypatch.setitem(linecache.cache, "straight.py", (1, None, source, "straight.py"))
    data = data_of(drawing)
    assert len(calls) == 1
    for i, step in enumerate(data["steps"]):
        place = data["places"][step["place"]]
        assert place["line"] == i + 1
        assert place["lines"][i + 1 - place["first"]] == lines[i]


def test_source_is_shown_without_what_does_not_print(monkeypatch):
    lines = [
        "if True:\n",
        "\ty = x * 2  # \u202e\x1b[2J\x0c\u2028\ud800\n",
        f"\tz = '{'z' * 9999}'\n",
    ]
    space = {"x": minigrad.ones(1, requires_grad=True)}
    file = "odd/\x1b[2J\n.py"
    exec(compile("".join(lines).replace("\ud800", ""), file, "exec"), space)
    monkeypatch.setitem(linecache.cache, file, (1, None, lines, file))
    (place,) = data_of(draw(space["y"]))["places"]
    assert place["file"] == "odd/\\x1b[2J\\n.py"
    assert place["lines"][1] == "        y = x * 2  # \\u202e\\x1b[2J\\x0c\\u2028\\ud800"
    assert len(place["lines"]) == 3
    assert max(map(len, place["lines"])) == sources.LONG


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


@pytest.mark.parametrize(
    "name", ["\x00\x1b[2J\x9b", "\ufffe\uffff", "\ud800", "\u202e\n\u2028", "x" * 9999]
)
@pytest.mark.parametrize("rows", [False, True])
def test_any_text_gives_a_page_that_is_well_formed(name, rows, monkeypatch, tmp_path):
    """Names of tensors, modules, classes and files, and settings; each part is XML, JSON, UTF-8."""
    kind = type("Odd" + name.replace("\x00", "").replace("\ud800", ""), (nn.Linear,), {})
    model = nn.Sequential()
    model.__dict__["_modules"][name] = kind(2, 2)
    x = minigrad.ones(3, 2, requires_grad=True)
    space = {"x": x, "model": model}
    exec(compile("y = model(x).sum(dim=0).sum()", name.replace("\x00", ""), "exec"), space)
    space["y"].backward()
    names = {name: model, f"x{name}": x}
    if rows:
        monkeypatch.setattr(Drawing, "svg", lambda self: no_picture())
    for depth in (None, 0):
        drawing = draw(space["y"], names=names, depth=depth)
        page = drawing.save(tmp_path / "page.html").read_bytes().decode()
        ElementTree.fromstring(re.search("<svg.*?</svg>", page, re.S)[0])
        assert all(c.isprintable() or c in "\n\xa0" for c in page)  # labels have fixed spaces
        for text in every_text(data_of(drawing)):
            assert all(c.isprintable() or c == "\n" for c in text)
            assert max(map(len, text.split("\n"))) <= sources.LONG
        assert all(c.isprintable() or c in "\n\t" for c in drawing.source)


def no_picture():
    raise RuntimeError("there is no Graphviz")


def every_text(data):
    """Every text in the data of a page."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from every_text(part)


def test_the_page_is_one_file_that_fetches_nothing(tmp_path):
    text = small()[-1].save(tmp_path / "graph.html").read_text("utf-8")
    found = set(re.findall(r"""(?:https?:)?//[\w.-]+\.\w+[^\s"'<]*""", text))
    assert found <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # only names
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:,\")|\ssrc=|@import|\bfetch\(", text)


def test_only_a_drawing_made_by_draw_can_be_explored():
    with pytest.raises(ValueError, match=r"draw\(\)"):
        Drawing("digraph {}", 0, 0).page()

"""What is drawn: the DOT text, pinned; names, gradients, kinds; and what is refused."""

import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn
from minigrad.draw import Drawing, dot, draw, flow, labels

PLAIN = '<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{}</TABLE>>'
HEAD = """digraph {{
	graph [bgcolor=white nodesep=0.2 ordering=in pad=0.2 rankdir={} ranksep=0.25]
	node [fontname="Helvetica,Arial,Noto Sans KR,Apple SD Gothic Neo,Malgun Gothic,sans-serif" \
fontsize=12 height=0.3 margin="0.06,0.02" shape=box]
	edge [arrowsize=0.6 color="#64748b" fontname="Helvetica,Arial,Noto Sans KR,Apple SD Gothic Neo,\
Malgun Gothic,sans-serif"]
"""
PILL = 'color="#334155" fillcolor="#334155" fontcolor=white style="rounded,filled"'


def small_graph():
    """y = tanh(x · w + 1): data, a leaf that requires grad, a number, a result, the output."""
    x = minigrad.tensor(2.0)
    w = minigrad.tensor([0.5, float("nan")], requires_grad=True)
    return x, w, minigrad.tanh(x * w + 1)


def texts(drawing):
    """All text of the picture, in the order drawn, each with where it stands."""
    root = ElementTree.fromstring(drawing.svg())
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return [(e.text.replace("\xa0", " "), float(e.get("x")), float(e.get("y"))) for e in found]


def words(drawing):
    """All text of the picture, without the spaces around it."""
    return [text.strip() for text, _, _ in texts(drawing) if text.strip()]


def label(drawing, id):
    """The line that makes one node."""
    (line,) = [line for line in drawing.source.splitlines() if line.startswith(f"\t{id} [")]
    return line


# --- the DOT text, pinned ----------------------------------------------------------------------


def test_dot_text_before_backward():
    x, w, y = small_graph()
    quiet = '<FONT COLOR="#475569" POINT-SIZE="10">(2,)</FONT>'
    head = f'<TR><TD COLSPAN="2">{{}}{quiet}</TD></TR>'
    nan = '<TD ALIGN="CENTER"><FONT COLOR="#b91c1c"><B>nan</B></FONT></TD>'
    row = f'<TR><TD ALIGN="CENTER">{{}}</TD>{nan}</TR>'
    two = PLAIN.format('<TR><TD COLSPAN="1">x</TD></TR><TR><TD ALIGN="CENTER">2</TD></TR>')
    white = 'color="#64748b" fillcolor=white style="rounded,filled"'
    assert draw(y, names={"x": x, "w": w}).source == HEAD.format("LR") + (
        f'\tt0 [label={two} color="#64748b" fillcolor="#f1f5f9" style=filled]\n'
        f"\tt1 [label={PLAIN.format(head.format('w&#160;') + row.format('0.5'))} "
        'color="#b45309" fillcolor="#fef6e4" style="rounded,filled"]\n'
        f"\tt2 [label={PLAIN.format(head.format('') + row.format('1'))} {white}]\n"
        f"\top2 [label=<<B>mul</B>> {PILL}]\n"
        f"\tt3 [label={PLAIN.format(head.format('') + row.format('2'))} {white}]\n"
        f"\top3 [label=<<B>add</B>(·, 1)> {PILL}]\n"
        f"\tt4 [label={PLAIN.format(head.format('') + row.format('0.964'))} "
        'color="#0369a1" fillcolor="#d6ebfa" peripheries=2 style="rounded,filled"]\n'
        f"\top4 [label=<<B>tanh</B>> {PILL}]\n"
        "\tt0 -> op2\n\tt1 -> op2\n\top2 -> t2\n"
        "\tt2 -> op3\n\top3 -> t3\n"
        "\tt3 -> op4\n\top4 -> t4\n"
        "}\n"
    )


def test_dot_text_after_backward():
    x = minigrad.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    row = '<TR><TD ALIGN="RIGHT"><FONT COLOR="#475569" POINT-SIZE="10">{}</FONT></TD>'
    row += '<TD ALIGN="RIGHT">{}</TD></TR>'
    x_rows = row.format("value", "3") + row.format("grad", "6")
    y_rows = row.format("value", "9") + row.format("grad", "1")
    assert draw(y).source == HEAD.format("LR") + (
        f"\tt0 [label={PLAIN.format(x_rows)} "
        'color="#b45309" fillcolor="#fef6e4" style="rounded,filled"]\n'
        f"\tt1 [label={PLAIN.format(y_rows)} "
        'color="#0369a1" fillcolor="#d6ebfa" peripheries=2 style="rounded,filled"]\n'
        f"\top1 [label=<<B>mul</B>> {PILL}]\n"
        "\tt0 -> op1\n\tt0 -> op1\n\top1 -> t1\n"
        "}\n"
    )


def test_the_same_program_gives_the_same_text():
    assert draw(small_graph()[2]).source == draw(small_graph()[2]).source


def test_few_ops_run_to_the_right_and_many_downwards():
    x = minigrad.tensor(1.0, requires_grad=True)
    four = x.exp().tanh().exp().tanh()
    assert "rankdir=LR" in draw(four).source
    assert "rankdir=TB" in draw(four.exp()).source


# --- tensors -----------------------------------------------------------------------------------


def test_small_tensors_show_numbers_and_large_ones_a_summary():
    shown = words(draw(minigrad.arange(12).reshape(3, 4)))
    assert shown == ["(3, 4)", "int64", *map(str, range(12))]
    assert words(draw(minigrad.zeros(13))) == ["(13,)", "all 0"]
    assert words(draw(minigrad.arange(5, 18))) == ["(13,)", "int64", "5 … 17"]
    assert words(draw(minigrad.arange(16) < 4)) == ["(16,)", "bool", "25% True"]
    half = minigrad.cat([minigrad.zeros(8), minigrad.tensor([-1.0, 3.0] * 4)])
    assert words(draw(half)) == ["(16,)", "0.5 ± 1.5", "-1 … 3", "50% zeros"]
    assert words(draw(minigrad.zeros(0, 3))) == ["(0, 3)"]
    assert words(draw(minigrad.tensor(True))) == ["bool", "True"]
    assert words(draw(minigrad.tensor([[[1.0, 2], [3, 4]]]))) == ["(1, 2, 2)", "1", "2", "3", "4"]


def test_numbers_have_four_digits():
    numbers = minigrad.tensor([-0.0, 1 / 3, 1e-7, 123456.0, -2.5])
    assert words(draw(numbers))[1:] == ["0", "0.3333", "1e-07", "1.235e+05", "-2.5"]
    assert words(draw(minigrad.tensor([1234567])))[2:] == ["1234567"]


def test_what_is_not_finite_is_red():
    inf = float("inf")
    assert draw(minigrad.tensor([1.0, inf, -inf])).source.count(labels.ALARM) == 2
    many = minigrad.zeros(20)
    many[3:5] = inf
    assert words(draw(many)) == ["(20,)", "2 of 20 not finite"]
    assert labels.ALARM in draw(many).source
    assert labels.ALARM not in draw(minigrad.zeros(20)).source
    x = minigrad.tensor(-np.ones(20), requires_grad=True)
    with np.errstate(invalid="ignore"):
        loss = x.sqrt().sum()
    loss.backward()
    assert words(draw(loss)).count("nan") == 1  # the loss
    assert words(draw(loss)).count("20 of 20 not finite") == 2  # its input, and the gradient of x


def test_parameters_leaves_data_results_and_the_output_differ():
    weight = nn.Parameter(minigrad.tensor(1.0))
    leaf, data = minigrad.tensor(1.0, requires_grad=True), minigrad.tensor(1.0)
    drawing = draw((weight * leaf + data) * np.ones(1), names={"weight": weight, "leaf": leaf})
    kinds = dict(t0=dot.PARAMETER, t1=dot.LEAF, t2=dot.DATA, t3=dot.RESULT, t5=dot.OUTPUT)
    for id, kind in (kinds | {"op3": dot.OP, "c5_1": dot.CONSTANT}).items():
        assert f'fillcolor="{kind["fillcolor"]}"'.replace('"white"', "white") in label(drawing, id)
    assert "<B>weight</B>" in drawing.source
    assert "<B>leaf</B>" not in drawing.source
    looks = [tuple(sorted(k.items())) for k in kinds.values()]
    assert len(set(looks)) == len(looks)
    outlines = [tuple(sorted((k | {"fillcolor": "", "color": ""}).items())) for k in kinds.values()]
    assert len(set(outlines)) == 4  # leaf and result are told apart by where they stand


def luminance(color):
    color = "#ffffff" if color == "white" else color
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (text, kind["fillcolor"])
        for kind in (dot.PARAMETER, dot.LEAF, dot.DATA, dot.RESULT, dot.OUTPUT, dot.CONSTANT)
        for text in ("#000000", labels.QUIET, labels.ALARM)
    ]
    + [("white", dot.OP["fillcolor"])],
)
def test_text_can_be_read(text, ground):
    """WCAG 2.1, 1.4.3: a contrast of at least 4.5 to 1."""
    low, high = sorted([luminance(text), luminance(ground)])
    assert (high + 0.05) / (low + 0.05) >= 4.5


# --- ops ---------------------------------------------------------------------------------------

x23 = minigrad.tensor(np.ones((2, 3)), requires_grad=True)


@pytest.mark.parametrize(
    ("result", "pill"),
    [
        (x23.tanh(), "tanh"),
        (x23 * 0.5, "mul(·, 0.5)"),
        (2 / x23, "div(2, ·)"),
        (x23**2, "pow(·, 2)"),
        (x23.sum(), "sum"),
        (x23.sum(1), "sum(dim=1)"),
        (x23.sum((0, 1), keepdim=True), "sum(dim=(0, 1), keepdim=True)"),
        (x23[:, 0], "getitem(index=[:, 0])"),
        (x23[0], "getitem(index=[0])"),
        (x23[..., ::2], "getitem(index=[..., ::2])"),
        (x23[None, 1:2], "getitem(index=[None, 1:2])"),
        (x23[[1, 0]], "getitem(index=[[1, 0]])"),
        (x23[minigrad.zeros(50, dtype=minigrad.int64)], "getitem(index=[int64 (50,)])"),
        (x23[minigrad.ones(12, dtype=minigrad.int64) * 0], "getitem(index=[[0, 0, 0, 0, 0, …)"),
        (x23.masked_fill(x23 > 0, float("-inf")), "where(·, -inf, ·)"),
        (x23.reshape(3, 2), "reshape(shape=(3, 2))"),
        (x23 * np.float32(0.25), "mul(·, 0.25)"),
        (
            nn.functional.cross_entropy(x23, minigrad.tensor([0, 1]), reduction="sum"),
            "cross_entropy(reduction='sum')",
        ),
    ],
)
def test_ops_are_written_as_calls(result, pill):
    name, *given = pill.partition("(")
    shown = "".join(words(draw(result)))
    assert name + "".join(given) in shown
    assert labels.ALARM not in label(draw(result), f"op{len(flow.tensors({result})) - 1}")


def test_a_constant_array_is_a_box_of_its_own_wherever_it_is_used():
    ones = np.ones(3, np.float32)
    x = minigrad.tensor([1.0, 2.0, 3.0], requires_grad=True)
    drawing = draw(x * ones + ones)
    assert "c1_1 -> op1" in drawing.source
    assert "c2_1 -> op2" in drawing.source
    assert (drawing.tensors, drawing.ops, drawing.constants) == (3, 2, 2)
    assert repr(drawing) == "<Drawing: 3 tensors, 2 ops>"


def test_inputs_stay_in_their_order():
    x, y = (minigrad.ones(2, 2, requires_grad=True) for _ in range(2))
    height = {text.strip(): y for text, _, y in texts(draw(y @ x, names={"x": x, "y": y}))}
    assert height["y"] < height["x"]


# --- gradients ---------------------------------------------------------------------------------


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


def test_large_gradients_show_their_size():
    x = minigrad.zeros(25, requires_grad=True)
    loss = (x * 1e20).sum()
    loss.backward()
    shown = words(draw(loss))
    i = shown.index("(25,)")
    assert shown[i : i + 5] == ["(25,)", "value", "all 0", "grad", "all 1e+20"]
    assert "≥ 5e+15" in shown  # a step below the norm, 5e+20, which in float32 would have been inf


def test_of_many_numbers_only_the_grads_that_are_there():
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
    assert "grad" not in shown  # x.grad is drawn; it is not the gradient of itself


def test_a_second_derivative_shows_its_gradients():
    x = minigrad.tensor(2.0, requires_grad=True)
    (slope,) = minigrad.autograd.grad(x**3, x, create_graph=True)
    slope.backward()
    shown = words(draw(slope, names={"x": x}))
    i = shown.index("x")
    assert shown[i : i + 5] == ["x", "value", "2", "grad", "12"]


# --- names and outputs -------------------------------------------------------------------------


def test_a_module_names_its_parameters_and_buffers():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    model.register_buffer("scale", minigrad.tensor([2.0]))
    drawing = draw(model(minigrad.ones(1, 2)) * model.scale, names=model)
    assert "<B>0.weight</B>" in drawing.source
    assert "<B>2.bias</B>" in drawing.source
    assert "scale" in words(drawing)


def test_outputs_may_be_several_and_nested():
    x = minigrad.tensor(1.0, requires_grad=True)
    y, z = x.exp(), x.tanh()
    assert draw(y, z).source == draw((y, [z])).source == draw(z, y, y).source
    assert draw(y, z).source.count("peripheries=2") == 2
    assert draw(y, z).tensors == 3


def test_what_requires_no_grad_is_one_box():
    assert draw(minigrad.ones(2) + 1).tensors == 1


NAMES = [
    "한글", "😀", "<script>alert('x')</script>", "<b>", "<<", ">", "-->", "]]>", "&amp; &lt;",
    "{a|b}",
    '"quoted"', "a\\b \\N \\G \\\\", "\\", "a\nb\tc", "\x00\x1b", "\ud800", "%s {}", " ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_shows_as_it_is(name, capfd):
    x = minigrad.tensor(1.0)
    drawing = draw(x, names={name: x})
    seen = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    assert [text for text, _, _ in texts(drawing)] == [seen, "1"]
    assert capfd.readouterr().err == ""


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1))
def test_any_text_at_all_shows_as_it_is(name):
    x = minigrad.tensor(1.0)
    seen = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    assert [text for text, _, _ in texts(draw(x, names={name: x}))] == [seen, "1"]


# --- saving and showing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".svg", b"<?xml"),
        (".png", b"\x89PNG"),
        (".PDF", b"%PDF"),
        (".dot", b"dig"),
        (".gv", b"dig"),
    ],
)
def test_save_writes_the_file_and_says_where(tmp_path, suffix, start):
    path = tmp_path / "new" / f"graph{suffix}"
    drawing = draw(small_graph()[2])
    assert drawing.save(str(path)) == path
    assert path.read_bytes().startswith(start)
    if suffix in (".dot", ".gv"):
        assert path.read_text(encoding="utf-8") == drawing.source


def test_save_refuses_other_suffixes(tmp_path):
    for name in ("graph.jpg", "graph"):
        with pytest.raises(ValueError, match=r"must end in .svg, .png, .pdf, .html, .dot or .gv"):
            draw(small_graph()[2]).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_svg_has_a_ground_and_fonts_that_browsers_know():
    svg = draw(small_graph()[2]).svg()
    assert '<polygon fill="white" stroke="none"' in svg
    assert f'font-family="{dot.FONTS}"' in svg
    assert svg.startswith('<?xml version="1.0" encoding="UTF-8"')


def test_notebooks_show_the_picture():
    drawing = draw(small_graph()[2])
    assert drawing._repr_svg_() == drawing.svg()
    shown = {"image/svg+xml": drawing.svg(), "text/plain": repr(drawing)}
    assert drawing._repr_mimebundle_() == shown


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)  # importing it fails


def test_without_graphviz_the_error_says_what_to_install(no_graphviz, tmp_path):
    drawing = draw(small_graph()[2])
    with pytest.raises(RuntimeError, match=r'pip install "pygraphviz>=2.0"`, or Graphviz itself'):
        drawing.svg()
    with pytest.raises(RuntimeError, match="apt install graphviz, brew install graphviz"):
        drawing.save(tmp_path / "graph.png")
    assert not (tmp_path / "graph.png").exists()
    assert drawing.save(tmp_path / "graph.dot").read_text(encoding="utf-8") == drawing.source


def test_without_graphviz_notebooks_show_words(no_graphviz):
    drawing = draw(small_graph()[2])
    assert drawing._repr_svg_() is None
    (kind,) = drawing._repr_mimebundle_().items()
    assert kind[0] == "text/plain"
    assert kind[1].startswith("<Drawing: 5 tensors, 3 ops>\ndraw: there is no Graphviz")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for dot is a shell script")
def test_dot_is_used_where_it_is_on_the_path(monkeypatch, tmp_path):
    fake = tmp_path / "dot"
    fake.write_text('#!/bin/sh\necho "$@"; cat\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    drawing = draw(small_graph()[2], names={"한글": small_graph()[0]})
    assert drawing.svg() == "-Kdot -Tsvg\n" + drawing.source


# --- large graphs, and what is refused ---------------------------------------------------------


def chain(length):
    x = y = minigrad.tensor(1.0, requires_grad=True)
    for _ in range(length):
        y = y + 1
    return x, y


def test_a_chain_of_100_000_ops_has_dot_text():
    _, y = chain(100_000)
    y.backward()
    drawing = draw(y, unroll=True)
    assert repr(drawing) == "<Drawing: 100,001 tensors, 100,000 ops>"
    assert drawing.source.count(" -> ") == 100_001  # tensors go along the arrows
    assert draw(y).boxes == 3  # rolled up: x, add ×100000, y


def test_too_large_a_graph_is_not_laid_out(tmp_path):
    drawing = draw(chain(2000)[1], unroll=True)
    for lay_out in (drawing.svg, lambda: drawing.save(tmp_path / "graph.png")):
        with pytest.raises(ValueError, match=r"2,002 boxes are too many .* depth=.* `.source`"):
            lay_out()
    assert "too many" in drawing._repr_mimebundle_()["text/plain"]
    assert drawing._repr_svg_() is None
    assert drawing.save(tmp_path / "graph.gv").exists()


def test_a_tensor_changed_since_is_refused():
    w = minigrad.tensor(1.0, requires_grad=True)
    loss = w * w
    loss.backward()
    with minigrad.no_grad():
        w -= 0.1 * w.grad
    with pytest.raises(RuntimeError, match=r"changed after the graph had .* draw before"):
        draw(loss)


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="nothing to draw"):
        draw()
    with pytest.raises(TypeError, match="expected tensors, got a Linear: give what was computed"):
        draw(nn.Linear(1, 1))
    with pytest.raises(TypeError, match="names is a list: give a dict"):
        draw(minigrad.ones(1), names=[])
    with pytest.raises(TypeError, match=r"names\['x'\] is a float, not a tensor"):
        draw(minigrad.ones(1), names={"x": 1.0})


def test_importing_minigrad_imports_no_graphviz():
    code = "import minigrad, sys; assert not {'graphviz', 'pygraphviz'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_drawing_is_of_its_moment():
    _, w, y = small_graph()
    drawing = draw(y)
    before = drawing.source
    y.sum().backward()
    with minigrad.no_grad():
        w.zero_()
    assert drawing.source == before
    assert isinstance(drawing, Drawing)


def test_gradients_of_several_passes_are_not_mixed():
    """Those that were kept are shown; what one pass gives does not fit to them."""
    w = minigrad.tensor(1.0, requires_grad=True)
    y = w * 2.0
    y.backward()
    y.backward()
    source = draw(y, names={"w": w}).source
    assert source.count(">grad<") == 1

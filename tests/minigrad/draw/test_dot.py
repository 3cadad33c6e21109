"""The DOT text: pinned for two small graphs; looks, order and ranks of boxes and arrows."""

from xml.etree import ElementTree

import numpy as np
import pytest
from drawn import label, small_graph, texts

import minigrad
from minigrad import nn
from minigrad.draw import dot, draw, labels


PLAIN = '<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{}</TABLE>>'


FONTS = "Helvetica,Arial,Noto Sans KR,Apple SD Gothic Neo,Malgun Gothic,sans-serif"
HEAD = f"""digraph {{{{
	graph [bgcolor=white fontname="{FONTS}" label={{key}} labeljust=l labelloc=b newrank=true \
nodesep=0.2 ordering=in outputorder=edgesfirst pad=0.2 rankdir=LR ranksep=0.25]
	node [fontname="{FONTS}" fontsize=12 height=0.3 margin="0.06,0.02" shape=box]
	edge [arrowsize=0.6 color="#64748b" fontname="{FONTS}"]
"""


def key(*cells):
    """The key under a drawing; for each cell its colour, fill and style, and its text's colour."""
    cell = '<TD BORDER="1" COLOR="{}" BGCOLOR="{}" STYLE="{}"><FONT POINT-SIZE="10" COLOR="{}">{}'
    row = "".join(f"{cell.format(*parts)}</FONT></TD>" for parts in cells)
    start, end = '<TABLE BORDER="0" CELLSPACING="{}" CELLPADDING="{}"><TR>', "</TR></TABLE>"
    return f'<{start.format(0, 1)}<TD ALIGN="LEFT">{start.format(4, 3)}{row}{end}</TD>{end}>'


LEAF = ("#b45309", "#fef6e4", "ROUNDED", "black", "leaf")
DATA = ("#64748b", "#f1f5f9", "SOLID", "black", "data")
OP = ("#334155", "#334155", "ROUNDED", "white", "op")
RESULT = ("#64748b", "white", "ROUNDED", "black", "result")
OUTPUT = ("#0369a1", "#d6ebfa", "ROUNDED", "black", "output")
PILL = 'color="#334155" fillcolor="#334155" fontcolor=white style="rounded,filled"'


def test_dot_text_before_backward():
    x, w, y = small_graph()
    quiet = '<FONT COLOR="#475569" POINT-SIZE="10">(2,)</FONT>'
    head = f'<TR><TD COLSPAN="2">{{}}{quiet}</TD></TR>'
    nan = '<TD ALIGN="CENTER"><FONT COLOR="#b91c1c"><B>nan</B></FONT></TD>'
    row = f'<TR><TD ALIGN="CENTER">{{}}</TD>{nan}</TR>'
    two = PLAIN.format('<TR><TD COLSPAN="1">x</TD></TR><TR><TD ALIGN="CENTER">2</TD></TR>')
    white = 'color="#64748b" fillcolor=white style="rounded,filled"'
    assert draw(y, names={"x": x, "w": w}).source == HEAD.format(
        key=key(LEAF, DATA, OP, RESULT, OUTPUT)
    ) + (
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
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x * x
    y.backward()
    row = '<TR><TD ALIGN="RIGHT"><FONT COLOR="#475569" POINT-SIZE="10">{}</FONT></TD>'
    row += '<TD ALIGN="RIGHT">{}</TD></TR>'
    x_rows = row.format("value", "1") + row.format("grad", "2")
    y_rows = row.format("value", "1") + row.format("grad", "1")
    assert draw(y).source == HEAD.format(key=key(LEAF, OP, OUTPUT)) + (
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


def test_inputs_stay_in_their_order():
    x, y = (minigrad.ones(2, 2, requires_grad=True) for _ in range(2))
    height = {text.strip(): y for text, _, y in texts(draw(y @ x, names={"x": x, "y": y}))}
    assert height["y"] < height["x"]


def test_a_constant_array_has_a_box_for_each_use():
    ones = np.ones(3, np.float32)
    x = minigrad.tensor([1.0, 2.0, 3.0], requires_grad=True)
    drawing = draw(x * ones + ones)
    assert "c1_1 -> op1" in drawing.source
    assert "c2_1 -> op2" in drawing.source
    assert (drawing.tensors, drawing.ops, drawing.constants) == (3, 2, 2)
    assert repr(drawing) == "<Drawing: 3 tensors, 2 ops>"


# --- looks -------------------------------------------------------------------------------------


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
    assert len(set(outlines)) == 4  # a leaf and a result differ by their position


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


@pytest.mark.parametrize(("steps", "tangled"), [(10, False), (36, True)])
def test_few_boxes_with_many_arrows_are_laid_out_quickly_too(model, steps, tangled):
    """Each step has arrows from the same parameters: a page of them took a quarter of a minute."""
    drawing = draw(model(minigrad.randn(steps, 3)), names=model.out, depth=1, unroll=True)
    assert drawing.boxes <= dot.CROWDED
    arrows = [line for line in drawing.source.splitlines() if " -> " in line]
    assert (len([line for line in arrows if "invis" not in line]) > dot.TANGLED) == tangled
    assert any("label=" in line for line in arrows) == (not tangled)
    assert "splines" not in drawing.source  # curves lead around the boxes


def test_a_graph_with_very_many_arrows_is_laid_out_too(model):
    drawing = draw(model(minigrad.randn(90, 3)), names=model, unroll=True)
    assert drawing.source.count(" -> ") > dot.MANY
    assert "newrank" not in drawing.source
    assert "</svg>" in drawing.svg()


def test_unrolled_steps_form_a_chain(model):
    """Each step is below the one before it; ranked module by module, they went up again."""
    drawing = draw(model(minigrad.randn(12, 3)), names=model, unroll=True)
    made = [node for node in drawing.source.splitlines() if "<B>tanh</B>" in node]
    places = dict(spots(drawing.svg()))
    ids = sorted((line.split()[0] for line in made), key=lambda id: int(id[2:]))
    ys = [places[id] for id in ids]
    assert len(ys) > 12
    assert ys == sorted(ys)


def spots(svg):
    """The id of each box, and its height in the picture."""
    space = "{http://www.w3.org/2000/svg}"
    for node in ElementTree.fromstring(svg).iter(f"{space}g"):
        if node.get("class") == "node":
            yield node.find(f"{space}title").text, float(node.find(f".//{space}text").get("y"))


def test_boxes_lie_over_arrows():
    assert "outputorder=edgesfirst" in draw(small_graph()[2]).source


# --- a recorded backward pass ------------------------------------------------------------------


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


@pytest.mark.parametrize("options", [{}, {"depth": 0}, {"depth": 2}, {"depth": 2, "unroll": True}])
def test_the_backward_pass_of_modules_can_be_laid_out(model, options, capfd):
    loss = model(minigrad.randn(12, 3))
    svg = draw(loss, names=model, backward=True, **options).svg()
    # Folded with its module, as the parameter itself is.
    assert ("out.0.weight.grad" in svg) == ("out.0.weight<" in svg) == (options == {})
    assert "backward" in svg
    assert capfd.readouterr().err == ""


# --- the key -----------------------------------------------------------------------------------


def test_the_key_says_what_each_look_means_and_nothing_else(model):
    loss = model(minigrad.randn(20, 3))
    source = draw(loss, names=model, depth=1).source
    for kind in ("op", "data", "output", "folded module"):
        assert f">{kind}</FONT>" in source
    assert ">parameter</FONT>" not in source  # they are in the folded modules
    assert ">parameter</FONT>" in draw(loss, names=model).source
    assert "×n: so many steps" in draw(loss, names=model).source
    assert "×n: so many steps" not in draw(loss, names=model, depth=0).source
    assert "</FONT></TD></TR></TABLE>" not in draw(minigrad.ones(2)).source

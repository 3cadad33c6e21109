"""The layout without Graphviz, in rows."""

import re
from xml.etree import ElementTree

import minigrad
from minigrad import nn
from minigrad.draw import Drawing, draw


def test_without_graphviz_the_boxes_are_in_rows(tmp_path, monkeypatch):
    x, w, b = minigrad.randn(3, 4), minigrad.ones(4, 2, requires_grad=True), minigrad.ones(2)
    loss = minigrad.tanh(x @ w + b).sum()
    loss.backward()
    drawing = draw(loss)

    def no_graphviz(_):
        raise RuntimeError("there is no Graphviz")

    monkeypatch.setattr(Drawing, "svg", no_graphviz)
    page = drawing.save(tmp_path / "graph.html").read_text("utf-8")
    svg = ElementTree.fromstring(re.search("<svg.*?</svg>", page, re.S)[0])
    titles = [e.text for e in svg.iter("{http://www.w3.org/2000/svg}title")]
    assert {"t0", "op3", "t0->op3", "op6->t6"} <= set(titles)
    assert len(titles) == drawing.boxes + 10


def test_rows_lead_downwards_and_modules_do_not_overlap():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    page = draw(model(minigrad.ones(1, 2)), names=model)._page(None)
    svg = ElementTree.fromstring(re.search("<svg.*?</svg>", page, re.S)[0])
    space = "{http://www.w3.org/2000/svg}"
    boxes = {
        part[0].text: {key: float(part[1].get(key)) for key in ("x", "y", "width")}
        for part in svg.iter(f"{space}g")
        if part.get("class") in ("node", "cluster")
    }
    for part in svg.iter(f"{space}g"):
        if part.get("class") == "edge":
            tail, head = part[0].text.split("->")
            assert boxes[tail]["y"] < boxes[head]["y"]
    one, two = boxes["cluster_1"], boxes["cluster_2"]
    assert one["x"] + one["width"] < two["x"] or two["x"] + two["width"] < one["x"]

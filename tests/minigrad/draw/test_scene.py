"""The scene: the outputs that can be drawn, the names, and what is refused."""

from xml.etree import ElementTree

import pytest
from drawn import words

import minigrad
from minigrad import nn
from minigrad.draw import draw
from minigrad.draw.scene import Scene


# --- outputs -----------------------------------------------------------------------------------


def test_several_and_nested_outputs():
    x = minigrad.tensor(1.0, requires_grad=True)
    y, z = x.exp(), x.tanh()
    assert draw(y, z).source == draw((y, [z])).source == draw(z, y, y).source
    assert draw(y, z).source.count("peripheries=2") == 2
    assert draw(y, z).tensors == 3


def unrecorded():
    w = minigrad.ones(2, requires_grad=True)
    with minigrad.no_grad():
        return w * 2


@pytest.mark.parametrize(
    "make",
    [
        unrecorded,
        lambda: minigrad.ones(2) + 1,
        lambda: (minigrad.ones(2, requires_grad=True) * 2).detach(),
        lambda: nn.Parameter(minigrad.ones(2)),
    ],
)
def test_what_was_not_recorded_says_why_it_is_one_box(make, tmp_path):
    drawing = draw(make())
    assert (drawing.tensors, drawing.boxes) == (1, 1)
    assert drawing.note.startswith("One box: no op was recorded. An op is recorded if one of its")
    assert drawing.note in repr(drawing)
    assert drawing.note in drawing._repr_mimebundle_()[0]["text/plain"]
    for shown in (drawing.svg(), drawing.save(tmp_path / "x.html").read_text(encoding="utf-8")):
        assert "no op was recorded" in shown
    assert "2 boxes, no arrows: no op" in draw(make(), make()).note


def test_what_was_recorded_has_no_note():
    drawing = draw(minigrad.ones(2, requires_grad=True) * 2)
    assert drawing.note == ""
    assert repr(drawing) == "<Drawing: 2 tensors, 1 ops>"
    assert "<I>" not in drawing.source


def test_a_note_is_above_the_legend():
    y = x = minigrad.tensor(1.0, requires_grad=True)
    for _ in range(8):
        y = (0.1 * y).tanh()
    y.backward()
    legend = words(draw(y))[-6:]
    y.backward()
    drawing = draw(y, names={"x": x})
    assert words(drawing)[-6:] == legend
    root = ElementTree.fromstring(drawing.svg())
    said = [e.text for e in root.iter() if e.get("font-style") == "italic"]
    assert " ".join(said).replace("\xa0", " ") == drawing.note


def test_anything_but_a_tensor_is_refused():
    with pytest.raises(TypeError, match="nothing to draw"):
        draw()
    with pytest.raises(TypeError, match="expected tensors, got Linear: give what was computed"):
        draw(nn.Linear(1, 1))
    with pytest.raises(TypeError, match="names is a list: give a dict"):
        draw(minigrad.ones(1), names=[])
    with pytest.raises(TypeError, match=r"names\['x'\] is a float, not a tensor"):
        draw(minigrad.ones(1), names={"x": 1.0})


def test_a_tensor_that_was_changed_is_refused():
    w = minigrad.tensor(1.0, requires_grad=True)
    loss = w * w
    loss.backward()
    with minigrad.no_grad():
        w -= 0.1 * w.grad
    with pytest.raises(RuntimeError, match=r"changed after the graph had .* draw before"):
        draw(loss)


def test_a_backward_pass_starts_from_single_numbers_that_require_grad():
    x = minigrad.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match=r"from single numbers .* not from .* shape \(3,\)"):
        draw(x * 2, backward=True)
    with pytest.raises(ValueError, match="that require grad"):
        draw(x.detach().sum(), backward=True)


# --- names -------------------------------------------------------------------------------------


def test_a_module_names_its_parameters_and_buffers():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    model.register_buffer("scale", minigrad.tensor([2.0]))
    drawing = draw(model(minigrad.ones(1, 2)) * model.scale, names=model)
    assert "<B>0.weight</B>" in drawing.source
    assert "<B>2.bias</B>" in drawing.source
    assert "scale" in words(drawing)


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


def test_the_model_is_not_changed_by_names(model):
    loss = model(minigrad.randn(20, 3))
    before = dict(model.named_parameters())
    draw(loss, names=model)
    assert dict(model.named_parameters()) == before


def test_versions_before_writes_show_what_they_held():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    rows = minigrad.zeros(3, 2)
    for t in range(3):
        rows[t] = x * (t + 1)
    scene = Scene.of(rows.sum(), {}, False)
    held = [value.tolist() for value in scene.values.values() if value.shape == (3, 2)]
    assert held[0] == [[0, 0]] * 3
    assert held[1:] == [
        [[1, 2], [0, 0], [0, 0]],
        [[1, 2], [2, 4], [0, 0]],
        [[1, 2], [2, 4], [3, 6]],
    ]

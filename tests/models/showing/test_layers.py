from types import SimpleNamespace

import numpy as np
import pytest

from models.showing.layers import EACH, by_layer, check_kind, chosen

RUN = SimpleNamespace(folder="runs/x", settings=SimpleNamespace(model="x"))
WEIGHTS = np.random.default_rng(0).random((3, 2, 4, 5))


def same(maps, expected):
    assert list(maps) == list(expected)
    for title, weights in expected.items():
        np.testing.assert_array_equal(maps[title], weights)


def test_layers_and_heads_have_titles():
    mean = {f"layer {i + 1}": WEIGHTS[i].mean(0) for i in range(3)}
    same(by_layer(WEIGHTS), mean)
    each = {f"layer {i + 1}, head {j + 1}": WEIGHTS[i, j] for i in range(3) for j in range(2)}
    same(by_layer(WEIGHTS, heads=True), each)
    same(by_layer(WEIGHTS[:, :1], heads=True), by_layer(WEIGHTS[:, :1]))


def test_a_layer_and_a_head_are_chosen():
    same(chosen(RUN, WEIGHTS), by_layer(WEIGHTS))
    same(chosen(RUN, WEIGHTS, layer=2), {"layer 2": WEIGHTS[1].mean(0)})
    same(chosen(RUN, WEIGHTS, layer=3, head=2), {"layer 3": WEIGHTS[2, 1]})
    same(chosen(RUN, WEIGHTS, head=1), {f"layer {i + 1}": WEIGHTS[i, 0] for i in range(3)})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"layer": 4}, "runs/x has 3 layers: there is no layer 4"),
        ({"layer": 0}, "there is no layer 0"),
        ({"head": 3}, "runs/x has 2 heads: there is no head 3"),
        ({"layer": 1, "head": -1}, "there is no head -1"),
    ],
)
def test_what_is_not_there(given, message):
    with pytest.raises(ValueError, match=message):
        chosen(RUN, WEIGHTS, **given)


def test_a_single_layer_is_named_in_the_singular():
    with pytest.raises(ValueError, match=r"has 1 head: there is no head 2"):
        chosen(RUN, WEIGHTS[:, :1], head=2)


def test_a_model_has_the_kinds_of_attention_that_it_has():
    check_kind(RUN, "cross", "cross")
    check_kind(RUN, "encoder", "cross", "encoder")
    message = "--kind self: runs/x is a run of x, whose attention is of --kind cross or encoder"
    with pytest.raises(ValueError, match=message):
        check_kind(RUN, "self", "cross", "encoder")


def test_each_head_by_itself():
    each = by_layer(WEIGHTS, heads=True)
    same(chosen(RUN, WEIGHTS, head=EACH), each)
    second = {title: each[title] for title in ("layer 2, head 1", "layer 2, head 2")}
    same(chosen(RUN, WEIGHTS, layer=2, head=EACH), second)
    same(chosen(RUN, WEIGHTS[:, :1], head=EACH), by_layer(WEIGHTS[:, :1]))

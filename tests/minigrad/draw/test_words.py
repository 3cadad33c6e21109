"""Words for rows and columns: those given, where they are carried, and mistakes."""

import json
import re

import pytest

import minigrad
from minigrad import nn
from minigrad.draw import draw
from minigrad.draw.scene import Scene
from minigrad.nn import functional as F

CAT, HUND = ("the", "cat", "sat"), ("der", "Hund")


def words_of(output, words, *tensors):
    """The words of each axis of some tensors in the drawing of an output."""
    found = Scene.of(output, words=words).words
    return [found.get(tensor) for tensor in tensors]


def test_a_list_names_the_one_axis_of_that_length():
    x = minigrad.randn(3, 4, requires_grad=True)
    assert words_of(x, {x: CAT}, x) == [(CAT, None)]
    assert words_of(x, {x: {-1: list("abcd")}}, x) == [(None, tuple("abcd"))]


def test_words_of_ids_name_the_rows_and_columns_of_all_that_is_computed_from_them():
    table, other = nn.Embedding(9, 4), nn.Embedding(9, 4)
    source, target = minigrad.tensor([[5, 1, 2]]), minigrad.tensor([[3, 4]])
    keys, queries = table(source), other(target)
    scores = queries @ keys.transpose(-2, -1) / 2
    weights = F.softmax(scores, dim=-1)
    context = weights @ keys
    found = words_of(
        context.sum(), {source: CAT, target: HUND}, keys, queries, scores, weights, context
    )
    assert found == [
        (None, CAT, None), (None, HUND, None), (None, HUND, CAT), (None, HUND, CAT),
        (None, HUND, None),
    ]  # fmt: skip


def test_words_of_a_result_are_carried_back_too():
    x, w = minigrad.randn(3, 4, requires_grad=True), minigrad.randn(4, 3)
    scores = x @ w
    weights = scores.softmax(dim=1)
    assert words_of(weights, {weights: {0: CAT}}, scores, x, w) == [
        (CAT, None), (CAT, None), None,
    ]  # fmt: skip


def test_heads_are_split_and_merged_with_their_words():
    x = minigrad.randn(1, 3, 8, requires_grad=True)
    heads = x.view(1, 3, 2, 4).transpose(1, 2)
    scores = heads @ heads.transpose(-2, -1)
    merged = (scores.softmax(dim=-1) @ heads).transpose(1, 2).reshape(1, 3, 8)
    assert words_of(merged, {x: CAT}, scores, merged) == [
        (None, None, CAT, CAT), (None, CAT, None),
    ]  # fmt: skip


def test_a_part_of_an_axis_takes_a_part_of_its_words():
    x = minigrad.randn(2, 3, requires_grad=True)
    part, new = x[:, 1:], x[None, 0]
    total = part.sum() + new.sum()
    assert words_of(total, {x: {1: CAT}}, part, new) == [(None, CAT[1:]), (None, CAT)]
    assert words_of(total, {part: {1: HUND}}, x) == [None]


def test_an_axis_that_is_mixed_carries_no_words():
    x = minigrad.randn(3, 3, requires_grad=True)
    flat, mean, stacked = x.reshape(9), x.mean(0), minigrad.stack([x, x])
    out = flat.sum() + mean.sum() + stacked.sum() + x.flatten()[minigrad.tensor([0, 1, 2])].sum()
    assert words_of(out, {x: {0: CAT}}, flat, mean, stacked) == [None, None, (None, CAT, None)]


def test_a_gradient_that_is_drawn_as_a_tensor_has_the_words_of_its_tensor():
    x = minigrad.randn(3, 4, requires_grad=True)
    scene = Scene.of((x * x).sum(), backward=True, words={x: CAT})
    assert scene.words[scene.recorded[x]] == (CAT, None)


def test_the_page_gets_the_words():
    x = minigrad.randn(3, 30, requires_grad=True)
    page = draw(x.tanh(), words={x: CAT}).page()
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    assert data["words"] == [list(CAT)]
    assert [tensor["words"] for tensor in data["tensors"]] == [[0, None], [0, None]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (lambda x: [CAT], "words is a list: give a dict from tensor"),
        (lambda x: {"x": CAT}, "given for tensors, not for a str"),
        (lambda x: {x: "the"}, "a list of strings, not one string"),
        (lambda x: {x: 3}, "a list of strings, not int"),
        (lambda x: {x: HUND}, "2 words for a tensor of shape (3, 3): no axis has this size"),
        (lambda x: {x: CAT}, "3 words for a tensor of shape (3, 3): axes [0, 1] have this size"),
        (lambda x: {x: {0: HUND}}, "2 words for axis 0 of a tensor of shape (3, 3): it needs 3"),
        (lambda x: {x: {2: CAT}}, "axis 2 of a tensor of shape (3, 3): its axes are 0 to 1"),
        (lambda x: {x: {"row": CAT}}, "axis 'row' of a tensor"),
    ],
)
def test_words_that_do_not_fit(words, said):
    x = minigrad.ones(3, 3, requires_grad=True)
    with pytest.raises((TypeError, ValueError), match=re.escape(said)):
        draw(x, words=words(x))

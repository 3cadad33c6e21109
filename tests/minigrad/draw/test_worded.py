"""Pictures of tensors with words: numbers under words, heat maps with named rows and columns."""

from drawn import words as texts

import minigrad
from minigrad.draw import draw, labels

CAT, HUND = ("the", "cat", "sat"), ("der", "Hund")


def test_ids_are_shown_with_their_words_and_not_with_their_mean():
    ids = minigrad.arange(16, 36)
    table = minigrad.randn(40, 2, requires_grad=True)
    seen = texts(draw(table[ids], words={ids: [f"w{i}" for i in range(20)]}))
    assert "w0" not in seen  # as an index, the ids are a setting
    out = minigrad.nn.functional.embedding(ids, table)
    seen = texts(draw(out, words={ids: [f"w{i}" for i in range(20)]}))
    assert [word for word in seen if word in ("w0", "w19", "16", "35", "16 … 35")] == [
        "w0", "16", "w19", "w19", "35", "w0", "w19",
    ] or {"w0", "w19", "16", "35"} <= set(seen)  # fmt: skip
    assert "16 … 35" not in seen


def test_weights_are_one_heat_map_per_head_with_named_rows_and_columns():
    scores = minigrad.randn(1, 4, 3, 5, requires_grad=True)
    weights = scores.softmax(-1)
    columns = [f"c{i}" for i in range(5)]
    shown = texts(draw(weights, words={weights: {-2: CAT, -1: columns}}))
    for head in range(1, 5):
        assert shown.count(f"{head} of 4") == 2  # of the weights, and of the scores
    assert shown.count("cat") == shown.count("c3") == 8
    assert sum("colours from −" in text for text in shown) == 2


def test_the_maps_are_named_by_the_words_of_their_axis():
    x = minigrad.randn(2, 3, 4, requires_grad=True)
    shown = texts(draw(x * 2, words={x: {0: HUND, 1: CAT}}))
    assert {"der", "Hund"} <= set(shown)
    assert "1 of 2" not in shown


def test_a_map_of_means_says_so():
    x = minigrad.randn(3, 100, requires_grad=True)
    x.tanh().sum().backward()
    shown = " ".join(texts(draw(x.tanh(), words={x: CAT})))
    assert "a cell is the mean of up to 1 × 7 numbers" in shown
    assert "grad" in shown


def test_what_is_not_finite_is_red_and_any_word_is_shown():
    x = minigrad.randn(3, 5, requires_grad=True)
    with minigrad.no_grad():
        x[0, 0] = float("nan")
    source = draw(x * 2, words={x: ["<b>", "\x00", ""]}).source
    assert source.count(f'BGCOLOR="{labels.ALARM}"') == 2
    assert "&lt;b&gt;" in source
    assert "\\\\x00" in source


def test_without_words_nothing_changes():
    x = minigrad.randn(3, 5, requires_grad=True)
    assert draw(x * 2).source == draw(x * 2, words={}).source

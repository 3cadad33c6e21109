"""The page of a Transformer's weights in a real browser: three kinds of attention, and cuts."""

import numpy as np
import pytest

import minigrad
from models.showing import transformer as shows
from models.tasks.calendar import corpus
from models.training import evaluation
from models.training.transformer import Settings, Transforming
from tests.browser.test_weights_page import SENTENCE, cell, choose, expected, numbers, odds


@pytest.fixture
def transformer(monkeypatch):
    """A Transformer with two layers and two heads that writes four words."""
    monkeypatch.setattr(evaluation, "LIMIT", 4)
    pairs = corpus(size=100, validation=10, test=10, max_clauses=2).train
    run = Transforming.start("", Settings(embedding=8, hidden=8, heads=2), pairs)
    for _, batch in zip(range(5), run.batches(pairs), strict=False):
        run.step(batch)
    with minigrad.no_grad():
        run.model.output.bias[:4] -= 10.0  # no special tokens, such as an early end
    return run


@pytest.mark.parametrize("kind", ["cross", "encoder", "decoder"])
def test_each_kind_of_attention_of_a_transformer(show, transformer, kind):
    page = show(transformer, SENTENCE, layer=1, kind=kind)
    given = shows.page(transformer, SENTENCE, kind)
    translation = " ".join(given["translation"])
    assert page.locator("#text").inner_text() == f"{' '.join(SENTENCE)} → {translation}"
    assert page.locator("#weights th[scope='row']").all_inner_texts() == given["rows"]
    assert page.locator("#weights th[scope='col']").all_inner_texts() == given["columns"]
    assert page.locator("input[name='layer'][value='0']").is_checked()
    assert np.allclose(numbers(page, "weights"), np.mean(given["weights"][0], 0), atol=0.0052)
    for layer, row, column in ((0, 2, 0), (1, 2, 1)):
        choose(page, "layer", layer)
        cell(page, row, column).click()
        assert odds(page) == expected(given["cuts"][layer][row][column], None)
        place = given["places"][row] + 1
        assert page.locator("#says").inner_text().startswith(f"Word {place} would ")
        said = f"Cut: in layer {layer + 1} (all heads) at {given['rows'][row]}, "
        assert said + f"{given['columns'][column]} is masked." in page.locator("#what").inner_text()


def test_a_later_word_cannot_be_cut(show, transformer):
    page = show(transformer, SENTENCE, kind="decoder")
    before = odds(page)
    cell(page, 0, 1).click()
    assert "a word attends to no later word" in page.locator("#what").inner_text()
    assert odds(page) == before

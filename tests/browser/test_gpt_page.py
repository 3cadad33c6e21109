"""The page of a GPT's weights in a real browser: the answer is the word that follows."""

import pytest

from models.showing import writing as shows
from models.tasks import stories
from models.training.writing import Settings, Writing
from tests.browser.test_weights_page import cell, choose

WORDS = ("The", "dog", "finds", "a")


@pytest.fixture
def writer():
    texts = stories.corpus(size=50, validation=0).train
    run = Writing.start("", Settings(embedding=8, hidden=8, layers=2, heads=2), texts)
    for _, batch in zip(range(5), run.batches(texts), strict=False):
        run.step(batch)
    return run


def test_the_next_word(show, writer):
    page = show(writer, WORDS)
    given = shows.page(writer, WORDS)
    name, p = given["answers"][-1][0]
    assert page.locator("#says").inner_text() == f"The next word is {name} ({p:.2f})"
    assert page.locator("#text").inner_text() == "<begin> The dog finds a"
    assert not page.locator("#instead").is_visible()
    choose(page, "layer", 0)
    cell(page, 2, 1).click()
    assert page.locator("#says").inner_text().startswith("The next word would ")
    assert "dog may not attend to The." in page.locator("#what").inner_text()


def test_a_later_word_cannot_be_cut(show, writer):
    page = show(writer, WORDS)
    cell(page, 1, 2).click()
    assert "a word attends to no later word" in page.locator("#what").inner_text()

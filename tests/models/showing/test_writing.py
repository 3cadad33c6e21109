"""Showing a GPT: its page, whose cuts and gradients are those of the next word; its losses."""

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from models.showing import writing as showing
from models.tasks import stories
from models.tasks.vocabulary import Vocabulary
from models.training import ngrams
from models.training.writing import Settings, Writing

WORDS = ("The", "dog", "finds", "a", "red")
SIZES = {"embedding": 8, "hidden": 8, "layers": 2, "heads": 2}


@pytest.fixture(scope="module")
def splits():
    return stories.corpus(size=100, validation=20)


@pytest.fixture(scope="module")
def run(tmp_path_factory, splits):
    run = Writing.start(tmp_path_factory.mktemp("run"), Settings(steps=20, **SIZES), splits.train)
    stream = run.batches(splits.train)
    for _ in range(20):
        run.step(next(stream))
    run.model.eval()
    return run


@pytest.fixture(scope="module")
def page(run):
    return showing.page(run, WORDS)


def next_word(run, cut=None):
    text = minigrad.tensor([[Vocabulary.BEGIN, *run.vocabulary.encode(WORDS)]])
    with minigrad.no_grad():
        logits, weights = run.model(text, cut)
    return F.softmax(logits[0, -1], -1).numpy(), weights[0].numpy()


def test_the_answer_is_the_next_word(run, page):
    p, weights = next_word(run)
    assert page["rows"] == page["columns"] == ["<begin>", *WORDS]
    assert page["asked"] == 5
    assert page["answers"][:5] == [None] * 5
    name, probability = page["answers"][5][0]
    assert name == run.vocabulary.words[p.argmax()]
    assert probability == pytest.approx(p.max(), abs=1e-4)
    np.testing.assert_allclose(page["weights"], weights, atol=1e-4)


def test_every_cut_is_what_the_model_says_without_the_edge(run, page):
    for layer in range(2):
        for row in range(6):
            for column in range(6):
                change = page["cuts"][layer][row][column]
                reaches = layer == 0 or row == 5
                if not (reaches and column <= row and row > 0):
                    assert change is None
                    continue
                cut = np.zeros((2, 1, 1, 6, 6), bool)
                cut[layer, 0, 0, row, column] = True
                after, _ = next_word(run, minigrad.tensor(cut))
                for name, before, now in change:
                    word = run.vocabulary.words.index(name)
                    assert now == pytest.approx(after[word], abs=2e-4)
                    assert before == pytest.approx(next_word(run)[0][word], abs=2e-4)


def test_no_gradient_reaches_a_later_token(page):
    gradients = np.array(page["gradients"])
    assert (np.triu(gradients, 1) == 0).all()
    assert (np.abs(gradients[1, :, 5]) > 0).all()
    assert (gradients[1, :, :5] == 0).all()  # in the last layer only the last row is asked


def test_a_page_of_a_single_token(run):
    page = showing.page(run, ("The",))
    assert page["cuts"][0][0] == [None, None]
    assert page["cuts"][0][1][0] is not None


def test_the_loss_of_the_n_grams_is_that_of_the_same_tokens(run, splits):
    known, end = run.vocabulary, [Vocabulary.END]
    train, test = (
        [np.array([*known.encode(told), *end]) for told in texts]
        for texts in (splits.train, splits.validation)
    )
    expected = ngrams.cross_entropy(train, test, Vocabulary.BEGIN, len(known) - 2)
    assert showing.ngram_loss(run, *splits[:2]) == pytest.approx(expected)


def test_nothing_unprintable_is_spelled(run):
    told = showing.spelled(run, ("The", "\x1b[31m", "\u202e", "\n", "dog"))
    assert all(line.isprintable() for line in told.split("\n"))
    assert showing.spelled(run, ("It", "is", "red", ".")) == "It is red."

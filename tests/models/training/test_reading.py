import numpy as np
import pytest

import minigrad
from models.self_attention import BareSelfAttention
from models.tasks.coreference import COURSE, corpus
from models.tasks.vocabulary import Vocabulary
from models.training.reading import Reading, Settings, accuracy, index_of_it, logits_of, weights_of


@pytest.fixture(scope="module")
def splits():
    return corpus(size=200, validation=20, test=20)


@pytest.fixture
def run(tmp_path, splits):
    return Reading.start(tmp_path, Settings(steps=5, embedding=8), splits.train)


def test_a_batch(run, splits):
    texts = splits.train[:3]
    batch = run.batch(texts)
    assert batch.text.shape == (3, max(len(text.words) for text in texts))
    assert batch.text.dtype == batch.it.dtype == batch.answer.dtype == np.int64
    for row, text, it, answer in zip(batch.text, texts, batch.it, batch.answer, strict=True):
        assert run.vocabulary.decode(row) == list(text.words)
        assert (row[len(text.words) :] == Vocabulary.PAD).all()
        assert (it, answer) == (text.it, text.answer)


def test_the_loss_is_that_of_the_weight_on_the_noun(run):
    batch = run.batch([COURSE])
    loss, right = run.loss(batch)
    row = weights_of(run, COURSE.words)[-1].mean(0)[COURSE.it]
    assert loss.item() == pytest.approx(-np.log(row[COURSE.answer]), rel=1e-5)
    assert right == (row.argmax() == COURSE.answer)
    assert logits_of(run.model, batch).shape == (1, len(COURSE.words))


def test_accuracy_counts_texts_in_which_it_attends_most_to_its_noun(run, splits):
    rows = [weights_of(run, text.words)[-1].mean(0)[text.it] for text in splits.test]
    right = [row.argmax() == text.answer for row, text in zip(rows, splits.test, strict=True)]
    assert accuracy(run, splits.test) == np.mean(right)


def test_a_resumed_run_gives_the_same_numbers(tmp_path, run, splits):
    stream = run.batches(splits.train)
    for _ in range(3):
        run.step(next(stream))
    run.save()
    again = Reading.open(tmp_path)
    assert again.settings == run.settings
    assert again.vocabulary.words == run.vocabulary.words
    assert run.train(splits.train)
    assert again.train(splits.train)
    assert again.metrics == run.metrics
    assert len(run.metrics) == 5


def test_the_bare_model_learns_by_its_embedding_alone(tmp_path, splits):
    settings = Settings(model="bare_attention", steps=3, embedding=8)
    bare = Reading.start(tmp_path, settings, splits.train, model=BareSelfAttention)
    (before,) = bare.parameters
    before = before.detach().numpy().copy()
    assert bare.train(splits.train)
    (after,) = bare.parameters
    assert not np.array_equal(after.detach().numpy(), before)


def test_unknown_words_are_allowed(run):
    weights = weights_of(run, ["The", "aardvark", "likes", "it"])
    assert weights.shape == (2, 1, 4, 4)
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)


def test_cut_edges_reach_the_model(run):
    cut = np.zeros((2, 3, 3), bool)
    cut[1, 0, 2] = True
    weights = weights_of(run, ["The", "dog", "likes"], cut)
    assert weights[1, 0, 0, 2] == 0 < weights[0, 0, 0, 2]


def test_the_word_to_resolve():
    assert index_of_it(["It", "is", "it", "."]) == 2
    assert index_of_it(["no", "such", "word"]) == 2


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="5 heads"):
        Settings(heads=5)
    with pytest.raises(ValueError, match="learning_rate must be at least 0"):
        Settings(learning_rate=-1.0)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_learns_what_it_refers_to(tmp_path, seed):
    splits = corpus(size=3_000, seed=seed, validation=0, test=200)
    run = Reading.start(tmp_path, Settings(steps=300, seed=seed), splits.train)
    stream = run.batches(splits.train)
    for _ in range(run.settings.steps):
        run.step(next(stream))
    run.model.eval()
    assert accuracy(run, splits.test) > 0.85
    assert weights_of(run, COURSE.words)[-1, 0, COURSE.it].argmax() == COURSE.answer
    with minigrad.no_grad():
        assert run.loss(run.batch([COURSE]))[0].item() < 0.1

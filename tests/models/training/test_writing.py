import itertools

import numpy as np
import pytest

import minigrad
from models.tasks import passages, stories
from models.tasks.tokens import Characters
from models.tasks.vocabulary import Vocabulary
from models.training import generation
from models.training.generation import continued, mean_loss, sliding, written
from models.training.writing import Settings, Writing

SIZES = {"embedding": 8, "hidden": 8, "layers": 2, "heads": 2}


@pytest.fixture(scope="module")
def splits():
    return stories.corpus(size=200, validation=20)


@pytest.fixture
def run(tmp_path, splits):
    return Writing.start(tmp_path, Settings(steps=5, batch_size=8, **SIZES), splits.train)


@pytest.fixture
def book(tmp_path):
    """A run of a text."""
    path = tmp_path / "book.txt"
    path.write_text("It was the best of times, it was the worst of times. " * 20, encoding="utf-8")
    given = {"text": str(path), "context": 12, "steps": 4, "batch_size": 3, **SIZES}
    settings = Writing.settings_from(given)
    splits = Writing.load(settings)
    return Writing.start(tmp_path / "run", settings, splits.train), splits


# Batches.


def test_a_batch_of_stories(run, splits):
    texts = splits.train[:3]
    batch = run.batch(texts)
    assert batch.text.dtype == batch.following.dtype == np.int64
    assert batch.text.shape == (3, 1 + max(map(len, texts)))
    for told, row, following in zip(texts, *batch, strict=True):
        ids = run.vocabulary.encode(told)
        padding = [Vocabulary.PAD] * (len(row) - len(ids) - 1)
        assert row.tolist() == [Vocabulary.BEGIN, *ids, *padding]
        assert following.tolist() == [*ids, Vocabulary.END, *padding]


def test_a_batch_of_passages(book):
    run, splits = book
    batch = run.batch([splits.train[0], splits.train[1][:3]])
    ids = run.vocabulary.encode(splits.train[0])
    assert batch.text[0].tolist() == [Vocabulary.BEGIN, *ids[:-1]]
    assert batch.following[0].tolist() == ids
    assert (batch.following[1] == Vocabulary.PAD).sum() == 9
    assert (batch.text[1] == Vocabulary.PAD).sum() == 9


def test_what_is_longer_than_the_context_is_cut_off(tmp_path, splits):
    run = Writing.start(tmp_path, Settings(context=10, **SIZES), splits.train)
    batch = run.batch(splits.train[:2])
    assert batch.text.shape == batch.following.shape == (2, 10)
    run.loss(batch)


def test_an_epoch_has_each_story_once_and_little_padding(run, splits):
    steps = len(splits.train) // 8
    epoch = list(itertools.islice(run.batches(splits.train), steps))
    rows = [tuple(run.vocabulary.decode(row)) for batch in epoch for row in batch.text.tolist()]
    assert sorted(rows) == sorted(splits.train)
    assert np.mean([(batch.text == Vocabulary.PAD).mean() for batch in epoch]) < 0.1


@pytest.mark.parametrize("start", [0, 3, 25, 30])
def test_batches_go_on_from_any_step(run, splits, book, start):
    for one, texts in ((run, splits.train), (book[0], book[1].train)):
        whole = itertools.islice(one.batches(texts), start, start + 3)
        for batch, other in zip(whole, one.batches(texts, start), strict=False):
            np.testing.assert_array_equal(batch.text, other.text)


def test_windows_start_anywhere_in_the_text(book):
    run, splits = book
    whole = "".join(splits.train.starting(0)) + "".join(
        "".join(splits.train[i]) for i in range(1, len(splits.train))
    )
    for batch in itertools.islice(run.batches(splits.train), 20):
        for row in batch.following.tolist():
            assert "".join(run.vocabulary.decode(row)) in whole
            assert len(row) == 12


def test_the_loss_is_that_of_the_next_tokens(run, splits):
    batch = run.batch(splits.validation[:2])
    loss, right = run.loss(batch)
    logits = run.model(minigrad.tensor(batch.text))[0].detach().numpy()
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    asked = batch.following != Vocabulary.PAD
    picked = np.take_along_axis(log_p, batch.following[..., None], -1)[..., 0]
    assert loss.item() == pytest.approx(-picked[asked].mean(), rel=1e-5)
    assert right == (logits.argmax(-1) == batch.following)[asked].mean()
    total = [run.loss(run.batch([told]))[0].item() * (len(told) + 1) for told in splits.validation]
    expected = sum(total) / sum(len(told) + 1 for told in splits.validation)
    assert mean_loss(run, splits.validation) == pytest.approx(expected, rel=1e-5)


# Training.


def test_a_resumed_run_gives_the_same_numbers(tmp_path, run, splits):
    stream = run.batches(splits.train)
    for _ in range(3):
        run.step(next(stream))
    run.save()
    again = Writing.open(tmp_path)
    assert again.settings == run.settings
    assert run.train(splits.train)
    assert again.train(splits.train)
    assert again.metrics == run.metrics


def test_patience_ends_a_training(tmp_path, splits):
    given = {"steps": 9, "patience": 1, "evaluate_every": 1, "learning_rate": 0.0, **SIZES}
    run = Writing.start(tmp_path, Settings(**given), splits.train)
    assert run.train(splits.train, validation=splits.validation)
    assert len(run.metrics) == 2
    assert run.validation.losses[0][1] == pytest.approx(mean_loss(run, splits.validation))


def test_a_text_is_learned_by_heart(book):
    run, splits = book
    run.settings = Settings(
        **{**vars(run.settings), "steps": 150, "learning_rate": 0.02, "warmup": 9}
    )
    stream = run.batches(splits.train)
    for _ in range(150):
        run.step(next(stream))
    assert mean_loss(run, splits.validation) < 1.0
    told = "".join(continued(run, tuple("the best of"), limit=6, temperature=0))
    assert told == " times"


def test_byte_pairs_are_learned_once_and_kept(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("오늘은 금요일입니다. 내일은 토요일입니다. " * 10, encoding="utf-8")
    settings = Writing.settings_from({"text": str(path), "tokens": "bpe", "merges": 5, **SIZES})
    splits = Writing.load(settings)
    run = Writing.start(tmp_path / "run", settings, splits.train)
    run.save()
    path.unlink()
    again = Writing.open(tmp_path / "run")
    assert again.tokens.merges == run.tokens.merges
    assert len(again.tokens.merges) == 5
    assert again.tokens_of("오늘은 토요일입니다.") == run.tokens_of("오늘은 토요일입니다.")


def test_rare_tokens_are_unknown(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("aab" * 30 + "z" + "aab" * 30, encoding="utf-8")
    settings = Writing.settings_from({"text": str(path), "min_count": 2, **SIZES})
    splits = Writing.load(settings)
    run = Writing.start(tmp_path / "run", settings, splits.train)
    assert run.vocabulary.words[4:] == ["a", "b"]
    with pytest.raises(ValueError, match="no token occurs 1000 times"):
        Writing.vocabularies_of(Settings(min_count=1000), splits.train)


def test_only_a_part_of_a_long_text_is_for_validation(tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    path.write_text("abcdefgh" * 100, encoding="utf-8")
    monkeypatch.setattr(passages, "MOST_PASSAGES", 3)
    train, validation = passages.split(path, Characters().encode, 8)
    assert (len(train.numbers), len(validation.numbers)) == (720, 24)


# Writing.


@pytest.mark.parametrize("positions", ["rotary", "learned"])
@pytest.mark.parametrize("prompt", [(), ("The", "dog"), ("The", "dog", "finds") * 7])
def test_the_cache_gives_the_same_text_to_the_token(
    tmp_path, splits, monkeypatch, positions, prompt
):
    """Also beyond the context, where the text in sight slides."""
    monkeypatch.setattr(generation, "READ", (*generation.READ, Vocabulary.END))  # it goes on
    settings = Settings(context=16, positions=positions, **SIZES)
    run = Writing.start(tmp_path, settings, splits.train)
    texts = [
        list(
            continued(run, prompt, cached, limit=50, generator=minigrad.Generator().manual_seed(3))
        )
        for cached in (True, False)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 50


@pytest.mark.parametrize("context", [2, 3, 7])
def test_the_logits_with_and_without_the_cache(tmp_path, splits, context):
    run = Writing.start(tmp_path, Settings(context=context, **SIZES), splits.train)
    run.model.double()
    states = {True: None, False: None}
    for word in [Vocabulary.BEGIN, *run.vocabulary.encode(splits.train[0])]:
        found = {}
        for cached, state in states.items():
            decode = sliding(run.model, cached)
            found[cached], _, states[cached] = decode(minigrad.tensor([[word]]), state)
        assert found[True].shape == (1, 1, len(run.vocabulary))
        np.testing.assert_allclose(
            found[True].detach().numpy(), found[False].detach().numpy(), rtol=0, atol=1e-12
        )


def test_the_cache_reads_each_token_once(run, monkeypatch):
    read = []
    decode = run.model.decode

    def counted(words, state=None):
        read.append(words.shape[1])
        return decode(words, state)

    monkeypatch.setattr(run.model, "decode", counted)
    told = list(continued(run, ("The", "dog"), limit=9))
    assert read == [3, *[1] * (len(told) - (len(told) == 9))]
    read.clear()
    told = list(continued(run, ("The", "dog"), cached=False, limit=9))
    assert read == list(range(3, 3 + len(read)))


def test_what_was_slid_is_read_again_from_the_first_position(tmp_path, splits):
    run = Writing.start(tmp_path, Settings(context=6, **SIZES), splits.train)
    decode, state = sliding(run.model), None
    for word in (1, 5, 6, 7, 8, 9, 10, 11):
        logits, _, state = decode(minigrad.tensor([[word]]), state)
    expected, _ = run.model(minigrad.tensor([[Vocabulary.BEGIN, 8, 9, 10, 11]]))
    np.testing.assert_allclose(
        logits.detach().numpy()[0, 0, 5:], expected.detach().numpy()[0, -1, 5:], atol=1e-5
    )


def test_special_tokens_are_not_written(run):
    with minigrad.no_grad():
        run.model.embedding.words.weight[[0, 1, 3]] += 5.0
    for told in written(run, 20, limit=30):
        assert not set(told) & {"<pad>", "<begin>", "<unknown>", "<end>"}


def test_a_text_that_goes_on_has_no_end(book):
    run, _ = book
    with minigrad.no_grad():
        run.model.embedding.words.weight[Vocabulary.END] += 9.0
    assert len(list(continued(run, (), limit=40, temperature=0))) == 40


def test_written_texts_end_at_their_end(run, monkeypatch):
    monkeypatch.setattr(generation, "AT_ONCE", 4)
    texts = written(run, 10, limit=72, generator=minigrad.Generator().manual_seed(0))
    assert len(texts) == 10
    assert len({len(told) for told in texts}) > 1
    assert max(map(len, texts)) <= 72


def test_impossible_settings_are_refused():
    for given, message in (
        ({"heads": 5}, "5 heads"),
        ({"positions": "none"}, "positions must be"),
        ({"dropout": 1.0}, "dropout must be below 1"),
        ({"tokens": "characters"}, "stories are made of words"),
    ):
        with pytest.raises(ValueError, match=message):
            Settings(**given)


# Passages of a file.


def test_a_text_is_split_into_passages(tmp_path, monkeypatch):
    text = "".join(f"line {i}\n" for i in range(50))
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    monkeypatch.setattr(passages, "AT_ONCE", 30)
    train, validation = passages.split(path, Characters().encode, 16)
    parts = ["".join(part) for part in (*train, *validation)]
    assert "".join(parts) == text
    assert len(validation.numbers) == round(len(text) / 10)
    assert {len(part) for part in parts[: len(train) - 1]} == {16}
    assert train.starting(5) == tuple(text[5:21])
    assert len(train) == len(list(train))
    assert train[-1] == list(train)[-1]
    assert train[1:3] == [train[1], train[2]]
    with pytest.raises(IndexError):
        train[len(train)]
    beginning = "".join("".join(part) for part in train)
    assert train.known() == sorted(set(beginning), key=lambda c: (-beginning.count(c), c))
    assert train.known(30) == [c for c in train.known() if beginning.count(c) >= 30]


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_the_parts_of_a_file_are_its_text(tmp_path, monkeypatch, size):
    text = "one two\nthree  four_five_six 오늘은 금요일 " + "x" * 40 + " end"
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(passages, "AT_ONCE", size)
    parts = list(passages.parts(path))
    assert "".join(parts) == text
    if size == 10:
        assert "금요일" in " ".join(parts).split()

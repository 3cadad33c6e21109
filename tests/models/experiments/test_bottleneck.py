import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad
from models.experiments import bottleneck
from models.experiments.bottleneck import ATTENTION, BACKWARDS, FIXED, FULL, QUICK, READERS
from models.showing import plots
from models.tasks import digits
from models.tasks.pairs import Pair

COURSE = Path(__file__).parents[3] / "docs" / "figures" / "bottleneck.json"


@pytest.fixture(scope="module")
def quick():
    return bottleneck.measure(QUICK)


@pytest.fixture(scope="module")
def course():
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    return json.loads(COURSE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sentences():
    """A small calendar."""
    task = replace(FULL.calendar, longest=3, tested=4, tests=15, pairs=300)
    return bottleneck.calendar_sentences(task, seed=1)


def exact(found, reader):
    """Exact match: (lengths, seeds), the first row for length 0, so that [n] is length n."""
    rows = np.array(found["exact"][reader])
    assert rows.shape[1] >= 3
    assert ((rows >= 0) & (rows <= 1)).all()
    return np.vstack([np.ones(rows.shape[1]), rows])


def told(found, reader):
    """Words predicted right: (longest, seeds)."""
    rows = np.array(found["told"][reader])
    assert len(rows) == found["longest"]
    return rows


def check_digits(found, least):
    """The claim, for every seed."""
    n = found["longest"]
    attention, fixed = exact(found, ATTENTION), exact(found, FIXED)
    assert attention[1 : n + 1].min() > least
    assert fixed[1].min() > 0.95  # it has learned the task
    assert fixed[n].max() < 0.2
    assert attention[n + 2].max() < 0.5  # no further than trained

    assert told(found, ATTENTION).min() > 0.9
    lost = told(found, FIXED)
    assert lost[-1].min() > 0.85  # the last digit read, the first one written
    assert lost[0].max() < 0.6
    assert (told(found, BACKWARDS).mean(0) < lost.mean(0) - 0.1).all()
    assert np.array(found["guessed"][FIXED]).max() < 0.25


def test_the_claim(quick):
    check_digits(quick["digits"], least=0.75)


def test_the_claim_in_full(course):
    assert course["settings"] == json.loads(json.dumps(asdict(FULL)))
    check_digits(course["result"]["digits"], least=0.95)


def test_the_calendar_in_full(course):
    found = course["result"]["calendar"]
    attention, fixed = exact(found, ATTENTION), exact(found, FIXED)
    assert attention[1:].min() > 0.5
    assert (attention[1:] > fixed[1:] + 0.4).all()
    assert fixed[2:].max() < 0.2
    forwards, backwards = told(found, FIXED), told(found, BACKWARDS)
    assert (backwards[0] > forwards[0] + 0.1).all()  # the first clause is helped,
    assert (backwards[-1] < forwards[-1] + 0.05).all()  # and the last one is not


def test_both_have_the_same_number_of_parameters(quick, course):
    assert set(course["result"]) == {"digits", "calendar"}
    for result, most in ((quick, 1.03), (course["result"], 1.01)):  # small ones come in big steps
        for found in result.values():
            attention, fixed, backwards = (set(found["parameters"][name]) for name in READERS)
            assert len(attention) == 1
            assert fixed == backwards
            assert attention.pop() <= fixed.pop() <= most * max(found["parameters"][ATTENTION])


def test_all_start_orthogonal_and_from_the_same_batches():
    for reader in READERS:
        run = bottleneck.start(QUICK.digits, reader, 3, (digits.VOCABULARY, digits.VOCABULARY))
        for part in (run.model.encoder, run.model.decoder):
            weight = part.rnn.hidden.weight.detach().numpy()
            np.testing.assert_allclose(weight @ weight.T, np.eye(len(weight)), atol=1e-5)
    one, two = (bottleneck.digit_sentences(QUICK.digits, seed=3) for _ in range(2))
    assert [one.draw(n) for n in (1, 4)] == [two.draw(n) for n in (1, 4)]
    assert one.tests == two.tests


def test_the_longest_grow_over_the_first_half():
    task = replace(QUICK.digits, longest=5, steps=20)
    longest = [bottleneck.longest_at(step, task) for step in range(20)]
    assert longest == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] + [5] * 10


def test_digits(quick):
    task = QUICK.digits
    sentences = bottleneck.digit_sentences(task, seed=0)
    drawn = [pair for _ in range(20) for pair in sentences.draw(3)]
    assert {len(pair.source) for pair in drawn} == {1, 2, 3}
    assert all(pair.target == pair.source[::-1] for pair in drawn)
    assert [{len(pair.source) for pair in test} for test in sentences.tests] == [
        {n} for n in range(1, task.tested + 1)
    ]
    pair = sentences.tests[4][0]
    assert [sentences.place(pair, i) for i in pair.content] == [4, 3, 2, 1, 0]


def test_calendar(sentences):
    drawn = [pair for _ in range(20) for pair in sentences.draw(2)]
    assert {bottleneck.clause_of(pair) for pair in drawn} == {0, 1}
    all_drawn = {pair.source for _ in range(20) for pair in sentences.draw(3)}
    for n, test in enumerate(sentences.tests):
        assert test
        assert {bottleneck.clause_of(pair) for pair in test} == {n}
        assert not all_drawn & {pair.source for pair in test}
    pair = Pair((), ("It", "is", "a", "and", "today", "is", "b", "but", "not", "c", "."))
    assert [sentences.place(pair, i) for i in (0, 2, 3, 4, 6, 9)] == [0, 0, 0, 1, 1, 2]


def test_what_a_reader_reads():
    pairs = [Pair(("a", "b", "c"), ("A", "B", "C"))]
    for reader in (ATTENTION, FIXED):
        assert bottleneck.as_read(pairs, reader) == pairs
    assert bottleneck.as_read(pairs, BACKWARDS) == [Pair(("c", "b", "a"), ("A", "B", "C"))]


def test_words_told_by_a_model_that_misses_the_first_digit():
    vocabulary = digits.VOCABULARY
    task = replace(QUICK.digits, tests=400)
    sentences = bottleneck.digit_sentences(task, seed=0)
    run = bottleneck.start(task, FIXED, 0, sentences.vocabularies)

    def model(source, target):
        ids = source.numpy()[:, ::-1].copy()  # the target, whose last digit is to be predicted,
        ids[:, -1] = vocabulary.encode(["0"])[0]  # which is the first of the source, is lost
        ids = np.pad(ids, ((0, 0), (0, 1)))  # END is not a digit of the source
        return minigrad.tensor(np.eye(len(vocabulary))[ids])

    oracle = SimpleNamespace(batch=run.batch, model=model)
    told, guessed = bottleneck.words_told(oracle, sentences.tests[3], sentences.place, FIXED)
    assert told[1:] == [1, 1, 1]
    np.testing.assert_allclose([told[0], *guessed], 0.1, atol=0.06)


def test_the_report(quick):
    text = bottleneck.report(quick)
    attention = np.array(quick["digits"]["exact"][ATTENTION])
    assert f"{quick['digits']['parameters'][FIXED][0]:,}" in text
    for row in attention:
        assert f"{np.median(row):.2f} ({row.min():.2f} to {row.max():.2f})" in text


def test_the_pictures(quick, tmp_path):
    found = quick["digits"]
    with_calendar = quick | {"calendar": found}  # the same number of lines, whatever they show
    for result, names in (
        (quick, {"bottleneck", "bottleneck_lost"}),
        (with_calendar, {"bottleneck", "bottleneck_calendar", "bottleneck_lost"}),
    ):
        pictures = bottleneck.draw(result)
        assert set(pictures) == names
        for name, fig in pictures.items():
            assert all(ax.get_xlabel() for ax in fig.axes)
            assert fig.axes[0].get_ylabel()
            assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
        for name, key in (("bottleneck", "exact"), ("bottleneck_lost", "told")):
            attention, fixed = pictures[name].axes[0].lines[:2]
            for line, reader in ((attention, ATTENTION), (fixed, FIXED)):
                medians = np.median(found[key][reader], 1)
                np.testing.assert_allclose(line.get_ydata(), medians)
                assert line.get_label() == reader

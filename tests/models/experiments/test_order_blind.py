import json
from pathlib import Path

import numpy as np
import pytest

from models.experiments import order_blind
from models.showing import plots
from models.tasks.coreference import COURSE as TEXT

COURSE = Path(__file__).parents[3] / "docs" / "figures" / "order_blind.json"


@pytest.fixture(scope="module", params=["quick", "course"])
def result(request):
    """The results of QUICK, and the stored results of the course."""
    if request.param == "quick":
        return order_blind.measure(order_blind.QUICK)
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    return json.loads(COURSE.read_text())["result"]


@pytest.mark.parametrize("name", ["vectors", "weights"])
def test_without_positions_shuffled_words_give_shuffled_outputs(result, name):
    assert set(result["layers"]) == {1, 2, 3}
    assert len(result[name]["none"]) == len(result["layers"]) >= 3 * 3
    assert max(result[name]["none"]) < 1e-14


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_with_positions_they_do_not(result, positions):
    assert min(result["vectors"][positions]) > 0.2
    assert min(result["weights"][positions]) > 0.04


def test_a_reader_without_positions_reads_shuffled_texts_as_well(result):
    written, shuffled = np.transpose(result["accuracy"]["none"])
    assert len(written) >= 3
    assert abs(written - shuffled).max() <= 0.003  # rounding may decide a tie
    assert written.min() > 0.6  # and more than a guess


def test_positions_are_needed_to_read_all_texts(result):
    without, _ = np.transpose(result["accuracy"]["none"])
    written, shuffled = np.transpose(result["accuracy"]["sinusoidal"])
    assert (written > without + 0.02).all()  # for every seed
    assert (written > shuffled + 0.15).all()


def test_a_shuffled_text_differs_only_in_order():
    mixed = order_blind.shuffle(TEXT, np.random.default_rng(0))
    assert mixed.words != TEXT.words
    assert sorted(mixed.words) == sorted(TEXT.words)
    assert [mixed.words[i] for i in mixed[1:]] == ["It", "dog", "apple"]


def test_the_report(result):
    text = order_blind.report(result)
    for positions in order_blind.POSITIONS:
        assert text.count(positions) == 1 + (positions in result["accuracy"])
    assert f"{np.median([both[0] for both in result['accuracy']['none']]):.3f} (" in text


def test_the_figure(result, tmp_path):
    (name, fig), *others = order_blind.draw(result).items()
    assert name == "order_blind"
    assert not others
    left, right = fig.axes
    shown = np.concatenate([line.get_ydata() for line in left.lines])
    measured = [difference for kind in result["vectors"].values() for difference in kind]
    assert sorted(shown) == sorted(measured)
    low, high = right.get_ylim()
    assert low < np.min(list(result["accuracy"].values()))
    assert high >= 1
    for ax in fig.axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()
    assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000

"""The measurement that a ratio is taken from, and when a ratio cannot be trusted."""

import math

import pytest

from tests.benchmarks import timing

STEPS = dict.fromkeys(("minigrad", "calm", "late", "never"), lambda: 1.0)


@pytest.fixture
def measured(monkeypatch):
    """`compared` with given measurements: the ratio and spread of each framework."""

    def run(*tries):
        tries = iter(tries)
        monkeypatch.setattr(timing, "seconds_of", lambda step, count: 1e-3)
        monkeypatch.setattr(timing, "in_turns", lambda *_: next(tries))
        return timing.compared(STEPS, 9, 0.9), list(tries)

    return run


def found(calm, late, never):
    peers = {"calm": (1.0, *calm), "late": (1.0, *late), "never": (1.0, *never)}
    return {"minigrad": (2.0, 1.0, max(spread for *_, spread in peers.values())), **peers}


def test_each_ratio_is_of_the_try_in_which_its_rounds_agree_best(measured):
    first = found((0.5, 1.1), (0.9, 1.5), (0.7, 2.0))
    second = found((0.6, 1.3), (0.4, 1.19), (0.8, 1.9))
    crowded = found((0.1, math.inf), (0.1, math.inf), (0.1, math.inf))
    row, left = measured(first, second, crowded, crowded, crowded, first)
    assert row["ratios"] == {"calm": 0.5, "late": 0.4, "never": 0.8}
    assert row["busy"] == ["never"]
    assert left == [first]  # five attempts, not more


def test_a_cell_whose_rounds_agree_is_measured_once(measured):
    calm = found((0.5, 1.0), (0.4, 1.1), (0.3, 1.2))
    row, left = measured(calm, calm)
    assert (row["busy"], left) == ([], [calm])


def test_one_disturbed_round_of_nine_moves_nothing(monkeypatch):
    taken = {"us": iter([1.0] * 4 + [9.0] + [1.0] * 4), "peer": iter([2.0] * 9)}
    monkeypatch.setattr(timing, "seconds_of", lambda step, count: next(step))
    monkeypatch.setattr(timing, "elsewhere", lambda: 0.0)
    monkeypatch.setattr(timing, "THREADS", 1)
    ours = timing.in_turns({"minigrad": taken["us"], "peer": taken["peer"]}, [1, 1], 9)
    assert ours == {"minigrad": (1.0, 1.0, 1.0), "peer": (2.0, 0.5, 1.0)}

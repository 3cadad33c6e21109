"""The numbers of a run that a reader trained: its settings, and what it measured.

For the exercises that say *train, vary, explain*: the checker reads the reader's own run.
"""

import csv
import json
from pathlib import Path
from statistics import mean

from .language import say


def settings(run):
    """The settings of the run in a folder, as a dict. Raises ValueError if there is none."""
    return json.loads(_file(run, "config.json").read_text(encoding="utf-8"))


def curve(run, name):
    """A column of the run's metrics.csv, one number per step: loss, accuracy, norm or rate."""
    with _file(run, "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or name not in rows[0]:
        there = ", ".join(rows[0]) if rows else say("no rows")
        raise ValueError(say("metrics.csv of {} has {}", run, there))
    return [float(row[name]) for row in rows]


def last(run, name, steps=50):
    """The mean of the last steps of a column: what training ended with."""
    return mean(curve(run, name)[-steps:])


def differing(one, other):
    """The settings in which two runs differ: {name: (of one, of the other)}."""
    one, other = flat(settings(one)), flat(settings(other))
    names = sorted(one.keys() | other.keys())
    return {n: (one.get(n), other.get(n)) for n in names if one.get(n) != other.get(n)}


def compared(call, found, names, column, varied):
    """The checks of an exercise that varies some settings: yields what a `check_…` does.

    The runs in runs/NAME may differ in no other setting, and found[name] is the mean of a column
    over the last 50 steps of each. call: the exercise's call as text; varied: names of settings.
    """
    differ = differing(*(f"runs/{name}" for name in names))
    known = {f"settings.{name}" for name in varied}
    other = {n: v for n, v in differ.items() if n.startswith("settings.") and n not in known}
    besides = "the settings in which the runs differ, besides {}"
    yield say(besides, " and ".join(varied)), other, {}
    for name in names:
        mean_of_last, very_last = (round(last(f"runs/{name}", column, n), 3) for n in (50, 1))
        yield f"{call}[{name!r}]", round(found[name], 3), mean_of_last, {
            say("this is the last step alone; take the mean of the last 50"): very_last,
        }


def flat(entries, at=""):
    """Nested dicts as one: {"settings": {"steps": 3}} becomes {"settings.steps": 3}."""
    found = {}
    for name, entry in entries.items():
        found |= flat(entry, f"{at}{name}.") if isinstance(entry, dict) else {f"{at}{name}": entry}
    return found


def _file(run, name):
    """A file of a run. Raises ValueError if the run is not there."""
    file = Path(run) / name
    if not file.is_file():
        raise ValueError(say("there is no {}: train the run first, as the exercise says", file))
    return file

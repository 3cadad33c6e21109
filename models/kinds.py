"""From a model's name to what trains it and what shows it; opens, resumes and puts aside runs.

No other file asks what kind a run is: each takes what KINDS lists for its model.
"""

from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from .attention import Attention
from .self_attention import SelfAttention
from .seq2seq import Seq2Seq
from .showing import reading as shows_reading
from .showing import translating as shows_translating
from .training.reading import Reading
from .training.run import Run, config_of
from .training.translating import Translating


class Kind(NamedTuple):
    """A row of KINDS.

    model    the class of the model
    run      the class that trains it
    showing  the file that shows it (its parts: see showing/common.py)
    about    a description, for the help of the command line
    """

    model: type
    run: type[Run]
    showing: ModuleType
    about: str


KINDS = {
    "seq2seq": Kind(
        Seq2Seq, Translating, shows_translating, "a translator with one vector per sentence"
    ),
    "attention": Kind(
        Attention, Translating, shows_translating, "a translator that attends to every word"
    ),
    "self_attention": Kind(
        SelfAttention, Reading, shows_reading, "finds the noun that 'it' refers to"
    ),
}


def models_with(part):
    """The names of the models whose kind can show this part, such as `translate`."""
    return [model for model, kind in KINDS.items() if hasattr(kind.showing, part)]


def start(folder, model, given):
    """A new run with the given settings, and its examples; an old run in the folder is renamed."""
    kind = KINDS[model]
    settings = kind.run.settings_from({"model": model, **given})
    splits = kind.run.load(settings)
    run = kind.run.start(folder, settings, splits.train, model=kind.model)
    put_aside(folder)
    return run, splits


def untrained(folder, model):
    """A new run of a model that is small enough to be drawn."""
    kind = KINDS[model]
    settings = kind.run.settings_from({"model": model, **kind.run.SMALL})
    return kind.run.start(folder, settings, [kind.run.COURSE], model=kind.model)


def open_run(folder, models=None):
    """The run in a folder, and what shows it; ValueError if it is not of one of these models."""
    models = models or list(KINDS)
    model = config_of(folder)["settings"].get("model")
    if model not in models:
        raise ValueError(f"{folder} is a run of {model}, not of {' or '.join(models)}")
    kind = KINDS[model]
    return kind.run.open(folder, kind.model), kind.showing


def resume(folder, given):
    """The run in a folder, and its examples; settings that are given must be its own."""
    run, _ = open_run(folder)
    model = run.settings.model
    if given.get("model", model) != model:
        raise ValueError(f"{folder} is a run of {model}: resume it with train {model} --resume")
    if not (folder / "checkpoint.safetensors").exists():
        raise ValueError(f"{folder} has no checkpoint.safetensors to resume from")
    changed = {k: v for k, v in given.items() if v != getattr(run.settings, k)}
    if changed:
        own = {name: getattr(run.settings, name) for name in changed}
        raise ValueError(
            f"{folder} was started with {as_options(own)}, not {as_options(changed)}: leave that "
            "out, or start a new run without --resume"
        )
    return run, run.load(run.settings)


def as_options(settings):
    """Settings as they are given on the command line."""
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in settings.items())


def put_aside(folder):
    """Rename an existing run folder to NAME.1, NAME.2 …"""
    folder = Path(folder)
    if (folder / "config.json").exists():
        if folder.resolve() == Path.cwd():
            raise ValueError("the current folder holds a run and cannot be renamed: choose --out")
        number = 1
        while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
            number += 1
        folder.rename(aside)
        print(f"the run that was in {folder} is now in {aside}")

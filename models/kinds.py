"""From a model's name to what trains it and what shows it; opens, resumes and puts aside runs.

No other file asks what kind a run is: each takes what KINDS lists for its model.
"""

from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from minigrad.text import printable

from .attention import Attention
from .gpt import GPT
from .self_attention import SelfAttention
from .seq2seq import Seq2Seq
from .showing import reading as shows_reading
from .showing import transformer as shows_transformer
from .showing import translating as shows_translating
from .training.backend import MINIGRAD
from .showing import writing as shows_writing
from .training.checks import as_options
from .training.folder import CHECKPOINT, config_of, holds_run, way_on
from .training.lock import NAME as LOCK
from .training.lock import claimed
from .training.ranks import check_size
from .training.reading import Reading
from .training.run import Run
from .training.stopping import say
from .training.transformer import Transforming
from .training.translating import Translating
from .training.writing import Writing
from .transformer import Transformer


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
    "transformer": Kind(
        Transformer, Transforming, shows_transformer, "a translator without recurrence"
    ),
    "self_attention": Kind(
        SelfAttention, Reading, shows_reading, "finds the noun that 'it' refers to"
    ),
    "gpt": Kind(GPT, Writing, shows_writing, "continues a text"),
}


def models_with(part):
    """The names of the models whose kind can show this part, such as `translate`."""
    return [model for model, kind in KINDS.items() if hasattr(kind.showing, part)]


def start(folder, model, given, backend=MINIGRAD):
    """A new run with the given settings, and its examples; an old run in the folder is moved."""
    stays(folder)
    kind = KINDS[model]
    settings = kind.run.settings_from({"model": model, **given})
    check_size(settings, backend.ranks)
    backend.check(kind.model)
    splits = kind.run.load(settings)
    run = kind.run.start(folder, settings, splits.train, backend, kind.model)
    put_aside(folder)
    return run, run.tokenized(splits)


def untrained(folder, model):
    """A new run of a model that is small enough to be drawn."""
    kind = KINDS[model]
    settings = kind.run.settings_from({"model": model, **kind.run.SMALL})
    return kind.run.start(folder, settings, [kind.run.COURSE], model=kind.model)


def open_run(folder, models=None, backend=MINIGRAD):
    """The run in a folder, and what shows it; ValueError if it is not of one of these models."""
    models = models or list(KINDS)
    model = config_of(folder)["settings"].get("model")
    if model not in models:
        named = printable(str(model), most=60)
        raise ValueError(f"{folder} is a run of {named}, not of {' or '.join(models)}")
    kind = KINDS[model]
    backend.check(kind.model)
    return kind.run.open(folder, kind.model, backend), kind.showing


def resume(folder, given, backend=MINIGRAD):
    """The run in a folder, and its examples; settings that are given must be its own."""
    run, _ = open_run(folder, backend=backend)
    model = run.settings.model
    if given.get("model", model) != model:
        raise ValueError(f"{folder} is a run of {model}: resume it with train {model} --resume")
    if not (folder / CHECKPOINT).exists():
        raise ValueError(f"{folder} has no {CHECKPOINT} to resume from{way_on(folder)}")
    if not run.sealed:
        raise ValueError(
            f"{folder / CHECKPOINT} is of a version that saved no digest, so nobody can tell if it "
            "is damaged: its model can be used, but not resumed"
        )
    changed = {k: v for k, v in given.items() if v != getattr(run.settings, k)}
    if changed:
        own = {name: getattr(run.settings, name) for name in changed}
        raise ValueError(
            f"{folder} was started with {as_options(own)}, not {as_options(changed)}: leave that "
            "out, or start a new run without --resume"
        )
    check_size(run.settings, backend.ranks)
    return run, run.tokenized(run.load(run.settings))


def on_all_ranks(begin, folder, backend):
    """The run that begin() gives on the first rank, on all of them, and its examples.

    Only the first rank needs the folder: the others get all that changes in training from it.
    """
    begun = []

    def parts():
        run, splits = begin()
        begun[:] = run, splits
        return run.parts()

    settings, *parts = backend.ranks.of_first(parts)
    if not begun:
        kind = KINDS[settings.model]
        run = kind.run.of_parts(folder, settings, *parts, backend, kind.model)
        begun[:] = run, run.tokenized(run.load(settings))
    return begun


def on_minigrad(run):
    """The run as it was saved, on minigrad, where it can be drawn; whatever it was trained on."""
    return run if run.backend is MINIGRAD else open_run(run.folder)[0]


def stays(folder):
    """Raise ValueError if there is a run in the folder, and it cannot be moved elsewhere."""
    whole = Path(folder).resolve()
    if holds_run(whole) and (whole == Path.cwd() or whole in Path.cwd().parents):
        raise ValueError(
            f"{folder} holds a run and is the folder you are in, so it cannot be put aside: "
            "choose another --out, or go on with --resume"
        )


def put_aside(folder):
    """Move all files of a folder that holds a run to the folder NAME.1, NAME.2 …

    The checkpoint comes last: it is a whole run by itself, so one of the folders always holds one.
    """
    folder, whole = Path(folder), Path(folder).resolve()
    if not holds_run(folder):
        return
    stays(folder)
    with claimed(folder):
        number = 1
        while (aside := whole.with_name(f"{whole.name}.{number}")).exists():
            number += 1
        aside.mkdir()
        for path in sorted(whole.iterdir(), key=lambda path: path.name == CHECKPOINT):
            if path.name != LOCK:  # whose holder removes it
                path.rename(aside / path.name)
    beside = folder.with_name(aside.name) if folder.parent.resolve() == aside.parent else aside
    say(f"the run that was in {folder} is now in {beside}")

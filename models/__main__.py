"""python -m models: train the models, see what they look at, draw them, measure the claims."""

import argparse
import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

from . import evaluation, plots, show, weights_page
from .experiments import NAMES, perform
from .reading import Reading
from .reading import Settings as ReadingSettings
from .tasks import calendar, coreference
from .tasks.pairs import words
from .training import config_of
from .translating import Settings as TranslatingSettings
from .translating import Translating, digest

RUNS = Path("runs")
NEEDED = ("tqdm", "matplotlib", "koreanize_matplotlib")
KINDS = {"seq2seq": Translating, "attention": Translating, "self_attention": Reading}


def train(arguments):
    """Train a model, or go on training it, and show what it has learned."""
    folder = arguments.out or RUNS / arguments.model
    if arguments.resume:
        run = resumed(folder, chosen(arguments))
        splits = run.load(run.settings)
    else:
        kind, settings = KINDS[arguments.model], settings_of(arguments)
        splits = kind.load(settings)
        run = kind.start(folder, settings, splits.train)
        put_aside(folder)
    print(
        f"{len(splits.train):,} {run.EXAMPLES}, "
        f"{' → '.join(f'{len(known):,}' for known in run.vocabularies.values())} words, "
        f"{sum(p.numel() for p in run.parameters):,} parameters"
    )
    if not run.train(splits.train):
        print(
            f"stopped after step {len(run.metrics)} of {run.settings.steps}, saved in {folder}; "
            f"go on with: python -m models train {arguments.model} --resume --out {folder}"
        )
        return 130
    show.report(run, splits)
    return 0


def opened(folder, *models):
    """The run in a folder, of one of these models, or of any."""
    model = config_of(folder)["settings"].get("model")
    if model not in (models or KINDS):
        raise ValueError(f"{folder} holds {model}, not {' or '.join(models or KINDS)}")
    return KINDS[model].open(folder)


def resumed(folder, given):
    """The run in a folder; the settings that are given must be its own."""
    run = opened(folder)
    if not (folder / "checkpoint.safetensors").exists():
        raise ValueError(f"{folder} has no checkpoint.safetensors, from which it could go on")
    changed = [name for name, value in given.items() if value != getattr(run.settings, name, None)]
    if changed:
        raise ValueError(
            f"--resume goes on with the settings of {folder}, which differ in "
            f"{', '.join(changed)}: leave that out, or train anew without --resume"
        )
    return run


def put_aside(folder):
    """Make room for a new run: one that is there gets a number behind its name."""
    if (folder / "config.json").exists():
        number = 1
        while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
            number += 1
        folder.rename(aside)
        print(f"the run that was in {folder} is now in {aside}")


def translate(arguments):
    """Translate a sentence with a trained model."""
    run = opened(arguments.run, "seq2seq", "attention")
    source = words_of(arguments.sentence)
    show.show_translation(run, source, evaluation.translate_words(run, source))
    return 0


def attend(arguments):
    """Print how much each word looks at each, and draw it: a heat map, or a page to explore."""
    sentence = words_of(arguments.sentence)
    korean = any("가" <= letter <= "힣" for word in sentence for letter in word)
    run = opened(arguments.run or RUNS / ("attention" if korean else "self_attention"))
    page = arguments.out.suffix.lower() == ".html"
    if not page and arguments.out.suffix.lower() not in (".svg", ".png", ".pdf"):
        raise ValueError(f"{arguments.out} must end in .svg, .png, .pdf or .html")
    if isinstance(run, Reading):
        picture = show.attend_reading(run, sentence, arguments.head)
    elif arguments.head is None:
        picture = show.attend_translating(run, sentence)
    else:
        raise ValueError(f"--head: {run.settings.model} has no heads, self_attention has")
    if page:
        file = weights_page.save(run, sentence, arguments.out, arguments.head)
    else:
        file = plots.save(picture, arguments.out)
    show.written([file])
    return 0


def words_of(sentence):
    """The words of a sentence, of which there must be some."""
    found = words(sentence)
    if not found:
        raise ValueError("there are no words in the sentence")
    return found


def draw(arguments):
    """Draw the graph of a model's loss on one sentence, with its gradients."""
    folder, model = arguments.run or RUNS / arguments.model, arguments.model
    out = arguments.out or Path("graph.html" if arguments.html else "graph.svg")
    if arguments.html and out.suffix.lower() != ".html":
        raise ValueError(f"--html writes a page: {out} must end in .html")
    trained = (folder / "config.json").exists()
    if trained or arguments.run:
        run = opened(folder, model)
    elif KINDS[model] is Reading:
        run = Reading.start(folder, ReadingSettings(embedding=4), [coreference.COURSE])
    else:
        small = TranslatingSettings(model=model, embedding=4, hidden=4)
        run = Translating.start(folder, small, [calendar.COURSE])
    if arguments.sentence is None:
        example = show.shown_example(run)
    else:
        example = show.example_of(run, words_of(arguments.sentence))
    drawing = show.graph(
        run, example, depth=arguments.depth, unroll=arguments.unroll, backward=arguments.backward
    )
    path = drawing.save(out)
    state = f"as trained in {folder}" if trained else "untrained, with small sizes"
    if isinstance(run, Reading):
        text = f"«{' '.join(example.words)}»"
    else:
        text = f"«{' '.join(example.source)}» → «{' '.join(example.target)}»"
    print(f"{model}, {state}, on {text}")
    print(f"written: {path}")
    return 0


def experiment(arguments):
    """Measure claims of the course: print the numbers, write them and pictures of them."""
    unknown = [name for name in arguments.names if name not in NAMES]
    if unknown or arguments.all == bool(arguments.names):
        what = f"there is no experiment {unknown[0]}." if unknown else "which experiment?"
        raise ValueError(f"{what} Name some of these, or say --all: {', '.join(NAMES)}")
    files = []
    for name in NAMES if arguments.all else arguments.names:
        files += perform(name, arguments.out, arguments.quick)
        print()
    show.written(files)
    return 0


def chosen(arguments):
    """The settings that were given on the command line."""
    names = {field.name for field in fields(KINDS[arguments.model].Settings)}
    given = {k: v for k, v in vars(arguments).items() if k in names and v is not None}
    if given.get("pairs"):
        given["pairs"] = str(Path(given["pairs"]).resolve())
    return given


def settings_of(arguments):
    """The settings of a new run; sentence pairs from a file have rare words, which are left out."""
    given = chosen(arguments)
    if "pairs" in given:
        given = {"min_count": 2, "pairs_digest": digest(given["pairs"]), **given}
    return KINDS[arguments.model].Settings(**given)


class Parser(argparse.ArgumentParser):
    """One that takes no option for the beginning of another one."""

    def __init__(self, **settings):
        super().__init__(**settings, allow_abbrev=False)


def parser():
    """The commands and their options."""
    main = Parser(prog="python -m models", description=__doc__.partition(": ")[2])
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("train", help="train a model", description=train.__doc__)
    command.set_defaults(command=train)
    models = command.add_subparsers(required=True, dest="model", metavar="MODEL")
    for model, kind in KINDS.items():
        add_settings(models.add_parser(model, help=f"learns from {kind.EXAMPLES}"), model, kind)

    command = commands.add_parser(
        "translate", help="translate a sentence", description=translate.__doc__
    )
    command.set_defaults(command=translate)
    command.add_argument("sentence")
    command.add_argument(
        "--run",
        type=Path,
        default=RUNS / "attention",
        metavar="DIR",
        help="a trained run (default: runs/attention)",
    )

    command = commands.add_parser("attend", help="show the weights", description=attend.__doc__)
    command.set_defaults(command=attend)
    command.add_argument("sentence", help="Korean for the translator, English for the reader")
    command.add_argument(
        "--run",
        type=Path,
        metavar="DIR",
        help="a trained run (default: runs/attention for Korean, else runs/self_attention)",
    )
    command.add_argument(
        "--head", type=positive, metavar="N", help="of several heads this one (default: their mean)"
    )
    command.add_argument(
        "--out",
        type=Path,
        default=Path("weights.svg"),
        metavar="FILE",
        help=".svg or .png, or .html: a page on which edges can be cut (default: weights.svg)",
    )

    command = commands.add_parser("draw", help="draw a model's graph", description=draw.__doc__)
    command.set_defaults(command=draw)
    command.add_argument("model", choices=KINDS)
    command.add_argument(
        "--run", type=Path, metavar="DIR", help="a trained run (default: runs/MODEL)"
    )
    command.add_argument("--sentence", metavar="TEXT", help="of one's own (default: the course's)")
    command.add_argument(
        "--depth", type=int, metavar="N", help="how many modules within each other are open"
    )
    command.add_argument("--unroll", action="store_true", help="draw each step of a loop")
    command.add_argument("--backward", action="store_true", help="draw the backward pass, too")
    command.add_argument("--html", action="store_true", help="a page that steps through the graph")
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=".svg, .png, .pdf, .dot or .html (default: graph.svg, with --html graph.html)",
    )

    command = commands.add_parser(
        "experiment", help="measure a claim of the course", description=experiment.__doc__
    )
    command.set_defaults(command=experiment)
    command.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    command.add_argument("--all", action="store_true", help="every one of them")
    command.add_argument("--quick", action="store_true", help="smaller, as the tests do it")
    command.add_argument(
        "--out",
        type=Path,
        default=RUNS / "experiments",
        metavar="DIR",
        help="where to write (default: runs/experiments)",
    )
    return main


def positive(text):
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


# How a setting is given on the command line: its type or its choices, and what it means.
OPTIONS = {
    "steps": (positive, "how many steps to train"),
    "seed": (int, "what chance starts from"),
    "batch_size": (positive, "examples a step"),
    "learning_rate": (float, "at the first step; it falls to 0"),
    "weight_decay": (float, "of AdamW"),
    "embedding": (positive, "numbers a word"),
    "hidden": (positive, "numbers a state"),
    "dropout": (float, "the share of numbers dropped at the first step"),
    "final_dropout": (float, "and at the last"),
    "min_count": (positive, "a word that comes less often is unknown"),
    "layers": (positive, "how often the words look at each other"),
    "heads": (positive, "in how many ways at a time"),
    "positions": (("none", "learned", "sinusoidal"), "what tells the order of the words"),
}


def add_settings(command, model, kind):
    """The options of `train` for one model."""
    command.set_defaults(command=train)
    default = kind.Settings(model=model)
    task = command.add_mutually_exclusive_group()
    if kind is Translating:
        task.add_argument("--task", choices=["calendar"], help="the corpus (default: calendar)")
        task.add_argument("--pairs", metavar="FILE", help="or sentence pairs, a line each")
        command.add_argument(
            "--source",
            choices=["first", "second"],
            help=f"the column of FILE to translate from (default: {default.source})",
        )
    else:
        task.add_argument(
            "--task", choices=["coreference"], help="the corpus (default: coreference)"
        )
    for name, (kind_of_value, meaning) in OPTIONS.items():
        if hasattr(default, name):
            shown = "2 with --pairs, else 1" if name == "min_count" else getattr(default, name)
            choices = kind_of_value if isinstance(kind_of_value, tuple) else None
            command.add_argument(
                f"--{name.replace('_', '-')}",
                choices=choices,
                type=str if choices else kind_of_value,
                metavar=None if choices else "N",
                help=f"{meaning} (default: {shown})",
            )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help=f"the run's folder (default: runs/{model})"
    )
    command.add_argument("--resume", action="store_true", help="go on with the run in that folder")


def main(argv=None):
    """Run a command; mistakes in what was given are said in one line."""
    arguments = parser().parse_args(argv)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    try:
        if missing:
            raise ValueError(f'{", ".join(missing)} missing: pip install -e ".[models]"')
        return arguments.command(arguments)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"python -m models: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("python -m models: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

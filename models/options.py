"""The options of the commands of `python -m models`: for each a function with its name."""

import argparse
from dataclasses import MISSING, fields
from pathlib import Path

from . import kinds
from .experiments import NAMES
from .showing.language import LANGUAGES
from .showing.layers import EACH
from .showing.writing import LIMIT, TEMPERATURE
from .training import backend
from .training.checks import has, natural, positive

RUNS = Path("runs")


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that does not accept abbreviated options."""

    def __init__(self, **settings):
        super().__init__(**settings, allow_abbrev=False)


def settings_of(model):
    """The settings of a model that the command line has: (name, field)."""
    settings = fields(kinds.KINDS[model].run.Settings)
    return [(f.name, f) for f in settings if f.metadata.get("parse") and has(model, f)]


def train(command):
    """The models, and for each of them its settings as options."""
    models = command.add_subparsers(required=True, dest="model", metavar="MODEL")
    for model, kind in kinds.KINDS.items():
        one = models.add_parser(model, help=f"{kind.about}; learns from {kind.run.EXAMPLES}")
        for name, field in settings_of(model):
            parse = field.metadata["parse"]
            default = "" if field.default in (None, MISSING) else f" (default: {field.default})"
            one.add_argument(
                f"--{name.replace('_', '-')}",
                **{"choices": parse} if isinstance(parse, tuple) else {"type": parse},
                metavar=None if isinstance(parse, tuple) else metavar(field),
                help=field.metadata["help"] + default,
            )
        one.add_argument(
            "--out", type=Path, metavar="DIR", help=f"the run's folder (default: runs/{model})"
        )
        one.add_argument("--resume", action="store_true", help="resume the run in that folder")
        backend.add_options(one)


def metavar(field):
    """The placeholder for an option's value in help texts."""
    return "N" if field.type in (int, float) else "FILE"


def translate(command):
    """The options of `translate`."""
    command.add_argument("sentence")
    command.add_argument(
        "--run",
        type=Path,
        default=RUNS / "attention",
        metavar="DIR",
        help="a trained run (default: runs/attention)",
    )
    command.add_argument(
        "--beam",
        type=positive,
        metavar="N",
        help="beam search with N hypotheses (default: greedy decoding)",
    )
    command.add_argument(
        "--length-penalty",
        type=float,
        metavar="A",
        help="the exponent of beam search's length penalty; 0: none (default: 0.6)",
    )


def write(command):
    """The options of `write`."""
    command.add_argument("prompt", nargs="?", default="", help="its beginning (default: nothing)")
    command.add_argument(
        "--run",
        type=Path,
        default=RUNS / "gpt",
        metavar="DIR",
        help="a trained run (default: runs/gpt)",
    )
    for name, parse, default, meaning in (
        ("count", positive, 1, "how many texts to write"),
        ("limit", positive, LIMIT, "the most tokens to write of a text"),
        ("seed", natural, 0, "random seed: another one gives another text"),
        (
            "temperature",
            float,
            TEMPERATURE,
            "below 1 likely tokens become likelier; 0: only the likeliest",
        ),
        ("top-k", positive, None, "draw from the K likeliest tokens only"),
        ("top-p", float, 1.0, "draw from the likeliest tokens, as many as have this probability"),
    ):
        shown = "" if default is None else f" (default: {default})"
        command.add_argument(
            f"--{name}", type=parse, default=default, metavar="N", help=meaning + shown
        )


def attend(command):
    """The options of `attend`."""
    command.add_argument("sentence", help="Korean for a translator, else English")
    command.add_argument(
        "--run",
        type=Path,
        metavar="DIR",
        help="a trained run (default: runs/attention for Korean, else runs/self_attention)",
    )
    command.add_argument(
        "--kind",
        choices=("cross", "encoder", "decoder", "self"),
        help="which attention of a transformer: of its translation to the source (default), or the "
        "self-attention of its encoder or decoder",
    )
    command.add_argument(
        "--layer", type=positive, metavar="N", help="show only this layer (default: all layers)"
    )
    command.add_argument(
        "--head",
        type=lambda text: text if text == EACH else positive(text),
        metavar="N",
        help=f"show only this head, or {EACH} by itself (default: mean of all heads)",
    )
    command.add_argument(
        "--out",
        type=Path,
        default=Path("weights.svg"),
        metavar="FILE",
        help=".svg, .png or .pdf, or .html: a page to cut edges on (default: weights.svg)",
    )


def live(command):
    """The options of `live`."""
    run_and_page(command, "live.html")


def run_and_page(command, page):
    """A trained run, and the page to write."""
    command.add_argument(
        "run",
        nargs="?",
        type=Path,
        default=RUNS / "attention",
        metavar="RUN",
        help="a trained run (default: runs/attention)",
    )
    command.add_argument(
        "--out",
        type=Path,
        default=Path(page),
        metavar="FILE",
        help=f"a file that ends in .html (default: {page})",
    )


def draw(command):
    """The options of `draw`."""
    command.add_argument("model", choices=kinds.KINDS)
    command.add_argument(
        "--run", type=Path, metavar="DIR", help="a trained run (default: runs/MODEL)"
    )
    command.add_argument(
        "--sentence", metavar="TEXT", help="your own sentence (default: the course's)"
    )
    command.add_argument(
        "--depth", type=int, metavar="N", help="how many levels of nested modules to open"
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


def film(command):
    """The options of `film`."""
    run_and_page(command, "film.html")


def experiment(command):
    """The options of `experiment`."""
    command.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    command.add_argument("--all", action="store_true", help="all of them")
    command.add_argument("--quick", action="store_true", help="the smaller version that tests use")
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where to write (default: runs/experiments; with --language, the course's figures)",
    )
    command.add_argument("--pairs", type=Path, metavar="FILE", help="lines: English, a tab, Korean")
    command.add_argument(
        "--language",
        choices=LANGUAGES,
        help="only draw the figures of the course again, from its numbers, in this language",
    )

"""python -m models: train the models, translate with them, draw their graphs."""

import argparse
import importlib.util
import sys
from dataclasses import fields, replace
from pathlib import Path

import minigrad

from . import evaluation, plots
from .tasks import calendar
from .tasks.pairs import words
from .training import MODELS, Run, Settings, digest, load_task

RUNS = Path("runs")
NEEDED = ("tqdm", "matplotlib", "koreanize_matplotlib")


def train(arguments):
    """Train a model, or go on training it, and show what it has learned."""
    folder = arguments.out or RUNS / arguments.model
    if arguments.resume:
        run = resumed(folder, chosen(arguments))
        splits = load_task(run.settings)
    else:
        settings = settings_of(arguments)
        splits = load_task(settings)
        run = Run.start(folder, settings, splits.train)
        put_aside(folder)
    print(
        f"{len(splits.train):,} sentence pairs, {len(run.source_vocabulary):,} → "
        f"{len(run.target_vocabulary):,} words, "
        f"{sum(p.numel() for p in run.parameters):,} parameters"
    )
    if not run.train(splits.train):
        print(
            f"stopped after step {len(run.metrics)} of {run.settings.steps}, saved in {folder}; "
            f"go on with: python -m models train {arguments.model} --resume --out {folder}"
        )
        return 130
    report(run, splits)
    return 0


def resumed(folder, given):
    """The run in a folder; the settings that are given must be its own."""
    run = Run.open(folder)
    if not (folder / "checkpoint.safetensors").exists():
        raise ValueError(f"{folder} has no checkpoint.safetensors, from which it could go on")
    changed = [name for name, value in given.items() if value != getattr(run.settings, name)]
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


def report(run, splits):
    """Held-out accuracy, one sentence with what each word looked at, and the files."""
    test, translations = splits.test, evaluation.translate(run, splits.test)
    exact = evaluation.exact_match(translations, test)
    print(f"\nheld-out test set: {exact:.1%} of {len(test):,} sentences exactly right", end="")
    validation = evaluation.translate(run, splits.validation)
    print(f" (validation: {evaluation.exact_match(validation, splits.validation):.1%})")
    if run.settings.pairs is None and run.settings.model == "attention":
        share = evaluation.looks_right(run, test)
        print(f"{share:.1%} of content words look most at the word they translate")
    if run.settings.pairs is not None:
        try:
            print(f"BLEU {evaluation.bleu(translations, test):.1f}")
        except ModuleNotFoundError:
            print('BLEU: not computed; pip install "minigrad[bleu]" brings sacrebleu')

    pair = shown_pair(run.settings, splits)
    translation = evaluation.translate_words(run, pair.source)
    print()
    show(pair.source, translation, run)
    names = ("model.safetensors", "checkpoint.safetensors", "config.json", "metrics.csv")
    files = [run.folder / name for name in names]
    losses = [row[0] for row in run.metrics]
    curve = plots.loss_curve(range(len(losses)), losses, f"training of {run.settings.model}")
    files.append(plots.save(curve, run.folder / "loss.svg"))
    if translation.weights:
        files.append(plots.save(heat_map(pair.source, translation), run.folder / "alignment.svg"))
    drawing = drawing_of(run, pair)
    try:
        files.append(drawing.save(run.folder / "graph.svg"))
    except (RuntimeError, ValueError) as error:
        print(f"graph.svg is not drawn: {error}")
        files.append(drawing.save(run.folder / "graph.dot"))
    print("\nwritten:")
    for file in files:
        print(f"  {file}")


def shown_pair(settings, splits):
    """The sentence to show: the course's, or of a file a test sentence that fits a picture."""
    if settings.pairs is None:
        return calendar.COURSE
    return next((p for p in splits.test if len(p.source) <= 12), splits.test[0])


def show(source, translation, run):
    """A sentence, its translation, and where each word looked."""
    unknown = dict.fromkeys(run.source_vocabulary.unknown(source))
    if unknown:
        print(f"unknown words: {', '.join(unknown)}")
    print(f"«{' '.join(source)}» → «{' '.join(translation.words)}»")
    if translation.weights:
        wide = max(map(len, translation.words))
        for word, weights in zip(translation.words, translation.weights, strict=True):
            most = max(range(len(source)), key=weights.__getitem__)
            print(f"  {word:<{wide}}  looks at {source[most]} ({weights[most]:.2f})")


def heat_map(source, translation):
    """The weights of a translation, as a picture."""
    return plots.heat_map(
        translation.weights, translation.words, source, "translation", "source sentence"
    )


def drawing_of(run, pair):
    """The graph of the loss of one pair, with its gradients."""
    run.model.zero_grad()
    loss = evaluation.loss_of_pair(run, pair)
    loss.backward()
    return minigrad.draw(loss, names=run.model)


def translate(arguments):
    """Translate a sentence with a trained model."""
    run = Run.open(arguments.run)
    source = words(arguments.sentence)
    if not source:
        raise ValueError("there are no words in the sentence")
    show(source, evaluation.translate_words(run, source), run)
    return 0


def draw(arguments):
    """Draw the graph of a model's loss on one sentence pair, with its gradients."""
    folder = arguments.run or RUNS / arguments.model
    trained = (folder / "config.json").exists()
    if trained or arguments.run:
        run = Run.open(folder)
        if run.settings.model != arguments.model:
            raise ValueError(f"{folder} holds {run.settings.model}, not {arguments.model}")
    else:
        small = Settings(model=arguments.model, embedding=4, hidden=4)
        run = Run.start(folder, small, [calendar.COURSE])
    splits = None if run.settings.pairs is None else load_task(run.settings)
    pair = shown_pair(run.settings, splits)
    path = drawing_of(run, pair).save(arguments.out)
    state = f"as trained in {folder}" if trained else "untrained, with small sizes"
    print(f"{arguments.model}, {state}, on «{' '.join(pair.source)}» → «{' '.join(pair.target)}»")
    print(f"written: {path}")
    return 0


def chosen(arguments):
    """The settings that were given on the command line."""
    names = {field.name for field in fields(Settings)}
    given = {k: v for k, v in vars(arguments).items() if k in names and v is not None}
    if given.get("pairs"):
        given["pairs"] = str(Path(given["pairs"]).resolve())
    return given


def settings_of(arguments):
    """The settings of a new run; sentence pairs from a file have rare words, which are left out."""
    if arguments.pairs is None:
        return replace(Settings(), **chosen(arguments))
    given = chosen(arguments)
    return replace(Settings(min_count=2, pairs_digest=digest(given["pairs"])), **given)


def parser():
    """The commands and their options."""
    default = Settings()
    main = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("train", help="train a model", description=train.__doc__)
    command.set_defaults(command=train)
    command.add_argument("model", choices=MODELS)
    task = command.add_mutually_exclusive_group()
    task.add_argument("--task", choices=["calendar"], help="the corpus (default: calendar)")
    task.add_argument("--pairs", metavar="FILE", help="or sentence pairs, a line each")
    command.add_argument(
        "--source", choices=["first", "second"],
        help=f"the column of FILE to translate from (default: {default.source})",
    )
    numbers = {
        "steps": (positive, "how many steps to train"),
        "seed": (int, "what chance starts from"),
        "batch_size": (positive, "sentence pairs a step"),
        "learning_rate": (float, "at the first step; it falls to 0"),
        "weight_decay": (float, "of AdamW"),
        "embedding": (positive, "numbers a word"),
        "hidden": (positive, "numbers a state"),
        "dropout": (float, "the share of numbers dropped at the first step"),
        "final_dropout": (float, "and at the last"),
        "min_count": (positive, "a word that comes less often is unknown"),
    }
    for name, (kind, meaning) in numbers.items():
        shown = "2 with --pairs, else 1" if name == "min_count" else getattr(default, name)
        command.add_argument(
            f"--{name.replace('_', '-')}", type=kind, metavar="N",
            help=f"{meaning} (default: {shown})",
        )  # fmt: skip
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="the run's folder (default: runs/MODEL)"
    )
    command.add_argument("--resume", action="store_true", help="go on with the run in that folder")

    command = commands.add_parser("translate", help="translate", description=translate.__doc__)
    command.set_defaults(command=translate)
    command.add_argument("sentence")
    command.add_argument("--run", type=Path, default=RUNS / "attention", metavar="DIR")

    command = commands.add_parser("draw", help="draw a model's graph", description=draw.__doc__)
    command.set_defaults(command=draw)
    command.add_argument("model", choices=MODELS)
    command.add_argument(
        "--run", type=Path, metavar="DIR", help="a trained run (default: runs/MODEL)"
    )
    command.add_argument("--out", type=Path, default=Path("graph.svg"), metavar="FILE",
                         help=".svg, .png, .pdf or .dot (default: graph.svg)")  # fmt: skip
    return main


def positive(text):
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


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

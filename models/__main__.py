"""python -m models: train the models, see what they attend to, draw them, measure the claims."""

from .training.stopping import as_typed, importing, one_line, say

with importing():
    import contextlib
    import importlib.util
    import os
    import sys
    from functools import partial
    from pathlib import Path

    from minigrad.text import printable

    from . import kinds, options
    from .decoding import beam, greedy
    from .experiments import chosen, perform, redraw
    from .showing import common, pages, plots
    from .showing.film import save as save_film
    from .showing.live import save as save_live
    from .tasks.text import words
    from .training import backend
    from .training.folder import config_of, holds_run
    from .training.lock import claimed
    from .training.ranks import launched, told_once

MOST_WORDS = 5_000  # of a sentence; its attention weights grow with the square
NEEDED = ("tqdm", "regex", "matplotlib", "koreanize_matplotlib")


# The commands.


def train(arguments):
    """Train a model, or resume training, and show what it has learned."""
    model = arguments.model
    folder = arguments.out or options.RUNS / model
    names = [name for name, _ in options.settings_of(model)]
    given = {k: v for k, v in vars(arguments).items() if k in names and v is not None}
    with told_once():
        on = backend.chosen(arguments)
    with contextlib.ExitStack() as held:

        def begin():
            held.enter_context(claimed(folder))
            if arguments.resume:
                return kinds.resume(folder, {"model": model, **given}, on)
            return kinds.start(folder, model, given, on)

        with on.ranks.together():
            run, splits = kinds.on_all_ranks(begin, folder, on)
            if on.ranks.first:
                say(numbers(run, splits.train))
            reached = finished(run, splits)
        if reached and on.ranks.first:
            run = kinds.on_minigrad(run)
            common.report(kinds.KINDS[model].showing, run, splits)
    return 0 if reached else 130


def numbers(run, examples):
    """A line that says how large a run is."""
    words = " → ".join(f"{len(known):,}" for known in run.vocabularies.values())
    parameters = sum(p.numel() for p in run.parameters)
    line = f"{len(examples):,} {run.EXAMPLES}, {words} words, {parameters:,} parameters"
    return line if run.backend is backend.MINIGRAD else f"{line}, on {run.backend}"


def finished(run, splits):
    """Train the run; True if it reaches the end. If something stops it, say what is saved."""
    reached, again = False, True
    try:
        reached = run.train(splits.train, validation=splits.validation)
    except (ArithmeticError, MemoryError):  # which would come again
        again = False
        raise
    finally:
        if not reached and run.saved is not None and run.ranks.first:
            say(where_it_is(run, again))
    if run.validation.losses and run.ranks.first:
        say(f"ended after step {len(run.metrics)}; {run.validation}")
    return reached


def where_it_is(run, again):
    """A line that says what is saved of a stopped run and, with `again`, how to go on."""
    folder = os.path.join(".", run.folder) if str(run.folder)[0] == "-" else str(run.folder)
    line = f"stopped after step {run.saved} of {run.settings.steps}, saved in {printable(folder)}"
    if again:
        options = *run.backend.options(), "--resume", "--out", folder
        command = as_typed(
            *run.ranks.launcher, "-m", "models", "train", run.settings.model, *options
        )
        line += f"; go on with: {printable(command)}"
    return line


def translate(arguments):
    """Translate a sentence with a trained model."""
    given = {"width": arguments.beam, "alpha": arguments.length_penalty}
    given = {name: value for name, value in given.items() if value is not None}
    if "alpha" in given and "width" not in given:
        raise ValueError("--length-penalty is a setting of beam search: give --beam, too")
    run, showing = kinds.open_run(arguments.run, kinds.models_with("translate"))
    write = partial(beam, **given) if given else greedy
    showing.translate(run, tokens_of(run, arguments.sentence), write)
    return 0


def write(arguments):
    """Continue a text with a trained GPT, printed as it is written."""
    run, showing = kinds.open_run(arguments.run, kinds.models_with("write"))
    names = ("count", "limit", "seed", "temperature", "top_k", "top_p")
    showing.write(run, arguments.prompt, **{name: getattr(arguments, name) for name in names})
    return 0


def attend(arguments):
    """Print a sentence's attention weights, and draw them: a heat map, or a page to explore."""
    out = arguments.out
    korean = any("가" <= letter <= "힣" for word in words_of(arguments.sentence) for letter in word)
    folder = arguments.run or options.RUNS / ("attention" if korean else "self_attention")
    run, showing = kinds.open_run(folder)
    if out.suffix.lower() not in (".svg", ".png", ".pdf", ".html"):
        raise ValueError(f"{out} must end in .svg, .png, .pdf or .html")
    sentence = tokens_of(run, arguments.sentence)
    if out.suffix.lower() == ".html":
        pages.check_length(sentence)
    kind = {} if arguments.kind is None else {"kind": arguments.kind}
    layer = {} if arguments.layer is None else {"layer": arguments.layer}
    picture = showing.attend(run, sentence, arguments.head, **layer, **kind)
    if out.suffix.lower() == ".html":
        file = pages.save(showing.page(run, sentence, **kind), out, arguments.head, **layer)
    else:
        file = plots.save(picture, out)
    common.written([file])
    return 0


def live(arguments):
    """Write a page in which a trained model computes what you type, and lets you cut its edges."""
    run, showing = kinds.open_run(arguments.run, kinds.models_with("live"))
    if arguments.out.suffix.lower() != ".html":
        raise ValueError(f"{arguments.out} must end in .html")
    common.written([save_live(run, showing, arguments.out)])
    return 0


def draw(arguments):
    """Draw the graph of a model's loss on one sentence, with its gradients."""
    folder, model = arguments.run or options.RUNS / arguments.model, arguments.model
    out = arguments.out or Path("graph.html" if arguments.html else "graph.svg")
    if arguments.html and out.suffix.lower() != ".html":
        raise ValueError(f"--html writes a page: {out} must end in .html")
    trained = holds_run(folder)
    if trained or arguments.run:
        run, showing = kinds.open_run(folder, [model])
    else:
        run, showing = kinds.untrained(folder, model), kinds.KINDS[model].showing
    if arguments.sentence is None:
        example = showing.example(run)
    else:
        example = showing.example_of(run, tokens_of(run, arguments.sentence))
    drawing = common.graph(
        run, example, depth=arguments.depth, unroll=arguments.unroll, backward=arguments.backward
    )
    path = drawing.save(out)
    state = f"as trained in {printable(str(folder))}" if trained else "untrained, with small sizes"
    print(f"{model}, {state}, on {showing.caption(example)}")
    print(f"written: {printable(str(path))}")
    return 0


def film(arguments):
    """Write a page that shows a run's training, moment by moment."""
    if arguments.out.suffix.lower() != ".html":
        raise ValueError(f"{arguments.out} must end in .html")
    config_of(arguments.run)  # raises an error if there is no run
    file, moments = save_film(arguments.run, arguments.out)
    print(f"{moments} moments of the training in {printable(str(arguments.run))}")
    common.written([file])
    return 0


def experiment(arguments):
    """Measure claims of the course: print the numbers, write them and pictures of them."""
    files, language = [], arguments.language
    if language and (arguments.quick or arguments.pairs):
        raise ValueError("--language draws the course's figures: without --quick and --pairs")
    quick = arguments.quick
    # To draw again takes no pairs, like a quick run.
    for name in chosen(arguments.names, arguments.all, quick or bool(language), arguments.pairs):
        if language:
            files += redraw(name, language, arguments.out)
        else:
            folder = arguments.out or options.RUNS / "experiments"
            files += perform(name, folder, quick, arguments.pairs)
    common.written(files)
    return 0


def words_of(sentence):
    """Split a sentence into words; raises ValueError if it has none."""
    found = words(sentence)
    if not found:
        raise ValueError("the sentence is empty: it has no words")
    return found


def tokens_of(run, sentence):
    """The tokens of a sentence, as the run's model reads them; ValueError if none or too many."""
    found = words_of(sentence) and run.tokens_of(sentence)
    if len(found) > MOST_WORDS:
        raise ValueError(f"the sentence has {len(found):,} words: at most {MOST_WORDS:,}")
    return found


def parser():
    """The commands and their options."""
    main = options.Parser(
        prog="python -m models",
        description="Train the models, see what they attend to, draw them, measure the claims.",
        epilog="python -m models COMMAND --help lists the options of a command",
    )
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    def add(function, summary):
        command = commands.add_parser(function.__name__, help=summary, description=function.__doc__)
        command.set_defaults(command=function)
        getattr(options, function.__name__)(command)

    add(train, "train a model")
    add(translate, "translate a sentence")
    add(write, "continue a text")
    add(attend, "show the attention weights")
    add(live, "write a page to play with")
    add(draw, "draw a model's graph")
    add(film, "show how a model was trained")
    add(experiment, "measure a claim of the course")
    return main


@one_line
def main(argv=None):
    """Run a command, and return its exit code."""
    common.allow_any_text()
    arguments = parser().parse_args(argv)
    if launched() and arguments.command is not train:
        with told_once():
            raise ValueError("torchrun is for training alone: run other commands without it")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ValueError(f'{", ".join(missing)} missing: pip install -e ".[models]"')
    return arguments.command(arguments)


if __name__ == "__main__":
    sys.exit(main())

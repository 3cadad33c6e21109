"""What a trained model shows: how well it does, where it looks, and its graph."""

import numpy as np

import minigrad

from . import evaluation, plots, reading
from .reading import Reading
from .tables import table
from .tasks import calendar, coreference
from .tasks.pairs import Pair

KEPT = ("model.safetensors", "checkpoint.safetensors", "config.json", "metrics.csv")


def report(run, splits):
    """How well a run does on what it has not seen, one example of it, and the files."""
    shown = shown_example(run, splits)
    if isinstance(run, Reading):
        picture = report_reading(run, splits, shown)
    else:
        picture = report_translating(run, splits, shown)
    files = [run.folder / name for name in KEPT]
    losses = [row[0] for row in run.metrics]
    curve = plots.loss_curve(range(len(losses)), losses, f"training of {run.settings.model}")
    files.append(plots.save(curve, run.folder / "loss.svg"))
    if picture:
        name = "weights" if isinstance(run, Reading) else "alignment"
        files.append(plots.save(picture, run.folder / f"{name}.svg"))
    drawing = graph(run, shown)
    try:
        files.append(drawing.save(run.folder / "graph.svg"))
    except (RuntimeError, ValueError) as error:
        print(f"graph.svg is not drawn: {error}")
        files.append(drawing.save(run.folder / "graph.dot"))
    written(files)


def written(files):
    """Say which files were written."""
    print("\nwritten:")
    for file in files:
        print(f"  {file}")


def shown_example(run, splits=None):
    """What to show: the course's own, or of a file a test sentence that fits a picture."""
    if isinstance(run, Reading):
        return coreference.COURSE
    if run.settings.pairs is None:
        return calendar.COURSE
    test = (splits or run.load(run.settings)).test
    return next((pair for pair in test if len(pair.source) <= 12), test[0])


def example_of(run, words):
    """An example with these words: their answer is the one that the model gives."""
    if isinstance(run, Reading):
        say_unknown(run.vocabulary, words)
        it = reading.asked(words)
        answer = int(reading.weights_of(run, words)[-1].mean(0)[it].argmax())
        return coreference.Text(words, it, answer, other=answer)
    say_unknown(run.source_vocabulary, words)
    return Pair(words, tuple(evaluation.translate_words(run, words).words))


def graph(run, example, **options):
    """The graph of the loss of one example, with its gradients; options as of minigrad.draw."""
    run.model.zero_grad()
    run.model.eval()
    loss, _ = run.loss(run.batch([example]))
    loss.backward()
    return minigrad.draw(loss, names=run.model, **options)


def say_unknown(vocabulary, words):
    """Name the words that a model does not know."""
    unknown = dict.fromkeys(vocabulary.unknown(words))
    if unknown:
        print(f"unknown words: {', '.join(unknown)}")


# Translators.


def report_translating(run, splits, pair):
    """Held-out accuracy, and a translation with what each word looked at: the heat map."""
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
    translation = evaluation.translate_words(run, pair.source)
    print()
    show_translation(run, pair.source, translation)
    return alignment(pair.source, translation) if translation.weights else None


def show_translation(run, source, translation):
    """A sentence, its translation, and where each word looked most."""
    say_unknown(run.source_vocabulary, source)
    print(f"«{' '.join(source)}» → «{' '.join(translation.words)}»")
    if translation.weights:
        wide = max(map(len, translation.words))
        for word, weights in zip(translation.words, translation.weights, strict=True):
            most = max(range(len(source)), key=weights.__getitem__)
            print(f"  {word:<{wide}}  looks at {source[most]} ({weights[most]:.2f})")


def alignment(source, translation):
    """The weights of a translation, as a picture."""
    return plots.heat_map(
        translation.weights, translation.words, source, "translation", "source sentence"
    )


def attend_translating(run, words):
    """The translation, and as a table and a picture how much each word looked at each."""
    translation = evaluation.translate_words(run, words)
    if translation.weights is None:
        raise ValueError(f"{run.folder} has no weights: a {run.settings.model} model looks nowhere")
    if not translation.words:
        raise ValueError(f"the translation is empty: {run.folder} has learned too little")
    say_unknown(run.source_vocabulary, words)
    print(f"«{' '.join(words)}» → «{' '.join(translation.words)}»\n")
    print_weights(translation.weights, translation.words, words)
    return alignment(words, translation)


# Readers.


def report_reading(run, splits, text):
    """Held-out accuracy, and for one text where *it* looks in each layer and head: the heat map."""
    test, validation = reading.accuracy(run, splits.test), reading.accuracy(run, splits.validation)
    print(f"\nheld-out test set: {test:.1%} of {len(splits.test):,} texts understood", end="")
    print(f" (validation: {validation:.1%})\n")
    weights = reading.weights_of(run, text.words)  # (layers, heads, words, words)
    print(f"«{' '.join(text.words)}»")
    say_meaning(text.words, text.it, weights)
    rows = {title: row[text.it] for title, row in by_layer(weights, heads=True).items()}
    wide = max(map(len, rows))
    for title, row in rows.items():
        most = np.argsort(-row)[:3]
        looks = ", ".join(f"{text.words[i]} ({row[i]:.2f})" for i in most)
        print(f"  {title:<{wide}}  looks at {looks}")
    title = f"where {text.words[text.it]} looks"
    return plots.heat_map(list(rows.values()), list(rows), text.words, title, "text")


def by_layer(weights, heads=False):
    """Weights (layers, heads, words, words) by a title: of each layer, in the mean of its heads.

    With `heads`, of each head.
    """
    titles = {}
    for i, layer in enumerate(weights, start=1):
        if heads and len(layer) > 1:
            titles |= {f"layer {i}, head {j}": head for j, head in enumerate(layer, start=1)}
        else:
            titles[f"layer {i}"] = layer.mean(0)
    return titles


def say_meaning(words, it, weights):
    """Which word *it* means: the one it looks at most in the last layer."""
    row = weights[-1].mean(0)[it]
    print(f"{words[it]} means {words[row.argmax()]} ({row.max():.2f})")


def attend_reading(run, words, head=None):
    """For each layer, as a table and a picture, how much each word looks at each."""
    weights = reading.weights_of(run, words)
    if head is not None:
        if not 1 <= head <= weights.shape[1]:
            raise ValueError(f"{run.folder} has the heads 1 to {weights.shape[1]}, and no {head}")
        weights = weights[:, head - 1 : head]
    say_unknown(run.vocabulary, words)
    maps = by_layer(weights)
    for title, rows in maps.items():
        print(title)
        print_weights(rows.tolist(), words, words)
        print()
    its = [i for i, word in enumerate(words) if word.lower() == "it"]
    for it in its:
        say_meaning(words, it, weights)
    return plots.heat_maps(maps, words, words, "each word …", "… looks at")


def print_weights(weights, rows, columns):
    """A table of weights, a row for each word that looks."""
    print(table(["", *columns], [[word, *row] for word, row in zip(rows, weights, strict=True)]))

"""Showing a translator: how often it is right, a translation, and its attention weights."""

import numpy as np

import minigrad
import minigrad.nn.functional as F
from minigrad.autograd import grad
from minigrad.text import printable

from ..seq2seq import greedy
from ..tasks.pairs import Pair, Splits
from ..tasks.vocabulary import Vocabulary
from ..training import evaluation
from . import plots
from .common import MOST_LETTERS, print_largest, print_unknown, print_weights
from .pages import best, change, check_length, probabilities, rounded, significant

AT_ONCE = 50  # sentences in a batch of cuts: their answers fit into memory


def example(run, splits=None):
    """The course's sentence, or a test sentence of the run's own file that fits a picture."""
    if run.settings.pairs is None:
        return run.tokenized(Splits([run.COURSE], [], [])).train[0]
    test = (splits or run.tokenized(run.load(run.settings))).test
    return next((pair for pair in test if len(pair.source) <= 12), test[0])


def example_of(run, words):
    """A pair of these words and the model's own translation."""
    print_unknown(run.source_vocabulary, words)
    return translated(run, words, evaluation.translate_words(run, words))


def translated(run, words, translation):
    """A pair of these words and their translation, with both texts."""
    text = run.source_tokens.decode(words), run.target_tokens.decode(translation.words)
    return Pair(tuple(words), tuple(translation.words), text=text)


def caption(pair):
    """The sentence and its translation, as they are spelled."""
    source, target = pair.text or (" ".join(pair.source), " ".join(pair.target))
    return f"«{printable(source, MOST_LETTERS)}» → «{printable(target, MOST_LETTERS)}»"


def report(run, splits, pair):
    """Print the test results and a translation; its alignment as a heat map, if it attends."""
    test, translations = splits.test, evaluation.translate(run, splits.test)
    exact = evaluation.exact_match(translations, test)
    print(f"\nheld-out test set: {exact:.1%} of {len(test):,} sentences exactly right", end="")
    validation = evaluation.translate(run, splits.validation)
    print(f" (validation: {evaluation.exact_match(validation, splits.validation):.1%})")
    if test[0].alignment and translations[0].weights is not None:
        fraction = evaluation.aligned(run, test)
        print(f"{fraction:.1%} of content words attend most to the word they translate")
    if run.settings.pairs is not None:
        print_scores([run.target_tokens.decode(t.words) for t in translations], test)
    print()
    translation = translate(run, pair.source)
    return {"alignment": alignment(pair.source, translation)} if translation.weights else {}


def print_scores(texts, pairs):
    """Print BLEU and chrF of translated texts, each with the signature of how it was computed."""
    try:
        for name, score, signature in evaluation.scores(texts, [pair.text[1] for pair in pairs]):
            print(f"{name} {score:.1f} ({signature})")
    except ModuleNotFoundError:
        print('BLEU and chrF: not computed; pip install "minigrad[bleu]" brings sacrebleu')


def translate(run, source):
    """Print a sentence, its translation, and the word each word attends to most."""
    translation = evaluation.translate_words(run, source)
    print_unknown(run.source_vocabulary, source)
    print(caption(translated(run, source, translation)))
    if translation.weights:
        print_largest(translation.weights, translation.words, source, most=1)
    return translation


def alignment(source, translation):
    """The weights of a translation, as a heat map."""
    return plots.heat_map(
        translation.weights, translation.words, source, "translation", "source sentence"
    )


def attend(run, words, head=None):
    """Print the translation and a table of its weights; returns them as a heat map."""
    if head is not None:
        raise ValueError(
            f"--head: a model of kind {run.settings.model} has no heads to choose from"
        )
    translation = evaluation.translate_words(run, words)
    if translation.weights is None:
        raise no_attention(run)
    if not translation.words:
        raise ValueError(f"the translation is empty: {run.folder} is not trained enough")
    print_unknown(run.source_vocabulary, words)
    print(caption(translated(run, words, translation)) + "\n")
    print_weights(translation.weights, translation.words, words)
    return alignment(words, translation)


def no_attention(run):
    """The error for a model without attention."""
    what = f"a {run.settings.model} model has no attention"
    return ValueError(f"{run.folder}: {what}, so there are no attention weights to show")


# The page of weights.


def page(run, words):
    """The data of the page: each word of the translation is the answer of its row."""
    check_length(words)
    model, names = run.model, run.target_vocabulary.words
    model.eval()
    source = minigrad.tensor([run.source_vocabulary.encode(words)])
    ids, _ = greedy(model, source, Vocabulary.BEGIN, Vocabulary.END, evaluation.LIMIT)
    h, memory = model.encode(source)
    if memory is None:
        raise no_attention(run)
    hs, mask = memory
    target = minigrad.cat([minigrad.tensor([[Vocabulary.BEGIN]]), ids[:, :-1]], 1)
    logits, weights, _ = model.decode(target, h, (hs, mask))
    answers = F.log_softmax(logits, -1).gather(-1, ids[..., None])  # (1, target, 1)
    (gradients,) = grad(answers.sum(), weights)  # a word's answer depends on its own row alone
    ids = ids[0].tolist()
    rows = [t for t, word in enumerate(ids) if word not in (*Vocabulary.UNSEEN, Vocabulary.END)]
    before = probabilities(logits[0])  # (target, target_words)
    return {
        "rows": [names[ids[t]] for t in rows],
        "columns": words,
        "asked": None,
        "unknown": run.source_vocabulary.unknown(words),
        "weights": [rounded(weights[:, rows])],
        "gradients": [significant(gradients[:, rows])],
        "answers": [best(before[t], names) for t in rows],
        "cuts": [cuts(model, target, h, hs, before, rows, names)],
    }


def cuts(model, target, h, hs, before, rows, names):
    """The change of each answer when one source word is masked: (rows, source), or None.

    Computed in batches of the same sentence, each row with another word masked for the decoder. The
    encoder's states and the decoder's inputs stay those of the translation.
    """
    words = hs.shape[1]
    if words == 1:
        return [[None] for _ in rows]
    found = [[] for _ in rows]
    for start in range(0, words, AT_ONCE):
        known = minigrad.tensor(~np.eye(words, dtype=bool)[start : start + AT_ONCE])
        count = len(known)
        with minigrad.no_grad():
            logits, _, _ = model.decode(
                target.expand(count, -1), h.expand(count, -1), (hs.expand(count, -1, -1), known)
            )
        after = probabilities(logits)  # (words masked, target, target_words)
        for changes, t in zip(found, rows, strict=True):
            changes += [change(before[t], one, names) for one in after[:, t]]
    return found

"""Showing a GPT: how well it predicts, what it writes, and what its tokens attend to."""

import math

import numpy as np

import minigrad
import minigrad.nn.functional as F
from minigrad.autograd import grad
from minigrad.text import printable

from ..tasks import stories
from ..tasks.passages import Passages
from ..tasks.vocabulary import Vocabulary
from ..training import ngrams
from ..training.generation import continued, mean_loss, never_written, written
from . import plots
from .common import MOST_LETTERS, print_unknown, print_weights, text_of
from .layers import by_layer, chosen, check_kind
from .live import vocabulary
from .pages import about, best, check_length, probabilities, significant
from .reading import cuts

STORIES, SHOWN = 200, 3  # that are written for a report, and those of them that are printed
LIMIT = 200  # tokens of a text that `write` writes
TEMPERATURE = 0.5  # of what is written, unless another one is asked for
SAMPLE = 60  # tokens of one in a report
MOST_NGRAMS = 2_000_000  # tokens that an n-gram model counts
SHORT = 12  # tokens of an example that fits a picture


def example(run, splits=None):
    """The course's story; or, if the run is of another text, how that begins for the model."""
    if run.settings.text is None:
        return run.COURSE
    return tuple(continued(run, (), limit=min(SHORT, run.settings.context), temperature=0))


def example_of(run, words):
    """A text of these words."""
    print_unknown(run.vocabulary, words)
    return tuple(words)


def caption(text):
    """The text."""
    return f"«{text_of(text)}»"


def report(run, splits, text):
    """Print how well the model predicts and writes; what it attends to, as a heat map."""
    print_losses(run, splits)
    count, limit = (STORIES, run.settings.context) if run.settings.text is None else (SHOWN, SAMPLE)
    generator = minigrad.Generator().manual_seed(run.settings.seed)
    texts = written(run, count, limit, temperature=TEMPERATURE, generator=generator)
    if run.settings.text is None:
        right = np.mean([not stories.check(told) for told in texts])
        print(
            f"written at temperature {TEMPERATURE}: {right:.1%} of {len(texts)} stories are "
            "grammatical and consistent"
        )
    for told in texts[:SHOWN]:
        print(f"\n{spelled(run, told)}")
    return {"weights": before_last_word(run, text)}


def before_last_word(run, text):
    """A heat map of the attention from which the last word of a text is predicted, by head."""
    last = max((i for i, token in enumerate(text) if token != "."), default=0)
    maps = by_layer(weights_of(run, text[:last]), heads=True)
    rows = [weights[-1] for weights in maps.values()]
    title = f"before {text_of(text[last : last + 1])} is predicted"
    return plots.heat_map(rows, list(maps), read_by(run, text[:last]), title, "text")


def print_losses(run, splits):
    """Print loss and perplexity on the validation set, and those of an n-gram model."""
    ours, theirs = mean_loss(run, splits.validation), ngram_loss(run, *splits)
    print(f"\nvalidation: loss {ours:.3f}, perplexity {math.exp(ours):.2f} per token")
    print(
        f"a {ngrams.ORDER}-gram model with Kneser–Ney smoothing: loss {theirs:.3f}, "
        f"perplexity {math.exp(theirs):.2f}\n"
    )


def ngram_loss(run, texts, validation):
    """The validation loss of an n-gram model of the same tokens, which counts those of `texts`."""
    end = [Vocabulary.END] if run.settings.text is None else []
    context, known = run.settings.context, run.vocabulary
    test = [np.array([*known.encode(text), *end][:context]) for text in validation]
    if isinstance(texts, Passages):  # one text, or the end of it
        ids = np.array(known.encode(texts.names))
        train = [ids[texts.numbers[-MOST_NGRAMS:]]]
    else:
        train = [np.array([*known.encode(text), *end]) for text in texts]
    words = len(known) - len((Vocabulary.PAD, Vocabulary.BEGIN))
    return ngrams.cross_entropy(train, test, Vocabulary.BEGIN, words)


def spelled(run, tokens):
    """Tokens as a text that can be printed, whoever wrote them; line by line."""
    lines = run.tokens.decode(tokens).split("\n")
    return "\n".join(printable(line, MOST_LETTERS) for line in lines)


def write(run, prompt, count=1, limit=LIMIT, seed=0, temperature=TEMPERATURE, **options):
    """Print texts that begin with a prompt, as they are written; stories are checked.

    options: those of `decoding.sample`.
    """
    options = {"limit": limit, "temperature": temperature, **options}
    tokens = run.tokens_of(prompt)
    print_unknown(run.vocabulary, tokens)
    generator = minigrad.Generator().manual_seed(seed)
    for number in range(count):
        if number:
            print()
        told = list(tokens)
        print(spelled(run, told), end="", flush=True)
        try:
            for token in continued(run, tokens, generator=generator, **options):
                before = told[-1:]
                told.append(token)
                piece = run.tokens.decode([*before, token])
                start = len(run.tokens.decode(before))
                print("\n".join(map(printable, piece[start:].split("\n"))), end="", flush=True)
        finally:
            print(flush=True)
        if run.settings.text is None:
            print_check(told)


def print_check(told):
    """Print what is wrong with a story."""
    faults = stories.check(told)
    for fault in faults:
        print(f"  {printable(fault, MOST_LETTERS)}")
    if not faults:
        print("  (grammatical and consistent)")


# Attention.


def ids_of(run, words):
    """The ids that the model reads: BEGIN and these words, (1, 1 + words)."""
    return minigrad.tensor([[Vocabulary.BEGIN, *run.vocabulary.encode(words)]])


def read_by(run, words):
    """The names of the tokens that the model reads."""
    return [run.vocabulary.words[Vocabulary.BEGIN], *words]


def weights_of(run, words):
    """The attention weights of a text: an array (layers, heads, 1 + words, 1 + words)."""
    run.model.eval()
    with minigrad.no_grad():
        _, weights = run.model(ids_of(run, words))
    return weights[0].numpy()


def attend(run, words, head=None, layer=None, kind="self"):
    """Print the next word, and a table of the weights of each layer; returns them as heat maps."""
    check_kind(run, kind, "self")
    maps, names = chosen(run, weights_of(run, words), layer, head), read_by(run, words)
    print_unknown(run.vocabulary, words)
    with minigrad.no_grad():
        logits, _ = run.model(ids_of(run, words))
    likely = best(probabilities(logits[0, -1]), run.vocabulary.words)
    likely = ", ".join(f"{text_of([word])} ({p:.2f})" for word, p in likely)
    print(f"«{text_of(words)}» goes on with {likely}\n")
    for title, rows in maps.items():
        print(title)
        print_weights(rows.tolist(), names, names)
        print()
    return plots.heat_maps(maps, names, names, "each token …", "… attends to")


# The page of weights.


def page(run, words, kind="self"):
    """The data of the page: the answer is the token that follows the text."""
    names, known = read_by(run, words), run.vocabulary.words
    check_length(names)
    check_kind(run, kind, "self")
    run.model.eval()
    text, last = ids_of(run, words), len(words)
    logits, weights, _ = run.model.write(text)
    before = probabilities(logits[0, last])
    gradients = grad(F.log_softmax(logits[0, last], -1)[before.argmax()], weights)
    answers = [None] * len(names)
    answers[last] = best(before, known)
    return {
        "rows": names,
        "columns": names,
        "about": about(run, kind),
        "asked": last,
        "next": True,
        "unknown": run.vocabulary.unknown(words),
        "weights": significant([layer[0] for layer in weights]),
        "gradients": significant([layer[0].tril() for layer in gradients]),  # no later token
        "answers": answers,
        "cuts": cuts(run.model, text, last, before, weights, known, causal=True),
    }


# The live page.

PROMPTS = ("The young dog", "The old cat buys a red apple on", "The fox finds a plum . It")


def live(run):
    """The texts and vocabularies of the live page of a GPT (see live.py)."""
    texts = PROMPTS if run.settings.text is None else ("",)
    return {
        "view": "writer",
        "title": "A GPT writes",
        "about": "A GPT, computed in this page from its trained weights, goes on with your text. "
        "Choose a token to see how it came about. Cut an edge or a head, and see all that follows.",
        "label": "The beginning of the text",
        "text": texts[0],
        "examples": texts[1:],
        "vocabularies": {"text": vocabulary(run.vocabulary, run.tokens)},
        "never": never_written(run.settings),
    }

"""Showing a translator: how often it is right, a translation, and its attention weights."""

import numpy as np

import minigrad
import minigrad.nn.functional as F
from minigrad.autograd import grad
from minigrad.text import printable

from ..decoding import greedy, rows
from ..rnn import each
from ..tasks.pairs import Pair, Splits
from ..tasks.vocabulary import Vocabulary
from ..training import evaluation
from . import plots
from .common import MOST_LETTERS, print_largest, print_unknown, print_weights
from .layers import check_kind
from .live import vocabulary
from .pages import about, best, change, check_length, probabilities, significant

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
    translations = print_results(run, splits)
    if splits.test[0].alignment and translations[0].weights is not None:
        fraction = evaluation.aligned(run, splits.test)
        print(f"{fraction:.1%} of content words attend most to the word they translate")
    print()
    translation = translate(run, pair.source)
    return {"alignment": alignment(pair.source, translation)} if translation.weights else {}


def print_results(run, splits):
    """Print how many sentences are exactly right and, for real ones, BLEU and chrF.

    Returns the translations of the test set.
    """
    test, translations = splits.test, evaluation.translate(run, splits.test)
    exact = evaluation.exact_match(translations, test)
    print(f"\nheld-out test set: {exact:.1%} of {len(test):,} sentences exactly right", end="")
    validation = evaluation.translate(run, splits.validation)
    print(f" (validation: {evaluation.exact_match(validation, splits.validation):.1%})")
    if run.settings.pairs is not None:
        print_scores([run.target_tokens.decode(t.words) for t in translations], test)
    return translations


def print_scores(texts, pairs):
    """Print BLEU and chrF of translated texts, each with the signature of how it was computed."""
    try:
        for name, score, signature in evaluation.scores(texts, [pair.text[1] for pair in pairs]):
            print(f"{name} {score:.1f} ({signature})")
    except ModuleNotFoundError:
        print('BLEU and chrF: not computed; pip install "minigrad[bleu]" brings sacrebleu')


def translate(run, source, write=greedy):
    """Print a sentence, its translation, and the word each word attends to most."""
    translation = evaluation.translate_words(run, source, write)
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


def attend(run, words, head=None, layer=None, kind="cross"):
    """Print the translation and a table of its weights; returns them as a heat map."""
    for name, given in (("head", head), ("layer", layer)):
        if given is not None:
            raise ValueError(
                f"--{name}: a model of kind {run.settings.model} has no {name}s to choose from"
            )
    check_kind(run, kind, "cross")
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


def page(run, words, kind="cross"):
    """The data of the page: each word of the translation is the answer of its row.

    They are computed word by word, as the translation is written: the weights of a word change its
    own answer, and what was read and attended to before stays as it was.
    """
    check_length(words)
    check_kind(run, kind, "cross")
    model, names = run.model, run.target_vocabulary.words
    model.eval()
    source = minigrad.tensor([run.source_vocabulary.encode(words)])
    ids, _ = greedy(model, source, Vocabulary.BEGIN, Vocabulary.END, evaluation.LIMIT)
    state, memory = model.encode(source)
    if memory is None:
        raise no_attention(run)
    data = {"rows": [], "weights": [], "gradients": [], "answers": [], "cuts": []}
    last = Vocabulary.BEGIN
    for word in ids[0].tolist():
        read, before = minigrad.tensor([[last]]), each(lambda x: x.detach(), state)
        logits, weights, state = model.decode(read, before, memory)
        last = word
        if word in (*Vocabulary.UNSEEN, Vocabulary.END):
            continue
        (gradient,) = grad(F.log_softmax(logits, -1)[0, 0, word], weights)
        answer = probabilities(logits[0, 0])
        data["rows"].append(names[word])
        data["weights"] += significant(weights[0])
        data["gradients"] += significant(gradient[0])
        data["answers"].append(best(answer, names))
        data["cuts"].append(cuts(model, read, before, memory, answer, names))
    return data | {
        "columns": words,
        "about": about(run, kind),
        "asked": None,
        "unknown": run.source_vocabulary.unknown(words),
        "weights": [[data["weights"]]],
        "gradients": [[data["gradients"]]],
        "cuts": [data["cuts"]],
    }


def cuts(model, word, state, memory, before, names):
    """The change of an answer when one source word is masked: (source,), or None.

    Computed in batches of the same sentence, each row with another word masked for the decoder. The
    encoder's states and the decoder's own stay those of the translation.
    """
    hs, _ = memory
    words = hs.shape[1]
    if words == 1:
        return [None]
    found = []
    for start in range(0, words, AT_ONCE):
        known = minigrad.tensor(~np.eye(words, dtype=bool)[start : start + AT_ONCE])
        same = minigrad.zeros(len(known), dtype=minigrad.int64)  # the only row, so many times
        with minigrad.no_grad():
            logits, _, _ = model.decode(word[same], rows(state, same), (hs[same], known))
        found += [change(before, after, names) for after in probabilities(logits[:, 0])]
    return found


# The live page.

EXAMPLES = (  # from the grammar of the calendar
    "오늘은 금요일 입니다",
    "내일은 제 생일입니다.",
    "시험은 3월 5일 금요일에 있습니까?",
    "어제는 평일이었지만 오늘은 휴일입니다.",
    "설날은 모레가 아닙니다.",
)


def live(run):
    """The texts and vocabularies of the live page of a translator (see live.py)."""
    texts = EXAMPLES if run.settings.pairs is None else (own_example(run),)
    attends = hasattr(run.model, "score")
    how = "attends to every word" if attends else "has one vector per sentence"
    return {
        "view": "translator",
        "title": "A translator at work",
        "about": f"A recurrent network that {how}, computed in this page from its trained weights. "
        "Choose a word of the translation to see how it came about."
        + " Cut a line, and see all that follows."
        * attends,
        "label": "A sentence to translate" + ", about days" * (run.settings.pairs is None),
        "text": texts[0],
        "examples": texts[1:],
        "vocabularies": {
            "source": vocabulary(run.source_vocabulary, run.source_tokens),
            "target": vocabulary(run.target_vocabulary, run.target_tokens),
        },
    }


def own_example(run):
    """A sentence of the run's own file; "" if the file is not there any more."""
    try:
        return example(run).text[0]
    except (OSError, ValueError):
        return ""

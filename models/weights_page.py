"""The page of the weights: who looks at whom, what each weight is worth, what a cut changes.

Everything is computed here; the page (weights_page.html) only shows it, without a network.
"""

import json
from pathlib import Path

import numpy as np

import minigrad
import minigrad.nn.functional as F
from minigrad.autograd import grad

from . import evaluation
from .reading import Reading, asked
from .self_attention import pointer
from .seq2seq import greedy
from .tasks.vocabulary import Vocabulary

TEMPLATE = Path(__file__).with_suffix(".html")
PLACE = "{{data}}"  # where in the template the data go
SHOWN = 3  # of an answer, the likeliest words


def save(run, words, path, head=None):
    """Write the page; `head`, from 1, is the one it begins with (None: the mean of all)."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = reading(run, words) if isinstance(run, Reading) else translating(run, words)
    path.write_text(page(data | {"head": head}), encoding="utf-8", newline="\n")
    return path


def page(data):
    """The page as HTML text. No word can end the script that holds it: `<` is escaped."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return TEMPLATE.read_text(encoding="utf-8").replace(PLACE, text.replace("<", "\\u003c"))


# What a page shows, ready for JSON:
#
#   rows        the words that look
#   columns     the words they look at
#   asked       the row whose answer is shown, or None: each row has its own
#   unknown     the words that the model does not know
#   weights     (layers, heads, rows, columns)
#   gradients   of the logarithm of the answer's probability, by the weights: as many
#   answers     of each row its likeliest answers, [name, probability], or None; the name is a word
#               of the model's, or the number of one of the columns
#   cuts        (layers, rows, columns): the answer with that edge cut in all heads, as `change`
#               gives it; None where no answer depends on the edge, and for the only word there is


def reading(run, words):
    """What the page of a text shows: the answer is the word that *it*, or else the last, means."""
    run.model.eval()
    text = minigrad.tensor([run.vocabulary.encode(words)])
    it = asked(words)
    _, weights = run.model.encode(text)  # of each layer (1, heads, words, words)
    logits = pointer(weights[-1])[0, it]  # (words,)
    gradients = grad(logits[logits.argmax()], weights)
    answers = [None] * len(words)
    answers[it] = best(probabilities(logits), range(len(words)))
    return {
        "rows": words,
        "columns": words,
        "asked": it,
        "unknown": run.vocabulary.unknown(words),
        "weights": rounded([layer[0] for layer in weights]),
        "gradients": significant([layer[0] for layer in gradients]),
        "answers": answers,
        "cuts": reading_cuts(run.model, text, it, probabilities(logits)),
    }


def reading_cuts(model, text, it, before):
    """How the answer changes with each edge cut: (layers, words, words) of `change` or None.

    For each layer and word that looks, a batch of the same text: in its i-th row the word may no
    longer look at word i. In the last layer nothing but the row of *it* is asked.
    """
    layers, words = len(model.layers), text.shape[1]
    found = [[None] * words for _ in range(layers)]
    if words == 1:
        return [[[None]]] * layers
    each = np.arange(words)
    for layer in range(layers):
        for row in range(words):
            if layer == layers - 1 and row != it:
                found[layer][row] = [None] * words
                continue
            cut = np.zeros((layers, words, 1, words, words), bool)
            cut[layer, each, 0, row, each] = True
            with minigrad.no_grad():
                logits, _ = model(text.expand(words, -1), minigrad.tensor(cut))
            after = probabilities(logits[:, it])  # (words cut, words)
            found[layer][row] = [change(before, one, range(words)) for one in after]
    return found


def translating(run, words):
    """What the page of a translation shows: each word of it is the answer of its row."""
    model, names = run.model, run.target_vocabulary.words
    model.eval()
    source = minigrad.tensor([run.source_vocabulary.encode(words)])
    ids, _ = greedy(model, source, Vocabulary.BEGIN, Vocabulary.END, evaluation.LIMIT)
    h, (hs, mask) = model.encode(source)
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
        "cuts": [translating_cuts(model, target, h, hs, before, rows, names)],
    }


def translating_cuts(model, target, h, hs, before, rows, names):
    """How each answer changes with each source word hidden: (rows, source) of `change` or None.

    A batch of the same sentence, in whose i-th row word i is hidden from the decoder. What the
    encoder read and the decoder wrote stays that of the translation.
    """
    words = hs.shape[1]
    if words == 1:
        return [[None] for _ in rows]
    hidden = minigrad.tensor(np.eye(words, dtype=bool))
    with minigrad.no_grad():
        logits, _, _ = model.decode(
            target.expand(words, -1), h.expand(words, -1), (hs.expand(words, -1, -1), ~hidden)
        )
        after = probabilities(logits)  # (source, target, target_words)
    return [[change(before[t], one, names) for one in after[:, t]] for t in rows]


# Numbers, short enough for a page.


def probabilities(logits):
    """Of logits, as an array."""
    return F.softmax(logits.detach(), -1).numpy().astype(float)


def best(answer, names):
    """The likeliest words of an answer, the likeliest first: [name, probability]."""
    return [[names[i], round(answer[i], 4)] for i in likeliest(answer)]


def change(before, after, names):
    """The likeliest words before and after a cut: [name, probability before, and after]."""
    both = dict.fromkeys([*likeliest(before), *likeliest(after)])
    return [[names[i], round(before[i], 4), round(after[i], 4)] for i in both]


def likeliest(answer):
    """The numbers of the likeliest words, the likeliest first."""
    return np.argsort(-answer, kind="stable")[:SHOWN].tolist()


def rounded(layers):
    """Weights as nested lists, with four digits behind the point."""
    return [np.round(x.detach().numpy().astype(float), 4).tolist() for x in layers]


def significant(layers):
    """Gradients as nested lists: four digits, wherever the point may stand."""
    arrays = [x.numpy() for x in layers]
    return [np.vectorize(lambda g: float(f"{g:.4g}"))(x).tolist() for x in arrays]

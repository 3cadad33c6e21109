"""An HTML page of attention weights: the weights, their gradients, and the effect of each cut.

Everything is computed here, with the help of a kind's `page`; the page itself (weights_page.html)
only shows it, offline.
"""

import json
from pathlib import Path

import numpy as np

import minigrad.nn.functional as F
from minigrad.files import write_atomically
from minigrad.text import printable

TEMPLATE = Path(__file__).with_name("weights_page.html")
PLACE = "{{data}}"  # where the data go in the template
SHOWN = 3  # the likeliest words of an answer
MOST_WORDS, MOST_LETTERS = 200, 60  # of a text, and of a word
LIMIT = 5e7  # of all cuts: the number of edges cut, times the edges of the text; a few seconds

# The data of a page, ready for JSON; each kind of run makes them in its `page`:
#
#   rows        the words that attend
#   columns     the words that they attend to
#   asked       the row whose answer is shown, or None if each row has its own
#   unknown     the words that the model does not know
#   weights     (layers, heads, rows, columns)
#   gradients   of the log-probability of the answer, with respect to the weights; same shape
#   answers     for each row its likeliest answers, [name, probability], or None; a name is a word
#               of the vocabulary, or the number of a column
#   cuts        (layers, rows, columns): the answer with that edge cut in all heads, as `change`
#               gives it; None if no answer depends on the edge, or if there is only one word;
#               False if it was not computed, because there are so many edges
#
# and, where rows and columns are not the translation and its source:
#
#   sentence, translation   the words of both
#   places                  for each row, which word of the translation its answer is
#
# and, where the answer is the word that follows the text:
#
#   next        true


def save(data, path, head=None, layer=None):
    """Write the page; it opens with this head (None: the mean of all) and layer (None: the last).

    Both count from 1.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    opens = {"head": head} if layer is None else {"head": head, "layer": layer}
    write_atomically(path, html(data | opens).encode())
    return path


def html(data):
    """The page as HTML text. No word can end the script that holds it: `<` is escaped."""
    data = safe(data)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return TEMPLATE.read_text(encoding="utf-8").replace(PLACE, text.replace("<", "\\u003c"))


def safe(data):
    """The data with every text in them made printable: no direction marks, no lone surrogates."""
    if isinstance(data, str):
        return printable(data, MOST_LETTERS)
    if isinstance(data, dict):
        return {key: safe(value) for key, value in data.items()}
    return [safe(value) for value in data] if isinstance(data, list | tuple) else data


def check_length(words):
    """Raise ValueError if a page cannot show so many words."""
    if len(words) > MOST_WORDS:
        raise ValueError(
            f"a page shows at most {MOST_WORDS} words, and these are {len(words):,}: "
            "draw them as .svg, .png or .pdf"
        )


def strongest(weights, cost):
    """For each row, the indices of its largest weights, in order; all of them, if not too many.

    weights  (rows, columns)
    cost     of cutting one edge of each row; all cuts together cost at most about LIMIT
    """
    count = max(1, min(weights.shape[1], int(LIMIT / cost)))
    return np.sort(np.argsort(-weights, axis=1, kind="stable")[:, :count])


# Numbers, short enough for a page.


def probabilities(logits):
    """The softmax of logits, as an array."""
    return F.softmax(logits.detach(), -1).numpy().astype(float)


def best(answer, names):
    """The likeliest words of an answer, the likeliest first: [name, probability]."""
    return [[names[i], round(answer[i], 4)] for i in likeliest(answer)]


def change(before, after, names):
    """The likeliest words before and after a cut: [name, probability before, and after]."""
    both = dict.fromkeys([*likeliest(before), *likeliest(after)])
    return [[names[i], round(before[i], 4), round(after[i], 4)] for i in both]


def likeliest(answer):
    """The indices of the likeliest words, the likeliest first."""
    least = np.partition(answer, -SHOWN)[-SHOWN] if len(answer) > SHOWN else 0.0
    found = np.flatnonzero(answer >= least)  # sorting a few is faster than sorting a vocabulary
    return found[np.argsort(-answer[found], kind="stable")][:SHOWN].tolist()


def rounded(layers):
    """Weights as nested lists, rounded to four decimals."""
    return [np.round(x.detach().numpy().astype(float), 4).tolist() for x in layers]


def significant(layers):
    """Gradients as nested lists, with four significant digits."""
    arrays = [x.numpy() for x in layers]
    return [np.vectorize(lambda g: float(f"{g:.4g}"))(x).tolist() for x in arrays]

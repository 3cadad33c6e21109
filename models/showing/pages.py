"""An HTML page of attention weights: the weights, their gradients, and the effect of each cut.

Everything is computed here, with the help of a kind's `page`; the page itself (weights_page.html)
only shows it, offline.
"""

import json
from pathlib import Path

import numpy as np

import minigrad.nn.functional as F

TEMPLATE = Path(__file__).with_name("weights_page.html")
PLACE = "{{data}}"  # where the data go in the template
SHOWN = 3  # the likeliest words of an answer

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
#               gives it; None if no answer depends on the edge, or if there is only one word


def save(data, path, head=None):
    """Write the page; `head`, from 1, is the one it opens with (None: the mean of all)."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(data | {"head": head}), encoding="utf-8", newline="\n")
    return path


def html(data):
    """The page as HTML text. No word can end the script that holds it: `<` is escaped."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return TEMPLATE.read_text(encoding="utf-8").replace(PLACE, text.replace("<", "\\u003c"))


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
    return np.argsort(-answer, kind="stable")[:SHOWN].tolist()


def rounded(layers):
    """Weights as nested lists, rounded to four decimals."""
    return [np.round(x.detach().numpy().astype(float), 4).tolist() for x in layers]


def significant(layers):
    """Gradients as nested lists, with four significant digits."""
    arrays = [x.numpy() for x in layers]
    return [np.vectorize(lambda g: float(f"{g:.4g}"))(x).tolist() for x in arrays]

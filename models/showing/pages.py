"""An HTML page of attention weights: the weights, their gradients, and the effect of each cut.

Everything is computed here, with the help of a kind's `page`; the page itself (in page/) only shows
it, offline.
"""

import json
import re
from html import escape
from pathlib import Path

import numpy as np

import minigrad.nn.functional as F
from minigrad.draw.pages import joined
from minigrad.files import write_atomically
from minigrad.text import printable

from .fonts import hangul
from .layers import EACH

PAGE = Path(__file__).parent / "page" / "weights.html"
SHOWN = 3  # the likeliest words of an answer
MOST_WORDS, MOST_LETTERS = 200, 60  # of a text, and of a word
MOST_TITLE, MOST_NAME = 60, 20  # letters of a tab's title, and of a run's name
KINDS = {
    "cross": "cross-attention",
    "encoder": "self-attention of the encoder",
    "decoder": "self-attention of the decoder",
    "self": "self-attention",
}
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
# and, if it is known,
#
#   about       the model, its run and the kind of attention, as text
#
# and, where the answer is the word that follows the text:
#
#   next        true


def save(data, path, head=None, layer=None):
    """Write the page; it opens with this head (None: the mean of all) and layer (None: the last).

    Both count from 1. A page always shows each head, too.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    opens = {"head": None if head == EACH else head} | ({} if layer is None else {"layer": layer})
    write_atomically(path, html(data | opens).encode())
    return path


def html(data):
    """The page as HTML text. No word can end the script that holds it: `<` is escaped."""
    data = safe(data)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    template = joined(PAGE)
    parts = {
        "title": escape(title(data)),
        "font": hangul(template + text),
        "data": text.replace("<", "\\u003c"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], template)


def title(data):
    """The title of the page's tab: the sentence, the run, and the kind of attention."""
    sentence = " ".join(data.get("sentence", data["columns"]))
    return " · ".join(filter(None, (printable(sentence, MOST_TITLE), data.get("about"))))


def about(run, kind):
    """The model, its run and the kind of attention, as text."""
    name = Path(run.folder).name
    named = f" (run {printable(name, MOST_NAME)})" if name not in ("", run.settings.model) else ""
    return f"{run.settings.model}{named}, {KINDS[kind]}"


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


def significant(layers):
    """Weights or gradients as nested lists, with four significant digits.

    The smallest weights count, too: if the others are cut, they share what those had.
    """
    arrays = [x.detach().numpy() for x in layers]
    return [np.vectorize(lambda g: float(f"{g:.4g}"))(x).tolist() for x in arrays]

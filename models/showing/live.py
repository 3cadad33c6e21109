"""A live page: it holds a trained model, and computes in the page what one asks of it.

The models are written again in JavaScript, step by step as here: page/live/ has a module per file
of models/. A kind of run says by its `live` what its page is about; tests compare what the page
computes with what Python computes from the same weights.
"""

import base64
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from minigrad.draw.pages import joined
from minigrad.files import write_atomically
from minigrad.text import printable

from ..tasks.korean import Korean
from ..tasks.tokens import BytePairs, Characters, Words
from .fonts import hangul

PAGE = Path(__file__).with_name("page") / "live" / "live.html"
TOKENS = {Words: "words", Korean: "korean", Characters: "characters", BytePairs: "bpe"}

# What a kind of run gives, in its `live`:
#
#   view            translator, reader or writer: which of the page's views shows it
#   title, about    the heading, and a sentence or two below it
#   label, text     of the text box: its name, and what is in it at first
#   examples        more texts to choose from
#   vocabularies    by name, each as `vocabulary` gives it
#   never           the ids that are never written; of a writer alone


def save(run, showing, path):
    """Write the live page of a run; `showing` is the file of its kind, which has a `live`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, html(run, showing.live(run)).encode())
    return path


def html(run, about):
    """The page as HTML text. No word can end the script that holds it: `<` is escaped."""
    data = about | {
        "model": run.settings.model,
        "config": asdict(run.model.config),
        "shapes": {name: list(value.shape) for name, value in run.model.named_parameters()},
        "weights": packed(run),
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    page = joined(PAGE).replace("{{title}}", about["title"])
    page = page.replace("/* the font */", hangul(page + text))
    return page.replace("{{data}}", text.replace("<", "\\u003c"))


def packed(run):
    """All weights of the model, one after the other: float16, little-endian, in base64.

    Half the digits of float32 are enough: the words stay the same. Raises ValueError if a weight
    is too large for float16, whose largest number is 65,504.
    """
    weights = [value.detach().numpy().ravel() for value in run.model.parameters()]
    largest = max(float(np.abs(array).max()) for array in weights)
    if not largest <= np.finfo(np.float16).max:
        raise ValueError(
            f"{printable(str(run.folder))} has a weight of {largest:.3g}: a page holds them as "
            "float16, up to 65,504"
        )
    return base64.b64encode(np.concatenate(weights).astype("<f2").tobytes()).decode()


def vocabulary(known, tokens):
    """A vocabulary and its tokenizer, ready for JSON."""
    return {
        "words": known.words,
        "tokens": TOKENS[type(tokens)],
        "attached": sorted(getattr(tokens, "attached", ())),
        "merges": known.merges,
    }

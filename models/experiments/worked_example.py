"""Attention is a dot product, a softmax and a weighted average: small enough to do by hand.

«오늘은 금요일입니다» becomes «Today is Friday». The encoder has a hidden state of five whole
numbers for each source word; each state of the decoder asks which of them it needs. The steps are
those of Luong, Pham and Manning 2015 (§3.1, the score "dot"): a score for each word, the softmax of
the scores, and the average of the states with these weights. They are computed here in plain
Python, number by number, and again by the functions of the course: the two must agree.
"""

import math
from dataclasses import dataclass

import numpy as np

import minigrad
import minigrad.nn.functional as F

from ..attention import attend
from ..showing import plots
from ..showing.language import said
from ..showing.tables import table


@dataclass(frozen=True)
class Settings:
    """The numbers to start from. Nothing is random, so there are no seeds.

    The first decoder state has the scores 3, 1, 0; the others have the same in another order. Each
    encoder state has a 1 where the others have 0: there the context shows its weight.
    """

    source: tuple[str, ...] = ("오늘은", "금요일", "입니다")
    target: tuple[str, ...] = ("Today", "is", "Friday")
    hs: tuple[tuple[int, ...], ...] = ((1, 0, 0, 0, 1), (1, 0, 1, 1, 0), (0, 1, 0, 1, 0))
    hds: tuple[tuple[int, ...], ...] = ((1, 0, 0, 0, 2), (0, 2, 0, 1, 0), (0, 0, 2, 1, 0))


FULL = QUICK = Settings()


def measure(settings):
    """Each step for each word of the translation, and the largest difference to the library."""
    steps = [by_hand(hd, settings.hs) for hd in settings.hds]
    return {
        "source": list(settings.source),
        "target": list(settings.target),
        "hs": [list(h) for h in settings.hs],
        "hds": [list(hd) for hd in settings.hds],
        "steps": steps,
        "largest_difference": largest_difference(settings, steps),
    }


def by_hand(hd, hs):
    """The steps on paper: scores, their exponentials and sum, weights, context."""
    scores = [sum(a * b for a, b in zip(hd, h, strict=True)) for h in hs]
    exps = [math.exp(score) for score in scores]
    total = sum(exps)
    weights = [e / total for e in exps]
    context = [sum(w * x for w, x in zip(weights, xs, strict=True)) for xs in zip(*hs, strict=True)]
    return {"scores": scores, "exps": exps, "sum": total, "weights": weights, "context": context}


def largest_difference(settings, steps):
    """Between the numbers by hand and those of `attend`, softmax, scaled_dot_product_attention."""
    hs, hds = (minigrad.tensor([x], dtype=minigrad.float64) for x in (settings.hs, settings.hds))
    context, weights = attend(hds, hs, minigrad.full((1, len(settings.hs)), True))
    pairs = [
        ("weights", weights),
        ("context", context),
        ("weights", minigrad.softmax(hds @ hs.mT, -1)),
        ("context", F.scaled_dot_product_attention(hds, hs, hs, scale=1.0)),
    ]
    return max(
        float(np.abs([step[name] for step in steps] - found[0].numpy()).max())
        for name, found in pairs
    )


def report(result):
    """The steps as one table per word, and how closely the library agrees."""
    parts = []
    for i, (word, hd, step) in enumerate(
        zip(result["target"], result["hds"], result["steps"], strict=True)
    ):
        columns = (step["scores"], step["exps"], step["weights"])
        rows = [
            [source, shown(h), *numbers]
            for source, h, *numbers in zip(result["source"], result["hs"], *columns, strict=True)
        ]
        rows.append(["sum", "", "", step["sum"], sum(step["weights"])])
        header = [word, f"h · hd{i} {shown(hd)}", "score", "e^score", "weight"]
        context = " ".join(f"{x:.3f}" for x in step["context"])
        parts.append(f"{table(header, rows, digits=3)}\ncontext ({context})")
    parts.append(
        "attend, softmax and scaled_dot_product_attention give the same, to within "
        f"{result['largest_difference']:.0e}"
    )
    return "\n\n".join(parts)


def shown(vector):
    """Whole numbers as the course writes them: (1 0 0 0 2)."""
    return f"({' '.join(map(str, vector))})"


def draw(result):
    """The graph of the first word, without and with gradients; the weights of all words."""
    weights = [step["weights"] for step in result["steps"]]
    words = result["target"], result["source"]
    title = said("Each word attends most\nto the word it translates")
    return {
        "worked_example": graph(result),
        "worked_example_gradients": graph(result, backward=True),
        "worked_example_weights": plots.heat_map(
            weights, *words, said("translation"), said("source sentence"), title
        ),
    }


def graph(result, backward=False):
    """The graph of the first word's context; with `backward`, the gradients of its last number.

    That number is the weight of the first source word, because only h0 has a 1 there.
    """
    hd0, *states = (
        minigrad.tensor([state], dtype=minigrad.float32, requires_grad=True)
        for state in (result["hds"][0], *result["hs"])
    )
    hs = minigrad.cat(states)  # (source, hidden)
    scores = hd0 @ hs.mT  # (1, source)
    weights = minigrad.softmax(scores, -1)  # (1, source)
    context = weights @ hs  # (1, hidden)
    names = {"hd0": hd0, "hs": hs, "scores": scores, "weights": weights, "context": context}
    names |= {f"h{i}": h for i, h in enumerate(states)}
    if not backward:
        return minigrad.draw(context, names=names)
    last = context[0, -1]
    last.backward()
    return minigrad.draw(last, names=names)

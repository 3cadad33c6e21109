"""With a cache, the next token of a text of T tokens takes 1 / T of the multiply-adds.

A GPT computes the token after a text of T tokens in two ways. Without a cache it reads all T tokens
again. With the cache it reads only the last one, and attends to the keys and values that it kept of
the others. The cost of one token is counted in multiply-adds: in all linear layers, and in
attention the scores and the weighted averages. It is also measured in CPU time. There the calls of
small operations cost something, too: in a short text, hardly anything is saved.

How the cost grows is the exponent of T, fitted to the longer half of the texts. Reading T tokens
takes T times the linear layers, and T² of attention. With the cache it is the linear layers of one
token, and T of attention.
"""

import time
from dataclasses import dataclass

import numpy as np

import minigrad
from minigrad import nn

from .. import gpt
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..transformer import MultiHead


@dataclass(frozen=True)
class Settings:
    """The sizes of the GPT, and the lengths of the texts."""

    lengths: tuple[int, ...] = (16, 32, 64, 128, 256, 512, 1024)
    embedding: int = 64
    hidden: int = 256
    layers: int = 3
    heads: int = 4
    words: int = 100
    repeats: int = 7  # measurements of time, of which the median counts; with 0 there are none
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(lengths=(16, 64, 256, 1024), repeats=0, seeds=(0, 1, 2))

WAYS = {"cached": "with the cache", "uncached": "without"}


def measure(settings):
    """The multiply-adds and the CPU seconds of one token: by way, for each length and seed."""
    found = {name: {way: [] for way in WAYS} for name in ("work", "seconds")}
    for length in settings.lengths:
        cells = [measured(length, seed, settings) for seed in settings.seeds]
        for name, by_way in found.items():
            for way in WAYS:
                by_way[way].append([cell[name][way] for cell in cells])
    if not settings.repeats:
        del found["seconds"]
    exponents = {
        name: {way: exponents_of(settings.lengths, values) for way, values in by_way.items()}
        for name, by_way in found.items()
    }
    return {"lengths": list(settings.lengths), **found, "exponents": exponents}


def measured(length, seed, settings):
    """The cost of the token after a random text of this length, in both ways."""
    minigrad.manual_seed(seed)
    model = gpt.GPT(
        gpt.Config(
            settings.words,
            settings.embedding,
            settings.hidden,
            settings.layers,
            settings.heads,
            positions="rotary",
            longest=length,
        )
    ).eval()
    text = minigrad.randint(1, settings.words, (1, length))
    found = {"work": {}, "seconds": {}}
    with minigrad.no_grad():
        state = model.decode(text[:, :-1])[2]
        for way, given in (("cached", (text[:, -1:], state)), ("uncached", (text,))):
            found["work"][way] = work_of(model, *given)
            if settings.repeats:
                times = [seconds_of(model, *given) for _ in range(settings.repeats)]
                found["seconds"][way] = float(np.median(times))
            else:
                found["seconds"][way] = None
    return found


def work_of(model, *given):
    """The multiply-adds of `decode`, counted in its linear layers and its attention."""
    counts = []

    def of_linear(layer, inputs, output):
        counts.append(inputs[0].numel() * layer.out_features)

    def of_attention(layer, inputs, output):
        counts.append(2 * output[1].numel() * layer.size)  # the scores, and the weighted averages

    hooks = [
        m.register_forward_hook(of_linear) for m in model.modules() if isinstance(m, nn.Linear)
    ]
    hooks += [
        m.register_forward_hook(of_attention) for m in model.modules() if isinstance(m, MultiHead)
    ]
    model.decode(*given)
    for hook in hooks:
        hook.remove()
    return sum(counts)


def seconds_of(model, *given):
    """The CPU seconds that `decode` takes."""
    start = time.process_time()
    model.decode(*given)
    return time.process_time() - start


def exponents_of(lengths, values):
    """For each seed the slope of log cost over log length, in the longer half of the lengths."""
    half = len(lengths) // 2
    return np.polyfit(np.log(lengths[half:]), np.log(values[half:]), 1)[0].tolist()


def report(result):
    """One line per length, and the exponents."""
    rows = []
    for i, length in enumerate(result["lengths"]):
        row = [length, *(round(np.median(result["work"][way][i])) for way in WAYS)]
        if "seconds" in result:
            row += [1e3 * float(np.median(result["seconds"][way][i])) for way in WAYS]
        rows.append(row)
    names = {"work": "multiply-adds", "seconds": "CPU milliseconds"}
    header = [f"{names[n]} {way}" for n in names if n in result for way in WAYS.values()]
    lines = [
        table(["text", *header], rows),
        "",
        "the cost grows with the length of the text to the",
    ]
    for name, exponents in result["exponents"].items():
        for way, title in WAYS.items():
            lines.append(f"  power of {spread(exponents[way])}  ({names[name]}, {title})")
    return "\n".join(lines)


def draw(result):
    """The cost of one token against the length of the text."""
    panels = {
        "work": (said("millions of multiply-adds"), 1e-6),
        "seconds": (said("CPU milliseconds"), 1e3),
    }
    panels = {name: panel for name, panel in panels.items() if name in result}
    fig, axes = plots.figure(5 * len(panels), 4, columns=len(panels), squeeze=False)
    for ax, (name, (unit, scale)) in zip(axes[0], panels.items(), strict=True):
        for look, (way, label) in zip((plots.WITH, plots.WITHOUT), WAYS.items(), strict=True):
            power = np.median(result["exponents"][name][way])
            values = scale * np.array(result[name][way])
            label = said("{} (exponent {})", said(label), f"{power:.2f}".replace("-", "−"))
            plots.median_and_band(ax, result["lengths"], values, label, look)
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_xticks(result["lengths"], result["lengths"])
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_xlabel(said("number of tokens in the text"))
        ax.set_ylabel(unit)
        ax.set_title(said("{} for one token", unit))
        ax.legend(frameon=False, loc="upper left")
    fig.suptitle(said("With a cache, each token is read once"))
    return {"cache": fig}

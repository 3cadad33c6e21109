"""Without 1/√d, larger vectors make the softmax sharper, and less gradient passes through it.

A query and a key of d independent numbers with mean 0 and variance 1 have a dot product of variance
d (Vaswani et al. 2017, §3.2.1, footnote 4). Scores of that size make the softmax choose one word
and ignore the others. Two properties of its weights w are measured: their entropy, and how much
they still respond to the scores s. That is the size of the Jacobian, ∂w_i/∂s_j = w_i ([i = j] -
w_j): the sum of the absolute values of its entries. Scores divided by √d have variance 1 for every
d, and their weights stay as soft as they were.

Both numbers are those of the median query. The mean would hide what most queries lose: some queries
are always undecided between two words, and nearly all the gradient that still passes is theirs.
"""

from dataclasses import dataclass

import numpy as np

import minigrad

from ..showing import plots
from ..showing.language import said
from ..showing.tables import table


@dataclass(frozen=True)
class Settings:
    """The number and the sizes of the random vectors."""

    sizes: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
    words: int = 16  # that one query attends to
    queries: int = 2_000  # for each size and seed
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(sizes=(4, 64, 1024), queries=200, seeds=(0, 1, 2))

COLUMNS = {
    "variance": "variance of q·k",
    "entropy_unscaled": "entropy",
    "entropy_scaled": "with 1/√d",
    "jacobian_unscaled": "Jacobian",
    "jacobian_scaled": "with 1/√d",
    "mean_jacobian_unscaled": "mean Jacobian",
}


def measure(settings):
    """The quantities in COLUMNS, for each size of the vectors and each seed."""
    cells = [[measured(size, seed, settings) for seed in settings.seeds] for size in settings.sizes]
    return {
        "words": settings.words,
        "sizes": list(settings.sizes),
        **{name: [[cell[name] for cell in row] for row in cells] for name in COLUMNS},
    }


def measured(size, seed, settings):
    """The variance of random scores, and the entropy and the Jacobian of their softmax."""
    minigrad.manual_seed(seed)
    query = minigrad.randn(settings.queries, 1, size, dtype=minigrad.float64)
    key = minigrad.randn(settings.queries, settings.words, size, dtype=minigrad.float64)
    scores = (query @ key.mT)[:, 0]  # (queries, words)
    found = {"variance": (scores**2).mean().item()}  # the mean is 0
    for name, scale in (("unscaled", 1.0), ("scaled", size**-0.5)):
        weights = minigrad.softmax(scores * scale, -1)
        entropy = -(weights * minigrad.log_softmax(scores * scale, -1)).sum(-1)  # (queries,)
        jacobian = jacobian_size(weights).numpy()  # (queries,)
        found[f"entropy_{name}"] = float(np.median(entropy.numpy()))
        found[f"jacobian_{name}"] = float(np.median(jacobian))
        found[f"mean_jacobian_{name}"] = float(jacobian.mean())
    return found


def jacobian_size(weights):
    """The sum of all |∂w_i/∂s_j| for each row of weights: (…, words) to (…).

    The diagonal entries are w_i (1 - w_i); the other entries of a row add up to the same.
    """
    return 2 * (weights * (1 - weights)).sum(-1)


def report(result):
    """One line per size: medians over queries and seeds, and the mean over queries to compare."""
    rows = [
        [size, *(float(np.median(result[name][i])) for name in COLUMNS)]
        for i, size in enumerate(result["sizes"])
    ]
    rows = [[size, round(variance), *others] for size, variance, *others in rows]
    return table(["d", *COLUMNS.values()], rows, digits=5)


PANELS = {
    "variance": ("variance of the scores", "over queries and words"),
    "entropy": ("entropy of the weights", "nats, median query"),
    "jacobian": ("size of the Jacobian", "sum of |∂wᵢ/∂sⱼ|, median query"),
}


def draw(result):
    """Variance, entropy and Jacobian against the size of the vectors."""
    fig, axes = plots.figure(10, 4, columns=3)
    sizes = np.array(result["sizes"])
    found = result | {
        "variance_unscaled": result["variance"],
        "variance_scaled": np.array(result["variance"]) / sizes[:, None],
    }
    for ax, (name, (title, unit)) in zip(axes, PANELS.items(), strict=True):
        unscaled, scaled = found[f"{name}_unscaled"], found[f"{name}_scaled"]
        plots.median_and_band(ax, sizes, unscaled, "softmax(q·k)", plots.WITHOUT)
        plots.median_and_band(ax, sizes, scaled, "softmax(q·k / √d)", plots.WITH)
        ax.set_title(said(title))
        ax.set_ylabel(said(unit))
        ax.set_xlabel(said("d: size of query and key"))
        ax.set_xscale("log", base=2)
        ax.set_xticks(sizes[::2], sizes[::2], fontsize=11)
    axes[0].set_yscale("log")
    most = np.log(result["words"])
    axes[1].axhline(most, **plots.CHANCE)
    axes[1].text(sizes[-1], most, said("all weights equal"), ha="right", va="bottom", fontsize=10)
    axes[2].set_yscale("log")
    axes[0].legend(frameon=False, fontsize=10)
    fig.suptitle(
        said("Without 1/√d, large vectors choose one word, and let hardly any gradient pass")
    )
    return {"scaling": fig}

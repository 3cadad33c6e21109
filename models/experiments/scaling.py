"""Without 1/√d, the larger the vectors, the harder the softmax and the less gradient passes it.

Query and key of d independent numbers with mean 0 and variance 1 have a dot product of variance d
(Vaswani et al. 2017, §3.2.1, footnote 4). Scores of that size make the softmax choose one word and
forget the others: its weights have no entropy left, and its Jacobian, diag(w) - wwᵀ, is nearly 0.
Divided by √d the scores keep variance 1, and weights and Jacobian their size, whatever d is.
"""

from dataclasses import dataclass

import numpy as np

import minigrad

from .. import plots
from ..tables import table


@dataclass(frozen=True)
class Settings:
    """How much is drawn."""

    sizes: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
    words: int = 16  # that one query looks at
    queries: int = 2_000  # for each size and seed
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(sizes=(4, 64, 512), queries=200, seeds=(0, 1, 2))


def measure(settings):
    """For each size of the vectors, over the seeds: variance, and entropy and Jacobian both ways."""
    rows = [measured(size, settings) for size in settings.sizes]
    return {
        "words": settings.words,
        "uniform_entropy": float(np.log(settings.words)),
        "sizes": list(settings.sizes),
        **{name: [row[name] for row in rows] for name in rows[0]},  # (sizes, seeds)
    }


def measured(size, settings):
    """The means over all queries, a list entry for each seed."""
    found = {}
    for seed in settings.seeds:
        minigrad.manual_seed(seed)
        query = minigrad.randn(settings.queries, 1, size, dtype=minigrad.float64)
        key = minigrad.randn(settings.queries, settings.words, size, dtype=minigrad.float64)
        scores = (query @ key.mT)[:, 0]  # (queries, words)
        found.setdefault("variance", []).append((scores**2).mean().item())
        for name, scale in (("unscaled", 1.0), ("scaled", size**-0.5)):
            weights = minigrad.softmax(scores * scale, -1)  # (queries, words)
            entropy = -(weights * (weights + 1e-300).log()).sum(-1)
            found.setdefault(f"entropy_{name}", []).append(entropy.mean().item())
            found.setdefault(f"jacobian_{name}", []).append(jacobian_norm(weights).mean().item())
    return found


def jacobian_norm(weights):
    """The Frobenius norm of diag(w) - wwᵀ for each row w: (…, words) to (…)."""
    diagonal = (weights**2 * (1 - weights) ** 2).sum(-1)
    others = (weights**2).sum(-1) ** 2 - (weights**4).sum(-1)
    return (diagonal + others.clamp(min=0)) ** 0.5  # rounding may make 0 a little less


def report(result):
    """A line a size."""
    names = ("variance", "entropy_unscaled", "entropy_scaled", "jacobian_unscaled",
             "jacobian_scaled")  # fmt: skip
    header = ["d", "variance of q·k", "entropy", "with 1/√d", "Jacobian", "with 1/√d"]
    rows = [
        [size, *(float(np.median(result[name][i])) for name in names)]
        for i, size in enumerate(result["sizes"])
    ]
    return table(header, rows)


def draw(result):
    """Variance, entropy and Jacobian against the size of the vectors."""
    fig, axes = plots.figure(10, 3.4, columns=3)
    sizes = result["sizes"]
    plots.median_and_band(axes[0], sizes, result["variance"], "measured", 0)
    axes[0].plot(sizes, sizes, color=plots.INK, linewidth=1, linestyle=":", label="d")
    axes[0].set_yscale("log", base=2)
    axes[0].set_ylabel("variance of q·k")
    for ax, name in ((axes[1], "entropy"), (axes[2], "jacobian")):
        plots.median_and_band(ax, sizes, result[f"{name}_unscaled"], "softmax(q·k)", 1)
        plots.median_and_band(ax, sizes, result[f"{name}_scaled"], "softmax(q·k / √d)", 0)
        ax.set_ylim(bottom=0)
    axes[1].axhline(result["uniform_entropy"], color=plots.INK, linewidth=1, linestyle=":")
    axes[1].set_ylabel(f"entropy of the weights of {result['words']} words (nats)")
    axes[2].set_ylabel("size of the softmax's Jacobian")
    for ax in axes:
        ax.set_xscale("log", base=2)
        ax.set_xlabel("size d of query and key")
        ax.legend(frameon=False, fontsize=9)
    fig.suptitle("Divided by √d, the weights stay soft however large the vectors are")
    return {"scaling": fig}

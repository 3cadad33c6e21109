"""Without positions, self-attention is blind to order: shuffled words only give shuffled outputs.

That is why Vaswani et al. 2017 (§3.5) add positional encodings to the words. Without them, the
layer is permutation-equivariant (Lee et al. 2019, §3.1).

The first models are untrained, in float64. Words that are shuffled and then encoded are compared
with words that are encoded and then shuffled: by the norm of the difference, relative to that of
the vectors, and by the fraction of its weights that a word gives elsewhere. Then readers of the
task `coreference` are trained, and tested on texts as written and with the words of each text
shuffled. A model that is blind to order is right equally often on both, and less often than others
on texts as written, where it matters whether something is said before *it* or after it.
"""

from dataclasses import dataclass
from itertools import islice, product

import numpy as np

import minigrad

from ..self_attention import Config, SelfAttention
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks import coreference
from ..training import reading
from . import parallel

POSITIONS = ("none", "learned", "sinusoidal")


@dataclass(frozen=True)
class Settings:
    """The untrained models, and the training of the readers."""

    layers: tuple[int, ...] = (1, 2, 3)
    heads: tuple[int, ...] = (1, 4)
    readers: tuple[str, ...] = POSITIONS
    steps: int = 1_000
    batch_size: int = 64
    learning_rate: float = 5e-3
    texts: int = 8_000
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    readers=("none", "sinusoidal"),
    steps=300,
    batch_size=32,
    learning_rate=1e-2,
    texts=4_000,
    seeds=(0, 1, 2),
)


def measure(settings):
    """Both differences of each model, and both accuracies of each reader for each seed."""
    models = list(product(settings.layers, settings.heads, settings.seeds))
    differences = {kind: [difference(kind, *model) for model in models] for kind in POSITIONS}
    cells = [(kind, seed, settings) for kind, seed in product(settings.readers, settings.seeds)]
    found = iter(parallel.each(accuracies, cells, "order_blind", settings.steps))
    return {
        "layers": [layers for layers, _, _ in models],
        "vectors": {kind: [vectors for vectors, _ in differences[kind]] for kind in POSITIONS},
        "weights": {kind: [weights for _, weights in differences[kind]] for kind in POSITIONS},
        "accuracy": {kind: [next(found) for _ in settings.seeds] for kind in settings.readers},
    }


def difference(positions, layers, heads, seed):
    """How far shuffle-then-encode is from encode-then-shuffle, in the vectors and the weights."""
    minigrad.manual_seed(seed)
    model = SelfAttention(Config(100, 32, layers, heads, positions)).double()
    text = minigrad.randint(1, 100, (16, 12))  # (batch, words)
    order = minigrad.randperm(12)
    x, weights = encoded(model, text)
    shuffled_x, shuffled_weights = encoded(model, text[:, order])
    order = order.numpy()
    x, weights = x[:, order], weights[..., order, :][..., order]
    vectors = np.linalg.norm(shuffled_x - x) / np.linalg.norm(x)
    return float(vectors), float(abs(shuffled_weights - weights).sum(-1).mean() / 2)


def encoded(model, text):
    """Two arrays: the words' vectors (batch, words, size), and all weights (…, words, words)."""
    with minigrad.no_grad():
        x, _ = model.encode(text)
        _, weights = model(text)
    return x.numpy(), weights.numpy()


def accuracies(positions, seed, settings):
    """A trained reader's accuracy on new texts: as written, and with the words shuffled."""
    splits = coreference.corpus(settings.texts, seed, validation=0)
    chosen = reading.Settings(
        positions=positions,
        steps=settings.steps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        seed=seed,
    )
    run = reading.Reading.start("unused", chosen, splits.train)
    for batch in islice(run.batches(splits.train), settings.steps):
        run.step(batch)
        parallel.tick()
    rng = np.random.default_rng(seed)
    mixed = [shuffle(text, rng) for text in splits.test]
    return [reading.accuracy(run, splits.test), reading.accuracy(run, mixed)]


def shuffle(text, rng):
    """The same words in another order, and the new indices of *it* and the nouns."""
    order = rng.permutation(len(text.words))
    words = tuple(text.words[i] for i in order)
    return coreference.Text(words, *np.argsort(order)[list(text[1:])])


def report(result):
    """The smallest and largest difference of all models; the readers' median, min and max."""
    differences = [
        [
            kind,
            *(
                f"{min(found[kind]):.1e} to {max(found[kind]):.1e}"
                for found in (result["vectors"], result["weights"])
            ),
        ]
        for kind in POSITIONS
    ]
    accuracies = [
        [kind, *(spread(both, digits=3) for both in zip(*found, strict=True))]
        for kind, found in result["accuracy"].items()
    ]
    return "\n\n".join(
        (
            table(["positions", "difference of the vectors", "of the weights"], differences),
            table(["positions", "accuracy as written", "words shuffled"], accuracies),
        )
    )


def draw(result):
    """Each untrained model's difference, and each reader's accuracy."""
    fig, (left, right) = plots.figure(10, 4.4, columns=2)
    layers = np.array(result["layers"])
    for i, count in enumerate(sorted(set(layers))):
        found = [np.array(result["vectors"][kind])[layers == count] for kind in POSITIONS]
        label = said("{} layer", count) if count == 1 else said("{} layers", count)
        dots(left, found, 0.2 * (i - 1), label, plots.MORE[i])
    left.set_yscale("log")
    left.set_xticks(range(len(POSITIONS)), map(said, POSITIONS))
    left.set_ylabel(said("relative difference of the vectors"))
    left.set_title(said("untrained: shuffled before or after encoding"))
    left.legend(frameon=False, loc="center right")
    orders = {"text as written": plots.WITH, "words shuffled": plots.WITHOUT}
    for i, (label, look) in enumerate(orders.items()):
        found = [np.array(both)[:, i] for both in result["accuracy"].values()]
        dots(right, found, 0.2 * (i - 0.5), said(label), look)
    right.axhline(0.5, **plots.CHANCE, label=said("chance level"))
    right.set_xticks(range(len(result["accuracy"])), map(said, result["accuracy"]))
    right.set_ylim(0.4, 1.02)
    right.set_ylabel(said("accuracy (fraction of texts)"))
    right.set_title(said("trained models"))
    right.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 0.18))
    for ax in (left, right):
        ax.set_xlabel(said("positional encoding"))
        ax.spines[["top", "right"]].set_visible(False)
    fig.suptitle(said("Without positional encodings, shuffled words are the same text"))
    return {"order_blind": fig}


def dots(ax, columns, shift, label, look):
    """One dot per number, those of a column side by side."""
    for i, values in enumerate(columns):
        x = i + shift + np.linspace(-0.06, 0.06, len(values))
        ax.plot(x, values, label=None if i else label, **look | {"linestyle": ""})

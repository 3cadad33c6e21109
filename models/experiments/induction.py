"""One layer cannot continue a random text that repeats itself; two layers can, by induction heads.

A text is random words, all different, and then half of them again, from a random word on. So from
its second word on the repeat is determined: next comes the word that came next before. Nothing else
tells it. Every text is new, so there is nothing to learn by heart. Two guesses need no more than
one layer. To copy from a fixed distance is right for one of all words that the repeat may begin
with; and one of the words that have not come again must be the next. The better of these two
guesses is the chance level.

In one layer, the score of a word with another depends on these two words and their positions, not
on the words around them. So a word can find where it came before, but not which word came next
there (Elhage et al. 2021). One layer can only do it if its size grows with the length of the text
(Sanford, Hsu and Telgarsky 2024); here, one layer with twice the parameters of two is at chance,
too. Two layers share the work. A **previous-token head** of the first layer attends to the word
before, so each word carries the word before it to the second layer. There an **induction head**
finds the word that carries the present one, and copies it (Olsson et al. 2022).

Both are seen in the weights. That the answer needs them is seen when edges are cut. In one of the
layers, words may no longer attend to the one word in question: in all heads, in the strongest head
alone, or in all its other heads. As a control, a word at random is cut in its place. In the first
layer most depends on one head; in the second, several heads do the same, and replace each other in
part.

In training, the texts have all lengths, and the short ones, in which there are fewer words to
choose from, are learned first. With the longest alone, QUICK's model still guesses at the end.
"""

from dataclasses import dataclass
from itertools import count

import numpy as np

import minigrad
from minigrad.nn.functional import cross_entropy

from ..gpt import GPT, Config
from ..showing import plots
from ..showing.cells import Cells
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks.repeats import Texts, chance, texts
from ..training.run import training_step
from .parallel import each, tick

MODELS = {
    "one layer": {"layers": 1},
    "one layer, twice as wide": {"layers": 1, "width": 2},
    "two layers": {"layers": 2},
}
ONE_LAYER, WIDE, TWO_LAYERS = MODELS
LOOKS = (plots.MORE[0], plots.variant(plots.MORE[0]), plots.MORE[1])


@dataclass(frozen=True)
class Settings:
    """The texts, the models, and their training."""

    models: tuple[str, ...] = tuple(MODELS)
    known: int = 64  # words that there are
    shortest: int = 4  # the number of random words in the shortest text of training; it is even
    longest: int = 32  # and in the longest, which is also the one that is tested
    embedding: int = 64
    heads: int = 4
    steps: int = 800
    batch_size: int = 32
    learning_rate: float = 5e-3
    warm_up: int = 50  # steps in which the learning rate grows from 0; then it decays linearly
    every: int = 50  # steps from one measurement in training to the next
    tests: int = 500  # texts of each length
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    (ONE_LAYER, TWO_LAYERS),
    known=24,
    longest=16,
    embedding=32,
    heads=2,
    steps=400,
    learning_rate=1e-2,
    every=200,
    tests=200,
    seeds=(0, 1, 2),
)


def measure(settings):
    """How many words each model continues right; the heads of two layers; the cuts."""
    cells = [(name, seed, settings) for name in settings.models for seed in settings.seeds]
    found = iter(each(trained_model, cells, "induction", settings.steps))
    models = {name: [next(found) for _ in settings.seeds] for name in settings.models}
    two = models[TWO_LAYERS]
    lengths = lengths_of(settings)
    return {
        "lengths": lengths,
        "chance": [chance(length) for length in lengths],
        "steps": list(range(0, settings.steps + 1, settings.every)),
        **{
            key: {name: [run[key] for run in runs] for name, runs in models.items()}
            for key in ("parameters", "right", "whole", "learned", "weights")
        },
        "cuts": {cut: [run["cuts"][cut] for run in two] for cut in CUTS},
        "maps": two[0]["maps"],  # first seed
    }


def lengths_of(settings):
    """The lengths of the texts, in random words: all even numbers."""
    return list(range(settings.shortest, settings.longest + 1, 2))


# The texts.


def stream(rng, settings):
    """The batches of training, each of texts of one length."""
    for _ in count():
        yield texts(rng, settings.batch_size, int(rng.choice(lengths_of(settings))), settings.known)


def predicted(model, batch, cut=None):
    """The logits of the determined words of the repeat, and these words: flat."""
    ids = minigrad.tensor(batch.ids)
    logits, _ = model(ids, cut)
    logits, expected = logits[:, batch.length : -1], ids[:, batch.length + 1 :]
    return logits.flatten(0, 1), expected.flatten()  # (batch · (repeated - 1), …)


# Training.


def model_of(name, settings):
    """A model before training."""
    embedding = settings.embedding * MODELS[name].get("width", 1)
    config = Config(
        words=settings.known + 1,
        embedding=embedding,
        hidden=4 * embedding,
        layers=MODELS[name]["layers"],
        heads=settings.heads,
        positions="rotary",
        tied=False,  # with tied weights a word predicts itself at first: more steps
        longest=settings.longest * 3 // 2,
    )
    return GPT(config)


def learn(model, batches, predict, settings):
    """Train a model; yields after every step. Raises FloatingPointError if it diverges.

    predict(model, batch) gives the logits of what is to be predicted, and what is right, flat.
    """
    parameters = list(model.parameters())
    optimizer = minigrad.optim.AdamW(parameters, weight_decay=0.0)

    def loss_of(batch):
        logits, expected = predict(model, batch)
        return cross_entropy(logits, expected), None

    for step in range(settings.steps):
        rate = settings.learning_rate * (1 - step / settings.steps)
        rate *= min(1, (step + 1) / max(1, settings.warm_up))
        optimizer.param_groups[0]["lr"] = rate
        training_step(minigrad, optimizer, parameters, loss_of, next(batches), clip=1.0)
        tick()
        yield step + 1


def trained_model(name, seed, settings):
    """One trained model: what it continues right, in training and after it; its heads; the cuts."""
    minigrad.manual_seed(seed)
    rng = np.random.default_rng((seed, 1))
    tests = [texts(rng, settings.tests, n, settings.known) for n in lengths_of(settings)]
    few = Texts(*(part[:100] for part in tests[-1]))
    model = model_of(name, settings)
    learned = [share(model, few)]
    batches = stream(np.random.default_rng((seed, 2)), settings)
    for step in learn(model, batches, predicted, settings):
        if step % settings.every == 0:
            learned.append(share(model, few))
    found = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "right": [share(model, test) for test in tests],  # (lengths,)
        "whole": float(right(model, tests[-1]).all(1).mean()),
        "learned": learned,
        "weights": weights_on(model, tests[-1]),
    }
    if name == TWO_LAYERS:
        found["cuts"] = {cut: without(cut, model, tests[-1], found["weights"]) for cut in CUTS}
        found["maps"] = maps(model, tests[-1], found["weights"])
    return found


def right(model, batch, cut=None):
    """Which of the determined words are predicted right: (batch, repeated - 1)."""
    with minigrad.no_grad():
        logits, expected = predicted(model, batch, cut)
    return (logits.argmax(-1) == expected).numpy().reshape(len(batch.ids), -1)


def share(model, batch, cut=None):
    """The fraction of the determined words that are predicted right."""
    return float(right(model, batch, cut).mean())


# The heads. Each layer has its kind of edges, from a word to another.

KINDS = ("the word before", "the word that came next")


def edges(layer, batch):
    """Who attends (batch, edges), and to what (batch, edges).

    In the first layer, the random words attend to the word before; in the second, those of the
    repeat attend to the word that came next before.
    """
    if layer == 0:
        who = np.tile(np.arange(1, batch.length), (len(batch.ids), 1))
        return who, who - 1
    what = batch.places[:, :-1] + 1
    return np.broadcast_to(batch.length + np.arange(what.shape[1]), what.shape), what


def attention_of(model, batch):
    """All weights, as an array (batch, layers, heads, words, words)."""
    with minigrad.no_grad():
        _, weights = model(minigrad.tensor(batch.ids))
    return weights.numpy()


def weights_on(model, batch):
    """The mean weight of each head on the edges of both kinds: (kinds, layers, heads)."""
    weights = attention_of(model, batch)
    found = []
    for layer in range(len(KINDS)):
        who, what = edges(layer, batch)
        rows = np.arange(len(who))[:, None]
        found.append(weights[rows, :, :, who, what].mean((0, 1)).tolist())
    return found


def strongest(weights, layer):
    """The head of a layer with the largest mean weight on its kind of edges."""
    return int(np.argmax(weights[layer][layer]))


def maps(model, batch, weights):
    """The weights (words, words) of the strongest head of both layers, on the first text."""
    found = attention_of(model, Texts(batch.ids[:1], batch.places[:1]))[0]
    heads = [found[layer, strongest(weights, layer)] for layer in range(len(KINDS))]
    return np.round(np.array(heads, float), 3).tolist()


# Cutting edges. For each cut: the layer, the heads, and True if it is the control.

CUTS = {
    "nothing": None,
    "layer 2: → the word that came next": (1, "all", False),
    "layer 2, the strongest head alone": (1, "strongest", False),
    "layer 2, all its other heads": (1, "others", False),
    "layer 2: → other words": (1, "all", True),
    "layer 1: → the word before": (0, "all", False),
    "layer 1, the strongest head alone": (0, "strongest", False),
    "layer 1, all its other heads": (0, "others", False),
    "layer 1: → other words": (0, "all", True),
}


def without(cut, model, batch, weights):
    """The fraction of words that are predicted right after a cut."""
    if CUTS[cut] is None:
        return share(model, batch)
    mask = cut_edges(batch, weights, *CUTS[cut])
    return share(model, batch, minigrad.tensor(mask))


def cut_edges(batch, weights, layer, heads, control):
    """True where a word may not attend to another: (layers, batch, heads, words, words)."""
    who, what = edges(layer, batch)
    if control:  # another word up to this one, the same in all heads
        other = np.random.default_rng(0).integers(0, who)
        what = other + (other >= what)
    count, wide = len(weights[layer][layer]), batch.ids.shape[1]
    is_it = np.arange(count) == strongest(weights, layer)
    chosen = {"all": is_it | True, "strongest": is_it, "others": ~is_it}[heads]
    mask = np.zeros((len(KINDS), len(who), count, wide, wide), bool)
    rows = np.arange(len(who))[:, None]
    mask[layer, rows, :, who, what] = chosen
    return mask


# What it looks like.


def report(result):
    """The models; their heads; the cuts."""
    models = [
        [
            name,
            found[0],
            spread([seed[-1] for seed in result["right"][name]], digits=3),
            spread(result["whole"][name], digits=3),
        ]
        for name, found in result["parameters"].items()
    ]
    heads = [
        [f"{name}: layer {layer + 1}", *(spread(found) for found in largest(result, name, layer))]
        for name in result["weights"]
        for layer in range(1 + (name == TWO_LAYERS))
    ]
    cuts = [[cut, spread(found, digits=3)] for cut, found in result["cuts"].items()]
    return "\n\n".join(
        (
            f"{result['lengths'][-1]} random words, chance {result['chance'][-1]:.3f}",
            table(["", "parameters", "words right", "whole repeats"], models),
            table(["largest mean weight of a head on", *KINDS], heads),
            table(["two layers, cut:", "words right"], cuts),
        )
    )


def largest(result, name, layer):
    """The largest mean weight of a head of this layer on both kinds of edges: (kinds, seeds)."""
    weights = np.array(result["weights"][name])  # (seeds, kinds, layers, heads)
    return weights[:, :, layer].max(-1).T.tolist()


def draw(result):
    """The accuracy of the models; the cuts; the two heads."""
    return {
        "induction": draw_right(result),
        "induction_cut": draw_cuts(result),
        "induction_heads": draw_heads(result),
    }


def draw_right(result):
    """The words that are continued right: in training, and after it by the length of the text."""
    fig, (left, right) = plots.figure(10, 4.2, columns=2, sharey=True)
    for look, name in zip(LOOKS, MODELS, strict=True):
        if name in result["right"]:
            learned, lengths = (np.transpose(result[key][name]) for key in ("learned", "right"))
            plots.median_and_band(left, result["steps"], learned, said(name), look)
            plots.median_and_band(right, result["lengths"], lengths, said(name), look)
    chance = plots.CHANCE | {"label": said("chance level")}
    left.plot(result["steps"], [result["chance"][-1]] * len(result["steps"]), **chance)
    right.plot(result["lengths"], result["chance"], **chance)
    left.set_ylim(-0.03, 1.05)
    left.set_ylabel(said("repeated words predicted right\n(fraction)"))
    left.set_xlabel(said("training steps"))
    right.set_xlabel(said("number of random words before the repeat"))
    left.set_title(said("in training, texts of {} random words", result["lengths"][-1]))
    right.set_title(said("after training"))
    fig.legend(
        *left.get_legend_handles_labels(), frameon=False, ncols=4, loc="outside lower center"
    )
    fig.suptitle(
        said("One layer only guesses how a repeated text continues; two layers predict it")
    )
    return fig


def draw_cuts(result):
    """For each cut, the words that are predicted right: one dot per seed."""
    cuts = result["cuts"]
    fig, ax = plots.figure(9, 1.4 + 0.4 * len(cuts))
    for i, found in enumerate(cuts.values()):
        ax.plot(found, [i] * len(found), **plots.dots(LOOKS[-1]))
    ax.axvline(result["chance"][-1], **plots.CHANCE, label=said("chance level"))
    ax.legend(frameon=False, loc="lower center")
    ax.set_yticks(range(len(cuts)), map(said, cuts))
    ax.set_ylim(len(cuts) - 0.5, -0.5)
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylabel(said("attention that is cut"))
    ax.set_xlabel(said("repeated words predicted right (fraction; one dot per seed)"))
    ax.spines[["top", "right"]].set_visible(False)
    fig.suptitle(said("Without one edge per word the answer is lost; without another it is not"))
    return fig


def draw_heads(result):
    """The strongest head of both layers on one text; lines separate the repeat."""
    fig, axes = plots.figure(10, 5.2, columns=2, sharey=True)
    for layer, (ax, weights) in enumerate(zip(axes, result["maps"], strict=True)):
        image = Cells(ax, weights)
        for line in (ax.axhline, ax.axvline):
            line(result["lengths"][-1] - 0.5, color=plots.INK, linewidth=1, linestyle=":")
        ax.set_aspect("equal")
        ax.set_xlabel(said("… attends to"))
        ax.set_title(said("layer {}: {}", layer + 1, said(KINDS[layer])))
        ax.spines[:].set_visible(False)
    axes[0].set_ylabel(said("the word at position …"))
    plots.scale(fig, image, axes)
    fig.suptitle(said("A previous-token head, and the induction head that it feeds"))
    return fig

"""Without residuals a deep Transformer learns nothing; with layer norm first it needs no warm-up.

The model is the GPT of the course, without residual connections, without layer norm, or with layer
norm before each sublayer or after the sum. It learns to sort digits. Its matrices start as
nn.Linear draws them, which is rather small, or as Glorot and Bengio 2010 do ("Xavier"). A model has
learned nothing if it is right no more often than the most frequent digit of each place.

With norm before, all depths train at both learning rates, from both starts. With norm after, twelve
layers fail at the larger rate, and from Xavier's weights at both. A warm-up helps them at the
larger rate from PyTorch's weights, and at the smaller one from Xavier's, where they need more
steps. Without norm, all depends on the start. Without residuals, two layers learn, six and twelve
do not; at a third of the smaller rate and with five times the steps, six layers reach the guess.

Before training, the gradient ‖∂L/∂W‖ is taken for the second matrix of each feed-forward network,
as by Xiong et al. 2020 (§3.4). With norm before, that of the last layer gets smaller as the model
gets deeper; with norm after, it hardly does, which is their reason for the warm-up. Without norm,
Xavier's weights let the sums grow from layer to layer, and the gradients with them: in the first of
twelve layers, they are thousands of times as large. Without residuals, the first layers get less
gradient than the last, but still enough to learn from. They lack something else. Each attention
averages words, and no sum keeps what they were: after twelve layers all words of a text have the
same vector, nearly (Dong, Cordonnier and Loukas 2021). The difference of the words is the norm of
their vectors minus the mean vector of their text, relative to the norm of the vectors.
"""

from contextlib import suppress
from dataclasses import dataclass
from itertools import count, product
from typing import NamedTuple

import numpy as np

import minigrad
from minigrad import nn
from minigrad.nn.functional import cross_entropy

from ..gpt import GPT, Config
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..transformer import FeedForward, MultiHead, causal
from .induction import learn
from .parallel import each

BEFORE, AFTER, NO_NORM, NO_RESIDUAL = MODELS = (
    "norm before",
    "norm after",
    "without norm",
    "without residuals",
)
WARM_UP = ", warm-up"
TRAINED = (*MODELS[:2], AFTER + WARM_UP, *MODELS[2:])
LOOKS = {
    BEFORE: plots.WITH,
    AFTER: plots.TRANSFORMER,  # as in the first one
    AFTER + WARM_UP: plots.variant(plots.TRANSFORMER),
    NO_NORM: plots.WITHOUT,
    NO_RESIDUAL: plots.variant(plots.WITHOUT),
}
TORCH, XAVIER = STARTS = ("as PyTorch draws them", "as Xavier draws them")
SEPARATOR = 11  # the ids of the digits are 1 to 10


@dataclass(frozen=True)
class Settings:
    """The task, the models, and their training."""

    digits: int = 6  # in a text
    embedding: int = 32
    heads: int = 2
    depths: tuple[int, ...] = (2, 6, 12)  # in layers
    trainings: tuple[tuple[str, float], ...] = tuple(product(STARTS, (3e-3, 1e-2)))  # rates
    steps: int = 80
    warm_up: int = 40  # steps in which the learning rate grows from 0, where it does
    batch_size: int = 16
    tests: int = 500  # texts
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    depths=(8,), trainings=((TORCH, 2e-2),), steps=50, warm_up=20, tests=200, seeds=(0, 1, 2)
)


def measure(settings):
    """The models at the start, and how many digits are right after training.

    gradients       for each start and model: (depths, seeds, layers)
    differences     for each start and model: (depths, seeds)
    right           for each model, with and without warm-up: (trainings, depths, seeds)
    """
    trainings, depths, seeds = settings.trainings, settings.depths, settings.seeds
    cells = [
        (name, *training, depth, seed, settings)
        for name, training, depth, seed in product(TRAINED, trainings, depths, seeds)
    ]
    found = iter(each(trained, cells, "residual_norm", settings.steps))
    return {
        "depths": list(depths),
        "trainings": [list(training) for training in trainings],
        "steps": settings.steps,
        "guess": guess(settings),
        "gradients": at_start(gradients, settings),
        "differences": at_start(differences, settings),
        "right": {
            name: [[[next(found) for _ in seeds] for _ in depths] for _ in trainings]
            for name in TRAINED
        },
    }


def at_start(function, settings):
    """A function of each model before training, for each start and name: (depths, seeds)."""
    return {
        start: {
            name: [
                [function(name, start, depth, seed, settings) for seed in settings.seeds]
                for depth in settings.depths
            ]
            for name in MODELS
        }
        for start in STARTS
    }


# The task: digits, and then the same digits sorted.


def texts(rng, number, digits):
    """Random digits, a separator, and the digits in order: ids (number, 2 · digits + 1)."""
    drawn = rng.integers(1, SEPARATOR, (number, digits))
    separator = np.full((number, 1), SEPARATOR)
    return np.concatenate([drawn, separator, np.sort(drawn, 1)], 1)


def predicted(model, batch):
    """The logits of the sorted digits, and these digits: flat."""
    ids = minigrad.tensor(batch)
    digits = batch.shape[1] // 2
    logits, _ = model(ids)
    return logits[:, digits:-1].flatten(0, 1), ids[:, digits + 1 :].flatten()


def guess(settings):
    """How often the most frequent digit of each place is right: the baseline for guessing."""
    batch = texts(np.random.default_rng(0), 10_000, settings.digits)[:, settings.digits + 1 :]
    return float(np.mean([np.bincount(place).max() / len(place) for place in batch.T]))


# The models.


class WithoutResiduals(nn.Module):
    """A block in which the output of each sublayer replaces what was there, instead of a sum."""

    def __init__(self, config):
        super().__init__()
        self.attention, self.feed_forward = MultiHead(config), FeedForward(config)
        self.norms = nn.ModuleList([nn.LayerNorm(config.embedding) for _ in range(2)])

    def forward(self, x, mask, past=None):
        """The same as the forward of `Block`, for a text from its beginning."""
        x = self.norms[0](x)
        memory = self.attention.remember(x)
        x, weights = self.attention(x, memory, mask)
        return self.feed_forward(self.norms[1](x)), [weights], memory


def model_of(name, start, depth, settings):
    """A GPT of this depth before training."""
    config = Config(
        words=SEPARATOR + 1,
        embedding=settings.embedding,
        hidden=4 * settings.embedding,
        layers=depth,
        heads=settings.heads,
        norm="after" if name.startswith(AFTER) else "before",
        tied=False,
        longest=2 * settings.digits + 1,
    )
    model = GPT(config)
    if name == NO_RESIDUAL:
        model.blocks = nn.ModuleList([WithoutResiduals(config) for _ in range(depth)])
    if name == NO_NORM:
        remove_norms(model)
    if start == XAVIER:
        draw_as_xavier(model.blocks)
    return model


def remove_norms(model):
    """Replace every layer norm in the model by nothing."""
    for module in list(model.modules()):
        for name, part in list(module.named_children()):
            if isinstance(part, nn.LayerNorm):
                setattr(module, name, nn.Identity())


def draw_as_xavier(blocks):
    """Draw the matrices of the blocks again, as Glorot and Bengio 2010 do; biases are 0."""
    for layer in blocks.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)


def started(name, start, depth, seed, settings):
    """A model before training, in double precision, and a batch for it."""
    minigrad.manual_seed(seed)
    model = model_of(name, start, depth, settings).double()
    return model, texts(np.random.default_rng(seed), 64, settings.digits)


def gradients(*model_and_settings):
    """‖∂L/∂W‖ for the second matrix of each layer's feed-forward network: (layers,)."""
    model, batch = started(*model_and_settings)
    loss = cross_entropy(*predicted(model, batch))
    weights = [block.feed_forward.second.weight for block in model.blocks]
    return [float(np.linalg.norm(g.numpy())) for g in minigrad.autograd.grad(loss, weights)]


def differences(*model_and_settings):
    """The norm of the last layer's vectors minus their mean in each text, relative to theirs."""
    model, batch = started(*model_and_settings)
    mask = causal(batch.shape[1], batch.shape[1])
    with minigrad.no_grad():
        x = model.embedding(minigrad.tensor(batch))
        for block in model.blocks:
            x, *_ = block(x, mask)  # (batch, words, embedding)
    x = x.numpy()
    return float(np.linalg.norm(x - x.mean(1, keepdims=True)) / np.linalg.norm(x))


# Training.


def trained(name, start, rate, depth, seed, settings):
    """The fraction of digits that a trained model predicts right in new texts."""
    minigrad.manual_seed(seed)
    model = model_of(name, start, depth, settings)
    warm_up = settings.warm_up if name.endswith(WARM_UP) else 0
    rng = np.random.default_rng((seed, 1))
    batches = (texts(rng, settings.batch_size, settings.digits) for _ in count())
    with suppress(FloatingPointError):  # it diverged: what it had learned before is tested
        for _ in learn(model, batches, predicted, Schedule(rate, settings.steps, warm_up)):
            pass
    with minigrad.no_grad():
        test = texts(np.random.default_rng((seed, 2)), settings.tests, settings.digits)
        logits, expected = predicted(model, test)
    return float((logits.argmax(-1) == expected).numpy().mean())


class Schedule(NamedTuple):
    """The learning rate of a training: what `learn` reads of its settings."""

    learning_rate: float
    steps: int
    warm_up: int


# What it looks like.


def report(result):
    """The gradients of the first and last layer, the differences; the accuracy after training."""
    depths = result["depths"]
    models = [(start, name) for start, found in result["gradients"].items() for name in found]
    norms = [
        [f"{name}, {start}", *map(ends, result["gradients"][start][name])] for start, name in models
    ]
    apart = [
        [f"{name}, {start}", *(spread(seeds, 3) for seeds in result["differences"][start][name])]
        for start, name in models
    ]
    right = [
        [f"{name}; {start}, rate {rate:g}", *map(spread, found[i])]
        for i, (start, rate) in enumerate(result["trainings"])
        for name, found in result["right"].items()
    ]
    layers = [f"{depth} layers" for depth in depths]
    return "\n\n".join(
        (
            table(["gradient at the start, first → last layer", *layers], norms),
            table(["difference of the words at the start", *layers], apart),
            f"digits right after {result['steps']} steps (guessed: {result['guess']:.2f})",
            table(["", *layers], right),
        )
    )


def ends(norms):
    """The text "first → last" for the median norms of the first layer and the last."""
    first, *_, last = np.median(norms, 0)
    return f"{first:,.2g} → {last:,.2g}"


def draw(result):
    """The accuracy after training; the models at the start."""
    return {"residual_norm": draw_right(result), "residual_norm_start": draw_start(result)}


def draw_right(result):
    """The digits that are right after training, against the depth: one plot per training."""
    trainings = result["trainings"]
    columns = min(2, len(trainings))
    rows = -(-len(trainings) // columns)
    fig, axes = plots.figure(
        10, 0.9 + 3.1 * rows, columns, rows, squeeze=False, sharex=True, sharey=True
    )
    for i, (ax, (start, rate)) in enumerate(zip(axes.flat, trainings, strict=True)):
        for name, found in result["right"].items():
            plots.median_and_band(ax, result["depths"], found[i], said(name), LOOKS[name])
        ax.axhline(result["guess"], **plots.CHANCE, label=said("chance level"))
        ax.set_xticks(result["depths"])
        ax.set_title(said("weights {}, learning rate {}", said(start), f"{rate:g}"))
    axes[0, 0].set_ylim(-0.03, 1.05)
    for ax in axes[:, 0]:
        ax.set_ylabel(said("accuracy (fraction of digits)"))
    for ax in axes[-1]:
        ax.set_xlabel(said("number of layers"))
    legend(fig, axes[0, 0], columns=3)
    fig.suptitle(said("Deep models need residuals; with layer norm first, they need no warm-up"))
    return fig


def draw_start(result):
    """The gradients of every layer of the deepest models, and the differences of the words."""
    fig, axes = plots.figure(10, 7.2, columns=2, rows=2, sharey="row")
    for (upper, lower), start in zip(axes.T, result["gradients"], strict=True):
        for name, found in result["gradients"][start].items():
            norms = np.transpose(found[-1])  # (layers, seeds)
            plots.median_and_band(upper, range(1, 1 + len(norms)), norms, said(name), LOOKS[name])
            apart = result["differences"][start][name]
            plots.median_and_band(lower, result["depths"], apart, said(name), LOOKS[name])
        upper.set_xticks(range(1, 1 + len(norms)))
        upper.set_xlabel(said("layer (of {})", len(norms)))
        upper.set_title(said("weights {}", said(start)))
        lower.set_xticks(result["depths"])
        lower.set_xlabel(said("number of layers"))
    quantities = said("norm of the gradient ‖∂L/∂W‖"), said("difference between the words")
    for ax, quantity in zip(axes[:, 0], quantities, strict=True):
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:,g}")
        ax.set_ylabel(quantity)
    legend(fig, axes[0, 0], columns=4)
    fig.suptitle(
        said("Before training: layer norm keeps gradients alike, residuals keep words apart")
    )
    return fig


def legend(fig, ax, columns):
    """One legend for all plots of a figure, below them."""
    fig.legend(
        *ax.get_legend_handles_labels(), frameon=False, ncols=columns, loc="outside lower center"
    )

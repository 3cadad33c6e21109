"""How much comes through one vector depends on training: none was full; attention learns sooner.

The task and the models are those of bottleneck.py: digits to be reversed, by a model that passes
one vector to its decoder and by one with attention. There both are trained for the same steps. Here
the size of the hidden state and the number of steps vary, to tell two limits apart: capacity, how
much fits into a vector, and training, how much of it a model has learned to use. A vector that is
full gains nothing by more steps.

What comes through to the decoder is counted in bits. A random digit has log₂ 10 = 3.3 bits; when
the source has been read, the cross-entropy of the sentence is left, and at least the difference has
come through. It is taken at the length where it is largest. The capacity is at most that of the
memory, 32 bits for each number of a vector: for 64 numbers 2,048 bits, or 616 digits.

Training is made easy, for both models: the sentences of a batch have one length, and a digit is
added when the longest are mastered. A cell takes the learning rate that is best for the first seed
on validation sentences, and each training its best checkpoint.

Four times the steps bring at least one and a half times the digits through one vector, at every
size and for every seed. The smallest vector, which has to be full first, still gains from 4,000
steps to 16,000. So all that was reached is a matter of training, and the capacity is beyond it. A
vector of 64 numbers gives back most sentences of 20 digits after 4,000 steps; after the 3,000 of
bottleneck.py, without this help, about a dozen digits.

Attention brings through what one vector does in four times the steps: that is training, too. What
it changes of capacity does not show here, because no vector is full. Its memory is all states of
the encoder, and grows with the sentence. But it depends on their size, too: the smaller the states,
the fewer digits come through.
"""

import math
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

import minigrad
from minigrad import nn, optim

from ..attention import Attention
from ..decoding import greedy
from ..rnn import GRU, LSTM, RNN
from ..seq2seq import Config, Seq2Seq
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..tasks.batches import Batch
from ..tasks.digits import DIGITS, VOCABULARY
from ..training.run import training_step
from ..training.translating import logits_of, loss_of
from .bottleneck import ATTENTION, FIXED
from .parallel import each, tick, tuned

MODELS = {FIXED: Seq2Seq, ATTENTION: Attention}
BITS = math.log2(len(DIGITS))  # of a random digit
OF_A_NUMBER = 32  # bits of a float32
ONE_OP = {RNN: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM}
IDS = np.array(VOCABULARY.encode(DIGITS))
TRAINING, VALIDATION, TEST = range(3)  # what random digits are drawn for
CHECKPOINTS = 20  # in each training
MASTERED = 0.98  # words right in a batch of the longest sentences, for one more digit
DIGITS_SHOWN = (0.5, 1, 2, 5, 10, 20, 50)
ABOVE = 3  # lengths beyond the longest of training that are validated, too


@dataclass(frozen=True)
class Settings:
    """The grid: sizes × steps, for each model; and what the cells have in common."""

    sizes: tuple[int, ...] = (8, 16, 32, 64)  # numbers in a hidden state
    steps: tuple[int, ...] = (250, 1000, 4000)
    longer: tuple[int, ...] = (16_000,)  # steps of the smallest vector, which is the first full
    with_attention: tuple[int, ...] = (250, 1000, 4000)  # steps
    rates: tuple[float, ...] = (3e-3, 6e-3, 1.2e-2)  # each cell takes the best of them
    longest: int = 64  # digits
    asked: int = 20  # digits of the sentences whose exact match is noted
    tests: int = 100  # sentences of each length for validation, and as many for the test
    embedding: int = 16
    batch_size: int = 64
    clip: float = 1.0
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    sizes=(8, 32),
    steps=(60, 240),
    longer=(960,),
    with_attention=(60, 240),
    rates=(1e-2,),
    longest=8,
    asked=4,
    tests=40,
    seeds=(0, 1, 2),
)


def measure(settings):
    """For each model, size and number of steps: its rate, and what came through, by seed."""
    run = partial(trainings, settings)
    found = tuned(run, cells(settings), settings.rates, settings.seeds, max)
    result = {"longest": settings.longest, "asked": settings.asked}
    for (reader, size, steps), (rate, reached, rows) in found.items():
        sizes = result.setdefault(reader, {}).setdefault(str(size), {})
        tried = {str(rate): validation for rate, validation in reached.items()}
        sizes[str(steps)] = {"rate": rate, "validation": tried} | {
            key: [row[key] for row in rows] for key in ("bits", "digits", "right", "exact")
        }
    return result


def cells(settings):
    """The grid: model, size and steps."""
    names = []
    for size in settings.sizes:
        longer = settings.longer if size == settings.sizes[0] else ()
        names += [(FIXED, size, steps) for steps in (*settings.steps, *longer)]
    return names + list(product((ATTENTION,), settings.sizes, settings.with_attention))


def trainings(settings, cells):
    """The numbers of each training: model, size, steps, learning rate and seed."""
    return each(trained, [(*cell, settings) for cell in cells], "capacity", CHECKPOINTS)


def trained(reader, size, steps, rate, seed, settings):
    """The best checkpoint of one training, on validation; and its test."""
    model = start(reader, size, seed, settings)
    lengths = range(1, settings.longest + 1)
    validation, test = (
        [reversals(np.random.default_rng([seed, use, n]), settings.tests, n) for n in lengths]
        for use in (VALIDATION, TEST)
    )
    best = -math.inf
    for longest in train(model, steps, rate, seed, settings):
        found = max(bits_through(model, batch) for batch in validation[: longest + ABOVE])
        if found > best:
            best = found
            kept = {name: value.numpy().copy() for name, value in model.state_dict().items()}
        tick()
    model.load_state_dict(kept)
    bits = max(0.0, *(bits_through(model, batch) for batch in test))
    exact = [exactly(model, batch) for batch in test]
    return {
        "validation": best,
        "bits": bits,
        "digits": bits / BITS,
        "right": max(
            (n for n, share in zip(lengths, exact, strict=True) if share >= 0.5), default=0
        ),
        "exact": exact[settings.asked - 1],
    }


def train(model, steps, rate, seed, settings):
    """Train; at each of the checkpoints, yield the length up to which it has learned.

    Half of the batches have the longest sentences so far, the others shorter ones. When those of
    the longest are predicted well, one digit is added. The learning rate decays linearly to 0.
    """
    rng = np.random.default_rng([seed, TRAINING])
    parameters, longest = list(model.parameters()), 1
    optimizer = optim.Adam(parameters, rate)
    loss = partial(loss_of, model)
    for step in range(steps):
        length = longest if rng.random() < 0.5 else rng.integers(1, longest + 1)
        batch = reversals(rng, settings.batch_size, length)
        optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
        _, right, _ = training_step(minigrad, optimizer, parameters, loss, batch, settings.clip)
        if length == longest < settings.longest and right > MASTERED:
            longest += 1
        if (step + 1) % (steps // CHECKPOINTS) == 0:
            yield longest


# The models and the sentences.


def in_one_op(layer):
    """A layer of models/rnn.py as nn.RNN, nn.GRU or nn.LSTM, with the same parameters.

    These compute the same formulas, all steps in one op of the graph: several times as fast.
    """
    sizes = layer.input.in_features, layer.hidden.in_features
    fast = ONE_OP[type(layer)](*sizes, batch_first=True)
    fast.weight_ih_l0, fast.bias_ih_l0 = layer.input.weight, layer.input.bias
    fast.weight_hh_l0 = layer.hidden.weight
    if layer.SECOND_BIAS:
        fast.bias_hh_l0 = layer.hidden.bias
    else:
        nn.init.zeros_(fast.bias_hh_l0).requires_grad_(False)
    return fast


class Fast(nn.Module):
    """The layer RNN in one op."""

    def __init__(self, layer):
        super().__init__()
        self.layer = in_one_op(layer)

    def forward(self, x, h):
        """All hidden states (batch, time, hidden), and the last one (batch, hidden)."""
        hs, last = self.layer(x, h[None])
        return hs, last[0]


def start(reader, size, seed, settings):
    """A model before training, with orthogonal recurrent weights."""
    minigrad.manual_seed(seed)
    words = len(VOCABULARY)
    model = MODELS[reader](Config(words, words, settings.embedding, size))
    parts = model.encoder, model.decoder
    for part in parts:
        nn.init.orthogonal_(part.rnn.hidden.weight)
    for part in parts:
        part.rnn = Fast(part.rnn)
    return model


def reversals(rng, rows, length):
    """Random digits of one length and their reversal, as a batch without padding."""
    source = IDS[rng.integers(len(IDS), size=(rows, length))]
    begin, end = (np.full((rows, 1), token) for token in (VOCABULARY.BEGIN, VOCABULARY.END))
    target = source[:, ::-1]
    return Batch(source, np.hstack([begin, target]), np.hstack([target, end]), [])


# What comes through.


def bits_through(model, batch):
    """How many bits of a batch's digits come through, at least, to the decoder; per sentence.

    Without the source, the digits of a sentence have `BITS` each. With it, and with teacher
    forcing, what is left is the cross-entropy of the whole sentence: the difference came through.
    """
    source, target_in, target = map(minigrad.tensor, batch[:3])
    with minigrad.no_grad():
        logits = logits_of(model, source, target_in)  # (batch, target, words)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten()).item()
    return source.shape[1] * BITS - target.shape[1] * loss / math.log(2)


def exactly(model, batch):
    """The fraction of sentences that are written right to the last digit, and no further."""
    source = minigrad.tensor(batch.source)
    limit = batch.target_out.shape[1]
    ids, _ = greedy(model, source, VOCABULARY.BEGIN, VOCABULARY.END, limit)
    ids = ids.numpy()
    ids = np.pad(ids, ((0, 0), (0, limit - ids.shape[1])), constant_values=VOCABULARY.END)
    return float((ids == batch.target_out).all(1).mean())


# What it looks like.


def report(result):
    """The rates, and medians over the seeds."""
    rows = [
        [
            reader,
            int(size),
            int(steps),
            cell["rate"],
            spread(cell["digits"], 1),
            f"{np.median(cell['bits']) / int(size):.1f}",
            spread(cell["right"], 0),
            spread(cell["exact"]),
        ]
        for reader in MODELS
        for size, cells in result[reader].items()
        for steps, cell in cells.items()
    ]
    return "\n".join((
        f"digits of up to {result['longest']} that come through: median (least to most) of seeds",
        table(
            ["model", "size", "steps", "rate", "digits", "bits per number", "half of them right",
             f"{result['asked']} digits exact"],
            rows,
            digits=3,
        ),
    ))  # fmt: skip


def draw(result):
    """The digits that come through, against the steps, for each size; one panel per model."""
    fig, axes = plots.figure(10, 4.8, columns=2, sharex=True, sharey=True)
    for ax, reader in zip(axes, MODELS, strict=True):
        for look, (size, cells) in zip(plots.MORE, result[reader].items(), strict=False):
            steps, digits = map(int, cells), [cell["digits"] for cell in cells.values()]
            plots.median_and_band(ax, list(steps), digits, said("hidden size {}", size), look)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_yticks(DIGITS_SHOWN, DIGITS_SHOWN)
        ax.minorticks_off()
        ax.set_xlabel(said("training steps"))
        ax.set_title(said(reader))
    ticks = sorted({int(steps) for cells in result[FIXED].values() for steps in cells})
    axes[0].set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes[0].set_ylabel(said("digits that come through to the decoder"))
    fig.legend(
        *axes[0].get_legend_handles_labels(), frameon=False, ncols=4, loc="outside lower center"
    )
    fig.suptitle(
        said("More steps, more digits at every size: no vector is full. Attention learns sooner")
    )
    return {"capacity": fig}

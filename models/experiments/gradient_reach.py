"""With attention the gradient reaches every word; without, it vanishes until weights are trained.

The derivative ∂L/∂h_t of the loss with respect to an encoder state h_t is the training signal for
the words up to t. From one state to the previous one it is multiplied by the recurrent weights and
by the slope of tanh; over many steps it vanishes or explodes (Bengio, Simard and Frasconi 1994;
Pascanu, Mikolov and Bengio 2013, §2). Plain weights, which nn.Linear draws uniformly from
±1/√hidden, multiply the norm of most vectors by about 1/√3 at each step; an orthogonal matrix keeps
the norm (Saxe, McClelland and Ganguli 2014), and only tanh shrinks it. Attention adds a path from
each word of the target to every state, which does not pass through the other states.

The models and the task are those of bottleneck.py: digits to be reversed, long sequences after
short ones. Here encoder and decoder start from plain or from orthogonal recurrent weights, the same
with attention and without. The norm ‖∂L/∂h_t‖ is that of the total derivative, along all paths, for
a batch of the longest sentences; it is measured before and after training. The table gives
‖∂L/∂h_T‖ / ‖∂L/∂h_0‖: at 1, the state before the first word has as much influence as the last one.

Without attention, hardly any gradient comes back through plain weights at first, and a little more
through orthogonal ones. The short sentences, whose gradient does come back, change the weights, so
that in the end it also reaches the first digit of the long ones, from either start.
"""

from dataclasses import dataclass

import numpy as np

import minigrad
from minigrad import nn

from ..showing import plots
from ..showing.language import said
from ..showing.tables import table
from .bottleneck import ATTENTION, FIXED, Task, digit_sentences, longest_at, start
from .parallel import each, tick

READERS = (ATTENTION, FIXED)
STARTS = ("plain", "orthogonal")
TIMES = ("before training", "after training")


@dataclass(frozen=True)
class Settings:
    """The sentences, and the length of training."""

    digits: Task
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings(
    Task(longest=20, tested=20, tests=64, embedding=16, hidden=64, steps=700, learning_rate=4e-3)
)
QUICK = Settings(
    Task(
        longest=20,
        tested=20,
        tests=32,
        embedding=16,
        hidden=48,
        steps=20,
        learning_rate=4e-3,
        batch_size=8,
    ),
    seeds=(0, 1, 2),
)


def measure(settings):
    """‖∂L/∂h_t‖ for each model, start and time: (states h_0 … h_T, seeds)."""
    names = [(reader, weights) for reader in READERS for weights in STARTS]
    cells = [(*name, seed, settings.digits) for name in names for seed in settings.seeds]
    found = iter(each(norms, cells, "gradient_reach", settings.digits.steps))
    result = {}
    for name in names:
        runs = [next(found) for _ in settings.seeds]
        result[", ".join(name)] = {
            time: np.transpose([run[time] for run in runs]).tolist() for time in TIMES
        }
    return result


def norms(reader, weights, seed, task):
    """‖∂L/∂h_t‖ of one model, before training and after."""
    sentences = digit_sentences(task, seed)
    run = start(task, reader, seed, sentences.vocabularies)
    if weights == "plain":
        for part in (run.model.encoder, run.model.decoder):
            set_plain(part.rnn.hidden.weight)
    batch = run.batch(sentences.tests[task.longest - 1])
    before = state_norms(run, batch)
    for step in range(task.steps):
        run.step(run.batch(sentences.draw(longest_at(step, task))))
        tick()
    return dict(zip(TIMES, (before, state_norms(run, batch)), strict=True))


def set_plain(weight):
    """Redraw the weights as nn.Linear does (models/attention.py scales its encoder's by 0.1)."""
    bound = weight.shape[1] ** -0.5
    nn.init.uniform_(weight, -bound, bound)


# The gradients that reach the states.


class Watched(nn.Module):
    """A layer that records its inputs and outputs."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.calls = []

    def forward(self, *inputs):
        """The output of the layer."""
        output = self.layer(*inputs)
        self.calls.append((inputs, output))
        return output


def state_norms(run, batch):
    """‖∂L/∂h_t‖ over the batch, for all states from h_0 to h_T of the encoder."""
    encoder = run.model.encoder
    rnn, recurrent = encoder.rnn, encoder.rnn.hidden
    encoder.rnn, rnn.hidden = Watched(rnn), Watched(recurrent)
    loss, _ = run.loss(batch)
    states = [inputs[0] for inputs, _ in rnn.hidden.calls]  # all but the last: h_0 … h_{T-1}
    _, last = encoder.rnn.calls[0][1]
    encoder.rnn, rnn.hidden = rnn, recurrent
    gradients = minigrad.autograd.grad(loss, [*states, last])
    return [float(np.linalg.norm(g.numpy())) for g in gradients]


# What it looks like.


def reach(norms):
    """‖∂L/∂h_T‖ / ‖∂L/∂h_0‖, for each seed."""
    norms = np.array(norms)
    return norms[-1] / norms[0]


def report(result):
    """The ratio of the last norm to the first, for each model."""
    rows = [
        [name, *(ratio for time in TIMES for ratio in shown(reach(found[time])))]
        for name, found in result.items()
    ]
    header = ["last / first gradient", TIMES[0], "least", "most", TIMES[1], "least", "most"]
    return table(header, rows)


def shown(values):
    """Median, minimum and maximum."""
    return [f"{f(values):,.3g}" for f in (np.median, np.min, np.max)]


def draw(result):
    """The norms along the source, before and after training: without attention, and of all."""
    recurrent = {f"{FIXED}, {weights}": result[f"{FIXED}, {weights}"] for weights in STARTS}
    return {
        "gradient_reach": curves(
            result,
            said("Attention brings the gradient to every word; without it, only training does"),
        ),
        "gradient_reach_recurrent": curves(
            recurrent, said("How much of the gradient comes back through a recurrent network")
        ),
    }


def curves(result, title):
    """The norms of some models along the source, before training and after."""
    fig, axes = plots.figure(10, 4.4, columns=2, sharey=True)
    for ax, time in zip(axes, TIMES, strict=True):
        for name, found in result.items():
            norms, look = np.array(found[time]), look_of(name)
            plots.median_and_band(ax, range(len(norms)), norms, said(name), look)
        ax.set_yscale("log")
        ax.set_xticks(range(0, len(norms), 5))
        ax.set_xlabel(said("t: number of words that the state hₜ has read"))
        ax.set_title(said(time))
    axes[0].set_ylabel(said("norm of the gradient ‖∂L/∂hₜ‖"))
    fig.legend(
        *axes[0].get_legend_handles_labels(), frameon=False, ncols=2, loc="outside lower center"
    )
    fig.suptitle(title)
    return fig


def look_of(name):
    """How a model looks: with attention or without, and hollow with orthogonal weights."""
    reader, weights = name.split(", ")
    look = plots.WITH if reader == ATTENTION else plots.WITHOUT
    return look if weights == "plain" else plots.variant(look)

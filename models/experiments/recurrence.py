"""Gates carry the gradient far only if they start open; growing distances teach every layer.

A test of memory over a distance: a sequence begins with one of eight symbols, T random others of
the same eight follow, and then the first has to be said (Hochreiter and Schmidhuber 1997, §5, has
tasks of this kind). It is learned by the layers of models/rnn.py, plain, GRU and LSTM, with about
the same number of parameters; at one distance alone, or at distances that grow up to the largest
whenever a batch is mastered. Each takes the learning rate that is best for the first seed on
validation sequences.

At the usual start all weights and biases are drawn around 0. Then a gate is half open, so that half
of the old state is lost at each step, and the gradient vanishes with gates, too, if not as soon as
in the plain layer. At the start that keeps, the bias of the gate that keeps the old state is larger
by 3: it is open to about 95 % (Jozefowicz, Zaremba and Sutskever 2015 advise a forget bias of 1).
The plain layer gets orthogonal recurrent weights.

The reach of the gradient is ‖∂L/∂x‖ of the input T steps back over that of the last input. Before
training, from the usual start, it is below a millionth at 40 steps in every layer; from the start
that keeps, a tenth and more with gates. From there both layers with gates learn a distance of 20
for every seed, and are then right at others, too; from the usual start the LSTM never does, and
neither learns 40. The plain layer learns one distance more often than its gradient suggests, but as
a clock: at other distances it is mostly wrong.

At growing distances all of them learn all, and nearly always remember over four times the largest,
too. For this they need no gradient any more. In the plain layer the first symbol's is small then: a
state that no later input disturbs is one that the gradient does not pass (Bengio, Simard and
Frasconi 1994). With gates it is about as large as the last input's: a gate that keeps multiplies by
about 1.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

import minigrad
from minigrad import nn, optim

from ..rnn import GRU, LSTM, RNN
from ..showing import plots
from ..showing.language import said
from ..showing.tables import spread, table
from ..training.run import training_step
from .capacity import in_one_op
from .parallel import each, tick, tuned

LAYERS = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}
LOOKS = (plots.WITHOUT, plots.PARTLY, plots.WITH)  # gates
USUAL, OPEN = STARTS = ("usual start", "start that keeps")
GROWING = "growing"  # instead of one distance
SYMBOLS = 8
TRAINING, VALIDATION, TEST = range(3)  # what random symbols are drawn for
TICKS = 10  # per training
TITLES = (
    "trained at one distance:\naccuracy",
    "before training:\ngradient",
    "after growing distances:\ngradient",
)
GRADIENTS = 1e-14, 30  # the limits of the picture
MASTERED = 0.95  # sequences right in a batch of the largest distance, for a larger one


@dataclass(frozen=True)
class Settings:
    """The layers, about equal in their number of parameters, and their training."""

    hidden: tuple[int, ...] = (64, 35, 30)  # of each layer
    distances: tuple[int, ...] = (10, 20, 40)  # of training
    beyond: int = 160  # tested, too
    back: tuple[int, ...] = (0, 1, 2, 5, 10, 20, 40)  # from the last input, for the gradient
    steps: int = 600
    growing_steps: int = 300
    rates: tuple[float, ...] = (3e-3, 1e-2, 2e-2)  # each cell takes the best of them
    open: float = 3.0  # added to the biases of the gate that keeps
    embedding: int = 8
    batch_size: int = 32
    tests: int = 400
    clip: float = 1.0
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


FULL = Settings()
QUICK = Settings(
    hidden=(32, 17, 14),
    distances=(4, 16),
    beyond=32,
    back=(0, 8, 16),
    steps=150,
    growing_steps=80,
    rates=(1e-2,),
    tests=60,
    seeds=(0, 1, 2),
)


def measure(settings):
    """For each layer, start and distance of training: accuracies, and the gradient's reach."""
    names = list(product(LAYERS, STARTS, (*settings.distances, GROWING)))
    run = partial(trainings, settings)
    found = tuned(run, names, settings.rates, settings.seeds, min)
    result = {"distances": settings.distances, "beyond": settings.beyond, "back": settings.back}
    models = result["models"] = {}
    for (layer, start, distance), (rate, _, rows) in found.items():
        columns = {key: np.transpose([row[key] for row in rows]).tolist() for key in rows[0]}
        model = models.setdefault(f"{layer}, {start}", {"trained": {}})
        model |= {"parameters": columns["parameters"][0], "before": columns["before"]}
        model["trained"][str(distance)] = {
            "rate": rate,
            "right": columns["right"],
            "after": columns["after"],
        }
    return result


def trainings(settings, cells):
    """The numbers of each cell: layer, start, distance, learning rate and seed."""
    return each(trained, [(*cell, settings) for cell in cells], "recurrence", TICKS)


def trained(layer, start, distance, rate, seed, settings):
    """One model: trained, and tested at all distances."""
    model = begin(layer, start, seed, settings)
    *tests, far = [
        sequences(seed, TEST, settings, n) for n in (*settings.distances, settings.beyond)
    ]
    before = reach(model, tests[-1], settings.back)
    train(model, distance, rate, seed, settings)
    asked = settings.distances[-1] if distance == GROWING else distance
    loss, _ = loss_of(model, sequences(seed, VALIDATION, settings, asked))
    return {
        "validation": loss.item(),
        "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "right": [float(loss_of(model, test)[1]) for test in (*tests, far)],
        "before": before,
        "after": reach(model, tests[-1], settings.back),
    }


def train(model, distance, rate, seed, settings):
    """Train at one distance, or at distances that grow up to the largest.

    When they grow, half of the batches have the largest so far, the others smaller ones. The
    learning rate decays linearly to 0.
    """
    rng = np.random.default_rng([seed, TRAINING])
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = optim.Adam(parameters, rate)
    grows = distance == GROWING
    steps = settings.growing_steps if grows else settings.steps
    largest = 1 if grows else distance
    for step in range(steps):
        now = rng.integers(1, largest + 1) if grows and rng.random() < 0.5 else largest
        batch = drawn(rng, settings.batch_size, now)
        optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
        loss = partial(loss_of, model)
        _, right, _ = training_step(minigrad, optimizer, parameters, loss, batch, settings.clip)
        if grows and now == largest and right > MASTERED:
            largest = min(settings.distances[-1], largest + 1 + largest // 8)
        if (step + 1) % (steps // TICKS) == 0:
            tick()


# The model and the task.


class Reader(nn.Module):
    """From symbols (batch, time) to the logits of the first one (batch, symbols)."""

    def __init__(self, layer, embedding):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, embedding)
        self.rnn = in_one_op(layer)
        self.output = nn.Linear(layer.hidden.in_features, SYMBOLS)

    def forward(self, symbols):
        """The logits after the last symbol, and the vectors of all symbols."""
        x = self.embedding(symbols)  # (batch, time, embedding)
        hs, _ = self.rnn(x)  # (batch, time, hidden)
        return self.output(hs[:, -1]), x  # (batch, symbols), (batch, time, embedding)


def begin(name, start, seed, settings):
    """A model before training.

    A start that keeps: orthogonal recurrent weights in the plain layer; with gates, a larger bias
    of the gate that keeps the old state, so that it is open at first.
    """
    minigrad.manual_seed(seed)
    size = settings.hidden[list(LAYERS).index(name)]
    layer = LAYERS[name](settings.embedding, size)
    if start == OPEN and name == "RNN":
        nn.init.orthogonal_(layer.hidden.weight)
    elif start == OPEN:
        with minigrad.no_grad():
            layer.input.bias[size : 2 * size] += settings.open  # z of a GRU, f of an LSTM
    return Reader(layer, settings.embedding)


def drawn(rng, rows, distance):
    """Random symbols (rows, 1 + distance)."""
    return rng.integers(SYMBOLS, size=(rows, 1 + distance))


def sequences(seed, use, settings, distance):
    """The sequences for validation or for the test."""
    return drawn(np.random.default_rng([seed, use, distance]), settings.tests, distance)


def loss_of(model, symbols):
    """The loss of the first symbol, said at the end; and the fraction that is right."""
    logits, _ = model(minigrad.tensor(symbols))
    first = symbols[:, 0]
    loss = nn.functional.cross_entropy(logits, minigrad.tensor(first))
    return loss, (logits.argmax(-1).numpy() == first).mean()


def reach(model, symbols, back):
    """‖∂L/∂x‖ of the inputs so many steps back, over that of the last input."""
    logits, x = model(minigrad.tensor(symbols))
    loss = nn.functional.cross_entropy(logits, minigrad.tensor(symbols[:, 0]))
    (g,) = minigrad.autograd.grad(loss, x)
    norms = np.sqrt((g.numpy().astype(float) ** 2).sum((0, 2)))[::-1]  # (time,), the last first
    return (norms / norms[0])[list(back)].tolist()


# What it looks like.


def report(result):
    """Medians over the seeds: accuracies by distance, and the gradient's reach."""
    distances, farthest = result["distances"], result["back"][-1]
    tested = (*distances, result["beyond"])
    header = ["layer, start", *distances, *(f"growing, {n}" for n in tested)]
    accuracies, gradients = [], []
    for name, model in result["models"].items():
        trained = model["trained"]
        alone = [spread(trained[str(n)]["right"][i]) for i, n in enumerate(distances)]
        accuracies.append([name, *alone, *map(spread, trained[GROWING]["right"])])
        both = (model["before"][-1], trained[GROWING]["after"][-1])
        gradients.append([name, model["parameters"], *map(short, both)])
    return "\n\n".join((
        "right: trained at one distance and tested at it; and at growing ones: median (least to "
        f"most) of the seeds\n{table(header, accuracies)}",
        f"gradient {farthest} steps back, over that of the last input: median (least to most)",
        table(["layer, start", "parameters", "before training", "after growing ones"], gradients),
    ))  # fmt: skip


def short(values):
    """Median, minimum and maximum of numbers of any size."""
    middle, least, most = (f"{f(values):.1e}" for f in (np.median, np.min, np.max))
    return f"{middle} ({least} to {most})"


def draw(result):
    """For each start: accuracy by distance; the gradient's reach before training, and after."""
    fig, axes = plots.figure(10, 7.4, columns=3, rows=2, sharex="col", sharey="col")
    for row, start in zip(axes, STARTS, strict=True):
        for look, layer in zip(LOOKS, LAYERS, strict=True):
            model = result["models"][f"{layer}, {start}"]
            trained = model["trained"]
            right = [trained[str(n)]["right"][i] for i, n in enumerate(result["distances"])]
            plots.median_and_band(row[0], result["distances"], right, layer, look)
            for ax, norms in zip(
                row[1:], (model["before"], trained[GROWING]["after"]), strict=True
            ):
                plots.median_and_band(ax, result["back"], norms, layer, look)
        row[0].axhline(1 / SYMBOLS, **plots.CHANCE, label=said("chance level"))
        row[0].set_ylabel(f"{said(start)}\n\n{said('accuracy')}")
        row[1].set_ylabel(said("norm of the gradient"))
    for ax, title in zip(axes[0], TITLES, strict=True):
        ax.set_title(said(title))
    axes[1, 0].set_xlabel(said("distance in symbols"))
    for ax in axes[1, 1:]:
        ax.set_xlabel(said("steps back from the end"))
    axes[1, 0].set_xticks(result["distances"])
    for ax in axes[0, 1:]:
        ax.set_yscale("log")
        ax.set_ylim(*GRADIENTS)
    fig.legend(
        *axes[0, 0].get_legend_handles_labels(), frameon=False, ncols=4, loc="outside lower center"
    )
    fig.suptitle(
        said("Gates carry the gradient far if they start open; growing distances teach all")
    )
    return {"recurrence": fig}

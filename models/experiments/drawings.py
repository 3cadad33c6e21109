"""However long the text is, the drawing of a model fits a page, and shows where gradients vanish.

What is called at every time step is rolled up into one box, and modules are opened only as far as
80 boxes allow, so the number of boxes does not depend on the length of the text. It is counted here
for both translators. The pictures show one of them; two encoders step by step, one that answers
from its last state and one with attention, on the same scale of gradients; a reader with two
layers; the third derivative of tanh; and a backward pass beside its forward pass.
"""

from dataclasses import dataclass

import minigrad
from minigrad import nn

from ..attention import Attention, attend
from ..seq2seq import Seq2Seq
from ..showing.tables import table
from ..tasks import coreference
from ..tasks.pairs import Pair
from ..training.reading import Reading
from ..training.reading import Settings as Reader
from ..training.translating import Translating
from ..training.translating import Settings as Translator


@dataclass(frozen=True)
class Settings:
    """The lengths of the texts: those that are counted, and those that are shown."""

    lengths: tuple[int, ...] = (10, 30, 100)
    rolled: int = 30
    unrolled: int = 8


TRANSLATORS = {"seq2seq": Seq2Seq, "attention": Attention}
FULL = Settings()
QUICK = Settings(lengths=(10, 30))


def measure(settings):
    """The number of ops and of boxes in the graph, for each translator and length."""
    found = {}
    for model in TRANSLATORS:
        drawings = [translator(model, length) for length in settings.lengths]
        found[model] = {
            "ops": [drawing.ops for drawing in drawings],
            "boxes": [drawing.boxes for drawing in drawings],
        }
    return {
        "lengths": list(settings.lengths),
        "models": found,
        "rolled": settings.rolled,
        "unrolled": settings.unrolled,
    }


def translator(model, length):
    """The graph of a new translator on a text of `length` words, after backward()."""
    text = tuple(f"word{i}" for i in range(length))
    settings = Translator(model=model, embedding=8, hidden=16, dropout=0.0, final_dropout=0.0)
    run = Translating.start("", settings, [Pair(text, text)], model=TRANSLATORS[model])
    loss, _ = run.loss(run.batch([Pair(text, text)]))
    loss.backward()
    return minigrad.draw(loss, names=run.model)


def report(result):
    """A line for each translator and length."""
    rows = [
        [model, *numbers]
        for model, found in result["models"].items()
        for numbers in zip(result["lengths"], found["ops"], found["boxes"], strict=True)
    ]
    return table(["model", "words", "ops in the graph", "boxes in the drawing"], rows)


def draw(result):
    """The pictures."""
    return {
        "drawings": translator("attention", result["rolled"]),
        "drawings_gradients": two_encoders(result["unrolled"]),
        "drawings_reader": reader(),
        "drawings_tanh": third_derivative(),
        "drawings_backward": backward_pass(),
    }


class Step(nn.Module):
    """One step of a recurrent encoder."""

    def __init__(self, size):
        super().__init__()
        self.input = nn.Linear(size, size)
        self.hidden = nn.Linear(size, size, bias=False)

    def forward(self, x, h):
        """The next state, (1, size) as the one before."""
        return minigrad.tanh(self.input(x) + self.hidden(h))


class WithoutAttention(nn.Module):
    """An encoder that answers from its last state."""

    def __init__(self, size):
        super().__init__()
        self.step = Step(size)

    def forward(self, words):
        """words (time, 1, size) to (1, size)."""
        return self.states(words)[-1]

    def states(self, words):
        """All states, a list."""
        hs = [minigrad.zeros(words.shape[1:])]
        for x in words:
            hs.append(self.step(x, hs[-1]))
        return hs[1:]


class WithAttention(WithoutAttention):
    """An encoder that attends to all its states, with the last one as the query."""

    def forward(self, words):
        """words (time, 1, size) to (1, size)."""
        hs = self.states(words)
        everything = minigrad.full((1, len(hs)), True)
        context, _ = attend(hs[-1][None], minigrad.cat(hs)[None], everything)
        return context[0]


def two_encoders(steps, size=16):
    """The same encoder without attention and with it, step by step, after backward()."""
    losses, names = [], {}
    for kind in (WithoutAttention, WithAttention):
        minigrad.manual_seed(0)
        model, words = kind(size), minigrad.randn(steps, 1, size)
        loss = (model(words) ** 2).sum()
        loss.backward()
        losses.append(loss)
        names["attention" if kind is WithAttention else "last state"] = model
    return minigrad.draw(*losses, names=names, depth=1, unroll=True)


def reader():
    """A new reader with two layers on the course's text, after backward()."""
    run = Reading.start("", Reader(embedding=8), [coreference.COURSE])
    loss, _ = run.loss(run.batch([coreference.COURSE]))
    loss.backward()
    return minigrad.draw(loss, names=run.model, depth=2)


def third_derivative():
    """The graph of tanh‴(x), by three backward passes."""
    x = minigrad.tensor(0.5, requires_grad=True)
    y = minigrad.tanh(x)
    names, slope = {"x": x, "tanh(x)": y}, y
    for primes in ("′", "″", "‴"):
        (slope,) = minigrad.autograd.grad(slope, x, create_graph=True)
        names[f"tanh{primes}(x)"] = slope
    return minigrad.draw(slope, names=names)


def backward_pass():
    """tanh(x @ w + b) and its gradients."""
    x = minigrad.tensor([[1.0, 2.0]])
    w = minigrad.tensor([[0.5], [-0.25]], requires_grad=True)
    b = minigrad.tensor([0.1], requires_grad=True)
    y = minigrad.tanh(x @ w + b)
    return minigrad.draw(y, names={"x": x, "w": w, "b": b, "y": y}, backward=True)

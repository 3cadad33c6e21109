"""The film of a training: what a run notes about itself, from the first step to the last.

It is in the run's folder, in film.jsonl: one JSON object per line. The first line is the head:

    film        the edition of this format
    model, steps    the model's name, and how many steps it is to be trained
    parameters  the name and the shape of each
    bins, most  of the histograms: how many bins; how many values of a parameter are counted
    example     the example sentence, as `Example` (below) without what changes; null if none

Each other line is a moment, in the order of training:

    step        how many steps were done
    loss        the mean training loss since the moment before; null before the first step
    validation  the loss of a few validation examples; null in most moments
    weights, gradients  of each parameter (see histograms.py); the gradients are those of the last
                step, before clipping; null before the first step
    answers     for each row its likeliest answers: [[name, probability], …]; or null
    says        what the model says about the example as a whole, as text
    attention   the weights (layers, heads, rows, columns), a byte per weight, 255 for 1, in base64;
                false if the model has none

A moment is appended in one piece, so a process that is killed loses at most the last one. A run
that goes on from an earlier checkpoint drops the moments after it.
"""

import base64
import json
import math
from functools import cached_property
from typing import NamedTuple

import numpy as np

import minigrad

from . import histograms
from .backend import MINIGRAD, array
from .folder import opened

FILM = "film.jsonl"
ZERO = np.zeros(1)  # the gradient of a parameter that the loss does not use
EDITION = 1
SHOWN = 3  # the likeliest answers of a row
FEW, SPARSE = 30, 30  # moments, and steps
VALIDATED = 5  # so many moments from one validation loss to the next
LARGEST = 10**9  # bytes


class Example(NamedTuple):
    """An example sentence, and how a model reads it.

    rows, columns   the words that attend, and those that they attend to
    asked           the row that the question is about, or None if each row has its own
    names           the possible answers
    logits          of each row (rows, names), an array; a row of NaN has no answer
    weights         an array (layers, heads, rows, columns), or None
    says            what it says about the whole sentence
    """

    rows: list
    columns: list
    asked: int | None
    names: list
    logits: np.ndarray
    weights: np.ndarray | None
    says: str


def moments(steps, count):
    """The steps after which a moment is noted: at most 1 + count, the early ones closer together.

    Most changes early. If there are more than FEW, there are on average SPARSE steps from one to
    the next, or more: a moment takes about as long as half a step, and all of them 2 % of the time.
    """
    count = min(count, max(FEW, steps // SPARSE))
    return {round(steps * (i / count) ** 2) for i in range(count + 1)}


class Film:
    """The film of a run in training, with as many moments as its setting `film` says.

    The example is shown to a twin of the model, which computes on minigrad and has the weights that
    the run has by then. So the run does not notice: not by its random numbers, nor by a model that
    is compiled or divided among processes.
    """

    def __init__(self, run, validation=()):
        settings = run.settings
        self.run, self.path = run, run.folder / FILM
        self.validation = validation[: max(1, settings.batch_size // 4)]
        wanted = settings.film if run.ranks.first else 0
        self.steps = moments(settings.steps, wanted) if wanted else set()
        self.parameters = list(run.model.named_parameters())
        self.noted, self.last = 0, -1  # how many moments; and the step of the last one
        if self.steps:
            self._begin()

    def note(self):
        """Note this moment of the training, if it is one of those to note."""
        run, step = self.run, len(self.run.metrics)
        due = step in self.steps or (self.steps and run.validation.exhausted)
        if not due or step <= self.last:
            return
        weights, since = run.weights(), run.metrics[max(self.last, 0) :]
        parameters = self._parameters(weights)
        if parameters is None:
            return
        moment = {
            "step": step,
            "loss": histograms.brief(sum(row[0] for row in since) / len(since)) if since else None,
            "validation": self._validation_loss(),
            **parameters,
            **self._changes(weights),
        }
        with open(self.path, "ab") as file:
            file.write(as_line(moment))
        self.noted, self.last = self.noted + 1, step

    def _begin(self):
        """Go on with the film of the folder, up to the step of the run; or begin a new one."""
        done, end = len(self.run.metrics), 0
        head = as_line(self._head())
        lines = lines_of(self.path) if self.path.exists() else []
        if done and lines and lines[0] == head:
            end = len(head)
            for line in lines[1:]:
                moment = parsed(line)
                if moment is None or moment["step"] > done:
                    break
                self.noted, self.last = self.noted + 1, moment["step"]
                end += len(line)
        with open(self.path, "r+b" if end else "wb") as file:
            file.truncate(end)
            if not end:
                file.write(head)

    def _head(self):
        run, seen = self.run, self._seen()
        example = seen and {
            "rows": seen.rows,
            "columns": seen.columns,
            "asked": seen.asked,
            "maps": None if seen.weights is None else seen.weights.shape[:2],
        }
        parameters = [(name, p.shape) for name, p in self.parameters]
        return {
            "film": EDITION,
            "model": run.settings.model,
            "steps": run.settings.steps,
            "parameters": parameters,
            "bins": histograms.BINS,
            "most": histograms.MOST,
            "example": example,
        }

    def _parameters(self, weights):
        """Norms and histograms of weights and gradients; None if one of them is not finite."""
        count, scale = len(self.parameters), self._unclipped()
        arrays = [weights[name] for name, _ in self.parameters]
        if any(p.grad is not None for _, p in self.parameters):
            arrays += [ZERO if p.grad is None else array(p.grad) for _, p in self.parameters]
        found = histograms.of(arrays, [1.0] * count + [scale] * (len(arrays) - count))
        if found is None:
            return None
        weights, gradients = (
            {k: v[part] for k, v in found.items()} for part in (slice(count), slice(count, None))
        )
        return {"weights": weights, "gradients": gradients if len(arrays) > count else None}

    def _unclipped(self):
        """By how much the gradients of the last step were larger before they were clipped."""
        clip, norm = self.run.settings.clip, self.run.metrics[-1][2] if self.run.metrics else 0.0
        return max(1.0, (norm + 1e-6) / clip) if clip else 1.0  # as in clip_grad_norm_

    def _validation_loss(self):
        """The loss of a few validation examples; None if this is not the time for it.

        A compiled model would have to be compiled again for that.
        """
        run = self.run
        last = len(run.metrics) == run.settings.steps
        if (
            not len(self.validation)
            or run.backend.compiled
            or not (last or self.noted % VALIDATED == 0)
        ):
            return None
        run.model.eval()
        with run.framework.no_grad(), run.backend.computing():
            loss = run.loss(run.batch(self.validation))[0].item()
        run.model.train()
        return histograms.brief(loss) if math.isfinite(loss) else None

    def _changes(self, weights):
        """How the model reads the example with these weights."""
        seen = self._seen(weights)
        if seen is None:
            return {}
        weights = seen.weights
        return {
            "answers": answers(seen.logits, seen.names),
            "says": seen.says,
            "attention": weights is not None and histograms.packed(np.nan_to_num(weights) * 255),
        }

    def _seen(self, weights=None):
        """The example as the twin sees it, with these weights; None if the kind has none."""
        if self._example is None:
            return None
        if weights is not None:
            self._twin.model.load_state_dict(MINIGRAD.tensors(weights))
        with minigrad.no_grad():
            return self._twin.seen(self._example)

    @cached_property
    def _example(self):
        return self.run.watched(self.validation)

    @cached_property
    def _twin(self):
        run = self.run
        words = tuple(run.vocabularies.values())
        twin = type(run)(run.folder, run.settings, words, model=run.model_class)
        twin.model.eval()
        return twin


def answers(logits, names):
    """For each row its likeliest answers, [name, probability], the likeliest first; or None."""
    p = np.exp(logits.astype(float) - logits.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    best = np.argpartition(-p, min(SHOWN, p.shape[1]) - 1)[:, :SHOWN]
    rows = zip(best.tolist(), np.take_along_axis(p, best, -1).round(3).tolist(), strict=True)
    found = [sorted(zip(*row, strict=True), key=lambda pair: -pair[1]) for row in rows]
    return [
        [[names[i], probability] for i, probability in row] if row[0][1] >= 0 else None
        for row in found
    ]


# The file.


def as_line(thing):
    """A line of the file, as bytes."""
    text = json.dumps(thing, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + b"\n"


def lines_of(path):
    """The whole lines of the file, as bytes; one that was cut off is left out."""
    try:
        with opened(path) as (file, size):
            if size > LARGEST:
                raise ValueError(f"it has {size:,} bytes, more than {LARGEST:,}")
            return [line for line in file.read().splitlines(keepends=True) if line[-1:] == b"\n"]
    except ValueError as error:
        raise ValueError(f"{path} is not a film: {error}") from None


def parsed(line):
    """The moment in a line; None if there is none."""
    try:
        moment = json.loads(line)
        return moment if type(moment["step"]) is int else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def read(folder):
    """The head of a run's film, and its moments; ValueError if it is damaged."""
    path = folder / FILM
    lines = [parsed(line) if i else head_of(line) for i, line in enumerate(lines_of(path))]
    if not lines or lines[0] is None:
        raise ValueError(f"{path} is damaged: it does not begin as a film of edition {EDITION}")
    head, *found = lines
    for number, moment in enumerate(found, start=2):
        if moment is None or not fits(moment, head):
            raise ValueError(f"{path} is damaged: line {number} is not a moment of this film")
    return head, found


def head_of(line):
    """The head in a line; None if there is none, or one of another edition."""
    try:
        head = json.loads(line)
        return head if head["film"] == EDITION and len(head["parameters"]) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def fits(moment, head):
    """True if a moment has what the head says: as many norms, bins and attention weights."""
    count, bins = len(head["parameters"]), head["bins"]
    try:
        for part in filter(None, (moment["weights"], moment["gradients"])):
            if {len(part[name]) for name in ("norms", "ranges", "histograms")} != {count}:
                return False
            if {len(unpacked(text)) for text in part["histograms"]} != {bins}:
                return False
        example = head["example"]
        if example is None or example["maps"] is None:
            return True
        edges = math.prod([*example["maps"], len(example["rows"]), len(example["columns"])])
        weights = moment["attention"]
        return len(unpacked(weights)) == edges
    except (ValueError, KeyError, TypeError):
        return False


def unpacked(text):
    """The bytes of `histograms.packed`."""
    return base64.b64decode(text, validate=True)

"""Training: forward, loss, backward, clip, step. A run is a folder with all it needs to resume."""

import csv
import io
import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

import minigrad
from minigrad.files import write_atomically
from minigrad.text import printable

from ..tasks.vocabulary import Vocabulary
from ..terminal import Progress
from . import folder as files
from .backend import MINIGRAD, array
from .checks import check_sizes, check_values, in_memory, positive, sizes
from .stopping import Stopped, asked_to_stop

METRICS = ("loss", "accuracy", "gradient_norm", "learning_rate")


def training_step(framework, optimizer, parameters, loss_of, batch, clip):
    """One step of training, on minigrad or PyTorch: forward, loss, backward, clip, update.

    loss_of(batch) runs the forward pass and returns the loss and another measure, such as the
    accuracy. Returns both, and the norm of the gradient before clipping. Raises FloatingPointError,
    and updates nothing, if the loss or the norm is NaN or infinite.
    """
    loss, measure = loss_of(batch)
    optimizer.zero_grad()
    loss.backward()
    norm = framework.nn.utils.clip_grad_norm_(parameters, clip)
    if not math.isfinite(loss.item() + norm.item()):
        raise FloatingPointError(f"the loss is {loss.item()}, its gradient's norm {norm.item()}")
    optimizer.step()
    return loss, measure, norm


def setting(meaning, default=MISSING, parse=None, **more):
    """A field of Settings with its help text.

    parse   how the command line reads it: a function of the text, or a tuple of choices. Without
            it the field is not an option of the command line.
    most    its largest value, if there is one
    """
    return field(default=default, metadata={"help": meaning, "parse": parse, **more})


def size(meaning, default):
    """A setting that says how large the model is."""
    return setting(meaning, default, positive, size=True, most=100_000)


def steps(default=MISSING):
    """The setting `steps`, whose default each kind of run chooses."""
    return setting("how many steps to train", default, positive)


def learning_rate(default=MISSING):
    """The setting `learning_rate`, whose default each kind of run chooses."""
    return setting("learning rate at the first step; it decays linearly to 0", default, float)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a run depends on. Two runs with the same settings give the same numbers."""

    model: str = setting("the model's name")
    steps: int = steps()
    seed: int = setting("random seed", 0, int)
    batch_size: int = setting("examples per step", 64, positive, most=1_000_000)
    learning_rate: float = learning_rate()
    weight_decay: float = setting("weight decay of AdamW", 0.0, float)
    clip: float = setting("largest norm of the gradient; a larger one is scaled down", 1.0)

    def __post_init__(self):
        """Validate the settings: their types and ranges."""
        check_values(self)


class Run:
    """A model in training, and the folder it is kept in.

    Each kind of run is a subclass that defines:

    Settings                        its settings
    EXAMPLES, COURSE                the plural name of its examples, and the course's own example
    SMALL                           the settings of a model small enough to be drawn untrained
    VOCABULARIES                    the names of its vocabularies
    MODEL                           the class of the model that its settings name by default
    load(settings)                  its examples: train, validation and test
    vocabularies_of(settings, examples)     its vocabularies
    build(model)                    the model before training, of this class
    batch(examples)                 the examples as one batch
    batches(examples, start)        the batches of training, from step `start` on
    loss(batch)                     the loss and the accuracy

    It may also extend `settings_from`, `step`, `sentences` and `count`. `backend` is the
    framework it computes on. Whatever the backend, the weights before training are those that
    minigrad draws from the seed.
    """

    # Settings that older versions had, with the only value that the command line gave them.
    FORMER: ClassVar = {}

    def __init__(self, folder, settings, vocabularies, backend=MINIGRAD, model=None):
        if model is None and settings.model != self.Settings.model:
            raise ValueError(f"give the class of {settings.model} as model=")
        self.folder, self.settings, self.backend = Path(folder), settings, backend
        self.vocabularies = dict(zip(self.VOCABULARIES, vocabularies, strict=True))
        self.framework, self.ranks = backend.framework, backend.ranks
        minigrad.manual_seed(settings.seed)
        with in_memory("a model", sizes(settings)):
            self.model = backend.built(self.build, model or self.MODEL)
        self.parameters = list(self.model.parameters())
        self.optimizer = self.framework.optim.AdamW(
            self.parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.metrics = []  # one row per step
        self.saved = None  # how many steps were done when it was last saved; None: never
        self.sealed = True  # False if it was opened from files that had no digest

    @classmethod
    def settings_from(cls, given):
        """The settings of a new run, from those that were given by name."""
        return cls.Settings(**given)

    @classmethod
    def start(cls, folder, settings, examples, backend=MINIGRAD, model=None):
        """A new run, with vocabularies from the examples it trains on; model: its class."""
        return cls(folder, settings, cls.vocabularies_of(settings, examples), backend, model)

    @classmethod
    def open(cls, folder, model=None, backend=MINIGRAD):
        """A run as it was saved, whatever it was trained on; model: the class of its model.

        Raises ValueError if its files are damaged, or do not belong together.
        """
        folder = Path(folder)
        config, saved = files.config_of(folder), files.read(folder)
        settings, words = cls.parsed(config, folder / files.CONFIG)
        if saved.config is None:
            if "edition" in config:
                raise ValueError(
                    f"{saved.path} is not as it was saved: it has no digest"
                    f"{files.way_on(folder, saved.path.name)}"
                )
        elif cls.parsed(saved.config, saved.path) != (settings, words):
            raise ValueError(
                f"{folder / files.CONFIG} is not the one that {saved.path.name} was saved with: "
                "remove it to go on with the settings and words that are in there"
            )
        try:
            check_sizes(settings, saved.arrays)
            vocabularies = map(Vocabulary, words)
            run = cls.of_parts(folder, settings, vocabularies, saved.arrays, backend, model)
            run.sealed = saved.config is not None
        except (*files.DAMAGE, RuntimeError) as error:
            raise files.invalid(saved.path, error) from None
        return run

    def parts(self):
        """All that another process needs to go on with the same run: see `of_parts`."""
        return self.settings, tuple(self.vocabularies.values()), self._state()

    @classmethod
    def of_parts(cls, folder, settings, vocabularies, state, backend, model):
        """The run that gave these parts."""
        run = cls(folder, settings, vocabularies, backend, model)
        run._restore(state)
        return run

    @classmethod
    def parsed(cls, config, path):
        """The settings and the words of a config; ValueError if there is something wrong."""
        given = {k: v for k, v in config["settings"].items() if (k, v) not in cls.FORMER.items()}
        try:
            missing = {f.name for f in fields(cls.Settings)} - given.keys()
            if missing:
                raise ValueError(f"no {min(missing)}")
            words = [config[f"{name}_vocabulary"] for name in cls.VOCABULARIES]
            for known in words:
                if not isinstance(known, list) or not all(isinstance(w, str) for w in known):
                    raise ValueError("a vocabulary must be a list of words")
                Vocabulary(known)
            return cls.Settings(**given), words
        except (ValueError, KeyError, TypeError) as error:
            raise files.invalid(path, error) from None

    @property
    def left(self):
        """The fraction of the steps still to do."""
        return 1 - len(self.metrics) / self.settings.steps

    def step(self, batch):
        """One training step, with its own random numbers and learning rate."""
        settings, step = self.settings, len(self.metrics)
        self.framework.manual_seed(
            settings.seed + 1_000_003 * (step + 1) + 7_919 * self.ranks.rank
        )  # so that a resumed run has the same dropout
        rate = settings.learning_rate * self.left
        self.optimizer.param_groups[0]["lr"] = rate
        try:
            loss, accuracy, norm = training_step(
                self.framework, self.optimizer, self.parameters, self.loss_of, batch, settings.clip
            )
        except FloatingPointError as error:
            first = " ".join(f"«{printable(text, 60)}»" for text in self.sentences(batch)[:2])
            raise FloatingPointError(
                f"step {step + 1}: {error}{first and f', on the batch that begins with {first}'}; "
                "a smaller learning rate may help"
            ) from None
        self.metrics.append((loss.item(), float(accuracy), norm.item(), rate))

    @cached_property
    def loss_of(self):
        """`loss` as a step of training takes it: in the backend's precision, and of all ranks."""

        def loss(batch):
            with self.backend.computing():
                return self.loss(batch)

        return self.ranks.divided(self.model, loss, self.count)

    def sentences(self, batch):
        """The sentences of a batch as text, for messages."""
        return []

    def train(self, examples, save_every=500):
        """Train to the end, or until a signal asks to stop: SIGINT (Ctrl-C), SIGTERM or SIGHUP.

        Whatever ends it, what was reached is saved first; only a second signal stops at once.
        Returns True if the end was reached.
        """
        with self.ranks.claimed(self.folder), asked_to_stop() as asked:
            try:
                self.save()
                self.model.train()
                with in_memory("a step of training", self._sizes()):
                    self._steps(examples, save_every, asked)
            except Stopped:
                raise
            except BaseException:
                if self._between_steps() and not self._spoiled():
                    self.save()
                raise
            finally:
                self.model.eval()
            self.save()
            return not self.ranks.any(asked)

    def _steps(self, examples, save_every, asked):
        """Train step by step, until the last one or until it is asked to stop."""
        settings, done = self.settings, len(self.metrics)
        stream = self.batches(examples, start=done)
        with (
            np.errstate(all="ignore"),  # what is not finite ends the training, in one line
            Progress(
                settings.steps, f"train {settings.model}", done, shown=self.ranks.first
            ) as bar,
        ):
            while not self.ranks.any(asked or len(self.metrics) >= settings.steps):
                self.step(next(stream))
                numbers = {}
                if len(self.metrics) % 10 == 0:
                    loss, accuracy = np.mean(self.metrics[-50:], axis=0)[:2]
                    numbers = {"loss": f"{loss:.4f}", "accuracy": f"{accuracy:.1%}"}
                bar.update(**numbers)
                if len(self.metrics) % save_every == 0:
                    self.save()

    def count(self, batch):
        """The number of predictions in a batch: how much it counts in a mean loss."""
        return len(batch[0])

    def _sizes(self):
        """The settings that say how much memory a step takes."""
        return {"batch_size": self.settings.batch_size, **sizes(self.settings)}

    def _between_steps(self):
        """True if no update was begun and not finished."""
        state = self.optimizer.state_dict()["state"]
        return all(float(moments["step"]) == len(self.metrics) for moments in state.values())

    def _spoiled(self):
        """The name of a weight that is NaN or infinite; None if all are finite."""
        weights = self._weights().items()
        return next((name for name, array in weights if not np.isfinite(array).all()), None)

    def save(self):
        """Write model, settings and metrics, and a checkpoint from which training can resume.

        Each file is replaced as a whole, so a crash leaves the previous one. Raises BlockingIOError
        if somebody else trains in the folder, and FloatingPointError, instead of replacing what was
        good, if a weight is NaN or infinite.
        """
        if spoiled := self._spoiled():
            raise FloatingPointError(
                f"step {len(self.metrics)} made {spoiled} infinite or nan, so it is not saved; "
                "a smaller learning rate may help"
            )
        if not self.ranks.first:  # which saves for all
            self.saved = len(self.metrics)
            return
        words = {f"{name}_vocabulary": known.words for name, known in self.vocabularies.items()}
        config = {"settings": asdict(self.settings), **words}
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("step", *METRICS))
        rows.writerows((i, *row) for i, row in enumerate(self.metrics))
        with self.ranks.claimed(self.folder):
            files.write(self.folder, config, self._weights(), self._state())
            self.saved = len(self.metrics)
            write_atomically(self.folder / files.METRICS, table.getvalue().encode())

    def _weights(self):
        """The model's weights as arrays by name, the same on every framework."""
        return {name: array(value) for name, value in self.model.state_dict().items()}

    def _state(self):
        """All that changes in training, as arrays by name; one file, so that its parts match."""
        state = {f"model.{name}": value for name, value in self._weights().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            moments = moments | {"step": int(moments["step"])}  # a tensor of float32 in PyTorch
            state |= {f"adam.{number}.{key}": array(value) for key, value in moments.items()}
        return state | {"metrics": np.reshape(np.array(self.metrics, float), (-1, len(METRICS)))}

    def _restore(self, state):
        """Take over the arrays of a checkpoint, or those of a model: the weights alone."""
        if "metrics" not in state:
            self.model.load_state_dict(self.backend.tensors(state))
            return
        model, adam = (
            {k.removeprefix(part): v for k, v in state.items() if k.startswith(part)}
            for part in ("model.", "adam.")
        )
        metrics = state["metrics"]
        if metrics.ndim != 2 or metrics.shape[1] != len(METRICS):
            raise ValueError(f"metrics of shape {metrics.shape}")
        moments = {}
        for name, value in adam.items():
            number, _, key = name.partition(".")
            value = value.item() if key == "step" else self.framework.tensor(value)
            moments.setdefault(int(number), {})[key] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.model.load_state_dict(self.backend.tensors(model))
        self.metrics = [tuple(row) for row in metrics.tolist()]
        self.saved = len(self.metrics)

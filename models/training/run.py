"""Training: forward, loss, backward, clip, step. A run is a folder with all it needs to resume."""

import csv
import io
import math
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

import minigrad
from minigrad.files import write_atomically
from minigrad.text import printable

from ..tasks.text import words
from ..tasks.vocabulary import Vocabulary
from ..terminal import Progress
from . import folder as files
from .backend import MINIGRAD, array
from .checks import check_sizes, in_memory, positive, sizes  # noqa: F401
from .film import Film
from .patience import Validation
from .settings import Settings, batch_size, learning_rate, setting, size, steps, warmup  # noqa: F401
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


class Run:
    """A model in training, and the folder it is kept in.

    Each kind of run is a subclass that defines:

    Settings                        its settings
    EXAMPLES, COURSE                the plural name of its examples, and the course's own example
    SMALL                           the settings of a model small enough to be drawn untrained
    VOCABULARIES                    the names of its vocabularies
    MODEL                           the class of the model that its settings name by default
    load(settings)                  its examples: train, validation and, for reports, test
    vocabularies_of(settings, examples)     its vocabularies
    build(model)                    the model before training, of this class
    batch(examples)                 the examples as one batch
    batches(examples, start)        the batches of training, from step `start` on
    loss(batch)                     the loss and the accuracy

    It may also extend `settings_from`, `step`, `tokenized`, `tokens_of`, `sentences`, `count`,
    and, for the example of its film, `watched` and `seen`. `backend` is the framework it computes
    on. Whatever the backend, the weights before training are those that minigrad draws from the
    seed.
    """

    # Settings that older versions had, with the only value that the command line gave them.
    FORMER: ClassVar = {}

    def __init__(self, folder, settings, vocabularies, backend=MINIGRAD, model=None):
        if model is None and settings.model != self.Settings.model:
            raise ValueError(f"give the class of {settings.model} as model=")
        self.folder, self.settings, self.backend = Path(folder), settings, backend
        self.model_class = model or self.MODEL
        self.vocabularies = dict(zip(self.VOCABULARIES, vocabularies, strict=True))
        self.framework, self.ranks = backend.framework, backend.ranks
        minigrad.manual_seed(settings.seed)
        with in_memory("a model", sizes(settings)):
            self.model = backend.built(self.build, self.model_class)
        self.parameters = list(self.model.parameters())
        self.optimizer = self.framework.optim.AdamW(
            self.parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.metrics = []  # one row per step
        self.validation = Validation(self)
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
            vocabularies = [Vocabulary(*known) for known in words]
            run = cls.of_parts(folder, settings, vocabularies, saved.arrays, backend, model)
            run.validation.use_best()
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
        former = {
            f.name: f.metadata["former"] for f in fields(cls.Settings) if "former" in f.metadata
        }
        given = {k: v for k, v in config["settings"].items() if (k, v) not in cls.FORMER.items()}
        given = former | given
        try:
            missing = {f.name for f in fields(cls.Settings)} - given.keys()
            if missing:
                raise ValueError(f"no {min(missing)}")
            words = [files.words_and_merges(config, name) for name in cls.VOCABULARIES]
            for known in words:
                Vocabulary(*known)
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
        if step < settings.warmup:
            rate *= (step + 1) / settings.warmup
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

    def tokenized(self, splits):
        """The examples as `load` gives them, made of the tokens that the model reads."""
        return splits

    def tokens_of(self, text):
        """The tokens of a text that the model is to read."""
        return words(text)

    def sentences(self, batch):
        """The sentences of a batch as text, for messages."""
        return []

    def watched(self, validation):
        """The example of its film, the same in all moments; None if it shows none.

        Where there is no example of the course, it is one of the validation examples.
        """
        return None

    def seen(self, example):
        """How the model reads the example of its film now: a film.Example."""
        raise NotImplementedError

    def train(self, examples, save_every=500, *, validation=()):
        """Train to the end, or until a signal asks to stop: SIGINT (Ctrl-C), SIGTERM or SIGHUP.

        With `patience` the end may come early, by the loss of the validation examples, and
        afterwards the model has its best weights. Whatever ends it, what was reached is saved
        first; only a second signal stops at once.
        Returns True if the end was reached.
        """
        if self.settings.patience and not len(validation):
            raise ValueError("--patience needs validation examples, and there are none")
        with self.ranks.claimed(self.folder), asked_to_stop() as asked:
            try:
                self.validation.use_last()
                self.save()
                self.model.train()
                with in_memory("a step of training", self._sizes()):
                    self._steps(examples, save_every, asked, validation)
            except Stopped:
                raise
            except BaseException:
                if self._between_steps() and not self._spoiled():
                    self.save()
                raise
            finally:
                self.model.eval()
            self.save()
            self.validation.use_best()
            return not self.ranks.any(asked)

    @property
    def finished(self):
        """True if nothing is left to do: all steps are done, or the patience has run out."""
        return len(self.metrics) >= self.settings.steps or self.validation.exhausted

    def _steps(self, examples, save_every, asked, validation):
        """Train step by step, until the last one or until it is asked to stop."""
        settings, done = self.settings, len(self.metrics)
        stream = self.batches(examples, start=done)
        with (
            np.errstate(all="ignore"),  # what is not finite ends the training, in one line
            Progress(
                settings.steps, f"train {settings.model}", done, shown=self.ranks.first
            ) as bar,
        ):
            self.validation.evaluate(validation)
            film = Film(self, validation)
            film.note()
            while not self.ranks.any(self.finished or asked):
                self.step(next(stream))
                self.validation.evaluate(validation)
                film.note()
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
        weights = self.weights().items()
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
        config = {"settings": asdict(self.settings)}
        for name, known in self.vocabularies.items():
            config[f"{name}_vocabulary"] = known.words
            if known.merges:
                config[f"{name}_merges"] = [list(pair) for pair in known.merges]
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("step", *METRICS))
        rows.writerows((i, *row) for i, row in enumerate(self.metrics))
        with self.ranks.claimed(self.folder):
            best = self.validation.weights or self.weights()
            files.write(self.folder, config, best, self._state())
            self.saved = len(self.metrics)
            write_atomically(self.folder / files.METRICS, table.getvalue().encode())

    def weights(self):
        """The weights to go on from, as arrays by name, the same on every framework."""
        if self.validation.last is not None:
            return self.validation.last
        return {name: array(value) for name, value in self.model.state_dict().items()}

    def _state(self):
        """All that changes in training, as arrays by name; one file, so that its parts match."""
        state = {f"model.{name}": value for name, value in self.weights().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            moments = moments | {"step": int(moments["step"])}  # a tensor of float32 in PyTorch
            state |= {f"adam.{number}.{key}": array(value) for key, value in moments.items()}
        state |= self.validation.state()
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
        self.validation.restore(state)
        self.saved = len(self.metrics)

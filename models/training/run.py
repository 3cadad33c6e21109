"""Training: forward, loss, backward, clip, step. A run is a folder with all it needs to resume."""

import argparse
import contextlib
import csv
import io
import json
import signal
from dataclasses import MISSING, asdict, dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

import minigrad
from minigrad.files import write_atomically

from ..tasks.vocabulary import Vocabulary
from .backend import MINIGRAD

METRICS = ("loss", "accuracy", "gradient_norm", "learning_rate")


def training_step(framework, optimizer, parameters, loss_of, batch, clip):
    """One step of training, on minigrad or PyTorch: forward, loss, backward, clip, update.

    loss_of(batch) runs the forward pass and returns the loss and another measure, such as the
    accuracy. Returns both, and the norm of the gradient before clipping.
    """
    loss, measure = loss_of(batch)
    optimizer.zero_grad()
    loss.backward()
    norm = framework.nn.utils.clip_grad_norm_(parameters, clip)
    optimizer.step()
    return loss, measure, norm


def setting(meaning, default=MISSING, parse=None):
    """A field of Settings with its help text.

    parse   how the command line reads it: a function of the text, or a tuple of choices. Without
            it the field is not an option of the command line.
    """
    return field(default=default, metadata={"help": meaning, "parse": parse})


def positive(text):
    """A positive int."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text}")
    return int(text)


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
    batch_size: int = setting("examples per step", 64, positive)
    learning_rate: float = learning_rate()
    weight_decay: float = setting("weight decay of AdamW", 0.0, float)
    clip: float = setting("largest norm of the gradient; a larger one is scaled down", 1.0)

    def __post_init__(self):
        """Validate the settings."""
        for name in ("learning_rate", "weight_decay", "clip", "seed"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be at least 0, not {getattr(self, name)}")
        for name in ("steps", "batch_size"):
            if not getattr(self, name) >= 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


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

    It may also extend `settings_from` and `step`. `backend` is the framework it computes on.
    """

    # Settings that older versions had, with the only value that the command line gave them.
    FORMER: ClassVar = {}

    def __init__(self, folder, settings, vocabularies, backend=MINIGRAD, model=None):
        if model is None and settings.model != self.Settings.model:
            raise ValueError(f"give the class of {settings.model} as model=")
        self.folder, self.settings, self.backend = Path(folder), settings, backend
        self.vocabularies = dict(zip(self.VOCABULARIES, vocabularies, strict=True))
        self.framework = backend.framework
        self.framework.manual_seed(settings.seed)
        self.model = self.build(backend.version_of(model or self.MODEL))
        self.parameters = list(self.model.parameters())
        self.optimizer = self.framework.optim.AdamW(
            self.parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.metrics = []  # one row per step

    @classmethod
    def settings_from(cls, given):
        """The settings of a new run, from those that were given by name."""
        return cls.Settings(**given)

    @classmethod
    def start(cls, folder, settings, examples, backend=MINIGRAD, model=None):
        """A new run, with vocabularies from the examples it trains on; model: its class."""
        return cls(folder, settings, cls.vocabularies_of(settings, examples), backend, model)

    @classmethod
    def open(cls, folder, model=None):
        """A run as it was saved, on minigrad; model: the class of its model."""
        folder, config = Path(folder), config_of(folder)
        kept = {k: v for k, v in config["settings"].items() if (k, v) not in cls.FORMER.items()}
        try:
            words = [config[f"{name}_vocabulary"] for name in cls.VOCABULARIES]
            run = cls(folder, cls.Settings(**kept), map(Vocabulary, words), model=model)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{folder / 'config.json'} is not a valid run config: {error}"
            ) from None
        if (folder / "checkpoint.safetensors").exists():
            run._restore(minigrad.load(folder / "checkpoint.safetensors"))
        else:
            run.model.load_state_dict(minigrad.load(folder / "model.safetensors"))
        return run

    @property
    def left(self):
        """The fraction of the steps still to do."""
        return 1 - len(self.metrics) / self.settings.steps

    def step(self, batch):
        """One training step, with its own random numbers and learning rate."""
        settings, step = self.settings, len(self.metrics)
        self.framework.manual_seed(
            settings.seed + 1_000_003 * (step + 1)
        )  # so that a resumed run drops the same
        rate = settings.learning_rate * self.left
        self.optimizer.param_groups[0]["lr"] = rate
        loss, accuracy, norm = training_step(
            self.framework, self.optimizer, self.parameters, self.loss, batch, settings.clip
        )
        self.metrics.append((loss.item(), float(accuracy), norm.item(), rate))

    def train(self, examples, save_every=500):
        """Train to the end. Ctrl-C stops after the current step and saves.

        Returns True if the end was reached.
        """
        from tqdm import tqdm

        settings = self.settings
        self.save()
        done = len(self.metrics)
        stream = self.batches(examples, start=done)
        self.model.train()
        with (
            asked_to_stop() as asked,
            tqdm(
                total=settings.steps, initial=done, desc=f"train {settings.model}", unit="step"
            ) as bar,
        ):
            while len(self.metrics) < settings.steps and not asked:
                self.step(next(stream))
                bar.update()
                if len(self.metrics) % 10 == 0:
                    loss, accuracy = np.mean(self.metrics[-50:], axis=0)[:2]
                    bar.set_postfix(loss=f"{loss:.4f}", accuracy=f"{accuracy:.1%}")
                if len(self.metrics) % save_every == 0:
                    self.save()
            self.save()
        self.model.eval()
        return len(self.metrics) == settings.steps

    def save(self):
        """Write model, settings and metrics, and a checkpoint from which training can resume.

        Each file is replaced as a whole, so a crash leaves the previous one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        words = {f"{name}_vocabulary": known.words for name, known in self.vocabularies.items()}
        config = {"settings": asdict(self.settings), **words}
        text = json.dumps(config, ensure_ascii=False, indent=1)
        write_atomically(self.folder / "config.json", text.encode())
        minigrad.save(self._weights(), self.folder / "model.safetensors")
        minigrad.save(self._state(), self.folder / "checkpoint.safetensors")

        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("step", *METRICS))
        rows.writerows((i, *row) for i, row in enumerate(self.metrics))
        write_atomically(self.folder / "metrics.csv", table.getvalue().encode())

    def _weights(self):
        """The model's weights as arrays by name, the same on every framework."""
        return {name: value.numpy() for name, value in self.model.state_dict().items()}

    def _state(self):
        """All that changes in training, as arrays by name; one file, so that its parts match."""
        state = {f"model.{name}": value for name, value in self._weights().items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            state |= {f"adam.{number}.{key}": np.asarray(value) for key, value in moments.items()}
        return state | {"metrics": np.reshape(np.array(self.metrics, float), (-1, len(METRICS)))}

    def _restore(self, state):
        state = {name: value.numpy() for name, value in state.items()}
        self.metrics = [tuple(row) for row in state.pop("metrics").tolist()]
        moments = {}
        for name in [name for name in state if name.startswith("adam.")]:
            _, number, key = name.split(".")
            value = state.pop(name)
            moments.setdefault(int(number), {})[key] = value if value.ndim else value.item()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.model.load_state_dict({k.removeprefix("model."): v for k, v in state.items()})


def config_of(folder):
    """The contents of a run's config.json: settings and vocabularies."""
    path = Path(folder) / "config.json"
    if not path.exists():
        raise FileNotFoundError(
            f"{folder} holds no run (no config.json): train one first, "
            "with python -m models train MODEL"
        )
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        return config | {"settings": dict(config["settings"])}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a valid run config: {error}") from None


@contextlib.contextmanager
def asked_to_stop():
    """A list that is empty until Ctrl-C is pressed; a second Ctrl-C interrupts at once."""
    asked = []

    def ask(number, frame):
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    try:
        before = signal.signal(signal.SIGINT, ask)
    except ValueError:  # not in the main thread, where Ctrl-C does not arrive either
        yield asked
        return
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)

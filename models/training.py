"""Training: batch, loss, backward, clip, step. A run is a folder with all it needs to go on."""

import contextlib
import csv
import hashlib
import io
import json
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import minigrad
import minigrad.nn.functional as F
from minigrad import nn, optim
from minigrad.serialization import write_atomically

from . import attention, seq2seq
from .tasks import calendar
from .tasks.batches import batch_stream
from .tasks.pairs import read_pairs, split_pairs
from .tasks.vocabulary import Vocabulary

MODELS = {"seq2seq": seq2seq.Seq2Seq, "attention": attention.Attention}
METRICS = ("loss", "accuracy", "gradient_norm", "learning_rate")


@dataclass(frozen=True)
class Settings:
    """All that a run depends on. Two runs with the same settings give the same numbers."""

    model: str = "attention"
    pairs: str | None = None  # a file of sentence pairs; without one, the calendar
    pairs_digest: str | None = None  # what the file's SHA-256 is
    source: str = "second"  # which column of the file is translated from
    min_count: int = 1  # a word that comes less often in training is an unknown one
    embedding: int = 64
    hidden: int = 192
    dropout: float = 0.4  # at the first step, from where it falls to final_dropout at the last
    final_dropout: float = 0.1
    steps: int = 3000
    batch_size: int = 64
    learning_rate: float = 4e-3  # at the first step, from where it falls to 0 in a straight line
    weight_decay: float = 0.5  # of AdamW
    clip: float = 1.0
    seed: int = 0

    def __post_init__(self):
        """Refuse what could not be trained with."""
        for name in ("dropout", "final_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} lies from 0 to below 1; {getattr(self, name)} does not")
        for name in ("learning_rate", "weight_decay", "clip", "seed"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, and is {getattr(self, name)}")


def load_task(settings):
    """The sentence pairs of a run: train, validation and test."""
    if settings.pairs is None:
        return calendar.corpus(seed=settings.seed)
    if settings.pairs_digest not in (None, digest(settings.pairs)):
        raise ValueError(f"{settings.pairs} has changed since this run began with it")
    splits = split_pairs(read_pairs(settings.pairs, settings.source), settings.seed)
    if not splits.train or not splits.test:
        raise ValueError(
            f"{settings.pairs}: a twentieth of its sentences are to be tested on, and it has only "
            f"{len({p.source for split in splits for p in split})} different ones: give 20 or more"
        )
    return splits


def digest(path):
    """The SHA-256 of a file's content."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def build(settings, source_vocabulary, target_vocabulary):
    """The model of a run, as it is before training."""
    minigrad.manual_seed(settings.seed)
    config = seq2seq.Config(
        len(source_vocabulary), len(target_vocabulary),
        settings.embedding, settings.hidden, settings.dropout, Vocabulary.PAD,
    )  # fmt: skip
    return MODELS[settings.model](config)


def logits_of(model, source, target):
    """What the model gives, without the weights that some give beside the logits."""
    given = model(source, target)
    return given[0] if isinstance(given, tuple) else given


def loss_of(model, batch):
    """The cost of the target words (padding costs nothing), and the share that is right."""
    logits = logits_of(model, minigrad.tensor(batch.source), minigrad.tensor(batch.target_in))
    target = minigrad.tensor(batch.target_out)  # (batch, target)
    loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=Vocabulary.PAD)
    words = batch.target_out != Vocabulary.PAD
    right = (logits.argmax(-1).numpy() == batch.target_out)[words].mean()
    return loss, right


class Run:
    """A model in training, and the folder it is kept in."""

    def __init__(self, folder, settings, source_vocabulary, target_vocabulary):
        self.folder, self.settings = Path(folder), settings
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary
        self.model = build(settings, source_vocabulary, target_vocabulary)
        self.parameters = list(self.model.parameters())
        self.optimizer = optim.AdamW(
            self.parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.metrics = []  # a row a step

    @classmethod
    def start(cls, folder, settings, train_pairs):
        """A new run, with vocabularies from the pairs it trains on."""
        source = Vocabulary.build((p.source for p in train_pairs), settings.min_count)
        target = Vocabulary.build((p.target for p in train_pairs), settings.min_count)
        signs = len(Vocabulary.build([]))
        if len(source) == signs or len(target) == signs:
            raise ValueError(f"no word comes {settings.min_count} times: choose a lower min_count")
        return cls(folder, settings, source, target)

    @classmethod
    def open(cls, folder):
        """A run as it was saved."""
        folder = Path(folder)
        if not (folder / "config.json").exists():
            raise FileNotFoundError(
                f"{folder} holds no run (no config.json): train one first, "
                "with python -m models train attention"
            )
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            sides = [Vocabulary(config[f"{side}_vocabulary"]) for side in ("source", "target")]
            run = cls(folder, Settings(**config["settings"]), *sides)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{folder / 'config.json'} is not that of a run: {error}") from None
        if (folder / "checkpoint.safetensors").exists():
            run._restore(minigrad.load(folder / "checkpoint.safetensors"))
        else:
            run.model.load_state_dict(minigrad.load(folder / "model.safetensors"))
        return run

    def step(self, batch):
        """One step of training."""
        settings, number = self.settings, len(self.metrics)
        minigrad.manual_seed(settings.seed + 1_000_003 * (number + 1))  # for dropout
        left = 1 - number / settings.steps
        rate = settings.learning_rate * left
        self.optimizer.param_groups[0]["lr"] = rate
        dropout = settings.final_dropout + left * (settings.dropout - settings.final_dropout)
        for module in self.model.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout

        loss, accuracy = loss_of(self.model, batch)
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, settings.clip)
        self.optimizer.step()
        self.metrics.append((loss.item(), float(accuracy), norm.item(), rate))

    def train(self, pairs, save_every=500):
        """Train to the end. Ctrl-C stops after the step under way; what was reached is saved.

        Returns whether the end was reached.
        """
        from tqdm import tqdm

        settings = self.settings
        self.save()
        vocabularies = self.source_vocabulary, self.target_vocabulary
        done = len(self.metrics)
        stream = batch_stream(pairs, *vocabularies, settings.batch_size, settings.seed, start=done)
        self.model.train()
        with asked_to_stop() as asked, tqdm(
            total=settings.steps, initial=done, desc=f"train {settings.model}", unit="step"
        ) as bar:
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
        """Write model, settings and metrics, and a checkpoint from which training can go on.

        Each file is replaced as a whole, so that a crash leaves the one before.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        config = {
            "settings": asdict(self.settings),
            "source_vocabulary": self.source_vocabulary.words,
            "target_vocabulary": self.target_vocabulary.words,
        }
        text = json.dumps(config, ensure_ascii=False, indent=1)
        write_atomically(self.folder / "config.json", text.encode())
        minigrad.save(self.model.state_dict(), self.folder / "model.safetensors")
        minigrad.save(self._state(), self.folder / "checkpoint.safetensors")

        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("step", *METRICS))
        rows.writerows((i, *row) for i, row in enumerate(self.metrics))
        write_atomically(self.folder / "metrics.csv", table.getvalue().encode())

    def _state(self):
        """All that changes in training, as arrays by name: one file, so that it fits together."""
        state = {f"model.{name}": value for name, value in self.model.state_dict().items()}
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

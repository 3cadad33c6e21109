"""Training: batch, loss, backward, clip, step. A run is a folder with all it needs to go on."""

import contextlib
import csv
import io
import json
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import minigrad
from minigrad import nn, optim
from minigrad.serialization import write_atomically

from .tasks.vocabulary import Vocabulary

METRICS = ("loss", "accuracy", "gradient_norm", "learning_rate")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a run depends on. Two runs with the same settings give the same numbers."""

    model: str
    steps: int
    batch_size: int = 64
    learning_rate: float  # at the first step, from where it falls to 0 in a straight line
    weight_decay: float = 0.0  # of AdamW
    clip: float = 1.0
    seed: int = 0

    def __post_init__(self):
        """Refuse what could not be trained with."""
        for name in ("learning_rate", "weight_decay", "clip", "seed"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, and is {getattr(self, name)}")


class Run:
    """A model in training, and the folder it is kept in.

    Each kind of run says what its settings are (`Settings`), what it learns from (`load`, and
    what that is called: `EXAMPLES`), what its vocabularies are called (`VOCABULARIES`) and how they
    come from the examples (`vocabularies_of`), what the model is (`build`), how examples become a
    batch (`batch`), in which batches it learns (`batches`), and at what cost (`loss`).
    """

    def __init__(self, folder, settings, vocabularies):
        self.folder, self.settings = Path(folder), settings
        self.vocabularies = dict(zip(self.VOCABULARIES, vocabularies, strict=True))
        minigrad.manual_seed(settings.seed)
        self.model = self.build()
        self.parameters = list(self.model.parameters())
        self.optimizer = optim.AdamW(
            self.parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.metrics = []  # a row a step

    @classmethod
    def start(cls, folder, settings, examples):
        """A new run, with vocabularies from the examples it trains on."""
        return cls(folder, settings, cls.vocabularies_of(settings, examples))

    @classmethod
    def open(cls, folder):
        """A run as it was saved."""
        folder, config = Path(folder), config_of(folder)
        try:
            words = [config[f"{name}_vocabulary"] for name in cls.VOCABULARIES]
            run = cls(folder, cls.Settings(**config["settings"]), map(Vocabulary, words))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{folder / 'config.json'} is not that of a run: {error}") from None
        if (folder / "checkpoint.safetensors").exists():
            run._restore(minigrad.load(folder / "checkpoint.safetensors"))
        else:
            run.model.load_state_dict(minigrad.load(folder / "model.safetensors"))
        return run

    @property
    def left(self):
        """The share of the steps that is still to come."""
        return 1 - len(self.metrics) / self.settings.steps

    def step(self, batch):
        """One step of training."""
        settings = self.settings
        minigrad.manual_seed(settings.seed + 1_000_003 * (len(self.metrics) + 1))  # for dropout
        rate = settings.learning_rate * self.left
        self.optimizer.param_groups[0]["lr"] = rate
        loss, accuracy = self.loss(batch)
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, settings.clip)
        self.optimizer.step()
        self.metrics.append((loss.item(), float(accuracy), norm.item(), rate))

    def train(self, examples, save_every=500):
        """Train to the end. Ctrl-C stops after the step under way; what was reached is saved.

        Returns whether the end was reached.
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
        """Write model, settings and metrics, and a checkpoint from which training can go on.

        Each file is replaced as a whole, so that a crash leaves the one before.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        words = {f"{name}_vocabulary": known.words for name, known in self.vocabularies.items()}
        config = {"settings": asdict(self.settings), **words}
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


def config_of(folder):
    """What the run in a folder says of itself: settings and vocabularies."""
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
        raise ValueError(f"{path} is not that of a run: {error}") from None


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

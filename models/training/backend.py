"""The framework that a model computes on: minigrad, or PyTorch with the same model files.

The model files use only names that PyTorch has, too. So PyTorch runs them as they are, with the
word minigrad replaced by torch.
"""

import contextlib
import importlib.abc
import importlib.util
import sys
from functools import cached_property
from pathlib import Path

import numpy as np

from minigrad.text import printable

from ..transformer import MultiHead
from .ranks import ALONE, Ranks, launched, local_rank, on_this_machine

FOREIGN = "device", "precision", "compile", "fused_attention"  # options that only PyTorch has
ON = "on_"  # on_torch.models.rnn is models.rnn with minigrad replaced by torch
FUSED = "_fused"  # on_torch_fused.models.transformer attends by PyTorch's own function
NAMES, PRECISIONS = ("minigrad", "torch"), ("float32", "bf16")


class Backend:
    """A framework, by its name: "minigrad" or "torch". PyTorch is imported only when it is used.

    The rest is PyTorch's:

    device      where its tensors are, such as "cuda"
    precision   "float32"; or "bf16": the forward pass computes in bfloat16 where autocast says that
                it may, while weights, gradients and the optimizer stay float32
    compiled    True if models are compiled by torch.compile
    fused       True if they attend by scaled_dot_product_attention, which keeps no weights
    ranks       the processes that train together (see ranks.py)
    """

    def __init__(
        self, name, device="cpu", precision=PRECISIONS[0], compiled=False, fused=False, ranks=ALONE
    ):
        if name not in NAMES:
            raise ValueError(f'a backend is "minigrad" or "torch", not {name!r}')
        self.name, self.device, self.precision = name, device, precision
        self.compiled, self.fused, self.ranks = compiled, fused, ranks

    def __str__(self):
        version = self.framework.__version__ if self.name == "torch" else ""
        processes = f", {self.ranks.world} processes" * (self.ranks.world > 1)
        ways = ", compiled" * self.compiled + ", fused attention" * self.fused
        return f"{self.name} {version} ({self.device}, {self.precision}{ways}{processes})"

    @cached_property
    def framework(self):
        """The module that the model files call minigrad."""
        return importlib.import_module(self.name)

    def version_of(self, thing):
        """A class or function of a model file, as it is on this framework."""
        if self.name == "minigrad":
            return thing
        if not any(isinstance(finder, Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, Finder())
        files = f"{ON}{self.name}{FUSED * self.fused}"
        if self.fused:
            importlib.import_module(f"{files}.{MultiHead.__module__}").attention = fused_attention
        return getattr(importlib.import_module(f"{files}.{thing.__module__}"), thing.__name__)

    def check(self, model):
        """Raise ValueError if the file of this model cannot run as it is set here."""
        parts = vars(sys.modules[model.__module__]).values()
        rooms = {getattr(part, "__module__", None) for part in parts}
        if self.fused and MultiHead.__module__ not in rooms:
            raise ValueError(
                f"--fused-attention is for models made of transformer.py, not for {model.__name__}"
            )

    def built(self, build, model):
        """build(model) on this framework, with the weights that minigrad draws for it.

        So a run starts from the same weights on both.
        """
        drawn = build(model)
        if self.name == "minigrad":
            return drawn
        with self.framework.device(self.device):  # tensors are made there, in the model files too
            built = build(self.version_of(model))
        built.load_state_dict(self.tensors({k: v.numpy() for k, v in drawn.state_dict().items()}))
        if self.compiled:
            built.compile()
        return built

    def tensors(self, arrays):
        """Arrays by name as tensors of this framework."""
        return {name: self.framework.tensor(array) for name, array in arrays.items()}

    @contextlib.contextmanager
    def computing(self):
        """A context in which a forward pass makes its tensors and computes as it is set here."""
        if self.name == "minigrad":
            yield
            return
        torch = self.framework
        with contextlib.ExitStack() as contexts:
            device = contexts.enter_context(torch.device(self.device))
            if self.precision == "bf16":
                contexts.enter_context(torch.autocast(device.type, torch.bfloat16))
            yield

    def options(self):
        """The options of the command line that choose this backend."""
        device = self.device.partition(":")[0] if self.ranks.world > 1 else self.device
        given = {"--backend": self.name, "--device": device, "--precision": self.precision}
        usual = {"--backend": "minigrad", "--device": "cpu", "--precision": PRECISIONS[0]}
        chosen = [
            text for option in given.items() if option not in usual.items() for text in option
        ]
        return chosen + ["--compile"] * self.compiled + ["--fused-attention"] * self.fused


MINIGRAD = Backend("minigrad")


def add_options(command):
    """The options of `train` that choose a backend; no settings, because any may resume a run."""
    command.add_argument(
        "--backend",
        choices=NAMES,
        default="minigrad",
        help="the framework to train on; torchrun trains on PyTorch with many processes",
    )
    command.add_argument(
        "--device", metavar="NAME", help="PyTorch's device, such as cuda (default: cpu)"
    )
    command.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="bf16: PyTorch computes the forward pass in bfloat16 (default: float32)",
    )
    command.add_argument("--compile", action="store_true", help="compile the model (torch.compile)")
    command.add_argument(
        "--fused-attention",
        action="store_true",
        help="attend by scaled_dot_product_attention, in models made of transformer.py",
    )


def chosen(arguments):
    """The backend that the options choose; ValueError if it is not to be had here."""
    ways = {"compiled": arguments.compile, "fused": arguments.fused_attention}
    if arguments.backend == "minigrad":
        if launched():
            raise ValueError(
                "torchrun: only PyTorch trains with many processes: add --backend torch"
            )
        given = {name: getattr(arguments, name) for name in FOREIGN}
        foreign = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
        if foreign:
            raise ValueError(f"{' and '.join(foreign)}: only PyTorch has that: add --backend torch")
        return MINIGRAD
    try:
        import torch
    except ImportError as error:
        raise ValueError(
            f'--backend torch: PyTorch cannot be imported ({error}): pip install -e ".[torch]"'
        ) from None
    device = checked(torch, arguments.device or "cpu")
    ranks = Ranks(torch, device) if launched() else ALONE
    return Backend("torch", device, arguments.precision or PRECISIONS[0], ranks=ranks, **ways)


def checked(torch, name):
    """The name of a device that this machine has, one for each process; ValueError if not."""
    try:
        device = torch.device(name)
        if launched() and device.type != "cpu":  # each process has the GPU of its own number
            gpus = torch.cuda.device_count() if device.type == "cuda" else 0
            if on_this_machine() > gpus:
                raise RuntimeError(f"{on_this_machine()} processes for {gpus} GPUs of CUDA")
            device = torch.device("cuda", local_rank())
            torch.cuda.set_device(device)
        torch.ones(1, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        about = printable(str(error).partition("\n")[0], most=200)
        raise ValueError(f"--device {name}: PyTorch finds no such device here ({about})") from None
    return str(device)


def fused_attention(query, key, value, mask, scale=1.0):
    """`attention` by PyTorch's kernel, which never has all weights at once: it returns none."""
    from torch.nn.functional import scaled_dot_product_attention

    context = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale)
    return context, context.new_empty(0)


def array(value):
    """A value of a state_dict, of either framework, as an array."""
    return value.cpu().numpy() if hasattr(value, "cpu") else np.asarray(value)


class Finder(importlib.abc.MetaPathFinder):
    """Finds on_torch.NAME where NAME is, and what it imports relatively along with it."""

    def find_spec(self, name, path=None, target=None):
        """The module's spec; packages are empty, because only model files are replaced."""
        package, _, original = name.partition(".")
        if not package.startswith(ON):
            return None
        found = importlib.util.find_spec(original) if original else None
        if found is None or found.submodule_search_locations is not None:
            return importlib.util.spec_from_loader(name, loader=None, is_package=True)
        word = package.removeprefix(ON).removesuffix(FUSED)
        return importlib.util.spec_from_loader(name, Replaced(found.origin, word))


class Replaced(importlib.abc.SourceLoader):
    """Loads a file with the word replaced, under its own path: tracebacks show its lines."""

    def __init__(self, path, word):
        self.path, self.word = path, word.encode()

    def get_filename(self, fullname):
        """The path of the file."""
        return self.path

    def get_data(self, path):
        """The source that is compiled."""
        return Path(path).read_bytes().replace(b"minigrad", self.word)

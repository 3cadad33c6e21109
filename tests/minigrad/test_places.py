"""Modules of PyTorch that programs import names from, beside those that have tests of their own."""

import importlib

import numpy as np
import pytest
from programs import agree

import minigrad
from minigrad import nn

X = minigrad.tensor([[1.0, 2.0], [3.0, 5.0]])


@pytest.mark.parametrize(
    "line",
    [
        "import torch.backends.cudnn as cudnn",
        "from torch.backends import cudnn, mps",
        "import torch.distributed as dist",
        "from torch.distributed import init_process_group, destroy_process_group",
        "from torch.nn.parallel import DistributedDataParallel as DDP",
        "from torch.nn.modules.module import Module",
        "from torch.nn.modules import Linear, TransformerEncoder",
        "from torch.nn.modules.loss import _Loss, _WeightedLoss, CrossEntropyLoss",
        "from torch.nn.modules.container import ModuleList",
        "from torch.nn.modules.utils import _pair",
        "from torch.nn.modules.rnn import LSTM",
        "import torch.nn.modules.linear",
        "from torch.autograd.variable import Variable",
        "from torch.distributions.multinomial import Multinomial",
        "from torch.linalg import norm",
        "from torch.testing import assert_close",
    ],
)
def test_an_import_runs_as_it_is_written(torch, line):
    exec(line.replace("torch", "minigrad"), {})
    exec(line, {})


def test_modules_are_those_of_nn():
    linear = importlib.import_module("minigrad.nn.modules.linear")
    assert linear.Linear is nn.modules.Linear is nn.Linear
    assert nn.modules.utils._pair(3) == (3, 3)
    assert nn.modules.utils._pair([1, 2]) == (1, 2)
    with pytest.raises(AttributeError, match=r"nearest is minigrad\.nn\.Linear"):
        _ = linear.Linea


def test_a_loss_of_a_program():
    class Smooth(nn.modules.loss._WeightedLoss):
        def forward(self, x, y):
            return nn.functional.cross_entropy(x, y, self.weight, reduction=self.reduction)

    loss = Smooth(weight=minigrad.tensor([1.0, 2.0]), reduction="sum")
    expected = nn.CrossEntropyLoss(minigrad.tensor([1.0, 2.0]), reduction="sum")
    y = minigrad.tensor([0, 1])
    assert loss(X, y).item() == expected(X, y).item()
    assert [name for name, _ in loss.named_buffers()] == ["weight"]
    with pytest.warns(UserWarning, match="sum"):
        assert nn.modules.loss._Loss(size_average=False).reduction == "sum"


def test_one_process():
    dist = minigrad.distributed
    assert (dist.is_available(), dist.is_initialized()) == (False, False)
    assert (dist.get_rank(), dist.get_world_size()) == (0, 1)
    dist.barrier()
    dist.destroy_process_group()
    with pytest.raises(RuntimeError, match="one process"):
        dist.init_process_group(backend="gloo")


def test_the_switches_of_cudnn():
    cudnn = minigrad.backends.cudnn
    cudnn.benchmark, cudnn.deterministic = True, True
    assert cudnn.benchmark
    assert not cudnn.is_available()
    assert cudnn.version() is None
    cudnn.benchmark = cudnn.deterministic = False


LINALG = [
    "log += [torch.linalg.norm(d), torch.linalg.norm(d[0], 1), torch.linalg.norm(d, dim=1)]",
    "log += [torch.linalg.norm(d, 'fro'), torch.linalg.norm(d, dim=(0, 1), keepdim=True)]",
    "log += [torch.linalg.vector_norm(d, float('inf')), torch.linalg.vector_norm(d, 3, dim=0)]",
    "a = torch.linalg.inv(d @ d.T); b = torch.linalg.multi_dot([d, d.T, d])",
    "torch.linalg.norm(x, dim=-1).sum().backward()",
    "torch.linalg.inv(x @ x.T).sum().backward()",
    "log += [torch.linalg.matrix_power(d @ d.T, 2), torch.linalg.cross(d, d + w.detach())]",
]


@pytest.mark.parametrize("program", LINALG)
def test_linalg_as_torch(torch, program):
    agree(torch, program)


def test_norms_without_torch():
    assert minigrad.linalg.norm(minigrad.tensor([3.0, 4.0])).item() == 5
    with pytest.raises(ValueError, match='of matrices, ord is None or "fro", not'):
        minigrad.linalg.norm(X, 2)


FAR = {
    "a number": (X, X + 1e-3),
    "a shape": (X, X[:1]),
    "a dtype": (X, X.double()),
    "an int": (minigrad.tensor([1]), minigrad.tensor([2])),
    "nan": (X / 0 * 0, X / 0 * 0),
    "lengths": ([X], [X, X]),
    "a part": ({"a": X}, {"a": X + 1}),
}


@pytest.mark.parametrize("name", FAR)
def test_what_is_not_close(torch, name):
    with pytest.raises(AssertionError, match="assert_close"):
        minigrad.testing.assert_close(*FAR[name])

    def theirs(x):
        if isinstance(x, minigrad.Tensor):
            return torch.tensor(x.numpy())
        parts = {k: theirs(v) for k, v in x.items()} if isinstance(x, dict) else map(theirs, x)
        return parts if isinstance(x, dict) else type(x)(parts)

    with pytest.raises((AssertionError, TypeError)):
        torch.testing.assert_close(*map(theirs, FAR[name]))


def test_what_is_close():
    close = minigrad.testing.assert_close
    close(X, X + 1e-6)
    close(X, X.double(), check_dtype=False)
    close({"a": [X, 1.0]}, {"a": [X.clone(), 1.0]})
    close(minigrad.tensor(np.nan), minigrad.tensor(np.nan), equal_nan=True)
    close(X, X + 0.1, rtol=0, atol=0.2)


def test_types_print_where_pytorch_has_them():
    assert repr(minigrad.Tensor) == "<class 'minigrad.Tensor'>"
    assert repr(nn.Parameter) == "<class 'minigrad.nn.parameter.Parameter'>"


def test_recurrent_weights_by_name():
    gru = nn.GRU(2, 3, 2, bidirectional=True)
    assert gru._flat_weights_names == [name for name, _ in gru.named_parameters()]

"""The state of a module: state_dict, load_state_dict, copies and pickles."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from nets import IDS, names, nets

import minigrad
from minigrad import nn


def arrays(state_dict):
    return {name: value.numpy() for name, value in state_dict.items()}


def test_torchs_arrays_give_torchs_outputs(torch, net, theirs):
    net.double().eval()
    theirs.double().eval()
    net.load_state_dict(arrays(theirs.state_dict()))
    expected = theirs(torch.tensor(IDS))
    np.testing.assert_allclose(
        net(minigrad.tensor(IDS)).detach().numpy(), expected.detach().numpy(), atol=1e-12
    )
    assert {name: value.dtype.name for name, value in net.state_dict().items()} == {
        name: str(value.dtype).removeprefix("torch.") for name, value in theirs.state_dict().items()
    }


def test_gradients_of_the_whole_net_as_torch(torch, net, theirs):
    net.double().eval()
    theirs.double().eval()
    net.load_state_dict(arrays(theirs.state_dict()))
    (net(minigrad.tensor(IDS)) ** 2).sum().backward()
    (theirs(torch.tensor(IDS)) ** 2).sum().backward()
    expected = dict(theirs.named_parameters())
    for name, parameter in net.named_parameters():
        np.testing.assert_allclose(
            parameter.grad.value, expected[name].grad.numpy(), atol=1e-12, err_msg=name
        )


def test_a_state_dict_shares_its_memory(torch):
    for framework in (torch, minigrad):
        layer = framework.nn.Linear(2, 2)
        state = layer.state_dict()
        assert not any(value.requires_grad for value in state.values())
        state["weight"].fill_(7.0)
        assert layer.weight.tolist() == [[7, 7], [7, 7]]


def test_loaded_values_are_a_copy():
    given = {"weight": np.ones((2, 2), np.float32), "bias": np.ones(2, np.float32)}
    layer = nn.Linear(2, 2)
    weight = layer.weight
    layer.load_state_dict(given)
    assert layer.weight is weight
    assert weight.requires_grad
    given["weight"][...] = 5
    assert weight.tolist() == [[1, 1], [1, 1]]
    layer.bias.detach().fill_(3)
    assert given["bias"].tolist() == [1, 1]


def test_loading_keeps_the_dtype_of_the_module():
    layer = nn.Linear(2, 2)
    layer.load_state_dict({"weight": np.ones((2, 2)), "bias": np.ones(2)})
    assert {p.dtype for p in layer.parameters()} == {minigrad.float32}


def test_parameters_themselves_can_be_loaded(torch):
    for framework in (torch, minigrad):
        layer, other = (framework.nn.Linear(2, 2) for _ in range(2))
        keys = layer.load_state_dict(dict(other.named_parameters()))
        assert keys.missing_keys == keys.unexpected_keys == []
        assert layer.weight.tolist() == other.weight.tolist()
        assert layer.weight is not other.weight


WRONG_STATES = {
    "missing": (lambda s: s.pop("0.bias"), ["missing", "0.bias"]),
    "unknown": (lambda s: s.update(extra=np.ones(1)), ["not known", "extra"]),
    "shape": (lambda s: s.update({"2.weight": np.ones((2, 9))}), ["2.weight", "(2, 9)", "(2, 3)"]),
    "all": (
        lambda s: s.update({"2.weight": np.ones(1), "x": 1, "y": s.pop("0.weight")}),
        ["2.weight", "x", "y", "0.weight"],
    ),
}


@pytest.mark.parametrize("name", WRONG_STATES)
def test_a_wrong_state_is_refused_and_changes_nothing(name):
    change, parts = WRONG_STATES[name]
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    before = {key: value.tolist() for key, value in net.state_dict().items()}
    given = {key: np.zeros(value.shape) for key, value in net.state_dict().items()}
    change(given)
    with pytest.raises(RuntimeError, match="load_state_dict of Sequential") as error:
        net.load_state_dict(given)
    for part in parts:
        assert part in str(error.value)
    assert {key: value.tolist() for key, value in net.state_dict().items()} == before


def test_values_that_are_not_numbers_change_nothing():
    layer = nn.Linear(2, 2)
    before = layer.weight.tolist()
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        layer.load_state_dict({"weight": np.zeros((2, 2)), "bias": np.array(["a", "b"])})
    assert layer.weight.tolist() == before


def test_not_strict_loads_what_fits(torch):
    for framework in (torch, minigrad):
        layer = framework.nn.Linear(2, 2)
        bias = layer.bias.tolist()
        missing, unexpected = layer.load_state_dict(
            {"weight": framework.zeros(2, 2), "x": framework.zeros(1)}, strict=False
        )
        assert (missing, unexpected) == (["bias"], ["x"])
        assert layer.weight.tolist() == [[0, 0], [0, 0]]
        assert layer.bias.tolist() == bias
        with pytest.raises(RuntimeError, match="weight"):
            layer.load_state_dict({"weight": framework.zeros(3, 3)}, strict=False)


def test_a_buffer_that_is_not_persistent_is_not_saved(net):
    assert "blocks.first.cache" not in net.state_dict()
    assert "blocks.first.cache" in names(net.named_buffers())
    net.load_state_dict(nets(minigrad).state_dict())


# --- copies


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["deep", "pickle"]
)
def test_a_copy_is_the_same_and_its_own(copied):
    net = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.LayerNorm(3)).eval()
    net.tied = net[0].weight
    x = minigrad.randn(4, 2)
    net(x).sum().backward()
    twin = copied(net)
    assert repr(twin) == repr(net)
    assert not twin.training
    assert twin.tied is twin[0].weight
    assert type(twin.tied) is nn.Parameter
    np.testing.assert_array_equal(twin(x).value, net(x).value)
    np.testing.assert_array_equal(twin.tied.grad.value, net.tied.grad.value)
    nn.init.zeros_(twin[0].weight)
    assert net[0].weight.value.any()
    twin.zero_grad()
    twin(x).sum().backward()
    assert twin.tied.grad is not net.tied.grad


def test_a_pickle_is_trained_in_another_process(tmp_path):
    """In another process births are counted from the start."""
    for _ in range(1000):
        minigrad.zeros(1)
    (tmp_path / "net.pickle").write_bytes(pickle.dumps(nn.Linear(2, 2)))
    code = (
        "import pickle, sys, minigrad\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    layer = pickle.load(file)\n"
        "layer(minigrad.ones(2)).sum().backward()\n"
        "print(layer.bias.grad.tolist())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "net.pickle"],
        cwd=Path(minigrad.__file__).parents[1],
        capture_output=True,
        text=True,
    )
    assert run.stdout == "[1.0, 1.0]\n", run.stderr


def test_foreign_names_are_escaped_and_cut():
    odd = {"\x1b[2J\n\u202e": np.ones(1), "x" * 200_000: np.ones(1), 7: np.ones(1)}
    many = {f"layer {i}": np.ones(1) for i in range(200_000)}
    with pytest.raises(RuntimeError) as error:
        nn.Linear(1, 1).load_state_dict(odd | many)
    assert r"not known here: \x1b[2J\n\u202e, xxx" in str(error.value)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 2000


@pytest.mark.parametrize("given", [3, None, [1], "weights.safetensors"])
def test_a_state_is_a_dict(given):
    with pytest.raises(TypeError, match="load_state_dict takes a dict of tensors, not"):
        nn.Linear(1, 1).load_state_dict(given)

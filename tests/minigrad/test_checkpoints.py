"""save and load of checkpoints: what programs nest state_dicts in."""

import copy
import io
import json
from collections import OrderedDict

import numpy as np
import pytest

import minigrad
from minigrad import load, nn, optim, save

X = minigrad.tensor([[1.0, 2.0]])


def trained(steps, net=None, optimizer=None):
    """A small net and its optimizer after some steps."""
    net = net or nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)).eval()
    optimizer = optimizer or optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        net(X).sum().backward()
        optimizer.step()
    return net, optimizer


def test_a_run_goes_on_where_its_checkpoint_was_saved(tmp_path):
    net, optimizer = trained(3)
    kept = {
        "epoch": 3,
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "config": {"lr": 0.01, "layers": [1, 2], "name": "a", "best": None, "betas": (0.9, 0.95)},
        "best_loss": np.float32(0.5),
        "loss": minigrad.tensor(2.5),
    }
    save(kept, tmp_path / "ckpt.pt")
    found = load(tmp_path / "ckpt.pt", map_location="cpu")
    assert list(found) == list(kept)
    assert (found["epoch"], found["best_loss"]) == (3, 0.5)
    assert found["config"] == kept["config"]
    assert found["loss"].item() == 2.5
    other, its = trained(0)
    other.load_state_dict(found["model"])
    its.load_state_dict(found["optimizer"])
    trained(2, other, its)
    trained(2, net, optimizer)
    np.testing.assert_array_equal(other(X).value, net(X).value)


NESTED = {
    "a tensor": X,
    "a list": [X, X * 2, [minigrad.tensor(True)]],
    "a tuple": (1, (X, {"a": minigrad.arange(3)})),
    "keys of all kinds": {"x": {0: 1, None: 2, 1.5: [3], True: X, (1, "a"): "b"}},
    "empty parts": {"x": {"y": {}, "z": [], "w": ()}},
    "the same name twice": {"a.b": {"c": X}, "a": {"b.c": X * 2}},
    "odd numbers": {"x": {"big": 10**30, "inf": float("inf"), "text": "\ud83d\u4e2d"}},
    "in order": {"x": OrderedDict(b=1, a=2)},
}


def assert_same(one, two):
    assert type(one) is type(two)
    if isinstance(two, dict):
        assert list(one) == list(two)
        two = list(two.values())
        one = list(one.values())
    if isinstance(two, list | tuple):
        assert len(one) == len(two)
        for a, b in zip(one, two, strict=True):
            assert_same(a, b)
    elif isinstance(two, minigrad.Tensor | np.ndarray):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))
    else:
        assert one == two


@pytest.mark.parametrize("name", NESTED)
def test_what_is_saved_is_loaded(name):
    file = io.BytesIO()
    save(copy.deepcopy(NESTED[name]), file)
    file.seek(0)
    assert_same(load(file), NESTED[name])


def test_an_array_stays_an_array(tmp_path):
    save(np.arange(3.0), tmp_path / "x")
    found = load(tmp_path / "x", weights_only=False)
    assert type(found) is np.ndarray
    assert found.tolist() == [0, 1, 2]


def test_a_state_dict_keeps_its_order_and_kind(tmp_path):
    state = trained(0)[0].state_dict()
    with open(tmp_path / "x", "wb") as file:
        save(obj=state, f=file)
    with open(tmp_path / "x", "rb") as file:
        found = load(f=file)
    assert list(found) == list(state)
    assert type(found) is OrderedDict
    assert str(found).startswith("OrderedDict([('0.weight', tensor(")


@pytest.mark.parametrize("wrong", [object(), nn.Linear(1, 1), {1, 2}, lambda: 1, b"x"])
def test_what_holds_code_is_refused_in_one_line(tmp_path, wrong):
    message = "save takes dicts, lists.* at 'model.0': give a module's state_dict"
    with pytest.raises(TypeError, match=message) as raised:
        save({"model": [wrong], "state": {"x": X}}, tmp_path / "x")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "text",
    ["", "[", "3", '["tensor", "y"]', '["set", []]', '["dict", [1]]', "[" * 100_000, "[1, 2, 3]"],
)
def test_a_damaged_structure_is_refused(tmp_path, text):
    from safetensors.numpy import save as to_bytes

    path = tmp_path / "model"
    path.write_bytes(to_bytes({"x": np.ones(2)}, {"minigrad": text}))
    if text == "3":
        assert load(path) == 3
        return
    with pytest.raises(ValueError, match=r"load: .*model"):
        load(path)


def test_another_device_is_refused(tmp_path):
    save({"x": X}, tmp_path / "x")
    with pytest.raises(ValueError, match="cuda"):
        load(tmp_path / "x", map_location="cuda")
    assert list(load(tmp_path / "x", map_location=lambda storage, place: storage)) == ["x"]


def test_a_program_without_checkpoints_is_readable_by_others(tmp_path):
    from safetensors.numpy import load_file

    save({"model": {"0.weight": X}, "epoch": 1}, tmp_path / "x")
    assert list(load_file(tmp_path / "x")) == ["model.0.weight"]
    header = (tmp_path / "x").read_bytes()
    notes = json.loads(header[8 : 8 + int.from_bytes(header[:8], "little")])["__metadata__"]
    assert "epoch" in notes["minigrad"]

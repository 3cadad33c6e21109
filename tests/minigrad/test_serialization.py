import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad
from minigrad import load, nn, save


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


TENSORS = {
    "float32": minigrad.tensor([[1.5, -2.0], [0.0, 3e38]]),
    "float64": minigrad.tensor([np.pi, -np.inf, 5e-324], dtype=minigrad.float64),
    "int64": minigrad.tensor([-(2**63), 0, 2**63 - 1]),
    "bool": minigrad.tensor([[True], [False]]),
    "0-d": minigrad.tensor(3.5),
    "0-d int64": minigrad.tensor(7),
    "0-d bool": minigrad.tensor(True),
    "empty": minigrad.zeros(0, 3),
    "a view": minigrad.arange(12).reshape(3, 4)[:, 1:3],
    "transposed": minigrad.arange(6.0).reshape(2, 3).T,
    "reversed": minigrad.from_numpy(np.arange(4)[::-1]),
    "expanded": minigrad.ones(3, 1).expand(3, 4),
    "a parameter": nn.Parameter(minigrad.ones(2)),
    "with history": nn.Parameter(minigrad.ones(2)) * 2,
    "an array": np.eye(2),
}


def model(framework):
    nn = framework.nn
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 2)).double()


def assert_same(loaded, expected):
    assert loaded.keys() == expected.keys()
    for name, value in expected.items():
        value = getattr(value, "value", value)
        assert loaded[name].dtype == value.dtype
        assert loaded[name].shape == value.shape
        np.testing.assert_array_equal(np.asarray(loaded[name]), value)


# --- round trips


@pytest.mark.parametrize("name", TENSORS)
def test_round_trip(path, name):
    save({name: TENSORS[name]}, path)
    loaded = load(path)
    assert type(loaded[name]) is minigrad.Tensor
    assert not loaded[name].requires_grad
    assert_same(loaded, {name: TENSORS[name]})


@pytest.mark.parametrize(
    "state", [{}, TENSORS, {"": minigrad.ones(1), "ключ.한국어.🙂": minigrad.zeros(2)}]
)
@pytest.mark.parametrize("kind", [str, Path])
def test_round_trip_of_many(path, state, kind):
    assert save(state, kind(path)) is None
    assert_same(load(kind(path)), state)


def test_loaded_tensors_can_be_written_to(path):
    save({"x": minigrad.ones(2)}, path)
    x = load(path)["x"]
    x[0] = 5
    x.requires_grad_()
    assert x.tolist() == [5, 1]
    assert load(path)["x"].tolist() == [1, 1]


def test_saving_changes_nothing(path):
    x = minigrad.arange(6.0).reshape(2, 3).T
    save({"x": x}, path)
    assert x.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert x.numpy().flags.writeable


def test_a_module_is_restored(path):
    net, other = model(minigrad), model(minigrad)
    save(net.state_dict(), path)
    other.load_state_dict(load(path))
    x = minigrad.randn(5, 3, dtype=minigrad.float64)
    np.testing.assert_array_equal(other(x).value, net(x).value)


def test_the_same_tensors_give_the_same_bytes(path, tmp_path):
    save(TENSORS, path)
    save(TENSORS, tmp_path / "again")
    assert path.read_bytes() == (tmp_path / "again").read_bytes()


# --- the format


def test_safetensors_reads_it(path):
    numpy = pytest.importorskip("safetensors.numpy")
    save(TENSORS, path)
    assert_same(numpy.load_file(path), TENSORS)


def test_it_reads_what_safetensors_wrote(path):
    numpy = pytest.importorskip("safetensors.numpy")
    state = {k: np.array(getattr(v, "value", v), order="C") for k, v in TENSORS.items()}
    numpy.save_file(state, path, metadata={"format": "pt"})
    assert_same(load(path), state)


def test_torch_reads_and_writes_the_same_files(torch, path):
    from safetensors.torch import load_file, save_file

    ours, theirs = model(minigrad), model(torch)
    x = np.random.default_rng(0).standard_normal((5, 3))
    save(ours.state_dict(), path)
    theirs.load_state_dict(load_file(path))
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(minigrad.tensor(x)).detach().numpy(), expected, atol=1e-12)

    torch.nn.init.normal_(theirs[0].weight)
    save_file(theirs.state_dict(), path)
    ours.load_state_dict(load(path))
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(minigrad.tensor(x)).detach().numpy(), expected, atol=1e-12)


# --- mistakes


@pytest.mark.parametrize(
    "value",
    [3.0, [1.0, 2.0], "text", None, {}, np.array(["a"]), np.array([None]), np.ones(1, np.float16)],
    ids=["number", "list", "text", "None", "dict", "array of text", "array of objects", "float16"],
)
def test_a_value_that_is_not_a_tensor_is_refused(path, value):
    save({"x": minigrad.ones(1)}, path)
    with pytest.raises(TypeError, match="'wrong'"):
        save({"x": minigrad.zeros(1), "wrong": value}, path)
    assert load(path)["x"].tolist() == [1]
    assert os.listdir(path.parent) == [path.name]


def test_a_module_itself_is_refused(path):
    with pytest.raises(TypeError, match=r"state_dict|by name"):
        save(nn.Linear(1, 1), path)
    assert not path.exists()


def whole_file(tmp_path):
    save({"x": minigrad.randn(100), "y": minigrad.ones(3)}, tmp_path / "whole")
    return (tmp_path / "whole").read_bytes()


BROKEN = {
    "empty": lambda whole: b"",
    "a few bytes": lambda whole: whole[:5],
    "half a header": lambda whole: whole[:30],
    "half": lambda whole: whole[: len(whole) // 2],
    "all but one byte": lambda whole: whole[:-1],
    "one byte more": lambda whole: whole + b"\0",
    "text": lambda whole: b"this is not a model, just a text of some length",
    "a pickle": lambda whole: pickle.dumps({"x": list(range(100))}),
    "a zip": lambda whole: b"PK\x03\x04" + bytes(200),
    "an endless header": lambda whole: b"\xff" * 8 + whole[8:],
    "a broken header": lambda whole: whole[:9] + b"\xff\xfe" + whole[11:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(tmp_path, path, name):
    path.write_bytes(BROKEN[name](whole_file(tmp_path)))
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        load(path)


def test_a_file_of_other_dtypes_is_named(torch, path):
    from safetensors.torch import save_file

    for dtype in (torch.float16, torch.bfloat16, torch.int32):
        save_file({"x": torch.ones(2, dtype=dtype)}, path)
        with pytest.raises((TypeError, ValueError), match=r"model\.safetensors"):
            load(path)


def test_a_file_that_does_not_exist(path):
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors"):
        load(path)
    with pytest.raises(FileNotFoundError):
        save({}, path.parent / "nowhere" / "model")


# --- the write is atomic


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_exception_leaves_the_old_file(path, monkeypatch, at, error):
    def fail(*_):
        raise error

    save({"x": minigrad.ones(3)}, path)
    before = path.read_bytes()
    monkeypatch.setattr(os, at, fail)
    with pytest.raises(type(error)):
        save({"x": minigrad.zeros(1000)}, path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_killed_process_leaves_the_old_file(path, at):
    save({"x": minigrad.ones(3)}, path)
    before = path.read_bytes()
    code = (
        "import os, signal, sys, minigrad\n"
        f"os.{at} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "minigrad.save({'x': minigrad.zeros(100_000)}, sys.argv[1])\n"
    )
    root = Path(minigrad.__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code, path], cwd=root, check=False)
    assert run.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    save({"x": minigrad.zeros(1)}, path)
    assert load(path)["x"].tolist() == [0]


def test_the_new_file_is_complete_before_it_is_renamed(path, monkeypatch):
    seen = []
    replace = os.replace

    def watched(source, target):
        seen.append((load(source)["x"].tolist(), Path(source).parent, Path(target)))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    save({"x": minigrad.ones(2)}, path)
    assert seen == [([1, 1], path.parent, path)]

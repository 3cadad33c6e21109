import json
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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


class Name(str):
    pass


@pytest.mark.parametrize(
    "name",
    ["", " ", "\0", "a\nb", "\x1b[2J", "\u202e", "\ufffe", "ключ", "x" * 100_000, Name("x"), "."],
)
def test_what_save_takes_load_reads(path, name):
    save({name: minigrad.ones(2)}, path)
    assert_same(load(path), {name: minigrad.ones(2)})


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("__metadata__", ValueError, "save: a tensor cannot be named '__metadata__': the format"),
        ("a\ud800", ValueError, r"save: the name 'a\\ud800' has a lone surrogate"),
        ("\udfff" * 9999, ValueError, r"save: the name '.{1,100} has a lone surrogate"),
        (1, TypeError, "save: a tensor's name is text, not the int 1"),
        (None, TypeError, "save: a tensor's name is text, not the NoneType None"),
        (b"x", TypeError, "save: a tensor's name is text, not the bytes b'x'"),
        (("x", 1), TypeError, r"save: a tensor's name is text, not the tuple \('x', 1\)"),
    ],
)
def test_a_name_that_cannot_be_read_again_is_refused(path, name, error, message):
    save({"x": minigrad.ones(1)}, path)
    with pytest.raises(error, match=message) as raised:
        save({"y": minigrad.ones(1), name: minigrad.ones(1)}, path)
    assert "\n" not in str(raised.value)
    assert load(path)["x"].tolist() == [1]


def test_names_longer_than_the_format_takes_are_refused(path):
    with pytest.raises(ValueError, match=r"save: these 1 tensors do not fit a file: .*too large"):
        save({"x" * 100_000_001: minigrad.ones(1)}, path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("array", "given"),
    [
        (np.arange(3, dtype=">f4"), "of >f4"),
        (np.arange(3, dtype=">i8"), "of >i8"),
        (np.ma.masked_array([1.0, 2.0], [0, 1]), "a masked array"),
        (np.ones(2, [("a", "f4")]), r"of \[\('a', '<f4'\)\]"),
    ],
)
def test_an_array_that_would_not_come_back_is_refused(path, array, given):
    with pytest.raises(TypeError, match=f"save: 'x' is {given}, not a tensor of float32"):
        save({"x": array}, path)
    assert not path.exists()


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


def safetensors(header, data=bytes(8)):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(header).to_bytes(8, "little") + header + data


def entry(dtype="F32", shape=(2,), end=8):
    return {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}


HOSTILE = {
    "a dtype of control characters": safetensors({"x": entry("\x1b[2J\n" * 9999)}),
    "a name of control characters": safetensors({"\x1b[2J\n" * 9999: entry("F16")}),
    "tensors on top of each other": safetensors({"\x1b\n" * 9999: entry(), "y": entry()}),
    "a deep header": safetensors(b'{"x":' + b"[" * 100_000),
    "a header of 2**63 bytes": (2**63).to_bytes(8, "little") + b"{}",
    "a list for a header": safetensors(b"[]", b""),
    "a half character": safetensors(
        b'{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    ),
    "a huge shape": safetensors({"x": entry(shape=(2**62, 4))}),
    "a huge shape of size 0": safetensors({"x": entry(shape=(0, 2**62), end=0)}, b""),
    "more dims than NumPy has": safetensors({"x": entry(shape=(1,) * 65, end=4)}, bytes(4)),
    "a negative size": safetensors({"x": entry(shape=(-2,))}),
    "float8": safetensors({"x": entry("F8_E4M3", (8,))}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(path, name):
    path.write_bytes(HOSTILE[name])
    with pytest.raises(ValueError, match=r"load: .*model\.safetensors") as raised:
        load(path)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 1000


def test_a_damaged_bool_is_a_bool(path):
    path.write_bytes(safetensors({"x": entry("BOOL", (8,))}, b"\0\1\2\xff\0\0\0\0"))
    x = load(path)["x"]
    assert x.tolist() == [False, True, True, True, False, False, False, False]
    assert x.value.view(np.uint8).max() == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_has_no_end_is_not_read(path):
    os.mkfifo(path)  # to which nobody writes
    for endless in (path, "/dev/zero"):
        with pytest.raises(
            ValueError, match=f"load: {endless} is not a file, but a pipe or device"
        ):
            load(endless)
    with pytest.raises(IsADirectoryError):
        load(path.parent)


def test_a_file_larger_than_the_memory(path, monkeypatch):
    def fail(*_):
        raise MemoryError

    path.write_bytes(bytes(1234))
    monkeypatch.setattr("builtins.open", fail)
    with pytest.raises(MemoryError, match=r"load: .*model\.safetensors has 1,234 bytes, too many"):
        load(path)


def test_a_file_of_other_dtypes_is_named(torch, path):
    from safetensors.torch import save_file

    for dtype in (torch.float16, torch.bfloat16, torch.uint16):
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


@pytest.mark.skipif(os.name != "posix", reason="needs links and permissions")
def test_a_link_stays_and_permissions_too(path, tmp_path):
    target = tmp_path / "target"
    save({"x": minigrad.zeros(1)}, target)
    target.chmod(0o600)
    path.symlink_to(target)
    save({"x": minigrad.ones(1)}, path)
    assert path.is_symlink()
    assert load(target)["x"].tolist() == [1]
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_name_of_252_bytes_and_two_threads(tmp_path):
    path = tmp_path / ("x" * 252)
    states = [{"x": minigrad.full((50_000,), float(i))} for i in range(4)]

    def write(state):
        for _ in range(10):
            save(state, path)

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, states))
    assert len(set(load(path)["x"].tolist())) == 1
    assert os.listdir(tmp_path) == [path.name]

"""One process trains in a folder at a time, and clears away what a killed one left."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from minigrad import files
from models import kinds
from models.__main__ import main
from models.tasks.calendar import corpus
from models.training import lock
from models.training.lock import claimed
from models.training.translating import Settings, Translating

CHECKOUT = Path(__file__).parents[3]
PAIRS = corpus(size=40, validation=2, test=2, max_clauses=1).train
SETTINGS = Settings(embedding=4, hidden=4, steps=3, batch_size=8)

HOLD = """
import sys
from models.training.lock import claimed
with claimed(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of tmp_path / "run" until it is killed or told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "run"],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def start(folder):
    return Translating.start(folder, SETTINGS, PAIRS)


def test_a_second_training_is_refused_in_one_line(holder, tmp_path):
    folder = tmp_path / "run"
    for do in (lambda: start(folder).train(PAIRS), lambda: start(folder).save()):
        with pytest.raises(BlockingIOError) as error:
            do()
        said = str(error.value)
        assert f"{folder} is in use: another training runs in it (process {holder.pid}, " in said
        assert socket.gethostname() in said
        assert said.isprintable()
    assert [path.name for path in folder.iterdir()] == [lock.NAME]
    holder.communicate()
    assert not folder.exists()  # it was empty
    assert start(folder).train(PAIRS)


def test_neither_resumed_nor_put_aside_while_it_is_trained(holder, tmp_path, capsys):
    folder = tmp_path / "run"
    for option in ((), ("--resume",)):
        assert main(["train", "attention", "--out", str(folder), *option]) == 2
        assert f"{folder} is in use" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_running_run_can_be_read(tmp_path):
    run = start(tmp_path)
    with claimed(tmp_path):
        run.save()
        assert kinds.open_run(tmp_path)[0].metrics == []


def test_the_lock_of_a_killed_process_does_not_block(holder, tmp_path):
    folder = tmp_path / "run"
    holder.kill()
    holder.wait()
    assert (folder / lock.NAME).exists()
    assert start(folder).train(PAIRS)
    assert not (folder / lock.NAME).exists()


def test_only_the_temporary_files_of_the_killed_process_are_removed(holder, tmp_path):
    folder = tmp_path / "run"
    prefix = json.loads((folder / lock.NAME).read_text())["temporary"]
    own, other = prefix + "0" * 16, ".minigrad-" + "1" * 16 + "-" + "0" * 16
    users = [f"{prefix}notes", f"{own}0", f"x{own}", ".minigrad-notes", other, files.TEMPORARY]
    for name in (own, *users):
        (folder / name).write_text("text")
    (folder / (prefix + "f" * 16)).symlink_to(folder / ".minigrad-notes")
    holder.kill()
    holder.wait()
    with claimed(folder):
        pass
    assert {path.name for path in folder.iterdir()} == set(users)


@pytest.mark.parametrize(
    "text",
    ["", "nothing", "[" * 9999, "[1]", '{"temporary": ""}', '{"temporary": ".*"}', "\xff\x00"],
)
def test_a_lock_file_with_other_text(tmp_path, text):
    (tmp_path / lock.NAME).write_bytes(text.encode("latin-1"))
    (tmp_path / ("0" * 16)).touch()
    with claimed(tmp_path):
        assert json.loads((tmp_path / lock.NAME).read_text())["process"] == os.getpid()
    assert [path.name for path in tmp_path.iterdir()] == ["0" * 16]


def test_text_of_others_is_printed_in_one_line():
    said = lock.in_use(Path("run"), {"process": "1\n\x1b[2J" * 1000, "host": ["\u202e"], "x": 1})
    assert said.isprintable()
    assert len(said) < 400


def test_a_planted_link_is_not_followed(tmp_path):
    target = tmp_path / "precious"
    target.write_text("text")
    (tmp_path / lock.NAME).symlink_to(target)
    with pytest.raises(OSError, match="symbolic link"), claimed(tmp_path):
        pass
    assert target.read_text() == "text"


def test_a_full_disk_is_not_held(tmp_path, monkeypatch):
    def full(file, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match=r"No space left on device: '.*training.lock'"):
            start(tmp_path / "run").save()
    assert not list(tmp_path.iterdir())
    start(tmp_path / "run").save()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
def test_a_planted_fifo_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / lock.NAME)
    with pytest.raises(OSError, match="Invalid argument"), claimed(tmp_path):
        pass


def test_a_process_with_the_same_id_elsewhere_does_not_matter(holder, tmp_path):
    path = tmp_path / "run" / lock.NAME
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"process": os.getpid()}))
    with pytest.raises(BlockingIOError), claimed(tmp_path / "run"):
        pass


def test_a_thread_holds_it_repeatedly_and_another_not_at_all(tmp_path):
    found = []

    def other():
        try:
            with claimed(tmp_path):
                found.append("held")
        except BlockingIOError:
            found.append("refused")

    with claimed(tmp_path), claimed(tmp_path):
        with claimed(tmp_path):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    other()
    assert found == ["refused", "held"]
    assert not list(tmp_path.iterdir())


def test_a_lock_that_its_holder_has_just_removed_is_not_held(tmp_path, monkeypatch):
    lock_file, path = lock.lock, tmp_path / lock.NAME

    def late(file):
        if not tried:
            path.unlink()  # its holder ends between our opening the file and our locking it
        tried.append(lock.identity(file))
        lock_file(file)

    tried = []
    monkeypatch.setattr(lock, "lock", late)
    with claimed(tmp_path):
        assert len(tried) == 2
        assert lock.identity(path) == tried[1]


def test_a_folder_that_is_removed_meanwhile_is_claimed_again(tmp_path):
    folder = tmp_path / "run"
    with claimed(folder):
        (folder / lock.NAME).unlink()
        folder.rmdir()
        start(folder).save()
        assert not (folder / lock.NAME).exists()
    assert kinds.open_run(folder)


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def none(file, how):
        raise OSError(95, "operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    with claimed(tmp_path):
        pass

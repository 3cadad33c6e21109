"""Files are written whole or not at all, wherever their path leads."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from minigrad import files
from minigrad.files import write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
OLD, NEW = b"old", b"new" * 100_000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", [str, Path, os.fsencode])
@pytest.mark.parametrize("content", [b"", b"x", bytearray(b"xy"), NEW])
def test_a_file_is_written(path, kind, content):
    for _ in range(2):
        assert write_atomically(kind(path), content) is None
        assert path.read_bytes() == content
    assert names(path.parent) == ["file"]


def test_a_path_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomically("file", OLD)
    assert (tmp_path / "file").read_bytes() == OLD


@posix
def test_the_longest_legal_name(tmp_path):
    longest = tmp_path / ("한" * 84 + "abc")  # 255 bytes
    for content in (OLD, NEW):
        write_atomically(longest, content)
        assert longest.read_bytes() == content


# --- links and permissions


@posix
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path, there):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    target, link, chain = tmp_path / "far/target", tmp_path / "near/link", tmp_path / "chain"
    link.symlink_to("../far/target")
    chain.symlink_to(link)
    if there:
        target.write_bytes(OLD)
        target.chmod(0o640)
    write_atomically(chain, NEW)
    assert chain.is_symlink()
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert not there or mode(target) == 0o640
    assert names(target.parent) == ["target"]
    assert names(link.parent) == ["link"]


@posix
def test_links_in_a_circle_are_an_error(path):
    other = path.with_name("other")
    path.symlink_to(other)
    other.symlink_to(path)
    with pytest.raises(OSError, match=r"symbolic links: '.*/file'"):
        write_atomically(path, NEW)
    assert names(path.parent) == ["file", "other"]


@posix
@pytest.mark.parametrize("bits", [0o600, 0o640, 0o644, 0o664, 0o755])
def test_a_file_keeps_its_permissions(path, bits):
    path.write_bytes(OLD)
    path.chmod(bits)
    write_atomically(path, NEW)
    assert (path.read_bytes(), mode(path)) == (NEW, bits)


@posix
@pytest.mark.parametrize(("mask", "bits"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_of_the_umask(path, mask, bits):
    before = os.umask(mask)
    try:
        write_atomically(path, NEW)
    finally:
        os.umask(before)
    assert mode(path) == bits


@posix
def test_what_is_private_is_private_before_it_is_written(path, monkeypatch):
    path.write_bytes(OLD)
    path.chmod(0o600)
    seen = []
    for name in ("chmod", "fsync", "replace"):
        real = getattr(os, name)

        def watched(*given, real=real):
            seen.extend(stat.S_IMODE(os.lstat(entry).st_mode) for entry in path.parent.iterdir())
            return real(*given)

        monkeypatch.setattr(os, name, watched)
    write_atomically(path, NEW)
    monkeypatch.undo()
    assert seen == [0o600] * 6


@posix
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner_and_group(path):
    path.write_bytes(OLD)
    os.chown(path, 12345, 54321)
    path.chmod(0o4750)
    write_atomically(path, NEW)
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (12345, 54321, 0o4750)


def test_a_read_only_file_is_protected(path, monkeypatch):
    path.write_bytes(OLD)
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for anybody but root
    with pytest.raises(PermissionError, match=r"Permission denied: '.*file'"):
        write_atomically(path, NEW)
    assert path.read_bytes() == OLD


# --- what is not a file


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(OSError, match=rf"'{tmp_path.name}'|{tmp_path.name}"):
        write_atomically(tmp_path, NEW)
    with pytest.raises(FileNotFoundError, match=r"'.*new.'"):
        write_atomically(f"{tmp_path}/new/", NEW)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_atomically(tmp_path / "nowhere" / "file", NEW)
    with pytest.raises(FileNotFoundError, match="''"):
        write_atomically("", NEW)
    assert names(tmp_path) == []


@posix
def test_a_pipe_is_written_to(path):
    os.mkfifo(path)
    read = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_atomically(path, NEW)
    reader.join()
    assert read == [NEW]
    assert stat.S_ISFIFO(path.stat().st_mode)


@posix
def test_a_pipe_that_nobody_reads_does_not_hang(path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    os.mkfifo(path)
    with pytest.raises(OSError, match=r"nobody reads from this pipe: '.*file'"):
        write_atomically(path, NEW)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="there is no /dev/stdout")
@pytest.mark.parametrize("to", ["pipe", "file"])
def test_the_standard_output_is_written_to(path, to):
    code = "from minigrad.files import write_atomically as w; w('/dev/stdout', b'new')"
    root = Path(files.__file__).parents[1]
    if to == "pipe":
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=root, check=True, capture_output=True
        )
        assert run.stdout == b"new"
    else:
        with open(path, "wb") as file:
            subprocess.run([sys.executable, "-c", code], cwd=root, check=True, stdout=file)
        assert path.read_bytes() == b"new"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_device_is_named():
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_atomically("/dev/full", NEW)


# --- failures


@pytest.mark.parametrize("at", ["open", "fsync", "replace", "chmod", "stat"])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), OSError("odd"), KeyboardInterrupt()], ids=repr
)
def test_a_failure_leaves_the_old_file_and_nothing_else(path, monkeypatch, at, error):
    def fail(*_):
        raise error

    path.write_bytes(OLD)
    monkeypatch.setattr(os, at, fail)
    with pytest.raises(type(error)) as raised:
        write_atomically(path, NEW)
    monkeypatch.undo()
    assert path.read_bytes() == OLD
    assert names(path.parent) == ["file"]
    if getattr(error, "errno", None):
        assert str(raised.value) == f"[Errno 28] No space left on device: {str(path)!r}"


@posix
def test_a_disk_that_is_full_half_way(path):
    """The limit on a file's size stands in for the disk: the write itself fails in its middle."""
    path.write_bytes(OLD)
    code = (
        "import resource, signal, sys; from minigrad.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "write_atomically(sys.argv[1], bytes(300_000))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=Path(files.__file__).parents[1], capture_output=True, text=True,
    )  # fmt: skip
    assert run.stderr.splitlines()[-1] == f"OSError: [Errno 27] File too large: {str(path)!r}"
    assert path.read_bytes() == OLD
    assert names(path.parent) == ["file"]


def test_content_that_is_not_bytes_leaves_nothing(path):
    with pytest.raises(TypeError):
        write_atomically(path, "text")
    assert names(path.parent) == []


@posix
def test_a_link_planted_in_the_temporary_files_place_is_not_followed(path, monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda _: "foreseen")
    victim, planted = path.with_name("victim"), path.with_name(f"{files.TEMPORARY}foreseen")
    victim.write_bytes(OLD)
    planted.symlink_to(victim)
    with pytest.raises(FileExistsError, match=r"'.*/file'"):
        write_atomically(path, NEW)
    assert victim.read_bytes() == OLD
    assert planted.is_symlink()  # it is not ours to remove
    assert not path.exists()


def test_many_threads_write_one_file(path):
    contents = [bytes([i]) * 200_000 for i in range(8)]
    failed, seen, done = [], set(), threading.Event()

    def write(content):
        try:
            for _ in range(10):
                write_atomically(path, content)
        except OSError as error:
            failed.append(error)

    def read():
        while not done.is_set():
            seen.add(path.read_bytes())

    write_atomically(path, contents[0])
    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    reader = threading.Thread(target=read)
    for thread in (reader, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert failed == []
    assert seen <= set(contents)
    assert path.read_bytes() in contents
    assert names(path.parent) == ["file"]

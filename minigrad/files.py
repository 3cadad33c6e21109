"""Writing files: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time

FilePath = str | os.PathLike[str]
# Temporary files of this process start with this; after a crash, they can be found by it.
TEMPORARY = f".minigrad-{secrets.token_hex(8)}-"
PATIENCE = 5.0  # seconds to wait for somebody who reads a pipe
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_atomically(path: FilePath, content: bytes) -> None:
    """Write a file so that, whatever happens, it has its old content or the new one.

    The content goes to a temporary file in the same folder, is flushed to the disk, and replaces
    the file. A symbolic link stays, and the file it points to is replaced; an existing file keeps
    its permissions. What is not a regular file, such as a pipe, is written to directly.

    Raises OSError, with this path, for a file that cannot be written, as `open` would.
    """
    path = os.fsdecode(path)
    try:
        old = _old(path)
        if old and not stat.S_ISREG(old.st_mode):
            with open(_opened(path), "wb") as file:
                file.write(content)
        else:
            _replace(os.path.realpath(path), content, old)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, path) from None  # not the temporary file's name


def _old(path: str) -> os.stat_result | None:
    """The status of the file at a path, if there is one. Raises OSError if it is read-only."""
    try:
        old = os.stat(path)
    except FileNotFoundError:
        if not os.path.basename(path):  # "" and "folder/" do not name a file
            raise
        return None
    if not os.access(path, os.W_OK):  # replacing it needs no such permission, but it is protected
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return old


def _opened(path: str) -> int:
    """Open what is not a regular file. Raises OSError for a pipe that nobody comes to read."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > end:
                raise OSError(errno.ENXIO, "nobody reads from this pipe") from None
            time.sleep(0.01)
        else:
            os.set_blocking(descriptor, True)
            return descriptor


def _replace(path: str, content: bytes, old: os.stat_result | None) -> None:
    """Write a file in the place of an old one, and give it the owner and permissions of that."""
    temporary = os.path.join(os.path.dirname(path), TEMPORARY + secrets.token_hex(8))
    # The name cannot be foreseen, and O_EXCL follows no link that somebody put there.
    descriptor = os.open(temporary, FLAGS, 0o600 if old else 0o666)
    try:
        with open(descriptor, "wb") as file:
            if old:  # before there is anything to read
                _permit(temporary, old)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)


def _permit(path: str, old: os.stat_result) -> None:
    """Give a file the owner, group and permissions of another one, as far as that is allowed."""
    new = os.stat(path)
    if new.st_gid != old.st_gid:
        with contextlib.suppress(OSError):  # only to a group that the user is in
            os.chown(path, -1, old.st_gid)
    if new.st_uid != old.st_uid:
        with contextlib.suppress(OSError):  # only root may give a file away
            os.chown(path, old.st_uid, -1)
    with contextlib.suppress(PermissionError):  # a file system without permissions, such as FAT
        os.chmod(path, stat.S_IMODE(old.st_mode))

"""Writing files: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat

FilePath = str | os.PathLike[str]
# Temporary files of this process start with this; after a crash, they can be found by it.
TEMPORARY = f".minigrad-{secrets.token_hex(8)}-"
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_atomically(path: FilePath, content: bytes) -> None:
    """Write a file so that, whatever happens, it has its old content or the new one.

    The content goes to a temporary file in the same folder, is flushed to the disk, and replaces
    the file. A symbolic link stays, and the file it points to is replaced; an existing file keeps
    its permissions. What is not a regular file, such as /dev/stdout, is written to directly.
    """
    path = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as file:
            file.write(content)
        return
    temporary = os.path.join(os.path.dirname(path), TEMPORARY + secrets.token_hex(8))
    try:
        # The name cannot be foreseen, and O_EXCL follows no link that somebody put there.
        with open(os.open(temporary, FLAGS, 0o666), "wb") as file:
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno is None:
            raise
        raise type(error)(error.errno, error.strerror, path) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)

"""One process trains in a folder at a time, and clears away what a killed one left there.

The lock is the operating system's, which frees it when its process dies, however it dies. The text
of the lock file is only for people, and for the process that clears away.
"""

import contextlib
import errno
import json
import os
import re
import socket
import threading
import time
from pathlib import Path

from minigrad.files import TEMPORARY
from minigrad.text import printable

NAME = "training.lock"
BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
# A link that somebody put there is not followed, and a FIFO does not make us wait.
FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
FAR = 2**30  # Windows locks bytes: one that the text does not reach, so that others can read it

held = {}  # (device, inode) of a lock that this process holds: the thread that trains


@contextlib.contextmanager
def claimed(folder):
    """Hold the lock of a run's folder within the block; the same thread may hold it repeatedly.

    Raises BlockingIOError if somebody else holds it. The folder is created if it is missing; if it
    is empty afterwards, it is removed again.
    """
    folder = Path(folder)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    if held.get(identity(path)) == threading.get_ident():
        yield
        return
    try:
        file = acquired(path)
        key = identity(file)
        held[key] = threading.get_ident()
        try:
            sweep(folder, told(file))
            tell(file, path)
            yield
        finally:
            del held[key]
            release(path, file, key)
    finally:
        for path in missing:
            with contextlib.suppress(OSError):  # not empty
                path.rmdir()


def identity(file):
    """The device and inode of a file (a path or a descriptor), None if there is none."""
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def acquired(path):
    """The lock file, opened and locked: a descriptor. Raises BlockingIOError if it is locked."""
    while True:
        file = os.open(path, FLAGS, 0o666)
        try:
            if identity(file) in held:  # by another thread; some file systems would not object
                raise BlockingIOError(errno.EAGAIN, "locked")
            lock(file)
        except OSError as error:
            text = told(file)
            os.close(file)
            if error.errno in BUSY:
                raise BlockingIOError(in_use(path.parent, text)) from None
            raise
        if identity(path) == identity(file):
            return file
        os.close(file)  # its last holder has just removed it


def lock(file):
    """Lock an open file, on file systems that can; raises OSError if somebody else has."""
    if os.name == "nt":
        import msvcrt

        os.lseek(file, FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in BUSY:
            raise


def release(path, file, key):
    """Remove the lock file, if it is still in its place, and close it.

    It is removed while it is locked, so nobody can hold a removed one; Windows removes no open
    file, and lets nobody remove one that another process has opened.
    """
    if os.name == "nt":
        os.close(file)
    with contextlib.suppress(OSError):
        if identity(path) == key:
            path.unlink()
    if os.name != "nt":
        os.close(file)


def tell(file, path):
    """Write into the lock file who holds it, and how its temporary files begin."""
    about = {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "temporary": TEMPORARY,
    }
    try:
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, json.dumps(about).encode())
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None


def told(file):
    """The contents of the lock file as a dict; empty if nothing can be read."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        about = json.loads(os.read(file, 10_000))
        return about if isinstance(about, dict) else {}
    except (OSError, ValueError, RecursionError):
        return {}


def in_use(folder, about):
    """The error message for a folder in which somebody else trains."""
    who = ", ".join(
        f"{name} {printable(str(about[name]), most=60)}"
        for name in ("process", "host", "since")
        if name in about
    )
    return (
        f"{folder} is in use: another training runs in it{f' ({who})' if who else ''}; "
        "wait until it ends, or choose another folder with --out"
    )


def sweep(folder, about):
    """Remove the temporary files of the process that held the lock and was killed."""
    prefix = about.get("temporary")
    if isinstance(prefix, str) and re.fullmatch(r"\.minigrad-[0-9a-f]{16}-", prefix):
        for path in folder.iterdir():
            if re.fullmatch(f"{re.escape(prefix)}[0-9a-f]{{16}}", path.name):
                with contextlib.suppress(OSError):
                    path.unlink()

"""The files of a run, and whether they are still as they were saved.

    checkpoint.safetensors           the run: settings, words, weights, moments, metrics
    checkpoint.previous.safetensors  the checkpoint before it, in case it gets damaged
    model.safetensors                the weights alone, for other programs
    config.json, metrics.csv         copies to read: settings and words, one row per step
    film.jsonl                       what the training looked like, moment by moment (see film.py)

A checkpoint holds all that must fit together, under one digest, and is replaced as a whole. So it
does not matter after which of the files a process is killed.
"""

import contextlib
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import NamedTuple

import numpy as np

from minigrad.files import write_atomically
from minigrad.text import printable

CHECKPOINT, MODEL = "checkpoint.safetensors", "model.safetensors"
PREVIOUS = "checkpoint.previous.safetensors"
CONFIG, METRICS = "config.json", "metrics.csv"
EDITION = 2  # of the format: the first one had no digests, and its config names no edition
UNKNOWN = "0" * 64  # in the place of the digest while it is computed
LARGEST_HEADER = LARGEST_CONFIG = 10**8  # bytes
# What reading a file raises whose bytes are not as they were written.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


class Saved(NamedTuple):
    """The contents of one of the safetensors files.

    config is None in a file of the first edition: it can be read, but not checked.
    """

    path: Path
    config: dict | None
    arrays: dict[str, np.ndarray]

    @property
    def steps(self):
        """How many steps the run had done."""
        return len(self.arrays["metrics"])


def write(folder, config, weights, state):
    """Write all files of a run but the metrics; each is replaced as a whole, or stays as it was.

    config  settings and vocabularies, as in config.json
    weights, state  the model's and the checkpoint's arrays, by name
    """
    text = json.dumps({"edition": EDITION, **config}, ensure_ascii=False, indent=1)
    write_atomically(folder / CONFIG, text.encode())
    write_atomically(folder / MODEL, sealed(weights, config))
    if (folder / CHECKPOINT).exists():
        with contextlib.suppress(OSError):  # a file system without links keeps no previous one
            (folder / PREVIOUS).unlink(missing_ok=True)
            os.link(folder / CHECKPOINT, folder / PREVIOUS)
    write_atomically(folder / CHECKPOINT, sealed(state, config))


def holds_run(folder):
    """True if there is a run in the folder, whole or not."""
    return any((Path(folder) / name).exists() for name in (CONFIG, CHECKPOINT, MODEL, PREVIOUS))


# One file.


def sealed(arrays, config):
    """A safetensors file whose metadata hold the config, and a digest of the whole file."""
    from safetensors.numpy import save

    seal = json.dumps({"digest": UNKNOWN, "config": config})  # one entry: several have no order
    content = save(
        {name: np.asarray(array, order="C") for name, array in arrays.items()},
        metadata={"run": seal},
    )
    return content.replace(UNKNOWN.encode(), digest(content).encode(), 1)


def digest(content):
    """The SHA-256 of bytes, as text."""
    return hashlib.sha256(content).hexdigest()


def unsealed(path):
    """The contents of a safetensors file; raises ValueError if it is not as it was saved."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        header, content = header_and_content(path)
        seal = header.get("__metadata__", {}).get("run")
        config = None
        if seal is not None:
            seal = json.loads(seal)
            config = checked(seal["config"])
            blank = content.replace(seal["digest"].encode(), UNKNOWN.encode(), 1)
            if digest(blank) != seal["digest"]:
                raise ValueError("its digest is another one")
        return Saved(path, config, load(content))
    except (*DAMAGE, SafetensorError) as error:
        about = printable(str(error), most=100)
        raise ValueError(f"{path} is damaged: it is not as it was saved ({about})") from None


def header_and_content(path):
    """The header of a safetensors file, and all its bytes, once their number is as it says."""
    with opened(path) as (file, size):
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if not length <= min(size - 8, LARGEST_HEADER):
            raise ValueError("it is cut off")
        text = file.read(length)
        header = json.loads(text)
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name[:2] != "__"]
        if size != 8 + length + max(ends, default=0):
            raise ValueError(f"it has {size:,} bytes, not as many as it says")
        return header, start + text + file.read(max(ends, default=0))


@contextlib.contextmanager
def opened(path):
    """A regular file, open for reading, and its size; others might never end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is not a regular file")
    with open(path, "rb") as file:
        yield file, os.fstat(file.fileno()).st_size


# A folder.


def read(folder):
    """The checkpoint of a run, or its model if there is none; ValueError if it is damaged."""
    for name in (CHECKPOINT, MODEL):
        if (folder / name).exists():
            return unsealed_or_way_on(folder, name)
    raise ValueError(f"{folder} holds no {CHECKPOINT} and no {MODEL}: train again")


def unsealed_or_way_on(folder, name):
    """A file of the run, checked; the error for a damaged one says how to go on without it."""
    try:
        return unsealed(folder / name)
    except ValueError as error:
        raise ValueError(f"{error}{way_on(folder, name)}") from None


def way_on(folder, name=CHECKPOINT):
    """How to go on without a file of the run, as the end of a sentence; "" if there is no way."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        before = unsealed(folder / PREVIOUS)
        config = before.config and {"edition": EDITION, **before.config}
        if config and (not (folder / CONFIG).exists() or config == config_of(folder)):
            return (
                f"; the one before it is whole, and has {before.steps} steps: "
                f"rename {PREVIOUS} to {CHECKPOINT} to go on from there"
            )
    if name == CHECKPOINT:
        with contextlib.suppress(OSError, ValueError):
            unsealed(folder / MODEL)
            return f"; {MODEL} is whole: remove {CHECKPOINT} to use the model without resuming"
    return ""


def config_of(folder):
    """The settings and vocabularies of a run, from its config.json or else from its checkpoint."""
    folder = Path(folder)
    path = folder / CONFIG
    if not path.exists():
        return sealed_config(folder)
    try:
        with opened(path) as (file, size):
            if size > LARGEST_CONFIG:
                raise ValueError(f"it has {size:,} bytes")
            config = json.loads(file.read().decode())
        return checked(config)
    except DAMAGE as error:
        raise invalid(path, error) from None


def words_and_merges(config, name):
    """The words of a vocabulary, and their merges: none if they are not byte pairs."""
    words, merges = config[f"{name}_vocabulary"], config.get(f"{name}_merges", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("a vocabulary must be a list of words")
    pairs = merges if isinstance(merges, list) else [None]
    if not all(isinstance(pair, list) and [*map(type, pair)] == [str, str] for pair in pairs):
        raise ValueError("merges must be a list of pairs of tokens")
    return words, merges


def checked(config):
    """The config, if it is a dict that has settings and can be saved."""
    json.dumps(config, ensure_ascii=False).encode()  # half a surrogate pair cannot
    return config | {"settings": dict(config["settings"])}


def sealed_config(folder):
    """The config that the checkpoint or the model holds."""
    for name in (CHECKPOINT, MODEL):
        if (folder / name).exists():
            config = unsealed_or_way_on(folder, name).config
            if config is not None:
                return config
    raise FileNotFoundError(
        f"{folder} holds no run (no {CONFIG}): train one first, with python -m models train MODEL"
    )


def invalid(path, error):
    """The ValueError for a file of a run that cannot be used."""
    about = f"no {error}" if isinstance(error, KeyError) else str(error)
    kind = "run config" if path.name == CONFIG else "file of a run"
    return ValueError(f"{path} is not a valid {kind}: {printable(about, most=200)}")

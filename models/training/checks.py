"""Checks of settings: that they make sense, and fit the arrays that were saved with them."""

import argparse
import contextlib
import sys
from dataclasses import fields

from minigrad.text import printable

LARGEST = {int: 2**63 - 1, float: sys.float_info.max}
WORDS = {int: "a whole number", float: "a number"}


def positive(text):
    """The positive int that an option's text names. Raises argparse.ArgumentTypeError."""
    if not (text.isdecimal() and len(text) < 1000 and int(text) >= 1):
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 1, not {printable(text, most=40)}"
        )
    return int(text)


def natural(text):
    """The int from 0 that an option's text names. Raises argparse.ArgumentTypeError."""
    return 0 if text == "0" else positive(text)


def check_values(settings):
    """Raise ValueError for the first setting whose type or range is wrong."""
    for field in fields(settings):
        name, value, parse = field.name, getattr(settings, field.name), field.metadata.get("parse")
        shown = printable(str(value) if isinstance(value, int | float) else repr(value), most=60)
        kinds = (int, float) if field.type is float else field.type
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise ValueError(f"{name} must be {WORDS.get(field.type, 'text')}, not {shown}")
        if isinstance(parse, tuple) and value not in parse:
            raise ValueError(f"{name} must be {' or '.join(parse)}, not {shown}")
        if value != field.default and not has(settings.model, field):
            models = " and ".join(field.metadata["models"])
            raise ValueError(
                f"{name} is a setting of {models}, not of {settings.model}: leave it out"
            )
        if field.type not in LARGEST:
            continue
        least = 1 if parse is positive else 0
        largest = field.metadata.get("most") or LARGEST[field.type]
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, not {shown}")
        if not value <= largest:
            most = "finite" if largest == LARGEST[float] else f"at most {largest:,}"
            raise ValueError(f"{name} must be {most}, not {shown}")


def has(model, field):
    """True if the model of this name has the setting."""
    return model in field.metadata.get("models", [model])


def check_sizes(settings, arrays):
    """Raise ValueError if a model with these settings would be far larger than its arrays.

    It is called before the model is built, so that a wrong number does not fill the memory.
    """
    largest = max([len(arrays), *(size for array in arrays.values() for size in array.shape)])
    for name, value in sizes(settings).items():
        if value > largest:
            raise ValueError(f"{name} is {value:,}, but no saved array is larger than {largest:,}")


def sizes(settings):
    """The settings that say how large the model is, by name."""
    return {f.name: getattr(settings, f.name) for f in fields(settings) if f.metadata.get("size")}


@contextlib.contextmanager
def in_memory(what, given):
    """Raise MemoryError, naming these settings, if the block asks for more memory than there is."""
    try:
        yield
    except (MemoryError, OverflowError) as error:
        about = str(error) and f" ({printable(str(error), most=100)})"
        raise MemoryError(f"too little memory for {what} with {as_options(given)}{about}") from None


def as_options(settings):
    """Settings as they are given on the command line."""
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in settings.items())

"""The language of pictures: English, or Korean while `speaking("ko")`.

The English text stays where it is drawn, as `said("loss")`, and korean.json has the Korean one.
"""

import json
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ko")
spoken = ContextVar("spoken", default="en")


@contextmanager
def speaking(language):
    """Pictures that are drawn inside have their texts in this language: "en" or "ko"."""
    if language not in LANGUAGES:
        raise ValueError(f"speaking: {language!r} must be one of {', '.join(LANGUAGES)}")
    before = spoken.set(language)
    try:
        yield
    finally:
        spoken.reset(before)


def said(text, *values):
    """The text in the language that is spoken, with the values in place of its {}.

    Raises LookupError if it has no translation, so that no picture is half translated.
    """
    if spoken.get() == "ko":
        if text not in korean():
            raise LookupError(f"{text!r} has no Korean text in models/showing/korean.json")
        text = korean()[text]
    return text.format(*values) if values else text


def named(text):
    """A name such as "attention 2" in the language that is spoken; a number at its end stays."""
    word, number = re.fullmatch(r"(.*?)( \d+)?", text).groups("")
    return said(word) + number


@cache
def korean():
    """The Korean texts by their English ones."""
    return json.loads(Path(__file__).with_name("korean.json").read_text(encoding="utf-8"))

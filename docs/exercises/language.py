"""The language of the checker: English, or Korean while `speaking("ko", chapter)`.

The English texts stay where they are used. docs/ko/exercises has the Korean ones by the English
ones: checker.json those of the checker, chapter_08.json the hints, causes and calls of chapter 8. A
{} in them matches any text. A text that has no Korean one is shown in English.
"""

import json
import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

HERE = Path(__file__).parent
FOLDERS = {"en": HERE, "ko": HERE.parent / "ko" / "exercises"}
PLACE = re.compile(r"\{(\d*)\}")
known = ContextVar("known")  # {English text: the text in the language that is spoken}


@contextmanager
def speaking(language, chapter):
    """Inside, the checker's texts and those of a chapter are in this language: "en" or "ko"."""
    if language not in FOLDERS:
        raise ValueError(f"the language {language!r} must be one of {', '.join(FOLDERS)}")
    files = [FOLDERS["ko"] / f"{name}.json" for name in ("checker", f"chapter_{chapter:02}")]
    texts = {}
    for file in files if language == "ko" else []:
        texts |= json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    before = known.set(texts)
    try:
        yield
    finally:
        known.reset(before)


def say(text, *values):
    """The text in the language that is spoken, with the values in place of its {}."""
    return filled(known.get({}).get(text, text), values)


def translated(text):
    """A finished text in the language that is spoken; unchanged if it is not known."""
    line = " ".join(text.split())
    found = entry(line, known.get({}))
    if not found:
        return text
    values = re.fullmatch(pattern(found), line).groups()
    return filled(known.get()[found], [translated(value) for value in values])


def entry(text, texts):
    """The key of `texts` that a finished text was made from: itself, or one with {}; or None."""
    if text in texts:
        return text
    return next((one for one in texts if "{" in one and re.fullmatch(pattern(one), text)), None)


def pattern(text):
    """A regular expression for a text in which {} matches any text."""
    return "(.+)".join(map(re.escape, re.split(r"\{\}", text)))


def filled(text, values):
    """The text with the values in place of its {}, or of its {0}, {1} and so on."""
    left = iter(values)
    return PLACE.sub(lambda at: str(values[int(at[1])] if at[1] else next(left)), text)


def preferred(environ=os.environ):
    """The language that the environment asks for, as gettext reads it; English if in doubt."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    first = next((environ[name] for name in names if environ.get(name)), "")
    return "ko" if re.match(r"ko([_.@:]|$)", first) else "en"

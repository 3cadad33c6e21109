"""python -m docs.tools.korean: list the sections of the Korean edition that have fallen behind.

A Korean file is like the English one in everything but its words. Its last line names the state of
the English file that it follows, by a short hash of the prose of each section:

    <!-- 05_gates.md: 0b5a1c9e 77d1e0c4 -->

`python -m docs.tools.korean --follow` writes these lines again after the Korean text has been
brought up to date; `--follow 6 7` does so for these chapters only.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from pathlib import Path
from typing import NamedTuple

from . import sync

KO = sync.DOCS / "ko"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
TITLED = re.compile(r'\[[^\]]*\]\([^)\s]+ "[^"]*"\)')  # code and numbers
TARGET = re.compile(r"\]\([^)\s]*\)")
MARK = re.compile(r"\n+<!-- \S+\.md:[^\n]*-->\n*\Z")


class Section(NamedTuple):
    """A part of a Markdown file: a heading with its level, and the text up to the next heading."""

    level: int
    heading: str
    text: str


def sections(text: str) -> list[Section]:
    """The sections of a file, without its footer and its mark. `#` in a fence is not a heading."""
    hidden = FENCE.sub(lambda found: re.sub("[^\n]", " ", found[0]), text)
    starts = [*re.finditer(r"^(#+) (.*)$", hidden, re.M)]
    ends = [found.start() for found in starts[1:]] + [len(text)]
    return [
        Section(len(found[1]), found[2], text[found.end() : end])
        for found, end in zip(starts, ends, strict=True)
    ]


def pairs() -> list[tuple[Path, Path]]:
    """Each English file of the edition with its Korean one, which may not exist."""
    english = [*sync.chapters(), sync.DOCS / "index.md", sync.DOCS / "glossary.md"]
    return [(path, KO / path.name) for path in english] + [(sync.README, KO / "README.ko.md")]


# --- which state of the English file a Korean one follows --------------------------------------


def states(english: Path) -> list[str]:
    """A short hash of each section of an English file: of its prose, not of code and numbers."""
    text = sync.FOOTER.sub("\n", english.read_text(encoding="utf-8"))
    return [state(f"{one.heading}\n{one.text}") for one in sections(text)]


def state(text: str) -> str:
    """The hash of a text without Python code, numbers, targets of links and line breaks."""
    prose = FENCE.sub(lambda found: "" if found[1] == "python" else found[0], text)
    words = TARGET.sub("]", TITLED.sub("", prose)).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]


def mark(english: Path, followed: list[str]) -> str:
    """The last line of a Korean file."""
    return f"<!-- {english.name}: {' '.join(followed)} -->"


def behind(english: Path, korean: Path) -> list[str]:
    """The headings of the English sections that a Korean file does not follow yet."""
    found = MARK.search(korean.read_text(encoding="utf-8")) if korean.exists() else None
    followed = found[0].partition(":")[2].split() if found else []
    headings = [one.heading for one in sections(english.read_text(encoding="utf-8"))]
    now = zip(headings, states(english), strict=True)
    return [heading for heading, state in now if state not in followed]


def follow(english: Path, korean: Path) -> None:
    """Write the mark again: the Korean file follows the English one as it is now."""
    text = MARK.sub("", korean.read_text(encoding="utf-8")).rstrip()
    korean.write_text(f"{text}\n\n{mark(english, states(english))}\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """List what has fallen behind, or write the marks again."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.tools.korean",
        description="List the sections of the Korean edition that have fallen behind.",
    )
    parser.add_argument(
        "--follow", nargs="*", metavar="N", help="the Korean chapters are up to date: write so"
    )
    given = parser.parse_args(arguments)
    lines = []
    for english, korean in pairs():
        if given.follow is not None and korean.exists():
            if not given.follow or str(int(korean.name[:2])) in given.follow:
                follow(english, korean)
        place = korean.relative_to(sync.ROOT).as_posix()
        lines += [f"{place}: behind in ‘{heading}’" for heading in behind(english, korean)]
    print("\n".join(lines) or "nothing has fallen behind")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""python -m docs.tools.korean: list the sections of the Korean edition that have fallen behind.

A Korean file is like the English one in everything but its words: `python -m docs.tools.sync` fills
in code, numbers and pictures. Its last line names the state of the English file that it follows, by
a short hash of the prose of each section:

    <!-- 05_gates.md: 0b5a1c9e 77d1e0c4 -->

`python -m docs.tools.korean --follow` writes these lines again after the Korean text has been
brought up to date; `--follow 6 glossary.md` does so for these files only.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from models.showing.language import speaking

from . import sessions, sync

KO = sync.DOCS / "ko"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
TITLED = re.compile(r'\[[^\]]*\]\([^)\s]+ "[^"]*"\)')  # code and numbers
TARGET = re.compile(r"\]\([^)\s]*\)")
PICTURE = re.compile(r'(?:(?<=\]\()|(?<= src="))(?:\.\./)?((?:pictures|figures)/\w+\.\w+)(?=[)"])')
MARK = re.compile(r"\n+<!-- \S+\.md:[^\n]*-->\n*\Z")


class Section(NamedTuple):
    """A part of a Markdown file: a heading with its level, and the text up to the next heading."""

    level: int
    heading: str
    text: str


def sections(text: str) -> list[Section]:
    """The sections of a file, without its footer and its mark. `#` in a fence is not a heading."""
    text = sync.FOOTER.sub("\n", MARK.sub("\n", text))
    hidden = FENCE.sub(lambda found: re.sub("[^\n]", " ", found[0]), text)
    starts = [*re.finditer(r"^(#+) (.*)$", hidden, re.M)]
    ends = [*[found.start() for found in starts[1:]], len(text)][: len(starts)]
    return [
        Section(len(found[1]), found[2], text[found.end() : end])
        for found, end in zip(starts, ends, strict=True)
    ]


def pairs() -> list[tuple[Path, Path]]:
    """Each English file of the edition with its Korean one, which may not exist."""
    english = [*sync.chapters(), sync.DOCS / "index.md", sync.DOCS / "glossary.md"]
    return [(path, KO / path.name) for path in english] + [(sync.README, KO / "README.ko.md")]


# --- what is the same in both ------------------------------------------------------------------


def synced(english: Path, korean: Path) -> str:
    """The text of a Korean file with up-to-date code, numbers, links to pictures, and footer."""
    text = korean.read_text(encoding="utf-8")
    mark = MARK.search(text)
    text = sync.FOOTER.sub("", MARK.sub("", text)).rstrip()
    text = with_fences(text, english.read_text(encoding="utf-8"), korean)
    text = with_pictures(sync.with_numbers(sync.with_code(text)))
    if korean.name[0].isdigit():
        text += f"\n\n---\n\n{sync.footer(korean, '차례')}"
    return text + (f"\n\n{mark[0].strip()}\n" if mark else "\n")


def with_fences(text: str, english: str, korean: Path) -> str:
    """A Korean text with the Python code of the English one, section by section."""
    ours, theirs = sections(text), sections(english)
    if len(ours) != len(theirs):
        headings = zip_longest(*([one.heading for one in part] for part in (ours, theirs)))
        beside = "".join(f"\n  {one or '(none)'} | {other or '(none)'}" for one, other in headings)
        count = f"{len(ours)} sections, the English file has {len(theirs)}"
        raise ValueError(f"ko/{korean.name}: {count}:{beside}")
    for one, other in zip(ours, theirs, strict=True):
        count, wanted = (len(sessions.FENCE.findall(part.text)) for part in (one, other))
        if count != wanted:
            place = f"ko/{korean.name}, ‘{one.heading}’"
            raise ValueError(f"{place}: {count} python fences, the English section has {wanted}")
    fences = sessions.FENCE.finditer(english)
    return sessions.FENCE.sub(lambda _: next(fences)[0], text)


def with_pictures(text: str) -> str:
    """A Korean text whose pictures are those with Korean words, where there are some."""
    return PICTURE.sub(lambda link: ("" if (KO / link[1]).exists() else "../") + link[1], text)


def pictures(chapter: Path) -> list[Path]:
    """Draw the pictures of an English chapter with Korean words; returns what was written.

    Only those that differ from the English pictures are kept.
    """
    if not (KO / chapter.name).exists():
        return []
    written = []
    with tempfile.TemporaryDirectory() as folder, speaking("ko"):
        for picture in sync.drawn(chapter, Path(folder)):
            if sessions.shown(picture) != sessions.shown(sync.DOCS / "pictures" / picture.name):
                written += sync.keep(picture, KO / "pictures")
            else:
                (KO / "pictures" / picture.name).unlink(missing_ok=True)
    return written


# --- which state of the English file a Korean one follows --------------------------------------


def states(english: Path) -> list[str]:
    """A short hash of each section of an English file: of its prose, not of code and numbers."""
    parts = sections(english.read_text(encoding="utf-8"))
    return [state(f"{one.heading}\n{one.text}") for one in parts]


def state(text: str) -> str:
    """The hash of a text without Python code, numbers, targets of links and line breaks."""
    prose = FENCE.sub(lambda found: "" if found[1] == "python" else found[0], text)
    words = TARGET.sub("]", TITLED.sub("", prose)).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]


def mark(english: Path, followed: list[str]) -> str:
    """The last line of a Korean file."""
    return f"<!-- {english.name}: {' '.join(followed)} -->"


def behind(english: Path, korean: Path) -> list[str]:
    """The English sections that a Korean file does not follow yet, or what else is different."""
    if not korean.exists():
        return ["is missing"]
    found = MARK.search(korean.read_text(encoding="utf-8"))
    if not found:
        return ["all of it"]
    headings = [f"‘{one.heading}’" for one in sections(english.read_text(encoding="utf-8"))]
    now, followed = states(english), found[0].split()[2:-1]
    changed = [one for one, state in zip(headings, now, strict=True) if state not in followed]
    return changed or ([] if now == followed else ["a section was removed or moved"])


def follow(english: Path, korean: Path) -> None:
    """Write the mark again: the Korean file, if there is one, follows the English one as it is."""
    if not korean.exists():
        return
    text = MARK.sub("", korean.read_text(encoding="utf-8")).rstrip()
    korean.write_text(f"{text}\n\n{mark(english, states(english))}\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """List what has fallen behind, or write the marks again."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.tools.korean",
        description="List the sections of the Korean edition that have fallen behind.",
    )
    parser.add_argument(
        "--follow",
        nargs="*",
        metavar="N",
        choices=[sync.number_of(korean) for _, korean in pairs()],
        help="the Korean text is up to date: write so, in all files or in these chapters",
    )
    given = parser.parse_args(arguments)
    lines = []
    for english, korean in pairs():
        if given.follow == [] or sync.number_of(korean) in (given.follow or []):
            follow(english, korean)
        lines += [f"{korean.relative_to(sync.ROOT)}: {what}" for what in behind(english, korean)]
    print("\n".join(lines) or "nothing has fallen behind")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Plain English in docstrings, messages and chapters: turns of phrase that must not come back.

Only patterns that can be found with certainty are listed, each with what to write instead.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["minigrad", "models", "docs/tools", "docs/exercises"]
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))

UNITS = (
    "batch|call|chapter|claim|class|column|dim|element|epoch|experiment|file|input|kind|layer|"
    "letter|line|module|op|output|pair|parameter|row|seed|sentence|state|step|target|tensor|value|"
    "word"
)
VERBS = "is|are|was|were|has|have|can|could|must|may|might|will|would|does|do|stays|needs|takes"
PATTERNS = {  # what to write instead: what must not be written
    "not a …": r"(?<![Tt]here )\b(is|are|was|were) no (?!longer\b|more\b|less\b|\w+er\b)",
    "not one of …, or out of range": r"(?<![Tt]here )\b(is|are) none (of|that)\b",
    "per": rf"\b(one|two|three|four)( \w+)? an? ({UNITS})\b|(^|[,:;(] )a \w+ an? ({UNITS})\b",
    "is, appears": r"\b(stands?|standing|stood)\b(?! (for|in for|alone|out)\b)",
    "after": r"\b(digits?|places?|words?|one|two|three|right|lies?|said|comes?) behind\b"
    r"|\bbehind (it|them|the point)\b",
    "again, new": r"\banew\b",
    "nothing, zero": r"\bnaught\b",
    "you, we, its": r"\b(by|for|of|on|to|with) one's\b",
    "will, must": r"\bshall\b",
    "at random, random": r"\bby chance\b",
    "because": rf", for (it|they|we|you|there|this|that|these|those|nobody|nothing) ({VERBS})\b",
    "on average": r"(?<!count )(?<!counts )\bin the mean\b",
    "are related, depend on each other": r"\bhangs? together\b",
    "forward pass, backward pass": r"\b(the|on the|its) way (back|there|forward)\b",
    "to the same shape, this many": r"\b(to|into|from|of|by) as many\b(?!.{0,50}\bas\b)"
    r"|\b(to|above|below|than) so many\b",
    "except": r"\b(same|equal|alike|all|everything|nothing)( \w+)?,? but for\b",
    "still, anyway": r"(?<!are )(?<!is )(?<!were )(?<!be )\ball the same(?=[,.:;)]|$)",
    "the largest, if there are several": r"\bof (several|equals),? the\b|\bof none (it|is)\b",
    "only": r"\bcan but\b|\bbut (a few|guess|one)\b",
    "special token": r"\b(begin|end|start|padding) signs?\b|\bwords but signs\b|\bspell a sign\b",
}
# In the chapters, too: words that only a translator would choose, and a private vocabulary.
CHAPTERS = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
MODALS = "could|may|might|must|has to|had to|would|should|sees|knows|wants|looks|asks|pays"
PROSE = {
    "whoever, a reader who": r"(?:^|[.!?:;] )"
    r"Who (?!(are|is|has|would|says|tells|asks|decides)\b)\w+",
    "you, we": rf"\b[Oo]ne ({MODALS})\b",
    "on the backward pass": r"\bon (its|the) way back\b",
    "loss": r"\bthe price of\b|\bpays (ln|for a)\b",
    "predicted": r"\b(are|is) told (right|in|least|that)\b",
    "most likely": r"\b[Tt]he likeliest\b",
    "sinusoids": r"\bby waves\b|\b[Ww]aves make\b",
    "not a": r"(?<![Tt]here )\b(is|are|was|were) no (limit|tensor|loop|gradient)\b",
    "takes": r"\bneeds? (a|some|a few) (minutes?|seconds?|hours?)\b",
    "a word of today": r"\b(utmost|foretold|in vain|take leave|offices?|spoken of|if need be)\b",
    "a sentence of its own, without brackets": r"(?:^|(?<=[.!?:;] ))"
    r"\([A-Z][^()]*(?:\([^()]*\)[^()]*)*[.!?]\)",
}
OPENINGS = re.compile(r"(What|Whether|Of)\b(?![^.]*\?)")


def texts(path):
    """(line number, kind, text) of each docstring, comment and message in a file."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    seen = set()
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            docstring = node.body[0].value
            seen.add(docstring)
            yield docstring.lineno, "docstring", docstring.value
    for node in ast.walk(tree):  # an f-string comes before its parts
        if isinstance(node, ast.JoinedStr | ast.Constant) and node not in seen:
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            seen.update(parts)
            strings = [p.value for p in parts if isinstance(getattr(p, "value", None), str)]
            yield node.lineno, "message", " … ".join(strings)
    yield from comments(source)


def comments(source):
    """The same for comments; those on consecutive lines without code are one text."""
    block, first, last = [], 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, alone = token.start[0], token.line.lstrip().startswith("#")
            if block and not (alone and line == last + 1):
                yield first, "comment", " ".join(block)
                block = []
            first = first if block else line
            block.append(token.string.strip("#").strip())
            last = line if alone else 0
    yield first, "comment", " ".join(block)


def problems(text, kind):
    """A description of each pattern found in a text."""
    text = " ".join(re.sub(r"`[^`]*`", "…", text).split())
    if kind == "docstring" and OPENINGS.match(text):
        yield f"name the thing, do not open with {text.split()[0]}: {text[:60]}"
    for better, pattern in PATTERNS.items():
        for match in re.finditer(pattern, text):
            around = text[max(0, match.start() - 30) : match.end() + 30]
            yield f"{match[0]!r} → {better}: …{around}…"


def prose(text):
    """The paragraphs of a chapter, without code, and without the targets of links."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    text = re.sub(r"\]\([^)\s]*(?: \"[^\"]*\")?\)", "]", re.sub(r"`[^`]*`", "…", text))
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def problems_of_prose(text):
    """A description of each pattern found in a chapter."""
    for paragraph in prose(text):
        for better, pattern in (PATTERNS | PROSE).items():
            for match in re.finditer(pattern, paragraph):
                around = paragraph[max(0, match.start() - 30) : match.end() + 30]
                yield f"{match[0]!r} → {better}: …{around}…"


def found(path):
    """A line for each pattern found in a file."""
    for line, kind, text in texts(path):
        for problem in problems(text, kind):
            yield f"{line}: {problem}"


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(ROOT)) for f in FILES])
def test_no_pattern_is_in_the_file(path):
    lines = list(found(path))
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        "What stands beside a tensor.", "Whether calls are recorded.", "Of each file, its name.",
        "one gradient an input", "the rows, a list a row", "what is no tensor",
        "for it is the caller's, for it stays so", "in the mean over heads", "born anew",
        "they must be equal but for dim 1", "x (batch, words) to as many", "the begin sign",
        "a leaf can be written to all the same", "of several the largest", "on the way back",
        "three digits behind the point",
    ],
)  # fmt: skip
def test_a_pattern_is_found(text):
    assert list(problems(text, "docstring"))


@pytest.mark.parametrize(
    "text",
    [
        "What is a gradient? A vector.", "There is no gradient.", "It is no longer than 3 lines.",
        "One gradient per input, and a bool per element.", "to as many rows as there are columns",
        "not for ints but for floats", "They are all the same.", "does not count in the mean",
        "an ellipsis stands for the other dims", "Understand this first.", "the way it is done",
        "nothing changes behind your back", "the previous one's output", "a sign, and its end",
    ],
)  # fmt: skip
def test_good_english_is_left_alone(text):
    assert not list(problems(text, "docstring"))


@pytest.mark.parametrize("path", CHAPTERS, ids=[str(f.relative_to(ROOT)) for f in CHAPTERS])
def test_no_pattern_is_in_the_chapter(path):
    lines = list(problems_of_prose(path.read_text(encoding="utf-8")))
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        "Who knows nothing pays ln V.", "One has to cut to know.", "They are born anew.",
        "What is lost on its way back to the first word.", "It pays ln V.", "It was foretold.",
        "Positions are made by waves.", "It works. (Only in float64, of course.)",
    ],
)  # fmt: skip
def test_a_pattern_of_prose_is_found(text):
    assert list(problems_of_prose(text))


@pytest.mark.parametrize(
    "text",
    [
        "Who decides? The one with the largest weight.", "The last one needs PyTorch.",
        "one call predicts all tokens ([Li et al. 2020])", "It stands for the norm.",
        "```\nshall\n```", "[12](a.json \"one can\") of them", "softmax (along the last dim)",
    ],
)  # fmt: skip
def test_good_prose_is_left_alone(text):
    assert not list(problems_of_prose(text))

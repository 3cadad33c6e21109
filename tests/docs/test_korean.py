"""The Korean edition has all that the English one has, in the same order, and reads well."""

import os
import re
from collections import Counter

import pytest

from docs.tools import korean, sessions, sync

PAIRS = korean.pairs()
pairs = pytest.mark.parametrize(("english", "path"), PAIRS, ids=[one.stem for one, _ in PAIRS])
ORDERED = ["session", "command", "number", "picture", "formula", "code link", "exercise", "table"]


def read(path):
    return path.read_text(encoding="utf-8")


def without_code(text):
    return re.sub(r"`[^`\n]*`", "`…`", korean.FENCE.sub("", text))


def aim(link, path):
    """The file that a link leads to, as the path of its English version; without the anchor."""
    if link.startswith("https:"):
        return link
    there = os.path.relpath(path.parent / (link.partition("#")[0] or path.name), sync.ROOT)
    return there.replace(os.sep, "/").replace("docs/ko/", "docs/")


def found(text, path):
    """What a section has besides its words: {kind: [one, …]}."""
    prose = korean.FENCE.sub("", text)
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", without_code(text))
    titled = re.findall(r'\]\(([^)\s]+) "([^"]+)"\)', prose)
    images = re.findall(r'!\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*?src="([^"]+)"', prose)
    words = re.sub(r"`[^`\n]*`", "", prose)
    formulas = re.findall(r"\$\$(.+?)\$\$", words, re.S)
    inline = re.findall(r"(?<!\$)\$([^$\n]+)\$(?!\$)", words)
    fences = korean.FENCE.findall(text)
    shell = "\n".join(code for kind, code in fences if kind == "sh")
    commands = shell.replace(" --language ko", "").splitlines()  # an option that only Korean needs
    bold = re.findall(r"\*\*([^*]+)\*\*(?:\(([^),]+))?", without_code(text))
    return {
        "session": [beginning(code) for _, code in sessions.fences(text)],
        "command": [command.partition("#")[0].strip() for command in commands if command],
        "number": [f"{aim(to, path)} {what}" for to, what in titled if to.endswith(".json")],
        "picture": [aim(one or other, path) for one, other in images],
        "formula": list(map(without_words, formulas)),
        "formula in a line": sorted(map(without_words, inline)),
        "code link": [f"{aim(to, path)} {what}" for to, what in titled if to.endswith(".py")],
        "exercise": re.findall(r"^\d+\. `(\w+)`", prose, re.M),
        "table": [f"with {rows} rows and {columns} columns" for rows, columns in tables(prose)],
        "fence of another kind": [kind for kind, _ in fences if kind not in ("python", "sh")],
        "link": sorted({aim(link, path) for link in links}),
        "bold term": sorted(" ".join((in_english or term).split()) for term, in_english in bold),
    }


def without_words(formula):
    return re.sub(r"\\text\{[^}]*\}|\s", "", formula)


def beginning(code):
    return code.partition("\n")[0]


def tables(prose):
    """(rows, columns) of each table, without its head."""
    blocks = re.findall(r"(?:^\|.*\n){2,}", prose + "\n", re.M)
    return [(block.count("\n") - 2, block.splitlines()[1].count("---")) for block in blocks]


def lacking(english, path):
    """A line for each thing that a Korean file lacks, has too much, or has in another order."""
    ours, theirs = (korean.sections(read(one)) for one in (path, english))
    lines, first = [], ""
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        place = f"{name(path)}, section {number} (‘{one.heading}’)"
        wrong = [f"is a heading of another level than ‘{other.heading}’"]
        wrong = wrong if one.level != other.level else []
        parts, wanted = found(one.text, path), found(other.text, english)
        for kind in wanted:
            wrong += compared(kind, parts[kind], wanted[kind])
        lines += [f"{place}: {what}" for what in wrong]
        first = first or (f", the first that differs is section {number}" if wrong else "")
    if len(ours) != len(theirs):
        return [f"{name(path)}: has {len(ours)} sections, not {len(theirs)}{first}", *lines[:1]]
    return lines


def name(path):
    return f"docs/ko/{path.name}"


def compared(kind, ours, theirs):
    """How a list of things of one kind differs from the English list."""
    if kind == "bold term":  # singular or plural
        ours, theirs = ([re.sub("s$", "", term) for term in terms] for terms in (ours, theirs))
    said = f"{kind} that begins with" if kind == "session" else kind
    missing, more = Counter(theirs) - Counter(ours), Counter(ours) - Counter(theirs)
    yield from (f"lacks the {said} {one}" for one in missing.elements())
    yield from (f"has what the English section lacks: the {said} {one}" for one in more.elements())
    if kind in ORDERED and ours != theirs and Counter(ours) == Counter(theirs):
        at = next(i for i, one in enumerate(ours) if one != theirs[i])
        yield f"has in another order: the {said} {theirs[at]} comes before {ours[at]}"


@pairs
def test_code_numbers_and_pictures_are_up_to_date(english, path):
    assert korean.synced(english, path) == read(path), "run `python -m docs.tools.sync`"


@pairs
def test_the_korean_file_has_what_the_english_one_has(english, path):
    assert path.exists(), f"{name(path)} is missing, the Korean edition of {english.name}"
    lines = lacking(english, path)
    assert not lines, "\n".join(lines)


@pytest.fixture
def edition(tmp_path, monkeypatch):
    """English chapter 8, and a copy of it as its Korean one."""
    (tmp_path / "docs" / "ko").mkdir(parents=True)
    english, path = (tmp_path / "docs" / place / "08_x.md" for place in ("", "ko"))
    text = read(sync.chapters()[7])
    english.write_text(text, encoding="utf-8")
    path.write_text(text.replace("](../", "](../../"), encoding="utf-8")
    monkeypatch.setattr(sync, "ROOT", tmp_path)
    return english, path


ONE, TWO = (f"run['diagonal_{kind}'] for run" for kind in ("scaled", "unscaled"))
SESSION = r"^```python\n>>> from models.tasks import coreference.*?^```\n"
FIGURE = r"^!\[[^\n]*\(figures/self_attention_random.svg\)\n"


@pytest.mark.parametrize(
    ("broken", "by", "message"),
    [
        (
            SESSION,
            "",
            "section 6 (‘What does *it* refer to?’): "
            "lacks the session that begins with >>> from models.tasks import coreference",
        ),
        (
            f"({re.escape(ONE)})(.*?)({re.escape(TWO)})",
            r"\3\2\1",
            "has in another order: the number docs/figures/self_attention.json median(run",
        ),
        (FIGURE, "", "lacks the picture docs/figures/self_attention_random.svg"),
        ("^4. `stays`.*?$\n", "", "section 10 (‘Exercises’): lacks the exercise stays"),
        (
            "^## The code.*?(?=^## )",
            "",
            "has 10 sections, not 11, the first that differs is section 4",
        ),
        ("^## The code", "### The code", "section 4 (‘The code’): is a heading of another level"),
        (
            r"\\ge 0\$",
            r"\\le 0$",
            r"lacks the formula a\cdota+b\cdotb-2\,a\cdotb=(a-b)\cdot(a-b)\ge0",
        ),
        (r"^\| tail .*?\n", "", "lacks the table with 5 rows and 4 columns"),
        (r"\(https://arxiv.org/abs/1506.03134\)", "(index.md)", "lacks the link https://arxiv"),
        (r"\*\*odds\*\*", "odds", "lacks the bold term odd"),
        (
            'self_attention.py "attention',
            'self_attention.py "scores',
            "lacks the code link models/",
        ),
        (
            "exercises 8 --hint ",
            "exercises 8 --help ",
            "lacks the command python -m docs.exercises 8 -",
        ),
    ],
)
def test_what_is_missing_is_found(edition, broken, by, message):
    english, path = edition
    assert lacking(english, path) == []
    text, times = re.subn(broken, by, read(path), count=1, flags=re.M | re.S)
    assert times == 1
    path.write_text(text, encoding="utf-8")
    assert lacking(english, path)[0].startswith("docs/ko/08_x.md")
    assert message in "\n".join(lacking(english, path))


# Its language: 합니다체, and Markdown that GitHub renders.

STYLES = {  # what must not be written: why
    r"(?<![필중개수주까])요[.?!]": "해요체",
    r"(?<![니시])다\.(?![\w.])": "해라체",  # 합시다, 봅시다
    r"당신": "leave the reader out",
    r"되어(지|진|졌|질)": "a doubled passive",
}


def sentences(text):
    """The paragraphs of a file: no code, lists, tables, headings, quotations, pictures."""
    text = without_code(korean.MARK.sub("", text))
    blocks = re.split(r"\n\s*\n|\n(?=\d+\. |- |#)", re.sub(r"\]\([^)]*\)", "]", text))
    kept = [" ".join(block.split()) for block in blocks]
    kept = [block for block in kept if not re.match(r"\d+\. |[-|>#!]", block)]
    return [re.sub(r"“[^”]*”|‘[^’]*’|«[^»]*»|\*[^*]+\*", "…", block) for block in kept]


def clumsy(text):
    """A line for each place where a pattern of STYLES is in the prose."""
    for block in sentences(text):
        for pattern, why in STYLES.items():
            for match in re.finditer(pattern, block):
                yield f"{why}: …{block[max(0, match.start() - 30) : match.end() + 10]}"


def unrendered(text):
    """A line for each place with a * that the site and GitHub would show as it is."""
    parser = pytest.importorskip("markdown_it").MarkdownIt().enable("table")
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "…", korean.FENCE.sub("", text), flags=re.S)
    for block in parser.parse(text):
        for part in block.children or []:
            if part.type == "text" and "*" in part.content:
                yield f"a * is not rendered: {part.content}"


@pairs
def test_the_prose_is_in_one_style(english, path):
    assert not list(clumsy(read(path)))


@pairs
def test_emphasis_is_rendered(english, path):
    assert not list(unrendered(read(path)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("여기서 시작해요. 필요한 것은 없습니다.", "해요체"),
        ('값은 [0.5](a.json "x")이다. 그렇습니다.', "해라체"),
        ("한 줄로 쓸 수\n있다.", "해라체"),
        ("당신의 모델", "leave the reader out"),
        ("이렇게 되어진 값", "a doubled passive"),
    ],
)
def test_a_clumsy_sentence_is_found(text, why):
    assert [line.partition(":")[0] for line in clumsy(text)] == [why]


@pytest.mark.parametrize(
    "text",
    [
        "값을 봅시다. 비슷합니다.", "- 값을 더한다.", "| 값을 더한다. |", "“좋아요.”라고 씁니다.",
        "```\n한다.\n```", "*오늘은 금요일이다.* 이 문장을 씁니다.", "무엇이 필요할까요?",
    ],
)  # fmt: skip
def test_a_good_sentence_is_left_alone(text):
    assert not list(clumsy(text))


def test_emphasis_that_is_not_rendered_is_found():
    assert not list(unrendered("**어텐션**(attention)은 $a * b$ 와 `x * y`, *중요한* 것"))
    assert list(unrendered("**어텐션(attention)**은"))
    assert list(unrendered("이름은 *‘그것’*입니다."))


# The glossary.


def rows(path):
    """The rows of a glossary, each with its three cells; the first is a link."""
    return re.findall(r"^\| \[(.+?)\]\((.+?)\) \| (.+?) \| .+ \|$", read(path), re.M)


def test_the_glossary_has_every_term_in_order():
    theirs = {(ours, file, term) for term, file, ours in rows(sync.DOCS / "glossary.md")}
    ours = rows(korean.KO / "glossary.md")
    assert theirs - set(ours) == set() == set(ours) - theirs
    terms = [term for term, _, _ in ours]
    assert terms == sorted(terms, key=str.lower)  # Latin letters come before Hangul


@pairs
def test_a_bold_term_is_the_one_of_the_glossary(english, path):
    known = {term: ours for term, _, ours in rows(sync.DOCS / "glossary.md")}
    for ours, term in re.findall(r"\*\*([^*]+)\*\*\(([^),]+)", without_code(read(path))):
        term = " ".join(term.split())
        wanted = known.get(term) or known.get(term.removesuffix("s"), "")
        assert ours in (wanted, *re.split(r" ?[()]", wanted)), f"{term}: {ours}, not {wanted}"

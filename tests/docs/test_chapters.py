"""The chapters: quoted code and numbers are up to date, sessions run, links work."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from docs.tools import korean, sessions, sync

DOCS = sync.DOCS
CHAPTERS = sync.chapters()
KOREAN = sorted(DOCS.glob("ko/[0-9]*.md"))  # their sessions are those of CHAPTERS (test_korean.py)
PAGES = [path for place in ("", "reference", "ko") for path in sorted((DOCS / place).glob("*.md"))]
RUN = "run `python -m docs.tools.sync`, and look at what has changed"
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
MARK = r"(\d+[.)]|[-+*>]|#+) "  # starts a list item, a quotation or a heading


def read(path):
    return path.read_text(encoding="utf-8")


def prose(path):
    """The text without code fences and inline code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^(```+).*?^\1$", "", read(path), flags=re.M | re.S))


def name(path):
    return f"ko-{path.stem}" if path.parent.name == "ko" else path.stem


both = pytest.mark.parametrize("chapter", CHAPTERS + KOREAN, ids=name)
chapters = pytest.mark.parametrize("chapter", CHAPTERS, ids=name)
pages = pytest.mark.parametrize("page", PAGES, ids=name)


@chapters
def test_code_and_numbers_are_up_to_date(chapter):
    assert sync.synced(chapter) == read(chapter), RUN


@chapters
def test_the_session_runs_and_saves_the_pictures(chapter, tmp_path):
    failed = sessions.run(chapter, tmp_path)
    assert not failed, failed
    saved = {path.name: path for path in tmp_path.glob("pictures/*")}
    pictures = {name for name in saved if name.endswith(".svg")}
    shown = {link for _, link in IMAGE.findall(read(chapter)) if link.startswith("pictures/")}
    assert pictures == {link.removeprefix("pictures/") for link in shown}
    assert all(name.startswith(chapter.name[:3]) for name in saved)
    assert {name.replace(".html", ".svg") for name in saved} == pictures  # of each page
    for name in pictures:
        there = DOCS / "pictures" / name
        assert there.exists(), f"{name}: {RUN}"
        assert sessions.shown(there) == sessions.shown(saved[name]), f"{name}: {RUN}"


def test_every_picture_is_shown():
    links = {page.parent / link for page in PAGES for _, link in IMAGE.findall(read(page))}
    shown = {link.resolve() for link in links}
    drawn = [*DOCS.resolve().glob("pictures/*"), *DOCS.resolve().glob("ko/pictures/*")]
    assert {path for path in drawn if path not in shown} == set()


def test_a_korean_picture_differs_only_in_its_words():
    for picture in DOCS.glob("ko/pictures/*.svg"):
        ours, theirs = map(sessions.shown, (picture, DOCS / "pictures" / picture.name))
        assert ours != theirs, f"{picture.name}: {RUN}"
        assert looks(ours) == looks(theirs), f"{picture.name}: {RUN}"


def looks(parts):
    """The number of texts in a picture, and its colours and line widths."""
    drawn = {part: times for part, times in parts.items() if part.endswith('"')}
    return parts.total() - sum(drawn.values()), drawn


@chapters
def test_code_is_short(chapter):
    for fence in re.findall(r"^```python\n(.*?)^```$", read(chapter), re.M | re.S):
        assert fence.startswith(">>>") or fence.count("\n") <= 15, fence


@both
def test_every_link_to_code_and_numbers_is_kept_up_to_date(chapter):
    """No link looks like one but is not recognized, because of its path or where its fence is."""
    text = prose(chapter)
    titled = len(re.findall(r'\]\([^)\s]+ "', text))
    numbers = len(sync.NUMBER.findall(text))
    assert titled == len(sync.CODE.findall(read(chapter))) + numbers


@pages
def test_no_link_is_broken(page):
    for link in re.findall(r'\]\(([^)\s]+)(?: "[^"]*")?\)', prose(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in map(slug, re.findall(r"^#+ (.*)$", read(target), re.M)), link


def slug(heading):
    """The anchor of a heading, in the site and on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pages
def test_no_line_of_a_paragraph_starts_like_a_list(page):
    for before, line in pairwise(prose(page).splitlines()):
        if re.match(MARK, line):
            assert before == "" or re.match(f"{MARK}|  ", before), f"{before}\n{line}"


@pages
def test_pictures_have_alt_texts(page):
    for words, link in IMAGE.findall(prose(page)):
        assert len(words.split()) >= 4, link


def test_the_contents_list_every_chapter():
    listed = re.findall(r"^- \[(.*)\]\(([0-9].*)\)$", read(DOCS / "index.md"), re.M)
    assert listed == [(sync.title(chapter), chapter.name) for chapter in CHAPTERS]
    for number, chapter in enumerate(CHAPTERS, 1):
        assert sync.title(chapter).startswith(f"{int(chapter.name[:2])}. ")
        assert int(chapter.name[:2]) >= number


def test_every_term_is_explained_where_the_glossary_says():
    text = read(DOCS / "glossary.md")
    rows = re.findall(r"^\| \[(.+?)\]\((.+?)\) \| (.+?) \| .+ \|$", text, re.M)
    terms = {term: file for term, file, _ in rows}
    assert list(terms) == sorted(terms, key=str.lower)
    assert all(re.search("[가-힣]", korean) for *_, korean in rows)
    assert text.count("\n| ") == len(rows) + 2
    bold = [
        (term, chapter.name)
        for chapter in CHAPTERS
        for term in re.findall(r"\*\*(.+?)\*\*", prose(chapter).replace("\n", " "))
    ]
    assert [term for term, n in Counter(term for term, _ in bold).items() if n > 1] == []
    assert set(terms.items()) <= {(one, file) for term, file in bold for one in (term, term[:-1])}
    assert all(term in terms or term.removesuffix("s") in terms for term, _ in bold)


@both
def test_only_markdown_that_github_and_the_site_both_render(chapter):
    assert set(re.findall(r"^```(.*)\n(?s:.*?)^```$", read(chapter), re.M)) <= {"python", "sh", ""}
    text = korean.MARK.sub("", prose(chapter))
    assert not re.search(r"^:::|^<|\{\w+\}`|<!--", text, re.M)

"""The two halves of the site: English, and Korean in its folder ko.

The Korean half is a build of its own, of docs/ko. Its table of contents, its search and the theme's
words are Korean. The pages that no language changes, such as code and numbers, are in the English
half only, and both halves lead there.

A page that both halves have leads to the same section in the other: its sections have the anchors
section-1, section-2, … beside the theme's, which come from the titles.
"""

import gettext
import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.search import SearchLanguage

from . import sync

NAMES = {"en": "English", "ko": "한국어"}
WORDS = {
    # The theme's own, those that Sphinx has no Korean for.
    "On this page": "이 페이지에서",
    "Skip to content": "본문으로 건너뛰기",
    "Back to top": "맨 위로",
    "Home": "차례",
    "Previous": "이전",
    "Next": "다음",
    "Made with ": "만든 도구: ",
    "Search finished, found one page matching the search query.": (
        "찾는 말이 있는 페이지: ${resultCount}개"
    ),
    # The site's.
    "Chapters": "장",
    "Appendix": "부록",
    "Step through it, op by op": "연산을 하나씩 따라가 보기",
    "a graph, step by step": "그래프를 한 단계씩",
    "A translator to play with": "직접 써 보는 번역기",
    "The translator on a page of its own": "번역기만 따로 열기",
    "Self-attention: what does it mean?": "셀프 어텐션: it은 무엇을 가리킬까?",
    "A translator: what each word is translated from": "번역기: 각 단어를 무엇에서 옮겼을까?",
    "Self-attention: what *It* refers to, and through whom": (
        "셀프 어텐션: *It*이 가리키는 것과 그 사이를 잇는 단어"
    ),
    "A Transformer's heads: from the translation to its source": (
        "트랜스포머의 헤드: 번역문에서 원문으로"
    ),
    "The heads of its encoder": "인코더의 헤드",
    "The heads of its decoder": "디코더의 헤드",
    "A GPT: what it reads before it says the next word": "GPT: 다음 단어를 말하기 전에 읽는 것",
}


def setup(app):
    """Register the extension."""
    app.add_search_language(Korean)
    app.connect("builder-inited", add_words)
    app.connect("doctree-read", number_sections)
    app.connect("doctree-read", index_terms)
    app.connect("doctree-read", lead_to_english)
    app.connect("html-page-context", add_switch)
    app.connect("html-page-context", count_results)
    app.connect("html-page-context", level_captions, priority=600)  # after the theme made them
    return {"parallel_read_safe": False}


def is_korean(app):
    """True in the build of the Korean half."""
    return app.config.language == "ko"


def said(app, text):
    """One of the site's texts, in the language of the half."""
    return WORDS[text] if is_korean(app) else text


def played(app, page):
    """The link to a page to play with, which the halves share: it speaks both languages."""
    return f"../{page}?language=ko" if is_korean(app) else page


def leading_back(page, before, links):
    """A page to play with, with links back, by language: it shows that in its own."""
    made = "".join(
        f'<a class="{name}" lang="{name}" href="{link}" style="color: inherit">{escape(text)}</a>'
        for name, (link, text) in links.items()
    )
    shown = "<style>:root:lang(en) .ko, :root:lang(ko) .en { display: none; }</style>"
    page = page.replace("</head>", f"{shown}\n</head>", 1)
    return page.replace(before, f'<p class="note">{made}</p>\n{before}', 1)


class Theme(gettext.NullTranslations):
    """The words that the theme uses and Sphinx does not translate."""

    def gettext(self, message):
        """A word in Korean; itself if there is none."""
        return WORDS.get(message, message)


def add_words(app):
    """Translate the theme's words."""
    if is_korean(app):
        app.translator.add_fallback(Theme())


def lead_to_english(app, doctree):
    """Make the links to pages that only the English half has, which Sphinx does not find, work."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        page = Path(app.srcdir, link["reftarget"])
        if link["refdomain"] == "doc" and sync.DOCS / "ko" not in page.parents and is_korean(app):
            uri = f"../{page.relative_to(sync.DOCS).as_posix()}.html"
            uri += f"#{link['reftargetid']}" if link["reftargetid"] else ""
            link.replace_self(nodes.reference("", "", *link.children, refuri=uri, internal=True))


# --- the switch --------------------------------------------------------------------------------


def counterpart(app, name):
    """The link from a page to the same page in the other language; None if there is none."""
    if is_korean(app):
        return f"../{name}.html" if (sync.DOCS / f"{name}.md").exists() else None
    return f"ko/{name}.html" if (sync.DOCS / "ko" / f"{name}.md").exists() else None


def number_sections(app, doctree):
    """Give each section an anchor that is the same in both languages."""
    if counterpart(app, app.env.docname):
        for i, section in enumerate(doctree.findall(nodes.section), 1):
            section["ids"].append(f"section-{i}")


def add_switch(app, name, _template, context, _doctree):
    """Add the switch to a page, and to the English front page the offer to read in Korean."""
    link = counterpart(app, name)
    if link is None:
        return
    other = "en" if is_korean(app) else "ko"
    about = f'href="{link}" hreflang="{other}"'
    # Search leaves what is a headerlink out of its excerpts.
    switch = f'<a class="language headerlink" lang="{other}" {about}>{NAMES[other]}</a>'
    if link == "ko/index.html":
        switch += f'<p class="offer headerlink" lang="ko" hidden><a {about}>한국어로 읽기</a></p>'
    context["body"] = switch + context["body"]
    context["metatags"] += f'<link rel="alternate" {about}>'
    app.add_js_file("language.js", loading_method="defer")


def level_captions(_app, _name, _template, context, _doctree):
    """Give the captions in the table of contents a level, which headings must have."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace(
        'role="heading"', 'aria-level="2" role="heading"'
    )


# --- search ------------------------------------------------------------------------------------


def count_results(app, name, _template, _context, _doctree):
    """Say in Korean how many pages were found; Sphinx's translation of this is empty."""
    if name == "search" and is_korean(app):
        english = "Search finished, found one page matching the search query."
        body = (
            f"Documentation.TRANSLATIONS[{json.dumps(english)}] = [{json.dumps(WORDS[english])}];"
        )
        app.add_js_file(None, body=body, priority=900)  # after Sphinx's translations


class Korean(SearchLanguage):
    """Search in Korean, without a dictionary.

    Particles follow a word without a space (어텐션을), and compounds have none (셀프어텐션). So the
    index has each piece of a word of up to four syllables. What a reader types is looked up whole.
    """

    lang, language_name = "ko", "Korean"

    def split(self, input):
        """The pieces of the Korean words of a text, and its other words whole."""
        words = re.findall(r"[가-힣]+|[^\W가-힣]+", input)
        return [piece for word in words for piece in ([word, *pieces(word)])]


def pieces(word):
    """The sequences of up to four syllables in a Korean word."""
    if not re.match("[가-힣]", word):
        return []
    return [word[i : i + n] for n in range(1, 5) for i in range(len(word) - n + 1)]


def index_terms(app, doctree):
    """Make search find a term where a chapter explains it first: there it is bold.

    A Korean term has its English one beside it, in parentheses, which is found as well.
    """
    if not app.env.docname[0].isdigit():
        return
    for strong in list(doctree.findall(nodes.strong)):
        after = strong.next_node(nodes.Text, descend=False, siblings=True) or ""
        beside = re.match(r"\(([^)]+)\)", after)
        terms = [strong.astext(), *(beside.groups() if beside else ())]
        # Less than a whole term, its first word: 은닉 finds 은닉 상태.
        terms += [f"{term.split()[0]} …" for term in terms if " " in term]
        section = strong
        while not isinstance(section, nodes.section):
            section = section.parent
        entries = [("single", term, section["ids"][0], "main", None) for term in terms]
        section.insert(1, addnodes.index(entries=entries))

"""The pages in Korean: every English text has its Korean one, and no Korean one is left over."""

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont

import minigrad
from minigrad import nn
from minigrad.draw import dot, draw, view
from minigrad.draw.pages import joined
from models.kinds import KINDS
from models.showing import film, live, pages

EXPLORER = Path(dot.__file__).parent / "page" / "explorer.html"
PAGES = {"explorer": EXPLORER, "weights": pages.PAGE, "film": film.PAGE, "live": live.PAGE}
STRING = r'"(?:[^"\\]|\\.)*"'
TEXT = rf"{STRING}(?:\s*\+\s*{STRING})*"
SAID = re.compile(rf"\b(?:say|sayParts)\(\s*({TEXT})?")
COUNTED = re.compile(rf"\bplural\([^\"]*?({TEXT}),\s*({TEXT})")
SIGNS = {"minigrad", "SVG", "PNG", "p"}  # names and keys in the HTML, the same in both languages


def table(page):
    """The Korean texts of a page by their English ones; each appears once."""

    def distinct(pairs):
        names = [name for name, _ in pairs]
        assert len(set(names)) == len(names), sorted(names)
        return dict(pairs)

    text = (page.parent / "korean.js").read_text("utf-8")
    inside = re.search(r"^learn\((\{.*\})\);$", text, re.M | re.S)[1]
    plain = re.sub(r"^\s*//.*$", "", inside, flags=re.M)
    return json.loads(re.sub(r",\s*\}$", "}", plain), object_pairs_hook=distinct)


def said(page):
    """The English texts of the page's modules: those that `say` and its like are given."""
    found = set()
    for module in page.parent.glob("*.js"):
        if module.name in ("language.js", "korean.js"):
            continue
        code = module.read_text("utf-8")
        texts = [match[1] for match in SAID.finditer(code)]
        assert None not in texts, f"{module.name}: `say` is given something else than a text"
        counted = COUNTED.findall(code)
        assert len(counted) == len(re.findall(r"\bplural\(", code)), module.name
        for text in [*texts, *(one for pair in counted for one in pair)]:
            found.add("".join(json.loads(part) for part in re.findall(STRING, text)))
    return found


class Html(HTMLParser):
    """The texts and the titles of a page's HTML."""

    def __init__(self):
        super().__init__()
        self.texts, self.inside = set(), None

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        names = ("aria-label", "title", "placeholder")
        for text in (value for name, value in attributes if name in names):
            self.handle_data(text)

    def handle_data(self, text):
        text = " ".join(text.split())
        words = re.search("[A-Za-z]", text) and not re.search(r"\{\{|/\*", text)
        if words and self.inside not in ("script", "style") and text not in SIGNS:
            self.texts.add(text)


def in_html(page):
    parser = Html()
    parser.feed(re.sub("<noscript>.*</noscript>", "", page.read_text("utf-8"), flags=re.S))
    return parser.texts


def notes():
    """The notes under drawings, and their legends."""
    x, w = (minigrad.randn(3, requires_grad=True) for _ in range(2))
    drawings = [draw(minigrad.randn(2)), draw([minigrad.randn(2), minigrad.randn(2)])]
    y = x.exp()
    one, other = (x * w).sum(), (x / w).sum()
    y.sum().backward()
    drawings.append(draw(y))
    drawings += [draw(one, names={"x": x}), draw(one)]
    x.grad = None
    one.backward()
    drawings.append(draw([one, other]))
    far = (minigrad.tensor([0.0, 4.0], requires_grad=True).sqrt() * minigrad.tensor([1.0, 0])).sum()
    nothing = (minigrad.ones(3, requires_grad=True) * minigrad.zeros(3)).sum()
    for loss in (far, nothing):
        loss.backward()
        drawings.append(draw(loss))
    h = x
    for _ in range(60):
        h = (h * 0.5).tanh()
    loss = h.sum()
    loss.backward()
    drawings.append(draw(loss))
    shown = {
        text
        for one in drawings
        for text in re.findall(r">([^<>&]*[a-z]{3} [^<>&]*)</FONT>", one.source)
        if text not in one.note  # which is broken into lines
    }
    return {one.note for one in drawings} | shown | set(dot.KEY.values())


def folded(monkeypatch):
    """The note on modules that stay folded."""
    monkeypatch.setitem(view.__globals__, "LARGEST", 50)
    model = nn.Sequential(*(nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(30)))
    return draw(model(minigrad.randn(2)), names=model, unroll=True).note


def abouts():
    """The lines that name the model of a page of attention weights."""
    for folder in ("", "runs/my run"):
        for kind in pages.KINDS:
            settings = SimpleNamespace(model="transformer")
            yield pages.about(SimpleNamespace(folder=folder, settings=settings), kind)


def heads(**given):
    """The title, the lines below it and the label of each live page."""
    for name, kind in KINDS.items():
        if hasattr(kind.showing, "live"):
            own = given if name in ("seq2seq", "attention") else {}
            settings = kind.run.settings_from({"model": name, **kind.run.SMALL, **own})
            run = kind.run.start("", settings, 2 * [kind.run.COURSE], model=kind.model)
            about = kind.showing.live(run)
            yield from (about["title"], about["about"], about["label"])


def made(page, monkeypatch):
    """Texts that Python gives to the page."""
    if page == EXPLORER:
        return {*notes(), folded(monkeypatch)} - {""}
    if page == live.PAGE:
        return {*heads(), *heads(pairs=__file__)}
    return set(abouts()) if page == pages.PAGE else set()


def fits(text, entry):
    """True if a text is this entry, with words in place of its {names}."""
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(entry)), text, re.S) is not None


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_text_has_its_korean_one_and_none_is_left_over(page, monkeypatch):
    korean, written = table(page), said(page) | in_html(page)
    assert written - set(korean) == set()
    left, texts = set(korean) - written, made(page, monkeypatch)
    for text in texts:
        assert any(fits(text, entry) for entry in korean), text
    values = {"{names} and {last}"} if page == EXPLORER else set()  # inside a note
    assert {one for one in left - values if not any(fits(text, one) for text in texts)} == set()


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_korean_texts_are_korean(page):
    """The same values, and no particle whose form would depend on one."""
    for english, korean in table(page).items():
        names = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, korean)]
        assert names[1] == names[0] - {"boxes"}, english
        assert re.search("[가-힣]", korean) or re.search(r"\{\w+\}", korean), english
        assert not re.search(r"\}(은|는|이|가|을|를|와|과|로|으로)\b", korean), korean


@pytest.mark.parametrize(
    "page", [pages.PAGE, film.PAGE, live.PAGE], ids=["weights", "film", "live"]
)
def test_the_page_brings_the_letters_of_its_korean_texts(page):
    rule = pages.hangul(joined(page))
    data = base64.b64decode(re.search(r"base64,([^)]*)\)", rule)[1])
    letters = {chr(code) for code in TTFont(io.BytesIO(data)).getBestCmap()}
    assert letters >= set(re.findall("[가-힣]", "".join(table(page).values())))
    assert len(rule) < 60_000

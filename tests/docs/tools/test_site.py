"""The site's parts: formulas, the API reference, links to lines of code."""

import re
from importlib import import_module
from inspect import cleandoc, ismodule

import pytest

import minigrad

pytest.importorskip("sphinx")
pytest.importorskip("latex2mathml")

from sphinx.errors import ExtensionError

from docs.tools import api, languages, live, names, playing, site, sync
from minigrad.tensor import METHODS

REFERENCE = sync.DOCS / "reference"


# Formulas.


def test_formulas():
    made = site.formula(r"\frac{\partial z}{\partial v} = \sum_u a_u", "block")
    assert made.startswith("<math")
    assert 'display="block"' in made
    assert "<mfrac>" in made
    assert "<mtable" in site.formula(r"\begin{aligned}a &= b \\ c &= d\end{aligned}", "block")


@pytest.mark.parametrize("latex", [r"\lVert g \rVert = \sqrt{x}", r"5 + |y|"])
def test_bars_are_brackets_as_high_as_a_letter(latex):
    made = site.formula(latex, "block")
    for form in ("prefix", "postfix"):
        assert made.count(f'stretchy="false" form="{form}"') == 1


@pytest.mark.parametrize("latex", [r"\nosuch{x}", r"a & b"])
def test_a_formula_that_cannot_be_translated(latex):
    with pytest.raises(ExtensionError, match="cannot translate"):
        site.formula(latex, "inline")


def test_every_formula_of_the_course_can_be_translated():
    for chapter in sync.chapters():
        text = re.sub(r"^```.*?^```$", "", chapter.read_text(encoding="utf-8"), flags=re.M | re.S)
        text = re.sub("`[^`]*`", "", text)
        for one, other in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", text, re.S):
            assert "<math" in site.formula(one or other, "block")


# The reference.


def listed():
    """The objects that the pages of the reference describe."""
    found = []
    for page in REFERENCE.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for name, listed_names in re.findall(r"^```\{api\} (\S+)\n(.*?)^```", text, re.M | re.S):
            module = import_module(name)
            found += [getattr(module, one) for one in listed_names.split() or api.defined(module)]
    return found


@pytest.mark.parametrize("name", ["", ".nn", ".nn.functional", ".nn.init", ".optim"])
def test_every_public_name_is_in_the_reference(name):
    module = import_module(f"minigrad{name}")
    names = getattr(module, "__all__", None) or api.defined(module)
    described = {id(thing) for thing in listed()}
    missing = [one for one in names if not one.startswith("_") and one not in ("enable_grad", "F")]
    missing = [one for one in missing if callable(getattr(module, one))]
    missing = [one for one in missing if not ismodule(getattr(module, one))]
    assert [one for one in missing if id(getattr(module, one)) not in described] == []


def test_nothing_is_described_twice():
    described = [id(thing) for thing in listed()]
    assert len(described) == len(set(described))


# The names beyond the course.

ROOMS = sorted({room for _, room, _ in names.rooms()} | set(METHODS))


def test_every_room_is_on_the_page_of_names():
    text = (REFERENCE / "names.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```\{names\} (\S+)\n```$", text, re.M)
    assert [room for room in ROOMS if room not in shown and names.listed(room)] == []
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_a_room_has_a_text(room):
    text = names.described(room)
    for name, thing in names.listed(room):
        assert f"`{name}`" in text
        said = names.sentences(thing)[0]
        assert re.match(r"\S.*[.:]$", said, re.S), f"{room}: {name} is documented by {said!r}"


def test_what_differs_is_in_italics():
    text = names.described("minigrad.creating")
    empty = "A tensor of a shape, to be filled. *In PyTorch it holds anything, here it holds 0.*"
    assert f"| `empty` | {empty} |" in text
    assert not names.differs("The options are taken as in PyTorch.")


def test_names_with_one_text_share_a_row():
    text = names.described("minigrad.elementwise")
    assert "| `sign`, `sgn` | -1, 0 or 1: the sign of x, with a gradient of 0. |" in text
    assert "All but `rsub` are methods of tensors, too." in text
    assert "| `abs_`" not in names.described("minigrad.overwriting")


def test_docstrings_are_plain_text():
    text = """x * y, elementwise; see `mul_` and <b>, [1], a_b, *args, *it* and **kw.

        x, y   tensors, or
               arrays
        eps    a number

    Made so:

        mul(x, y)    the product
            of both
    """
    assert api.markdown(
        cleandoc(text)
        .replace("\n    x, y", "\nx, y")
        .replace("\n           arrays", "\n       arrays")
        .replace("\n    eps", "\neps")
    ) == (
        "x \\* y, elementwise; see `mul_` and \\<b>, \\[1\\], a\\_b, "
        "\\*args, *it* and \\*\\*kw.\n\n"
        "`x, y`\n: tensors, or arrays\n\n`eps`\n: a number\n\n"
        "Made so:\n\n```text\nmul(x, y)    the product\n    of both\n```"
    )


def test_signatures_have_no_types():
    assert api.signature(minigrad.sum, "sum") == "sum(x, *, dim=None, keepdim=False)"
    assert api.signature(minigrad.nn.Linear, "Linear") == (
        "Linear(in_features, out_features, bias=True, device=None, dtype=None)"
    )
    assert "forward(input)" in api.described(minigrad.nn, "Linear")


# Lines of code.


def test_links_to_code_point_to_the_line():
    lines = (sync.ROOT / "minigrad/ops.py").read_text(encoding="utf-8").splitlines()
    number = site.line_of("minigrad/ops.py", "mul")
    assert lines[number - 1 : number + 1] == ["@op", "def mul(x, y):"]
    uri = api.link("py", {"module": "minigrad", "fullname": "mul"})
    assert uri == f"../source/minigrad/ops.html#line-{number}"
    assert api.link("py", {"module": "minigrad.nn", "fullname": "Linear.forward"})


@pytest.mark.parametrize(("name", "file"), [("gather", "picking"), ("cat", "functions")])
def test_a_decorated_function_leads_to_its_own_source(name, file):
    assert f"/{file}.html#line-" in api.link("py", {"module": "minigrad", "fullname": name})


# The Korean half.


def test_every_text_of_the_site_is_in_korean():
    texts = [page.about for page in playing.PAGES] + [page.link for page in live.PAGES]
    assert [text for text in texts if not re.search("[가-힣]", languages.WORDS[text])] == []


def test_search_finds_a_korean_word_with_a_particle_and_inside_a_compound():
    index = languages.Korean({}).split("셀프어텐션을 softmax로")
    assert {"어텐션", "셀프", "어텐션을", "셀프어텐션을", "softmax", "로"} <= set(index)

"""The joiner of pages: one file, each module once, after those it imports."""

import re
from pathlib import Path

import pytest

from minigrad.draw import pages

ROOT = Path(__file__).parents[3]
HTML = (
    '<html><link rel="stylesheet" href="a.css"><script type="module" src="main.js"></script></html>'
)


@pytest.fixture
def write(tmp_path):
    """Write a page's files; gives the page."""

    def written(html=HTML, **modules):
        for name, text in {"a.css": "b { color: red; }\n", "page.html": html}.items():
            (tmp_path / name).write_text(text, "utf-8")
        for name, text in modules.items():
            (tmp_path / f"{name}.js").write_text(text, "utf-8")
        return tmp_path / "page.html"

    return written


def test_a_page_has_its_sheets_and_its_modules_inside(write):
    main = 'import { two } from "./two.js";\nimport "./one.js";\n\nconsole.log(two);\n'
    two = 'import {\n  one,\n} from "./one.js";\n\nexport const two = one + 1;\n'
    page = write(main=main, two=two, one="export function one() {}\nexport let 한 = 1;\n")
    assert pages.joined(page) == (
        '<html><style>\nb { color: red; }\n</style><script type="module">\n'
        "function one() {}\nlet 한 = 1;\n\nconst two = one + 1;\n\nconsole.log(two);\n"
        "</script></html>"
    )


def test_modules_may_import_each_other_in_a_circle(write):
    one = 'import { two } from "./two.js";\n\nexport const one = () => two;\n'
    two = 'import { one } from "./one.js";\n\nexport const two = () => one;\n'
    text = pages.joined(write(main='import { one } from "./one.js";\n\none();\n', one=one, two=two))
    assert text.index("const two") < text.index("const one") < text.index("one();")
    assert "import" not in text


def test_a_name_in_two_modules_is_an_error(write):
    page = write(main='import "./one.js";\n\nconst x = 1;\n', one="function x() {}\n")
    with pytest.raises(ValueError, match=r"x is in both one\.js and main\.js"):
        pages.joined(page)


def test_a_name_cannot_be_changed_on_import(write):
    page = write(main='import { x as y } from "./one.js";\n', one="export const x = 1;\n")
    with pytest.raises(ValueError, match="without `as`"):
        pages.joined(page)


FOLDERS = [path for room in ("minigrad", "models") for path in (ROOT / room).rglob("page")]
PAGES = sorted(path for folder in FOLDERS for path in folder.rglob("*.*"))


@pytest.mark.parametrize("path", [path for path in PAGES if path.suffix == ".html"], ids=str)
def test_every_module_of_a_page_is_in_it(path):
    text = pages.joined(path)
    assert not re.search(r"^(?:import|export)\b", text, re.M)
    for module in path.parent.glob("*.js"):
        first = re.search(r"^export (.*)$", module.read_text("utf-8"), re.M)
        assert first is None or first[1] in text


def test_modules_are_short():
    long = [path.name for path in PAGES if len(path.read_text("utf-8").splitlines()) > 250]
    assert not long

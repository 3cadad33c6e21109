"""A Sphinx extension that turns the Markdown of the course into its site.

The chapters are plain Markdown, so that GitHub renders them too. In the site their formulas become
MathML, their links to code lead to pages with that code, and their pictures link to themselves at
full size. If a session saved an explorer page, the picture links to it. What the English and the
Korean half do differently is in languages.py.
"""

import ast
import functools
import html
import re
import tempfile
from importlib.resources import files
from pathlib import Path

import imagesize
from docutils import nodes
from latex2mathml.converter import convert
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx import addnodes
from sphinx.errors import ExtensionError

from models.showing import canvas
from models.showing.fonts import hangul, reduced

from . import live, playing, sessions, sync
from .languages import is_korean, leading_back, played, said

WIDE = 600  # pixels: wider pictures scroll on a phone, because scaled down they are unreadable
COLUMN = 784  # pixels: the widest that a page shows whole
LEGIBLE = 0.7  # of its width: a picture that is scaled down further has text under 9 px
PLAYING = "<!-- the pages to play with -->"  # in index.md
ROOMS = ["minigrad", "names", "nn", "optim", "engine", "models"]
CONTENTS = {
    "Chapters": ["[0-9]*"],
    "Appendix": ["glossary", "benchmarks", "on_pytorch", "many_workers", "contributing"],
    "Reference": [f"reference/{room}" for room in ROOMS],
}


def setup(app):
    """Register the extension."""
    renderers = [(mathml("inline"), None), (mathml("block"), None)]
    app.add_html_math_renderer("mathml", *renderers)
    app.connect("builder-inited", find_explorers)
    app.connect("source-read", add_contents)
    app.connect("doctree-read", adapt, priority=100)  # before Sphinx looks for files to copy
    app.connect("html-collect-pages", source_pages)
    app.connect("build-finished", add_files)
    return {"parallel_read_safe": False}


def add_contents(app, name, source):
    """Add what only the site has: its table of contents, and the pages to play with."""
    if name == "index":
        source[0] = source[0].replace(PLAYING, playing.listed(app)) + contents(app)


def contents(app):
    """The table of contents, with the pages that this half has."""
    lists = []
    for caption, pages in CONTENTS.items():
        here = [page for page in pages if any(Path(app.srcdir).glob(f"{page}.md"))]
        if here:
            options = [":hidden:", ":glob:", f":caption: {said(app, caption)}"]
            lists.append("\n".join(["", "```{toctree}", *options, *here, "```", ""]))
    return "".join(lists)


# --- formulas ----------------------------------------------------------------------------------


def mathml(display):
    """A function that writes a formula with Sphinx's translator; display is "inline" or "block"."""

    def write(translator, node):
        translator.body.append(formula(node.astext(), display))
        raise nodes.SkipNode

    return write


def formula(latex, display):
    """A formula in MathML. Raises ExtensionError if part of it cannot be translated."""
    made = convert(latex.replace("{aligned}", "{align*}"), display=display)
    if "\\" in made or "<mi>&</mi>" in made:
        raise ExtensionError(f"cannot translate this formula to MathML: {latex}")
    # Bars around a letter are brackets: without spaces, and as high as the letter.
    bar = "<mo[^>]*>(&#x0007C;|&#x02016;)</mo>"
    pair = rf"{bar}(<mi>.</mi>){bar}"
    one, other = (f'<mo stretchy="false" form="{form}">' for form in ("prefix", "postfix"))
    return re.sub(pair, rf"{one}\1</mo>\2{other}\3</mo>", made)


# Characters that MathML renders although the text does not contain them: italics, ℎ, Greek and √.
UNSPELLED = [*range(0x1D434, 0x1D468), 0x210E, *range(0x1D6E2, 0x1D71C), 0x221A]


def fonts(pages):
    """The fonts for the formulas and the Korean of these texts, by file name."""
    formulas = html.unescape("".join(re.findall("<math.*?</math>", pages, re.S)))
    korean = "".join(re.findall("[ㄱ-ㆎ가-힣]", pages))
    return {
        "_static/math.woff": font("ziamath", "STIXTwoMath-Regular.ttf", formulas, UNSPELLED),
        "_static/korean.woff": font("koreanize_matplotlib", "NanumGothic.ttf", korean),
        "_static/korean_bold.woff": font("koreanize_matplotlib", "NanumGothicBold.ttf", korean),
    }


def font(package, file, text, unicodes=()):
    """A font file from a package, reduced to the letters of a text."""
    return reduced(files(package) / "fonts" / file, text, unicodes)


# --- pictures and their explorer pages ---------------------------------------------------------

# In an explorer, too, the Korean font comes with the page, and is first.
HANGUL = """
  :root { --sans: hangul, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    --mono: hangul, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
  .graph text { font-family: hangul, Helvetica, Arial, sans-serif; }
"""


def find_explorers(app):
    """Find the explorer pages: for each, the title of its chapter. Only the English half runs."""
    app.explored, app.explorers = {}, {}
    if is_korean(app):
        english = Path(app.outdir).parent
        if not (english / "index.html").exists():
            raise ExtensionError(f"build the English half first, in {english}")
        for page in sorted(english.glob("pictures/*.html")):
            [chapter] = Path(app.srcdir).glob(f"{page.name[:2]}_*.md")
            app.explored[f"pictures/{page.name}"] = sync.title(chapter)
    else:
        run_sessions(app)


def run_sessions(app):
    """Run every chapter's session and collect the explorer pages that it saves."""
    for chapter in sync.chapters():
        with tempfile.TemporaryDirectory() as folder:
            failed = sessions.run(chapter, Path(folder))
            if failed:
                raise ExtensionError(failed)
            for page in sorted(Path(folder).glob("pictures/*.html")):
                app.explorers[f"pictures/{page.name}"] = explorer(page, chapter)
                app.explored[f"pictures/{page.name}"] = sync.title(chapter)


def explorer(page, chapter):
    """An explorer page, with links back to its chapter, and with a font for its Korean."""
    halves = {"en": ("..", chapter), "ko": ("../ko", sync.DOCS / "ko" / chapter.name)}
    links = {
        name: (f"{up}/{path.stem}.html", sync.title(path)) for name, (up, path) in halves.items()
    }
    text = leading_back(page.read_text(encoding="utf-8"), '<p id="size">', links)
    text = text.replace("</head>", f"<style>{hangul(text)}{HANGUL}</style>\n</head>", 1)
    return text.replace("img-src data:;", "img-src data:; font-src data:;", 1).encode()


def adapt(app, doctree):
    """Replace links to code and to numbers, and pictures, by their form in the site."""
    for link in list(doctree.findall(addnodes.download_reference)):
        title = link.get("reftitle", "")
        uri = address(app, link["reftarget"], title)
        if uri is None:
            continue
        made = nodes.reference("", "", *link.children, refuri=uri, internal=True)
        if title:
            made["classes"] = ["measured"] if uri.endswith(".json") else []
            made["reftitle"] = title
        link.replace_self(made)
        if title and len(made.parent) == 1:
            made.parent["classes"].append("listing")
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if len(paragraph) == 1 and isinstance(paragraph[0], nodes.image):
            at_work = app.env.docname == "index"  # instead of the picture, which GitHub shows
            live_page = nodes.raw("", live.framed(app), format="html")
            paragraph.replace_self(live_page if at_work else picture(app, paragraph[0]))
    last = doctree.next_node(nodes.transition)
    if app.env.docname[0].isdigit() and last:  # the footer: the theme has its own links
        section = last.parent
        del section[section.index(last) :]


def address(app, target, title):
    """The link to a file: code at the line that a title names, or numbers; None for other files."""
    path = (Path(app.env.doc2path(app.env.docname)).parent / target).resolve()
    path = path.relative_to(sync.ROOT).as_posix()
    up = "../" * app.env.docname.count("/")
    up += "../" * (is_korean(app) and path not in sources(korean=True))
    if path.endswith(".py"):
        number = line_of(path, title) if title else 0
        return f"{up}source/{path[:-3]}.html" + (f"#line-{number}" if number else "")
    if path.endswith(".json") and path.startswith("docs/"):
        return up + path.removeprefix("docs/")
    return None


def picture(app, image):
    """A picture that links to itself at full size and, if there is one, to its explorer page."""
    file = Path(app.srcdir) / image["uri"]
    if 'class="diagram"' in file.read_text(encoding="utf-8", errors="ignore")[:300]:
        return [nodes.raw("", diagram(file, image.get("alt", "")), format="html")]
    width, _ = imagesize.get(file)
    whole = nodes.reference("", "", image, refuri=f"_images/{Path(image['uri']).name}")
    box = nodes.container("", whole, classes=["picture"] + ["wide"] * (width > WIDE))
    if width * LEGIBLE > COLUMN:
        box["classes"].append("huge")
        image["width"] = f"{width * LEGIBLE:.0f}px"
    page = f"pictures/{file.stem}.html"
    if page not in app.explored:
        return [box]
    text = said(app, "Step through it, op by op")
    link = nodes.reference("", text, refuri=played(app, page))
    return [box, nodes.paragraph("", "", link, classes=["explorer"])]


def diagram(file, alt):
    """A picture of words inside the page: it follows the theme that the reader chose."""
    light, dark = canvas.LIGHT, canvas.DARK
    rules = dark[dark.index("{") + 1 : -1]
    chosen = f'body[data-theme="dark"]{{{rules}}}'
    by_system = dark.replace("{", '{body[data-theme="auto"]{', 1) + "}"
    svg = file.read_text(encoding="utf-8").replace(light + dark, light + chosen + by_system)
    svg = svg.replace('role="img"', f'role="img" aria-label="{html.escape(alt)}"', 1)
    return f'<div class="words">{svg}</div>'


# --- pages with the code -----------------------------------------------------------------------


@functools.cache
def sources(korean=False):
    """The paths of the Python files that have a page in a half, relative to the root."""
    english = ("minigrad", "models", "tests", "docs/exercises")
    rooms = ("docs/ko/exercises",) if korean else english
    found = [path for room in rooms for path in (sync.ROOT / room).rglob("*.py")]
    return sorted(path.relative_to(sync.ROOT).as_posix() for path in found)


def source_pages(app):
    """A page for each Python file, with an anchor per line."""
    look = HtmlFormatter(linespans="line", wrapcode=True)
    for path in sources(is_korean(app)):
        code = highlight((sync.ROOT / path).read_text(encoding="utf-8"), PythonLexer(), look)
        yield f"source/{path[:-3]}", {"title": path, "body": f"<h1>{path}</h1>{code}"}, "page.html"


def line_of(path, title):
    """The line number of the definition that a link's title names."""
    body = ast.parse((sync.ROOT / path).read_text(encoding="utf-8")).body
    name = title.split(" - ")[0].partition(": ")[0]
    return sessions.start(sync.named(body, name.split("."), path)[0])


# --- files -------------------------------------------------------------------------------------


def add_files(app, error):
    """Add the files that the pages link to: numbers, explorer pages, fonts."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    texts = [*out.rglob("*.html"), *out.glob("_static/translations.js")]
    texts = [path for path in texts if out / "ko" not in path.parents]  # it has fonts of its own
    made = fonts("".join(path.read_text(encoding="utf-8") for path in texts))
    if not is_korean(app):
        korean = sync.DOCS / "ko"
        made |= app.explorers | playing.pages() | live.pages()
        numbers = [path for path in sync.DOCS.rglob("*.json") if korean not in path.parents]
        made |= {path.relative_to(sync.DOCS).as_posix(): path.read_bytes() for path in numbers}
    for name, content in made.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes(content)

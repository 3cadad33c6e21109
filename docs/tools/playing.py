"""The pages to play with: the attention of trained runs, page by page, for the site.

    python -m docs.tools.playing [RUNS]     write their data, docs/pages/*.json, from the runs there

RUNS is the folder of the runs, by default `runs`, where `python -m models train MODEL` puts them.
The site makes a page of each file and lists them on its front page.
"""

import html
import json
import sys
from pathlib import Path
from typing import NamedTuple

from models import kinds
from models.__main__ import tokens_of
from models.showing import pages as weights

from . import sync
from .languages import leading_back, played, said

FOLDER = sync.DOCS / "pages"
FRIDAY, BOTH = "오늘은 금요일입니다.", "오늘은 금요일이고 내일은 토요일입니다."
DOG = "The dog likes an apple. It has a long tail."
STORY = "The dog finds a red apple. Then the cat"


class Page(NamedTuple):
    """A page: its file, the run, the sentence, and what a reader finds there."""

    name: str
    model: str
    sentence: str
    about: str
    kind: str | None = None  # of attention, where the model has several
    head: int | None = None  # that it opens with


PAGES = (
    Page("translator", "attention", FRIDAY, "A translator: what each word is translated from"),
    Page("reader", "self_attention", DOG, "Self-attention: what *It* refers to, and through whom"),
    Page("cross", "transformer", BOTH, "A Transformer's heads: from the translation to its source"),
    Page("encoder", "transformer", BOTH, "The heads of its encoder", "encoder", 1),
    Page("decoder", "transformer", BOTH, "The heads of its decoder", "decoder", 1),
    Page("gpt", "gpt", STORY, "A GPT: what it reads before it says the next word"),
)  # fmt: skip


def listed(app):
    """A list of links in HTML, for a half of the site: the attention pages, and the explorers."""
    links = [(f"pages/{page.name}.html", said(app, page.about)) for page in PAGES]
    graph = said(app, "a graph, step by step")
    links += [(page, f"{chapter}: {graph}") for page, chapter in sorted(app.explored.items())]
    lines = [f'<li><a href="{played(app, page)}">{spelled(text)}</a></li>' for page, text in links]
    return "\n".join(['<ul class="playing">', *lines, "</ul>"])


def spelled(text):
    """A text in HTML, with its *emphasis*."""
    before, *marked = html.escape(text).split("*")
    return before + "".join(
        f"<em>{one}</em>" if i % 2 == 0 else one for i, one in enumerate(marked)
    )


def pages():
    """The pages by their path in the site, each with a link back to the front page."""
    starts = {
        "en": ("../index.html", "docs/index.md"),
        "ko": ("../ko/index.html", "docs/ko/index.md"),
    }
    links = {name: (link, sync.title(sync.ROOT / path)) for name, (link, path) in starts.items()}
    made = {}
    for page in PAGES:
        data = json.loads((FOLDER / f"{page.name}.json").read_text(encoding="utf-8"))
        text = weights.html(data | {"links": links})  # so that its font has their letters
        made[f"pages/{page.name}.html"] = leading_back(text, "</header>", links).encode()
    return made


def main(runs="runs"):
    """Write the data of every page."""
    FOLDER.mkdir(exist_ok=True)
    for page in PAGES:
        run, showing = kinds.open_run(Path(runs) / page.model, [page.model])
        kind = {} if page.kind is None else {"kind": page.kind}
        data = showing.page(run, tokens_of(run, page.sentence), **kind)
        data = weights.safe(data | {"head": page.head})
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        path = FOLDER / f"{page.name}.json"
        path.write_text(text + "\n", encoding="utf-8")
        print(f"written: {path.relative_to(sync.ROOT)}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The live pages of the site. Their models are trained while it is built, in half a minute."""

import html
import tempfile
from pathlib import Path
from typing import NamedTuple

from models import kinds
from models.showing import live

from .languages import played, said


class Page(NamedTuple):
    """A live page: its file, the model, the settings that are not the default, and its link."""

    name: str
    model: str
    settings: dict
    link: str


PAGES = (
    Page("translator", "attention", {"steps": 1200}, "The translator on a page of its own"),
    Page("reader", "self_attention", {"steps": 400}, "Self-attention: what does it mean?"),
)


def pages():
    """The pages by their path in the site."""
    return {f"live/{page.name}.html": trained(page).encode() for page in PAGES}


def trained(page):
    """Train a model, and write its live page."""
    with tempfile.TemporaryDirectory() as folder:
        run, splits = kinds.start(Path(folder) / "run", page.model, page.settings)
        run.train(splits.train)
        return live.html(run, kinds.KINDS[page.model].showing.live(run))


def framed(app):
    """The first page in a frame, and links to all, as HTML for a half's front page.

    The script makes the frame as high as its page, and as light or dark as the site.
    """
    texts = {played(app, f"live/{page.name}.html"): said(app, page.link) for page in PAGES}
    links = [f'<a href="{link}">{html.escape(text)}</a>' for link, text in texts.items()]
    first = next(iter(texts))
    title = said(app, "A translator to play with")
    return (
        f'<iframe class="live" src="{first}" title="{title}"></iframe>'
        f'<p class="explorer">{"</p><p class=explorer>".join(links)}</p>'
        '<script defer src="_static/live.js"></script>'
    )

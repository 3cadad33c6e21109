"""The live pages of the site. Their models are trained while it is built, in half a minute."""

import html
import tempfile
from pathlib import Path
from typing import NamedTuple

from models import kinds
from models.showing import live


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


def framed():
    """The first page in a frame, and links to all, as HTML for the site's front page.

    The script makes the frame as high as its page, and as light or dark as the site.
    """
    links = [f'<a href="live/{page.name}.html">{html.escape(page.link)}</a>' for page in PAGES]
    first = PAGES[0].name
    return (
        f'<iframe class="live" src="live/{first}.html" title="A translator to play with"></iframe>'
        f'<p class="explorer">{"</p><p class=explorer>".join(links)}</p>'
        '<script defer src="_static/live.js"></script>'
    )

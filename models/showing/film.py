"""A page that shows the film of a training: one or two of its moments, and sliders through all.

The page is models/showing/page/film; everything it shows is in the run's film.jsonl.
"""

import json
from pathlib import Path

from minigrad.draw.pages import joined
from minigrad.files import write_atomically
from minigrad.text import printable

from ..training import film
from .fonts import hangul

PAGE = Path(__file__).with_name("page") / "film" / "film.html"
PLACE, FONT = "/* the data */", "/* the font */"  # where they go in the page
LARGEST = 1_450_000  # bytes of a page: if all moments are more, it leaves out some
MOST_LETTERS, MOST_SAID = 60, 600  # of a word, and of what a model says


def save(folder, path):
    """Write the page of a run's film; returns the path and how many moments the page has.

    Raises ValueError if the run kept no film.
    """
    head, moments = found(Path(folder))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text, count = html(printed_head(head), [printed(moment) for moment in moments])
    write_atomically(path, text)
    return path, count


def html(head, moments):
    """The page as bytes, and how many moments it has: as many as there is room for."""
    template = joined(PAGE)
    for every in range(1, len(moments) + 1):
        shown = [*moments[:-1:every], moments[-1]]
        data = as_json({"head": head, "moments": shown, "every": every})
        page = template.replace(FONT, hangul(template + data)).replace(PLACE, data).encode()
        if len(page) <= LARGEST:
            break
    return page, len(shown)


def found(folder):
    """The film of a run; ValueError, with what to do, if there is none."""
    if not (folder / film.FILM).exists():
        raise ValueError(
            f"{folder} has no {film.FILM}: it was trained with --film 0, or before runs kept a "
            "film; train again to get one"
        )
    head, moments = film.read(folder)
    if not moments:
        raise ValueError(f"{folder / film.FILM} has no moments yet: go on with train … --resume")
    return head, moments


# All texts of a film made printable: no direction marks, no lone surrogates.


def word(text):
    """A word that can be shown."""
    return printable(str(text), MOST_LETTERS)


def printed_head(head):
    """The head with printable texts."""
    example = head["example"]
    if example is not None:
        example = example | {
            name: [word(text) for text in example[name]] for name in ("rows", "columns")
        }
    parameters = [[word(name), shape] for name, shape in head["parameters"]]
    return head | {"model": word(head["model"]), "parameters": parameters, "example": example}


def printed(moment):
    """A moment with printable texts."""
    if moment.get("answers") is None:
        return moment
    answers = [
        row and [[word(name), probability] for name, probability in row]
        for row in moment["answers"]
    ]
    return moment | {"answers": answers, "says": printable(moment["says"], MOST_SAID)}


def as_json(data):
    """Data as JSON that no text in it can end: `<` is escaped."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")

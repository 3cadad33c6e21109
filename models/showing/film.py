"""A page that shows the film of a training: one or two of its moments, and sliders through all.

The page is models/showing/page/film; everything it shows is in the run's film.jsonl.
"""

import json
from pathlib import Path

from minigrad.draw.pages import joined
from minigrad.files import write_atomically
from minigrad.text import printable

from ..training import film

PAGE = Path(__file__).with_name("page") / "film" / "film.html"
PLACE = "/* the data */"  # where the data go in the page
LARGEST = 1_350_000  # bytes of data: a page with more of them leaves out moments
MOST_LETTERS, MOST_SAID = 60, 600  # of a word, and of what a model says


def save(folder, path):
    """Write the page of a run's film; returns the path and how many moments the page has.

    Raises ValueError if the run kept no film.
    """
    data = data_of(folder)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, html(data).encode())
    return path, len(data["moments"])


def data_of(folder):
    """The data of the page: the head of the film, and as many moments as there is room for."""
    head, moments = found(Path(folder))
    head, moments = printed_head(head), [printed(moment) for moment in moments]
    left = 1
    while len(text := as_json(kept(moments, left)).encode()) > LARGEST and left < len(moments):
        left += 1 + (len(text) > 2 * LARGEST)
    return {"head": head, "moments": kept(moments, left), "left": left}


def found(folder):
    """The film of a run; ValueError, with what to do, if there is none."""
    if not (folder / film.FILM).exists():
        raise ValueError(
            f"{folder} has no {film.FILM}: it was trained with --film 0, or before runs kept a "
            "film; train again to get one, into another folder with --out"
        )
    head, moments = film.read(folder)
    if not moments:
        raise ValueError(f"{folder / film.FILM} has no moments yet: go on with train … --resume")
    return head, moments


def kept(moments, left):
    """Every so many of the moments, the first and the last among them."""
    chosen = moments[:-1:left]
    return [*chosen, moments[-1]]


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


def html(data):
    """The page as text."""
    return joined(PAGE).replace(PLACE, as_json(data))

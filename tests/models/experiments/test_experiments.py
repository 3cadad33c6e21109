"""What the experiments share: what is run, what is written, and the parallel processes."""

import json
import os
import re
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import pytest
from matplotlib.text import Text

from models import experiments
from models.experiments import KINDS, NAMES, alignment, parallel, perform, redraw, rounded
from models.showing.language import speaking
from models.tasks import coreference

ROOT = Path(__file__).parents[3]
FIGURES = ROOT / "docs" / "figures"
KOREAN = ROOT / "docs" / "ko" / "figures"
PAGE = 782  # px: the width of a picture on a page of 1280 px
UNTRANSLATED = {"RNN", "GRU", "LSTM"}  # and formulas, and words of sentences


def square(x, steps):
    for _ in range(steps):
        parallel.tick()
    return x * x, os.environ["OPENBLAS_NUM_THREADS"]


def fail(x):
    raise ValueError(f"cell {x}")


def test_cells_run_in_parallel_and_keep_their_order(capsys):
    before = dict(os.environ)
    cells = [(x, 3) for x in range(5)]
    results = parallel.each(square, cells, "squares", steps=3)
    assert results == [(x * x, "1") for x in range(5)]
    assert "15/15" in capsys.readouterr().err
    assert dict(os.environ) == before


def test_an_error_in_a_cell_is_raised():
    with pytest.raises(ValueError, match="cell 0"):
        parallel.each(fail, [(0,)], "failing", steps=1)


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_has_its_parts(name):
    module = import_module(f"models.experiments.{name}")
    claim = module.__doc__.partition("\n")[0]
    assert claim.endswith(".")
    assert type(module.FULL) is type(module.QUICK)
    for settings in (module.FULL, module.QUICK):
        assert len(getattr(settings, "seeds", (0, 1, 2))) >= 3
    assert all(callable(getattr(module, part)) for part in ("measure", "report", "draw"))


def test_every_file_is_an_experiment_that_is_named():
    files = {path.stem for path in Path(experiments.__file__).parent.glob("*.py")}
    assert files == {*NAMES, "__init__", "parallel"}


def test_an_experiment_writes_what_it_measured(tmp_path, capsys):
    files = perform("scaling", tmp_path / "new", quick=True)
    assert {file.name for file in files} == {file.name for file in (tmp_path / "new").iterdir()}
    assert {"scaling.json", "scaling.svg", "scaling.png"} <= {file.name for file in files}
    about = json.loads((tmp_path / "new" / "scaling.json").read_text(encoding="utf-8"))
    assert about["experiment"] == "scaling"
    assert about["settings"]["seeds"] == [0, 1, 2]
    printed = capsys.readouterr().out
    assert printed.startswith(f"scaling: {about['claim']}\n")

    again = perform("scaling", tmp_path / "again", quick=True)
    for one, two in zip(files, again, strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_the_claim_is_known_without_docstrings(monkeypatch):
    for name in NAMES:
        module = import_module(f"models.experiments.{name}")
        claim = module.__doc__.partition("\n")[0]
        monkeypatch.setattr(module, "__doc__", None)  # as with python -OO
        assert experiments.claim_of(name) == claim


def test_rounded():
    assert rounded({"a": [1.23456789, 7, "x", None], "b": (1e-20 / 3,)}) == {
        "a": [1.23457, 7, "x", None],
        "b": [3.33333e-21],
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_the_docs_is_what_the_code_measures(name):
    path = FIGURES / f"{name}.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    module = import_module(f"models.experiments.{name}")
    assert about["claim"] == module.__doc__.partition("\n")[0]
    assert about["settings"] == json.loads(json.dumps(asdict(module.FULL)))
    module.report(about["result"])
    pictures = module.draw(about["result"])
    for title in pictures:
        assert re.fullmatch(f"{name}(_[a-z]+)*", title)
        for kind in ("svg", "png"):
            assert (FIGURES / f"{title}.{kind}").stat().st_size > 1000


def test_every_picture_in_the_docs_comes_from_an_experiment():
    made = {
        f"{title}.{kind}"
        for name in NAMES
        for title in import_module(f"models.experiments.{name}").draw(
            json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))["result"]
        )
        for kind in ("svg", "png")
    }
    there = {path.name for path in FIGURES.iterdir()}
    assert there == made | {f"{name}.json" for name in NAMES}


def drawn(name, language):
    """The figures of an experiment, from the course's numbers."""
    result = json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))["result"]
    with speaking(language):
        pictures = import_module(f"models.experiments.{name}").draw(result)
    return {title: picture for title, picture in pictures.items() if hasattr(picture, "axes")}


def texts(figure):
    """All texts in a figure."""
    figure.canvas.draw()
    return {text.get_text() for text in figure.findobj(Text) if text.get_visible()}


@pytest.mark.parametrize("name", NAMES)
def test_in_korean_only_names_and_words_of_sentences_are_english(name):
    korean = drawn(name, "ko")
    sentences = {
        *(word for pair in alignment.SHOWN for word in pair.source + pair.target),
        *coreference.COURSE.words,
    }
    for title, figure in drawn(name, "en").items():
        same = texts(figure) & texts(korean[title])
        words = {text for text in same if re.search("[A-Za-z]{3}", text) and "(" not in text}
        assert words <= UNTRANSLATED | sentences
        assert any(re.search("[가-힣]{2}", text) for text in texts(korean[title]) - sentences)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", NAMES)
def test_every_text_has_at_least_9_px_on_a_page(name, language):
    for title, figure in drawn(name, language).items():
        shown = min(1, PAGE / (figure.get_figwidth() * 96)) * 96 / 72
        figure.canvas.draw()
        for text in figure.findobj(Text):
            exponent = 0.7 if "^{" in text.get_text() else 1
            small = text.get_fontsize() * exponent * shown < 9
            assert not (small and text.get_text()), (title, text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("error")  # matplotlib's, for a letter that no font has
def test_the_korean_figures_are_those_in_the_docs(name, tmp_path):
    files = redraw(name, "ko", tmp_path)
    assert {file.stem for file in files} == set(drawn(name, "en"))
    for file in files:
        assert (KOREAN / file.name).stat().st_size > 1000


def test_every_korean_figure_comes_from_an_experiment():
    made = {f"{title}.{kind}" for name in NAMES for title in drawn(name, "ko") for kind in KINDS}
    assert {path.name for path in KOREAN.iterdir()} == made

"""The cards of the panel: where a number comes from, words, heat maps, source."""

import itertools

import numpy as np
import pytest
from explored import attention, cards, transformer

import minigrad
from minigrad.draw import draw

CALM = {"reduced_motion": "reduce"}


def go(page, step):
    page.evaluate(f"location.hash = '#step={step}'")
    page.wait_for_function(f"() => document.querySelector('#slider').value === '{step}'")


def card(page, title):
    return page.locator(".card", has=page.get_by_role("button", name=title, exact=True)).last


def numbers(locator):
    return [float(text.replace("−", "-")) for text in locator.all_inner_texts()]


def result(page):
    """The number at the end of the sum that is written out."""
    return float(page.inner_text(".sum").split("=")[-1].replace("−", "-"))


def test_a_number_of_a_product_shows_its_row_and_column(explore):
    q, k, scores, _, drawing = attention()
    page = explore(drawing, **CALM)
    go(page, 2)
    card(page, "scores").locator("td[data-at]").nth(5).hover()
    assert np.allclose(
        numbers(card(page, "q").locator(".source")), q.detach().numpy()[1], rtol=1e-3
    )
    column = page.locator(".card", has=page.get_by_text("result of permute")).locator(".source")
    assert np.allclose(numbers(column), k.detach().numpy()[2], rtol=1e-3)
    assert result(page) == pytest.approx(scores.detach().numpy()[1, 2], abs=0.01)
    assert page.inner_text(".sum").count("·") == 5  # of row and column, and four terms
    page.locator("#panel h2").hover()
    assert page.locator(".source").count() == 0


def test_a_number_can_be_asked_by_keyboard_and_by_touch(explore):
    *_, scores, _, drawing = attention()
    page = explore(drawing, has_touch=True, **CALM)
    go(page, 2)
    cells = card(page, "scores").locator("td[data-at]")
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert result(page) == pytest.approx(scores.detach().numpy()[1, 1], abs=0.01)
    assert page.input_value("#slider") == "2"
    cells.nth(8).tap()
    assert result(page) == pytest.approx(scores.detach().numpy()[2, 2], abs=0.01)


def test_a_softmax_shows_its_exponentials(explore):
    *_, scores, weights, drawing = attention()
    page = explore(drawing, **CALM)
    go(page, 3)
    card(page, "weights").locator("td[data-at]").nth(4).hover()
    assert "exp(" in page.inner_text(".sum")
    assert result(page) == pytest.approx(weights.detach().numpy()[1, 1], abs=2e-3)
    lit = numbers(card(page, "scores").locator(".source"))
    assert np.allclose(lit, scores.detach().numpy()[1], rtol=1e-3)


@pytest.mark.parametrize("dim", [0, 1])
def test_a_softmax_goes_along_its_dim(explore, dim):
    x = minigrad.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 5.0]], requires_grad=True)
    page = explore(draw(x.softmax(dim=dim), names={"x": x}), **CALM)
    go(page, 1)
    page.locator(".card", has=page.get_by_text("result of softmax")).locator("td").nth(2).hover()
    assert result(page) == pytest.approx(x.softmax(dim=dim).detach().numpy()[0, 2], abs=1e-3)
    assert page.locator(".source").count() == x.shape[dim]


@pytest.mark.parametrize("linear", [False, True])
def test_a_gradient_of_a_product_shows_where_it_comes_from(explore, linear):
    x, w = (minigrad.randn(2, 3, requires_grad=True), minigrad.randn(3, 3, requires_grad=True))
    y = minigrad.nn.functional.linear(x, w) if linear else x @ w
    (y * y).sum().backward()
    page = explore(draw((y * y).sum(), names={"x": x, "w": w, "y": y}), **CALM)
    page.keyboard.press("End")
    page.wait_for_function("() => document.querySelector('#slider').value !== '0'")
    for name, tensor in (("x", x), ("w", w)):
        shown = cards(page)[f"to {name}"]
        for i in (0, 4):
            card(page, f"to {name}").locator("td[data-at]").nth(i).hover()
            own = card(page, f"to {name}").locator(".sum").inner_text()
            assert float(own.split("=")[-1].replace("−", "-")) == pytest.approx(shown[i], abs=0.02)
        assert np.allclose(shown, tensor.grad.numpy().ravel(), rtol=1e-2) or x.grad is None
        assert page.locator(".source").count() >= 4


def test_rows_and_columns_have_words(explore):
    page = explore(attention()[-1], **CALM)
    go(page, 3)
    found = card(page, "weights")
    assert found.locator("th[scope=row]").all_inner_texts() == ["the", "cat", "sat"]
    assert found.locator("th[scope=col]").all_inner_texts() == ["die", "Katze", "saß"]


def test_each_head_has_a_map_with_words(explore):
    words = [
        "we",
        "read",
        "and",
        "then",
        "we",
        "wrote",
        "it",
        "all",
        "down",
        "again",
        "그리고",
        "끝",
    ]
    x = minigrad.randn(1, 4, 12, 12, requires_grad=True)
    y = x.softmax(dim=-1)
    page = explore(draw(y.sum(), names={"y": y}, words={y: {-2: words, -1: words}}), **CALM)
    go(page, 1)
    found = card(page, "y")
    assert found.locator(".map").count() == 4
    assert found.locator("figcaption").all_inner_texts() == ["[0]", "[1]", "[2]", "[3]"]
    assert found.locator(".map").first.locator("i").count() == 144
    assert found.locator(".down").first.locator("span").all_inner_texts() == words
    narrow = page.evaluate("document.querySelector('#panel').scrollWidth - panel.clientWidth")
    assert narrow <= 0


def test_a_heat_map_of_means_says_so(explore):
    page = explore(draw(minigrad.randn(40, 100, requires_grad=True).exp()), **CALM)
    go(page, 1)
    assert "each cell is the mean of up to 3 × 7 numbers" in page.inner_text("#panel")


def test_a_product_is_not_a_decorator(explore):
    x, w = minigrad.randn(2, 2), minigrad.randn(2, 2, requires_grad=True)
    page = explore(draw(x@w), **CALM)  # fmt: skip
    go(page, 1)
    assert "x@w" in page.inner_text("pre .line.here")
    assert page.locator("pre .line.here .d").count() == 0
    assert page.locator("pre.full .d").first.inner_text() == "@op"


# --- what everybody needs ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_landmarks_names_and_headings(explore, scheme):
    page = explore(transformer(), color_scheme=scheme, **CALM)
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        assert page.get_by_role("main").count() == 1
        levels = page.locator("h1, h2, h3").evaluate_all(
            "all => all.map(e => Number(e.tagName[1]))"
        )
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
        named = "e.ariaLabel || e.textContent.trim() || e.labels?.length"
        unnamed = page.locator("button, input, select, [role=button], [role=img]").evaluate_all(
            f"all => all.filter(e => !({named})).length"
        )
        assert unnamed == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [1280, 390])
def test_axe_finds_nothing(explore, scheme, wide):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    viewport = {"width": wide, "height": 800}
    page = explore(attention()[-1], color_scheme=scheme, viewport=viewport, **CALM)
    for key in ("Home", "ArrowRight", "ArrowRight", "End"):
        page.keyboard.press(key)
        found = axe.run(page).response["violations"]
        assert not [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]

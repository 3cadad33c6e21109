"""Modules in the explorer: opened and folded in the page; links to what is open; search."""

import pytest
from explored import attention, modules, transformer

from minigrad import nn, ones
from minigrad.draw import draw

CALM = {"reduced_motion": "reduce"}
# Empty frames: open modules in whose rectangle there is no box.
EMPTY = """() => [...document.querySelectorAll(".cluster:not(.gone)")].filter((cluster) => {
  const frame = cluster.querySelector(".frame").getBoundingClientRect();
  return ![...document.querySelectorAll(".node:not(.gone)")].some((node) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return x + width / 2 > frame.left && x + width / 2 < frame.right &&
      y + height / 2 > frame.top && y + height / 2 < frame.bottom;
  });
}).length"""
OVERLAPS = """() => {
  const spots = [...document.querySelectorAll(".node:not(.gone)")].map((node) =>
    node.querySelector(":scope > :is(path, polygon, rect, ellipse)").getBoundingClientRect());
  let found = 0;
  spots.forEach((a, i) => spots.slice(i + 1).forEach((b) => {
    found += Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  }));
  return found;
}"""


def shown(page):
    """The names of the modules that are open."""
    return sorted(page.locator(".cluster:not(.gone) .title").evaluate_all(
        "all => all.map(title => title.ariaLabel.split(',')[0].replace('module ', ''))"
    ))  # fmt: skip


def module(page, name):
    return page.get_by_role("button", name=f"module {name},").first


@pytest.mark.parametrize("svg", [True, False])
def test_a_folded_module_opens_and_folds_again(explore, svg):
    drawing = transformer(depth=0)
    page = explore(drawing if svg else drawing._page(None), **CALM)
    assert page.locator(".node:visible").count() < 10
    module(page, "Transformer").click()
    assert shown(page) == ["Transformer"]
    module(page, "encoder").focus()
    page.keyboard.press("Enter")
    assert shown(page) == ["Transformer", "encoder"]
    assert page.evaluate("document.activeElement.ariaLabel").startswith("module encoder")
    module(page, "encoder.layers.1").press(" ")
    assert shown(page) == ["Transformer", "encoder", "encoder.layers.1"]
    assert module(page, "encoder.layers.0").get_attribute("aria-expanded") == "false"
    assert page.evaluate(EMPTY) == 0
    assert page.evaluate(OVERLAPS) == 0
    module(page, "Transformer").press("Enter")
    assert shown(page) == []
    assert page.locator(".node:visible").count() < 10


def test_a_folded_module_opens_by_touch(explore):
    page = explore(transformer(depth=0), has_touch=True, viewport={"width": 390, "height": 800})
    module(page, "Transformer").tap()
    page.wait_for_function("() => document.querySelectorAll('.cluster:not(.gone)').length === 1")


def test_folding_leaves_no_empty_rectangle(explore):
    page = explore(modules(), **CALM)
    for name in ("0", "2", "Sequential"):
        module(page, name).press("Enter")
        assert name not in shown(page)
        assert page.locator(".cluster:visible .frame").count() == len(shown(page))
        assert page.evaluate(EMPTY) == 0
        assert page.evaluate(OVERLAPS) == 0


def test_no_two_modules_are_called_alike(explore):
    page = explore(transformer(depth=2), **CALM)
    names = page.locator(".node.folded:visible").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert len(set(names)) == len(names)
    texts = page.locator(".node.folded:visible text:first-of-type").all_text_contents()
    layers = [text for text in texts if "layers" in text]
    assert sorted(layers) == [f"{side}coder.layers.{i}" for side in ("de", "en") for i in (0, 1)]


def test_boxes_move_to_their_places_unless_less_motion_is_wanted(explore):
    moving = "() => document.getAnimations().some((a) => a.transitionProperty === 'transform')"
    page = explore(transformer(depth=1))
    module(page, "encoder").press("Enter")
    assert page.evaluate(moving)
    page = explore(transformer(depth=1), **CALM)
    module(page, "encoder").press("Enter")
    assert not page.evaluate(moving)


def test_steps_light_what_is_drawn_whatever_is_open(explore):
    page = explore(transformer(depth=0), **CALM)
    page.keyboard.press("ArrowRight")
    assert page.locator(".lit").get_attribute("aria-label").startswith("module Transformer")
    module(page, "Transformer").press("Enter")
    assert page.locator(".lit").get_attribute("aria-label").startswith("module encoder")
    module(page, "encoder").press("Enter")
    assert page.locator(".lit").get_attribute("aria-label").startswith("module encoder.layers.0")
    assert page.locator(".edge.run").count() > 0


# --- links -------------------------------------------------------------------------------------


def test_a_link_leads_to_the_step_and_to_what_is_open(explore):
    page = explore(transformer(depth=0), **CALM)
    assert "#" not in page.url
    module(page, "Transformer").press("Enter")
    module(page, "encoder").press("Enter")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    link = page.url[page.url.index("#") :]
    assert link.startswith("#step=3&open=")
    again = explore(transformer(depth=0), link, **CALM)
    assert again.input_value("#slider") == "3"
    assert shown(again) == shown(page) == ["Transformer", "encoder"]
    again.evaluate("location.hash = '#step=5'")
    again.wait_for_function("() => document.querySelector('#slider').value === '5'")
    assert shown(again) == []


@pytest.mark.parametrize(
    ("link", "step"),
    [("#step=99999", "12"), ("#step=-3", "0"), ("#step=x&open=%E0%A4%A", "0"), ("#nonsense", "0"),
     ("#step=2&open=nobody", "2")],
)  # fmt: skip
def test_a_link_that_does_not_fit_shows_what_does(explore, link, step):
    page = explore(attention()[-1], link, **CALM)
    most = page.get_attribute("#slider", "max")
    assert page.input_value("#slider") == (most if step == "12" else step)


# --- search ------------------------------------------------------------------------------------


def test_a_search_hit_is_seen_before_it_is_reached(explore):
    page = explore(modules(), **CALM)
    page.keyboard.press("ArrowRight")
    assert page.locator(".node.later").count() > 3
    page.fill("#search", "sum")
    hit = page.locator(".node.op.found")
    assert hit.evaluate("e => getComputedStyle(e).opacity") == "1"
    page.keyboard.press("ArrowRight")
    assert hit.evaluate("e => getComputedStyle(e).opacity") == "1"
    other = page.locator(".node.later:not(.found)").first
    assert float(other.evaluate("e => getComputedStyle(e).opacity")) < 0.5


def test_a_search_finds_what_is_in_folded_modules(explore):
    page = explore(transformer(depth=0), **CALM)
    page.fill("#search", "encoder.layers.0.linear1")
    hits = page.text_content("#hits")
    assert hits.startswith("1 of ")
    assert page.locator(".node.folded.found").count() == 1
    page.press("#search", "Enter")
    assert "encoder.layers.0" in shown(page)
    assert page.locator(".found:visible").count() > 0


def test_names_of_modules_are_never_markup(explore):
    model = nn.Sequential()
    model.__dict__["_modules"]["<img src=x onerror=alert(1)>&,/"] = nn.Linear(2, 2)
    drawing = draw(model(ones(1, 2)).sum(), names={"<b>m</b>": model}, depth=0)
    page = explore(drawing, **CALM)
    page.locator(".node.folded:visible").first.press("Enter")
    page.locator(".node.folded:visible").first.press("Enter")
    link = page.url[page.url.index("#") :]
    again = explore(drawing, link, **CALM)
    assert shown(again) == shown(page)
    assert len(shown(page)) == 2
    assert page.locator("img").count() == 0

"""While stepping: numbers arrive at their step, arrows are as wide as gradients are large."""

import re

import pytest
from explored import attention, box, deep, numbers, scalars, transformer, vanishing

import minigrad
from minigrad.draw import draw

CALM = {"reduced_motion": "reduce"}
LIT = """() => {
  const lit = document.querySelector(".lit").getBoundingClientRect();
  const view = document.querySelector("#graph").getBoundingClientRect();
  return Math.min(lit.left - view.left, lit.top - view.top, view.right - lit.right,
    view.bottom - lit.bottom);
}"""
# The look of the lit arrows along which a gradient comes: width and colour.
ARROWS = """[...document.querySelectorAll(".edge.run > path")].map((path) => {
  const look = getComputedStyle(path);
  return [parseFloat(look.strokeWidth), look.stroke];
})"""


def press(page, key, times=1):
    for _ in range(times):
        page.keyboard.press(key)


def test_gradients_add_up_in_the_box_as_they_come_back(explore):
    page = explore(scalars(), **CALM)
    assert numbers(page, "s")[-1] == "7"  # the drawing, before the first step
    press(page, "ArrowRight", 4)
    assert numbers(page, "s")[-1] == "–"
    seen = []
    for _ in range(4):
        press(page, "ArrowRight")
        seen.append(numbers(page, "s")[-1])
    assert seen == ["–", "3", "7", "7"]
    assert numbers(page, "x")[-1] == "7"
    press(page, "ArrowLeft", 2)
    assert (numbers(page, "s")[-1], numbers(page, "x")[-1]) == ("3", "–")
    press(page, "Home")
    assert (numbers(page, "s")[-1], numbers(page, "x")[-1]) == ("7", "7")


def test_values_appear_at_their_step(explore):
    page = explore(scalars(), **CALM)
    press(page, "ArrowRight")
    assert numbers(page, "s")[2] == "5"
    assert numbers(page, "loss")[2] == "–"
    assert numbers(page, "x")[2] == "2"  # a leaf is there from the beginning
    press(page, "ArrowRight", 3)
    assert numbers(page, "loss")[2] == "35"


def test_gradients_of_matrices_add_up_too(explore):
    w = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    loss = (w * 2).sum() + (w * 5).sum()
    loss.backward()
    page = explore(draw(loss, names={"w": w}), **CALM)
    steps = int(page.get_attribute("#slider", "max"))
    seen = []
    for _ in range(steps):
        press(page, "ArrowRight")
        seen.append(numbers(page, "w")[-4:])
    assert [list(x) for x in dict.fromkeys(map(tuple, seen))] == [["–"] * 4, ["5"] * 4, ["7"] * 4]


def test_a_gradient_of_another_pass_is_shown_only_as_drawn(explore):
    """.grad is 2 passes' sum; while stepping the box shows what comes back in this one."""
    w = minigrad.tensor(3.0, requires_grad=True)
    loss = w * 2
    loss.backward()
    loss.backward()
    page = explore(draw(loss, names={"w": w}), **CALM)
    assert numbers(page, "w")[-1] == "4"
    press(page, "End")
    assert numbers(page, "w")[-1] == "2"


def test_a_heat_map_in_a_box_has_its_colours_and_its_gradient_comes_back(explore):
    page = explore(attention()[-1], **CALM)
    cells = box(page, "weights").locator(".heat")
    colors = cells.evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
    assert len(colors) == 9
    assert len(set(colors)) > 3
    press(page, "ArrowRight")
    assert not cells.first.is_visible()
    press(page, "ArrowRight", 2)
    assert cells.first.is_visible()
    summary = box(page, "q").locator("text").last
    assert not summary.is_visible()
    press(page, "End")
    assert summary.is_visible()


def test_panel_and_tooltip_do_not_know_a_gradient_before_it_comes(explore):
    page = explore(scalars(), **CALM)
    press(page, "ArrowRight")
    box(page, "x").hover()
    assert "gradient" not in page.inner_text("#tip")
    box(page, "x").click()
    assert "has not come back yet" in page.inner_text("#panel")
    press(page, "End")
    box(page, "x").hover()
    assert "gradient 7" in page.inner_text("#tip")


def test_lit_arrows_are_as_wide_as_the_gradient(explore):
    page = explore(vanishing(), **CALM)
    middle = page.evaluate("document.querySelector('#slider').max / 2")
    press(page, "ArrowRight", int(middle) + 1)
    first = page.evaluate(ARROWS)
    press(page, "End")
    last = page.evaluate(ARROWS)
    assert max(width for width, _ in first) > 2 * max(width for width, _ in last)
    assert {color for _, color in first}.isdisjoint(color for _, color in last)


def test_the_strip_shows_the_norm_at_every_step(explore):
    page = explore(vanishing(), **CALM)
    bars = page.get_attribute("#strip .gradients", "d")
    heights = [float(h) for h in re.findall(r"v-([\d.]+)", bars)]
    assert len(heights) == int(page.get_attribute("#slider", "max")) // 2
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > 5 * heights[-1]
    assert re.search(r"1e−3\d to 1e0", page.get_attribute("#strip", "aria-label"))
    strip = page.locator("#strip").bounding_box()
    page.mouse.click(strip["x"] + strip["width"] * 0.99, strip["y"] + 10)
    assert page.input_value("#slider") == page.get_attribute("#slider", "max")
    assert "‖gradient‖" in page.inner_text("#norm")
    page.mouse.click(strip["x"] + 1, strip["y"] + 10)
    assert page.input_value("#slider") == "1"


# The end of an arrow that its head is at, and the middle of the boxes at its ends.
HEADS = """() => {
  const middle = (part) => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  const lit = middle(document.querySelector(".node.lit"));
  return [...document.querySelectorAll(".edge.run")].map((edge) => {
    const head = middle(edge.querySelector("polygon")), line = edge.querySelector("path");
    const box = middle(line);
    // Towards the lit box, from the middle of the line?
    const gap = ([x, y], [a, b]) => Math.hypot(x - a, y - b);
    return gap(head, lit) < gap(box, lit);
  });
}"""


def test_heads_turn_on_the_way_back(explore):
    page = explore(scalars(), **CALM)
    press(page, "ArrowRight")  # x and y lead to add, add to s
    assert sorted(page.evaluate(HEADS)) == [False, True, True]
    press(page, "End")
    assert sorted(page.evaluate(HEADS)) == [False, False, True]
    assert page.locator(".edge.turned").count() == page.locator(".edge").count()
    press(page, "Home")
    assert page.locator(".edge.turned").count() == 0


@pytest.mark.parametrize("viewport", [(1280, 800), (390, 800)])
@pytest.mark.parametrize("drawing", [deep, transformer])
def test_the_lit_box_is_always_in_view(explore, drawing, viewport):
    wide, high = viewport
    page = explore(
        drawing(*[60] * (drawing is deep)), viewport={"width": wide, "height": high}, **CALM
    )
    for i in range(0, int(page.get_attribute("#slider", "max")), 7):
        page.evaluate(f"document.querySelector('#slider').value = {i + 1}")
        page.dispatch_event("#slider", "input")
        assert page.evaluate(LIT) > 0
    page.mouse.move(200, 200)
    page.mouse.wheel(0, -4000)  # very near, and then another window
    page.set_viewport_size({"width": high, "height": 500})
    press(page, "ArrowLeft")
    assert page.evaluate(LIT) > 0
    page.set_viewport_size({"width": wide, "height": high})
    page.wait_for_function(f"() => ({LIT})() > 0")


def test_play_pause_and_speed(explore):
    page = explore(scalars())
    page.select_option("#speed", "10")
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.wait_for_function("() => document.querySelector('#slider').value === '8'")
    page.wait_for_function("() => document.querySelector('#play').ariaLabel === 'Play'")
    page.select_option("#speed", "0.5")
    page.click("#graph", position={"x": 5, "y": 5})
    page.keyboard.press("p")  # again, from the beginning
    page.wait_for_function("() => ['1', '2'].includes(document.querySelector('#slider').value)")
    page.keyboard.press("p")
    assert page.get_attribute("#play", "aria-label") == "Play"
    stopped = page.input_value("#slider")
    page.wait_for_timeout(300)
    assert page.input_value("#slider") == stopped


def test_a_dot_runs_along_the_arrow_unless_less_motion_is_wanted(explore):
    page = explore(scalars())
    press(page, "ArrowRight")
    page.wait_for_function("() => document.querySelector('.dot:not(.gone)')")
    page.wait_for_function("() => !document.querySelector('.dot')")
    page = explore(scalars(), **CALM)
    press(page, "ArrowRight")
    assert page.locator(".dot").count() == 0


def test_a_step_of_numbers_is_an_equation(explore):
    page = explore(scalars(), **CALM)
    press(page, "ArrowRight")
    assert page.text_content("#said") == "Step 1, forward: s = 2 + 3 = 5."
    assert page.inner_text("#panel h2") == "s = 2 + 3 = 5"
    press(page, "ArrowRight", 5)
    assert page.text_content("#said").startswith(
        "Step 6, backward: mul gets the gradient 1 and passes"
    )
    assert "3 to s" in page.text_content("#said")
    press(page, "ArrowRight")
    assert "4 to s (7 so far)" in page.text_content("#said")


def test_each_step_has_a_title_of_its_own(explore):
    page = explore(attention()[-1], **CALM)
    titles = {page.title()}
    for _ in range(int(page.get_attribute("#slider", "max"))):
        press(page, "ArrowRight")
        titles.add(page.title())
    assert len(titles) == int(page.get_attribute("#slider", "max")) + 1
    assert all("loss" in title for title in titles)

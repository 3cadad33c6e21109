"""The explorer in a browser: Chromium, driven from outside."""

import time

import pytest
from explored import cards, deep, modules, plain, same

import minigrad
from minigrad.draw import draw

EVIL = '<script>alert(1)</script></script>--><img src=x onerror="alert(2)">'


@pytest.fixture
def show(explore):
    return explore


# --- steps -------------------------------------------------------------------------------------


def test_forward_and_back_with_the_keys(show):
    x, w, b, loss, drawing = plain()
    page = show(drawing)
    assert page.text_content("#said") == "4 steps forward, 4 back."
    page.keyboard.press("ArrowRight")
    assert page.text_content("#said") == (
        "Step 1, forward: matmul makes (3, 2) from x (3, 4), w (4, 2)."
    )
    shown = cards(page)
    assert same(shown["x"], x)
    assert same(shown["w"], w)
    assert same(shown["result of matmul"], x @ w)
    assert page.locator(".node.lit").get_attribute("aria-label").startswith("matmul")
    assert page.locator(".node.from").count() == 2
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert same(cards(page)["loss"], loss)
    assert not page.evaluate("document.body.classList.contains('back')")

    page.keyboard.press("ArrowRight")
    assert page.text_content("#said").startswith(
        "Step 5, backward: sum passes the gradient () back"
    )
    assert page.evaluate("document.body.classList.contains('back')")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert same(cards(page)["to b"], b.grad)
    page.keyboard.press("End")
    assert same(cards(page)["to w"], w.grad)
    assert "to x" not in cards(page)
    assert "@matmul.backward" in page.text_content("#panel")
    assert page.is_disabled("#next")
    page.keyboard.press("ArrowLeft")
    assert page.text_content("#said").startswith("Step 7, backward: add")
    page.keyboard.press("Home")
    assert page.is_disabled("#previous")


def test_the_line_of_the_model_is_marked(show):
    page = show(plain()[-1])
    page.keyboard.press("ArrowRight")
    assert "minigrad.tanh(x @ w + b).sum()" in page.text_content("pre .line.here")
    assert "tests/explored.py, line " in page.text_content("#panel")


def test_the_slider_and_the_buttons(show):
    page = show(plain()[-1])
    assert page.get_attribute("#slider", "max") == "8"
    page.focus("#slider")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.text_content("#said").startswith("Step 3, forward: tanh")
    assert page.get_attribute("#slider", "aria-valuetext").startswith("Step 3")
    page.click("#next")
    assert page.input_value("#slider") == "4"
    page.click("#previous")
    page.click("#previous")
    assert page.text_content("#said").startswith("Step 2, forward: add")


def test_rolled_up_steps_light_their_box(show):
    page = show(deep(100))
    page.evaluate("document.getElementById('slider').value = 5")
    page.dispatch_event("#slider", "input")
    assert "step 3 of 50 here" in page.text_content("#panel")
    assert page.locator(".lit").get_attribute("aria-label").startswith("matmul ×50")


# --- boxes -------------------------------------------------------------------------------------


def test_a_box_shows_what_is_in_it(show):
    _, w, _, _, drawing = plain()
    page = show(drawing)
    page.locator(".node.leaf").first.click()
    shown = cards(page)
    assert same(shown["w"], w)
    assert same(shown["gradient of w"], w.grad)
    page.get_by_role("button", name="1 matmul").click()
    assert page.text_content("#said").startswith("Step 1, forward: matmul")


def test_boxes_can_be_used_by_keyboard(show):
    page = show(plain()[-1])
    page.locator(".skip").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("x, data")
    assert "(3, 4) float32" in page.inner_text("#tip")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.text_content("#said").startswith("Step 1, forward: matmul")
    unnamed = page.locator("button, input, [role=button]").evaluate_all(
        "all => all.filter(e => !(e.ariaLabel || e.textContent.trim() || e.labels?.length)).length"
    )
    assert unnamed == 0


def test_a_tooltip_shows_statistics(show):
    page = show(plain()[-1])
    page.locator(".node.leaf").first.hover()
    assert "±" in page.inner_text("#tip")
    page.mouse.move(5, 300)
    assert page.is_hidden("#tip")


def test_numbers_that_are_not_finite_are_red(show):
    x = minigrad.tensor([1.0, float("nan"), float("inf")], requires_grad=True)
    page = show(draw(x * 1, names={"x": x}))
    page.keyboard.press("ArrowRight")
    card = page.locator(".card", has=page.get_by_text("x", exact=True))
    assert card.locator(".bad").all_inner_texts() == ["nan", "inf"]
    assert card.locator(".alarm").all_inner_texts() == ["not a number\n1", "infinite\n1"]


def test_large_tensors_are_heat_maps(show):
    page = show(deep(100))
    page.keyboard.press("ArrowRight")
    assert page.locator(".map").count() == 3
    assert page.locator(".map").first.locator("i").count() == 8 * 16


# --- the drawing -------------------------------------------------------------------------------


def test_folding(show):
    page = show(modules())
    title = page.get_by_role("button", name="module 0, Linear")
    assert title.get_attribute("aria-expanded") == "true"
    weight = page.locator(".node.parameter").first
    assert weight.is_visible()
    title.focus()
    page.keyboard.press("Enter")
    assert title.get_attribute("aria-expanded") == "false"
    assert title.evaluate("e => e === document.activeElement")
    assert weight.is_hidden()
    assert page.locator(".node.folded").count() == 1
    page.keyboard.press("ArrowRight")  # a step inside lights the whole module
    assert page.locator(".node.lit.folded").count() == 1
    page.locator(".node.folded").click()
    assert weight.is_visible()
    page.get_by_role("button", name="module Sequential").click()
    assert page.locator(".node.parameter:visible").count() == 0


def test_search(show):
    page = show(modules())
    page.keyboard.press("/")
    page.keyboard.type("TANH")
    assert page.text_content("#hits").startswith("1 of ")
    assert "tanh" in page.locator(".node.op.found").first.get_attribute("aria-label")
    page.fill("#search", "2.weight")
    assert page.text_content("#hits") == "1 of 1"
    page.get_by_role("button", name="module 2, Linear").press("Enter")
    assert page.locator(".node.parameter.found").is_hidden()
    page.press("#search", "Enter")  # a jump opens the module around its target
    assert page.locator(".node.parameter.found").is_visible()
    page.fill("#search", "no such thing")
    assert page.text_content("#hits") == "none"
    page.press("#search", "Escape")
    assert page.locator(".found").count() == 0


def test_pan_and_zoom(show):
    page = show(plain()[-1], reduced_motion="reduce")
    box = page.locator(".node").first

    def width():
        return box.bounding_box()["width"]

    first, left = width(), box.bounding_box()["x"]
    page.mouse.move(400, 600)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"document.querySelector('.node').getBoundingClientRect().width>{first}")
    page.click("[data-zoom=in]")
    assert width() > 1.5 * first
    page.click("[data-zoom=fit]")
    assert width() == pytest.approx(first, rel=0.01)
    page.mouse.move(400, 600)
    page.mouse.down()
    page.mouse.move(440, 620, steps=4)
    page.mouse.up()
    assert box.bounding_box()["x"] == pytest.approx(left + 40, abs=1)
    assert page.locator(".chosen").count() == 0


def test_dark_and_light(show):
    page = show(plain()[-1], color_scheme="dark")

    def paper():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    def ink():
        return page.evaluate("getComputedStyle(document.querySelector('.node.data text')).fill")

    dark = paper(), ink()
    assert page.get_attribute("#theme", "aria-pressed") == "true"
    page.click("#theme")
    assert page.get_attribute("#theme", "aria-pressed") == "false"
    assert paper() == "rgb(255, 255, 255)"
    assert paper() != dark[0]
    assert ink() != dark[1]
    page.click("#theme")
    assert (paper(), ink()) == dark


def test_a_narrow_screen_needs_no_sideways_scrolling(show):
    page = show(modules(), viewport={"width": 390, "height": 800})
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".card").first.is_visible()


def test_a_frame_that_is_hidden_at_first_shows_the_whole_graph(show):
    drawing = plain()[-1]
    page = show(drawing)
    page.set_content(f"<div hidden>{drawing.page()._repr_html_()}</div>")
    page.frames[1].wait_for_load_state()
    page.evaluate("document.querySelector('div').hidden = false")
    inside = page.frame_locator("iframe")
    inside.get_by_text("4 steps forward, 4 back.").first.wait_for()
    graph = inside.locator("#graph").bounding_box()
    for box in [node.bounding_box() for node in inside.locator(".node").all()]:
        assert graph["x"] < box["x"] < box["x"] + box["width"] < graph["x"] + graph["width"]


def test_names_are_never_markup(show):
    x = minigrad.ones(2, requires_grad=True)
    drawing = draw((x * 2).sum(), names={EVIL: x, "한국어": minigrad.ones(1)})
    for page in (show(drawing), show(drawing._page(None))):
        page.keyboard.press("ArrowRight")
        assert EVIL in page.inner_text("#panel")
        page.locator(".node.leaf").hover()
        assert EVIL in page.inner_text("#tip")
        page.fill("#search", "</script>")
        assert page.text_content("#hits").startswith("1 of ")
        assert page.locator("img").count() == 0


def test_everything_works_without_graphviz(show):
    _, w, _, _, drawing = plain()
    page = show(drawing._page(None))
    assert page.locator(".node").count() == drawing.boxes
    page.keyboard.press("End")
    assert same(cards(page)["to w"], w.grad)
    assert page.locator(".edge.run").count() == 2
    page = show(modules()._page(None))
    page.get_by_role("button", name="module 0, Linear").press("Enter")
    assert page.locator(".node.folded").count() == 1


def test_the_recorded_backward_pass_can_be_explored(show):
    x = minigrad.tensor(2.0, requires_grad=True)
    page = show(draw(x.tanh() * x, names={"x": x}, backward=True))
    assert page.text_content("#said") == "2 steps forward, 6 back."
    page.keyboard.press("End")
    assert page.text_content("#said").startswith("Step 8, backward: ")
    assert page.locator(".node.lit").count() == 1


def test_a_graph_without_ops(show):
    page = show(draw(minigrad.ones(2)))
    assert page.is_disabled("#next")


# --- how long, how large -----------------------------------------------------------------------


@pytest.mark.parametrize(("ops", "seconds", "bytes"), [(500, 1, 1e6), (3000, 3, 5e6)])
@pytest.mark.parametrize("rows", [False, True])
def test_large_graphs_open_quickly(show, ops, seconds, bytes, rows):
    drawing = deep(ops)
    assert drawing.ops > ops
    page = drawing._page(None) if rows else drawing.page()
    assert len(page.encode()) < bytes
    took = []
    for _ in range(3):  # the machine may be busy
        start = time.perf_counter()
        show(page)
        took.append(time.perf_counter() - start)
    assert min(took) < seconds, took


def test_a_note_says_which_gradients_are_of_another_pass(show):
    w = minigrad.randn(4, requires_grad=True)
    loss = (w * w).sum()
    loss.backward()
    loss.backward()
    page = show(draw(loss, names={"w": w}))
    note = "The .grad of w is not from this backward pass alone"
    assert note in page.inner_text("#panel .note")
    page.click("#graph .node.leaf")
    assert ".grad of w" in page.inner_text("#panel")
    page.keyboard.press("End")
    assert "in this backward pass; its .grad is another one" in page.inner_text("#panel")
    marks = page.evaluate("document.querySelectorAll('text.on-mark').length")
    assert marks == page.evaluate("document.querySelectorAll('polygon.mark').length")

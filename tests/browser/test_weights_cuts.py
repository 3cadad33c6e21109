"""The page of weights with an edge cut: its row, in every map, is that of the model."""

import numpy as np
import pytest

import minigrad
from models.showing import transformer as shows_transformer
from tests.browser.test_transformer_page import transformer  # noqa: F401
from tests.browser.test_weights_page import IT, SENTENCE, TEXT, cell, choose, numbers, translator

__all__ = ["translator"]


def small(page, head):
    """The weights in the map of one head, from the shades of its cells."""
    shown = page.eval_on_selector_all(
        f"#head-{head} tbody tr",
        "rows => rows.map(row => [...row.querySelectorAll('td')]"
        ".map(cell => parseFloat(cell.style.getPropertyValue('--share'))))",
    )
    return np.array(shown)


def check(page, weights, row):
    """In every head, and in their mean, the page shows these weights (heads, rows, columns)."""
    for head, one in (("", weights.mean(0)), *enumerate(weights)):
        if len(weights) > 1:
            choose(page, "head", head)
        assert np.allclose(numbers(page, "weights"), one, atol=0.0052)
    for head, one in enumerate(weights, start=1):
        if len(weights) > 1:
            assert np.allclose(small(page, head), one, atol=0.0006)
    widths = page.eval_on_selector_all(
        f"#lines g[data-row='{row}']",
        "all => all.map(one => [one.dataset.column, one.style.getPropertyValue('--share')])",
    )
    for column, share in widths:
        assert float(share) == pytest.approx(weights[-1, row, int(column)], abs=1e-3)


@pytest.mark.parametrize(
    ("layer", "row", "column"), [(0, IT, 10), (0, 1, 2), (1, IT, 1), (1, 0, 0)]
)
def test_of_a_reader(show, reader, layer, row, column):
    page = show(reader, TEXT)
    choose(page, "layer", layer)
    before = numbers(page, "weights")
    cell(page, row, column).hover()  # which scrolls to it
    place = cell(page, row, column).bounding_box()
    cell(page, row, column).click()
    assert cell(page, row, column).bounding_box() == place  # it does not move under the pointer
    assert "with the cut 0.0000" in page.locator("#readout").inner_text()
    cut = np.zeros((2, 1, 1, 12, 12), bool)
    cut[layer, 0, 0, row, column] = True
    with minigrad.no_grad():
        ids = minigrad.tensor([reader.vocabulary.encode(TEXT)])
        _, weights = reader.model(ids, minigrad.tensor(cut))
    check(page, weights[0, layer].numpy(), row)
    said = page.locator("#weights-cut").inner_text()
    assert f"The row of {TEXT[row]} is shown with its cut" in said
    choose(page, "head", "")
    page.keyboard.press("Escape")
    assert np.array_equal(numbers(page, "weights"), before)


def test_a_later_layer_says_that_it_is_shown_as_before(show, reader):
    page = show(reader, TEXT)
    choose(page, "layer", 0)
    cell(page, 1, 2).click()
    choose(page, "layer", 1)
    said = page.locator("#weights-cut").inner_text()
    assert "The cut in layer 1 changes this layer, too" in said


@pytest.mark.parametrize("column", [0, 1, 2])
def test_of_a_translator(show, translator, column):
    page = show(translator, SENTENCE)
    cell(page, 0, column).click()
    model = translator.model
    with minigrad.no_grad():
        state, (hs, _) = model.encode(
            minigrad.tensor([translator.source_vocabulary.encode(SENTENCE)])
        )
        mask = minigrad.tensor([[i != column for i in range(3)]])
        _, weights, _ = model.decode(minigrad.tensor([[1]]), state, (hs, mask))
    assert np.allclose(numbers(page, "weights")[0], weights[0, 0].numpy(), atol=0.0052)


@pytest.mark.parametrize("kind", ["cross", "encoder", "decoder"])
def test_of_a_transformer(show, transformer, kind):  # noqa: F811
    page, sight = (
        show(transformer, SENTENCE, kind=kind),
        shows_transformer.seen(transformer, SENTENCE),
    )
    rows, columns = map(list, shows_transformer.axes(sight, kind))
    cell(page, 2, 1).click()
    cut = np.zeros((2, 1, 1, *sight.weights[kind][0].shape[2:]), bool)
    cut[1, 0, 0, rows[2], columns[1]] = True
    _, weights = shows_transformer.looked(
        transformer.model, sight.source, sight.target, **{kind: minigrad.tensor(cut)}
    )
    found = weights[kind][1].detach().numpy()[0][:, rows][:, :, columns]
    check(page, found, 2)


def test_the_smallest_weights_count(show, reader, monkeypatch):
    """A row whose only weight seems to be 1 shows what the others are when it is cut."""
    with minigrad.no_grad():
        for name, parameter in reader.model.named_parameters():
            if "query" in name:
                monkeypatch.setattr(parameter, "data", parameter.data * 20)
    page = show(reader, TEXT)
    row = numbers(page, "weights")[IT]
    cell(page, IT, int(row.argmax())).click()
    now = numbers(page, "weights")[IT]
    assert now[row.argmax()] == 0
    assert now.sum() == pytest.approx(1, abs=0.04)


def test_the_only_edge_stays(show, reader):
    page = show(reader, ("It",))
    cell(page, 0, 0).click()
    assert page.locator("#odds .cut").first.is_hidden()
    choose(page, "layer", 0)
    assert numbers(page, "weights")[0, 0] == 1

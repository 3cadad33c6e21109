"""Drawings for the tests of the explorer in a browser, and what its page shows of them."""

import numpy as np

import minigrad
from minigrad import nn
from minigrad.draw import draw


def plain():
    """The graph of tanh(x · w + b), after backward."""
    x = minigrad.randn(3, 4)
    w, b = (minigrad.randn(*shape, requires_grad=True) for shape in ((4, 2), (2,)))
    loss = minigrad.tanh(x @ w + b).sum()
    loss.backward()
    return x, w, b, loss, draw(loss, names={"x": x, "w": w, "b": b, "loss": loss})


def modules():
    """A drawing with nested open modules."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    loss = model(minigrad.randn(2, 3)).sum()
    loss.backward()
    return draw(loss, names=model)


def deep(ops):
    """A drawing of many ops in a loop."""
    x, w = (minigrad.randn(8, 16, requires_grad=True), minigrad.randn(16, 16, requires_grad=True))
    y = x
    for _ in range(ops // 2):
        y = (y @ w).tanh()
    loss = y.sum()
    loss.backward()
    return draw(loss, names={"x": x, "w": w})


def scalars():
    """s = x + y = 5, and loss = s · a + s · b, each in a step of its own: s gets 3, then 4 more."""
    x, y = (minigrad.tensor(v, requires_grad=True) for v in (2.0, 3.0))
    s = x + y
    first, second = s * 4, s * 3
    loss = first + second
    loss.backward()
    return draw(loss, names={"x": x, "y": y, "s": s, "loss": loss})


def vanishing(length=16):
    """A product of many small numbers: its gradient falls below 1e-34."""
    w = minigrad.tensor(0.005, requires_grad=True)
    y = w * 1
    for _ in range(length):
        y = y * minigrad.tensor(0.005)
    y.backward()
    return draw(y, names={"w": w, "y": y})


def transformer(depth=None):
    """A Transformer of two layers on each side, whose modules are nested four deep."""
    model = nn.Transformer(8, 2, 2, 2, 16, batch_first=True)
    loss = model(minigrad.randn(1, 3, 8), minigrad.randn(1, 2, 8)).sum()
    loss.backward()
    return draw(loss, names=model, depth=depth)


def attention():
    """Weights of three words over three, after a product and a softmax."""
    q, k = (minigrad.randn(3, 4, requires_grad=True) for _ in range(2))
    scores = q @ k.T
    weights = scores.softmax(dim=-1)
    loss = (weights * weights).sum()
    loss.backward()
    words = {q: {0: ["the", "cat", "sat"]}, k: {0: ["die", "Katze", "saß"]}}
    names = {"q": q, "k": k, "scores": scores, "weights": weights, "loss": loss}
    return q, k, scores, weights, draw(loss, names=names, words=words)


def cards(page):
    """The numbers in each card of the panel, by its title."""
    found = {}
    for card in page.locator(".card").all():
        title = card.locator("header > :first-child").inner_text()
        texts = [text.replace("−", "-") for text in card.locator("td").all_inner_texts() if text]
        found[title] = np.array([float(text) for text in texts])
    return found


def same(shown, tensor):
    return np.allclose(shown, tensor.detach().numpy().ravel(), rtol=1e-3)


def box(page, name):
    """The box of the tensor or op of that name."""
    return page.locator(f'.node[aria-label^="{name},"]:visible').first


def numbers(page, name):
    """The texts in a tensor's box."""
    return box(page, name).locator("text").all_text_contents()

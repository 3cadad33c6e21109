"""Writing in place through views, and to what has views."""

import pytest

import minigrad

# A gradient reaches data through a view of it, or through an index of ints and lists.
THROUGH_VIEWS = [
    "v = x[1]; v += w",
    "v = x[1]; u = v[1:]; u *= w[1:]; u[0] = w[0] * v[0].clone()",
    "x.t()[:, 0] = w; x.view(6)[4:].copy_(w[1:])",
    "v = x.unsqueeze(0).expand(1, 2, 3); v += w",
    "a = x[0]; a += w; b = x[1]; b *= w",
    "for i in range(2): x[i].copy_(w * i)",
    "x[0, :, None][ids] = w[:2, None]",
    "x[0, ids] = w[:2]; x[..., 1, ids] = w[1:]",
    "x[True, 0, ids] = w[:2]; x[1, True, ids] *= w[1:]",
    "v = x[1]; y = v * 2 + w; v += w",
]


@pytest.mark.parametrize("write", THROUGH_VIEWS)
def test_a_gradient_reaches_data_through_a_view_of_it(torch, write):
    results = []
    for library in (minigrad, torch):
        w = library.tensor([1.0, 2.0, 3.0], requires_grad=True)
        names = {"x": library.ones(2, 3), "w": w, "ids": library.tensor([1, 0])}
        exec(write, names)
        x = names["x"]
        (g,) = library.autograd.grad((x**3).sum() + x.sum(), w, create_graph=True)
        (g * g).sum().backward()
        results.append([x.tolist(), x.requires_grad, g.tolist(), w.grad.tolist()])
    assert results[0] == results[1]


# y = x * 2 is written to between two uses of its view v.
USED_TWICE = [
    ("v = y.view(-1)", "y[0] = w"), ("v = y[0]", "y *= w"), ("v = y.t()[1:]", "y[1] += w"),
    ("v = y[0][1:]; u = y[0]", "u.fill_(3.0)"), ("v = y.view(-1)[2:]", "v *= 2.0"),
    ("v = y.view(-1); u = v[1:]", "y.copy_(w); v[0] = 1.0; u *= 3.0"),
]  # fmt: skip


@pytest.mark.parametrize("between", ["first.backward(retain_graph=True)", "", "first.sum()"])
@pytest.mark.parametrize(("views", "write"), USED_TWICE)
def test_a_view_that_was_used_before_a_write_and_after_it(torch, views, write, between):
    """Also if the gradient of the first use was asked for in between, or only afterwards."""
    results = []
    for library in (minigrad, torch):
        x = library.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
        w = library.tensor([0.5, -2.0, 3.0], requires_grad=True)
        names = {"x": x, "w": w, "y": x * 2}
        exec(views, names)
        names["first"] = (names["v"].clone() * 5).sum() + names["y"].sum()
        exec(f"{write}\n{between}\nsecond = (v * 1).sum() + (y * 3).sum()", names)
        for loss in ("second", "first", "second"):
            names[loss].backward(retain_graph=True)
            results.append([g.tolist() if g is not None else g for g in (x.grad, w.grad)])
    assert results[:3] == results[3:]


@pytest.mark.parametrize(
    "write",
    ["v = x[1].requires_grad_(); u = v[1:]; u += w[1:]", "v = x[1]; x.requires_grad_(); v += w"],
)
def test_a_view_of_a_leaf_that_requires_grad_is_not_written_to(torch, write):
    for library in (minigrad, torch):
        w = library.ones(3, requires_grad=True)
        with pytest.raises(RuntimeError, match="leaf"):
            exec(write, {"x": library.ones(2, 3), "w": w})


def test_a_view_of_shared_data_gets_no_history():
    w, x = minigrad.ones(3, requires_grad=True), minigrad.ones(2, 3)
    other, row = x[0], x[1]
    with pytest.raises(RuntimeError, match="shared with a view"):
        row += w
    assert not x.requires_grad
    assert not row.requires_grad
    assert x.tolist() == [[1] * 3] * 2
    del other
    row += w
    assert x.requires_grad

"""The rooms of shapes: repeated, rearranged, divided and joined tensors, diagonals, windows."""

import numpy as np
import pytest
import rooms
from agreement import agree, draw

import minigrad
from minigrad.dims import sizes

ROOMS = ("minigrad.shaping", "minigrad.strides", "minigrad.joining")
X, V, C = draw(2, 3), draw(4), draw(2, 4, 3)

TABLE = {
    "repeat": ("(x.repeat(2, 1), x.repeat(1, 1), x.repeat((2, 1, 3)), x.repeat(0, 2))", X),
    "repeat_interleave": (
        "(x.repeat_interleave(2), torch.repeat_interleave(x, 3, dim=0, output_size=6),"
        " x.repeat_interleave(torch.tensor([2, 0, 1]), -1),"
        " torch.repeat_interleave(torch.tensor([2, 0, 1])))",
        X,
    ),
    "tile": ("(torch.tile(x, (2,)), x.tile(2, 1, 1), x.tile(dims=(1, 2)), x.tile(()))", X),
    "expand_as": ("(x[:1].expand_as(x), x[0].expand_as(x))", X),
    "view_as": ("x.view_as(torch.zeros(3, 2))", X),
    "reshape_as": ("x.T.reshape_as(torch.zeros(6))", X),
    "movedim": ("(x.movedim(0, 2), torch.movedim(x, (0, -1), (1, 0)), x.movedim((), ()))", C),
    "moveaxis": ("x.moveaxis(source=-1, destination=0)", C),
    "swapaxes": ("x.swapaxes(axis0=0, axis1=-1)", C),
    "swapdims": ("torch.swapdims(x, dim0=0, dim1=1)", C),
    "adjoint": ("x.adjoint()", C),
    "ravel": ("(x.ravel(), torch.ravel(x[0, 0, 0]))", C),
    "unflatten": ("(x.unflatten(1, (2, 2)), torch.unflatten(x, -2, (-1, 2)))", C),
    "narrow": ("(x.narrow(1, 1, 2), torch.narrow(x, -1, -2, 2), x.narrow(0, 2, 0))", C),
    "select": ("(x.select(1, -1), torch.select(x, -1, index=0))", C),
    "tensor_split": (
        "(*x.tensor_split(3, 1), *torch.tensor_split(x, (2, 1, -1), dim=1),"
        " *torch.tensor_split(x, torch.tensor([1]), 1), *torch.tensor_split(x, sections=2))",
        C,
    ),
    "hsplit": ("(*x.hsplit(2), *torch.hsplit(x, (1,)), *x[0, 0].hsplit(3))", C),
    "vsplit": ("(*x.vsplit(2), *torch.vsplit(x, indices=[1]))", C),
    "dsplit": ("(*x.dsplit(3), *torch.dsplit(x, [1, 2]))", C),
    "flip": ("(x.flip(0), x.flip(0, -1), torch.flip(x, dims=[1]), x.flip(()))", C),
    "fliplr": ("(x.fliplr(), torch.fliplr(x))", X),
    "flipud": ("(x.flipud(), torch.flipud(x[0]))", X),
    "rot90": ("(*[torch.rot90(x, k) for k in range(-1, 4)], x.rot90(1, (2, 0)))", C),
    "diag": ("(torch.diag(x), torch.diag(x, -1), x[0].diag(1), x.diag(diagonal=9))", X),
    "diagonal": ("(x.diagonal(), torch.diagonal(x, 1, dim1=-1, dim2=0), x.diagonal(-1, 2, 1))", C),
    "diag_embed": ("(torch.diag_embed(x), x.diag_embed(1, 0, 2), x.diag_embed(offset=-2))", X),
    "diagflat": ("(x.diagflat(), torch.diagflat(x, offset=-1))", X),
    "unfold": ("(x.unfold(1, 2, 1), x.unfold(dimension=-1, size=3, step=2), x.unfold(0, 1, 2))", C),
    "hstack": ("(torch.hstack([x, x]), torch.hstack((x[0], x[1])), torch.hstack([x[0, 0]]))", X),
    "vstack": ("(torch.vstack([x, x[0]]), torch.vstack((x[0, 0],)))", X),
    "row_stack": ("torch.row_stack([x, x[0]])", X),
    "dstack": ("(torch.dstack([x, x]), torch.dstack((x[0], x[1])))", X),
    "column_stack": ("torch.column_stack((x, x[:, 0], y))", X, draw(2, 1)),
    "concat": ("torch.concat([x, x], dim=1)", X),
    "concatenate": ("torch.concatenate((x, x), -1)", X),
    "meshgrid": (
        "(*torch.meshgrid(x, y, indexing='ij'), *torch.meshgrid([x, y], indexing='xy'),"
        " *torch.meshgrid(x, y, x[0], indexing='xy'))",
        V,
        draw(3),
    ),
    "broadcast_to": ("(torch.broadcast_to(x, (2, 2, 3)), x.broadcast_to(1, 2, -1))", X),
    "broadcast_tensors": ("torch.broadcast_tensors(x, y)", X, draw(2, 1)),
    "broadcast_shapes": ("tuple(torch.broadcast_shapes((2, 1), 3, (4, 1, 1)))", X),
    "cartesian_prod": ("(torch.cartesian_prod(x, y, x), torch.cartesian_prod(x))", V, draw(2)),
    "combinations": (
        "(torch.combinations(x), torch.combinations(x, 3), torch.combinations(x, r=0),"
        " torch.combinations(x, 2, with_replacement=True))",
        V,
    ),
    "block_diag": ("torch.block_diag(x, x[0], x[0, 0], y)", X, draw(3, 1)),
    "atleast_1d": ("(torch.atleast_1d(x[0, 0]), *torch.atleast_1d(x, x[0, 0]))", X),
    "atleast_2d": ("(torch.atleast_2d(x[0]), *torch.atleast_2d([x, x[0, 0]]))", X),
    "atleast_3d": ("(torch.atleast_3d(x), *torch.atleast_3d(x[0], x[0, 0]))", X),
}


def test_every_name_has_an_example():
    rooms.check_names(TABLE, *ROOMS)


def test_every_name_is_one_of_pytorchs(torch):
    rooms.check_in_torch(torch, *ROOMS)


@pytest.mark.filterwarnings("ignore:torch.meshgrid")
@pytest.mark.parametrize("name", TABLE)
def test_against_torch(torch, name):
    rooms.check_agreement(torch, TABLE, name)


@pytest.mark.parametrize("name", TABLE)
def test_gradients_against_differences(name):
    rooms.check_differences(TABLE, name)


EDGES = {
    "repeat a number": ("(x.repeat(()), x.repeat(2, 3))", draw()),
    "repeat_interleave a number": ("x.repeat_interleave(3)", draw()),
    "repeat_interleave by one of a tensor": ("x.repeat_interleave(torch.tensor([2]), 0)", X),
    "repeat_interleave nothing": ("x.repeat_interleave(2, 0)", draw(0, 2)),
    "unfold a number": ("(x.unfold(0, 1, 1), x.unfold(0, 0, 1))", draw()),
    "unfold what is transposed": ("(x.T.unfold(0, 2, 1), x[:, 1:].T.unfold(1, 2, 1))", X),
    "unfold by 0": ("x.unfold(1, 0, 1)", X),
    "diagonal of nothing": ("(x.diagonal(), x.diagonal(1))", draw(0, 3)),
    "diag_embed nothing": ("x.diag_embed(1)", draw(2, 0)),
    "unflatten nothing": ("x.unflatten(1, (-1, 3))", draw(2, 0)),
    "flip a number": ("(x.flip(0), x.flip(()))", draw()),
    "movedim of a number": ("torch.movedim(x, 0, 0) * 1", draw()),
    "block_diag of none": (
        "(torch.block_diag(), torch.block_diag(x.detach(), x.detach()[None]))",
        draw(0),
    ),
    "atleast_1d of none": ("(torch.atleast_1d(), torch.broadcast_tensors())", X),
    "bools and ints": (
        "(x.repeat(2), x.flip(0), x.diag(), torch.hstack([x, y]), torch.block_diag(x, y))",
        np.array([True, False]),
        np.array([3, 4]),
    ),
}


@pytest.mark.parametrize("case", EDGES)
def test_edges_against_torch(torch, case):
    expression, *arrays = EDGES[case]
    agree(torch, expression, *arrays)


# --- views and copies ----------------------------------------------------------------------------

VIEWS = {
    "movedim": "x.movedim(0, 1)", "swapaxes": "x.swapaxes(0, 1)", "narrow": "x.narrow(1, 1, 2)",
    "select": "x.select(0, 1)", "tensor_split": "x.tensor_split(2)[1]", "ravel": "x.ravel()",
    "unflatten": "x.unflatten(1, (2, 2))", "view_as": "x.view_as(torch.zeros(4, 3))",
    "expand_as": "x.expand_as(x)", "broadcast_to": "torch.broadcast_to(x, (3, 4))",
    "diagonal": "x.diagonal()", "diagonals of a batch": "x.reshape(3, 2, 2).diagonal(1, 2, 1)",
    "diagonals of dims apart": "x.reshape(3, 2, 2).diagonal(0, 0, 2)",
    "unfold": "x.unfold(1, 2, 2)", "unfold with gaps": "x.unfold(0, 1, 2)",
    "meshgrid": "torch.meshgrid(x[0], indexing='ij')[0]", "atleast_3d": "torch.atleast_3d(x)",
}  # fmt: skip
COPIES = [
    "x.repeat(1, 1)", "x.tile((1,))", "x.repeat_interleave(1, 0)", "x.flip(())", "x.rot90(0)",
    "x.diag()", "torch.hstack([x])", "torch.block_diag(x)",
]  # fmt: skip
MEMORY = "x = torch.arange(12.0).reshape(3, 4).clone()\n"
WRITES = {
    "into it": "v = {view}\nv += 5\n",
    "into what it is of": "v = {view}\nx += 5\n",
    "recorded": "w = x.requires_grad_()\nx = w * 2\nv = {view}\nv *= 3\n"
    "((x * x).sum() + (v * v).sum()).backward()\n",
    "recorded, of it": "w = x.requires_grad_()\nx = w * 2\nv = {view}\nx *= 3\n"
    "((x * x).sum() + (v * v).sum()).backward()\n",
    "by a weight": "w = torch.tensor(2.0, requires_grad=True)\nv = {view}\nv *= w\n"
    "((x * x).sum() + (v * v).sum()).backward()\n",
}


def written(library, lines, view):
    exec(MEMORY + lines.format(view=view), scope := {"torch": library})
    grad = [scope["w"].grad] if "w" in scope else []
    return [one.detach().numpy() for one in (scope["x"], scope["v"], *grad)]


@pytest.mark.parametrize("lines", WRITES)
@pytest.mark.parametrize("view", [*VIEWS.values(), *COPIES])
def test_writes_reach_what_they_reach_in_pytorch(torch, view, lines):
    for ours, theirs in zip(
        written(minigrad, WRITES[lines], view), written(torch, WRITES[lines], view), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("view", VIEWS)
def test_views_share_memory(view):
    x, v = written(minigrad, WRITES["into it"], VIEWS[view])[:2]
    assert np.shares_memory(x, v)


def test_windows_that_overlap_are_not_written_to_in_a_graph():
    x = minigrad.ones(4, requires_grad=True) * 2
    windows = x.unfold(0, 2, 1)
    with pytest.raises(RuntimeError, match="write into a clone"):
        windows *= 2
    assert x.tolist() == [2, 2, 2, 2]


# --- errors --------------------------------------------------------------------------------------

M = minigrad.tensor(X)
ERRORS = {
    "repeat too few": (lambda: M.repeat(2), ValueError, "a number for each of the 2 dims"),
    "repeat nothing": (lambda: M.repeat(), TypeError, "repeats"),
    "repeat_interleave": (lambda: M.repeat_interleave(-1), ValueError, "none of them negative"),
    "repeat_interleave list": (lambda: M.repeat_interleave([1, 2]), TypeError, "tensor of ints"),
    "repeat_interleave size": (
        lambda: M.repeat_interleave(2, output_size=5),
        ValueError,
        "is 5; it must be 12",
    ),
    "repeat_interleave shape": (
        lambda: M.repeat_interleave(minigrad.tensor([1, 2]), 1),
        ValueError,
        "each of 3 slices",
    ),
    "movedim": (lambda: M.movedim((0, 1), (0,)), ValueError, "one place per dim"),
    "unflatten": (lambda: M.unflatten(1, (2, 2)), ValueError, r"\(2, 2\) do not multiply"),
    "narrow": (lambda: M.narrow(1, 2, 2), ValueError, "length 2 from 2 on in dim 1"),
    "narrow from": (lambda: M.narrow(1, 4, 0), IndexError, "from -3 to 3"),
    "select": (lambda: M.select(1, 3), IndexError, r"index 3 is out of range in dim 1 of \(2, 3\)"),
    "tensor_split": (lambda: M.tensor_split(0), ValueError, "positive, not 0"),
    "hsplit": (lambda: M.hsplit(2), ValueError, "2 equal pieces"),
    "dsplit": (lambda: M.dsplit(1), ValueError, "at least 3 dims"),
    "flip": (lambda: M.flip(0, 0), ValueError, "twice"),
    "rot90": (lambda: M.rot90(1, (0, 0)), ValueError, "the same dim"),
    "diag": (lambda: minigrad.diag(M.sum()), ValueError, "a vector or a matrix"),
    "diagonal": (lambda: M.diagonal(0, 1, 1), ValueError, "the same dim"),
    "unfold": (lambda: M.unfold(1, 4, 1), ValueError, "size 4 in dim 1"),
    "unfold step": (lambda: M.unfold(1, 1, 0), ValueError, "step must be at least 1"),
    "hstack": (lambda: minigrad.hstack(M), TypeError, "a list of tensors"),
    "vstack": (lambda: minigrad.vstack([]), ValueError, "at least one tensor"),
    "meshgrid": (lambda: minigrad.meshgrid(M), ValueError, "takes vectors"),
    "meshgrid xi": (lambda: minigrad.meshgrid(M[0], indexing="xi"), ValueError, "not 'xi'"),
    "meshgrid dtypes": (lambda: minigrad.meshgrid(M[0], M[0].long()), TypeError, "same dtype"),
    "broadcast_shapes": (
        lambda: minigrad.broadcast_shapes((2,), (3,)),
        ValueError,
        "must be equal",
    ),
    "block_diag": (lambda: minigrad.block_diag(M[None]), ValueError, "at most two dims"),
    "combinations": (lambda: minigrad.combinations(M), ValueError, "takes a vector"),
    "tile of a list": (
        lambda: minigrad.tile([1.0], (2,)),
        TypeError,
        "expected a tensor, not list",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        call()


def test_sizes_are_given_one_by_one_or_as_one_sequence():
    for given in ((2, 3), ((2, 3),), ([2, 3],), (np.int64(2), 3)):
        assert sizes(given) == (2, 3)
        assert tuple(minigrad.ones(1).repeat(*given).shape) == (2, 3)


def test_broadcast_tensors_gives_a_tensor_of_that_shape_itself():
    x, y = minigrad.ones(2, 3, requires_grad=True), minigrad.zeros(3)
    first, second = minigrad.broadcast_tensors(x, y)
    assert first is x
    assert second.shape == (2, 3)

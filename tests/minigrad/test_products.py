"""The rooms of products: matrices by PyTorch's other names, and einsum."""

import numpy as np
import pytest
import rooms
from agreement import agree, draw

import minigrad

ROOMS = ("minigrad.products", "minigrad.contraction")
M, N, V, W = draw(2, 3), draw(3, 4), draw(3), draw(2)
B, D, S = draw(2, 3, 4), draw(2, 4, 3), draw(3, 3)

TABLE = {
    "mm": ("(torch.mm(x, y), x.mm(mat2=y))", M, N),
    "bmm": ("(torch.bmm(x, y), x.bmm(y))", B, D),
    "mv": ("(torch.mv(x, y), x.mv(vec=y))", M, V),
    "dot": ("(torch.dot(x, y), x.dot(tensor=y))", V, draw(3, seed=1)),
    "vdot": ("x.vdot(y)", V, draw(3, seed=1)),
    "outer": ("(torch.outer(x, y), x.outer(vec2=y))", V, W),
    "ger": ("x.ger(y)", V, W),
    "inner": ("(torch.inner(x, y), x.inner(x), torch.inner(y[0], x), x[0, 0].inner(y))", M, S),
    "addmm": (
        "(torch.addmm(y, x, x.T), y.addmm(x, x.T, beta=0.5, alpha=-2),"
        " torch.addmm(y.detach() * np.nan, x, x.T, beta=0))",
        M,
        draw(2, 1),
    ),
    "addmv": ("(torch.addmv(y, x, x[0], alpha=2), y[0].addmv(x, x[1], beta=3))", M, W),
    "addr": ("(torch.addr(x, y, x[0], beta=0.5, alpha=2), x.addr(y, x[1]))", M, W),
    "addbmm": (
        "(torch.addbmm(x[0, :, :1], x, y, beta=2), x[0, :, :3].addbmm(x, y, alpha=3))",
        B,
        D,
    ),
    "baddbmm": ("(torch.baddbmm(x[:, :, :1], x, y, alpha=0.5), x.baddbmm(x, y @ x))", B, D),
    "chain_matmul": ("(torch.chain_matmul(x, y, y.T), torch.chain_matmul(x))", M, N),
    "kron": ("(torch.kron(x, y), y.kron(x), torch.kron(x[0, 0], x))", M, V),
    "cross": ("(torch.cross(x, y), x.cross(y, dim=1), torch.cross(y[0], x[0]))", M, M[:1]),
    "matrix_power": (
        "[torch.matrix_power(x, n) for n in (-2, -1, 1, 2, 5)] + [x.matrix_power(3)]",
        S,
    ),
    "inverse": ("(torch.inverse(x), x.inverse())", S),
    "trace": ("(torch.trace(x), x.trace())", M),
    "cdist": ("[torch.cdist(x, y, p) for p in (2.0, 1, 0.5, 3, float('inf'))]", M, S),
    "tensordot": (
        "(torch.tensordot(x, y[0], dims=1), torch.tensordot(x, y, dims=([1, 2], [2, 1])),"
        " torch.tensordot(x[0], y[0], dims=0), torch.tensordot(x, y, ([0], [-3])))",
        B,
        D,
    ),
    "einsum": ("torch.einsum('bij,bjk->bik', x, y)", B, D),
}
FIRST = ("cdist",)  # PyTorch has no second derivatives of these


def test_every_name_has_an_example():
    rooms.check_names(TABLE, *ROOMS)


def test_every_name_is_one_of_pytorchs(torch):
    rooms.check_in_torch(torch, *ROOMS)


@pytest.mark.filterwarnings("ignore:torch.chain_matmul", "ignore:Using torch.cross")
@pytest.mark.parametrize("name", TABLE)
def test_against_torch(torch, name):
    rooms.check_agreement(torch, TABLE, name, order=1 if name in FIRST else 2)


@pytest.mark.parametrize("name", TABLE)
def test_gradients_against_differences(name):
    rooms.check_differences(TABLE, name)


# --- einsum --------------------------------------------------------------------------------------

EINSUM = {
    "a transpose": ("'ij->ji', x", M),
    "a sum": ("'ij->', x", M),
    "rows": ("'ij->i', x", M),
    "without arrow": ("'ba', x", M),
    "capitals come first": ("'bA', x", M),
    "a product without arrow": ("'ij,jk', x, y", M, N),
    "spaces": ("' i j , j k -> k i', x, y", M, N),
    "a trace": ("'ii', x", S),
    "a diagonal": ("'ii->i', x", S),
    "of three": ("'iii->i', x[:, :, None] * x", S),
    "a diagonal of a batch": ("'iji->j', x", np.repeat(B[:, :, :2], 1, 0)),
    "elementwise": ("'ij,ij->ij', x, y", M, draw(2, 3, seed=1)),
    "a dot product": ("'i,i', x, y", V, draw(3, seed=1)),
    "an outer product": ("'i,j', x, y", V, W),
    "rows by rows": ("'ij,ij->i', x, y", M, draw(2, 3, seed=1)),
    "attention": ("'bqd,bkd->bqk', x, y", B, draw(2, 5, 4)),
    "heads": ("'bqhd,bkhd->bhqk', x, y", draw(2, 3, 2, 4), draw(2, 5, 2, 4)),
    "three operands": ("'bij,bjk,bk->bi', x, y, y[:, 0]", B, D),
    "bilinear": ("'bi,kij,bj->bk', y[0, :2], x, y[1, :2]", B[:, :3, :3], D),
    "an ellipsis": ("'...ij,...jk->...ik', x, y", draw(2, 1, 2, 3), draw(3, 3, 2)),
    "an ellipsis that is summed": ("'...i->i', x", B),
    "alone": ("'i...->...', x", B),
    "an ellipsis without arrow": ("'...ij,jk', x, x[0].T", B),
    "an ellipsis of nothing": ("'...ij->...', x", M),
    "only in the output": ("'ij->...ij', x", M),
    "dims of 1": ("'ij,kj->ik', x, y", M, draw(4, 1)),
    "of 1 kept": ("'ij,ij->ij', x, y", M, W[:, None]),
    "a sum of one operand": ("'ij,k->k', x, y", M, V),
    "numbers": ("',->', x, y", draw(), draw(seed=1)),
    "a number": ("'', x", draw()),
    "a list of operands": ("'ij,jk->ik', [x, y]", M, N),
    "lists of ints": ("x, [0, 1], y, [1, 2], [2, 0]", M, N),
    "lists without output": ("x, [30, 1], y, [1, 0]", M, N),
    "lists with an ellipsis": ("x, [..., 1], y, [1, 2], [..., 2]", B[:, :, :3], N),
    "nothing": ("'ij,jk->ik', x, y", draw(2, 0), draw(0, 3)),
    "ints": ("'ij,jk->ik', x, y", np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)),
    "ints and floats elementwise": ("'i,j->ij', x, y", V, np.arange(2)),
    "bools": ("'ij->j', x", M > 0),
}


@pytest.mark.parametrize("case", EINSUM)
def test_einsum_against_torch(torch, case):
    given, *arrays = EINSUM[case]
    agree(torch, f"torch.einsum({given}) * 1", *arrays)


def test_einsum_is_a_matrix_product():
    """Its graph has a product of matrices, and dims that need no exchange get none."""
    x, y = (minigrad.tensor(a, requires_grad=True) for a in (B, D))
    product = minigrad.einsum("bij,bjk->bik", x, y)
    assert product.call.op is minigrad.matmul
    assert product.call.inputs[0] is x
    assert product.call.inputs[1] is y


def test_einsum_of_one_operand_is_a_view():
    x = minigrad.tensor(M)
    assert np.shares_memory(minigrad.einsum("ij->ji", x).value, x.value)
    assert minigrad.einsum("ij->ij", x) is not x


# --- special points ------------------------------------------------------------------------------


def test_distances_of_equal_rows_have_gradient_0(torch):
    for p in (1, 2, 3, np.inf):
        agree(torch, lambda torch, x, p=p: torch.cdist(x, x[:1], p), M, order=1)


@pytest.mark.parametrize("code", [
    "torch.cdist(x, x, 0)", "torch.cdist(x[:0], x)", "torch.cdist(x[:, :0], x[:, :0])",
    "torch.cdist(x, x.expand(2, 2, 3))", "torch.matrix_power(x[:, :2], 0)",
    "torch.addmm(x.long(), x.long(), x.T.long() @ x.long(), alpha=1.9)",
    "torch.outer(x[0], x[0] > 0)", "torch.addr(x > 0, x[:, 0] > 0, x[0] > 0, beta=False)",
    "torch.bmm(x[None, :0], x.T[None])", "torch.mv(x[:, :0], x[0, :0])", "torch.trace(x.long())",
])  # fmt: skip
def test_edges_against_torch(torch, code):
    agree(torch, lambda torch, x: eval(code, {"torch": torch, "x": x.detach()}), M)


# --- errors --------------------------------------------------------------------------------------

X, Y, U = minigrad.tensor(M), minigrad.tensor(N), minigrad.tensor(V)
ERRORS = {
    "mm": (lambda: minigrad.mm(X, U), ValueError, r"mm: mat2 of shape \(3,\): it must have 2 dims"),
    "mm shapes": (lambda: X.mm(X), ValueError, r"\(2, 3\) @ \(2, 3\): the last dim of the first"),
    "mm dtypes": (lambda: X.mm(Y.long()), TypeError, "both must have the same dtype"),
    "bmm": (
        lambda: minigrad.bmm(X[None], Y.expand(2, 3, 4)),
        ValueError,
        r"they must be \(b, n, m\) and \(b, m, p\)",
    ),
    "dot": (lambda: X.dot(U), ValueError, r"input of shape \(2, 3\): it must have 1 dims"),
    "dot of a list": (
        lambda: minigrad.dot([1.0], U),
        TypeError,
        "input must be a tensor, not list",
    ),
    "inner": (lambda: X.inner(Y), ValueError, "the last dims must be equal"),
    "addmm": (lambda: X.addmm(X, Y), ValueError, r"does not broadcast to \(2, 4\)"),
    "addmm dtypes": (lambda: X.long().addmm(X, Y), TypeError, "an input of int64, a product of"),
    "chain_matmul": (lambda: minigrad.chain_matmul(), ValueError, "at least one matrix"),
    "cross": (lambda: minigrad.cross(U[:2], U[:2]), ValueError, "a dim of both must have size 3"),
    "cross dims": (lambda: X.cross(U), ValueError, "as many dims"),
    "matrix_power": (
        lambda: X.matrix_power(2),
        ValueError,
        r"\(2, 3\): the matrices must be square",
    ),
    "singular": (lambda: (X[:, :2] * 0).matrix_power(-1), ValueError, "Singular"),
    "inverse of ints": (lambda: X[:, :2].long().matrix_power(-1), TypeError, "has no inverse"),
    "trace": (lambda: U.trace(), ValueError, "2 dims"),
    "cdist": (lambda: minigrad.cdist(X, Y), ValueError, "rows of the same length"),
    "cdist p": (lambda: minigrad.cdist(X, X, -1), ValueError, "not be negative"),
    "tensordot": (lambda: minigrad.tensordot(X, Y), ValueError, "of the same sizes"),
    "tensordot dims": (lambda: minigrad.tensordot(X, Y, (1, 0)), TypeError, "two lists of ints"),
    "tensordot too many": (
        lambda: minigrad.tensordot(X, Y, 3),
        ValueError,
        "one of them has fewer",
    ),
}
EINSUM_ERRORS = {
    "('ij,jk->ik', X)": (ValueError, "names 2 operands, not 1"),
    "('ijk', X)": (ValueError, r"'ijk' for an operand of shape \(2, 3\): it names 3 dims"),
    "('i', X)": (ValueError, "names 1 dims"),
    "('ij->ii', X)": (ValueError, "i is in the output twice"),
    "('ij->k', X)": (ValueError, "k is in the output only"),
    "('ii', X)": (ValueError, "dim i has size 2 and 3"),
    "('ii', X[:1])": (ValueError, "i is repeated in one operand, with sizes 1 and 3"),
    "('ij,jk', X, X)": (ValueError, "dim j has size 3 and 2"),
    "('i1', X)": (ValueError, "'i1': subscripts are letters"),
    "('...i...', X)": (ValueError, "at most once"),
    "('ij->i->j', X)": (ValueError, "'i->j': subscripts are letters"),
    "('ij,jk', X, Y.long())": (TypeError, "einsum: float64 and int64"),
    "('ij,jk', X > 0, Y > 0)": (TypeError, "not be bool"),
    "(3, X)": (TypeError, "an equation such as"),
    "('ij', 3)": (TypeError, "must be a tensor, not int 3"),
    "(X, [0, 60])": (ValueError, "from 0 to 51"),
    "(X, 0)": (TypeError, "comes a list of ints"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("given", EINSUM_ERRORS)
def test_errors_of_einsum(given):
    kind, message = EINSUM_ERRORS[given]
    with pytest.raises(kind, match=message):
        eval(f"minigrad.einsum{given}")


@pytest.mark.parametrize("name", ["addmm", "addbmm", "baddbmm", "addmv", "addr"])
def test_with_beta_0_the_input_counts_nothing_and_its_gradient_is_0(name):
    shapes = {
        "addmm": [(2, 2), (2, 3), (3, 2)], "addbmm": [(2, 2), (4, 2, 3), (4, 3, 2)],
        "baddbmm": [(4, 2, 2), (4, 2, 3), (4, 3, 2)], "addmv": [(2,), (2, 3), (3,)],
        "addr": [(2, 3), (2,), (3,)],
    }[name]  # fmt: skip
    x, *factors = [minigrad.full(shape, 2.0) for shape in shapes]
    x = (x * minigrad.nan).requires_grad_()
    found = getattr(minigrad, name)(x, *factors, beta=0)
    found.sum().backward()
    assert not found.isnan().any()
    assert x.grad.tolist() == minigrad.zeros(*shapes[0]).tolist()

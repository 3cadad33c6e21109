"""Indexing: reading and writing the elements that PyTorch's indexing selects."""

import itertools

import numpy as np
import pytest
from agreement import agree, code, draw

import minigrad

pytestmark = pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
X = draw(2, 3, 4)
INDICES = [
    "1", "-1", "0, 2", "1, -1, 0", "np.int64(1)", ":", "1:", "::2", ":, ::2", ":, 1:3, 2", "3:, :",
    "...", "..., 0", "0, ..., 0", "None", "None, 0", ":, None, :", "..., None",
    "1, None, ..., None",
    "[1, 0]", "[0, 0, 1, 0]", "[-1, 0]", "[]", ":, [2, 0, 2]", "..., [0, 0]",
    "[0, 1], [2, 2]", "[0, 0], :, [1, 1]", "[[0], [1]], [0, 2]", "0, [1, 1]", "0, :, [1, 1, 3]",
    "0, ..., [1, 1, 3]", "[1, 0], None, 2", "[1, 1], 0, :", ":, 0, [3, 3]", "[1, 1], ..., 0",
    "np.array([1, 1, 0])", "np.array(1)", "(slice(None), np.array([[0, 2]]))", "(0, 1)", "()",
    "torch.tensor([1, 1, 0])", "torch.tensor(1)", ":, torch.tensor([0, -1])",
    "1:, torch.tensor([0, 0])",
    "torch.tensor([True, False])", "[True, False]", "np.array([False, True])", "x > 0",
    "x[0, 0, 0] < 9",
    ":, torch.tensor([True, False, True])", "..., torch.tensor([True, False, True, True])",
    ":, x[0] > 0", "torch.tensor([True, True]), torch.tensor([2, 2])", "0, x[0] > 0", "x > 99",
    "True", "False", "..., True",
    "..., True, [0, 1]", "0, :, True", "0, ..., False", "True, 0, [1, 1]", "[1, 0], True",
    "True, True", "torch.tensor(True)", "0, torch.tensor(False)", "0, None, True, [1, 1]",
    "0, :, (0, 1)", "(0, 1), 0", "0, 1:, (0, 1)", ":, [2], (1,)", "range(2)", "0, range(2)",
    "[[0, 1], [1, 2]]", "[[0], [1]]", "[[0, 1], 1]", "[(0, 1), (1, 0)]", "[None]", "[...]",
    "[slice(0, 1)]", "[[True, False], [0]]", "[torch.tensor([0, 1]), torch.tensor([1, 1])]",
    "[[]]", "[()]", "()", "[True, False], 0", "x[:, 0, 0] > 0, 0", "[[[0, 1], [1, 1]]]",
    "np.array([[True, False, True], [False, True, True]]), 0", "..., x[0, 0] > 0, None",
    "slice(torch.tensor(1), None)", "np.int64(1), [0, 0]", "np.array(1), 0",
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES)
def test_indexing_against_torch(torch, index):
    agree(torch, f"x[{index}]", X)


@pytest.mark.parametrize("index", ["...", "None", "()", "True", "..., None"])
def test_indexing_of_0d_against_torch(torch, index):
    agree(torch, f"x[{index}]", draw())


@pytest.mark.parametrize("index", ["x[:, 1, ..., y]", "x[1, ..., y, 2]", "x[..., 0, :, y]"])
def test_an_ellipsis_that_covers_no_dims(torch, index):
    code = index.replace("y", "[1, 3, 0]" if index.endswith("y]") else "[1, 2]")
    agree(torch, code, X)


@pytest.mark.parametrize("index", INDICES)
def test_writing_by_index_against_torch(torch, index):
    """Writing by an index changes the same elements as in PyTorch."""
    written = []
    for library in (minigrad, torch):
        x = library.tensor(X)
        exec(f"x[{index}] = -5.0", {"x": x, "torch": library, "np": np})
        written.append(x.numpy())
    np.testing.assert_array_equal(*written)


def test_an_index_is_copied():
    index = np.array([0, 0, 1])
    x = minigrad.ones(3, requires_grad=True)
    y = x[index]
    index[:] = 2
    y.sum().backward()
    assert x.grad.tolist() == [2, 1, 0]


@pytest.mark.parametrize("index", ["2", "0, 3", "0, 0, 0, 0", "[2]", "[True]", "'a'", "1.5", "x"])
def test_indices_out_of_range_or_of_the_wrong_type(index):
    x = minigrad.tensor(X)
    with pytest.raises((IndexError, TypeError), match="getitem"):
        eval(f"x[{index}]", {"x": x})


PARTS = ["0", ":", "1:", "None", "...", "True", "False", "[0, 1]", "(1, 0)", "[[0, 1], [1, 0]]"]
PARTS += ["torch.tensor(1)", "torch.tensor([True, False, True])"]


def read_and_written(library, index):
    """x[index], its gradient, and x after writing to it; None where that is refused."""
    x = library.tensor(X, requires_grad=True)
    given = {"x": x, "torch": library, "np": np}
    try:
        y = eval(f"x[{index}]", given)
    except (IndexError, RuntimeError, ValueError):
        return None
    (y * y).sum().backward()
    read = np.copy(y.detach().numpy())
    with library.no_grad():
        exec(f"x[{index}] = 7.0", given)
    return [read, x.grad.numpy(), x.detach().numpy()]


@pytest.mark.parametrize("first", PARTS)
def test_three_parts_in_any_order(torch, first):
    wrong = []
    for parts in itertools.product(PARTS, PARTS):
        index = ", ".join([first, *parts])
        if index.count("...") > 1:
            continue  # PyTorch takes several, and gives them no clear meaning
        ours, theirs = (read_and_written(library, index) for library in (minigrad, torch))
        if (ours is None) != (theirs is None):
            wrong.append(f"x[{index}]: only one refuses it")
        elif ours and not all(map(np.array_equal, ours, theirs)):
            wrong.append(f"x[{index}]: {[a.shape for a in ours]}, {[a.shape for a in theirs]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "index", ["[1, 0, 1]", "torch.tensor([[0, 1]])", "[]", ":, []", "[True, False]"]
)
def test_rows_of_size_0(torch, index):
    agree(torch, f"x[{index}]", np.zeros((2, 0)))
    x = minigrad.tensor(np.zeros((2, 0)))
    exec(f"x[{index}] = 1.0", {"x": x, "torch": minigrad})


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("9", "9"), (":, 3", "3"), ("[0, 9]", "9"), ("torch.tensor([-3])", "-3"), ("'a'", "'a'"),
        ("1.0", "1.0"), ("[0.5]", "0.5"), ("[[0, 1], [0, 1, 2]]", "shape"),
        ("::-1", "positive, not -1"),
        ("0, ::0", "positive, not 0"), ("[0], ::-2", "-2"), ("[True]", "boolean"),
        ("0, 0, 0, 0", "4 were indexed"), ("torch.tensor([1.0])", "of integers"), ("{0}", r"\{0\}"),
        ("0, [[1], [0, 1]]", r"rectangular, not \[\[1\], \[0, 1\]\]"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named(index, message):
    with pytest.raises((IndexError, ValueError, TypeError), match=f"getitem: .*{message}"):
        code(f"x[{index}]")(minigrad, minigrad.tensor(X))


# --- indices of other ints -----------------------------------------------------------------------

OTHER_INTS = [
    "torch.tensor([1, 0], dtype=torch.int32)", "torch.tensor(1, dtype=torch.int32)",
    "torch.tensor(1, dtype=torch.int16)", "torch.tensor(1, dtype=torch.int8), 0",
    "torch.tensor([1], dtype=torch.int32), torch.tensor([2])", "np.array([0, 1], np.int16)",
    "np.uint8(1)", "0, np.array([2, 0], np.int8)", ":, torch.tensor([2, 2], dtype=torch.int32)",
    "torch.tensor([1, 0], dtype=torch.uint8)", "torch.tensor(1, dtype=torch.uint8)",
    "np.array([0, 1], np.uint8)", "np.array(1, np.uint8)",
    "0, torch.tensor([1, 0, 1], dtype=torch.uint8)",
    "torch.tensor([1, 0], dtype=torch.int16)", "torch.tensor([1, 0], dtype=torch.int8)",
    "torch.tensor([1, 0, 1], dtype=torch.uint8)",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*uint8:UserWarning")
@pytest.mark.parametrize("index", OTHER_INTS)
def test_other_ints_are_taken_as_in_torch(torch, index):
    found = []
    for library in (minigrad, torch):
        x = library.tensor(X)
        try:
            found.append(repr(eval(f"x[{index}]", {"torch": library, "np": np, "x": x})))
        except IndexError:
            found.append("refused")
    assert found[0] == found[1]


def test_an_index_of_uint8_is_a_mask_and_warns():
    with pytest.warns(UserWarning, match="uint8 is taken as a mask"):
        picked = minigrad.arange(3)[minigrad.tensor([1, 0, 1], dtype=minigrad.uint8)]
    assert picked.tolist() == [0, 2]


def test_functions_with_indices_of_other_ints():
    x = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    ids = minigrad.tensor([[1, 0]], dtype=minigrad.int32)
    picked = minigrad.nn.functional.embedding(ids, x)
    assert picked.tolist() == [[[3, 4], [1, 2]]]
    (picked * minigrad.tensor([1.0, 10.0])).sum().backward()
    assert x.grad.tolist() == [[1, 10], [1, 10]]
    assert x.gather(0, ids).tolist() == [[3, 2]]
    assert x.index_select(0, ids[0]).tolist() == [[3, 4], [1, 2]]
    for refused in (minigrad.nn.functional.embedding, lambda ids, x: x.gather(0, ids)):
        for dtype in (minigrad.uint8, minigrad.int16, minigrad.float32):
            with pytest.raises(TypeError, match=f"must be .*, not {dtype.name}"):
                refused(ids.to(dtype), x)

"""Padding and packing sequences of different lengths, beside PyTorch."""

import numpy as np
import pytest
from agreement import agree, draw
from beside import flat

import minigrad
from minigrad.nn.utils import rnn

X = draw(3, 4, 2)  # (time, batch, size)
ONE, TWO = draw(2, 2), draw(3, 2)


def table(text, *arrays):
    """An expression in which the functions of rnn have their names."""

    def expression(library, *xs):
        room = library.nn.utils.rnn
        names = {name: getattr(room, name) for name in NAMES}
        return flat(eval(text, names | {"torch": library} | dict(zip("xyz", xs, strict=False))))

    return expression, arrays


NAMES = [
    "PackedSequence", "pack_padded_sequence", "pad_packed_sequence", "pad_sequence",
    "unpad_sequence", "pack_sequence", "unpack_sequence", "invert_permutation",
]  # fmt: skip
UNSORTED = "pack_padded_sequence(x, [1, 3, 2, 3], enforce_sorted=False)"
TABLE = {
    "pack_padded_sequence": table("pack_padded_sequence(x, [3, 2, 1, 1])", X),
    "pack_padded_sequence, unsorted": table(UNSORTED, X),
    "pack_padded_sequence, shorter": table("pack_padded_sequence(x, [2, 2, 1, 1])", X),
    "pack_padded_sequence, batch_first": table(
        "pack_padded_sequence(x, [4, 2, 4], True, False)", X
    ),
    "pack_padded_sequence of lengths in a tensor": table(
        "pack_padded_sequence(x, torch.tensor([3, 3, 2, 1]))", X
    ),
    "pack_padded_sequence of a matrix": table("pack_padded_sequence(x[..., 0], [3, 2, 1, 1])", X),
    "pack_padded_sequence of four dims": table("pack_padded_sequence(x, [2, 1])", draw(2, 2, 3, 2)),
    "pack_padded_sequence of ids": table(
        "pack_padded_sequence(x, [2, 1])", np.arange(4).reshape(2, 2)
    ),
    "pad_packed_sequence": table(f"pad_packed_sequence({UNSORTED})", X),
    "pad_packed_sequence with all settings": table(
        f"pad_packed_sequence({UNSORTED}, True, -1.0, 5)", X
    ),
    "pad_packed_sequence of ids": table(
        "pad_packed_sequence(pack_sequence([x[0, :2], x[1, :1]]), padding_value=2.5)",
        np.arange(6).reshape(2, 3),
    ),
    "pad_sequence": table("pad_sequence([x, y])", ONE, TWO),
    "pad_sequence, batch_first": table("pad_sequence([x, y], True, 1.5)", ONE, TWO),
    "pad_sequence, left": table("pad_sequence([x, y], padding_side='left')", ONE, TWO),
    "pad_sequence of a tensor": table("pad_sequence(x)", TWO),
    "pad_sequence of one": table("pad_sequence([x])", ONE),
    "pad_sequence with an empty one": table("pad_sequence([x, x[:0]])", ONE),
    "pad_sequence of two dtypes": table(
        "pad_sequence([x, y], padding_value=1.5)", np.arange(2), TWO[:, 0]
    ),
    "unpad_sequence": table("unpad_sequence(x.clone(), torch.tensor([1, 3, 2, 2]))", X),
    "unpad_sequence, batch_first": table("unpad_sequence(x, torch.tensor([1, 4, 2]), True)", X),
    "pack_sequence": table("pack_sequence([y, x])", ONE, TWO),
    "pack_sequence, unsorted": table("pack_sequence([x, y], enforce_sorted=False)", ONE, TWO),
    "unpack_sequence": table("unpack_sequence(pack_sequence([x, y, x], False))", ONE, TWO),
    "invert_permutation": table("invert_permutation(x)", np.array([2, 0, 1])),
    "PackedSequence": table("PackedSequence(x, torch.tensor([2, 1]))", TWO),
    "PackedSequence of a pair": table("PackedSequence((x, torch.tensor([2, 1])))", TWO),
    "PackedSequence with an order": table(
        "PackedSequence(x, torch.tensor([2, 1]), torch.tensor([1, 0]))", TWO
    ),
    "PackedSequence.to": table(f"{UNSORTED}.to(torch.float32)", X),
    "PackedSequence.double": table(f"{UNSORTED}.float().double()", X),
    "PackedSequence.long": table(f"{UNSORTED}.long().cpu()", X),
}


@pytest.mark.parametrize("name", TABLE)
def test_values_and_derivatives_as_torch(torch, name):
    expression, arrays = TABLE[name]
    agree(torch, expression, *arrays)


def test_every_name_is_in_the_table():
    used = " ".join(TABLE)
    assert [name for name in NAMES if name not in used] == []


MISTAKES = {
    "a length too few": ("pack_padded_sequence(x, [3, 2, 1])", RuntimeError),
    "a length of 0": ("pack_padded_sequence(x, [3, 2, 1, 0])", RuntimeError),
    "unsorted": ("pack_padded_sequence(x, [1, 2, 3, 3])", RuntimeError),
    "nothing": ("pack_padded_sequence(x[:, :0], [])", RuntimeError),
    "lengths in rows": ("pack_padded_sequence(x, [[3, 2, 1, 1]])", RuntimeError),
    "one length": ("pack_padded_sequence(x, 3)", RuntimeError),
    "one dim": ("pack_padded_sequence(x[:, 0, 0], [1, 1, 1])", IndexError),
    "a total length too short": (
        "pad_packed_sequence(pack_padded_sequence(x, [3, 2, 1, 1]), total_length=2)", ValueError,
    ),
    "padded": ("pad_packed_sequence(x)", AttributeError),
    "no sequences": ("pad_sequence([])", RuntimeError),
    "a number": ("pad_sequence(3)", RuntimeError),
    "sizes that differ": ("pad_sequence([x[:, 0], x[:, 0, :1]][::-1])", RuntimeError),
    "a side": ("pad_sequence([x], padding_side='up')", RuntimeError),
    "unsorted sequences": ("pack_sequence([x[:1], x])", RuntimeError),
    "lengths that do not match": ("unpad_sequence(x.clone(), torch.tensor([1]))", ValueError),
    "data alone": ("PackedSequence(x)", AssertionError),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_torch_raises(torch, name):
    text, kind = MISTAKES[name]
    expression, (array,) = table(text, X)
    for library in (minigrad, torch):
        with pytest.raises(kind) as raised:
            expression(library, library.tensor(array))
        assert library is torch or "\n" not in str(raised.value)


def test_a_length_beyond_the_padded_batch_is_an_error():
    """PyTorch returns batch sizes there that do not fit the data."""
    with pytest.raises(RuntimeError, match="from 1 to 3, not 4"):
        rnn.pack_padded_sequence(minigrad.tensor(X), [4, 2, 1, 1])


def test_packing_with_known_numbers():
    letters = minigrad.tensor([[1, 2, 3], [4, 5, 0], [6, 0, 0]])
    packed = rnn.pack_padded_sequence(letters, [3, 2, 1], batch_first=True)
    assert packed.data.tolist() == [1, 4, 6, 2, 5, 3]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices is packed.unsorted_indices is None
    padded, lengths = rnn.pad_packed_sequence(packed, batch_first=True)
    assert padded.tolist() == letters.tolist()
    assert lengths.tolist() == [3, 2, 1]


def test_unpacking_gives_back_what_was_packed():
    given = [minigrad.tensor(draw(n, 2)) for n in (2, 5, 1, 3)]
    found = rnn.unpack_sequence(rnn.pack_sequence(given, enforce_sorted=False))
    for ours, expected in zip(found, given, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_gradients_go_to_what_was_packed_and_not_to_padding():
    x = minigrad.tensor(X, requires_grad=True)
    rnn.pack_padded_sequence(x, [1, 3, 2, 3], enforce_sorted=False).data.sum().backward()
    assert x.grad[..., 0].tolist() == [[1, 1, 1, 1], [0, 1, 1, 1], [0, 1, 0, 1]]


def test_a_packed_sequence_that_needs_no_conversion_is_returned():
    packed = rnn.pack_sequence([minigrad.ones(3), minigrad.ones(1)])
    assert packed.to("cpu") is packed.to(minigrad.float32) is packed.cpu() is packed
    assert packed.pin_memory() is packed
    assert not packed.is_pinned()
    assert not packed.is_cuda


def test_unpad_sequence_leaves_its_argument_unchanged():
    x = minigrad.tensor(X)
    rnn.unpad_sequence(x, minigrad.tensor([1, 3, 2, 2]))
    assert x.shape == X.shape

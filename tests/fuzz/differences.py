"""The documented differences from PyTorch, and errors that leak from the depths."""

import re

LEAKS = re.compile(
    r"has no attribute|'NoneType' object|not subscriptable|unsupported operand|not iterable|"
    r"positional argument|unexpected keyword|ufunc|[Nn]um[Pp]y boolean|numpy\.|"
    r"only integers, slices|must be real number|an integer is required|"
    r"cannot be interpreted|object is not|C long|cannot convert float"
)
EXPECTED = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, OverflowError)


LINEAR = (
    "add", "sub", "neg", "sum", "reshape", "permute", "expand", "getitem", "cast", "cat", "stack",
    "where", "put_at",
)  # fmt: skip

# Errors of PyTorch alone: two bugs; of NumPy's numbers it makes only a float64 an int64; it
# records no write into what unbind, split or chunk made, or no_grad() a view of; its attention has
# no second derivative on the CPU.
PYTORCH_ALONE = re.compile(
    r"INTERNAL ASSERT FAILED|ZeroTensors are immutable|"
    r"'numpy\.\w+' object cannot be interpreted as an integer|"
    r"only integer tensors of a single element can be converted to an index|"
    r"a function that returns multiple views|A view was created in no_grad mode|"
    r"derivative for .+ is not implemented|Autograd not support dtype|not implemented for '"
)


def leaks(error, theirs):
    """True for an error that does not speak of what was called, but of minigrad's insides.

    What PyTorch says in the same words is not one: errors of Python itself.
    """
    if isinstance(error, EXPECTED) and theirs and LEAKS.search(str(theirs)):
        return False
    return not isinstance(error, EXPECTED) or bool(LEAKS.search(str(error)))


def documented(step, ours, theirs, world):
    """True if a difference that is known explains why only one of them raised an error.

    world  PyTorch's, after the step
    """
    if theirs and not ours:
        # Of a tensor with one element, it checks that the number fits an int dtype.
        fits = "without overflow" in str(theirs) and re.search(r"= [a-z](\[\d\])?$", step.line)
        return bool(fits or PYTORCH_ALONE.search(str(theirs)))
    if ours and not theirs:
        # Memory is shared with what would not know of the history.
        history = step.call.startswith("recorded") and "would get a history" in str(ours)
        # It writes a number into what was expanded, expands nothing to a size of -2, and takes
        # several ... in an index.
        # It writes inf into an int, and asks for no index in bounds where nothing is picked.
        if "cannot be converted to" in str(ours) or "out of bounds" in str(ours):
            return True
        # It writes into overlapping windows one element after the other.
        if (
            "overlap" in str(ours)
            or "was expanded" in str(ours)
            or "expand" in step.call
            and "-2" in step.line
        ):
            return True
        # It chooses the dim of a softmax, where that is None.
        if "single ellipsis" in str(ours) or "softmax: a dim must be an int, not None" in str(ours):
            return True
        # PyTorch does not check the indices of nothing.
        # An op may need other old values than PyTorch's; one that is linear needs none.
        needed = re.search(r"was changed in place after (\w+) had used it", str(ours))
        if history or needed and needed[1] not in LINEAR:
            return True
        return isinstance(ours, IndexError) and _picks_nothing(step.line, world)
    return False


def _picks_nothing(line, world):
    """True if the index in a line picks no elements."""
    picked = re.search(r"[a-z](\[\d\])?\[.*\](?= [^ ]*= |$|\.[a-z]+_\()", line)
    return bool(picked) and not world.run(f"_ = {picked[0]}") and not world.names["_"].numel()


def shares_gradients(x):
    """True for a view that has no history, and requires grad because its base does.

    PyTorch makes such views under no_grad(), or when the base is told to require grad afterwards.
    In minigrad they are tensors of their own. And PyTorch gives up on a view that unbind, split or
    chunk made, if what it is a view of is written to.
    """
    try:
        return x.requires_grad and x.grad_fn is None and x._is_view()
    except RuntimeError:
        return True

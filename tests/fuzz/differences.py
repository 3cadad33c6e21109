"""The documented differences from PyTorch, and errors that leak from the depths."""

import re

LEAKS = re.compile(
    r"has no attribute|'NoneType' object|not subscriptable|unsupported operand|not iterable|"
    r"positional argument|unexpected keyword|ufunc|[Nn]um[Pp]y boolean|numpy\.|"
    r"only integers, slices|must be real number|an integer is required|"
    r"cannot be interpreted|object is not"
)
EXPECTED = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError)


def leaks(error):
    """True for an error that does not speak of what was called, but of minigrad's insides."""
    return not isinstance(error, EXPECTED) or bool(LEAKS.search(str(error)))


def documented(steps, ours, theirs):
    """True if a documented difference explains why only one raised an error in the last step."""
    if ours and not theirs:  # memory that is shared with what would not know of the history
        return steps[-1].call.startswith("recorded") and "would get a history" in str(ours)
    if theirs and not ours:  # minigrad keeps a copy of what a recorded write changes
        if "INTERNAL ASSERT FAILED" in str(theirs):
            return True  # a bug of PyTorch's
        if "a function that returns multiple views" in str(theirs):
            return True  # PyTorch does not record writes into what unbind, split or chunk made
        recorded = any(step.call.startswith("recorded") for step in steps)
        return recorded and "modified by an inplace operation" in str(theirs)
    return False


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

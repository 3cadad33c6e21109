"""Is it right? If not: which index is wrong, what came, what should have come, and likely why.

For an exercise `f`, the chapter's solutions have the worked `f`, and `check_f(f)`, which tries an
`f` out and yields, for each try,

    (what was called, what came, what should come)          or, with answers that are known to be
    (what was called, what came, what should come, {why: wrong answer})            wrong, and why

The docstring of `check_f` is the hint.
"""

import functools
import inspect
import traceback

import numpy as np


def exercises(solutions):
    """The names of the exercises, in the order of their checks."""
    return [name.removeprefix("check_") for name in vars(solutions) if name.startswith("check_")]


def check(attempt, tries):
    """("right" or "open" or "wrong", in words what is wrong) of what a reader wrote."""
    gave = []

    @functools.wraps(attempt)
    def watched(*args, **settings):
        gave.append(attempt(*args, **settings))
        return gave[-1]

    try:
        for call, came, expected, *known in tries(watched):
            wrong = difference(came, expected)
            if wrong:
                why = likely(came, expected, *known)
                return "wrong", f"{call}: {wrong}" + (f"\nlikely: {why}" if why else "")
    except NotImplementedError:
        return "open", "not written yet"
    except Exception as error:  # whatever a reader's code may raise
        what, file = f"{type(error).__name__}: {error}", inspect.getfile(attempt)
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if frame.filename == file]
        if theirs:
            return "wrong", f"{what}\nin line {theirs[-1].lineno}: {theirs[-1].line}"
        return "wrong", f"it gave {shown(gave[-1] if gave else None)}, with which came {what}"
    return "right", ""


def difference(came, expected, at=""):
    """What is wrong with what came, in words; nothing if it is right.

    Numbers, arrays and tensors may differ by rounding; in lists, tuples and dicts each entry is
    compared; all else must be equal.
    """
    if came is None and expected is not None:
        return f"nothing came at {at}" if at else "None came: is the return missing?"
    if isinstance(expected, dict):
        if not isinstance(came, dict):
            return f"{shown(came)} came{of(at)}, not a dict"
        if came.keys() != expected.keys():
            return f"the keys{of(at)} are {list(came)}, and should be {list(expected)}"
        pairs = [(repr(key), came[key], expected[key]) for key in expected]
    elif isinstance(expected, list | tuple) and not is_numbers(expected):
        if not isinstance(came, list | tuple):
            return f"{shown(came)} came{of(at)}, not a list of {len(expected)}"
        if len(came) != len(expected):
            lengths = f"{len(came)}, and should be {len(expected)}"
            return f"the length{of(at)} is {lengths}: {shown(came)}"
        pairs = [(i, came[i], expected[i]) for i in range(len(expected))]
    elif is_numbers(expected):
        return difference_of_numbers(came, np.asarray(plain(expected)), at)
    else:
        return "" if came == expected else f"{shown(came)} came{of(at)}, not {shown(expected)}"
    return next(filter(None, (difference(a, b, f"{at}[{key}]") for key, a, b in pairs)), "")


def difference_of_numbers(came, expected, at):
    """Of arrays: the shapes, or the first index that is wrong."""
    if not is_numbers(came):
        return f"{shown(came)} came{of(at)}, where numbers should"
    came = np.asarray(plain(came))
    if came.shape != expected.shape:
        return f"the shape{of(at)} is {came.shape}, and should be {expected.shape}"
    wrong = ~np.isclose(came, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
    if not wrong.any():
        return ""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = at + (f"[{', '.join(map(str, index))}]" if index else "")
    rest = f" ({wrong.sum()} of {wrong.size} are wrong)" if wrong.size > 1 else ""
    one, other = came[index].item(), expected[index].item()
    return f"{one:.6g} came{of(place)}, {other:.6g} should have{rest}"


def likely(came, expected, known=None):
    """Why that came: an answer that is known to be wrong, or one number between all of them."""
    for why, answer in (known or {}).items():
        if not difference(came, answer):
            return why
    if not (is_numbers(came) and is_numbers(expected)):
        return ""
    came, expected = (np.asarray(plain(x), float) for x in (came, expected))
    if came.shape == expected.T.shape and np.ndim(came) > 1 and np.allclose(came, expected.T):
        return "rows and columns are exchanged"
    if came.shape != expected.shape or not expected.any():
        return ""
    times = (came * expected).sum() / (expected * expected).sum()
    if expected.size == 1 or not times or not np.allclose(came, times * expected):
        return ""
    if round(times, 4) == -1:
        return "the sign is the wrong way round"
    return f"all are {times:.4g} × what they should be"


def plain(x):
    """A tensor's array; anything else as it is."""
    return getattr(x, "value", x)


def is_numbers(x):
    """Whether this is a number, an array, a tensor, or a list that NumPy reads as one."""
    try:
        return np.asarray(plain(x)).dtype.kind in "bif"
    except ValueError:
        return False


def of(at):
    """Where that is, in words."""
    return f" at {at}" if at else ""


def shown(x):
    """A value as a message has it, cut where it is long."""
    text = repr(x)
    return text if len(text) <= 60 else f"{text[:59]}…"

"""Check an answer: report the first wrong index, the result, the expected one, and a likely cause.

For an exercise `f`, the chapter's solutions contain a worked `f`, and a generator `check_f(f)` that
calls any `f` and yields one tuple per call:

    (the call as text, its result, the expected result)
    (the call as text, its result, the expected result, {cause: the wrong answer it leads to})

Each paragraph of the docstring of `check_f` is a hint. `said` checks an answer in words.
"""

import functools
import inspect
import traceback

import numpy as np


def exercises(solutions):
    """The names of the exercises, in the order of their checks."""
    return [name.removeprefix("check_") for name in vars(solutions) if name.startswith("check_")]


def check(attempt, tries):
    """("right" or "open" or "wrong", a description of what is wrong) for a reader's attempt."""
    results = []

    @functools.wraps(attempt)
    def watched(*args, **settings):
        results.append(attempt(*args, **settings))
        return results[-1]

    try:
        for call, result, expected, *known in tries(watched):
            wrong = difference(result, expected)
            if wrong:
                why = likely(result, expected, *known)
                return "wrong", f"{call}: {wrong}" + (f"\nlikely: {why}" if why else "")
    except NotImplementedError:
        return "open", "not written yet"
    except Exception as error:  # a reader's code may raise anything
        what, file = f"{type(error).__name__}: {error}", inspect.getfile(attempt)
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if frame.filename == file]
        if theirs:
            return "wrong", f"{what}\nin line {theirs[-1].lineno}: {theirs[-1].line}"
        returned = shown(results[-1] if results else None)
        return "wrong", f"it returned {returned}, which led to {what}"
    return "right", ""


def difference(result, expected, at=""):
    """A description of the first difference between a result and what was expected, or "".

    Numbers, arrays and tensors may differ by rounding errors. Lists, tuples and dicts are compared
    entry by entry. Anything else must be equal. `at` is the index of the result, as text.
    """
    if result is None and expected is not None:
        return f"got None{where(at)}" if at else "got None: is the return statement missing?"
    if isinstance(expected, dict):
        if not isinstance(result, dict):
            return f"got {shown(result)}{where(at)}, expected a dict"
        if result.keys() != expected.keys():
            return f"the keys{where(at)} are {list(result)}, but should be {list(expected)}"
        pairs = [(repr(key), result[key], expected[key]) for key in expected]
    elif isinstance(expected, list | tuple) and not is_numbers(expected):
        if not isinstance(result, list | tuple):
            return f"got {shown(result)}{where(at)}, expected a list of {len(expected)}"
        if len(result) != len(expected):
            lengths = f"{len(result)}, but should be {len(expected)}"
            return f"the length{where(at)} is {lengths}: {shown(result)}"
        pairs = [(i, result[i], expected[i]) for i in range(len(expected))]
    elif is_numbers(expected):
        return difference_of_numbers(result, np.asarray(plain(expected)), at)
    elif result != expected:
        return f"got {shown(result)}{where(at)}, expected {shown(expected)}"
    else:
        return ""
    return next(filter(None, (difference(a, b, f"{at}[{key}]") for key, a, b in pairs)), "")


def difference_of_numbers(result, expected, at):
    """The same for arrays: different shapes, or the first wrong index."""
    if not is_numbers(result):
        return f"got {shown(result)}{where(at)}, expected numbers"
    result = np.asarray(plain(result))
    if result.shape != expected.shape:
        return f"the shape{where(at)} is {result.shape}, but should be {expected.shape}"
    wrong = ~np.isclose(result, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
    if not wrong.any():
        return ""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = at + (f"[{', '.join(map(str, index))}]" if index else "")
    rest = f" ({wrong.sum()} of {wrong.size} are wrong)" if wrong.size > 1 else ""
    got, wanted = result[index].item(), expected[index].item()
    return f"got {got:.6g}{where(place)}, expected {wanted:.6g}{rest}"


def said(name, answer, right, wrong):
    """The entry of `check_f` for a question in words, whose answer is one of several letters.

    right: the letter of the right answer; wrong: for every other letter, why it is not the answer.
    """
    return f"the answer to {name!r}", answer, right, {why: letter for letter, why in wrong.items()}


def likely(result, expected, known=None):
    """A likely cause, or "": a known wrong answer, a transpose, a sign, or a constant factor."""
    for why, answer in (known or {}).items():
        if not difference(result, answer):
            return why
    if not (is_numbers(result) and is_numbers(expected)):
        return ""
    result, expected = (np.asarray(plain(x), float) for x in (result, expected))
    if result.shape == expected.T.shape and result.ndim > 1 and np.allclose(result, expected.T):
        return "rows and columns are swapped"
    if result.shape != expected.shape or not expected.any():
        return ""
    times = (result * expected).sum() / (expected * expected).sum()
    if expected.size == 1 or not times or not np.allclose(result, times * expected):
        return ""
    if round(times, 4) == -1:
        return "the sign is wrong"
    return f"all are {times:.4g} × what they should be"


def plain(x):
    """The array of a tensor; anything else unchanged."""
    return getattr(x, "value", x)


def is_numbers(x):
    """True for numbers, and for arrays, tensors and lists of numbers."""
    try:
        return np.asarray(plain(x)).dtype.kind in "bif"
    except ValueError:
        return False


def where(at):
    """The text " at {at}", or "" if the difference is not inside the result."""
    return f" at {at}" if at else ""


def shown(x):
    """The repr of a value, shortened to 60 characters."""
    text = repr(x)
    return text if len(text) <= 60 else f"{text[:59]}…"

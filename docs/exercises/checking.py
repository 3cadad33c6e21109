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

from .language import say, translated


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
                why = translated(likely(result, expected, *known))
                more = "\n" + say("likely: {}", why) if why else ""
                return "wrong", f"{translated(call)}: {wrong}{more}"
    except NotImplementedError:
        return "open", say("not written yet")
    except Exception as error:  # a reader's code may raise anything
        what, file = f"{type(error).__name__}: {error}", inspect.getfile(attempt)
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if frame.filename == file]
        if theirs:
            place = say("in line {}: {}", theirs[-1].lineno, theirs[-1].line)
            return "wrong", f"{what}\n{place}"
        returned = shown(results[-1] if results else None)
        return "wrong", say("it returned {}, which led to {}", returned, what)
    return "right", ""


def difference(result, expected, at=""):
    """A description of the first difference between a result and what was expected, or "".

    Numbers, arrays and tensors may differ by rounding errors. Lists, tuples and dicts are compared
    entry by entry. Anything else must be equal. `at` is the index of the result, as text.
    """
    if result is None and expected is not None:
        missing = "got None: is the return statement missing?"
        return say("got None{}", where(at)) if at else say(missing)
    if isinstance(expected, dict):
        if not isinstance(result, dict):
            return say("got {}{}, expected a dict", shown(result), where(at))
        if result.keys() != expected.keys():
            keys = where(at), list(result), list(expected)
            return say("the keys{} are {}, but should be {}", *keys)
        pairs = [(repr(key), result[key], expected[key]) for key in expected]
    elif isinstance(expected, list | tuple) and not is_numbers(expected):
        if not isinstance(result, list | tuple):
            got = shown(result), where(at), len(expected)
            return say("got {}{}, expected a list of {}", *got)
        if len(result) != len(expected):
            lengths = where(at), len(result), len(expected)
            return say("the length{} is {}, but should be {}: {}", *lengths, shown(result))
        pairs = [(i, result[i], expected[i]) for i in range(len(expected))]
    elif is_numbers(expected):
        return difference_of_numbers(result, np.asarray(plain(expected)), at)
    elif result != expected:
        return say("got {}{}, expected {}", shown(result), where(at), shown(expected))
    else:
        return ""
    return next(filter(None, (difference(a, b, f"{at}[{key}]") for key, a, b in pairs)), "")


def difference_of_numbers(result, expected, at):
    """The same for arrays: different shapes, or the first wrong index."""
    if not is_numbers(result):
        return say("got {}{}, expected numbers", shown(result), where(at))
    result = np.asarray(plain(result))
    if result.shape != expected.shape:
        shapes = result.shape, expected.shape
        return say("the shape{} is {}, but should be {}", where(at), *shapes)
    wrong = ~np.isclose(result, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
    if not wrong.any():
        return ""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = at + (f"[{', '.join(map(str, index))}]" if index else "")
    rest = say(" ({} of {} are wrong)", wrong.sum(), wrong.size) if wrong.size > 1 else ""
    got, wanted = (f"{numbers[index].item():.6g}" for numbers in (result, expected))
    return say("got {}{}, expected {}", got, where(place), wanted) + rest


def said(name, answer, right, wrong):
    """The entry of `check_f` for a question in words, whose answer is one of several letters.

    right: the letter of the right answer; wrong: for every other letter, why it is not the answer.
    """
    causes = {why: letter for letter, why in wrong.items()}
    return say("the answer to {}", repr(name)), answer, right, causes


def likely(result, expected, known=None):
    """A likely cause, or "": a known wrong answer, a transpose, a sign, or a constant factor."""
    for why, answer in (known or {}).items():
        if not difference(result, answer):
            return why
    if not (is_numbers(result) and is_numbers(expected)):
        return ""
    result, expected = (np.asarray(plain(x), float) for x in (result, expected))
    if result.shape == expected.T.shape and result.ndim > 1 and np.allclose(result, expected.T):
        return say("rows and columns are swapped")
    if result.shape != expected.shape or not expected.any():
        return ""
    times = (result * expected).sum() / (expected * expected).sum()
    if expected.size == 1 or not times or not np.allclose(result, times * expected):
        return ""
    if round(times, 4) == -1:
        return say("the sign is wrong")
    return say("all are {} × what they should be", f"{times:.4g}")


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
    return say(" at {}", at) if at else ""


def shown(x):
    """The repr of a value, shortened to 60 characters."""
    text = repr(x)
    return text if len(text) <= 60 else f"{text[:59]}…"

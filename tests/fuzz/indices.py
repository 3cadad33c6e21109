"""Indices as Python text: ints, slices, None, …, bools, masks, lists, tensors of ints."""

from .writer import nested


def index(w, x, plain=False):
    """An index into x; plain: one that gives a view."""
    if w.chance(8) or not x.ndim and w.chance(2):
        return w.pick(("None", "()", "...", "True", "False", "slice(None)", "[]"))
    parts, left = [], x.ndim
    few = w.below(min(x.ndim, 3) + 1) or 1
    while left and few:
        text, covers = _part(w, x.shape[x.ndim - left :], plain)
        parts.append(text)
        left, few = left - covers, few - 1
    if w.chance(6):
        parts.insert(w.below(len(parts) + 1), "None")
    if w.chance(6):
        parts.insert(w.below(len(parts) + 1), "...")
    if w.chance(16):
        parts.insert(w.below(len(parts) + 1), w.pick(("True", "False", "...", "0", "'7'", "1.0")))
    return ", ".join(parts) if parts else "()"


def _part(w, shape, plain):
    """One part of an index, and the number of dims that it covers."""
    n = shape[0]
    kind = w.below(3 if plain else 10)
    if kind == 0 or n == 0:
        return _int(w, n), 1
    if kind <= 2:
        start, stop = w.below(n + 2) - 1, w.below(n + 3) - 1
        step = w.pick(("", "", ":2", ":3"))
        return f"{w.pick(('', start))}:{w.pick(('', stop))}{step}", 1
    if kind == 3:
        return f"torch.tensor({_int(w, n)})", 1
    if kind == 4:
        return _mask(w, shape)
    if kind == 5:
        return _list(w, n), 1
    if kind == 9:
        return f"[[{_int(w, n)}, {_int(w, n)}], [{_int(w, n)}, {_int(w, n)}]]", 1
    if kind == 6 and len(shape) > 1 and shape[1]:
        return f"{_list(w, n)}, {_list(w, shape[1])}", 2
    if kind == 7:
        return w.pick(
            (f"np.array({_list(w, n)}, dtype=int)", f"[{_list(w, n)}]", f"tuple({_list(w, n)})")
        ), 1
    return f"torch.tensor({_list(w, n)}, dtype=torch.int64)", 1


def _int(w, n):
    if n == 0 or w.odd():
        return str(w.pick((n, -n - 1)))
    return str(w.below(2 * n) - n if w.chance(2) else w.below(n))


def _list(w, n):
    length = w.pick((2, 2, 3, 1, 2, 0))
    return f"[{', '.join(_int(w, n) for _ in range(length))}]"


def _mask(w, shape):
    covers = 2 if len(shape) > 1 and shape[1] and w.chance(3) else 1
    shape = [n + w.odd() for n in shape[:covers]]
    bools = iter(lambda: w.pick(("True", "False")), None)
    text = nested(bools, shape)
    as_list = covers == 1 and w.chance(4)
    return text if as_list else f"torch.tensor({text})", covers

"""The table from which programs are written: a row for every public name.

A row is a function of the writer that returns the text of a call, or None if no variable fits.
"""

ROWS = {}
ROOMS = {}  # the rows of names in rooms: some programs call them, and some do not


def floats(x):
    return x.dtype.is_floating_point


def numbers(x):
    return str(x.dtype) != "torch.bool"


def anything(x):
    return True


def whole(x):
    return not x.dtype.is_floating_point


def finite(x):
    return floats(x) and bool(x.isfinite().all()) and not (x.detach().abs() > 1e6).any()


def dtype_of(x):
    return str(x.dtype).removeprefix("torch.")


def either(w, name, ref, given="", forms="fm"):
    """The text of a call with these arguments: of the function, or of the method."""
    form = w.pick(forms)
    if form == "m":
        return f"{ref}.{name}({given})"
    module = "torch" if form == "f" else "torch.nn.functional"
    return f"{module}.{name}({ref}{', ' * bool(given)}{given})"


# --- parameters: functions of (writer, x) that return the text of a setting, or None to omit it --


def dim(w, x):
    return w.dim(x)


def dims(w, x):
    return w.dims(x)


def flag(w, x):
    return w.pick(("True", "False"))


def optional(parameter):
    return lambda w, x: None if w.chance(2) else parameter(w, x)


def choice(*texts):
    return lambda w, x: w.pick(texts)


KEEPDIM = ("keepdim", optional(flag))
DIMS, DIM = ("dim", optional(dims)), ("dim", optional(dim))
NEEDED = ("dim", dim)


def call(name, *parameters, test=anything, always=anything, exact=False, forms="fm"):
    """A row for a function and a method of one tensor.

    parameters  (keyword, function); given by position as long as none before it was omitted
    test        what it is called on, mostly; and what it is called on always
    exact       it is called only on what both frameworks hold to the bit
    forms       f: torch.name(x); m: x.name(); n: torch.nn.functional.name(x)
    """

    def written(w):
        ref = w.tensor(always if w.odd() else lambda x: test(x) and always(x), exact)
        if ref is None:
            return None
        given, by_position, omitted = [], True, False
        for keyword, parameter in parameters:
            text = parameter(w, w.value(ref))
            if keyword == "keepdim" and omitted:  # PyTorch refuses keepdim without dim
                continue
            omitted = omitted or text is None
            by_position = by_position and text is not None and keyword[0] != "*"
            if text is not None:
                positional = by_position and not w.chance(3)
                by_position = positional
                given.append(text if positional else f"{keyword.lstrip('*')}={text}")
        form = w.pick(forms)
        if form == "m":
            return f"{ref}.{name}({', '.join(given)})"
        module = "torch" if form == "f" else "torch.nn.functional"
        return f"{module}.{name}({', '.join([ref, *given])})"

    return written


def row(*names):
    """Register a function as the row of these names."""

    def register(written):
        ROWS.update(dict.fromkeys(names, written))
        return written

    return register


def add_rows(rows):
    ROWS.update(rows)


def add_rooms(rows):
    ROOMS.update(rows)


def room(*names):
    """Register a function as the row of these names, which are in rooms."""

    def register(written):
        ROOMS.update(dict.fromkeys(names, written))
        return written

    return register

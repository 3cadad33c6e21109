"""torch.testing: tensors that agree."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import describe
from .graph import value_of

# The relative and absolute tolerance of a dtype, as in PyTorch.
TOLERANCES = {"float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_dtype: bool = True,
    **_: Any,
) -> None:
    """Raise AssertionError if shapes, dtypes or numbers differ by more than atol + rtol · |number|.

    Lists, tuples and dicts are compared part by part.
    """
    if isinstance(expected, dict | list | tuple):
        if isinstance(actual, dict) != isinstance(expected, dict) or len(actual) != len(expected):
            raise AssertionError("assert_close: they are not laid out in the same way")
        for i in expected if isinstance(expected, dict) else range(len(expected)):
            settings: Any = {"rtol": rtol, "atol": atol, "equal_nan": equal_nan}
            assert_close(actual[i], expected[i], check_dtype=check_dtype, **settings)
        return
    one, two = np.asarray(value_of(actual)), np.asarray(value_of(expected))
    if one.shape != two.shape:
        raise AssertionError(f"assert_close: shapes {describe(one)} and {describe(two)}")
    if check_dtype and one.dtype != two.dtype:
        raise AssertionError(f"assert_close: dtypes {one.dtype} and {two.dtype}")
    own = [TOLERANCES.get(x.dtype.name, (0.0, 0.0)) for x in (one, two)]
    rtol, atol = (
        max(each[i] for each in own) if given is None else given
        for i, given in enumerate((rtol, atol))
    )
    close = np.isclose(one, two, rtol, atol, equal_nan)
    if not close.all():
        many = f"{close.size - np.count_nonzero(close):,} of {close.size:,} elements differ"
        raise AssertionError(f"assert_close: {many}, by up to {np.abs(one - two).max():.3g}")

"""The elements of a tensor or an ndarray as short texts, and which of a large one are kept."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

PRECISION = 4  # decimals, as torch prints them
# How many indices of a dim are kept at its beginning and its end where there are more than that,
# by the number of dims that are drawn; the last pair is for the last dim.
MOST = {1: [(32, 4)], 2: [(7, 1), (20, 3)], 3: [(3, 1), (4, 1), (9, 2)]}
EXACT: dict[str, Callable[[float], Any]] = {"float16": np.float16, "float32": np.float32}


def text(value: object, dtype: str) -> str:
    """One element, as short as it can be said.

    A float with more decimals than torch prints is rounded to them and keeps its zeros: `0.3` is
    the float next to 0.3, and `0.3000` is another one close by.
    """
    if isinstance(value, complex):
        exact = EXACT["float32"] if dtype == "complex64" else float
        imaginary = _float(value.imag, exact)
        sign = "" if imaginary[0] in "+-" else "+"
        return f"{_float(value.real, exact)}{sign}{imaginary}j"
    if isinstance(value, float):
        return _float(value, EXACT.get(dtype, float))
    return str(value)


def _float(value: float, exact: Callable[[float], Any]) -> str:
    if not math.isfinite(value):
        return str(value)
    if value and not 1e-4 <= abs(value) < 1e8:
        said = np.format_float_scientific(exact(value), trim="-", exp_digits=2)
        digits = len(said.partition("e")[0].partition(".")[2])
        return said if digits <= PRECISION else f"{value:.{PRECISION}e}"
    said = np.format_float_positional(exact(value), trim=".")
    decimals = len(said.partition(".")[2])
    return said if decimals <= PRECISION else f"{value:.{PRECISION}f}"


def kept(shape: Sequence[int]) -> list[list[int]]:
    """For each of the last three dims the indices that are kept."""
    last = list(shape)[-3:]
    return [ends(size, *most) for size, most in zip(last, MOST.get(len(last), []), strict=True)]


def ends(size: int, first: int, last: int) -> list[int]:
    """The first and the last indices of a dim, or all of them where they are not many."""
    if size <= first + last:
        return list(range(size))
    return [*range(first), *range(size - last, size)]


def cells(values: Any, dtype: str) -> Any:
    """Texts of the kept elements, nested like the last three dims; of the first block if more.

    `values` is a tensor or an ndarray.
    """
    for _ in range(len(values.shape) - 3):
        values = values[0]
    return _nested(values, kept(values.shape), dtype)


def _nested(values: Any, indices: list[list[int]], dtype: str) -> Any:
    if not indices:
        return text(values.tolist(), dtype)
    if len(indices) > 1:
        return [_nested(values[index], indices[1:], dtype) for index in indices[0]]
    return [text(value, dtype) for run in _runs(indices[0]) for value in values[run].tolist()]


def _runs(indices: list[int]) -> list[slice]:
    """Indices one after another as slices: a few reads, and not one for each element."""
    runs = itertools.groupby(enumerate(indices), lambda pair: pair[1] - pair[0])
    spans = [[index for _, index in run] for _, run in runs]
    return [slice(span[0], span[-1] + 1) for span in spans]


def brief(values: Any, dtype: str) -> str:
    """A small tensor on one line; of a larger one its shape."""
    if math.prod(values.shape) > 8 or len(values.shape) > 3:
        return f"shape {tuple(values.shape)}"
    return _joined(cells(values, dtype))


def _joined(nested: Any) -> str:
    return nested if isinstance(nested, str) else f"[{', '.join(map(_joined, nested))}]"

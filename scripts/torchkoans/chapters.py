"""The chapters of the course: lessons in a row that belong together."""

from __future__ import annotations

import bisect

CHAPTERS = {  # number of its first lesson: name
    1: "First steps",
    4: "Shapes and dims",
    6: "dtypes",
    11: "Making tensors",
    14: "NumPy",
    16: "Devices",
    20: "Indexing and masks",
    23: "Arithmetic",
    27: "Reductions",
    30: "Joining and reshaping",
    34: "Memory",
    35: "Randomness",
    37: "Autograd",
    41: "Forward and backward",
    43: "All of it together",
}
_FIRST = sorted(CHAPTERS)


def of(number: int) -> str:
    """The name of the chapter that a lesson belongs to."""
    return CHAPTERS[_FIRST[max(0, bisect.bisect_right(_FIRST, number) - 1)]]

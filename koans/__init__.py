"""The two marks of the course.

`__` is a blank: put the right answer in its place, then save.
`@kata` marks a function whose body is yours to write.
"""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class _Blank:
    """Stands where an answer belongs; a solved lesson wraps its answer.

    `__(answer)`, `t[__[1:]]`.
    """

    def __call__(self, answer: Any) -> Any:
        return answer

    def __getitem__(self, index: Any) -> Any:
        return index

    def __repr__(self) -> str:
        return "__"


__: Any = _Blank()  # Any: an editor has nothing to complain about where a blank stands


def kata(function: F) -> F:
    """Mark a function whose body the learner writes; it changes nothing."""
    return function

"""Dataclasses and enums of plain values as plain JSON, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

Kinds = Mapping[str, Any]  # name to class, of those that may come back


def kinds(*classes: type) -> Kinds:
    """The classes by their names."""
    return {one.__name__: one for one in classes}


def packed(value: Any) -> Any:
    """The value with each dataclass and enum as {name of the class: values of its fields}.

    Tuples become lists.
    """
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, (list, tuple)):
        return [packed(each) for each in value]
    if isinstance(value, Enum):
        return {type(value).__name__: [value.value]}
    kind: Any = type(value)
    return {kind.__name__: [packed(getattr(value, name)) for name in _fields(kind)]}


@cache
def _fields(kind: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def unpacked(value: Any, known: Kinds) -> Any:
    """What was packed; each list is a tuple now.

    Raises ValueError, TypeError or KeyError where nobody could have packed it.
    """
    if type(value) is list:
        return tuple([unpacked(each, known) for each in value])
    if type(value) is dict:
        ((name, fields),) = value.items()
        return known[name](*[unpacked(each, known) for each in fields])
    return value

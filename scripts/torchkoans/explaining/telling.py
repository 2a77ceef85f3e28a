"""Putting a red koan into words, for pytest's own report and for the verdict alike."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from torchkoans import marks, standing
from torchkoans.explaining import assertions, scene, slips
from torchkoans.explaining.scene import Span
from torchkoans.lineup import line_up
from torchkoans.source import CourseError, Source

_NOT_RAISED = r"no \2 was raised here, and one should be"


def put_into_words(
    item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], briefly: bool
) -> str:
    """Give a failed assertion its words, in place of pytest's; for another error, say it plainly.

    Returns the sentence that stands beside an error whose own text stays. Briefly, where a known
    mistake was answered already, only the values are said.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a look at .grad may warn, and nobody has asked
            return _put_into_words(item, excinfo, briefly)
    except Exception:  # what helps to understand a failure must not be another one
        return ""


def _put_into_words(
    item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], briefly: bool
) -> str:
    found = text_of(item.config.rootpath, item.path, getattr(item, "originalname", item.name))
    if found is None:
        return ""
    source, blanks = found
    error = excinfo.value
    if isinstance(error, pytest.fail.Exception) and error.msg:
        error.msg = re.sub(r"DID NOT RAISE (<class ')?([\w.]+)('>)?", _NOT_RAISED, str(error.msg))
    if not isinstance(error, AssertionError):
        return "" if briefly else slips.sentence(error, scene.of(error, source, blanks))
    said = assertions.words(error, source, blanks, briefly)
    if said:
        error.args = ("assert it",)  # pytest puts no class in front of what begins like this
        excinfo.exconly(tryshort=True)
        error.args = (said,)
    return ""


def text_of(root: Path, file: Path, test: str) -> tuple[Source, list[Span]] | None:
    """The text of a koan file, and the bytes of what stands in the blanks of a test."""
    found = standing.in_file(root, file)
    try:
        if found is None:
            return None
        if found.lesson is None or found.lesson.koan(test) is None:
            return found.source, _marked(found.source)
        lined = line_up(found.lesson, found.source, only=[test]).test(test)
        stands = lined.blanks if lined else ()
        return found.source, [blank.span for blank in stands if blank.span]
    except CourseError:
        return None


def _marked(source: Source) -> list[Span]:
    """In an answer file every answer still wears its mark."""
    return [source.span(mark.node) for mark in marks.marks(source.tree)]

"""Putting a koan back as it was handed out, and a copy of what stood there aside.

Only its test and its katas are replaced, also in a file that does not parse; all else in the file
stays byte for byte.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from torchkoans import cut
from torchkoans.course import Course
from torchkoans.cut import Edit
from torchkoans.definitions import definitions, top_level
from torchkoans.lesson import Koan, Lesson
from torchkoans.lineup import State, line_up
from torchkoans.remembered import FOLDER
from torchkoans.source import CourseError, Source, command, read, shown, write

Span = tuple[int, int]


def lost(course: Course, lesson: Lesson, koan: Koan) -> list[str]:
    """The learner's lines that a reset of the koan takes away.

    Raises CourseError, with what to do instead, where the koan cannot be put back by itself.
    """
    source = course.read(lesson)
    after = _reset(lesson, koan, source)
    return _gone(source, after)


def is_pristine(course: Course, lesson: Lesson, koan: Koan) -> bool:
    """Whether there is nothing to put back.

    Raises CourseError as `lost` does.
    """
    source = course.read(lesson)
    return _reset(lesson, koan, source).text == source.text


def reset(course: Course, lesson: Lesson, koan: Koan) -> Path:
    """Put the koan back; returns where the whole file, as it was before, is kept.

    Raises CourseError as `lost` does, and where the disk refuses; then nothing was changed.
    """
    source = course.read(lesson)
    data = _reset(lesson, koan, source).encoded()
    kept = keep(course, source.path)
    write(source.path, data)
    return kept


def lost_with_lesson(course: Course, lesson: Lesson) -> list[str]:
    """What a reset of the whole file takes away: the learner's lines."""
    path = course.koan_file(lesson)
    if not path.exists():
        return []
    try:
        return _gone(read(path), cut.pristine(lesson))
    except CourseError as error:
        return [f"all of it, and what it is nobody can tell: {error.what}"]


def reset_lesson(course: Course, lesson: Lesson) -> Path | None:
    """Put the whole file back; returns where it is kept as it was, None where there was none."""
    path = course.koan_file(lesson)
    kept = keep(course, path) if path.exists() else None
    write(path, cut.pristine(lesson).encoded())
    return kept


def _gone(before: Source, after: Source) -> list[str]:
    """The lines of one text that the other has not, as often as it has not."""
    left = Counter(line.strip() for line in after.lines)
    found = []
    for line in before.lines:
        left[line.strip()] -= 1
        if line.strip() and left[line.strip()] < 0:
            found.append(line.rstrip())
    return found


def keep(course: Course, path: Path) -> Path:
    """Copy a file to where no other copy is, so that none is ever written over."""
    now, folder = time.strftime("%Y%m%d-%H%M%S"), course.root / FOLDER / "kept"
    names = (f"{now}{f'-{n}' if n else ''}_{path.name}" for n in range(10**6))
    kept = next(folder / name for name in names if not (folder / name).exists())
    try:
        write(kept, path.read_bytes())
    except OSError as error:
        raise CourseError(path, None, f"it cannot be read: {error.strerror}") from None
    return kept


# -- one koan --------------------------------------------------------------------------------------


def _reset(lesson: Lesson, koan: Koan, source: Source) -> Source:
    """The learner's file with this koan as it was handed out.

    Raises CourseError where that cannot be had without touching something else.
    """
    pristine, (places, broken) = cut.pristine(lesson), _places(source)
    names = (koan.name, *koan.katas)
    hidden = broken and not all(map(places.get, names))  # in a block that lost its `def`, say
    after = source
    if not hidden:
        edits = [edit for name in names for edit in _edits(pristine, name, source, places)]
        after = source.spliced(edits)
    if hidden or not _is_reset(lesson, koan, after):
        fresh = command("blank", shown(source.path))
        what = f"{koan.name} cannot be put back by itself; the whole file can: {fresh}"
        raise CourseError(source.path, broken.line if broken else None, what)
    return after


def _is_reset(lesson: Lesson, koan: Koan, after: Source) -> bool:
    lined = line_up(lesson, after, only=[koan.name])
    (test,) = lined.tests
    katas = [kata for kata in lined.katas if kata.name in koan.katas]
    good = all(blank.state is State.EMPTY for blank in test.blanks) and test.line is not None
    return good and not test.altered and not any(k.written or k.altered for k in katas)


def _places(source: Source) -> tuple[dict[str, list[Span]], CourseError | None]:
    """Where each definition stands, by its name; and why the file does not parse."""
    found, broken, spoiled = definitions(source)
    places = {
        name: [cut.whole_span(source, node) for node in nodes] for name, nodes in found.items()
    }
    for name, (_, span) in spoiled.items():
        places.setdefault(name, []).append(_without_what_follows(source, span))
    return places, broken


def _without_what_follows(source: Source, block: Span) -> Span:
    """A block that does not parse, up to where two empty lines end it for the eye."""
    first, last = source.line_at(block[0]), source.line_at(block[1] - 1)
    for number in range(first + 2, last):
        above = source.lines[number - 2 : number]
        if source.lines[number][:1].strip() and not any(line.strip() for line in above):
            return source.line_span(first, number - 2)
    return block


def _edits(
    pristine: Source, name: str, source: Source, places: dict[str, list[Span]]
) -> Iterator[Edit]:
    """What puts one function back: in its place, or where the lesson has it if it is gone."""
    order = {node.name: cut.whole_span(pristine, node) for node in top_level(pristine.tree)}
    text = _like(source, pristine.cut(order[name]))
    if not places.get(name):
        yield _insertion(list(order), name, text, source, places)
        return
    *twins, last = sorted(places[name])
    yield (last[0], _after_what_is_left(source, last[1])), text
    yield from ((twin, "") for twin in twins)


def _after_what_is_left(source: Source, end: int) -> int:
    """Behind the empty lines above a last statement that is gone: two keep definitions apart."""
    first = number = source.line_at(end)
    while number < len(source.lines) and not source.lines[number - 1].strip():
        number += 1
    surplus = number - first - 2 if source.lines[number - 1].strip() else 0
    return source.line_span(first, first + surplus - 1)[1] if surplus > 0 else end


def _insertion(
    order: list[str], name: str, text: str, source: Source, places: dict[str, list[Span]]
) -> Edit:
    """Below what stands before it in the lesson; else above what stands behind it, or at the end.

    A text is inserted together with the two empty lines that keep it apart.
    """
    gap, at = source.newline * 2, order.index(name)
    before = [max(places[one])[1] for one in order[:at] if places.get(one)]
    behind = [min(places[one])[0] for one in order[at:] if places.get(one)]
    if behind and not before:
        return (behind[0], behind[0]), f"{text}{gap}"
    end = before[-1] if before else len(source.data)
    ends_line = source.data[:end].endswith((b"\n", b"\r")) or not end
    return (end, end), f"{'' if ends_line else source.newline}{gap}{text}"


def _like(source: Source, text: str) -> str:
    """The text with the line ends of the learner's file."""
    return source.newline.join(Source(source.path, text).lines)

"""A lesson or a koan to begin with: alive as it stands, and every word to be replaced is marked.

What a new one may be called, and which number it gets, is settled here too.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from torchkoans import marks
from torchkoans.course import Course
from torchkoans.lesson import FILE_NAME, Lesson, Reader
from torchkoans.source import CourseError, Source, command, shown

NUMBERS = range(1, 100)  # two digits of a file name
TITLE = 90  # letters; with its quotes it is a line of the file
NAME = 80  # letters of a koan's name; `def ...(device):` is a line as well

_FILE = re.compile(r"([0-9]{1,3})_(.+?)(?:\.py)?")
_SNAKE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")

LESSON = '''\
"""{title}

REPLACE by the idea, in two or three sentences: what a learner has to know before the koans below.

Read more: https://docs.pytorch.org/docs/stable/REPLACE.html
"""

import pytest
import torch

from koans import __


{value}

def test_placeholder_for_an_error(device):
    """REPLACE by the sentence of the name in other words; an error is asked for by its class."""
    t = torch.zeros(2, device=device)
    with pytest.raises(Exception) as caught:
        t.view(3)

    # claims: REPLACE
    # hint: REPLACE by a question that leads on
    # trap: ValueError -> REPLACE by what is wrong about it
    # trap: IndexError -> REPLACE by what is wrong about it
    # trap: TypeError -> REPLACE by what is wrong about it
    assert caught.type is __(RuntimeError)
    # why: REPLACE by the rule behind it
'''

KOAN = '''\
def {name}(device):
    """REPLACE by the sentence of the name in other words."""
    t = torch.tensor([1, 2, 4], device=device)

    # claims: REPLACE
    # hint: REPLACE by a question that leads on; a hint never holds the answer
    # hint: REPLACE by one that leads further, or leave it out
    # trap: 124 -> REPLACE by what is wrong about this answer, which real learners give
    # trap: [7] -> REPLACE by what is wrong about it
    # trap: 8 -> REPLACE by what is wrong about it
    assert t.sum().item() == __(7)
    # why: REPLACE by the rule behind it. It is read when the koan is green, so it may say all.
    # picture: t
'''
NEEDED = {"torch": "import torch", "__": "from koans import __"}  # by a koan of the template


@dataclass(frozen=True)
class Wish:
    """What a new lesson shall be: its number, where one was named, its name and its title."""

    number: int | None
    name: str
    title: str


def wish(words: list[str]) -> Wish:
    """Read `45 strides_in_anger`, `Strides in anger` or `45_strides_in_anger.py`.

    Raises CourseError where no name can be made of it.
    """
    said = " ".join(words).strip()
    number, rest = None, words
    if words and re.fullmatch("[0-9]+", words[0]):
        number, rest = int(words[0]), words[1:]
    elif len(words) == 2 and re.fullmatch("[0-9]+", words[1]):
        example = command("new", words[1], words[0])
        raise CourseError(said, None, f"the number comes first: {example}")
    elif len(words) == 1 and (file := _FILE.fullmatch(Path(said).name)):
        number, rest = int(file.group(1)), [file.group(2)]
    title = " ".join(" ".join(rest).split())
    if not title:
        what = f"what is the lesson about? {command('new', '45', 'strides_in_anger')}"
        raise CourseError(said or "new", None, what)
    if number is not None and number not in NUMBERS:
        raise CourseError(said, None, "a lesson has a number from 1 to 99")
    return Wish(number, _name(title), _title(title))


def _title(said: str) -> str:
    """The first line of a lesson, made of its title or its name."""
    words = said.replace("_", " ") if _SNAKE.fullmatch(said) else said
    title = words[:1].upper() + words[1:]
    title += "" if title.endswith((".", "?", "!")) else "."
    if len(title) > TITLE:
        raise CourseError(said, None, f"a title is one line of at most {TITLE} letters")
    if not title.isprintable() or set(title) & {'"', "\\"}:
        what = "a title stands in a docstring: leave out quotes, backslashes and control characters"
        raise CourseError(said, None, what)
    return title


def _name(said: str) -> str:
    """The name of a file or a koan; one that is none yet is taken for a sentence."""
    name = said
    if not _SNAKE.fullmatch(said) or said[:1].isupper():
        name = "_".join(re.findall(r"\w+", re.sub("['\u2019]", "", said).lower()))
    if not _SNAKE.fullmatch(name):
        what = "a name has letters from a to z, digits and single _, and begins with a letter"
        raise CourseError(said, None, what)
    return name


# -- a lesson --------------------------------------------------------------------------------------


def lesson(course: Course, words: list[str]) -> Source:
    """The answer file of a new lesson; nothing is written yet.

    Raises CourseError where the number or the name is taken, or can be none.
    """
    asked = wish(words)
    _refuse_name(course, asked.name)
    number = asked.number or _next(course)
    _refuse_number(course, number)
    path = course.answers / f"{number:02}_{asked.name}.py"
    value = KOAN.format(name="test_placeholder_for_a_value")
    return Source(path, LESSON.format(title=asked.title, value=value))


def _taken(course: Course) -> dict[int, Path]:
    """Numbers that a file has, in answers/ or, by itself, in koans/."""
    strays = [path for path in course.strays() if FILE_NAME.fullmatch(path.name)]
    return {int(path.name[:2]): path for path in (*strays, *course.answer_files)}


def _next(course: Course) -> int:
    """The number after the last one."""
    number = max(_taken(course)) + 1
    if number not in NUMBERS:
        raise CourseError(course.answers, None, "99 is taken, and there is no number after it")
    return number


def _refuse_number(course: Course, number: int) -> None:
    taken = _taken(course)
    there = taken.get(number)
    if there is None:
        return
    if there.parent == course.koans:
        what = "has this number and belongs to no lesson: move it away, or take another number"
        raise CourseError(there, None, f"{what} ({_free(taken)})")
    what = f"it has the number {number:02} already; {_free(taken)}"
    if max(taken) + 1 in NUMBERS:
        what += f". To put a lesson before it, first move up what follows: {_move(course)}"
    raise CourseError(there, None, what)


def _move(course: Course) -> str:
    """How the last lesson gets the number after it, in words."""
    last = max(course.answer_files)
    moved = last.with_name(f"{int(last.name[:2]) + 1:02}{last.name[2:]}")
    return f"git mv {shown(last)} {shown(moved)}, in koans/ too, and so on down"


def _free(taken: dict[int, Path]) -> str:
    """The numbers that no file has, those in a row as the first and the last of them."""
    rows: list[list[int]] = []
    for number in NUMBERS:
        if number in taken:
            continue
        if rows and rows[-1][-1] == number - 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    said = [f"{row[0]:02} to {row[-1]:02}" if len(row) > 1 else f"{row[0]:02}" for row in rows]
    return f"free are {', '.join(said)}" if said else "no number is free"


def _refuse_name(course: Course, name: str) -> None:
    """A lesson that was begun is not begun again, be it that its making was interrupted."""
    there = next((path for path in course.answer_files if path.stem[3:] == name), None)
    if there is None:
        return
    koans = course.koans / there.name
    if koans.exists():
        number = there.name[:2]
        what = f"it is there already; what it lacks: {command('new', '--missing', number)}"
    else:
        what = "it is there already and only its koan file is not: "
        what += command("blank", shown(koans))
    raise CourseError(there, None, what)


# -- a koan ----------------------------------------------------------------------------------------


def koan(course: Course, to: Lesson, words: list[str]) -> Source:
    """The answer file of a lesson with one more koan at its end; nothing is written yet.

    Raises CourseError where the name is taken, in this lesson or another, or can be none.
    """
    said = " ".join(words).strip()
    if not said:
        number = to.path.name[:2]
        what = f"what is the koan called? {command('new', '--koan', number, 'a_view_is_no_copy')}"
        raise CourseError(to.path, None, what)
    name = f"test_{_name(said).lower().removeprefix('test_')}"
    if len(name) > NAME:
        raise CourseError(said, None, f"the name of a koan has at most {NAME} letters")
    _refuse_koan(course, to, name)
    return _appended(to.source, KOAN.format(name=name))


def _refuse_koan(course: Course, to: Lesson, name: str) -> None:
    tree = to.source.tree
    for node in marks.below(tree):
        if name in (getattr(node, "name", None), getattr(node, "id", None)):
            what = f"{name} stands here already: a koan has a name of its own"
            raise CourseError(to.path, getattr(node, "lineno", None), what)
    for other in course.lessons:
        there = other.koan(name)
        if there:
            what = f"{name} is the name of this koan already: take another"
            raise CourseError(other.path, there.line, what)
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    for needed, statement in NEEDED.items():
        if needed not in imported:
            what = f"a koan of the template needs `{statement}`: write it among the imports first"
            raise CourseError(to.path, 1, what)


def _appended(source: Source, text: str) -> Source:
    """The source with a function below everything; nothing above it is touched."""
    above, below = source.text.rstrip("\r\n"), f"\n\n\n{text}".replace("\n", source.newline)
    return Source(source.path, above + below, source.encoding)


def read(source: Source) -> Lesson:
    """The lesson that an answer file is, before it is written."""
    return Reader(source).lesson()

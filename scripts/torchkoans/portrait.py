"""The walk as a picture: a scene is really played, and its last frame drawn as SVG.

The picture is the same byte for byte wherever it is made: no GPU is looked for, and no font of its
own is named, so it needs nothing from the net either.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from torchkoans import cut, filling
from torchkoans.course import Course
from torchkoans.devices import SIMGPU
from torchkoans.door import HEARD, Door
from torchkoans.lesson import Lesson
from torchkoans.progress import file_of
from torchkoans.running import seconds_for_a_koan
from torchkoans.screen import Screen
from torchkoans.source import CourseError
from torchkoans.terminal import Terminal
from torchkoans.walking import Walk
from torchkoans.warm.engine import Engine

LESSON, KOAN, TRAP = "31", 4, 0  # a view, and somebody who takes it for a copy
COLUMNS, LINES = 80, 60
PATIENCE = 120.0  # seconds for a scene
FONT = 21  # px; the lines stand so close that frames are whole
WIDE = 0.632  # of a letter to the 20 px that rich counts with: most fonts' 0.602 of 21
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>The walk: a koan, a wrong answer, and what was said to it</title>
<style>
.{unique_id}-matrix {{
    font: FONTpx ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}}
{styles}
</style>
<rect width="100%" height="100%" rx="8" fill="#292929"/>
<g transform="translate({terminal_x}, {terminal_y})"
    class="{unique_id}-matrix" xml:space="preserve">
<text fill="#868887" y="-14">$ python3 scripts/walk.py</text>
{backgrounds}{matrix}
</g>
</svg>
"""


def picture(course: Course, folder: Path) -> str:
    """The scene as SVG; it is played on a copy in this folder, by the course's own runner.

    Raises CourseError where it cannot be played as it should be.
    """
    lesson = course.named([LESSON])[0]
    frame = played(course, lesson, folder)
    if SIMGPU not in frame:
        what = f"the picture shows {SIMGPU}, and with this version of torch there is none"
        raise CourseError(lesson.path, None, what)
    return drawn(frame)


# -- the scene -----------------------------------------------------------------------------------


class Paper(Terminal):
    """A terminal that nobody sits at; `shown` is what it shows."""

    def __init__(self) -> None:
        super().__init__(io.StringIO(), io.StringIO())
        self.is_capable, self.shown = True, ""

    def size(self) -> tuple[int, int]:
        return COLUMNS, LINES

    def frame(self, text: str) -> None:
        self.shown = text


def played(course: Course, lesson: Lesson, folder: Path) -> str:
    """The walk's last frame: the koans before it are answered, then one falls into its trap."""
    copy = filling.copy_course(course, course.lessons, folder)
    filling.write_koans(copy, [cut.pristine(one) for one in copy.lessons])
    limit, paper = seconds_for_a_koan(course.root), Paper()
    engine = Engine(course.root, limit, lambda said: door.events.put((HEARD, said)))
    door = Door(Walk(copy, engine), Screen(_console("standard")), paper)
    with _without_gpu(), contextlib.closing(engine):
        engine.start()
        door.arrive()
        for wrong in (False, True):
            _save(copy, lesson, wrong)
            door.take(file_of(copy, lesson), settled=True)
            _wait(door)
    return paper.shown


def _console(colours: Literal["standard", "truecolor"], record: bool = False) -> Console:
    """The same wherever this runs, and seen by nobody."""
    return Console(
        file=io.StringIO(),
        width=COLUMNS,
        force_terminal=True,
        color_system=colours,
        no_color=False,
        legacy_windows=False,
        highlight=False,
        record=record,
    )


def _save(copy: Course, lesson: Lesson, wrong: bool) -> None:
    """The lesson with the right answers so far, and if so, with the wrong one after them."""
    *before, last = [koan.blanks[0] for koan in lesson.koans[:KOAN]]
    codes = {blank.span: blank.answer for blank in before}
    if wrong:
        codes[last.span] = last.traps[TRAP].code
    copy.koan_file(lesson).write_bytes(cut.typed(lesson, codes).encoded())


def _wait(door: Door) -> None:
    """Until nothing runs any more and all of it is said."""
    until = time.monotonic() + PATIENCE
    while door.walk.left or not door.is_said():
        if time.monotonic() > until:
            where = door.walk.course.koans
            raise CourseError(where, None, f"nothing was heard of a koan for {PATIENCE:g} s")
        door.turn(1.0)


@contextlib.contextmanager
def _without_gpu() -> Iterator[None]:
    """Whoever has one sees simgpu in the picture all the same."""
    name = "CUDA_VISIBLE_DEVICES"
    before = os.environ.get(name)
    os.environ[name] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


# -- the picture ---------------------------------------------------------------------------------


def drawn(frame: str) -> str:
    """A frame, as the terminal has got it, as SVG."""
    console = _console("truecolor", record=True)
    for line in frame.split("\n"):
        console.print(Text.from_ansi(line), soft_wrap=True)
    svg = console.export_svg(
        code_format=SVG.replace("FONT", str(FONT)), unique_id="walk", font_aspect_ratio=WIDE
    )
    svg = re.sub(r' clip-path="[^"]*"', "", svg)  # no line is too long
    svg = re.sub(r"<text [^>]*>\s*</text>", "", svg)  # the ends of lines
    svg = svg.replace(" textLength=", ' lengthAdjust="spacingAndGlyphs" textLength=')
    return svg.replace("</text><text", "</text>\n<text")

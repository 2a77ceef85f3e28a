"""Show the map of the course: which koans are green, and which one is next.

    python3 scripts/progress.py           chapters, lessons, a mark for each koan
    python3 scripts/progress.py --json    the same for tools

Nothing is run. A koan is green if its last run was, in walk or in pytest, and it has not been
changed since.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from torchkoans import chapters, chart, progress
from torchkoans.course import ROOT, Course
from torchkoans.progress import Step
from torchkoans.screen import Screen
from torchkoans.source import CourseError
from torchkoans.verdicts import Verdict


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; returns 0, or 2 where the course cannot be read."""
    parser = argparse.ArgumentParser(
        prog="progress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course)
    try:
        path = progress.now(course)
        if options.json:
            screen.data(json.dumps(as_json(path), indent=1))
        else:
            marks = chart.MARKS if screen.knows_all_letters else chart.PLAIN
            screen.show(chart.lines(path, screen.width, marks))
        course.remembered.save()
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def as_json(path: "Sequence[Step]") -> "dict[str, object]":
    """The path as plain values; the verdict of what nobody has run is null."""
    lessons = []
    for file, steps in groupby(path, lambda step: step.file):
        koans = list(steps)
        lesson = koans[0].lesson
        lessons.append(
            {
                "number": lesson.number,
                "file": file,
                "title": lesson.title,
                "chapter": chapters.of(lesson.number),
                "koans": [koan_as_json(step) for step in koans],
            }
        )
    to_do = progress.next_step(path)
    return {
        "lessons": lessons,
        "green": sum(step.verdict is Verdict.PASSED for step in path),
        "total": len(path),
        "next": {"file": to_do.file, **koan_as_json(to_do)} if to_do else None,
    }


def koan_as_json(step: "Step") -> "dict[str, object]":
    """One koan; `line` is where the learner writes."""
    verdict = step.verdict.value if step.verdict else None
    return {"id": step.id, "name": step.koan.name, "line": step.line, "verdict": verdict}


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())

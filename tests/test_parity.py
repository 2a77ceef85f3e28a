"""The walk's verdict is pytest's own: on every koan of the course, whatever stands in its blank."""

import queue
import re

import pytest

from torchkoans import cut, filling, running, standing
from torchkoans.course import Course
from torchkoans.lineup import line_up
from torchkoans.source import write
from torchkoans.verdicts import Verdict
from torchkoans.warm.engine import Engine
from torchkoans.warm.job import Heard, Job, Task

JUNK = '["junk"]'


def code(kind, blank):
    if kind == "trap":
        return blank.traps[0].code
    return {"blank": "__", "answer": blank.answer, "junk": JUNK}[kind]


def texts(course, kind):
    """Each koan file with an answer of this kind in every blank."""
    for lesson in course.lessons:
        codes = {b.span: code(kind, b) for koan in lesson.koans for b in koan.blanks}
        yield lesson, cut.typed(lesson, codes) if kind != "answer" else cut.filled(lesson)


def by_pytest(course, folder, kind):
    """What plain pytest says in a fresh process: {(koan, device): (verdict, line, what, trap)}."""
    copy = filling.copy_course(course, course.lessons, folder)
    for lesson, source in texts(course, kind):
        write(copy.koan_file(lesson), source.encoded())
    run = running.run(copy.root, ["koans"], ["-p", "no:cacheprovider", "--tb=no"])
    return {(r.koan, r.device): told(r) for r in run.results}


def told(result):
    """What was said, but for addresses and numbers drawn anew in each process."""
    said = re.sub(r"\d{9,}|\d+\.\d{3,}", "#", result.what)
    return result.verdict, result.line, said, result.trap


def by_walk(course, engine, messages, kind):
    """What the walk's engine says of each koan."""
    said, left = {}, set()
    for number, (lesson, source) in enumerate(texts(course, kind), 1):
        lined = line_up(lesson, source)
        tasks = tuple(Task(standing.of_koan(koan, lined)) for koan in lesson.koans)
        engine.run(Job(number, f"koans/{lesson.path.name}", source.text, tasks))
        left.add(number)
    while left:
        message = messages.get(timeout=60)
        assert "trouble" not in message, message
        if message.get("over"):
            left.remove(message["number"])
        elif "koan" in message:
            said |= {(r.koan, r.device): told(r) for r in Heard.of(message).results}
    return said


@pytest.mark.parametrize("kind", ["blank", "answer", "trap", "junk"])
def test_on_every_koan_the_walk_says_what_pytest_says(tmp_path, kind):
    course, messages = Course(), queue.Queue()
    engine = Engine(course.root, 10, messages.put)
    engine.start()
    try:
        walk = by_walk(course, engine, messages, kind)
    finally:
        engine.close()
    plain = by_pytest(course, tmp_path / "copy", kind)
    differ = {
        koan: (plain[koan], walk.get(koan)) for koan in plain if plain[koan] != walk.get(koan)
    }
    assert differ == {}
    assert {koan for koan, _ in plain} == {
        f"koans/{lesson.path.name}::{koan.name}"
        for lesson in course.lessons
        for koan in lesson.koans
    }
    passed = {koan for koan, (verdict, *_) in plain.items() if verdict is Verdict.PASSED}
    assert bool(passed) == (kind == "answer")

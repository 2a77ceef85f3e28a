"""Katas over again: the practice file, the times, and the door; last the verb in a process."""

import contextlib
import errno
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import kata as verb
import pytest
from rich.console import Console
from test_door import FakeTerminal, TestDoor
from test_walking import FakeEngine

from torchkoans import cut, progress, resetting
from torchkoans.course import Course
from torchkoans.dojo.clock import Stopwatch
from torchkoans.door import HEARD, KEY
from torchkoans.practice import door as doors
from torchkoans.practice import katas, laying, log, sheet, variations
from torchkoans.practice.attempt import Attempt
from torchkoans.practice.door import KataDoor
from torchkoans.practice.green import Green
from torchkoans.practice.log import Run
from torchkoans.screen import Screen
from torchkoans.source import CourseError
from torchkoans.verdicts import Result, Verdict
from torchkoans.warm.job import plain

FILE = "katas/02_double.py"
SECOND = '''

def test_double_of_nothing(device):
    """Nothing stays nothing."""
    assert double(torch.zeros(0, device=device)).shape == (0,)
'''
OTHER = '''

@kata
def half(x: torch.Tensor) -> torch.Tensor:
    """Return half of `x`."""
    return x / 2


# wrong: return x -> that is all of it


def test_half(device):
    """Half."""
    assert half(torch.ones(1, device=device)).item() == 0.5
'''


@pytest.fixture
def course(lean):
    """Two tests of double, and a second kata."""
    (path,) = lean.answers.glob("02_*.py")
    path.write_text(path.read_text(encoding="utf-8") + SECOND + OTHER, encoding="utf-8")
    return Course(lean.root)


@pytest.fixture
def double(course):
    return katas.named(katas.of(course), "double")


def run(name="double", seconds=60.0, variation=None, met=None, at="2026-03-02T18:04:11+00:00"):
    return Run(at, name, "02", seconds, variation, met)


# -- the practice file -----------------------------------------------------------------------------


def test_the_practice_file_has_the_kata_and_what_it_needs_and_nothing_else(double):
    assert laying.lay(double.course) is None
    assert double.course.file == double.root / FILE
    assert double.course.file.read_text(encoding="utf-8") == (
        '"""Doubling."""\n\nimport pytest\nimport torch\n\nfrom koans import __, kata\n\n\n'
        "def helper(x):\n    # a plain comment stays\n    return x + x\n\n\n"
        "@kata\ndef double(x: torch.Tensor) -> torch.Tensor:\n"
        '    """Return twice `x`, of the same shape, dtype and device; 두 배 means double."""\n'
        "    raise NotImplementedError\n\n\n"
        'def test_double_gives_twice_as_much(device):\n    """Every element is doubled."""\n'
        "    x = torch.tensor([1.5, -2.0], device=device)\n"
        "    assert double(x).tolist() == helper(x).tolist()\n" + SECOND
    )


def test_line_ends_and_letters_stay_and_a_blank_is_no_question_here(course):
    (path,) = course.answers.glob("02_*.py")
    text = path.read_text(encoding="utf-8") + (
        "\n\nTHREE = 3\n\n\ndef test_double_of_a_number(device):\n"
        '    """셋."""\n    # hint: 여섯\n    assert double(THREE) == __(6)\n'
    )
    path.write_bytes(text.replace("\n", "\r\n").encode())
    one = katas.named(katas.of(Course(course.root)), "double")
    data = laying.stub(one.course)
    assert data.count(b"\n") == data.count(b"\r\n") > 20
    assert "셋" in data.decode()
    assert b"== 6\r\n" in data
    assert b"THREE = 3\r\n" in data
    assert b"hint" not in data
    assert len(one.course.lessons[0].koans) == 3


def test_a_second_kata_that_a_test_needs_is_handed_out_written(course):
    (path,) = course.answers.glob("02_*.py")
    more = '\n\ndef test_both(device):\n    """Both."""\n    assert half(double(1)) == 1\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    one = katas.named(katas.of(Course(course.root)), "double")
    text = laying.stub(one.course).decode()
    assert 'def half(x: torch.Tensor) -> torch.Tensor:\n    """Return half of `x`."""\n' in text
    assert "    return x / 2\n" in text
    assert text.count("@kata") == 1
    assert [kata.name for kata in one.course.lessons[0].katas] == ["double"]


@pytest.mark.parametrize("one", katas.of(Course()), ids=lambda one: one.name)
def test_every_kata_of_the_course_has_a_practice_file_of_its_own(one):
    narrowed = one.course.lessons[0]
    assert narrowed.path.name == sheet.name(one.lesson, one.kata)
    whole = cut.pristine(one.lesson).text
    text = laying.stub(one.course).decode()
    compile(text, str(one.course.file), "exec")
    pieces = [piece for piece in text.split("\n\n\n") if piece.startswith(("def ", "@"))]
    assert all(piece.strip() in whole for piece in pieces)
    mine = [koan.name for koan in one.lesson.koans if one.name in koan.katas]
    assert [koan.name for koan in narrowed.koans] == mine
    (kata,) = narrowed.katas
    assert (kata.hints, kata.why, kata.docstring) == (
        one.kata.hints,
        one.kata.why,
        one.kata.docstring,
    )


def test_an_attempt_is_kept_before_a_fresh_stub_is_laid(double):
    laying.lay(double.course)
    assert laying.lay(double.course) is None  # it was the stub
    double.course.file.write_text("mine", encoding="utf-8")
    kept = laying.lay(double.course)
    assert kept.read_text(encoding="utf-8") == "mine"
    assert kept.parent == double.root / ".torch-koans" / "kept"
    assert double.course.file.read_bytes() == laying.stub(double.course)


def test_a_death_between_keeping_and_laying_loses_nothing(double, monkeypatch):
    laying.lay(double.course)
    double.course.file.write_text("mine", encoding="utf-8")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(laying, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        laying.lay(double.course)
    (kept,) = (double.root / ".torch-koans" / "kept").iterdir()
    assert kept.read_text(encoding="utf-8") == "mine"
    assert double.course.file.read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_kept_is_not_written_over(double, monkeypatch):
    laying.lay(double.course)
    double.course.file.write_text("mine", encoding="utf-8")
    (double.root / ".torch-koans").write_text("in the way", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be written"):
        laying.lay(double.course)
    assert double.course.file.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_written_is_one_sentence(double, capsys):
    (double.root / "katas").write_text("in the way", encoding="utf-8")
    assert verb.main(["double", "--course", str(double.root)]) == 2
    said = capsys.readouterr().out
    assert "katas/02_double.py: it cannot be" in said
    assert len(said.strip().splitlines()) == 1


# -- the times -------------------------------------------------------------------------------------


def test_a_run_is_a_line_and_comes_back_as_it_was(tmp_path):
    runs = [run(), run(variation="without a loop", met=True), run("half", 0.5)]
    for one in runs:
        log.add(tmp_path, one)
    assert log.runs(tmp_path) == runs
    lines = (tmp_path / ".torch-koans" / "katas.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {
        "at": "2026-03-02T18:04:11+00:00", "kata": "double", "lesson": "02", "seconds": 60.0,
        "variation": None, "met": None, "green": True,
    }  # fmt: skip


def test_no_log_is_no_run(tmp_path):
    assert log.runs(tmp_path) == []


@pytest.mark.parametrize("left", range(1, 140, 7))
def test_a_line_that_was_cut_short_harms_nobody(tmp_path, left):
    log.add(tmp_path, run(seconds=1.0))
    log.add(tmp_path, run(seconds=2.0))
    file = tmp_path / log.FILE
    file.write_bytes(file.read_bytes()[: file.read_bytes().index(b"\n") + 1 + left])
    log.add(tmp_path, run(seconds=3.0))
    whole = [2.0] if left > len(json.dumps({**vars(run(seconds=2.0)), "green": True})) else []
    assert [one.seconds for one in log.runs(tmp_path)] == [1.0, *whole, 3.0]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"green": true}',
        b'{"at": "x", "kata": "double", "lesson": "02", "seconds": NaN, "green": true}',
        b'{"at": "x", "kata": "double", "lesson": "02", "seconds": -1, "green": true}',
        b'{"at": "x", "kata": "double", "lesson": "02", "seconds": true, "green": true}',
        b'{"at": "x", "kata": "double", "lesson": "02", "seconds": 1, "green": false}',
        b'{"at": 3, "kata": "double", "lesson": "02", "seconds": 1, "green": true}',
        b'{"at": "x", "kata": "d", "lesson": "02", "seconds": 1, "met": 3, "green": true}',
    ],
)
def test_a_line_that_nobody_can_read_is_passed_over(tmp_path, line):
    log.add(tmp_path, run())
    with (tmp_path / log.FILE).open("ab") as file:
        file.write(line + b"\n")
    log.add(tmp_path, run())
    assert log.runs(tmp_path) == [run(), run()]


def test_a_day_that_is_none_is_shown_as_it_stands():
    assert run(at="yesterday, or so").day == "yesterday,"
    assert run(at="2026-03-02T12:00:00+00:00").day == "2026-03-02"


def full(monkeypatch, error=None):
    """Let the disk be full: a write is refused, or takes only a part."""

    class Full(io.BytesIO):
        def write(self, data):
            if error:
                raise error
            return len(data) // 2

    plainly = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, mode="r", **more: (
            Full() if self.name == "katas.jsonl" and "a" in mode else plainly(self, mode, **more)
        ),
    )  # fmt: skip


@pytest.mark.parametrize("error", [None, OSError(errno.ENOSPC, "No space left on device")])
def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch, error):
    full(monkeypatch, error)
    with pytest.raises(CourseError, match=r"katas.jsonl: the time cannot be noted: .+"):
        log.add(tmp_path, run())


# -- which kata ------------------------------------------------------------------------------------


def test_one_that_was_never_practised_is_due_in_the_order_of_the_course(course):
    both = katas.of(course)
    assert [one.name for one in both] == ["double", "half"]
    assert katas.due(both, []).name == "double"
    assert katas.due(both, [run("double")]).name == "half"


def test_otherwise_it_is_the_one_that_was_practised_longest_ago(course):
    both = katas.of(course)
    runs = [run("double"), run("half"), run("double", at="1999-01-01T00:00:00+00:00")]
    assert katas.due(both, runs).name == "half"  # a clock that went back does not matter
    assert katas.due(both, runs, ["half"]).name == "double"
    assert katas.due(both, runs, ["half", "double"]).name == "half"
    assert "you practised it last on 2026-03-02" in katas.why_due(both[1], runs)


@pytest.mark.parametrize("name", ["half", "Half", "02_half", "katas/02_half.py", "02_half.py"])
def test_a_kata_is_found_by_its_name_and_its_file(course, name):
    assert katas.named(katas.of(course), name).name == "half"


def test_a_kata_is_found_by_the_number_of_its_lesson(course):
    assert katas.named(katas.of(course), "02").name == "double"


def test_an_unknown_name_prints_the_known_ones(course, capsys):
    assert verb.main(["treble", "--course", str(course.root)]) == 2
    said = capsys.readouterr().out
    assert said == "treble: there is no such kata; the known ones are double, half\n"
    assert not (course.root / "katas").exists()


def test_the_list_has_each_kata_with_its_times(course, capsys):
    for seconds in (90.0, 61.0, 75.5):
        log.add(course.root, run(seconds=seconds))
    assert verb.main(["--list", "--course", str(course.root)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [
        ["double", "02", "3", "1:15", "1:01"],
        ["half", "02", "0"],
        ["Due:", "half"],
    ]


def test_the_list_has_a_row_for_each_goal_that_was_reached(course, capsys):
    """As the chart does: a plain run is compared with plain ones alone."""
    one, other = "in one expression", variations.UNCHECKED[0]
    log.add(course.root, run(seconds=90.0))
    log.add(course.root, run(seconds=3.0, variation=one, met=False))
    log.add(course.root, run(seconds=45.0, variation=one, met=True))
    log.add(course.root, run(seconds=50.0, variation=other))
    log.add(course.root, run("half", seconds=2.0, variation="with a loop", met=False))
    assert verb.main(["--list", "--course", str(course.root)]) == 0
    rows = [re.split(r"  +", line) for line in capsys.readouterr().out.splitlines()]
    assert rows[1:-1] == [
        ["double", "02", "1", "1:30", "1:30"],
        ["", one, "1", "0:45", "0:45"],
        ["", other, "1", "0:50", "0:50"],
        ["half", "02", "0", ""],
    ]


# -- the door --------------------------------------------------------------------------------------


class TestKataDoor(TestDoor, KataDoor):
    __test__ = False

    def write(self, body, name="double"):
        """Save a body in the place of what stands in the kata."""
        course = self.exercise.course
        (kata,) = course.line_up(course.lessons[0]).katas
        source = course.read(course.lessons[0])
        lines = "".join(f"    {line}\n" for line in body.split("\n"))
        course.file.write_bytes(source.spliced([(kata.body, lines)]).encoded())
        self.save(f"katas/{course.file.name}")
        return self.seen()

    def all_judged(self, verdict=Verdict.PASSED, **of_one):
        """Let all jobs that are on their way come to this; `of_one` names tests that differ."""
        for number, (job, _) in list(self.walk._asked.items()):
            for task in job.tasks:
                came = of_one.get(task.test, verdict)
                found = Result(job.file, task.test, "cpu", came, None, "")
                said = {"number": number, "file": job.file, "koan": task.test, "explained": True}
                self.do((HEARD, {**said, "results": plain([found])}))
            self.do((HEARD, {"number": number, "over": True}))
        return self.seen()

    def pass_by(self, seconds):
        """Let time pass: a step of the clock must not be as long as a sleep."""
        for _ in range(int(seconds)):
            self.now += 1.0
            self.attempt.clock.tick()
        self.do(("nothing", None))


@pytest.fixture
def opened(course, monkeypatch):
    """A door at a kata, as the verb opens it, with a clock that the test winds up."""

    def made(name="double", **terminal):
        console = Console(file=io.StringIO(), width=terminal.get("columns", 80), no_color=True)
        both = katas.of(course)
        where = FakeEngine(), Screen(console), FakeTerminal(**terminal)
        door = TestKataDoor(both, katas.named(both, name), *where)
        door.now = 1000.0
        monkeypatch.setattr(
            doors, "Attempt", lambda *of: Attempt(*of, clock=Stopwatch(clock=lambda: door.now))
        )
        door.begin(door.exercise)
        door.draw()
        return door

    return made


@pytest.fixture
def here(opened):
    return opened()


def test_a_run_begins_with_the_statement_of_the_kata(here):
    seen = here.seen()
    assert seen.splitlines()[0] == "double · lesson 2 · 0:00"
    for text in (
        "katas/02_double.py:15",
        "def double(x: torch.Tensor) -> torch.Tensor:",
        "    Return twice `x`, of the same shape, dtype and device; 두 배 means double.",
        "unwritten  Write the body of the function and save the file.",
        "h hint · o open",
    ):
        assert text in seen
    assert here.walk.engine.jobs == []


def test_the_clock_is_seen_each_second_and_stands_still_while_it_is_paused(here):
    here.pass_by(65)
    assert "double · lesson 2 · 1:05" in here.seen()
    assert 0 <= here.patience() <= 1.0
    assert "paused, p goes on" in here.type("p")
    here.pass_by(60)
    here.type("p")
    here.pass_by(2)
    assert here.seen().startswith("double · lesson 2 · 1:07")


def test_time_in_which_nobody_could_work_does_not_count(here):
    here.pass_by(10)
    here.now += 3600.0  # the lid was closed
    here.attempt.clock.tick()
    here.pass_by(1)
    assert here.seen().startswith("double · lesson 2 · 0:11")


def test_the_first_red_test_is_shown_though_another_is_green(here):
    here.write("return x")
    seen = here.all_judged(test_double_of_nothing=Verdict.WRONG)
    assert here.here == f"{FILE}::test_double_of_nothing"
    assert "Double of nothing" in seen
    assert "wrong on cpu" in seen
    assert "1 of 2 koans green" in seen
    assert "x fresh" in seen
    assert log.runs(here.exercise.root) == []


def test_all_tests_green_take_the_time_and_show_what_there_is_to_see(here):
    here.pass_by(83)
    here.write("y = x * 2\nreturn y")
    seen = here.all_judged()
    for text in (
        "Green in 1:23 on cpu.",
        "Yours (-) beside the reference (+):",
        "  - y = x * 2",
        "  - return y",
        "  + # not a loop",
        "  + return x * 2",
        "Try next: in one expression.",
        "v try that",
    ):
        assert text in seen
    (one,) = log.runs(here.exercise.root)
    assert (one.kata, one.lesson, one.seconds, one.variation, one.met) == (
        "double", "02", 83.0, None, None,
    )  # fmt: skip
    here.pass_by(9)
    assert here.seen().startswith("double · lesson 2 · 1:23")  # it is over
    here.events.put((KEY, "q"))
    assert here.stay() == 0


def test_a_time_is_taken_once_a_run(here):
    here.write("return x + x")
    here.all_judged()
    here.write("return x")
    assert "wrong on cpu" in here.all_judged(Verdict.WRONG)
    here.write("return 2 * x")
    assert "Green in 0:00" in here.all_judged()
    assert len(log.runs(here.exercise.root)) == 1


def test_the_same_program_is_said_to_be_the_same(here):
    here.write("# so\nreturn  x*2")
    assert "Your body says what the reference says." in here.all_judged()


def test_earlier_times_stand_there_as_bars_with_the_best_marked(opened, course):
    for seconds in (120.0, 30.0, 60.0):
        log.add(course.root, run(seconds=seconds))
    log.add(course.root, run(seconds=1.0, variation="with a loop", met=True))  # no like for like
    here = opened()
    here.pass_by(60)
    here.write("return x + x")
    rows = [row.split() for row in here.all_judged().split("\n") if row.startswith("20")]
    assert [row[1] for row in rows] == ["2:00", "0:30", "1:00", "1:00"]
    assert [len(row[2]) for row in rows] == [30, 8, 15, 15]
    assert [row[3:] for row in rows] == [[], ["best"], [], ["now"]]


def test_of_many_times_the_last_ten_are_shown(opened, course):
    for number in range(30):
        log.add(course.root, run(seconds=100.0 + number))
    here = opened(lines=60)
    here.write("return x + x")
    assert sum(row.startswith("20") for row in here.all_judged().split("\n")) == 10


def test_a_variation_is_a_run_of_its_own_and_its_goal_is_checked(here):
    here.pass_by(5)
    here.write("y = x * 2\nreturn y")
    here.all_judged()
    seen = here.type("v")
    assert seen.startswith("double · lesson 2 · 0:00 · in one expression")
    assert "What stood in the practice file is kept in" in seen
    here.pass_by(3)
    here.write("y = x * 2\nreturn y")
    seen = here.all_judged()
    assert "Green in 0:03 on cpu, but the goal is open: in one expression." in seen
    assert "Line 17: this is a statement of its own; one `return` is to do all." in seen
    assert "reference" not in seen
    here.pass_by(4)
    here.write("z = x + x\nreturn z")
    assert "Green in 0:07" in here.all_judged()  # the clock goes on; it is not noted twice
    here.write("return 2 * x")
    seen = here.all_judged()
    assert "Green in 0:07 on cpu, and in one expression." in seen
    assert "Yours (-) beside one in one expression (+):" in seen
    assert "  + return x + x" in seen
    assert "Try next: with a loop." in seen
    noted = [(one.seconds, one.variation, one.met) for one in log.runs(here.exercise.root)]
    assert noted == [
        (5.0, None, None),
        (3.0, "in one expression", False),
        (7.0, "in one expression", True),
    ]


def test_where_all_variations_are_met_something_is_offered_that_only_you_can_tell(here):
    here.green = Green(1.0, offer=variations.UNCHECKED[0])
    assert variations.UNCHECKED[0] in here.type("v")
    here.write("return x + x")
    assert f"Was it {variations.UNCHECKED[0]}? Only you can tell." in here.all_judged()
    (one,) = log.runs(here.exercise.root)
    assert (one.variation, one.met) == (variations.UNCHECKED[0], None)


def test_a_variation_is_offered_when_there_is_something_to_vary(here):
    assert "A variation is offered when the kata is green." in here.type("v")


def test_a_fresh_stub_is_laid_after_asking_and_keeps_the_old(here):
    here.write("return 7")
    assert "Lay a fresh stub? What you wrote is kept. y or n" in here.type("x")
    assert "Left as it is." in here.type("n")
    assert "return 7" in here.exercise.course.file.read_text(encoding="utf-8")
    here.pass_by(5)
    seen = here.type("x", "y")
    assert seen.startswith("double · lesson 2 · 0:00\n")
    assert here.exercise.course.file.read_bytes() == laying.stub(here.exercise.course)
    (kept,) = (here.exercise.root / ".torch-koans" / "kept").iterdir()
    assert "return 7" in kept.read_text(encoding="utf-8")
    here.pass_by(5)
    assert here.type("x").startswith("double · lesson 2 · 0:00\n")  # nothing to lose: not asked


def test_n_goes_to_the_kata_that_is_due_and_leaves_the_file_as_it_is(here):
    here.write("return 7")
    seen = here.type("n")
    assert seen.startswith("half · lesson 2 · 0:00")
    assert "half is due: you have never practised it." in seen
    assert here.here == "katas/02_half.py::test_half"
    assert here.walk.engine.dropped  # nobody hears of what still ran
    assert "return 7" in (here.exercise.root / FILE).read_text(encoding="utf-8")
    here.write("return 0.5 * x", "half")
    assert "Green in" in here.all_judged()
    assert here.type("n").startswith("double")


def test_hints_and_the_answer_are_there_and_who_looks_at_it_has_no_time(here):
    assert "Hint 1 of 1: what does x + x give?" in here.type("h")
    assert "Then the time is not noted." in here.type("s")
    assert "return x * 2" in here.type("y")
    here.write("return x * 2")
    seen = here.all_judged()
    assert "Green in 0:00" in seen
    assert "The answer was shown, so the time is not noted." in seen
    assert log.runs(here.exercise.root) == []


def test_the_answer_has_a_heading_and_a_blank_line_above_it(here):
    seen = here.type("s", "y")
    answer = "\n\nThe answer:\n    # not a loop\n    return x * 2\n"
    assert answer in seen


def test_under_a_variation_the_answer_is_one_that_reaches_it(here):
    here.begin(here.exercise, "in one expression")
    assert "\n\nAn answer in one expression:\n    return x + x\n" in here.type("s", "y")
    here.begin(here.exercise, variations.UNCHECKED[0])
    assert "\n\nThe answer:\n    # not a loop\n" in here.type("s", "y")


def test_hints_go_when_it_is_green(here):
    here.type("h")
    here.write("return x")
    assert "Hint 1 of 1" in here.all_judged(Verdict.WRONG)
    here.write("return x + x")
    seen = here.all_judged()
    assert "Green in" in seen
    assert "Hint" not in seen
    assert "Hint 1 of 1" in here.type("h")  # who asks for it has it


def test_a_test_that_was_changed_takes_no_time(here):
    path = here.exercise.course.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("== helper(x).tolist()", "!= 7"), encoding="utf-8")
    here.write("return x")
    assert "A test was changed, so the time is not noted." in here.all_judged()
    assert log.runs(here.exercise.root) == []


def test_a_test_that_was_taken_out_is_named_with_what_helps(here):
    path = here.exercise.course.file
    path.write_text(path.read_text(encoding="utf-8").replace(SECOND, ""), encoding="utf-8")
    here.write("return x + x")
    seen = here.all_judged()
    assert "the test test_double_of_nothing is gone: take that back, or lay a fresh" in seen


def test_a_full_disk_is_said_and_the_learner_goes_on(here, monkeypatch):
    full(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    here.write("return x + x")
    seen = here.all_judged()
    assert "Green in 0:00" in seen
    assert "the time cannot be noted: No space left on device" in seen
    assert here.type("v").startswith("double · lesson 2 · 0:00 · with a loop")


def test_a_stub_that_cannot_be_laid_leaves_all_as_it_was(here, monkeypatch):
    def refused(*_):
        raise CourseError("katas", None, "it cannot be written: Read-only file system")

    monkeypatch.setattr(laying, "write", refused)
    seen = here.type("n")
    assert "it cannot be written: Read-only file system" in seen
    assert here.exercise.name == "double"


def test_a_long_page_can_be_scrolled_and_the_keys_stay_in_sight(opened):
    here = opened(lines=9, columns=60)
    seen = here.seen()
    assert len(seen.split("\n")) < 9
    assert "lines more: down" in seen
    assert "def double" in seen
    seen = here.type(*["down"] * 20)
    assert "this is the end: up" in seen
    assert "def double" not in seen
    assert seen.split("\n")[-1].startswith("h ")
    assert "def double" in here.type("pageup")


def test_every_line_fits_whatever_the_width(opened, course):
    for seconds in (9.0, 4000.0):
        log.add(course.root, run(seconds=seconds))
    for columns in (40, 60, 80, 120):
        here = opened(columns=columns, lines=60)
        assert max(map(len, here.seen().split("\n")[1:])) <= columns
        here.write("y = x * 2\nreturn y")
        assert max(map(len, here.all_judged().split("\n")[1:])) <= columns


def test_in_a_pipe_one_verdict_is_printed_of_all_tests(opened):
    here = opened(is_capable=False)
    assert here.seen().count("def double") == 1
    assert "paused, p goes on" in here.type("p")
    here.type("p")
    here.write("return x + x")
    seen = here.all_judged()
    assert seen.count("Green in 0:00 on cpu.") == 1
    assert "passed" not in seen
    assert "The time is taken already." in here.type("p")


def test_few_letters_are_enough_for_the_chart(opened, course):
    log.add(course.root, run(seconds=1.0))
    here = opened()
    here.screen.console = Console(
        file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"), width=80, no_color=True
    )
    here.write("return x + x")
    with contextlib.suppress(UnicodeEncodeError):  # the frame's own dots
        here.all_judged()
    lines = [line.plain for line in here.lines(80)]
    assert any("-" * 30 in line for line in lines)


# -- the rest of the course ------------------------------------------------------------------------


def test_practice_touches_neither_the_koans_nor_what_is_remembered_of_them(here, course):
    before = {path: path.read_bytes() for path in course.koans.iterdir()}
    path = progress.now(course)
    here.write("return x + x")
    here.all_judged()
    here.remember()
    assert {path: path.read_bytes() for path in course.koans.iterdir()} == before
    assert not (course.root / ".torch-koans" / "remembered.json").exists()
    again = progress.now(Course(course.root))
    assert [(s.id, s.verdict) for s in again] == [(s.id, s.verdict) for s in path]


def test_the_kept_file_of_a_reset_is_where_attempts_are_kept(course, double):
    kept = resetting.keep(double.course, next(course.koans.glob("01_*.py")))
    assert kept.parent.name == "kept"


# -- processes -------------------------------------------------------------------------------------


def test_a_kata_through_pipes_from_the_stub_to_green(toy):
    """The engine, the watching, the log: all of it, once."""
    process = subprocess.Popen(
        [sys.executable, "-u", str(toy.root / "scripts" / "kata.py"), "double"],
        cwd=toy.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )

    def until(text):
        said = ""
        while text not in said:
            line = process.stdout.readline()
            assert line, f"it ended before it said {text!r}:\n{said}"
            said += line
        return said

    def write(old, new):
        path = toy.root / FILE
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    try:
        assert "Return twice" in until("q quit")
        write("raise NotImplementedError", "return x + 1")
        assert "wrong on cpu" in until("q quit")
        write("return x + 1", "return x + x")
        assert "Green in" in until("q quit")
        process.stdin.write("q\n")
        process.stdin.flush()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    (one,) = log.runs(toy.root)
    assert (one.kata, one.met) == ("double", None)
    assert verb.main(["double", "--once", "--course", str(toy.root)]) == 0

"""The walk: where the learner is, what a save makes of it, and the door in front of it."""

import io
import os
import subprocess
import sys
import time

import pytest
import walk
from rich.console import Console

from torchkoans import devices, running, walking
from torchkoans.progress import first_red
from torchkoans.screen import Screen
from torchkoans.source import command
from torchkoans.verdicts import Verdict
from torchkoans.walking import Walk

SUM, INDEX, AWAY, CUDA, DOUBLE = (
    "koans/01_numbers.py::test_a_sum_is_a_tensor",
    "koans/01_numbers.py::test_an_index_may_be_the_blank",
    "koans/01_numbers.py::test_a_device_is_not_the_cpu",
    "koans/02_doubling.py::test_only_cuda_can_show_this",
    "koans/02_doubling.py::test_double_gives_twice_as_much",
)
without_gpu = pytest.mark.skipif(devices.why_not_cuda() is None, reason="there is a GPU here")


@pytest.fixture
def runs(monkeypatch):
    """The targets of each run of pytest that was started."""
    started = []
    really = running.run

    def run(root, targets, *rest, **also):
        started.append(list(targets))
        return really(root, targets, *rest, **also)

    monkeypatch.setattr(running, "run", run)
    return started


def verdicts(path):
    return {step.id: step.verdict for step in path}


# -- which koan is next ----------------------------------------------------------------------------


def test_a_fresh_course_begins_at_its_first_blank_without_running_anything(toy, runs):
    step = first_red(Walk(toy).path())
    assert (step.id, step.verdict, step.where) == (SUM, Verdict.BLANK, "koans/01_numbers.py:15")
    assert runs == []


def test_a_filled_koan_counts_once_it_has_run(toy, edit, runs):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    path = Walk(toy).path()
    assert runs == [[SUM]]
    assert verdicts(path)[SUM] is Verdict.PASSED
    assert first_red(path).id == INDEX


def test_nothing_is_run_twice_for_nothing(toy, edit, runs):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    walk_ = Walk(toy)
    walk_.path()
    edit("01", "t[__]", "t[:, 1]")
    walk_.path()
    assert runs == [[SUM], [INDEX]]


def test_a_verdict_moves_with_its_lines(toy, edit, runs):
    edit("01", "t.sum().item() == __", "t.sum().item() == 8")
    walk_ = Walk(toy)
    assert first_red(walk_.path()).line == 15
    edit("01", "def test_a_sum", "\n\n\ndef test_a_sum")
    assert first_red(walk_.path()).line == 18
    edit(
        "01", "import torch\n", "import torch\nimport math\n"
    )  # may change anything: it runs again
    assert first_red(walk_.path()).line == 19
    assert runs == [[SUM], [SUM]]


@without_gpu
def test_a_koan_for_cuda_alone_is_passed_over_where_there_is_none(toy, solve):
    solve()
    path = Walk(toy).path()
    assert verdicts(path)[CUDA] is Verdict.WAITING
    assert first_red(path) is None


def test_a_koan_that_kills_its_process_does_not_hide_those_behind_it(toy, solve, edit):
    solve()
    edit("01", "    assert t[:, 1]", "    import os\n    os._exit(0)\n    assert t[:, 1]")
    found = verdicts(Walk(toy).path())
    assert found[INDEX] is Verdict.CRASHED
    assert found[SUM] is Verdict.PASSED
    assert found[DOUBLE] is Verdict.PASSED


def test_a_file_that_does_not_parse_leaves_the_others_walkable(toy, solve, edit):
    solve()
    edit("01", "t.sum().item() == 7", "t.sum().item() == (7")
    path = Walk(toy).path()
    step = first_red(path)
    assert (step.verdict, step.where) == (Verdict.BROKEN, "koans/01_numbers.py:15")
    assert verdicts(path)[DOUBLE] is Verdict.PASSED


def test_a_file_that_is_gone_is_named_with_what_brings_it_back(toy, monkeypatch):
    monkeypatch.chdir(toy.root)
    (toy.koans / "01_numbers.py").unlink()
    step = first_red(Walk(toy).path())
    assert step.verdict is Verdict.BROKEN
    assert "scripts/blank.py koans/01_numbers.py" in step.what


def test_without_the_marks_no_koan_can_run_and_that_is_said(toy, solve):
    solve()
    (toy.koans / "__init__.py").unlink()
    step = first_red(Walk(toy).path())
    assert step.verdict is Verdict.BROKEN
    assert "every koan needs it: git checkout" in step.what


def test_a_file_that_cannot_be_imported_leaves_the_others_walkable(toy, solve, edit):
    solve()
    edit("01", "import torch\n", "import torch\nimport nothing_of_that_name\n")
    path = Walk(toy).path()
    assert first_red(path).where == "koans/01_numbers.py:7"
    assert verdicts(path)[DOUBLE] is Verdict.PASSED


def test_a_file_that_was_renamed_is_named_with_its_new_name(toy):
    (toy.koans / "01_numbers.py").rename(toy.koans / "01_mine.py")
    assert "was it renamed to 01_mine.py?" in first_red(Walk(toy).path()).what


def test_a_verdict_on_a_text_that_is_no_more_is_not_kept(toy, edit, monkeypatch):
    really = running.run

    def run_and_save(*arguments):
        found = really(*arguments)
        edit("01", "t.sum().item() == 7", "t.sum().item() == 8")
        return found

    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    walk_ = Walk(toy)
    monkeypatch.setattr(running, "run", run_and_save)
    assert verdicts(walk_.at(SUM))[SUM] is None
    monkeypatch.setattr(running, "run", really)
    assert verdicts(walk_.at(SUM))[SUM] is Verdict.WRONG


def test_saving_a_kata_leads_to_its_koan(toy, edit):
    walk_ = Walk(toy)
    walk_.path()
    edit("02", "raise NotImplementedError", "return x")
    assert walk_.changed() == [DOUBLE]


def test_the_koan_that_was_saved_is_known(toy, edit):
    walk_ = Walk(toy)
    walk_.path()
    assert walk_.changed() == []
    edit("01", "t[__]", "t[:, 1]")
    assert walk_.changed() == [INDEX]


def test_going_on_leads_round_the_course(toy):
    path = Walk(toy).path()
    assert walking.following(path, SUM).id == INDEX
    assert walking.following(path, DOUBLE).id == SUM
    assert walking.following(path, None).id == SUM


# -- the door --------------------------------------------------------------------------------------


@pytest.fixture
def door(toy):
    """A door whose screen can be read: door.said() is what was shown since the last time."""
    out = io.StringIO()
    made = walk.Door(Walk(toy), Screen(Console(file=out, width=80, highlight=False)))

    def said():
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text

    made.said = said
    return made


def test_the_door_shows_where_what_and_what_next(door):
    door.arrive()
    said = door.said()
    for text in (
        "0 of 5 koans green",
        "A sum is a tensor",
        "koans/01_numbers.py:15",
        ">  15      assert t.sum().item() == __",
        "Put the answer in place of __ and save the file.",
    ):
        assert text in said


def test_a_known_mistake_gets_its_sentence_and_an_answer_its_why(door, edit):
    door.arrive()
    edit("01", "t.sum().item() == __", "t.sum().item() == 124")
    door.look_again()
    said = door.said()
    assert "wrong on cpu" in said
    assert "the digits are not put side by side, they are added up." in said
    assert "assert 7 == 124" in said
    assert " at 0x" not in said
    edit("01", "t.sum().item() == 124", "t.sum().item() == 7")
    door.look_again()
    said = door.said()
    assert "passed on cpu" in said
    assert "a sum folds all numbers into one." in said
    assert door.step.id == SUM  # it waits for a word
    door.go_on()
    assert door.step.id == INDEX


def test_the_whole_koan_is_shown_and_where_it_stopped(door, edit):
    door.arrive()
    edit("01", "    t = __", "    t = t.cpu()")
    door.look_again()
    said = door.said()
    assert ">  29      t = t.cpu()" in said
    assert "!  30      assert t.device.type == accelerator.type" in said
    assert "it is there already." in said


def test_a_lesson_says_what_it_is_about_when_the_learner_comes_to_it(door):
    about = "The toy course that the tools are tested on; 숫자 means number."
    door.arrive()
    assert about in door.said()
    door.go_on()
    assert about not in door.said()


def test_a_comma_in_an_assert_is_explained(door, edit):
    door.arrive()
    edit("01", "t.sum().item() == __", "t.sum().item() == 8, 7")
    door.look_again()
    assert "what follows a comma is only its message" in " ".join(door.said().split())


def test_a_lost_line_is_shown_again(door, edit):
    door.arrive()
    edit("01", "    assert t.sum().item() == __\n", "")
    door.look_again()
    said = door.said()
    assert "it was: assert t.sum().item() == __" in said
    assert "Put that line back and save the file." in said


def test_hints_come_one_at_a_time(door):
    door.arrive()
    door.said()
    for hint in ("Hint 1 of 2: count on your fingers", "Hint 2 of 2: 하나, 둘, 넷", "last hint"):
        door.hint()
        assert hint in door.said()


def test_a_kata_has_hints_too(door):
    door.arrive()
    while door.step.id != DOUBLE:
        door.go_on()
    said = door.said()
    assert "double() has no body yet" in said
    assert "Return twice `x`, of the same shape" in said
    assert "raise NotImplementedError" in said
    door.hint()
    assert "what does x + x give?" in door.said()


def test_editing_another_koan_goes_there(door, edit):
    door.arrive()
    edit("01", "t[__]", "t[:, 0]")
    door.look_again()
    assert door.step.id == INDEX
    assert door.step.verdict is Verdict.WRONG


def test_a_save_that_changes_no_koan_is_not_answered(door, toy):
    door.arrive()
    door.said()
    (toy.koans / "01_numbers.py").touch()
    door.look_again()
    assert door.said() == ""


# -- the command -----------------------------------------------------------------------------------


def once(toy):
    return walk.main(["--once", "--course", str(toy.root)])


def test_once_says_1_for_a_blank(toy, capsys):
    assert once(toy) == 1
    assert f"Edit koans/01_numbers.py:15, then: {command('walk')}" in capsys.readouterr().out


def test_once_says_2_for_a_broken_file(toy, edit):
    edit("01", "import torch\n", "import torch torch\n")
    assert once(toy) == 2


@without_gpu
def test_once_says_0_when_all_is_green(toy, solve, capsys):
    solve()
    assert once(toy) == 0
    assert "The path is walked." in capsys.readouterr().out


def test_a_broken_answer_file_is_one_sentence_and_2(toy, capsys):
    path = toy.answers / "01_numbers.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace("# hint:", "# hnit:", 1), encoding="utf-8"
    )
    assert once(toy) == 2
    assert "01_numbers.py:16: `# hnit:` is no directive" in capsys.readouterr().out


class Walker:
    """A walk in a process of its own, with pipes for a terminal."""

    def __init__(self, toy, **settings):
        command = [sys.executable, "-u", str(toy.root / "scripts" / "walk.py")]
        self.process = subprocess.Popen(
            command,
            cwd=toy.root,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            **settings,
        )
        self.said = ""

    def until(self, text):
        """Read on until this text has come."""
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, f"the walk ended before it said {text!r}:\n{self.said}"
            self.said += line
        heard, self.said = self.said, ""
        return heard

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(60), rest


@pytest.fixture
def walker(toy):
    """A walk that is over when the test is, however it ended."""
    made = Walker(toy)
    yield made
    made.process.kill()
    made.process.wait()
    made.process.stdin.close()
    made.process.stdout.close()


def test_a_walk_through_pipes_from_blank_to_green(walker, edit):
    walker.until("q: quit")
    time.sleep(0.5)  # the watch begins beside the first look
    edit("01", "t.sum().item() == __", "t.sum().item() == 8")
    assert "assert 7 == 8" in walker.until("q: quit")
    edit("01", "t.sum().item() == 8", "t.sum().item() == 7")
    assert "1 of 5 koans green" in walker.until("q: quit")
    walker.type("n")
    assert "An index may be the blank" in walker.until("q: quit")
    walker.type("h")
    walker.until("a colon takes all rows")
    walker.type("sing")
    walker.until("sing: no such key.")
    walker.type("q")
    assert walker.end()[0] == 1


def test_where_nobody_can_type_it_looks_once(toy):
    done = subprocess.run(
        [sys.executable, str(toy.root / "scripts" / "walk.py")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout.count("A sum is a tensor") == 1
    assert done.stderr == ""

"""The walk: what is known of each koan, what is run, and what a save makes of it."""

import pytest

from torchkoans import walking
from torchkoans.course import Course
from torchkoans.verdicts import Result, Verdict
from torchkoans.walking import Walk
from torchkoans.warm.job import plain

SUM, INDEX, AWAY, CUDA, DOUBLE = (
    "koans/01_numbers.py::test_a_sum_is_a_tensor",
    "koans/01_numbers.py::test_an_index_may_be_the_blank",
    "koans/01_numbers.py::test_a_device_is_not_the_cpu",
    "koans/02_doubling.py::test_only_cuda_can_show_this",
    "koans/02_doubling.py::test_double_gives_twice_as_much",
)
ONE, TWO = "koans/01_numbers.py", "koans/02_doubling.py"


class FakeEngine:
    """Takes jobs down; the test says what comes of them."""

    def __init__(self):
        self.jobs, self.dropped = [], []

    def run(self, job):
        self.jobs.append(job)

    def drop(self, number):
        self.dropped.append(number)

    @property
    def asked(self):
        """The tests of each job, in the order in which they were asked for."""
        return [[task.test for task in job.tasks] for job in self.jobs]


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def walk(toy, engine):
    return Walk(toy, engine)


def answer(walk, engine, verdict, *, line=None, what="", explained=True, over=True, trap=""):
    """Let the job that was asked for last be judged like this."""
    job = engine.jobs[-1]
    for task in job.tasks:
        found = Result(job.file, task.test, "cpu", verdict, line, what, "", trap)
        walk.heard(
            {
                "number": job.number,
                "file": job.file,
                "koan": task.test,
                "results": plain([found]),
                "explained": explained,
            }
        )
    if over:
        walk.heard({"number": job.number, "over": True})


FILLED = ("t.sum().item() == __", "t.sum().item() == 7")


# -- which koan is next ----------------------------------------------------------------------------


def test_a_fresh_course_begins_at_its_first_blank_without_running_anything(walk, engine):
    step = walk.step(walk.first())
    assert (step.id, step.verdict, step.where) == (SUM, Verdict.BLANK, "koans/01_numbers.py:15")
    walk.ask(walk.unknown())
    assert engine.jobs == []


def test_a_filled_koan_counts_once_it_has_run(walk, engine, edit):
    edit("01", *FILLED)
    assert walk.unknown() == [SUM]
    walk.ask(walk.unknown())
    assert engine.asked == [["test_a_sum_is_a_tensor"]]
    assert walk.verdict(SUM) is None
    assert walk.is_running(SUM)
    answer(walk, engine, Verdict.PASSED)
    assert walk.verdict(SUM) is Verdict.PASSED
    assert not walk.is_running(SUM)
    assert walk.first() == INDEX


def test_nothing_is_run_twice_for_nothing(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    walk.ask([SUM])  # it is on its way
    answer(walk, engine, Verdict.PASSED)
    walk.ask([SUM])
    assert len(engine.jobs) == 1
    walk.ask([SUM], again=True)
    assert len(engine.jobs) == 2


def test_the_text_that_was_read_is_the_text_that_is_run(walk, engine, edit):
    path = edit("01", *FILLED)
    walk.ask([SUM])
    path.write_text("", encoding="utf-8")
    assert "t.sum().item() == 7" in engine.jobs[0].text


def test_an_explanation_is_asked_for_where_it_is_missing(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM], explain=False)
    answer(walk, engine, Verdict.WRONG, explained=False)
    assert not walk.is_explained(SUM)
    walk.ask([SUM])
    assert [job.explain for job in engine.jobs] == [False, True]
    answer(walk, engine, Verdict.WRONG)
    assert walk.is_explained(SUM)


def test_a_verdict_moves_with_its_lines(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    answer(walk, engine, Verdict.WRONG, line=15)
    edit("01", "def test_a_sum", "\n\n\ndef test_a_sum")
    assert walk.saved(ONE) == []
    step = walk.step(SUM)
    assert (step.verdict, step.line, step.failed) == (Verdict.WRONG, 18, 18)


def test_what_stands_around_a_koan_may_change_its_verdict(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    answer(walk, engine, Verdict.PASSED)
    edit("01", "import torch\n", "import torch\nimport math\n")
    assert walk.saved(ONE) == [SUM, INDEX, AWAY]
    assert walk.verdict(SUM) is None


def test_a_koan_for_cuda_alone_is_passed_over_where_there_is_none(walk, solve):
    solve()
    assert walk.verdict(CUDA) is Verdict.WAITING
    walk.has_cuda = True
    assert walk.verdict(CUDA) is Verdict.BLANK


def test_a_verdict_on_a_text_that_is_no_more_is_not_kept(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    edit("01", "== 7", "== 8")
    assert walk.saved(ONE) == [SUM]
    answer(walk, engine, Verdict.PASSED)
    assert walk.verdict(SUM) is None


def test_a_newer_text_takes_the_place_of_one_that_is_still_running(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    edit("01", "== 7", "== 8")
    walk.saved(ONE)
    walk.ask([SUM])
    assert engine.dropped == [engine.jobs[0].number]
    answer(walk, engine, Verdict.WRONG)
    assert walk.verdict(SUM) is Verdict.WRONG


def test_a_text_that_comes_back_is_known(walk, engine, edit):
    """Undo, save: the old verdict is there, and nothing runs."""
    edit("01", *FILLED)
    walk.ask([SUM])
    answer(walk, engine, Verdict.PASSED)
    edit("01", "== 7", "== __")
    walk.saved(ONE)
    assert walk.verdict(SUM) is Verdict.BLANK
    edit("01", "== __", "== 7")
    walk.saved(ONE)
    assert walk.verdict(SUM) is Verdict.PASSED


def test_what_this_walk_has_heard_the_next_one_knows(toy, walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    answer(walk, engine, Verdict.PASSED)
    toy.remembered.save()
    again = Walk(Course(toy.root), FakeEngine())
    assert again.verdict(SUM) is Verdict.PASSED
    edit("01", "== 7", "== 8")
    assert Walk(Course(toy.root), FakeEngine()).verdict(SUM) is None


def test_a_message_that_nobody_asked_for_changes_nothing(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    answer(walk, engine, Verdict.PASSED)
    answer(walk, engine, Verdict.WRONG)  # the same job number again, after its end
    assert walk.verdict(SUM) is Verdict.PASSED


# -- saves -----------------------------------------------------------------------------------------


def test_the_koan_that_was_saved_is_known(walk, edit):
    assert walk.first() == SUM
    assert walk.saved(ONE) == []
    edit("01", "t[__]", "t[:, 1]")
    assert walk.saved(ONE) == [INDEX]


def test_saving_a_kata_leads_to_its_koan(walk, edit):
    assert walk.first() == SUM
    edit("02", "raise NotImplementedError", "return x")
    assert walk.saved(TWO) == [DOUBLE]


def test_a_file_that_is_half_written_may_wait(walk, toy, edit):
    assert walk.first() == SUM
    path = edit("01", *FILLED)
    whole = path.read_text(encoding="utf-8")
    for half in ("", "def (", whole[: whole.index("== 7")], whole[: whole.index("def test_a_dev")]):
        path.write_text(half, encoding="utf-8")
        assert walk.saved(ONE, settled=False) is None
        assert walk.verdict(SUM) is Verdict.BLANK
    path.unlink()
    assert walk.saved(ONE, settled=False) is None
    path.write_text(whole, encoding="utf-8")
    assert walk.saved(ONE, settled=False) == [SUM]


def test_a_file_that_does_not_parse_leaves_the_others_walkable(walk, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == (7")
    step = walk.step(walk.first())
    assert (step.verdict, step.where) == (Verdict.BROKEN, "koans/01_numbers.py:15")
    assert walk.verdict(DOUBLE) is Verdict.UNWRITTEN


def test_what_only_compiling_shows_breaks_all_koans_of_the_file(walk, engine, edit):
    walk.first()
    edit("01", *FILLED)
    edit("01", "    t = __", "    t = 1\n    break")
    walk.saved(ONE)
    walk.ask([SUM])
    walk.check(ONE)
    step = walk.step(SUM)
    assert (step.verdict, step.what) == (Verdict.BROKEN, "SyntaxError: 'break' outside loop")
    assert step.where == "koans/01_numbers.py:30"
    answer(walk, engine, Verdict.PASSED)
    assert walk.verdict(SUM) is Verdict.BROKEN
    edit("01", "\n    break", "")
    walk.saved(ONE)
    walk.check(ONE)
    assert walk.verdict(SUM) is Verdict.PASSED
    assert walk.verdict(DOUBLE) is Verdict.UNWRITTEN


def test_a_file_that_is_gone_is_named_with_what_brings_it_back(walk, toy, monkeypatch):
    monkeypatch.chdir(toy.root)
    (toy.koans / "01_numbers.py").unlink()
    step = walk.step(walk.first())
    assert step.verdict is Verdict.BROKEN
    assert "scripts/blank.py koans/01_numbers.py" in step.what


def test_without_the_marks_no_koan_can_run_and_that_is_said(walk, toy, solve):
    solve()
    (toy.koans / "__init__.py").unlink()
    step = walk.step(walk.first())
    assert step.verdict is Verdict.BROKEN
    assert "every koan needs it: git checkout" in step.what


def test_a_file_that_was_renamed_is_named_with_its_new_name(walk, toy):
    (toy.koans / "01_numbers.py").rename(toy.koans / "01_mine.py")
    assert "was it renamed to 01_mine.py?" in walk.step(walk.first()).what


def test_a_save_that_nobody_told_of_is_found(walk, edit):
    assert walk.first() == SUM
    assert walk.unread() == []
    edit("01", *FILLED)
    assert walk.unread() == [ONE]
    walk.saved(ONE)
    assert walk.unread() == []


# -- ways ------------------------------------------------------------------------------------------


def test_going_on_leads_round_the_course(walk):
    assert walk.following(SUM) == INDEX
    assert walk.following(DOUBLE) == SUM
    assert walk.following(None) == SUM


def test_a_lesson_begins_at_its_first_koan_that_is_not_green(walk, engine, edit):
    edit("01", *FILLED)
    walk.ask([SUM])
    answer(walk, engine, Verdict.PASSED)
    assert walk.in_lesson(1) == INDEX
    assert walk.in_lesson(9) is None


def test_of_several_koans_the_one_just_filled_is_looked_at(walk, edit):
    edit("01", "t[__]", "t[:, 1]")
    walk.first()
    assert walk.open_among([SUM, INDEX, AWAY]) == INDEX
    assert walk.open_among([SUM, AWAY]) == SUM


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(None, 0), (Verdict.BLANK, 1), (Verdict.WRONG, 1), (Verdict.BROKEN, 2), (Verdict.CRASHED, 2)],
)
def test_the_exit_code_tells_red_from_broken(verdict, code):
    assert walking.exit_code(verdict) == code


def test_at_another_course_of_what_runs_nobody_hears_and_numbers_go_on(walk, engine, edit, toy):
    edit("01", *FILLED)
    walk.ask([SUM])
    there = walk.at(Course(toy.root))
    assert engine.dropped == [1]
    assert there.verdict(SUM) is None
    there.ask([SUM])
    assert [job.number for job in engine.jobs] == [1, 2]
    answer(there, engine, Verdict.PASSED)
    assert there.verdict(SUM) is Verdict.PASSED

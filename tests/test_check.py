"""check and its proofs: what is promised of the lessons holds; where it does not, it is named."""

import re

import check
import pytest

from torchkoans import devices, proving
from torchkoans.course import Course
from torchkoans.screen import Screen
from torchkoans.verifying import crew


def test_the_toy_course_keeps_its_promises(toy):
    green, red = proving.answers_are_green(toy), proving.everything_else_is_red(toy)
    assert green.holds, green.problems
    assert red.holds, red.problems
    assert "on cpu" in green.said
    assert re.fullmatch(r"\d+ runs: \d+ on cpu, (\d+ on simgpu, )?\d+ on no device", red.said)


def reworded(toy, old, new, number="01"):
    (path,) = toy.answers.glob(f"{number}_*.py")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_wrong_answer_is_named(toy):
    reworded(toy, "== __(7)", "== __(9)")
    proof = proving.answers_are_green(toy)
    assert not proof.holds
    (problem, *_) = proof.problems
    assert problem.startswith("answers/01_numbers.py:21: test_a_sum_is_a_tensor[cpu] is wrong")


def test_a_warning_in_an_answer_is_a_problem(toy):
    reworded(toy, "    t = torch.zeros(2)\n", "    t = torch.tensor(torch.zeros(2))\n")
    assert not proving.answers_are_green(toy).holds


def test_a_koan_that_runs_nowhere_is_named(toy):
    reworded(
        toy,
        "@kata\n",
        "import pytest as p\np.skip('no', allow_module_level=True)\n\n\n@kata\n",
        "02",
    )
    proof = proving.answers_are_green(toy)
    assert (
        "answers/02_doubling.py::test_double_gives_twice_as_much ran on no device" in proof.problems
    )


def test_a_koan_that_is_red_by_accident_is_named(toy):
    """Its file cannot be imported, so no blank of it is ever looked at."""
    reworded(toy, "import torch\n", "import torch\n\nassert not torch.ones(1)\n")
    proof = proving.everything_else_is_red(Course(toy.root))
    assert not proof.holds
    assert any(
        "pytest says broken of the whole file: AssertionError" in problem
        for problem in proof.problems
    )


def test_what_could_not_be_run_is_no_proof(toy, monkeypatch):
    def none(*_):
        raise crew.WorkersError("no process lives")

    monkeypatch.setattr(crew.Crew, "run", none)
    proof = proving.everything_else_is_red(Course(toy.root))
    assert not proof.holds
    assert proof.problems[0] == "nothing can be run here: no process lives"


def test_what_there_is_is_counted_and_tossed_coins_are_named(toy):
    proof = proving.answers_are_not_guessed(toy)
    counted = "2 lessons, 5 koans, 4 blanks, 5 traps, 1 katas; a bare True or False answers 0"
    assert (proof.holds, proof.said) == (True, counted)
    reworded(toy, "== __(7)", "== 7 is __(True)")
    proof = proving.answers_are_not_guessed(Course(toy.root))
    assert proof.problems == ("answers/01_numbers.py:11: test_a_sum_is_a_tensor",)


@pytest.mark.skipif(devices.why_not_cuda() is None, reason="there is a GPU here")
def test_what_waits_is_said(toy):
    assert "wait for cuda" in proving.answers_are_green(toy).said


def test_a_failing_step_shows_what_it_said(capsys):
    said = "import sys; print('the reason'); sys.exit(3)"
    assert not check._command("a step", ["-c", said], Screen())
    out = capsys.readouterr().out
    assert out.startswith("FAIL  a step  the reason")
    assert check._command("another", ["-c", "print('fine')"], Screen())
    assert "ok    another  fine" in capsys.readouterr().out


def test_of_many_problems_the_first_are_shown(toy, capsys):
    many = proving.Proof(False, "no", tuple(f"koan {number} is green" for number in range(1000)))
    assert not check._proof("a", lambda course: many, Course(), Screen())
    out = capsys.readouterr().out
    assert "koan 19 is green\n      and 980 more like these\n" in out
    assert "koan 20 " not in out


def test_one_bad_step_makes_the_whole_bad(monkeypatch):
    good, bad = proving.Proof(True, "fine"), proving.Proof(False, "no", ("koan x is green",))
    monkeypatch.setattr(check, "COMMANDS", {})
    monkeypatch.setattr(check, "_tests", lambda screen: True)
    monkeypatch.setattr(check, "PROOFS", {"a": lambda course: good})
    assert check.main([]) == 0
    monkeypatch.setattr(check, "PROOFS", {"a": lambda course: good, "b": lambda course: bad})
    assert check.main([]) == 1

"""check and its proofs: what is promised of the lessons holds; where it does not, it is named."""

import check
import pytest

from torchkoans import devices, proving
from torchkoans.course import Course
from torchkoans.screen import Screen


def test_the_toy_course_keeps_its_promises(toy):
    green, red = proving.answers_are_green(toy), proving.koans_are_red_as_blanks(toy)
    assert green.holds, green.problems
    assert red.holds, red.problems
    assert "on cpu" in green.said


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
    reworded(toy, "import torch\n", "import torch\n\nassert not torch.ones(1)\n")
    proof = proving.koans_are_red_as_blanks(Course(toy.root))
    assert not proof.holds
    assert any("is broken: AssertionError" in problem for problem in proof.problems)


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

"""Variants: what a learner might type, tried on the toy course and on courses with a weakness."""

import sys
import textwrap

import pytest

from torchkoans import devices, lesson, proving, variants
from torchkoans.course import ROOT, Course
from torchkoans.variants import JUNK, PLAIN_GUESSES, STUB, TRAP, WRONG, Trial

CPU_ONLY = devices.Devices(no_cuda="none", no_simgpu="none", chosen=("cpu",))
HEAD = '''"""A lesson."""

import torch

from koans import __, kata

'''


@pytest.fixture
def tallied(tmp_path):
    """Write a lesson, try its variants on the CPU in this process."""

    def run(body: str) -> variants.Tally:
        path = tmp_path / "01_a.py"
        path.write_text(HEAD + textwrap.dedent(body), encoding="utf-8")
        return Trial(lesson.load(path), CPU_ONLY).tally()

    return run


def koan(statement: str, trap: str = "5 -> five") -> str:
    return f'''
        def test_x():
            """X."""
            # trap: {trap}
            {statement}
    '''


def test_a_good_koan_has_no_problem(tallied):
    tally = tallied(koan("assert torch.ones(3).sum() == __(3)"))
    assert tally.problems == []
    assert tally.tried == {"answer": 1, TRAP: 1, JUNK: len(PLAIN_GUESSES)}
    assert tally.runs == {"no device": 2 + len(PLAIN_GUESSES)}


def test_a_koan_that_anything_passes_is_weak(tallied):
    problems = tallied(koan("assert __(3) is not ''")).problems
    assert problems[0] == "answers/01_a.py:11: test_x: the trap 5 is green"
    assert sum(" the junk " in problem for problem in problems) == len(PLAIN_GUESSES) - 1
    assert 'the junk ""' not in str(problems)


def test_junk_that_is_the_answer_may_be_green_and_its_equals_may_not(tallied):
    """1 == True: a koan that asks for 1 in this way is weak."""
    problems = tallied(koan("assert torch.ones(1).sum() == __(1)")).problems
    assert problems == ["answers/01_a.py:11: test_x: the junk True is green"]
    assert tallied(koan("assert repr(torch.ones(1).sum().item()) == repr(__(1.0))")).problems == []


def test_a_red_answer_is_named_with_what_it_raised(tallied):
    (problem, *_) = tallied(koan("assert torch.ones(3).sum() == __(4)", "3 -> three")).problems
    assert problem.startswith("answers/01_a.py:11: test_x: the answer 4 is red: AssertionError")


@pytest.mark.parametrize("typo", ["torc.ones(1)", "__import__('nothing_of_that_name')"])
def test_a_trap_may_not_be_red_by_a_typo(tallied, typo):
    (problem,) = tallied(koan("assert torch.ones(3).sum() == __(3)", f"{typo} -> no")).problems
    assert "is red by a typo" in problem


def test_a_syntax_error_is_a_typo_too(tallied):
    """`yield` is an expression, but not in each place."""
    body = koan("assert [__(3) for one in 'a'] == [3]", "(yield) -> no")
    assert "is red by a typo: SyntaxError" in tallied(body).problems[0]


def test_a_test_that_became_a_generator_did_not_run(tallied):
    """`yield` where a statement may hold it: nothing raises, for nothing ran."""
    assert tallied(koan("assert __(3) == 3", "(yield) -> no")).problems == []


def test_an_index_is_tried_as_an_index(tallied):
    table = "torch.tensor([[1, 2], [3, 4]])"
    assert (
        tallied(koan(f"assert {table}[__[:, 1]].tolist() == [2, 4]", "1, : -> no")).problems == []
    )
    (problem,) = tallied(koan(f"assert {table}[__[:, 1]].sum() == 6", "..., 1 -> no")).problems
    assert "the trap ..., 1 is green" in problem


def test_each_variant_begins_as_if_it_were_the_first(tallied):
    body = """
        seen = []

        def test_x():
            '''X.'''
            seen.append(1)
            torch.set_default_dtype(torch.float64)
            # trap: 5 -> five
            assert len(seen) + 2 == __(3)

        def test_y():
            '''Y.'''
            assert str(torch.ones(1).dtype) == __("torch.float32")
    """
    assert tallied(body).problems == []


def test_a_decorated_koan_is_tried_with_its_decorators(tallied):
    body = """
        def on_strike(test):
            raise RuntimeError("no work today")

        @on_strike
        def test_x():
            '''X.'''
            # trap: 5 -> five
            assert __(3) == 3
    """
    assert "the answer 3 is red: RuntimeError('no work today')" in tallied(body).problems[0]


KATA = """
    @kata
    def double(x):
        '''Twice x.'''
        return 2 * x

    # wrong: {wrong} -> no

    def test_double():
        '''Twice.'''
        assert double(3) == 6

    def test_double_of_nothing():
        '''None.'''
        {more}
"""


def test_a_wrong_kata_is_red_on_one_test_at_least_and_a_stub_on_all(tallied):
    tally = tallied(KATA.format(wrong="return x + 3", more="assert double(0) == 0"))
    assert tally.problems == []
    assert (tally.tried[WRONG], tally.tried[STUB]) == (1, 1)


def test_a_wrong_kata_that_passes_is_named(tallied):
    (problem,) = tallied(KATA.format(wrong="return x + x", more="assert not double(0)")).problems
    assert problem == "answers/01_a.py:9: double: green with the body 'return x + x'"


def test_a_kata_that_a_test_does_not_need_is_named(tallied):
    (problem,) = tallied(KATA.format(wrong="return 7", more="assert double")).problems
    assert problem == "answers/01_a.py:9: double: green with the body 'raise NotImplementedError'"


def test_a_wrong_kata_may_not_be_red_by_a_typo(tallied):
    (problem,) = tallied(KATA.format(wrong="return y", more="assert double(0) == 0")).problems
    assert "'return y' is red by a typo: NameError" in problem


def test_a_kata_needs_a_test_and_a_wrong_solution(tallied):
    lonely = "\n@kata\ndef f():\n    '''F.'''\n    return 1\n" + textwrap.dedent(
        koan("assert __(3) == 3")
    )
    assert tallied(lonely).problems == ["answers/01_a.py:9: f: it has no test"]


def test_a_fixture_that_nobody_hands_over_is_said(tallied):
    body = koan("assert __(3) == 3").replace("test_x()", "test_x(tmp_path)")
    with pytest.raises(LookupError, match=r"01_a.py: test_x asks for the fixture tmp_path"):
        tallied(body)


def test_two_fixtures_are_combined(tmp_path):
    path = tmp_path / "01_a.py"
    body = koan("assert __(3) == 3").replace("test_x()", "test_x(device, accelerator)")
    path.write_text(HEAD + textwrap.dedent(body), encoding="utf-8")
    with_cuda = devices.Devices(no_cuda=None, no_simgpu="none")
    found = Trial(lesson.load(path), with_cuda).arguments("test_x")
    pairs = [tuple(str(device) for device in arguments.values()) for arguments in found]
    assert pairs == [("cpu", "cuda"), ("cuda", "cuda")]


# -- the whole course, in processes ----------------------------------------------------------------


def test_the_toy_course_is_proven(toy, monkeypatch):
    """As in `python3 scripts/check.py`, where nobody has put the course on the path."""
    outside = [path for path in sys.path if path not in ("", ".", str(ROOT))]
    monkeypatch.setattr(sys, "path", outside)
    proof = proving.wrong_answers_are_red(toy)
    assert proof.holds, proof.problems
    assert proof.said.startswith("4 traps, 45 plain guesses, 2 wrong katas; ")


def test_a_weak_koan_is_named(toy):
    (path,) = toy.answers.glob("01_*.py")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("== __(7)", "or __(7)"), encoding="utf-8")
    problems = Trial(lesson.load(path), CPU_ONLY).tally().problems
    assert any("the trap 124 is green on cpu" in problem for problem in problems)


def test_what_there_is_is_counted_and_tossed_coins_are_named(toy):
    proof = proving.answers_are_not_guessed(toy)
    counted = "2 lessons, 5 koans, 4 blanks, 5 traps, 1 katas; a bare True or False answers 0"
    assert (proof.holds, proof.said) == (True, counted)
    (path,) = toy.answers.glob("01_*.py")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("== __(7)", "== 7 is __(True)"), encoding="utf-8")
    proof = proving.answers_are_not_guessed(Course(toy.root))
    assert proof.problems == ("answers/01_numbers.py:11: test_a_sum_is_a_tensor",)


@pytest.mark.parametrize("deed", ["os.abort()", "time.sleep(9999)"])
def test_a_koan_that_kills_or_hangs_is_named(toy, monkeypatch, deed):
    monkeypatch.setenv("TORCH_KOANS_SECONDS", "2")
    monkeypatch.setattr(variants.os, "cpu_count", lambda: 1)  # fewer processes that import torch
    (path,) = toy.answers.glob("02_*.py")
    text = path.read_text(encoding="utf-8")
    text = text.replace("import torch\n", "import os\nimport time\n\nimport torch\n")
    text = text.replace("    return x + x", f"    {deed}")
    path.write_text(text, encoding="utf-8")
    proof = proving.wrong_answers_are_red(Course(toy.root))
    (problem,) = proof.problems
    assert problem.startswith("answers/02_doubling.py: its process died")
    assert proof.said.startswith("4 traps, ")  # the other lesson was tried all the same

"""Checks: what a learner might type, planned, run by hand in this process, and judged."""

import textwrap
from collections import Counter
from dataclasses import dataclass

import pytest

from torchkoans import devices, lesson
from torchkoans.source import CourseError
from torchkoans.verifying.judging import Tried
from torchkoans.verifying.planning import JUNK, PLAIN_GUESSES, STUB, TRAP, WRONG, Plan
from torchkoans.verifying.trying import Trial

CPU_ONLY = devices.Devices(no_cuda="none", no_simgpu="none", chosen=("cpu",))
HEAD = '''"""A lesson."""

import torch

from koans import __, kata

'''


@dataclass
class Found:
    """What came of a lesson: problems as they are told, and how many checks of each kind."""

    problems: list
    lacks: list
    kinds: Counter
    units: dict


@pytest.fixture
def tallied(tmp_path):
    """Write a lesson, try its variants on the CPU in this process."""

    def run(body: str) -> Found:
        path = tmp_path / "01_a.py"
        path.write_text(HEAD + textwrap.dedent(body), encoding="utf-8")
        one = lesson.load(path)
        trial, plan, units = Trial(one), Plan(one, CPU_ONLY), {}
        for unit in plan.units:
            outcomes = {place: trial.outcome(check) for place, check in enumerate(unit.checks)}
            units[unit.name] = Tried(unit, outcomes)
        problems = [str(problem) for tried in units.values() for problem in tried.problems()]
        kinds = Counter(c.variant.kind for tried in units.values() for c in tried.unit.checks)
        lacks = [(kata.name, what) for kata, what in plan.lacks]
        return Found(problems, lacks, kinds, units)

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
    assert tally.kinds == {"answer": 1, TRAP: 1, JUNK: len(PLAIN_GUESSES)}
    assert {check.device for check in tally.units["test_x"].unit.checks} == {""}


def test_a_koan_that_anything_passes_is_weak(tallied):
    problems = tallied(koan("assert __(3) is not ''")).problems
    green = "it passes, and it should be red"
    assert problems[0] == f"answers/01_a.py:10: test_x: trap 5: {green}"
    assert sum(" junk " in problem for problem in problems) == len(PLAIN_GUESSES) - 1
    assert 'junk "":' not in str(problems)


def test_junk_that_is_the_answer_may_be_green_and_its_equals_may_not(tallied):
    """1 == True: a koan that asks for 1 in this way is weak."""
    problems = tallied(koan("assert torch.ones(1).sum() == __(1)")).problems
    (problem,) = problems
    assert problem == "answers/01_a.py:11: test_x: junk True: it passes, and it should be red"
    assert tallied(koan("assert repr(torch.ones(1).sum().item()) == repr(__(1.0))")).problems == []


def test_a_red_answer_is_named_with_what_it_raised(tallied):
    (problem, *_) = tallied(koan("assert torch.ones(3).sum() == __(4)", "3 -> three")).problems
    assert problem.startswith("answers/01_a.py:11: test_x: answer: wrong: AssertionError")


@pytest.mark.parametrize("typo", ["torc.ones(1)", "__import__('nothing_of_that_name')"])
def test_a_trap_may_not_be_red_by_a_typo(tallied, typo):
    (problem,) = tallied(koan("assert torch.ones(3).sum() == __(3)", f"{typo} -> no")).problems
    assert "red by a typo" in problem


def test_a_syntax_error_is_a_typo_too(tallied):
    """`yield` is an expression, but not in each place."""
    body = koan("assert [__(3) for one in 'a'] == [3]", "(yield) -> no")
    assert "red by a typo: SyntaxError" in tallied(body).problems[0]


def test_a_test_that_became_a_generator_did_not_run(tallied):
    """`yield` where a statement may hold it: nothing raises, for nothing ran."""
    assert tallied(koan("assert __(3) == 3", "(yield) -> no")).problems == []


def test_an_index_is_tried_as_an_index(tallied):
    table = "torch.tensor([[1, 2], [3, 4]])"
    assert (
        tallied(koan(f"assert {table}[__[:, 1]].tolist() == [2, 4]", "1, : -> no")).problems == []
    )
    (problem,) = tallied(koan(f"assert {table}[__[:, 1]].sum() == 6", "..., 1 -> no")).problems
    assert "trap ..., 1: it passes" in problem


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
    assert "answer: wrong: RuntimeError: no work today" in tallied(body).problems[0]


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
    assert (tally.kinds[WRONG], tally.kinds[STUB]) == (2, 2)  # on each of the two tests


def test_a_wrong_kata_that_passes_is_named(tallied):
    (problem,) = tallied(KATA.format(wrong="return x + x", more="assert not double(0)")).problems
    told = "wrong kata return x + x: no test is red on any device"
    assert problem == f"answers/01_a.py:13: double: {told}"


def test_a_kata_that_a_test_does_not_need_is_named(tallied):
    (problem,) = tallied(KATA.format(wrong="return 7", more="assert double")).problems
    (problem,) = [one for one in [problem] if "stub" in one]
    assert problem.endswith("test_double_of_nothing: stub: it passes, and it should be red")


def test_a_wrong_kata_may_not_be_red_by_a_typo(tallied):
    (problem,) = tallied(KATA.format(wrong="return y", more="assert double(0) == 0")).problems
    assert "wrong kata return y: red by a typo: NameError" in problem


def test_a_kata_needs_a_test_and_a_wrong_solution(tallied):
    lonely = "\n@kata\ndef f():\n    '''F.'''\n    return 1\n" + textwrap.dedent(
        koan("assert __(3) == 3")
    )
    assert tallied(lonely).lacks == [("f", "it has no test"), ("f", "it has no wrong solution")]


def test_a_fixture_that_nobody_hands_over_is_said(tallied):
    body = koan("assert __(3) == 3").replace("test_x()", "test_x(tmp_path)")
    with pytest.raises(CourseError, match=r"01_a.py:\d+: test_x asks for the fixture tmp_path"):
        tallied(body)


def test_two_fixtures_are_combined(tmp_path):
    path = tmp_path / "01_a.py"
    body = koan("assert __(3) == 3").replace("test_x()", "test_x(device, accelerator)")
    path.write_text(HEAD + textwrap.dedent(body), encoding="utf-8")
    with_cuda = devices.Devices(no_cuda=None, no_simgpu="none")
    (unit,) = Plan(lesson.load(path), with_cuda).units
    answers = [check for check in unit.checks if check.variant.kind == "answer"]
    pairs = [tuple(device for _, device in check.given) for check in answers]
    assert pairs == [("cpu", "cuda"), ("cuda", "cuda")]
    assert [check.device for check in answers] == ["cpu", "cuda"]

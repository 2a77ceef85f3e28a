"""What is said of a filled blank by its text alone, and which fillings are refused."""

import ast

import pytest

from torchkoans import cut, lesson, lineup, marks, remarks
from torchkoans.course import ROOT, Course
from torchkoans.source import Source

KOAN = '''"""A lesson."""

import torch

from koans import __


def test_it():
    """A koan."""
    t = torch.ones(2)
    u = t
    {assignment}

    # trap: 5 -> five is right out
    # trap: t.shape -> that is asked, not answered
    {blank}
'''


@pytest.fixture
def filled(tmp_path):
    """(koan, its test, the text) of a koan whose blank holds some code."""

    def fill(statement, code, assignment="v = t"):
        path = tmp_path / "01_numbers.py"
        path.write_text(KOAN.format(blank=statement, assignment=assignment), encoding="utf-8")
        one = lesson.load(path)
        pristine = cut.pristine(one)
        (hole,) = marks.bare(pristine.tree)
        text = pristine.spliced([(pristine.span(hole), code)])
        (test,) = lineup.line_up(one, text).tests
        return one.koans[0], test, text

    return fill


ASKED = "assert t.shape == __(torch.Size([2]))"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("5", "five is right out"),
        ("(5.0)", "five is right out"),
        ("(2,)", ""),
        ("torch.Size([3])", ""),
        ("2, 3", remarks.COMMA),
        ("t.shape", "that is asked, not answered"),
        ("(t.shape)", "that is asked, not answered"),
        ("5 or True", remarks.EITHER),
        ("(2,) if u is t else 3", remarks.CHOICE),
        ("mock.ANY", remarks.ANYTHING),
    ],
)
def test_a_blank_is_answered_by_what_stands_in_it(filled, code, said):
    assert remarks.remark(*filled(ASKED, code)) == said


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("assert t.sum() == __(2)", "t.sum()"),
        ("assert t.sum() == __(2)", "( t . sum( ) )"),
        ("assert t['a'].b == __(2)", 't["a"].b'),
        ("assert __(2) == t.sum()", "t.sum()"),
        ("assert t is __(u)", "t"),
        ("assert t.sum() == u.sum() == __(2)", "t.sum()"),
        ("assert t.sum() == u.sum() == __(2)", "u.sum()"),
        ("assert (t.dtype, t.ndim) == (__(torch.float32), 1)", "t.dtype"),
        ("assert abs(t.mean() - __(1)) < 0.1", "t.mean()"),
        ("assert torch.equal(t, __(u))", "t"),
        ("torch.testing.assert_close(t, __(u))", "t"),
        ("assert not t.ndim != __(1)", "t.ndim"),
    ],
)
def test_the_question_itself_is_no_answer(filled, statement, code):
    assert remarks.is_the_question(*filled(statement, code))
    assert remarks.remark(*filled(statement, code)) == remarks.ITSELF


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("assert t.sum() == __(2)", "2"),
        ("assert t.sum() == __(2)", "u.sum()"),
        ("assert t.sum() == __(2)", "t.sum().item()"),
        ("assert t is __(u)", "u"),
        ("assert t == __(t)", "t"),  # what the course itself answers cannot be refused
        ("assert (t.dtype, t.ndim) == (__(torch.float32), 1)", "t.ndim"),
        ("assert (t.dtype, t.ndim) == __((torch.float32, 1))", "(t.dtype, 1)"),
        ("w = __(t + 1)", "t or u"),
        ("w = __(t + 1)", "t if t is u else u"),
        ("w = [x == __(u) for x in (t,)]", "x"),
        ("assert t.ndim == __(1)", "(1 if u is t else 2)"),
        ("assert t.ndim == __(1)", "(1 or 2)"),
        ("assert t.ndim == __(1)", "1 and True"),
        ("assert str(t) == __('mock')", "'mock'"),
    ],
)
def test_an_honest_answer_is_never_refused(filled, statement, code):
    assert not remarks.is_the_question(*filled(statement, code))


@pytest.mark.parametrize(
    "code",
    [
        "mock.ANY",
        "unittest.mock.ANY",
        '__import__("unittest.mock").mock.ANY',
        'type("A", (), {"__eq__": lambda *_: True})()',
        "Mock(__eq__=lambda *_: True)",
        "5 or True",
        "True or 5",
        "5 if True else 6",
    ],
)
def test_what_equals_anything_is_refused(filled, code):
    assert remarks.is_the_question(*filled(ASKED, code))


def test_a_text_that_does_not_parse_is_refused_by_others(filled):
    koan, test, _ = filled(ASKED, "t.shape")
    broken = Source(test and ROOT / "koans" / "01_numbers.py", "def (")
    assert not remarks.is_the_question(koan, test, broken)


@pytest.mark.parametrize("number", ["01", "16", "35", "44"])
def test_no_answer_and_no_trap_of_the_course_is_refused(number):
    """The whole course was tried once; these lessons have every form of statement."""
    (one,) = Course(ROOT).named([number])
    pristine = cut.pristine(one)
    for nth in range(-1, max(len(blank.traps) for _, blank in lesson.blanks(one))):
        text = _with(one, pristine, nth)
        lined = lineup.line_up(one, text)
        for koan in one.koans:
            test = lined.test(koan.name)
            assert not remarks.is_the_question(koan, test, text), test.blanks
            sentences = [b.traps[nth].sentence for b in koan.blanks if -1 < nth < len(b.traps)]
            assert remarks.remark(koan, test, text) == "".join(sentences[:1])


def _with(one, pristine, nth):
    """The lesson with its answers, or with the trap of this number where there is one."""
    codes = [
        blank.traps[nth].code if -1 < nth < len(blank.traps) else blank.answer
        for _, blank in lesson.blanks(one)
    ]
    holes = [pristine.span(hole) for hole in marks.bare(pristine.tree)]
    return pristine.spliced(zip(holes, codes, strict=True))


def test_of_every_plain_question_of_the_course_the_question_is_refused():
    """Where a koan asserts `question == __`, the question typed into it is no answer."""
    for one in Course(ROOT).named(["01", "03", "28"]):
        pristine = cut.pristine(one)
        for statement in ast.walk(pristine.tree):
            if not isinstance(statement, ast.Assert) or not marks.bare(statement):
                continue
            (hole,) = marks.bare(statement)
            if (
                not isinstance(statement.test, ast.Compare)
                or hole not in statement.test.comparators
            ):
                continue
            question = pristine.cut(pristine.span(statement.test.left))
            text = pristine.spliced([(pristine.span(hole), question)])
            for test in lineup.line_up(one, text).tests:
                koan = one.koan(test.name)
                filled = any(blank.text == question for blank in test.blanks)
                assert remarks.is_the_question(koan, test, text) == filled

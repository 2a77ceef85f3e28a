"""The form of the real course. `check` proves what is green and red in it, by trying everything."""

import ast

import pytest

from torchkoans import cut, lesson, marks, spelling
from torchkoans.course import Course
from torchkoans.source import parse

COURSE = Course()
LESSONS = {path.stem: path for path in COURSE.answer_files}
KOANS = (5, 9)  # fewer make no lesson, more are two of them


@pytest.fixture(params=LESSONS, scope="module")
def one(request):
    return lesson.load(LESSONS[request.param])


def blanks(one):
    return [(koan, blank) for koan in one.koans for blank in koan.blanks]


def test_every_blank_has_a_hint_a_trap_and_a_why(one):
    for koan, blank in blanks(one):
        assert blank.hints, koan.name
        assert blank.traps, koan.name
        assert koan.why, koan.name
        assert koan.claims, koan.name


def test_every_kata_has_hints_wrong_solutions_and_a_why(one):
    for kata in one.katas:
        assert len(kata.hints) >= 2, kata.name
        assert len(kata.wrongs) >= 3, kata.name
        assert kata.why, kata.name


def test_no_hint_gives_the_answer_away(one):
    for koan, blank in blanks(one):
        if len(blank.answer) > 3:
            assert not any(blank.answer in hint for hint in blank.hints), koan.name


def test_no_trap_stands_there_twice(one):
    """Of two that read the same, the sentence of the second would never be seen."""
    for koan, blank in blanks(one):
        forms = [spelling.normal(trap.code) for trap in blank.traps]
        assert len(set(forms)) == len(forms), koan.name
        assert len(forms) >= 3, koan.name


def test_a_sentence_of_the_screen_has_no_period_of_its_own(one):
    for koan, blank in blanks(one):
        for said in (*blank.hints, *(trap.sentence for trap in blank.traps)):
            assert not said.endswith("."), f"{koan.name}: {said}"


def test_a_koan_has_one_blank_and_at_most_eight_lines(one):
    fresh = cut.pristine(one)
    functions = {node.name: node for node in parse(fresh.text, one.path).body if named(node)}
    for koan in one.koans:
        if koan.blanks:
            node = functions[koan.name]
            body = fresh.lines[marks.docstring_node(node).end_lineno : node.end_lineno]
            code = [line for line in body if line.strip() and not line.strip().startswith("#")]
            assert len(code) <= 8, koan.name
            assert len(koan.blanks) == 1, koan.name


def named(node):
    return isinstance(node, ast.FunctionDef)


def test_a_sentence_is_said_once(one):
    for koan in one.koans:
        words = koan.name.removeprefix("test_").replace("_", " ")
        assert words.lower() not in koan.docstring.lower()


def test_a_picture_shows_names_of_its_koan(one):
    functions = {node.name: node for node in one.source.tree.body if named(node)}
    for koan in one.koans:
        assert set(koan.picture) <= marks.names(functions[koan.name]), koan.name


def test_a_lesson_has_five_to_nine_koans(one):
    least, most = KOANS
    assert least <= sum(bool(koan.blanks) for koan in one.koans) <= most


def test_the_numbers_have_no_gap():
    assert [path.name[:2] for path in COURSE.answer_files] == [
        f"{number:02}" for number in range(1, len(LESSONS) + 1)
    ]


def test_no_koan_has_the_name_of_another():
    seen = {}
    for one in COURSE.lessons:
        for koan in one.koans:
            assert koan.name not in seen, f"{koan.name} is in {seen[koan.name]} and {one.path.name}"
            seen[koan.name] = one.path.name

"""The answer is shown as it would stand in the learner's own lines."""

import pytest

from torchkoans import cut, lesson, revealing
from torchkoans.course import ROOT, Course

SUM = "test_a_sum_is_a_tensor"


@pytest.fixture
def toy(lean):
    return lean


@pytest.fixture
def revealed(toy):
    def of(name):
        one = next(each for each in toy.lessons if each.koan(name))
        return revealing.revealed(toy, one, one.koan(name))

    return of


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (SUM, ["assert t.sum().item() == 7"]),
        ("test_an_index_may_be_the_blank", ["assert t[:, 1].tolist() == [2, 4]"]),
        ("test_double_gives_twice_as_much", ["# not a loop", "return x * 2"]),
    ],
)
def test_the_line_or_the_body_is_shown(revealed, name, lines):
    assert revealed(name) == lines


@pytest.mark.parametrize(
    ("new", "line"),
    [
        ("item() == 8  # 내 답", "assert t.sum().item() == 7  # 내 답"),
        ("item() == (__, 3)", "assert t.sum().item() == 7"),
    ],
)
def test_it_stands_in_the_learners_own_line(revealed, edit, new, line):
    edit("01", "item() == __", new)
    assert revealed(SUM) == [line]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    assert t.sum().item() == __\n", ""),
        (f"def {SUM}", "def test_mine"),
        (f"def {SUM}(", f"def {SUM}(("),
    ],
)
def test_where_the_blank_is_gone_it_is_the_authors_line(revealed, edit, old, new):
    edit("01", old, new)
    assert revealed(SUM) == ["assert t.sum().item() == 7"]


def test_where_the_file_is_gone_it_is_the_authors_line(revealed, toy):
    (toy.koans / "01_numbers.py").unlink()
    assert revealed(SUM) == ["assert t.sum().item() == 7"]


def test_nothing_is_written(revealed, toy):
    before = {path: path.read_bytes() for path in toy.root.rglob("*") if path.is_file()}
    revealed(SUM)
    assert {path: path.read_bytes() for path in toy.root.rglob("*") if path.is_file()} == before


def test_an_answer_of_several_lines_is_shown_whole(tmp_path):
    path = tmp_path / "answers" / "01_a.py"
    path.parent.mkdir()
    path.write_text(
        '"""A."""\n\nfrom koans import __\n\n\ndef test_a():\n    """A."""\n'
        "    t = __(\n        [\n            1,\n        ]\n    )\n    assert t\n"
    )
    one = lesson.load(path)
    lines = revealing.revealed(Course(tmp_path), one, one.koans[0])
    assert lines == ["t = [", "        1,", "    ]"]


def test_every_answer_of_the_course_can_be_shown(tmp_path):
    course = Course(ROOT)
    for one in course.lessons:
        solved = [line.strip() for line in cut.filled(one).lines]
        for koan in one.koans:
            for line in revealing.revealed(course, one, koan):
                assert line.strip() in solved

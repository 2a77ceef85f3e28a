"""A koan is found by whatever name a person or an editor has for it."""

import pytest

from torchkoans import naming, progress
from torchkoans.course import Course
from torchkoans.source import CourseError

SUM, INDEX, DEVICE = (
    "test_a_sum_is_a_tensor",
    "test_an_index_may_be_the_blank",
    "test_a_device_is_not_the_cpu",
)
DOUBLE = "test_double_gives_twice_as_much"


@pytest.fixture
def toy(lean):
    return lean


@pytest.fixture
def find(toy):
    return lambda name: naming.find(toy, progress.now(toy), name).koan.name


@pytest.fixture
def refusal(find):
    def refused(name):
        with pytest.raises(CourseError) as caught:
            find(name)
        return str(caught.value)

    return refused


@pytest.mark.parametrize(
    ("name", "koan"),
    [
        ("1", SUM),
        ("01", SUM),
        ("01_numbers", SUM),
        ("01_numbers.py", SUM),
        ("koans/01_numbers.py", SUM),
        ("answers/01_numbers.py", SUM),
        ("/somewhere/else/koans/01_numbers.py", SUM),
        (INDEX, INDEX),
        ("an_index_may_be_the_blank", INDEX),
        ("an index may be the blank", INDEX),
        ("An index may be the blank.", INDEX),
        (f"koans/01_numbers.py::{DEVICE}", DEVICE),
        (f"koans/01_numbers.py::{DEVICE}[simgpu]", DEVICE),
        (f"{DEVICE}[cpu]", DEVICE),
        (f"01::{DEVICE}", DEVICE),
        ("double", DOUBLE),
        ("02::double", DOUBLE),
    ],
)
def test_a_koan_has_many_names(find, name, koan):
    assert find(name) == koan


def line_of(path, text):
    lines = path.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("file", "text", "koan"),
    [
        ("koans/01_numbers.py", f"def {INDEX}", INDEX),
        ("koans/01_numbers.py", "t[__]", INDEX),
        ("koans/01_numbers.py", "device.type ==", DEVICE),
        ("koans/02_doubling.py", "raise NotImplementedError", DOUBLE),
        ("koans/02_doubling.py", "@kata", DOUBLE),
        ("koans/02_doubling.py", "@pytest.mark.needs_cuda", "test_only_cuda_can_show_this"),
        ("answers/01_numbers.py", "trap: t.cpu()", DEVICE),
    ],
)
def test_a_line_names_the_koan_that_it_belongs_to(find, toy, file, text, koan):
    number = line_of(toy.root / file, text)
    assert find(f"{file}:{number}") == koan
    assert find(f"{file}:{number}:9") == koan


def test_a_line_is_found_in_a_file_that_does_not_parse(find, edit):
    path = edit("01", "assert t[__]", "assert t[__")
    assert find(f"{path}:{line_of(path, 'assert t[__')}") == INDEX


def test_a_lesson_means_its_first_koan_that_is_not_green(toy, edit):
    edit("01", "item() == __", "item() == 7")
    path = progress.now(toy)
    assert naming.find(toy, path, "01").koan.name == INDEX


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("test_a_sum_is_tensor", "a_sum_is_a_tensor"),
        ("index", "an_index_may_be_the_blank"),
        ("koans/01_numbers.py::test_a_device_is_the_cpu", "a_device_is_not_the_cpu"),
        ("koans/01_number.py", "01_numbers"),
        ("77", "the lessons are 01 to 02"),
        ("koans/01_numbers.py:1", "01_numbers"),
        ("koans/77_x.py:3", "the lessons are 01 to 02"),
        ("::", "the lessons are 01 to 02"),
        ("?", "the lessons are 01 to 02"),
    ],
)
def test_an_unknown_name_is_answered_with_what_is_near(refusal, name, near):
    said = refusal(name)
    assert "there is no such koan; " in said
    assert near in said


def test_a_name_that_two_lessons_have_is_answered_with_both(toy):
    path = toy.answers / "02_doubling.py"
    path.write_text(path.read_text("utf-8").replace("test_only_cuda_can_show_this", SUM), "utf-8")
    course = Course(toy.root)
    with pytest.raises(CourseError) as caught:
        naming.find(course, progress.now(course), SUM)
    assert f"koans/01_numbers.py::{SUM}, koans/02_doubling.py::{SUM}" in str(caught.value)


def test_where_nothing_is_named_it_is_the_next_one(toy, edit):
    assert naming.chosen(toy, progress.now(toy), None).koan.name == SUM
    edit("01", "item() == __", "item() == 7")
    assert naming.chosen(toy, progress.now(toy), None).koan.name == INDEX
    assert naming.chosen(toy, [], None) is None

"""The form of the real course. `check` proves what is green and red in it, by trying everything."""

import pytest

from torchkoans import demands, lesson
from torchkoans.course import Course

COURSE = Course()
LESSONS = {path.stem: path for path in COURSE.answer_files}


@pytest.fixture(params=LESSONS, scope="module")
def one(request):
    return lesson.load(LESSONS[request.param])


@pytest.mark.parametrize("demand", demands.OF_A_LESSON, ids=lambda demand: demand.__name__)
def test_of_every_lesson_it_is_true_that(demand, one):
    """Each demand is seen to name what is missing in test_new."""
    assert [str(missing) for missing in demand(one)] == []


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

"""How a koan stands is read from its text: blank, unwritten, broken, or for a run to tell."""

from pathlib import Path

import pytest

from torchkoans import standing
from torchkoans.source import CourseError, Source
from torchkoans.verdicts import Verdict

SUM, INDEX, DEVICE = (
    "test_a_sum_is_a_tensor",
    "test_an_index_may_be_the_blank",
    "test_a_device_is_not_the_cpu",
)
DOUBLE = "test_double_gives_twice_as_much"

GONE = "the line with its blank is gone; it was: assert t.sum().item() == __"


@pytest.fixture
def stands(toy):
    """How a koan of the toy course stands now."""

    def of(name):
        found = [s for lesson in toy.lessons for s in standing.of_lesson(toy, lesson)]
        (one,) = (each for each in found if each.test == name)
        return one

    return of


@pytest.fixture
def line(toy):
    """The text of a line of a koan file, which is how a person finds it."""

    def of(number, line):
        (path,) = toy.koans.glob(f"{number}_*.py")
        return path.read_text("utf-8").splitlines()[line - 1].strip()

    return of


@pytest.fixture(autouse=True)
def _looked_at_afresh():
    standing.in_file.cache_clear()


def test_a_fresh_koan_is_blank_and_shows_its_line(stands, line):
    one = stands(SUM)
    assert (one.verdict, one.what) == (Verdict.BLANK, "assert t.sum().item() == __")
    assert line("01", one.line) == one.what
    assert not one.altered


def test_a_filled_koan_is_for_a_run_to_tell(stands, line, edit):
    edit("01", "item() == __", "item() == 7")
    one = stands(SUM)
    assert (one.verdict, one.what, one.trap) == (None, "", "")
    assert line("01", one.line) == "assert t.sum().item() == 7"


def test_the_koans_come_in_the_order_of_the_lesson(toy, edit):
    edit("01", f"def {SUM}", "def test_mine")
    found = standing.of_lesson(toy, toy.lessons[0])
    assert [each.test for each in found] == [SUM, INDEX, DEVICE]


@pytest.mark.parametrize("text", ["(__, 3)", "__ + 1", "__()", "7 if __ else 8"])
def test_a_half_filled_blank_is_blank(stands, edit, text):
    edit("01", "item() == __", f"item() == {text}")
    assert stands(SUM).verdict is Verdict.BLANK


def test_a_line_without_its_blank_is_gone_and_said_so(stands, edit, line):
    edit("01", "    assert t.sum().item() == __\n", "")
    one = stands(SUM)
    assert (one.verdict, one.what) == (Verdict.BLANK, GONE)
    assert line("01", one.line) == f"def {SUM}(device):"
    assert one.altered


def test_an_altered_koan_is_said_to_be(stands, edit):
    edit("01", "    assert t.sum().item() == __", "    t = t + 1\n    assert t.sum().item() == 7")
    one = stands(SUM)
    assert (one.verdict, one.altered) == (None, True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("124", "the digits are not put side by side, they are added up"),
        ("124.0", "the digits are not put side by side, they are added up"),
        ("[ 7 ]", "the brackets are gone: one number is left"),
        ("8", ""),
        ("7", ""),
    ],
)
def test_a_known_mistake_brings_its_sentence(stands, edit, text, sentence):
    edit("01", "item() == __", f"item() == {text}")
    assert stands(SUM).trap == sentence


def test_a_test_of_an_unwritten_kata_is_unwritten(stands, line):
    one = stands(DOUBLE)
    assert (one.verdict, one.what) == (Verdict.UNWRITTEN, "double() has no body yet")
    assert line("02", one.line).startswith("def double(")


def test_a_test_of_a_written_kata_is_for_a_run_to_tell(stands, edit):
    edit("02", "raise NotImplementedError", "return x")
    assert stands(DOUBLE).verdict is None


def test_a_test_of_a_kata_that_is_gone_is_broken(stands, edit):
    edit("02", "def double", "def treble")
    one = stands(DOUBLE)
    assert (one.verdict, one.what) == (Verdict.BROKEN, "the kata double is gone")


def test_a_koan_that_is_gone_is_broken_and_names_the_way_back(stands, edit):
    edit("01", f"def {SUM}", "def test_mine")
    one = stands(SUM)
    assert (one.verdict, one.line) == (Verdict.BROKEN, None)
    assert one.what.startswith(f"the koan {SUM} is gone: git diff shows it")


@pytest.mark.parametrize("name", [SUM, INDEX, DEVICE])
def test_a_file_that_does_not_parse_breaks_each_koan_at_the_same_line(stands, edit, line, name):
    edit("01", "item() == __", "item() = = 7")
    one = stands(name)
    assert one.verdict is Verdict.BROKEN
    assert "SyntaxError" in one.what
    assert line("01", one.line) == "assert t.sum().item() = = 7"


def test_a_file_that_is_gone_breaks_each_koan(stands, toy):
    (toy.koans / "01_numbers.py").unlink()
    one = stands(INDEX)
    assert (one.verdict, one.line) == (Verdict.BROKEN, None)
    assert "this koan file is gone" in one.what


def test_a_file_that_is_not_utf8_breaks_each_koan_at_its_line(stands, toy):
    path = toy.koans / "01_numbers.py"
    path.write_bytes(path.read_bytes().replace("열".encode(), b"\xff"))
    one = stands(SUM)
    assert one.verdict is Verdict.BROKEN
    assert "save the file as UTF-8" in one.what
    bad = path.read_bytes().splitlines()[one.line - 1]
    assert b"\xff means column" in bad


def test_the_other_file_is_not_touched_by_a_broken_one(stands, edit):
    edit("01", "item() == __", "item() = = 7")
    assert stands(DOUBLE).verdict is Verdict.UNWRITTEN


# -- by the text alone ---------------------------------------------------------------------------


def alone(text):
    return list(standing.of_source(Source(Path("mine.py"), text)))


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("assert x == __", Verdict.BLANK),
        ("print(__)", Verdict.BLANK),
        ("assert x == __(5)", None),
        ("assert '__'", None),
        ("assert f(1)", Verdict.UNWRITTEN),
        ("assert f(__)", Verdict.BLANK),
        ("assert g(1)", None),
    ],
)
def test_any_file_tells_by_itself(body, verdict):
    katas = "@kata\ndef f(x):\n    raise NotImplementedError\n\n@kata\ndef g(x):\n    return x\n\n"
    (one,) = alone(f"{katas}def test_a():\n    {body}\n")
    assert one.verdict is verdict


def test_by_itself_a_blank_shows_its_line():
    (one,) = alone("def test_a():\n    x = 1\n    assert x == __\n")
    assert (one.line, one.what) == (3, "assert x == __")


def test_helpers_are_no_koans():
    assert alone("def helper():\n    return __\n") == []


def test_a_text_that_does_not_parse_is_refused():
    with pytest.raises(CourseError):
        alone("def test_a(:\n")


# -- in a file of the course ---------------------------------------------------------------------


def in_file(toy, name):
    return standing.in_file(toy.root, toy.koans / name)


def test_a_koan_file_tells_of_its_tests_by_name(toy):
    found = in_file(toy, "01_numbers.py")
    assert [found.get(name).verdict for name in (SUM, INDEX, DEVICE)] == [Verdict.BLANK] * 3
    assert found.get("test_of_another_name") is None


def test_a_blank_that_stands_elsewhere_counts_too(toy, edit):
    edit("01", "    assert t.sum().item() == __", "    x = __\n    assert t.sum().item() == 7")
    one = in_file(toy, "01_numbers.py").get(SUM)
    assert (one.verdict, one.what, one.altered) == (Verdict.BLANK, "x = __", True)


def test_a_test_of_ones_own_stands_by_its_text(toy, edit):
    edit("01", "def test_an_index", "def test_mine():\n    assert __\n\n\ndef test_an_index")
    assert in_file(toy, "01_numbers.py").get("test_mine").verdict is Verdict.BLANK


def test_a_file_without_a_lesson_stands_by_its_text(toy):
    (toy.koans / "09_mine.py").write_text("def test_a():\n    assert __\n")
    assert in_file(toy, "09_mine.py").get("test_a").verdict is Verdict.BLANK


def test_an_answer_file_is_filled(toy):
    found = standing.in_file(toy.root, toy.answers / "01_numbers.py")
    assert [found.get(name).verdict for name in (SUM, INDEX, DEVICE)] == [None] * 3


def test_of_a_file_that_does_not_parse_nothing_is_said(toy, edit):
    edit("01", "item() == __", "item() = = 7")
    assert in_file(toy, "01_numbers.py").get(SUM) is None


def test_a_koan_file_is_held_against_its_own_lesson_alone(toy, edit):
    """A file is told about without reading the other lessons, be they broken or forty."""
    (other,) = toy.answers.glob("02_*.py")
    other.write_text("def (", encoding="utf-8")
    path = edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    found = standing.in_file(toy.root, path)
    assert found.get("test_a_sum_is_a_tensor").verdict is None
    assert found.get("test_an_index_may_be_the_blank").verdict is Verdict.BLANK

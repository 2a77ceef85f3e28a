"""Filling gives back a whole file, and keeps what a learner has written."""

import ast

import pytest

from torchkoans import cut, filling, lesson, marks
from torchkoans.course import ROOT, Course
from torchkoans.source import CourseError, Source

TESTS = ["test_a_sum_is_a_tensor", "test_an_index_may_be_the_blank", "test_a_device_is_not_the_cpu"]


@pytest.fixture
def numbers(toy):
    """The toy's lesson of three koans."""
    return toy.lessons[0]


@pytest.fixture
def doubling(toy):
    """The toy's lesson with a kata."""
    return toy.lessons[1]


def rest(of, *changes):
    """Fill what is left of the pristine koans after some replacements."""
    text = cut.pristine(of).text
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return filling.rest(of, Source(of.path, text))


def solved(of, *changes):
    text = cut.filled(of).text
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


# -- the whole -----------------------------------------------------------------------------------


def test_the_whole_is_the_solved_lesson(numbers):
    assert filling.whole(numbers) == filling.Filled(cut.filled(numbers))


@pytest.mark.parametrize("root", [ROOT, ROOT / "tests" / "toy"], ids=["answers", "toy"])
def test_the_rest_of_a_fresh_file_is_the_solved_lesson(root):
    for path in Course(root).answer_files:
        of = lesson.load(path)
        assert rest(of) == filling.Filled(cut.filled(of))


# -- what a learner wrote stays ------------------------------------------------------------------


def test_an_answer_stays_be_it_wrong(numbers):
    filled = rest(numbers, ("item() == __", "item() == 124"))
    assert filled.source.text == solved(numbers, ("item() == 7", "item() == 124"))
    assert filled.restored == ()


def test_prints_and_comments_stay(numbers):
    filled = rest(numbers, ("    assert t.sum()", "    print(t)  # 메모\n    assert t.sum()"))
    assert "    print(t)  # 메모\n    assert t.sum().item() == 7\n" in filled.source.text


def test_an_altered_koan_stays_and_its_blank_is_filled(numbers):
    filled = rest(numbers, ("    t = __\n", "    u = t\n    t = __\n"))
    assert "    u = t\n    t = t.to(accelerator)\n" in filled.source.text
    assert filled.restored == ()


def test_a_half_filled_blank_is_filled_whole(numbers):
    filled = rest(numbers, ("item() == __", "item() == (__ + 1)"))
    assert filled.source.text == cut.filled(numbers).text


def test_a_test_of_ones_own_stays(numbers):
    mine = "\n\ndef test_mine():\n    assert True\n"
    text = cut.pristine(numbers).text + mine
    filled = filling.rest(numbers, Source(numbers.path, text))
    assert filled.source.text == cut.filled(numbers).text + mine


def test_a_written_kata_stays(doubling):
    filled = rest(doubling, ("    raise NotImplementedError\n", "    return x - x\n"))
    assert "    return x - x\n" in filled.source.text
    assert "x * 2" not in filled.source.text


# -- what is lost comes back ---------------------------------------------------------------------


def same_program(one, other):
    return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))


def test_a_koan_without_its_line_is_taken_whole(numbers):
    filled = rest(numbers, ("    assert t.sum().item() == __\n", ""))
    assert same_program(filled.source.text, cut.filled(numbers).text)
    assert filled.restored == (TESTS[0],)


def test_a_koan_with_its_blank_erased_is_taken_whole(numbers):
    filled = rest(numbers, ("    assert t[__].tolist() == [2, 4]\n", "    t[0]\n"))
    assert filled.source.text == cut.filled(numbers).text
    assert filled.restored == (TESTS[1],)


def test_a_koan_that_was_renamed_comes_back_at_the_end(numbers):
    filled = rest(numbers, (f"def {TESTS[0]}", "def test_mine"))
    names = [node.name for node in filled.source.tree.body if isinstance(node, ast.FunctionDef)]
    assert names == ["test_mine", TESTS[1], TESTS[2], TESTS[0]]
    assert filled.restored == (TESTS[0],)
    assert "\n\n\n\n" not in filled.source.text
    assert filled.source.text.endswith("    assert t.sum().item() == 7\n")


def test_several_koans_come_back_in_their_order(numbers):
    filled = rest(numbers, (f"def {TESTS[0]}", "def test_x"), (f"def {TESTS[2]}", "def test_y"))
    names = [node.name for node in filled.source.tree.body if isinstance(node, ast.FunctionDef)]
    assert names == ["test_x", TESTS[1], "test_y", TESTS[0], TESTS[2]]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing left\n", "import torch\n"])
def test_of_a_file_with_no_koan_left_the_whole_lesson_comes_back(numbers, text):
    filled = filling.rest(numbers, Source(numbers.path, text))
    assert filled.source.text == cut.filled(numbers).text
    assert filled.restored == tuple(TESTS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    raise NotImplementedError\n", ""),
        ("    raise NotImplementedError\n", "    # hm\n    pass\n"),
        ("    raise NotImplementedError\n", "    y = x\n    raise NotImplementedError\n"),
        ('double."""\n    raise NotImplementedError', 'double."""; raise NotImplementedError'),
        ("@kata\n", ""),
        ("def double(x: torch.Tensor)", "def double(y)"),
    ],
    ids=["erased", "passed", "begun", "beside its docstring", "not marked", "other parameters"],
)
def test_an_unwritten_kata_is_written_whatever_is_left_of_it(doubling, old, new):
    filled = rest(doubling, (old, new))
    assert same_program(filled.source.text, cut.filled(doubling).text)


def test_a_kata_on_one_line_is_taken_whole(doubling):
    pristine = cut.pristine(doubling).text
    start, end = pristine.index("def double"), pristine.index("\n\n\ndef test_double")
    line = "def double(x: torch.Tensor) -> torch.Tensor: raise NotImplementedError"
    text = pristine[:start] + line + pristine[end:]
    filled = filling.rest(doubling, Source(doubling.path, text))
    assert filled.source.text == cut.filled(doubling).text
    assert filled.restored == ("double",)


def test_a_kata_that_is_gone_comes_back(doubling):
    pristine = cut.pristine(doubling).text
    start, end = pristine.index("@kata"), pristine.index("def test_double")
    filled = filling.rest(doubling, Source(doubling.path, pristine[:start] + pristine[end:]))
    assert filled.restored == ("double",)
    assert any(marks.is_kata(node) for node in filled.source.tree.body)


def test_a_kata_indented_with_tabs_is_taken_whole(doubling):
    text = cut.pristine(doubling).text.replace("    ", "\t")
    filled = filling.rest(doubling, Source(doubling.path, text))
    assert same_program(filled.source.text, cut.filled(doubling).text)


def test_crlf_stays_crlf_throughout(doubling):
    text = cut.pristine(doubling).text.replace("def test_only", "def test_mine")
    filled = filling.rest(doubling, Source(doubling.path, text.replace("\n", "\r\n")))
    assert filled.restored == ("test_only_cuda_can_show_this",)
    assert filled.source.text.count("\n") == filled.source.text.count("\r\n")
    assert "    return x * 2\r\n" in filled.source.text


def test_a_file_that_does_not_parse_is_refused_with_its_line(numbers):
    with pytest.raises(CourseError) as caught:
        rest(numbers, ("item() == __", "item() == ("))
    assert "never closed" in caught.value.what
    lines = cut.pristine(numbers).lines
    assert lines[caught.value.line - 1] == "    assert t.sum().item() == __"


# -- the copy ------------------------------------------------------------------------------------


@pytest.fixture
def copy(toy, tmp_path):
    """A copy of the toy course."""
    return filling.copy_course(toy, toy.lessons, tmp_path / "copy")


def test_a_copy_holds_all_that_it_takes_to_run(copy, toy):
    assert [path.name for path in copy.answer_files] == [path.name for path in toy.answer_files]
    for name in ("conftest.py", "pytest.ini", "koans/__init__.py", "scripts/torchkoans/cut.py"):
        assert (copy.root / name).read_bytes() == (toy.root / name).read_bytes()


def test_a_copy_holds_the_named_lessons_alone(toy, tmp_path):
    copy = filling.copy_course(toy, toy.lessons[1:], tmp_path / "copy")
    assert [path.name for path in copy.answer_files] == ["02_doubling.py"]


def test_koans_are_written_into_the_copy(copy, numbers):
    filling.write_koans(copy, [cut.filled(numbers)])
    assert (copy.koans / "01_numbers.py").read_text("utf-8") == cut.filled(numbers).text


def test_a_copy_may_be_made_again(toy, copy, numbers):
    filling.write_koans(copy, [cut.filled(numbers)])
    again = filling.copy_course(toy, toy.lessons, copy.root)
    filling.write_koans(again, [cut.pristine(numbers)])
    assert (copy.koans / "01_numbers.py").read_text("utf-8") == cut.pristine(numbers).text


def test_a_koan_that_was_worked_on_in_the_copy_is_left_alone(copy, numbers):
    filling.write_koans(copy, [cut.filled(numbers)])
    (copy.koans / "01_numbers.py").write_text("mine")
    with pytest.raises(CourseError, match="changed since fill wrote it"):
        filling.write_koans(copy, [cut.filled(numbers)])
    assert (copy.koans / "01_numbers.py").read_text() == "mine"


def test_a_folder_of_somebody_elses_is_refused(toy, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").touch()
    with pytest.raises(CourseError, match="fill did not make"):
        filling.copy_course(toy, toy.lessons, other)
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_will_do(toy, tmp_path):
    (tmp_path / "other").mkdir()
    assert filling.copy_course(toy, toy.lessons, tmp_path / "other").koans.is_dir()


@pytest.mark.parametrize("where", [".", "koans", "koans/below", "koans/../koans"])
def test_a_learners_own_koans_are_never_written_to(toy, where):
    before = {path.name: path.read_bytes() for path in toy.koans.iterdir()}
    with pytest.raises(CourseError, match="never writes there"):
        filling.copy_course(toy, toy.lessons, toy.root / where)
    assert {path.name: path.read_bytes() for path in toy.koans.iterdir()} == before


def test_a_file_in_the_way_is_refused(toy, tmp_path):
    (tmp_path / "copy").touch()
    with pytest.raises(CourseError, match="name a folder"):
        filling.copy_course(toy, toy.lessons, tmp_path / "copy")


def test_what_was_made_is_said_in_a_sentence(numbers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    filled = [filling.whole(numbers), filling.Filled(cut.filled(numbers), ("test_a", "test_b"))]
    assert filling.describe(filled, tmp_path / "copy") == (
        "2 koan files filled in copy; taken whole from the answers: test_a, test_b"
    )

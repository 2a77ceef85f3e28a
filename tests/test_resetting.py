"""A reset puts back the one koan that was meant; of everything else no byte is touched or lost."""

import ast

import pytest

from torchkoans import cut, lesson, resetting
from torchkoans.course import ROOT, Course
from torchkoans.source import CourseError, Source, read

SUM, INDEX = "test_a_sum_is_a_tensor", "test_an_index_may_be_the_blank"
DOUBLE = "test_double_gives_twice_as_much"


@pytest.fixture
def toy(lean):
    return lean


@pytest.fixture
def of(toy):
    """What every function here is asked with: course, lesson, koan."""

    def koan(name):
        one = next(each for each in toy.lessons if each.koan(name))
        return toy, one, one.koan(name)

    return koan


@pytest.fixture
def pristine(toy):
    return {path.name: path.read_bytes() for path in toy.koans.glob("[0-9]*.py")}


CHANGES = [
    ("item() == __", "item() == 8  # 내 답"),
    ("item() == __", "item() == (__, 3)"),
    ("    assert t.sum().item() == __\n", ""),
    ("    assert t.sum().item() == __\n", "    print(t)\n    assert t.sum() == __\n    return\n"),
    ("item() == __", "item() == = 7"),
    ("item() == __", "item() == (7"),
    ("item() == __", "item() == '''7"),
    (f"def {SUM}(device):", f"@pytest.mark.skip\ndef {SUM}():"),
    (f"def {SUM}(device):", f"def {SUM}(device:"),
    ('더하기 means to add."""', "더하기 means to add."),
    ("item() == __", "item() ==\t7\n  x = 3"),
    (f"def {SUM}(device):", f"async def {SUM}(device):"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_koan_is_put_back_whatever_became_of_it(of, edit, pristine, old, new):
    path = edit("01", old, new)
    kept = resetting.reset(*of(SUM))
    assert path.read_bytes() == pristine["01_numbers.py"]
    assert new.encode() in kept.read_bytes()


@pytest.mark.parametrize(("old", "new"), CHANGES)
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_the_line_ends_of_the_file_stay(of, edit, pristine, old, new, end):
    path = edit("01", old, new)
    path.write_bytes(path.read_bytes().replace(b"\n", end.encode()))
    resetting.reset(*of(SUM))
    assert path.read_bytes() == pristine["01_numbers.py"].replace(b"\n", end.encode())


def test_everything_else_stays_byte_for_byte(of, edit, pristine):
    edit("01", "import torch\n", "import torch, math   # mine\n")
    edit("01", "t[__]", "t[:,  1]  # 내 것")
    edit(
        "01", "def test_a_device", "x  =  1\n\n\ndef  test_mine( ):\n  pass\n\n\ndef test_a_device"
    )
    path = edit("01", "item() == __", "item() == 8")
    before = path.read_bytes()
    resetting.reset(*of(SUM))
    assert path.read_bytes() == before.replace(b"item() == 8", b"item() == __")


def test_a_bom_and_a_missing_line_end_stay(of, edit, pristine):
    path = edit("01", "t[__]", "t[:, 1]")
    before = b"\xef\xbb\xbf" + path.read_bytes().rstrip(b"\n")
    path.write_bytes(before)
    resetting.reset(*of(INDEX))
    assert path.read_bytes() == before.replace(b"t[:, 1]", b"t[__]")


def test_what_stands_below_a_koan_that_does_not_parse_stays(of, edit):
    path = edit("01", "item() == __\n", "item() == (7\n\n\nSIZE = 3  # mine\n")
    resetting.reset(*of(SUM))
    assert "item() == __\n\n\nSIZE = 3  # mine\n\n\ndef" in path.read_text("utf-8")


@pytest.mark.parametrize("name", [SUM, INDEX, "test_a_device_is_not_the_cpu"])
def test_a_koan_that_is_gone_comes_back_to_its_place(of, toy, pristine, name):
    path = toy.koans / "01_numbers.py"
    source = read(path)
    (node,) = (node for node in source.tree.body if getattr(node, "name", "") == name)
    start, end = cut.whole_span(source, node)
    after = source.cut((end, len(source.data)))
    path.write_bytes((source.cut((0, start)).rstrip() + "\n" + after).encode())
    resetting.reset(*of(name))
    assert path.read_bytes() == pristine["01_numbers.py"]


def test_the_first_koan_comes_back_where_every_one_is_gone(of, toy):
    path = toy.koans / "01_numbers.py"
    path.write_text("import torch\n\nfrom koans import __", encoding="utf-8")
    resetting.reset(*of(SUM))
    text = path.read_text("utf-8")
    assert text.startswith(f"import torch\n\nfrom koans import __\n\n\ndef {SUM}(")
    assert text.endswith("== __\n")


def test_of_two_with_one_name_one_is_left(of, edit, pristine):
    path = edit("01", f"def {INDEX}", f"def {SUM}():\n    pass\n\n\ndef {INDEX}")
    resetting.reset(*of(SUM))
    assert path.read_text("utf-8").count(f"def {SUM}") == 1
    assert "pass" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    raise NotImplementedError", "    y = x\n    return y + y"),
        ("    raise NotImplementedError", "    return (x"),
        ("def double(x: torch.Tensor)", "def double(y)"),
        ("double(x).tolist()", "double(x + 1).tolist()"),
    ],
)
def test_a_kata_is_put_back_with_its_koan(of, edit, pristine, old, new):
    path = edit("02", old, new)
    resetting.reset(*of(DOUBLE))
    assert path.read_bytes() == pristine["02_doubling.py"]


def test_a_kata_that_is_gone_comes_back(of, toy, edit, pristine):
    source = read(toy.koans / "02_doubling.py")
    (node,) = (node for node in source.tree.body if getattr(node, "name", "") == "double")
    edit("02", source.cut(cut.whole_span(source, node)) + "\n\n", "")
    resetting.reset(*of(DOUBLE))
    assert (toy.koans / "02_doubling.py").read_bytes() == pristine["02_doubling.py"]


# -- what is lost, and where it is kept ------------------------------------------------------------


def test_the_lines_that_go_are_named(of, edit):
    edit("01", "    assert t.sum().item() == __", "    print(t)\n\n    assert t.sum().item() == 8")
    assert resetting.lost(*of(SUM)) == ["    print(t)", "    assert t.sum().item() == 8"]
    assert resetting.lost(*of(INDEX)) == []


def test_what_was_only_deleted_takes_no_line_away(of, edit):
    edit("01", "    assert t.sum().item() == __\n", "")
    assert resetting.lost(*of(SUM)) == []
    assert not resetting.is_pristine(*of(SUM))
    assert resetting.is_pristine(*of(INDEX))


def test_each_reset_keeps_a_copy_of_its_own(of, edit, monkeypatch):
    monkeypatch.setattr("time.strftime", lambda _: "20250101-120000")
    kept = []
    for answer in ("7", "8", "9"):
        edit("01", "item() == __", f"item() == {answer}")
        kept.append(resetting.reset(*of(SUM)))
    assert [each.name for each in kept] == [
        "20250101-120000_01_numbers.py",
        "20250101-120000-1_01_numbers.py",
        "20250101-120000-2_01_numbers.py",
    ]
    assert [f"item() == {n}" in each.read_text("utf-8") for n, each in zip("789", kept)] == [1] * 3  # noqa: B905


def test_where_no_copy_can_be_kept_nothing_is_changed(of, toy, edit):
    path = edit("01", "item() == __", "item() == 8")
    (toy.root / ".torch-koans").write_text("somebody's file")
    before = path.read_bytes()
    with pytest.raises(CourseError, match="cannot be written"):
        resetting.reset(*of(SUM))
    assert path.read_bytes() == before


def test_a_file_that_is_read_only_is_left_alone(of, edit):
    path = edit("01", "item() == __", "item() == 8")
    path.chmod(0o444)
    with pytest.raises(CourseError, match="read-only"):
        resetting.reset(*of(SUM))
    assert b"== 8" in path.read_bytes()


# -- what cannot be put back by itself -------------------------------------------------------------


@pytest.mark.parametrize("ask", [resetting.lost, resetting.is_pristine, resetting.reset])
def test_a_koan_that_is_nowhere_to_be_found_is_refused_with_the_way_out(of, edit, ask):
    path = edit("01", f"def {SUM}(device):", f"dee {SUM}(device):")
    before = path.read_bytes()
    with pytest.raises(CourseError) as caught:
        ask(*of(SUM))
    assert "cannot be put back by itself; the whole file can: " in str(caught.value)
    assert "scripts/blank.py" in str(caught.value)
    assert path.read_bytes() == before


def test_a_file_that_is_gone_is_refused_with_the_way_out(of, toy):
    (toy.koans / "01_numbers.py").unlink()
    with pytest.raises(CourseError, match=r"a fresh one: .*scripts/blank\.py"):
        resetting.reset(*of(SUM))


# -- whole lessons ---------------------------------------------------------------------------------


def test_a_whole_lesson_is_put_back_and_kept(toy, edit, pristine):
    path = edit("01", "item() == __", "item() == (8")
    edit("01", "t[__]", "t[:, 1]")
    assert [line.strip() for line in resetting.lost_with_lesson(toy, toy.lessons[0])] == [
        "assert t.sum().item() == (8",
        "assert t[:, 1].tolist() == [2, 4]",
    ]
    kept = resetting.reset_lesson(toy, toy.lessons[0])
    assert path.read_bytes() == pristine["01_numbers.py"]
    assert b"t[:, 1]" in kept.read_bytes()


def test_a_lesson_that_cannot_be_read_is_put_back_and_kept(toy, pristine):
    path = toy.koans / "01_numbers.py"
    path.write_bytes(b"x = '\xff'\n")
    (said,) = resetting.lost_with_lesson(toy, toy.lessons[0])
    assert "save the file as UTF-8" in said
    assert resetting.reset_lesson(toy, toy.lessons[0]).read_bytes() == b"x = '\xff'\n"
    assert path.read_bytes() == pristine["01_numbers.py"]


def test_a_lesson_that_is_gone_comes_back(toy, pristine):
    (toy.koans / "01_numbers.py").unlink()
    assert resetting.lost_with_lesson(toy, toy.lessons[0]) == []
    assert resetting.reset_lesson(toy, toy.lessons[0]) is None
    assert (toy.koans / "01_numbers.py").read_bytes() == pristine["01_numbers.py"]


# -- every lesson of the course --------------------------------------------------------------------

FILES = sorted((ROOT / "answers").glob("[0-9]*.py"))
SPOILT = [lambda text: text.replace("(", "((", 1), lambda text: f"{text.rstrip()} (\n"]


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_each_koan_of_a_solved_and_spoilt_file_can_be_put_back_alone(path):
    one = lesson.load(path)
    solved, fresh = cut.filled(one), cut.pristine(one)
    theirs, ours = spans(solved), spans(fresh)
    for number, koan in enumerate(one.koans[:: len(one.koans) // 3]):
        names = (koan.name, *koan.katas)
        back = solved.spliced((theirs[name], fresh.cut(ours[name])) for name in names)
        assert resetting._reset(one, koan, solved).text == back.text
        text = SPOILT[number % 2](solved.cut(theirs[koan.name]))
        spoilt = solved.spliced([(theirs[koan.name], text)])
        assert resetting._reset(one, koan, spoilt).text == back.text


def spans(source: Source):
    functions = [node for node in source.tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: cut.whole_span(source, node) for node in functions}


def test_the_course_in_a_folder_is_not_touched_by_asking(toy):
    before = {path: path.read_bytes() for path in toy.root.rglob("*") if path.is_file()}
    course = Course(toy.root)
    for koan in course.lessons[0].koans:
        resetting.lost(course, course.lessons[0], koan)
    assert {path: path.read_bytes() for path in toy.root.rglob("*") if path.is_file()} == before

"""Text is read as it is, addressed by bytes, and written whole or not at all."""

import contextlib
import gc
import os
from pathlib import Path

import pytest

from torchkoans.source import CourseError, Source, all_stays, parse, read, shown, write

KOREAN = "x = '빈칸'; y = 2\nz = 3\n"


def source(text, encoding="utf-8"):
    return Source(Path("koan.py"), text, encoding)


@pytest.fixture
def file(tmp_path):
    """A file with these bytes."""

    def made(data):
        path = tmp_path / "koan.py"
        path.write_bytes(data)
        return path

    return made


# -- places --------------------------------------------------------------------------------------


def test_offsets_count_bytes_where_the_text_is_not_ascii():
    it = source(KOREAN)
    second = it.tree.body[1]
    assert it.cut(it.span(second)) == "y = 2"


def test_a_span_reaches_from_the_first_node_to_the_last():
    it = source(KOREAN)
    assert it.cut(it.span(*it.tree.body[:2])) == "x = '빈칸'; y = 2"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_are_those_that_python_counts(end):
    it = source(f"a = 1{end}{end}b = 2{end}")
    assert it.lines == ["a = 1", "", "b = 2", ""]
    assert it.cut(it.span(it.tree.body[1])) == "b = 2"
    assert it.newline == end


def test_a_form_feed_ends_no_line():
    it = source("a = 1\n\f\nb = 'x\x1cy'\n")
    assert it.lines == ["a = 1", "\f", "b = 'x\x1cy'", ""]


def test_the_line_ends_of_the_first_line_count():
    assert source("a\r\nb\n").newline == "\r\n"


def test_a_file_of_one_line_without_an_end_has_lf():
    assert source("a").newline == "\n"


@pytest.mark.parametrize(("offset", "line"), [(0, 1), (4, 1), (5, 1), (6, 2), (11, 2), (12, 3)])
def test_a_line_begins_behind_the_end_of_the_one_before(offset, line):
    assert source("a = 1\nb = 2\nc").line_at(offset) == line


def test_whole_lines_come_with_their_ends():
    it = source("a\r\n빈\r\nc\r\n")
    assert it.cut(it.line_span(2, 3)) == "빈\r\nc\r\n"


def test_the_last_line_may_have_no_end():
    it = source("a\nb")
    assert it.cut(it.line_span(2, 2)) == "b"


def test_lines_beyond_the_end_are_nothing():
    it = source("a\nb\n")
    assert it.cut(it.line_span(2, 99)) == "b\n"


def test_a_text_in_another_file_need_not_be_parsed_again():
    here = source(KOREAN)
    tree = here.tree
    there = here.at(Path("other.py"), "utf-8-sig")
    assert (there.path, there.encoding, there.text) == (Path("other.py"), "utf-8-sig", KOREAN)
    assert there.tree is tree
    assert (here.path, here.encoding) == (Path("koan.py"), "utf-8")


@pytest.mark.parametrize("on", [True, False])
def test_garbage_is_looked_for_afterwards_as_it_was_before(on):
    was = gc.isenabled()
    try:
        gc.enable() if on else gc.disable()
        with all_stays():
            assert not gc.isenabled()
        assert gc.isenabled() is on
    finally:
        gc.enable() if was else gc.disable()


# -- splicing ------------------------------------------------------------------------------------


def test_each_span_is_replaced_wherever_the_others_move_it():
    it = source(KOREAN)
    x, y, z = (it.span(node.value) for node in it.tree.body)
    assert it.spliced([(z, "넷"), (x, "1"), (y, "'두 배'")]).text == "x = 1; y = '두 배'\nz = 넷\n"


def test_an_empty_span_inserts():
    assert source("ab").spliced([((1, 1), "-")]).text == "a-b"


def test_an_insertion_may_touch_a_replacement():
    assert source("abc").spliced([((1, 2), "X"), ((1, 1), "-"), ((2, 2), "+")]).text == "a-X+c"


@pytest.mark.parametrize("other", [(0, 2), (1, 3), (2, 4), (1, 2)])
def test_spans_that_overlap_are_refused(other):
    with pytest.raises(ValueError, match="overlapping"):
        source("abcd").spliced([((1, 3), ""), (other, "")])


def test_splicing_keeps_path_and_encoding():
    it = source("a", "cp949").spliced([])
    assert (it.path, it.encoding) == (Path("koan.py"), "cp949")


# -- parsing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("x = 1\ny = (\n", 2, "SyntaxError: '(' was never closed"),
        ("if x:\ny = 1\n", 2, "IndentationError"),
        ("if x:\n\ty = 1\n        z = 1\n", 3, "TabError"),
        ("x = 'abc\n", 1, "unterminated string"),
    ],
    ids=["bracket", "indentation", "tab", "string"],
)
def test_what_does_not_parse_is_refused_with_its_line(text, line, what):
    with pytest.raises(CourseError) as caught:
        _ = source(text).tree
    assert caught.value.line == line
    assert what in caught.value.what


@pytest.mark.parametrize(
    "text", ["x = '\0'", "(" * 5000 + ")" * 5000, "+".join("1" * 50_000), "-" * 50_000 + "1"]
)
def test_nothing_but_a_course_error_comes_out_of_the_parser(text):
    """Some versions of Python can parse what is too much for others."""
    with contextlib.suppress(CourseError):
        parse(text, Path("koan.py"))


def test_a_doubtful_escape_is_no_warning(recwarn):
    parse("x = '\\d'\nx is 5\n", Path("koan.py"))
    assert not recwarn.list


# -- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("x = '빈칸'\n".encode(), "x = '빈칸'\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n"),
        ("#!python\n# coding: cp949\nx = '빈칸'\n".encode("cp949"), None),
        (b"", ""),
        (b"x = 1", "x = 1"),
    ],
    ids=["utf-8", "BOM", "CRLF", "latin-1", "cp949", "empty", "no newline"],
)
def test_what_is_read_goes_back_byte_for_byte(file, data, text):
    it = read(file(data))
    assert it.encoded() == data
    assert it.text == text or (text is None and "빈칸" in it.text)


def test_a_bom_is_no_part_of_the_text(file):
    it = read(file(b"\xef\xbb\xbfx = 1\n"))
    assert it.cut(it.span(it.tree.body[0])) == "x = 1"


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"x = 1\r\ny = '\xff'\n", 2, "byte 0xff is not utf-8: save the file as UTF-8"),
        ("x = 1\n\n# 빈칸\n".encode("cp949"), 3, "is not utf-8"),
        (b"# coding: nonsense\n", 1, "unknown encoding: nonsense: save the file as UTF-8"),
        (b"# coding: rot13\nx\n", 1, "it is not rot13: save the file as UTF-8"),
        (b"# coding: hex\nx\n", 1, "it is not hex: save the file as UTF-8"),
        (b"# coding: undefined\nx\n", 1, "save the file as UTF-8"),
        (b"# coding: raw_unicode_escape\n'\\ud800'\n", 1, "save the file as UTF-8"),
        (b"# coding: ascii\nx = '\xff'\n", 2, "byte 0xff is not ascii"),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(file, data, line, what):
    with pytest.raises(CourseError) as caught:
        read(file(data))
    assert caught.value.line == line
    assert what in caught.value.what


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CourseError, match=r"koan\.py: there is no such file"):
        read(tmp_path / "koan.py")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(CourseError, match="it cannot be read"):
        read(tmp_path)


def test_a_letter_that_the_declared_encoding_lacks_is_refused_with_its_line():
    with pytest.raises(CourseError) as caught:
        source("a\nb = '빈'\n", "latin-1").encoded()
    assert str(caught.value) == "koan.py:2: latin-1 has no 빈: save the file as UTF-8"


# -- writing -------------------------------------------------------------------------------------


def test_writing_makes_the_folders(tmp_path):
    path = tmp_path / "a" / "b" / "koan.py"
    write(path, b"x\r\n")
    assert path.read_bytes() == b"x\r\n"


def test_writing_leaves_nothing_beside(file):
    path = file(b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == ["koan.py"]  # noqa: PTH208 - every name counts


def test_writing_keeps_the_mode(file):
    path = file(b"old")
    path.chmod(0o640)
    write(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_mode_that_any_program_would_give_it(tmp_path):
    (tmp_path / "other").touch()
    write(tmp_path / "koan.py", b"")
    assert (tmp_path / "koan.py").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_read_only_file_is_left_alone(file):
    path = file(b"old")
    path.chmod(0o444)
    with pytest.raises(CourseError, match="read-only"):
        write(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_disk_that_refuses_leaves_the_old_file(file, monkeypatch):
    path = file(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("torchkoans.source.os.fsync", full)
    with pytest.raises(CourseError, match="it cannot be written: No space left"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in path.parent.iterdir()] == ["koan.py"]


# -- naming --------------------------------------------------------------------------------------


def test_a_path_below_the_current_folder_is_shown_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "koans" / "01_a.py") == "koans/01_a.py"


def test_a_path_elsewhere_is_shown_in_full(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert shown(tmp_path / "koan.py") == (tmp_path / "koan.py").as_posix()


def test_an_error_without_a_line_names_the_file():
    assert str(CourseError("koan.py", None, "no")) == "koan.py: no"

"""The koan is the answer without its answers, and otherwise the same to the byte."""

import ast
from functools import cache

import pytest

from torchkoans import cut, directives, lesson, marks
from torchkoans.course import ROOT

HEAD = '"""A lesson."""\n\nimport torch\n\nfrom koans import __, kata\n\n\n'
USE = 'def test_double():\n    """It doubles."""\n    assert double(2) == 4\n'


@pytest.fixture
def load(tmp_path):
    def loaded(text, head=HEAD):
        path = tmp_path / "01_a.py"
        path.write_bytes((head + text).encode())
        return lesson.load(path)

    return loaded


@pytest.fixture
def pristine(load):
    """What is cut from this text, without the head."""

    def cut_from(text, head=HEAD):
        whole = cut.pristine(load(text, head)).text
        assert whole.startswith(head)
        return whole.removeprefix(head)

    return cut_from


def koan(body):
    return f'def test_a():\n    """A koan."""\n{body}'


# -- blanks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("assert t == __(1)", "assert t == __"),
        ("assert t == __((1, 2))  # 둘", "assert t == __  # 둘"),
        ("assert '한글' == __('빈칸'), '아니'", "assert '한글' == __, '아니'"),
        ("t = t[__[:, 1:]]", "t = t[__]"),
        ("t = t[__(0), 1]", "t = t[__, 1]"),
        ("t = f(__(g(h(1)))).x", "t = f(__).x"),
        ("t = (__(1 if t else 2)) + 1", "t = (__) + 1"),
        ("t = __(\n        [\n            1,\n        ]\n    )", "t = __"),
        ("t = '__(1)' + __('b')", "t = '__(1)' + __"),
        ("t = __(')')", "t = __"),
        ("t = __(1); u = ')'", "t = __; u = ')'"),
    ],
)
def test_a_blank_is_emptied_where_it_stands(pristine, line, left):
    assert pristine(koan(f"    {line}\n")) == koan(f"    {left}\n")


@pytest.mark.parametrize(
    "line", ["assert t == (2, 3)", "t = t[:, 1:]", "t = (1 if t else 2) + 1", "t = f('빈', '칸').x"]
)
def test_the_filled_file_is_the_answer_without_its_marks(load, line):
    answers = {
        "assert t == (2, 3)": "assert t == __((2, 3))",
        "t = t[:, 1:]": "t = t[__[:, 1:]]",
        "t = (1 if t else 2) + 1": "t = (__(1 if t else 2)) + 1",
        "t = f('빈', '칸').x": "t = f('빈', __('칸')).x",
    }
    it = load(koan(f"    # hint: a\n    {answers[line]}\n    # why: b\n"))
    assert cut.filled(it).text == HEAD + koan(f"    {line}\n")


# -- directives ----------------------------------------------------------------------------------


def test_directives_go_with_all_their_lines(pristine):
    text = koan(
        "    # claims: A1\n    # hint: a\n    #     b\n    # trap: 2 -> no\n    #     no\n"
        "    assert 1 == __(1)\n    # why: c\n    #     d\n    # picture: t\n"
    )
    assert pristine(text) == koan("    assert 1 == __\n")


@pytest.mark.parametrize(
    "comment",
    [
        "# a plain comment",
        "# 한글 메모",
        "# https://docs.pytorch.org",
        "# the hint: stays",
        "#",
        "x = '# hint: a'",
        'x = """\n# hint: a\n    # why: b\n"""',
        "x = 1  # hint: a",
    ],
)
def test_what_is_no_directive_stays(pristine, comment):
    body = f"    {comment}\n    # hint: a\n    assert 1 == "
    assert pristine(koan(f"{body}__(1)\n")) == koan(f"    {comment}\n    assert 1 == __\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    t = 1\n\n    # hint: a\n", "    t = 1\n\n"),
        ("    t = 1\n    # hint: a\n", "    t = 1\n"),
        ("\n    # hint: a\n", "\n"),
        ("    t = 1\n\n    # plain\n    # hint: a\n", "    t = 1\n\n    # plain\n"),
    ],
)
def test_the_blank_line_above_a_directive_stays(pristine, before, after):
    text = koan(f"{before}    assert 1 == __(1)\n")
    assert pristine(text) == koan(f"{after}    assert 1 == __\n")


@pytest.mark.parametrize("between", ["", "\n", "\n\n", "    \n"])
def test_blank_lines_between_directives_go_with_them(pristine, between):
    one = koan(f"    assert 1 == __(1)\n    # why: a\n{between}    # picture: t\n")
    other = 'def test_b():\n    """B."""\n    assert 2 == __(2)\n'
    cut_one = koan("    assert 1 == __\n")
    assert pristine(f"{one}\n\n{other}") == f"{cut_one}\n\n{other.replace('__(2)', '__')}"


@pytest.mark.parametrize("above", ["\n", "\n\n", "\n\n\n"])
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_what_is_left_under_a_kata_is_two_blank_lines(pristine, above, between):
    kata = '@kata\ndef double(x):\n    """Twice."""\n    '
    said = f"{above}# hint: a\n{between}# why: b\n\n\n"
    expected = max(len(above), 2)
    assert pristine(f"{kata}return x * 2\n{said}{USE}") == (
        f"{kata}raise NotImplementedError\n" + "\n" * expected + USE
    )


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("above", ["", "\n", "\n\n"])
def test_a_file_that_ends_in_directives_ends_in_one_newline(pristine, above, end):
    text = koan(f"    assert 1 == __(1)\n{above}    # why: a\n    # picture: t{end}")
    assert pristine(text) == koan("    assert 1 == __\n")


# -- katas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "    return x * 2\n",
        "    # a comment\n    return x * 2\n",
        "    y = x\n\n    # 두 배\n    return y + y  # twice\n",
        "    return x * 2\n    # the end\n",
        "    return x * 2\n\n    # the end\n",
        "\n    return x * 2\n",
        "    for y in x:\n        if y:\n            return '''\n텍스트\n'''\n",
    ],
)
def test_the_body_of_a_kata_becomes_a_stub(pristine, body):
    kata = '@kata\ndef double(x):\n    """Twice.\n\n    두 배.\n    """\n'
    expected = f"{kata}    raise NotImplementedError\n\n\n{USE}"
    assert pristine(f"{kata}{body}\n\n{USE}") == expected


def test_a_comment_below_a_kata_stays(pristine):
    kata = '@kata\ndef double(x):\n    """Twice."""\n'
    text = f"{kata}    return x * 2\n\n\n# 여기 plain\n\n\n{USE}"
    assert pristine(text) == text.replace("return x * 2", "raise NotImplementedError")


def test_a_kata_may_end_the_file_without_a_newline(pristine):
    text = f'{USE}\n\n@kata\ndef double(x):\n    """Twice."""\n    return x * 2'
    assert pristine(text) == text.replace("return x * 2", "raise NotImplementedError\n")


def test_the_stub_is_indented_as_the_body_was(pristine):
    text = f'@kata\ndef double(x):\n  """Twice."""\n  return x * 2\n\n\n{USE}'
    assert "\n  raise NotImplementedError\n" in pristine(text)


def test_a_helper_keeps_its_body(pristine):
    helper = "def helper(x):\n    # twice\n    return x + x\n\n\n"
    assert pristine(helper + koan("    assert 1 == __(1)\n")).startswith(helper)


def test_the_filled_file_has_the_katas_written(load):
    text = f'@kata\ndef double(x):\n    """Twice."""\n    return x * 2\n\n\n# hint: a\n\n\n{USE}'
    assert cut.filled(load(text)).text == HEAD + text.replace("# hint: a\n\n\n", "")


# -- line ends -----------------------------------------------------------------------------------

WHOLE = (
    HEAD
    + koan("    # hint: 가\n    assert '나' == __('다')  # 라\n    # why: 마\n")
    + '\n\n@kata\ndef double(x):\n    """Twice."""\n    return x * 2\n\n\n# hint: 바\n\n\n'
    + USE
)


def test_crlf_stays_crlf(tmp_path):
    path = tmp_path / "01_a.py"
    path.write_bytes(WHOLE.encode())
    expected = cut.pristine(lesson.load(path)).encoded().replace(b"\n", b"\r\n")
    path.write_bytes(WHOLE.replace("\n", "\r\n").encode())
    assert cut.pristine(lesson.load(path)).encoded() == expected


def test_a_bom_stays(tmp_path):
    path = tmp_path / "01_a.py"
    path.write_bytes(WHOLE.encode("utf-8-sig"))
    assert cut.pristine(lesson.load(path)).encoded().startswith(b'\xef\xbb\xbf"""A lesson')


def test_cutting_leaves_the_lesson_as_it_was(load):
    it = load(WHOLE, head="")
    cut.pristine(it)
    assert it.source.text == WHOLE


# -- the lessons of the course -------------------------------------------------------------------

TOY = ROOT / "tests" / "toy" / "answers"
FILES = sorted([*TOY.glob("[0-9]*.py"), *(ROOT / "answers").glob("[0-9]*.py")])
every_lesson = pytest.mark.parametrize(
    "path", FILES, ids=[f"{path.parents[1].name}/{path.name}" for path in FILES]
)
loaded = cache(lesson.load)


@every_lesson
def test_no_directive_is_left_behind(path):
    it = loaded(path)
    assert directives.find(cut.pristine(it)) == []
    assert directives.find(cut.filled(it)) == []


@every_lesson
def test_no_answer_is_left_behind(path):
    it = loaded(path)
    left = marks.marks(cut.pristine(it).tree)
    assert len(left) == sum(len(each.blanks) for each in it.koans)
    assert all(mark.is_bare for mark in left)


@every_lesson
def test_no_mark_is_left_in_the_filled_file(path):
    assert marks.marks(cut.filled(loaded(path)).tree) == []


@every_lesson
def test_every_kata_is_a_stub_and_written_once_filled(path):
    it = loaded(path)
    for source, unwritten in ((cut.pristine(it), True), (cut.filled(it), False)):
        katas = [node for node in source.tree.body if marks.is_kata(node)]
        assert len(katas) == len(it.katas)
        assert all(marks.is_unwritten(node) is unwritten for node in katas)


@every_lesson
def test_blank_lines_do_not_pile_up(path):
    it = loaded(path)
    for source in (cut.pristine(it), cut.filled(it)):
        assert "\n\n\n\n" not in source.text
        assert source.text.endswith("\n")
        assert not source.text.endswith("\n\n")
        assert source.text.count("\n\n\ndef ") == it.source.text.count("\n\n\ndef ")


@every_lesson
def test_every_line_of_the_koan_stands_in_the_answer_or_holds_a_blank(path):
    it = loaded(path)
    known = set(it.source.lines)
    new = [line for line in cut.pristine(it).lines if line not in known]
    assert all("__" in line or line.strip() == cut.STUB for line in new)


@every_lesson
def test_names_and_docstrings_stay(path):
    it = loaded(path)
    tests = [node for node in cut.pristine(it).tree.body if marks.is_test(node)]
    assert [(node.name, ast.get_docstring(node)) for node in tests] == [
        (each.name, each.docstring) for each in it.koans
    ]

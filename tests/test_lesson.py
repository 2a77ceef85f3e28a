"""An answer file is read into koans, or refused with file, line and what to do."""

import re

import pytest

from torchkoans import checking, lesson
from torchkoans.course import ROOT
from torchkoans.source import CourseError

HEAD = (
    '"""A lesson.\n\nMore of it.\n"""\n\n'
    "import pytest\nimport torch\n\nfrom koans import __, kata\n\n\n"
)
TEST = 'def test_a():\n    """A koan."""\n    t = torch.zeros(2)\n    assert t.ndim == __(1)\n'
KATA = '@kata\ndef double(x):\n    """Twice x."""\n    return x * 2\n'
USE = 'def test_double():\n    """It doubles."""\n    assert double(2) == 4\n'


@pytest.fixture
def load(tmp_path):
    """The lesson of this text, the head put on top."""

    def loaded(*parts, head=HEAD, name="07_numbers.py"):
        path = tmp_path / name
        path.write_bytes((head + "\n\n".join(parts)).encode())
        return checking.load(path)

    return loaded


@pytest.fixture
def refusal(load):
    """What a text is refused with, and the text of the line that is named."""

    def refused(*parts, head=HEAD):
        with pytest.raises(CourseError) as caught:
            load(*parts, head=head)
        error = caught.value
        lines = (head + "\n\n".join(parts)).splitlines()
        assert f"07_numbers.py:{error.line}: {error.what}" in str(error)
        return error.what, lines[error.line - 1].strip()

    return refused


def blank(line, above="", below=""):
    """A test with this line as its last."""
    return f'def test_a():\n    """A koan."""\n    t = torch.zeros(2)\n{above}    {line}\n{below}'


# -- what is read --------------------------------------------------------------------------------


def test_number_and_title_come_from_the_file(load):
    it = load(TEST)
    assert (it.number, it.title) == (7, "A lesson")


def test_a_koan_has_a_name_a_line_and_a_sentence(load):
    (koan,) = load(TEST).koans
    assert (koan.name, koan.docstring) == ("test_a", "A koan.")
    assert (HEAD + TEST).splitlines()[koan.line - 1] == "def test_a():"


def test_a_koan_is_found_by_name(load):
    it = load(TEST)
    assert it.koan("test_a") is it.koans[0]
    assert it.koan("test_b") is None


def test_everything_said_about_a_blank_is_read(load):
    above = (
        "    # claims: A001 B002\n    # hint: first\n    # hint: 둘째\n    #     line\n"
        "    # trap: 2 -> too many\n    # trap: None -> 없음\n"
    )
    below = "    # why: because\n    #     of it\n    # picture: t, u\n"
    (koan,) = load(blank("assert t.ndim == __(1)", above, below)).koans
    (only,) = koan.blanks
    assert only.hints == ("first", "둘째 line")
    assert [(t.code, t.sentence) for t in only.traps] == [("2", "too many"), ("None", "없음")]
    assert (koan.claims, koan.why, koan.picture) == (("A001", "B002"), "because of it", ("t", "u"))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("assert t.ndim == __(1)", "1"),
        ("assert t.shape == __((2,))", "(2,)"),
        ("assert t.shape == __((2,),)", "(2,)"),
        ("assert t.shape == __( (2,) )", "(2,)"),
        ("assert t.shape == __(\n        (\n            2,\n        )\n    )", None),
        ("t = t[__[:, 1:]]", ":, 1:"),
        ("t = t[__(0)]", "0"),
        ("t = f(__([x for x in t]))", "[x for x in t]"),
        ("assert '한글' == __('빈칸')", "'빈칸'"),
        ("with pytest.raises(__(IndexError)):\n        t[3]", "IndexError"),
        ("t = (__(1 if t else 2)) + 1", "1 if t else 2"),
        ("t = __(t.sum()).item()", "t.sum()"),
        ("def f():\n        return __(1)", "1"),
        ("assert not __(None)", "None"),
        ("t = __(lambda x: x)", "lambda x: x"),
    ],
)
def test_an_answer_is_what_the_mark_wraps(load, line, answer):
    it = load(blank(line))
    (only,) = it.koans[0].blanks
    assert only.answer == (answer or "(\n            2,\n        )")
    assert it.source.cut(only.span).startswith("__")
    assert it.source.line_at(only.span[0]) == only.line


def test_two_blanks_have_their_own_hints(load):
    text = blank("assert t.ndim == __(1)", "    # hint: a\n    t = __(t)\n    # hint: b\n")
    first, second = load(text).koans[0].blanks
    assert (first.answer, first.hints, second.answer, second.hints) == ("t", ("a",), "1", ("b",))


def test_directives_above_a_header_belong_to_its_blank(load):
    line = "with pytest.raises(__(IndexError)):\n        t[3]"
    (only,) = load(blank(line, "    # hint: a\n")).koans[0].blanks
    assert only.hints == ("a",)


def test_a_koan_may_need_cuda(load):
    needs, not_ = load(f"@pytest.mark.needs_cuda\n{TEST}", TEST.replace("_a", "_b")).koans
    assert (needs.needs_cuda, not_.needs_cuda) == (True, False)


def test_a_kata_has_hints_and_tempting_bodies(load):
    below = (
        "\n\n# hint: a\n# hint: b\n# claims: C1 C2\n# why: so\n"
        "# wrong: return x -> that is x\n"
        "# wrong: for y in x:\n#         y += y\n#     return x -> 변함\n"
    )
    (kata,) = load(KATA + below, USE).katas
    assert (kata.name, kata.docstring, kata.hints) == ("double", "Twice x.", ("a", "b"))
    assert (kata.claims, kata.why) == (("C1", "C2"), "so")
    assert kata.wrongs[0].code == "return x"
    assert kata.wrongs[1].code == "for y in x:\n    y += y\nreturn x"
    assert kata.wrongs[1].sentence == "변함"


def test_a_kata_has_other_right_bodies(load):
    below = (
        "\n\n# also: return x + x -> in one expression\n"
        "# also: y = x\n#     for _ in range(1):\n#         y = y + x\n#     return y -> with\n"
        "#     a loop\n\n\n"
    )
    (kata,) = load(KATA + below, USE).katas
    assert [other.variation for other in kata.others] == ["in one expression", "with a loop"]
    assert kata.others[1].code == "y = x\nfor _ in range(1):\n    y = y + x\nreturn y"
    assert kata.wrongs == ()


@pytest.mark.parametrize(
    ("also", "said"),
    [
        ("return x + x -> without a net", "no variation is called without a net; the known"),
        ("y = x + x; return y -> in one expression", "this is not in one expression: this is a"),
        ("return x + x -> with a loop", "this is not with a loop: there is no `for`"),
        ("return x * 2 -> in one expression", "this is the kata's own body"),
        (":, 1: -> in one expression", ":, 1: cannot stand as the body of a function"),
        ("return x + x", "`# also:` needs CODE -> sentence"),
    ],
)
def test_a_variation_that_is_none_is_refused(refusal, also, said):
    what, line = refusal(f"{KATA}\n\n# also: {also}\n\n\n{USE}")
    assert what.startswith(said)
    assert line == f"# also: {also}"


def test_a_test_of_a_kata_needs_no_blank(load):
    (koan,) = load(KATA, USE).koans
    assert (koan.katas, koan.blanks) == (("double",), ())


def test_the_koans_come_in_the_order_of_the_text(load):
    tests = [TEST.replace("test_a", name) for name in ("test_b", "test_a", "test_c")]
    assert [koan.name for koan in load(*tests).koans] == ["test_b", "test_a", "test_c"]


def test_every_blank_comes_with_its_koan(load):
    it = load(TEST, KATA, USE)
    assert [(koan.name, blank.answer) for koan, blank in lesson.blanks(it)] == [("test_a", "1")]


def test_plain_comments_and_helpers_are_let_be(load):
    it = load("# a comment\ndef helper(x):\n    # another\n    return x", TEST)
    assert it.directives == ()


def test_crlf_makes_no_difference(tmp_path):
    text = HEAD + blank("assert t.ndim == __(1)", "    # hint: 가\n", "    # why: 나\n")
    path = tmp_path / "01_a.py"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    (koan,) = lesson.load(path).koans
    assert (koan.blanks[0].hints, koan.blanks[0].answer, koan.why) == (("가",), "1", "나")


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("assert t.ndim == __", "an answer file wraps each answer"),
        ("assert t.ndim == __()", "an answer file wraps each answer"),
        ("assert t.ndim == __(1, 2)", "an answer file wraps each answer"),
        ("assert t.ndim == __(*t)", "an answer file wraps each answer"),
        ("assert t.ndim == __(x=1)", "an answer file wraps each answer"),
        ("assert t[0, __[1:]]", "an answer file wraps each answer"),
        ("assert t.ndim == __[1]", "an answer file wraps each answer"),
        ("assert t.ndim == __(__(1))", "a blank inside a blank"),
        ("assert t[__[__(1)]]", "a blank inside a blank"),
        ("assert t == __([__(1)])", "a blank inside a blank"),
        ("assert __(f)(1)", "may not be called or indexed"),
        ("assert __(t)[0]", "may not be called or indexed"),
        ("assert t[__[0]] == __(1)", "two blanks in one statement"),
        ("assert __(1) == __(2)", "two blanks in one statement"),
        ("t = t * __(1 + 2)", "put brackets around the blank"),
        ("assert t == __(1 if t else 2)", "put brackets around the blank"),
        ("assert t == __(1 or 2)", "put brackets around the blank"),
        ("assert t == __(y := 3)", "put brackets around the blank"),
        ("assert __(not t) == 1", "put brackets around the blank"),
        ("assert t == __(lambda: 1)", "put brackets around the blank"),
        ("t = __(-1) ** 2", "put brackets around the blank"),
        ("t = __(5).real", "put brackets around the blank"),
        ("t = __(1 +\n        2)", "put brackets around the blank"),
        ("t = __(t # t\n    ) + 1", "put brackets around the blank"),
        ("t = f(__(x for x in t), 1)", "put brackets around the blank"),
        ("assert f'{__(1)}'", "a blank in an f-string"),
        ("print(__(1))", "a blank in a print"),
        ("for x in __(t):\n        print(x)", "a blank in a print"),
        ("if __(True):\n        pass", "a blank in a print"),
    ],
)
def test_a_blank_is_refused_where_it_cannot_be_filled(refusal, line, what):
    said, text = refusal(blank(line))
    assert what in said
    assert text == line.split("\n")[0].strip()


@pytest.mark.parametrize(
    "stray",
    [
        "x = __(1)\n",
        "def helper():\n    return __(1)\n",
        "class Box:\n    size = __(1)\n",
        "def helper(x=__(1)):\n    return x\n",
        "__ = 3\n",
        "if __(True):\n    pass\n",
    ],
)
def test_a_blank_outside_a_test_is_refused(refusal, stray):
    said, text = refusal(stray, TEST)
    assert said == "a blank outside a test"
    assert "__" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def test_a()", "@pytest.mark.skipif(__(True))\ndef test_a()"),
        ("def test_a()", "def test_a(x=__(1))"),
        ("def test_a()", "def test_a(x: __(int))"),
        ("def test_a()", "def test_a() -> __(int)"),
    ],
    ids=["decorator", "default", "annotation", "returns"],
)
def test_a_blank_around_a_test_is_refused(refusal, old, new):
    said, text = refusal(TEST.replace(old, new))
    assert said == "a blank outside a test"
    assert "__" in text


def test_a_blank_in_a_kata_is_refused(refusal):
    said, text = refusal(KATA.replace("x * 2", "x * __(2)"), USE)
    assert said == "a blank in a kata, whose whole body is the blank"
    assert text == "return x * __(2)"


def test_a_third_blank_is_refused(refusal):
    said, text = refusal(blank("t = __(3)", "    t = __(1)\n    t = __(2)\n"))
    assert said == "a koan has one blank, two at the most"
    assert text == "t = __(3)"


def test_a_test_without_a_blank_is_refused(refusal):
    said, text = refusal(TEST.replace("__(1)", "1"))
    assert said == "test_a has no blank and tests no kata"
    assert text == "def test_a():"


@pytest.mark.parametrize(
    ("also", "said"),
    [
        ("async def test_b():\n    pass\n", "test_b is async, and nobody would wait for it"),
        ("class TestB:\n    pass\n", "pytest takes TestB for a class of tests: rename it"),
        ("@pytest.fixture\ndef device():\n    pass\n", "device would change how koans are run"),
        ("@fixture(autouse=True)\ndef x():\n    pass\n", "x would change how koans are run"),
        ("def pytest_runtest_call():\n    pass\n", "pytest_runtest_call would change how"),
        ("def setup_function():\n    pass\n", "setup_function would change how koans are run"),
        ("pytestmark = 1\n", "pytestmark would change how all koans of the lesson are run"),
    ],
)
def test_what_would_change_how_koans_are_run_is_refused(refusal, also, said):
    assert refusal(f"{TEST}\n\n{also}")[0].startswith(said)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("@pytest.mark.skip\ndef test_a():", "@pytest.mark.skip: the only decorator of a koan is"),
        ("def test_a(tmp_path):", "test_a asks for the fixture tmp_path: a koan is given device"),
        ("def test_a(*device):", "test_a asks for the fixture device: a koan is given device"),
        (
            "def test_a(device=1):",
            "test_a has a default for device, and then pytest hands over none",
        ),
        ("@pytest.mark.needs_cuda\ndef test_a(device):", "test_a needs CUDA, and so takes no"),
    ],
)
def test_a_koan_that_is_not_run_once_on_each_device_is_refused(refusal, head, said):
    assert refusal(TEST.replace("def test_a():", head))[0].startswith(said)


def test_a_lesson_without_a_test_is_refused(refusal):
    assert refusal(KATA) == ("there is no test in this lesson", '"""A lesson.')


@pytest.mark.parametrize(
    "head", ["from koans import __\n\n\n", "x = 1\n'''late'''\n\n\n", '""\n\n']
)
def test_a_lesson_without_a_docstring_is_refused(refusal, head):
    said, _ = refusal(TEST, head=head)
    assert said.startswith("a lesson begins with a docstring")


def test_a_test_without_a_docstring_is_refused(refusal):
    said, text = refusal(TEST.replace('    """A koan."""\n', ""))
    assert said == "test_a has no docstring: it is the koan"
    assert text == "def test_a():"


def test_a_kata_without_a_docstring_is_refused(refusal):
    said, _ = refusal(KATA.replace('    """Twice x."""\n', ""), USE)
    assert said == "double has no docstring: it is the statement of the kata"


def test_a_kata_without_a_body_is_refused(refusal):
    said, _ = refusal(KATA.replace("    return x * 2\n", ""), USE)
    assert said == "double has no body to leave out"


def test_a_kata_whose_body_begins_beside_its_docstring_is_refused(refusal):
    said, text = refusal(KATA.replace('"""\n    return', '"""; return'), USE)
    assert said == "a kata's body begins on a line of its own"
    assert text.endswith("return x * 2")


@pytest.mark.parametrize("again", [TEST, "def test_a():\n    pass\n"])
def test_a_second_test_of_one_name_is_refused(refusal, again):
    said, text = refusal(TEST, again)
    assert said == "test_a stands on line 12 already"
    assert text == "def test_a():"


def test_a_second_helper_of_one_name_is_refused(refusal):
    helper = "def helper():\n    return 1\n"
    assert refusal(helper, TEST, helper)[0] == "helper stands on line 12 already"


@pytest.mark.parametrize(
    ("answer", "trap"),
    [
        ("1", "1"),
        ("1", "(1)"),
        ("3", "3.0"),
        ("3.0", "3"),
        ("'a'", '"a"'),
        ("(2, 3)", "torch.Size([2, 3])"),
        ("torch.Size([2, 3])", "(2, 3)"),
        ("torch.Size([])", "()"),
        ("(2, 3)", "2, 3"),
        ("(2, 3)", "( 2,3, )"),
    ],
)
def test_a_trap_that_is_the_answer_is_refused(refusal, answer, trap):
    above = f"    # hint: a\n    # trap: {trap} -> no\n"
    said, text = refusal(blank(f"assert t == __({answer})", above))
    assert said == f"the trap {trap} is the answer"
    assert text == f"# trap: {trap} -> no"


def test_a_trap_that_is_the_answer_of_an_index_is_refused(refusal):
    said, _ = refusal(blank("t = t[__[:, 1]]", "    # trap: :,1 -> no\n"))
    assert said == "the trap :,1 is the answer"


@pytest.mark.parametrize("trap", ["2", "2 because it is", "-> no code", "(2 -> no"])
def test_a_trap_without_an_arrow_between_code_and_sentence_is_refused(refusal, trap):
    said, text = refusal(blank("assert t == __(1)", f"    # trap: {trap}\n"))
    assert said.startswith("`# trap:` needs CODE -> sentence")
    assert text == f"# trap: {trap}"


@pytest.mark.parametrize("trap", ["x = 1", "return 1", "pass", "import torch", "# one"])
def test_a_trap_that_cannot_stand_in_a_blank_is_refused(refusal, trap):
    said, text = refusal(blank("assert t == __(1)", f"    # trap: {trap} -> no\n"))
    assert trap in said or "needs CODE" in said
    assert text == f"# trap: {trap} -> no"


def test_a_wrong_body_may_be_statements(load):
    (kata,) = load(f"{KATA}\n\n# wrong: y = x; return y -> no\n", USE).katas
    assert kata.wrongs[0].code == "y = x; return y"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (blank("assert t == __(1)", "    # hint: a\n\n"), "directly above"),
        (blank("assert t == __(1)", "    # hint: a\n    # plain\n"), "directly above"),
        (blank("assert t == __(1)", "    # hint: a\n    t = 1\n"), "directly above"),
        (blank("assert t == __(1)", "", "    # hint: a\n"), "directly above"),
        (blank("assert t == __(1)", "    # why: a\n"), "after the last line of its test"),
        (blank("assert t == __(1)", "    # picture: t\n"), "after the last line of its test"),
        (blank("assert t == __(1)", "", "    # wrong: 1 -> a\n"), "under a kata"),
        (f"# hint: a\n{TEST}", "directly above"),
        (f"# why: a\n{TEST}", "after the last line of its test"),
        (f"x = 1\n# why: a\n\n\n{TEST}", "after the last line of its test"),
        (f"{KATA}\n\n# trap: 1 -> a\n\n\n{USE}", "directly above"),
        (f"{KATA}\n\n# picture: x\n\n\n{USE}", "after the last line of its test"),
        (f"{KATA.replace('    return', '    # hint: a' + chr(10) + '    return')}\n\n{USE}", ""),
        (f"{KATA}\n\n{USE}    # hint: a\n", "directly above"),
        (f"{TEST}\n\ndef helper():\n    return 1\n\n\n# why: a\n", "after the last line"),
    ],
)
def test_a_misplaced_directive_is_refused(refusal, text, where):
    said, line = refusal(text)
    assert where in said
    assert line.startswith(f"# {said.split('`')[1][2:-1]}:")


@pytest.mark.parametrize(
    ("said", "kind", "names"),
    [
        ("t, u", "grid", ("t", "u")),
        ("grid of t", "grid", ("t",)),
        ("storage of t, part", "storage", ("t", "part")),
        ("devices of home,away", "devices", ("home", "away")),
        ("graph of x\n    #     y", "graph", ("x", "y")),
    ],
)
def test_a_picture_has_a_kind_and_names(load, said, kind, names):
    (koan,) = load(f"{TEST}    # picture: {said}\n").koans
    assert (koan.picture_kind, koan.picture) == (kind, names)


@pytest.mark.parametrize(
    ("picture", "what"),
    [
        ("memory of t", "no picture is called memory; the kinds are grid, storage, devices, graph"),
        ("x of y of t", "no picture is called x of y"),
        ("t.grad", "t.grad can be none"),
        ("t and u", "and can be none"),
        ("storage of", "names no variable"),
        ("", "names no variable"),
    ],
)
def test_a_picture_of_nothing_known_is_refused(refusal, picture, what):
    said, text = refusal(f"{TEST}    # picture: {picture}\n")
    assert what in said
    assert text == f"# picture: {picture}".strip()


@pytest.mark.parametrize("word", ["why", "picture"])
def test_a_directive_that_stands_once_is_refused_a_second_time(refusal, word):
    said, text = refusal(f"{TEST}    # {word}: a\n    # {word}: b\n")
    assert said == f"`# {word}:` stands here a second time"
    assert text == f"# {word}: b"


def test_an_unknown_directive_is_refused(refusal):
    said, text = refusal(blank("assert t == __(1)", "    # tip: a\n"))
    assert said.startswith("`# tip:` is no directive; the known ones are claims, hint, trap")
    assert text == "# tip: a"


def test_a_lesson_that_does_not_parse_is_refused(refusal):
    said, text = refusal(TEST.replace("t.ndim ==", "t.ndim = ="))
    assert "invalid syntax" in said
    assert text == "assert t.ndim = = __(1)"


# -- what learners do not wait for ---------------------------------------------------------------


def learners_read(tmp_path, text):
    path = tmp_path / "07_numbers.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return lesson.load(path)


@pytest.mark.parametrize(
    "text",
    [
        blank("t = t * __(1 + 2)"),
        blank("assert t == __(1)", "    # trap: (1) -> the answer itself\n"),
        blank("assert t == __(1)", "    # why: misplaced\n"),
        blank("print(__(1))"),
        TEST.replace('    """A koan."""\n', ""),
        f"{TEST}\n\n{TEST}",
        KATA,
        "x = __(1)\n",
    ],
)
def test_what_only_its_author_has_to_mend_is_read_all_the_same(tmp_path, text):
    assert learners_read(tmp_path, text).title == "A lesson"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (blank("assert t.ndim == __"), "an answer file wraps each answer"),
        (blank("assert t == __([__(1)])"), "a blank inside a blank"),
        (blank("assert t == __(1)", "    # trap: 2\n"), "`# trap:` needs CODE -> sentence"),
        (blank("assert t == __(1)", "    # tip: a\n"), "`# tip:` is no directive"),
        ("def (", "SyntaxError"),
    ],
)
def test_what_cannot_be_cut_is_refused_at_once(tmp_path, text, what):
    with pytest.raises(CourseError) as caught:
        learners_read(tmp_path, text)
    assert what in caught.value.what


@pytest.mark.parametrize("path", sorted((ROOT / "answers").glob("[0-9]*.py")), ids=lambda p: p.name)
def test_learners_and_authors_read_the_same(path):
    assert vars(lesson.load(path)) == vars(checking.load(path))


def test_a_koan_has_the_hints_and_the_why_of_its_kata(load):
    kata = f"{KATA}\n\n# hint: two\n# why: so\n"
    use = USE.replace("== 4", "== __(4)").replace("    assert", "    # hint: one\n    assert")
    it = load(kata, use)
    assert it.katas_of(it.koans[0]) == it.katas
    assert it.hints(it.koans[0]) == ("one", "two")
    assert it.why(it.koans[0]) == "so"


# -- the lessons of the course -------------------------------------------------------------------

FILES = sorted((ROOT / "answers").glob("[0-9]*.py"))


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_a_lesson_loses_nothing_that_is_said_in_it(path):
    it = lesson.load(path)
    said = [d.sentence for d in it.directives if d.word == "hint"]
    blanks = [hint for _, each in lesson.blanks(it) for hint in each.hints]
    assert said == blanks + [hint for kata in it.katas for hint in kata.hints]


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_the_span_of_a_blank_holds_its_answer(path):
    it = lesson.load(path)
    for _, each in lesson.blanks(it):
        assert re.fullmatch(r"__[(\[]\s*(.*)\s*[)\]]", it.source.cut(each.span), re.DOTALL)
        assert each.answer in it.source.cut(each.span)

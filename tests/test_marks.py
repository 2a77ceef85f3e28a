"""Marks are found in the tree, wherever they stand, and nothing that looks like one is."""

import ast

import pytest

from torchkoans import marks


def found(code):
    return marks.marks(ast.parse(code))


def function(code):
    return ast.parse(code).body[0]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("x = __(5)", "5"),
        ("x = __((1, 2))", "(1, 2)"),
        ("x = __ (\n  5,\n)", "5"),
        ("f(__(a), b=__)", "a"),
        ("x = __(__(1))", "__(1)"),
        ("def f():\n  with a:\n    x = [y for y in __(z)]", "z"),
        ("x = t[__(0)]", "0"),
        ("x = t[0, __(1)]", "1"),
        ("x = __('__')", "'__'"),
    ],
)
def test_a_call_of_the_mark_wraps_its_answer(code, answer):
    mark = found(code)[0]
    assert ast.unparse(mark.answer) == answer
    assert not mark.is_index
    assert not mark.is_bare


@pytest.mark.parametrize(
    ("code", "answer"),
    [("t[__[1:]]", "1:"), ("t[__[:, 0]]", "(:, 0)"), ("t[__[..., None]]", "(..., None)")],
)
def test_an_index_of_the_mark_in_an_index_wraps_its_answer(code, answer):
    (mark,) = found(code)
    assert mark.is_index
    assert ast.unparse(mark.answer) == answer


@pytest.mark.parametrize(
    "code",
    [
        "x == __",
        "x = __()",
        "__(1, 2)",
        "__(*a)",
        "__(a=1)",
        "__(1, a=1)",
        "__[1]",
        "x = __[1:]",
        "t[0, __[1]]",
        "__.shape",
        "t[__]",
        "(__, 3)",
        "f'{__}'",
        "lambda: __",
        "def f(x=__): pass",
        "@__\ndef f(): pass",
    ],
)
def test_any_other_use_is_a_bare_blank(code):
    (mark,) = found(code)
    assert mark.is_bare
    assert isinstance(mark.node, ast.Name)


@pytest.mark.parametrize(
    "code", ["'__'", "# __", "x.__", "f(__=1)", "____", "___", "__init__", "def __(): pass"]
)
def test_what_looks_like_a_mark_is_none(code):
    assert found(code) == []


def test_marks_come_in_the_order_of_the_text():
    code = "x = [__(1), __]\ny = __(2)\n"
    assert [mark.node.lineno for mark in found(code)] == [1, 1, 2]
    assert [mark.is_bare for mark in found(code)] == [False, True, False]


def test_the_node_of_a_mark_is_all_that_a_cut_replaces():
    (mark,) = found("x = t[__[1:]]")
    assert ast.unparse(mark.node) == "__[1:]"


def test_bare_finds_the_unfilled_ones_alone():
    (node,) = marks.bare(ast.parse("f(__(1), __)"))
    assert node.col_offset == 9


def test_a_mark_at_the_end_of_a_very_long_sum_is_found():
    (mark,) = found("+".join(["1"] * 900) + "+ __")
    assert mark.is_bare


# -- functions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("decorators", ["@kata", "@other\n@kata", "@kata\n@other(1)"])
def test_a_kata_is_decorated_as_one(decorators):
    assert marks.is_kata(function(f"{decorators}\ndef f(): pass"))


@pytest.mark.parametrize(
    "code", ["def f(): pass", "@kata()\ndef f(): pass", "@x.kata\ndef f(): pass", "class f: pass"]
)
def test_anything_else_is_no_kata(code):
    assert not marks.is_kata(function(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def test_a(): pass", True),
        ("def testing(): pass", True),
        ("def a_test(): pass", False),
        ("class test_a: pass", False),
        ("async def test_a(): pass", False),
    ],
)
def test_a_koan_is_what_pytest_collects(code, expected):
    assert marks.is_test(function(code)) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f():\n  'doc'\n  pass", True),
        ("def f():\n  pass\n  'doc'", False),
        ("def f():\n  5", False),
        ("def f():\n  f'doc'", False),
    ],
)
def test_a_docstring_is_a_string_that_comes_first(code, expected):
    assert (marks.docstring_node(function(code)) is not None) is expected


def test_a_function_begins_with_its_decorators():
    assert marks.first_line(function("\n@a\n@b(\n  1)\ndef f(): pass")) == 2


@pytest.mark.parametrize(
    "body",
    [
        "raise NotImplementedError",
        "raise NotImplementedError('later')",
        "x = 1; raise NotImplementedError()",
        "'doc'",
        "'doc'; pass",
        "...",
        "print(x)",
    ],
)
def test_a_stub_is_unwritten(body):
    assert marks.is_unwritten(function(f"def f(x): {body}"))


@pytest.mark.parametrize(
    "body",
    [
        "return x",
        "x += 1",
        "raise ValueError",
        "raise",
        "raise NotImplementedError; return 1",
        "x.NotImplementedError",
    ],
)
def test_a_body_is_written(body):
    assert not marks.is_unwritten(function(f"def f(x): {body}"))


@pytest.mark.parametrize(
    "code",
    [
        "pass",
        "...",
        "'text'",
        "5",
        "print(x)",
        "breakpoint()",
        "help(x)",
        "for x in t: print(x)",
        "if x:\n  print(x)\nelif y: pass\nelse:\n  print(y)",
    ],
)
def test_looking_around_adds_nothing(code):
    assert marks.is_noise(function(code))


@pytest.mark.parametrize(
    "code",
    [
        "x",
        "x = 1",
        "f(x)",
        "t.print()",
        "assert x",
        "for x in t: f(x)",
        "if x:\n  print(x)\nelse:\n  y = 1",
        "with x: print(y)",
        "while x: print(y)",
        "def f(): pass",
        "return",
    ],
)
def test_whatever_may_do_something_counts(code):
    assert not marks.is_noise(function(code))


def test_names_are_those_that_are_used():
    assert marks.names(ast.parse("a = f(b.c, d='e')")) == {"a", "f", "b"}

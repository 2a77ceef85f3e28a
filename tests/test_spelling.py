"""Two spellings of one answer are the same, two answers are not."""

import pytest

from torchkoans import spelling


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("5", "5"),
        ("5", "(5)"),
        ("5", " 5 "),
        ("3", "3.0"),
        ("-3", "-3.0"),
        ("1000", "1_000"),
        ("255", "0xff"),
        ("1e3", "1000"),
        ("'a'", '"a"'),
        ("'a'", "'''a'''"),
        ("'ab'", "'a' 'b'"),
        ("'a'", "u'a'"),
        ("'빈'", "'\\ube48'"),
        ("(1, 2)", "(1,2,)"),
        ("(1, 2)", "1, 2"),
        ("(1,\n2)", "(1, 2)"),
        ("torch.Size([1, 2])", "(1, 2)"),
        ("torch.Size((1, 2))", "(1, 2)"),
        ("torch.Size([])", "()"),
        ("torch.Size()", "()"),
        ("torch.Size([3.0])", "(3,)"),
        ("[torch.Size([1])]", "[(1,)]"),
        ("f(x, y=1)", "f( x, y = 1 )"),
        (":, 1:", ":,1:"),
        ("1 + 2", "1 + (2)"),
        ("5  # five", "5"),
        ("f(7) + 3", "f(7) + 3.0"),
        ("x for x in y", "(x for x in y)"),
    ],
)
def test_they_are_the_same(left, right):
    assert spelling.same(left, right)
    assert spelling.same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("3", "4"),
        ("3", "'3'"),
        ("3", "3.5"),
        ("1", "True"),
        ("0", "False"),
        ("1", "-1"),
        ("(1, 2)", "[1, 2]"),
        ("(1)", "(1,)"),
        ("(1, 2)", "(2, 1)"),
        ("torch.Size([1])", "[1]"),
        ("torch.Size([1])", "torch.Size([2])"),
        ("torch.Size(x)", "x"),
        ("torch.size([1])", "(1,)"),
        ("torch.full((2,), 7)", "torch.full((2,), 7.0)"),
        ("f(x=1)", "f(x=1.0)"),
        ("'a'", "b'a'"),
        ("'a'", "'A'"),
        ("a", "b"),
        ("f(x)", "f(y)"),
        ("1:", ":1"),
        ("1 + 2", "3"),
        ("1e400", "1e401 * 0"),
        ("x for x in y", "[x for x in y]"),
    ],
)
def test_they_differ(left, right):
    assert not spelling.same(left, right)


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "# nothing",
        "1 +",
        "(1",
        "1) + (2",
        "1] + [2",
        "1][2",
        "x = 1",
        "return 1",
        "'abc",
        "\0",
        "a b",
        "x, dim=1",
        "(" * 300 + ")" * 300,
        "+".join(["1"] * 20_000),
    ],
)
def test_what_does_not_parse_says_nothing(code):
    assert spelling.normal(code) is None
    assert not spelling.same(code, code)


@pytest.mark.parametrize(
    "code", ["5", "1, 2", "*a, 1", ":", "1:, None", "...", "lambda: 1", "x := 1", "1 if a else 2"]
)
def test_what_can_stand_in_a_blank_says_something(code):
    assert spelling.normal(code)
    assert spelling.same(code, code)

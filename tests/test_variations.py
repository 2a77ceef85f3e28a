"""Variations of a kata: what each check finds, and on which line."""

import ast

import pytest

from torchkoans.course import Course
from torchkoans.practice import variations
from torchkoans.practice.variations import KNOWN, breach

KATAS = [(one, kata) for one in Course().lessons for kata in one.katas]


def found(variation, body):
    """(line of the body, what) of the first breach."""
    one = breach(variation, variations.written("f", body))
    return (one.line, one.what) if one else None


@pytest.mark.parametrize(
    ("variation", "body", "line", "what"),
    [
        ("without a loop", "y = 1\nfor i in x:\n    y += i\nreturn y", 2, "`for` is a loop"),
        ("without a loop", "while x:\n    pass", 1, "`while` is a loop"),
        ("without a loop", "return (\n    [i for i in x]\n)", 2, "a comprehension is a loop"),
        ("without a loop", "return sum(i for i in x)", 1, "a generator is a loop"),
        ("without a loop", "return list(map(abs, x))", 1, "`map` is a loop"),
        ("without a loop", "return functools.reduce(g, x)", 1, "`functools.reduce` is a loop"),
        ("without a loop", "return f(x[1:])", 1, "a function that calls itself is a loop"),
        ("without a loop", "def g(n):\n    return g(n)\nreturn g(9)", 2, "a function that"),
        ("with a loop", "return [i for i in x]", 0, "there is no `for` and no `while` in it"),
        ("without a temporary", "x.add_(1)\ny = x\nreturn y", 2, "`y` is a temporary"),
        ("without a temporary", "return (y := x) + y", 1, "`y` is a temporary"),
        ("without a temporary", "x += 1\nreturn x", 1, "`x` is a temporary"),
        ("without a temporary", "y: int = 1\nreturn y", 1, "`y` is a temporary"),
        ("without a temporary", "return [i for i in x]", 1, "`i` is a temporary"),
        ("without a temporary", "with a as b:\n    return b", 1, "`b` is a temporary"),
        ("without a temporary", "try:\n    g()\nexcept E as e:\n    pass", 3, "`e` is a temporary"),
        ("without a temporary", "import math as m\nreturn m.pi", 1, "`m` is a temporary"),
        ("without a temporary", "def g():\n    return 1\nreturn g()", 1, "`g` is a temporary"),
        ("in one expression", "x.add_(1)\nreturn x", 1, "this is a statement of its own"),
        ("in one expression", "return x\nreturn y", 2, "one `return` is to do all"),
        ("without a branch", "y = 1\nif x:\n    y = 2\nreturn y", 2, "`if` is a branch"),
        ("without a branch", "return 1 if x else 2", 1, "`if` is a branch"),
        ("without a branch", "return [i for i in x if i]", 1, "`if` is a branch"),
        ("without a branch", "return x and y", 1, "`and` and `or` choose"),
        ("without a branch", "try:\n    g()\nfinally:\n    h()", 1, "`try` is a branch"),
        ("without a branch", "match x:\n    case 1:\n        pass", 1, "`match` is a branch"),
        ("without reading numbers back", "y = x\nreturn y.item()", 2, "`.item()` reads numbers"),
        ("without reading numbers back", "return float(x)", 1, "`float()` reads a number back"),
        ("without reading numbers back", 'return x.to("cpu")', 1, "`.to()` reads numbers back"),
        ("without indexing", "y = x\nreturn y[0]", 2, "`y[0]` is an index"),
        ("without indexing", "return x.shape[1:]", 1, "`x.shape[1:]` is an index"),
        (
            "without indexing",
            "return x.shape[-2]",
            1,
            "`x.shape[-2]` is an index; `x.size(-2)` is none",
        ),
        ("without backward()", "y = x\ny.backward()", 2, "there is the `backward`"),
    ],
)
def test_the_line_that_breaks_a_variation_is_named(variation, body, line, what):
    at, said = found(variation, body)
    assert (at, said[: len(what)]) == (line, what)


@pytest.mark.parametrize(
    ("variation", "body"),
    [
        ("without a loop", "y = x.sum()\nif y:\n    return sorted(x)\nreturn y.map"),
        ("with a loop", "while x:\n    x = x[1:]"),
        ("without a temporary", "x[0] = 1\nx.grad = None\nreturn g(lambda t: t + 1, key=x)"),
        ("in one expression", "return x if x else [i for i in y]"),
        ("without a branch", "return 0 != a == b"),
        ("without reading numbers back", 'return x.to("cuda").float() + len(x)'),
        ("without indexing", "return x.narrow(0, 1, 2).T"),
        ("without indexing", "return x.size(-2)"),
        ("without backward()", "return torch.autograd.grad(f(x), x)"),
    ],
)
def test_what_keeps_to_a_variation_is_let_through(variation, body):
    assert found(variation, body) is None


def test_a_docstring_is_no_statement_of_the_body():
    (function,) = ast.parse('def f(x):\n    """Twice x[0]."""\n    return x * 2').body
    assert [name for name in KNOWN if breach(name, function)] == ["with a loop"]


@pytest.mark.parametrize(("one", "kata"), KATAS, ids=[kata.name for _, kata in KATAS])
def test_every_kata_of_the_course_has_variations_that_are_some(one, kata):
    assert 1 <= len(kata.others) <= 3
    assert len({other.variation for other in kata.others}) == len(kata.others)
    for other in kata.others:
        assert breach(other.variation, variations.written(kata.name, other.code)) is None


def test_every_known_variation_is_in_the_page_and_none_that_is_unknown():
    page = (Course().root / "docs" / "katas.md").read_text(encoding="utf-8")
    for name in KNOWN:
        assert f"| `{name}` |" in page


def test_the_first_variation_that_a_solution_is_not_yet_is_offered():
    kata = next(kata for _, kata in KATAS if kata.name == "black_out")
    names = [other.variation for other in kata.others]
    assert names == ["without indexing", "without a temporary"]
    slow = variations.written("black_out", "out = image.clone()\nout[0] = 0\nreturn out")
    assert variations.offered(kata, slow, 0) == names[0]
    narrow = variations.written("black_out", kata.others[0].code)
    assert variations.offered(kata, narrow, 0) == names[1]
    free = variations.written("black_out", "return image.clone()")
    assert variations.offered(kata, free, 1) == variations.UNCHECKED[1]
    assert variations.body_of(kata, names[0]) == kata.others[0].code
    assert variations.body_of(kata, None) is None

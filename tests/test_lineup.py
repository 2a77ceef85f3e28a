"""The lineup says what stands in each blank of a learner's file, whatever they did around it."""

import ast
import random
from functools import cache
from pathlib import Path

import pytest

from torchkoans import cut, lesson, marks, spelling
from torchkoans.course import ROOT
from torchkoans.lineup import State, line_up
from torchkoans.source import CourseError, Source, read

EMPTY, FILLED, GONE = State.EMPTY, State.FILLED, State.GONE

ANSWERS = '''"""A lesson with every kind of place that a blank can have; 빈칸 means blank."""

import pytest
import torch

from koans import __, kata


def helper(x):
    """Twice x."""
    return x + x


class Box:
    """Something to put things in."""

    size = 3


def test_a_value(device):
    """모양: the shape of a tensor."""
    t = torch.zeros(2, 3, device=device)  # 영

    assert t.shape == __((2, 3))


def test_an_argument(device):
    """A blank among arguments."""
    t = torch.full(__((2, 3)), 1.5, device=device)
    assert t.shape == (2, 3)


def test_an_only_argument():
    """A blank between a call's brackets."""
    t = torch.ones(__((1, 2)))
    assert t.sum() == 2


def test_an_index():
    """A blank between square brackets."""
    t = torch.arange(6).reshape(2, 3)
    assert t[__[1, 1:]].tolist() == [4, 5]


def test_a_keyword():
    """A blank behind a keyword."""
    t = torch.arange(6).reshape(2, 3)
    assert t.sum(dim=__(0)).tolist() == [3, 5, 7]


def test_a_factor():
    """A blank beside an operator."""
    t = torch.ones(3)
    assert (t * __(4)).sum() == 12


def test_brackets():
    """A blank that the author has put brackets around."""
    t = (__(3 if torch else 4)) + 1
    assert t == 4


def test_two_blanks():
    """One blank, then another."""
    size = __((1, 2))
    t = torch.zeros(size)
    assert t.numel() == __(2)


def test_in_a_with():
    """A blank in the header of a with."""
    t = torch.zeros(2)
    with pytest.raises(__(IndexError)):
        t[5]
    assert t.numel() == 2


def test_in_a_loop():
    """A blank in the header of a for."""
    total = 0
    for number in range(__(4)):
        total += number
    assert total == 6


def test_in_a_function():
    """A blank in a function in a function."""

    def double(x):
        return x * __(2)

    assert double(4) == 8


@kata
def twice(x: torch.Tensor) -> torch.Tensor:
    """Twice x."""
    return x * 2


def test_of_a_kata():
    """A kata, tested."""
    assert twice(torch.ones(1)).item() == helper(1) == 2
'''


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("answers") / "01_blanks.py"
    path.write_text(ANSWERS, encoding="utf-8")
    return lesson.load(path)


@pytest.fixture(scope="module")
def pristine(sample):
    return cut.pristine(sample).text


@pytest.fixture
def lined(sample, pristine):
    """Line up the pristine koans after some replacements, each of which must find its text."""

    def after(*changes):
        text = pristine
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return line_up(sample, Source(Path("01_blanks.py"), text))

    return after


@pytest.fixture
def lined_text(sample):
    """Line up any text at all."""
    return lambda text: line_up(sample, Source(Path("01_blanks.py"), text))


def stands(lineup, name, blank=0):
    """State and text of a blank; its span must point at its text, and its line at its span."""
    at = lineup.test(name).blanks[blank]
    if at.span:
        assert lineup.source.cut(at.span) == at.text
        assert lineup.source.line_at(at.span[0]) == at.line
    return at.state, at.text


def altered(lineup):
    return [test.name for test in lineup.tests if test.altered]


# Where each blank stands, as the koan file has it.
PLACES = {
    "test_a_value": "t.shape == __",
    "test_an_argument": "torch.full(__, 1.5",
    "test_an_only_argument": "torch.ones(__)",
    "test_an_index": "t[__]",
    "test_a_keyword": "dim=__",
    "test_a_factor": "t * __",
    "test_brackets": "(__) + 1",
    "test_in_a_with": "raises(__)",
    "test_in_a_loop": "range(__)",
    "test_in_a_function": "x * __",
}


def filled(name, text):
    old = PLACES[name]
    return old, old.replace("__", text)


# -- what learners type into a blank -------------------------------------------------------------


def test_a_fresh_file_has_nothing_but_empty_blanks(lined):
    lineup = lined()
    assert {b.state for test in lineup.tests for b in test.blanks} == {EMPTY}
    assert {b.text for test in lineup.tests for b in test.blanks} == {"__"}
    assert not any(test.altered or test.new or test.missing for test in lineup.tests)
    assert not lineup.broken
    assert not lineup.altered_helpers


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "-1",
        "None",
        "x",
        "(2, 3)",
        "()",
        "(2,)",
        "[1, [2]]",
        "{'a': 1}",
        "{1, 2}",
        "torch.Size([2, 3])",
        "t.sum().item()",
        "f(1)(2)[3]",
        "[x for x in t]",
        "(x for x in t)",
        "(lambda x, y=1: x + y)",
        "(1 if t else 2)",
        "(y := 5)",
        "(1 + 2)",
        "((1 + 2))",
        "'__'",
        '"a # b"',
        '"""__"""',
        "f'{t}'",
        "rb'\\d'",
        "'a' 'b'",
        "'텐서'",
        "텐서",
        "(\n        2,\n        3,\n    )",
        "(  # 왜\n        2\n    )",
        "torch.tensor(\n    [\n1]  # )\n  )",
        "...",
        "1e-3",
        "1_000",
        "____",
        "___",
        "t.__len__()",
    ],
)
def test_whatever_stands_in_a_blank_is_read_back(lined, text):
    lineup = lined(*(filled(name, text) for name in PLACES))
    assert {name: stands(lineup, name) for name in PLACES} == dict.fromkeys(PLACES, (FILLED, text))
    assert altered(lineup) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_a_value", "1 + 2"),
        ("test_an_argument", "2, 3"),
        ("test_an_argument", "(2), (3)"),
        ("test_an_argument", "2, *t"),
        ("test_an_argument", "*t"),
        ("test_an_argument", "lambda x: x"),
        ("test_an_argument", "1 if t else 2"),
        ("test_an_argument", "y := 3"),
        ("test_an_only_argument", "1, 2"),
        ("test_an_only_argument", "(1 + 0), (2)"),
        ("test_an_only_argument", "1, 2, dtype=torch.int64"),
        ("test_an_only_argument", "size=(1, 2)"),
        ("test_an_only_argument", "*(1, 2), **{}"),
        ("test_an_only_argument", "1,\n        2"),
        ("test_an_only_argument", "x for x in (1, 2)"),
        ("test_an_only_argument", "lambda: 1"),
        ("test_an_index", "1"),
        ("test_an_index", "1:"),
        ("test_an_index", ":, None"),
        ("test_an_index", "..., ::2"),
        ("test_an_index", "1, 1:"),
        ("test_an_index", "t > 2"),
        ("test_an_index", "[0, 1], :1"),
        ("test_a_keyword", "0 if t else 1"),
        ("test_a_keyword", "lambda x: x"),
        ("test_a_factor", "t.T"),
        ("test_a_factor", "2 ** 2"),
        ("test_a_factor", "-t"),
        ("test_brackets", "1 if t else 2"),
        ("test_brackets", "y := 5"),
        ("test_brackets", "lambda: 1"),
        ("test_in_a_loop", "1, 5"),
        ("test_in_a_with", "IndexError, match='x'"),
        ("test_in_a_with", "(IndexError, KeyError)"),
    ],
)
def test_what_fits_this_place_alone_is_read_back(lined, name, text):
    lineup = lined(filled(name, text))
    assert stands(lineup, name) == (FILLED, text)
    assert altered(lineup) == []


@pytest.mark.parametrize(
    "text", ["5", "(1 + 2)", "((3))", "(1 if t else 2)", "(y := 5)", "(\n    4)", "(lambda: 1)"]
)
def test_the_text_typed_over_the_blank_says_the_same_again(lined, text):
    lineup = lined(*(filled(name, text) for name in PLACES))
    again = lined(*(filled(name, lineup.test(name).blanks[0].text) for name in PLACES))
    assert ast.dump(again.source.tree) == ast.dump(lineup.source.tree)


@pytest.mark.parametrize("text", ["5", "(1 + 2)", "((3))", "(y := 5)", "(2, 3)", "__(4)", "__"])
def test_a_blank_put_back_over_the_span_makes_the_koan_pristine(lined, pristine, text):
    lineup = lined(*(filled(name, text) for name in PLACES))
    spans = [lineup.test(name).blanks[0].span for name in PLACES]
    emptied = lineup.source.spliced((span, "__") for span in spans)
    assert ast.dump(emptied.tree) == ast.dump(ast.parse(pristine))


def test_a_blank_put_back_over_a_generator_leaves_the_brackets_of_the_call(lined, pristine):
    lineup = lined(("torch.ones(__)", "torch.ones( x for x in (1, 2) )"))
    emptied = lineup.source.spliced([(lineup.test("test_an_only_argument").blanks[0].span, "__")])
    assert ast.dump(emptied.tree) == ast.dump(ast.parse(pristine))


def test_a_blank_put_back_over_several_bracketed_arguments_leaves_the_call_whole(lined, pristine):
    lineup = lined(("torch.ones(__)", "torch.ones(((1)), (2))"))
    emptied = lineup.source.spliced([(lineup.test("test_an_only_argument").blanks[0].span, "__")])
    assert ast.dump(emptied.tree) == ast.dump(ast.parse(pristine))


@pytest.mark.parametrize(
    "text",
    ["__", "(__)", "(__, 3)", "__ + 1", "__()", "__(1, 2)", "[__]", "-__", "__.shape", "f(__)"],
)
def test_a_half_filled_blank_is_empty(lined, text):
    lineup = lined(filled("test_a_value", text))
    assert stands(lineup, "test_a_value") == (EMPTY, text)
    assert altered(lineup) == []


@pytest.mark.parametrize("text", ["2, __", "__, dim=1", "*__"])
def test_half_filled_arguments_are_empty(lined, text):
    lineup = lined(filled("test_an_only_argument", text))
    assert stands(lineup, "test_an_only_argument") == (EMPTY, text)


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("test_a_value", "__((2, 3))", "(2, 3)"),
        ("test_a_value", "__(5)", "5"),
        ("test_an_only_argument", "__((1, 2))", "(1, 2)"),
        ("test_an_index", "__[1, 1:]", "1, 1:"),
        ("test_brackets", "__(3 if torch else 4)", "3 if torch else 4"),
    ],
)
def test_of_a_marked_answer_the_answer_counts(lined, name, text, answer):
    at = lined(filled(name, text)).test(name).blanks[0]
    assert (at.state, at.text) == (FILLED, answer)


def test_an_erased_argument_is_empty_and_nowhere(lined):
    at = lined(filled("test_an_only_argument", "")).test("test_an_only_argument").blanks[0]
    assert (at.state, at.text, at.line, at.span) == (EMPTY, "", None, None)


def test_an_argument_erased_with_its_comma_is_empty(lined):
    lineup = lined(("torch.full(__, 1.5", "torch.full(1.5"))
    assert stands(lineup, "test_an_argument") == (EMPTY, "")
    assert altered(lineup) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_a_value", "1 or True"),
        ("test_a_value", "1 if t else 2"),
        ("test_a_value", "2, 3"),
        ("test_a_value", "5, 'a message'"),
        ("test_a_value", "t.shape == t.shape"),
        ("test_a_value", "(2, 3) and '텐서' == '텐서'"),
        ("test_a_keyword", "0, keepdim=True"),
        ("test_a_factor", "4 + 0 * t"),
        ("test_in_a_with", "IndexError), open('x'"),
        ("test_in_a_loop", "3) or range(4"),
        ("test_in_a_function", "2 if x else 3"),
    ],
)
def test_what_spills_over_is_read_and_counts_as_altered(lined, name, text):
    lineup = lined(filled(name, text))
    assert stands(lineup, name) == (FILLED, text)
    assert altered(lineup) == [name]


def test_what_spills_over_with_the_blank_in_it_is_empty(lined):
    lineup = lined(filled("test_a_value", "__ or True"))
    assert stands(lineup, "test_a_value") == (EMPTY, "__ or True")


def test_two_blanks_are_told_apart(lined):
    lineup = lined(("size = __", "size = 1, 2"))
    assert stands(lineup, "test_two_blanks", 0) == (FILLED, "1, 2")
    assert stands(lineup, "test_two_blanks", 1) == (EMPTY, "__")
    assert [blank.text for blank in lineup.test("test_two_blanks").empty] == ["__"]


def test_the_second_of_two_blanks_may_be_filled_first(lined):
    lineup = lined(("t.numel() == __", "t.numel() == 2"))
    assert stands(lineup, "test_two_blanks", 0) == (EMPTY, "__")
    assert stands(lineup, "test_two_blanks", 1) == (FILLED, "2")


def test_the_line_of_a_blank_is_where_it_stands_now(lined):
    lineup = lined(("import pytest\n", "import pytest\n\n\n"), filled("test_a_value", "5"))
    line = lineup.test("test_a_value").blanks[0].line
    assert lineup.source.lines[line - 1] == "    assert t.shape == 5"


# -- what is no alteration -----------------------------------------------------------------------

VALUE = "    assert t.shape == __\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (VALUE, f"    print(t)\n{VALUE}"),
        (VALUE, f"{VALUE}    print(t, end='', flush=True)\n"),
        (VALUE, f"    print(t);{VALUE}"),
        (VALUE, f"    breakpoint()\n    help(torch)\n{VALUE}"),
        (VALUE, f"    for row in t:\n        print(row)\n{VALUE}"),
        (VALUE, f"    if t.ndim:\n        print(t)\n    else:\n        pass\n{VALUE}"),
        (VALUE, f"    # 메모\n\n\n# and more\n{VALUE}"),
        (VALUE, f"    '''a note'''\n    pass\n    ...\n{VALUE}"),
        (VALUE, f"{VALUE.rstrip()}  # is it 5?\n"),
        (VALUE, "    assert   t . shape==__\n"),
        (VALUE, "    assert (t.shape == __)\n"),
        (VALUE, "    assert ((t).shape) == ((__))\n"),
        (VALUE, "    assert (\n        t.shape  # what?\n        == __\n    )\n"),
        (VALUE, "    assert t.shape == \\\n        __\n"),
        ('    """모양: the shape of a tensor."""\n', ""),
        ('    """모양: the shape of a tensor."""\n', "    'mine'\n"),
        ("t = torch.zeros(2, 3, device=device)  # 영", "t = torch.zeros(2, 3, device=device)"),
        ("torch.zeros(2, 3, device=device)", "torch.zeros(\n    2, 3,\n    device=device,\n    )"),
        ("torch.zeros(2, 3, device=device)", "torch.zeros((2), (3), device=(device))"),
        ("        t[5]\n", "        print('hm')\n        t[5]\n"),
        ("def test_a_value(device):", "def test_a_value(\n    device,\n):"),
        ("import torch\n", "import torch\nimport math\n"),
    ],
)
def test_it_is_no_alteration(lined, old, new):
    lineup = lined((old, new))
    assert altered(lineup) == []
    assert {b.state for test in lineup.tests for b in test.blanks} == {EMPTY}


def test_a_file_that_was_reformatted_throughout_is_unaltered(lined_text, pristine):
    lineup = lined_text(ast.unparse(ast.parse(pristine)))
    assert altered(lineup) == []
    assert {b.state for test in lineup.tests for b in test.blanks} == {EMPTY}


@pytest.mark.parametrize(
    "string", ["'it'", '"it"', "'''it'''", "'i' 't'", "u'it'", "('it')", "'\\x69t'"]
)
def test_how_a_string_is_written_does_not_matter(tmp_path, string):
    path = tmp_path / "01_quotes.py"
    path.write_text(
        '"""Quotes."""\n\nfrom koans import __\n\n\n'
        'def test_a():\n    """A."""\n    assert __("it") == "it"\n'
    )
    quotes = lesson.load(path)
    text = cut.pristine(quotes).text.replace('== "it"', f"== {string}")
    (test,) = line_up(quotes, Source(path, text)).tests
    assert not test.altered


@pytest.mark.parametrize("string", ["'it'", '"it"', "'''it'''"])
def test_how_a_string_is_written_does_not_matter_beside_a_spill(tmp_path, string):
    path = tmp_path / "01_quotes.py"
    path.write_text(
        '"""Quotes."""\n\nfrom koans import __\n\n\n'
        'def test_a():\n    """A."""\n    assert "it" == __("it")\n'
    )
    quotes = lesson.load(path)
    text = cut.pristine(quotes).text.replace('"it" == __', f"{string} == 5 or True")
    (test,) = line_up(quotes, Source(path, text)).tests
    assert test.blanks[0].text == "5 or True"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("torch.zeros(2, 3, device=device)", "torch.zeros(2, 4, device=device)"),
        ("torch.zeros(2, 3, device=device)", "torch.zeros(2, 3)"),
        ("torch.zeros(2, 3, device=device)", "torch.zeros(2.0, 3, device=device)"),
        ("    t = torch.zeros(2, 3, device=device)  # 영\n", ""),
        (VALUE, f"{VALUE}    assert True\n"),
        (VALUE, f"    return\n{VALUE}"),
        (VALUE, f"    t = t.T\n{VALUE}"),
        (VALUE, "    assert t.shape != __\n"),
        (VALUE, f"    with torch.no_grad():\n    {VALUE}"),
        (VALUE, f"    print(t)\n    import math\n{VALUE}"),
        ("def test_a_value(device)", "def test_a_value()"),
        ("def test_a_value(device)", "def test_a_value(device, n=1)"),
        ("def test_a_value(device)", "def test_a_value(gpu)"),
    ],
)
def test_it_is_an_alteration(lined, old, new):
    lineup = lined((old, new))
    assert altered(lineup) == ["test_a_value"]
    assert stands(lineup, "test_a_value") == (EMPTY, "__")


# -- tests that were changed beyond their blanks -------------------------------------------------

LINE = "    assert t.shape == 5\n"


@pytest.mark.parametrize(
    "new",
    [
        f"    try:\n    {LINE}    except Exception:\n        raise\n",
        f"    with torch.no_grad():\n    {LINE}",
        f"    if True:\n    {LINE}",
        f"    if False:\n        t = 1\n    else:\n    {LINE}",
        f"    for _ in range(2):\n    {LINE}",
        f"    while True:\n    {LINE}        break\n",
        f"    match t:\n        case _:\n        {LINE}",
        f"    def inner():\n    {LINE}\n    inner()\n",
        f"    try:\n        pass\n    finally:\n    {LINE}",
        f"    x = 3\n{LINE}    x = 4\n",
        f"    assert t.ndim == 2\n{LINE}    assert t.dtype == 5\n",
        "    x = 1; assert t.shape == 5\n",
    ],
)
def test_a_filled_blank_is_found_in_what_was_put_around_it(lined, new):
    lineup = lined((VALUE, new))
    assert stands(lineup, "test_a_value") == (FILLED, "5")
    assert altered(lineup) == ["test_a_value"]


@pytest.mark.parametrize(
    ("name", "old", "new", "text"),
    [
        ("test_a_value", VALUE, "    assert t.size() == (2, 3)\n", "(2, 3)"),
        ("test_a_value", VALUE, "    assert tuple(t.shape) == (2, 3)\n", "(2, 3)"),
        (
            "test_an_argument",
            "torch.full(__, 1.5, device=device)",
            "torch.full((2, 3), 1.5)",
            "(2, 3)",
        ),
        (
            "test_an_argument",
            "torch.full(__, 1.5, device=device)",
            "torch.full(5, 2.5, device=device)",
            "5",
        ),
        (
            "test_in_a_with",
            "with pytest.raises(__):",
            "with pytest.raises(KeyError) as e:",
            "KeyError",
        ),
        ("test_in_a_loop", "for number in range(__):", "for i in range(4):", "4"),
    ],
)
def test_a_blank_is_found_while_something_of_its_statement_is_left(lined, name, old, new, text):
    lineup = lined((old, new))
    assert stands(lineup, name) == (FILLED, text)
    assert altered(lineup) == [name]


@pytest.mark.parametrize(
    "new",
    ["    assert t.size() == __\n", "    assert __ == t.shape\n", "    assert t.shape is __\n"],
)
def test_a_blank_left_in_a_changed_statement_is_empty(lined, new):
    lineup = lined((VALUE, new))
    assert stands(lineup, "test_a_value") == (EMPTY, "__")


@pytest.mark.parametrize(
    "new",
    ["", "    # assert t.shape == 5\n", "    assert True\n", "    '''assert t.shape == 5'''\n"],
    ids=["deleted", "commented out", "replaced", "in a string"],
)
def test_a_blank_whose_statement_is_no_more_is_gone(lined, new):
    lineup = lined((VALUE, new))
    at = lineup.test("test_a_value").blanks[0]
    assert (at.state, at.text, at.line, at.span) == (GONE, "", None, None)
    assert altered(lineup) == ["test_a_value"]


def test_of_two_blanks_one_may_be_gone(lined):
    lineup = lined(("    assert t.numel() == __\n", ""), ("size = __", "size = 5"))
    assert stands(lineup, "test_two_blanks", 0) == (FILLED, "5")
    assert stands(lineup, "test_two_blanks", 1) == (GONE, "")


def test_two_blanks_that_changed_places_are_both_found(lined):
    lineup = lined(
        (
            "    size = __\n    t = torch.zeros(size)\n    assert t.numel() == __\n",
            "    assert t.numel() == 2\n    t = torch.zeros(size)\n    size = (1, 2)\n",
        )
    )
    assert stands(lineup, "test_two_blanks", 0) == (FILLED, "(1, 2)")
    assert stands(lineup, "test_two_blanks", 1) == (FILLED, "2")
    assert altered(lineup) == ["test_two_blanks"]


def test_reordered_statements_are_an_alteration(lined):
    first, second = "    t = torch.ones(3)\n", "    assert (t * __).sum() == 12\n"
    lineup = lined((first + second, second.replace("__", "4") + first))
    assert stands(lineup, "test_a_factor") == (FILLED, "4")
    assert altered(lineup) == ["test_a_factor"]


def test_a_second_try_below_the_first_does_not_hide_it(lined):
    lineup = lined((VALUE, f"{VALUE}    # or\n    assert t.shape == 5\n"))
    assert lineup.test("test_a_value").altered


@pytest.mark.parametrize(
    "decorator",
    [
        "@pytest.mark.skip",
        "@pytest.mark.xfail(reason='later')",
        "@pytest.mark.parametrize('n', [1, 2])",
        "@torch.no_grad()\n@pytest.mark.skip",
    ],
)
def test_a_decorated_test_is_altered_and_read(lined, decorator):
    lineup = lined(
        ("def test_a_value", f"{decorator}\ndef test_a_value"), filled("test_a_value", "5")
    )
    assert stands(lineup, "test_a_value") == (FILLED, "5")
    assert altered(lineup) == ["test_a_value"]


def test_the_span_of_a_test_is_all_of_it(lined, pristine):
    lineup = lined(("def test_a_factor", "@pytest.mark.skip\ndef test_a_factor"))
    whole = lineup.source.cut(lineup.test("test_a_factor").span)
    start = pristine.index("def test_a_factor")
    end = pristine.index("\n\n\ndef test_brackets")
    assert whole == "@pytest.mark.skip\n" + pristine[start:end] + "\n"


def test_a_renamed_test_is_missing_and_the_new_one_is_new(lined):
    lineup = lined(("def test_a_value", "def test_another_value"))
    assert lineup.test("test_a_value").missing
    assert stands(lineup, "test_a_value") == (GONE, "")
    assert lineup.test("test_another_value").new
    assert not lineup.test("test_another_value").missing


def test_a_deleted_test_is_missing_and_the_others_are_there(lined, pristine):
    start = pristine.index("def test_a_value")
    end = pristine.index("def test_an_argument")
    lineup = lined((pristine[start:end], ""))
    assert [test.name for test in lineup.tests if test.missing] == ["test_a_value"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def test_a_value", "async def test_a_value"),
        ("def test_a_value(", "class TestMine:\n  def test_a_value(self, "),
        ("def test_a_value(device):", "if True:\n  def test_a_value(device):"),
        ("def test_a_value(device):", "test_a_value = None\ndef other(device):"),
    ],
    ids=["async", "in a class", "in an if", "no function"],
)
def test_a_test_that_is_no_function_of_the_module_is_missing(lined_text, pristine, old, new):
    lineup = lined_text(pristine.replace(old, new))
    assert lineup.broken is None
    assert lineup.test("test_a_value").missing


def test_of_two_tests_with_one_name_the_last_counts(lined):
    lineup = lined(
        ("def test_a_factor", "def test_a_value(device):\n    assert 1\n\n\ndef test_a_factor")
    )
    assert stands(lineup, "test_a_value") == (GONE, "")
    assert lineup.test("test_a_value").altered


def test_a_copied_test_is_altered_and_the_last_copy_is_read(lined_text, pristine):
    start = pristine.index("def test_a_value")
    end = pristine.index("def test_an_argument")
    copied = pristine[start:end].replace("__", "5")
    lineup = lined_text(pristine.rstrip() + "\n\n\n" + copied)
    assert stands(lineup, "test_a_value") == (FILLED, "5")
    assert altered(lineup) == ["test_a_value"]


def test_a_test_of_ones_own_is_new(lined_text, pristine):
    lineup = lined_text(pristine + "\n\ndef test_mine():\n    assert __\n")
    mine = lineup.test("test_mine")
    assert (mine.new, mine.altered, mine.blanks) == (True, False, ())
    assert lineup.source.lines[mine.line - 1] == "def test_mine():"


def test_the_tests_come_in_the_order_of_the_lesson_then_the_new_ones(lined_text, sample, pristine):
    lineup = lined_text("def test_mine():\n    pass\n\n\n" + pristine)
    names = [koan.name for koan in sample.koans]
    assert [test.name for test in lineup.tests] == [*names, "test_mine"]


def test_an_unknown_name_is_no_test(lined):
    assert lined().test("test_nothing") is None
    assert lined().kata("nothing") is None


# -- katas and helpers ---------------------------------------------------------------------------

STUB = "    raise NotImplementedError\n"


@pytest.mark.parametrize(
    "body",
    [
        STUB,
        "    raise NotImplementedError()\n",
        "    raise NotImplementedError('later')\n",
        "    # return x\n    raise NotImplementedError\n",
        "    y = x + x\n    raise NotImplementedError\n",
        "    pass\n",
        "    ...\n",
        "    print(x)\n",
        "",
    ],
)
def test_a_kata_is_not_written(lined, body):
    assert not lined((STUB, body)).kata("twice").written


@pytest.mark.parametrize(
    "body",
    [
        "    return x\n",
        "    return\n",
        "    x += x\n",
        "    for y in x:\n        return y\n",
        "    if x is None:\n        raise NotImplementedError\n    return x + x\n",
        "    return x + x\n    raise NotImplementedError\n",
    ],
)
def test_a_kata_is_written(lined, body):
    kata = lined((STUB, body)).kata("twice")
    assert kata.written
    assert not kata.altered


@pytest.mark.parametrize(
    "body",
    [STUB, "    return x\n", "    y = x\n\n    # a note\n    return y\n    # the end\n", ""],
)
def test_the_body_of_a_kata_is_what_stands_below_its_docstring(lined, body):
    lineup = lined((STUB, body))
    assert lineup.source.cut(lineup.kata("twice").body) == body


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def twice(x: torch.Tensor)", "def twice(x, y)"),
        ("def twice(x: torch.Tensor)", "def twice(y: torch.Tensor)"),
        ("@kata\n", ""),
    ],
)
def test_a_kata_with_another_signature_is_altered(lined, old, new):
    assert lined((old, new)).kata("twice").altered


def test_a_kata_that_is_gone_has_no_line(lined):
    kata = lined(("def twice", "def thrice")).kata("twice")
    assert (kata.line, kata.written, kata.body) == (None, False, None)


@pytest.mark.parametrize(
    "text",
    [
        "def twice(x: torch.Tensor): return x\n",
        "def twice(x: torch.Tensor): 'Twice x.'\n",
        "def twice(x: torch.Tensor):\n    'Twice x.'; return x\n",
    ],
)
def test_a_kata_on_one_line_has_no_body_to_replace(lined_text, text):
    kata = lined_text(f"@kata\n{text}").kata("twice")
    assert kata.body is None
    assert kata.line == 2


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("return x + x", "return x * 3", "helper"),
        ("def helper", "def helped", "helper"),
        ("def helper(x)", "def helper(x, y)", "helper"),
        ("size = 3", "size = 4", "Box"),
        ("class Box", "class Bag", "Box"),
    ],
)
def test_a_helper_that_was_changed_or_is_gone_is_named(lined, old, new, name):
    lineup = lined((old, new))
    assert lineup.altered_helpers == (name,)
    assert altered(lineup) == []


def test_a_print_in_a_helper_changes_nothing(lined):
    assert lined(("    return x + x", "    print(x)\n    return x + x")).altered_helpers == ()


def test_a_helper_of_ones_own_is_nobodys_business(lined_text, pristine):
    lineup = lined_text(pristine + "\n\ndef mine():\n    return 1\n")
    assert lineup.altered_helpers == ()
    assert altered(lineup) == []


# -- what would be lost --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("t.shape == __", "t.shape == 5"),
        ("t.shape == __", "t.shape == (__, 3)"),
        (VALUE, f"    x = t.sum()\n{VALUE}"),
        (VALUE, ""),
        (STUB, "    return x\n"),
        ("def twice(x: torch.Tensor)", "def twice(x)"),
        ("return x + x", "return x * 2"),
        ("def test_a_value", "def test_mine"),
        (VALUE, "    assert (\n"),
    ],
    ids=[
        "filled",
        "half filled",
        "statement",
        "deleted",
        "kata",
        "signature",
        "helper",
        "new test",
        "broken",
    ],
)
def test_a_file_that_was_worked_in_is_touched(lined, old, new):
    assert lined((old, new)).touched


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import torch\n", "import torch\n"),
        (VALUE, f"    # hm\n{VALUE}"),
        (VALUE, f"    print(t)\n{VALUE}"),
        ("t.shape == __", "t.shape == (__)"),
    ],
    ids=["fresh", "comment", "print", "brackets"],
)
def test_a_file_that_was_only_looked_at_is_untouched(lined, old, new):
    assert not lined((old, new)).touched


# -- files in every condition --------------------------------------------------------------------


def bytes_lined(sample, tmp_path, data):
    path = tmp_path / "01_blanks.py"
    path.write_bytes(data)
    return line_up(sample, read(path))


@pytest.mark.parametrize(
    "condition",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\n", 20).encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("    ", "\t").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: (text + "\n\n\n  \n").encode(),
        lambda text: text.replace("\n\n", "\n\f\n").encode(),
        lambda text: b"# coding: cp949\n" + text.encode("cp949"),
        lambda text: b"# -*- coding: utf-8 -*-\n" + text.encode(),
        lambda text: ("# 한글\n" * 50 + text).encode(),
        lambda text: text.replace("    ", " ").encode(),
        lambda text: text.replace("\n", "  \n").encode(),
    ],
    ids=[
        "CRLF",
        "mixed line ends",
        "BOM",
        "BOM and CRLF",
        "tabs",
        "no newline at the end",
        "blank lines at the end",
        "form feeds",
        "another encoding",
        "coding line",
        "moved down",
        "one space",
        "trailing space",
    ],
)
def test_a_file_in_another_form_reads_the_same(sample, pristine, tmp_path, condition):
    text = pristine.replace("t.shape == __", 't.shape == "한글"').replace("t * __", "t * (2 + 2)")
    lineup = bytes_lined(sample, tmp_path, condition(text))
    assert lineup.broken is None
    assert altered(lineup) == []
    assert stands(lineup, "test_a_value") == (FILLED, '"한글"')
    assert stands(lineup, "test_a_factor") == (FILLED, "(2 + 2)")
    assert stands(lineup, "test_in_a_function") == (EMPTY, "__")


def test_a_spill_in_a_crlf_file_is_found(sample, pristine, tmp_path):
    text = pristine.replace("t.shape == __", "t.shape == (\n  1) or '한글'").replace("\n", "\r\n")
    lineup = bytes_lined(sample, tmp_path, text.encode())
    assert stands(lineup, "test_a_value") == (FILLED, "(\r\n  1) or '한글'")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"x = '\xff'\n", "save the file as UTF-8"),
        (b"# coding: nonsense\n", "save the file as UTF-8"),
        (b"# coding: rot13\n", "save the file as UTF-8"),
    ],
    ids=["bad byte", "unknown encoding", "no encoding for text"],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(sample, tmp_path, data, what):
    with pytest.raises(CourseError, match=what):
        bytes_lined(sample, tmp_path, data)


def test_an_empty_file_misses_everything(lined_text, sample):
    lineup = lined_text("")
    assert all(test.missing for test in lineup.tests)
    assert len(lineup.tests) == len(sample.koans)
    assert lineup.altered_helpers == ("helper", "Box")
    assert lineup.broken is None


BROKEN = {
    "nothing": "    assert t.shape == \n",
    "bracket": "    assert t.shape == (2, 3\n",
    "string": "    assert t.shape == 'abc\n",
    "docstring": "    '''never closed\n",
    "indentation": "  assert t.shape == 5\n",
    "tab": "\tassert t.shape == 5\n",
    "colon": "    if t\n        assert t.shape == 5\n",
    "assignment": "    assert t.shape = 5\n",
    "NUL": "    assert t.shape == '\0'\n",
    "conflict": "<<<<<<< HEAD\n    assert t == 1\n=======\n    assert t == 2\n>>>>>>> theirs\n",
    "too deep": f"    assert t.shape == {'(' * 300}{')' * 300}\n",
    "a wild def": "    assert t.shape == 5\n    def f(:\n",
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_one_broken_test_leaves_the_others_readable(lined, line):
    lineup = lined((VALUE, line), ("t * __", "t * 4"))
    assert lineup.broken is not None
    assert [test.name for test in lineup.tests if test.broken] == ["test_a_value"]
    assert not any(test.missing or test.altered for test in lineup.tests)
    assert stands(lineup, "test_a_factor") == (FILLED, "4")
    assert stands(lineup, "test_an_argument") == (EMPTY, "__")
    assert lineup.altered_helpers == ()


@pytest.mark.parametrize("name", ["nothing", "bracket", "indentation", "assignment"])
def test_a_broken_test_says_where(lined, name):
    lineup = lined((VALUE, BROKEN[name]))
    error = lineup.test("test_a_value").broken
    line = lineup.source.lines.index(BROKEN[name].rstrip("\n")) + 1
    assert line <= error.line <= line + 1
    assert str(error).startswith(f"01_blanks.py:{error.line}: ")


def test_a_broken_test_has_a_span_and_no_line(lined, pristine):
    lineup = lined((VALUE, BROKEN["nothing"]))
    test = lineup.test("test_a_value")
    start = pristine.index("def test_a_value")
    end = pristine.index("\n\n\ndef test_an_argument")
    assert test.line is None
    assert lineup.source.cut(test.span) == pristine[start:end].replace("== __", "== ") + "\n"


def test_the_span_of_a_broken_test_leaves_out_what_stands_below_it(lined):
    below = ("def test_an_argument", "# the next one\n\n\ndef test_an_argument")
    lineup = lined((VALUE, BROKEN["nothing"]), below)
    assert lineup.source.cut(lineup.test("test_a_value").span).endswith(BROKEN["nothing"])


def test_conflict_markers_around_whole_tests_break_none_of_them(lined, pristine):
    start = pristine.index("def test_a_value")
    end = pristine.index("def test_an_argument")
    ours = pristine[start:end].rstrip() + "\n"
    theirs = ours.replace("__", "5")
    conflict = f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n\n\n"
    lineup = lined((pristine[start:end], conflict))
    assert lineup.broken is not None
    assert not any(test.broken for test in lineup.tests)
    assert stands(lineup, "test_a_value") == (FILLED, "5")
    assert altered(lineup) == ["test_a_value"]


def test_rubbish_between_two_tests_breaks_none_of_them(lined):
    lineup = lined(("def test_a_factor", "x = = 3\ny = (\n\n\ndef test_a_factor"))
    assert lineup.broken is not None
    assert not any(test.broken or test.missing or test.altered for test in lineup.tests)


def test_a_decorator_of_several_lines_stays_with_its_test_in_a_broken_file(lined):
    lineup = lined(
        ("def test_a_factor", "@pytest.mark.skip(\n    'x'\n)\ndef test_a_factor"),
        (VALUE, BROKEN["nothing"]),
    )
    assert altered(lineup) == ["test_a_factor"]


def test_a_test_that_was_moved_into_the_bracket_of_another_is_read(lined):
    lineup = lined(("torch.ones(__)", "torch.ones(5"))
    assert lineup.test("test_an_only_argument").broken
    assert stands(lineup, "test_an_index") == (EMPTY, "__")


@pytest.mark.parametrize("terms", [600, 1500, 5000])
def test_a_sum_without_end_is_read_or_refused_in_a_sentence(lined, terms):
    lineup = lined(filled("test_a_value", "+".join(["1"] * terms)))
    if lineup.broken:
        assert "cannot read it" in lineup.broken.what
    else:
        assert lineup.test("test_a_value").blanks[0].state is FILLED


def test_a_sum_without_end_in_an_altered_test_is_read(lined):
    long = "+".join(["1"] * 600)
    lineup = lined((VALUE, f"    x = {long}\n    assert t.shape == {long}\n"))
    assert stands(lineup, "test_a_value") == (FILLED, long)


def test_deeply_nested_blocks_are_read(lined):
    nested = "".join(f"{'    ' * n}if True:\n" for n in range(1, 90))
    lineup = lined((VALUE, f"{nested}{'    ' * 90}assert t.shape == 5\n"))
    assert stands(lineup, "test_a_value") == (FILLED, "5")


def test_a_very_long_test_is_lined_up_in_good_time(lined):
    many = "".join(f"    value_{n} = torch.zeros(2, {n}, device=device)\n" for n in range(300))
    lineup = lined((VALUE, many + LINE))
    assert stands(lineup, "test_a_value") == (FILLED, "5")


# -- every lesson of the course ------------------------------------------------------------------

TOY = Path(__file__).parent / "toy" / "answers"
FILES = sorted([*TOY.glob("[0-9]*.py"), *(ROOT / "answers").glob("[0-9]*.py")])
every_lesson = pytest.mark.parametrize(
    "path", FILES, ids=[f"{path.parents[1].name}/{path.name}" for path in FILES]
)


loaded = cache(lesson.load)


def holes(path):
    """The blanks of the pristine file, as (test, number, blank at, blank of the lesson)."""
    lineup = line_up(loaded(path), cut.pristine(loaded(path)))
    for koan, test in zip(loaded(path).koans, lineup.tests, strict=True):
        for number, (ours, at) in enumerate(zip(koan.blanks, test.blanks, strict=True)):
            yield koan.name, number, at, ours


@every_lesson
def test_the_cut_lined_up_with_itself_is_empty_and_unaltered(path):
    lineup = line_up(loaded(path), cut.pristine(loaded(path)))
    assert {stands(lineup, name, n) for name, n, _, _ in holes(path)} == {(EMPTY, "__")}
    assert not any(t.altered or t.new or t.missing or t.broken for t in lineup.tests)
    assert not any(kata.written or kata.altered for kata in lineup.katas)
    assert not lineup.touched


@every_lesson
def test_the_solved_file_reads_back_every_answer(path):
    lineup = line_up(loaded(path), cut.filled(loaded(path)))
    for name, number, _, ours in holes(path):
        assert stands(lineup, name, number) == (FILLED, ours.answer)
    assert altered(lineup) == []
    assert all(kata.written and not kata.altered for kata in lineup.katas)


@every_lesson
def test_the_answer_file_itself_reads_back_every_answer(path):
    lineup = line_up(loaded(path), loaded(path).source)
    for name, number, _, ours in holes(path):
        at = lineup.test(name).blanks[number]
        assert at.state is FILLED
        assert spelling.same(at.text, ours.answer)
    assert altered(lineup) == []


@every_lesson
def test_a_koan_alone_is_lined_up_as_it_is_among_all(path):
    one, solved = loaded(path), cut.filled(loaded(path)).text
    mine = "\n\ndef test_mine():\n    pass\n"
    altered_ = Source(path, solved.replace("assert ", "x = 1\n    assert ", 3) + mine)
    for learner in (cut.pristine(one), altered_, Source(path, solved.replace("(", "((", 5))):
        everything = line_up(one, learner)
        for koan in one.koans[::4]:
            alone = line_up(one, learner, only=[koan.name])
            (test,) = alone.tests
            expected = everything.test(koan.name)
            assert (test.blanks, test.altered, test.span) == (
                expected.blanks,
                expected.altered,
                expected.span,
            )
            assert str(test.broken) == str(expected.broken)
            assert alone.katas == everything.katas
            assert str(alone.broken) == str(everything.broken)


@every_lesson
def test_every_trap_reads_back_where_it_is_typed(path):
    pristine = cut.pristine(loaded(path))
    most = max(len(ours.traps) for _, _, _, ours in holes(path))
    for round_ in range(most):  # as many at a time as there are blanks
        typed = {
            (n, b): (at, o.traps[round_].code) for n, b, at, o in holes(path) if o.traps[round_:]
        }
        lineup = line_up(loaded(path), pristine.spliced((at.span, c) for at, c in typed.values()))
        read_back = {place: stands(lineup, *place) for place in typed}
        assert read_back == {place: (FILLED, code) for place, (_, code) in typed.items()}
        assert altered(lineup) == []


@every_lesson
def test_every_statement_deleted_is_noticed(path):
    pristine = cut.pristine(loaded(path))
    tests = [node for node in pristine.tree.body if marks.is_test(node)]
    for index in range(1, max(len(test.body) for test in tests)):
        less = {test.name: test.body[index] for test in tests if index < len(test.body)}
        lineup = line_up(
            loaded(path), pristine.spliced((pristine.span(node), "pass") for node in less.values())
        )
        assert altered(lineup) == [n for n, node in less.items() if not marks.is_noise(node)]
        gone = {
            name: sum(blank.state is GONE for blank in lineup.test(name).blanks) for name in less
        }
        assert gone == {name: len(marks.bare(node)) for name, node in less.items()}


NOISE = [
    "print('__')",
    "# __ = 3",
    "",
    "# 한글 메모",
    "pass",
    "breakpoint()",
    "'__'",
    "print(torch)",
]


def with_noise(text, rng):
    """Prints, comments and blank lines before statements of the tests, docstrings apart."""
    source = Source(Path("noisy.py"), text)
    lines = {
        statement.lineno
        for test in source.tree.body
        if marks.is_test(test)
        for statement in ast.walk(test)
        if isinstance(statement, ast.stmt) and statement is not test
        if not source.lines[statement.lineno - 1].lstrip().startswith(("def ", "elif"))
    }
    edits = []
    for line in sorted(lines):
        if rng.random() < 0.5:
            start, _ = source.line_span(line, line)
            before = source.lines[line - 1]
            indent = before[: len(before) - len(before.lstrip())]
            edits.append(((start, start), f"{indent}{rng.choice(NOISE)}\n"))
    return source.spliced(edits).text


@every_lesson
@pytest.mark.parametrize("seed", range(3))
def test_a_random_mixture_of_answers_traps_blanks_and_noise_reads_back(path, seed):
    rng = random.Random(f"{path.name}{seed}")
    edits, expected = [], {}
    for name, number, at, ours in holes(path):
        typed = rng.choice(["__", ours.answer, *(trap.code for trap in ours.traps)])
        edits.append((at.span, typed))
        expected[name, number] = (EMPTY if typed == "__" else FILLED, typed)
    text = with_noise(cut.pristine(loaded(path)).spliced(edits).text, rng)
    lineup = line_up(loaded(path), Source(path, text))
    assert {(n, b): stands(lineup, n, b) for n, b in expected} == expected
    assert altered(lineup) == []
    assert not any(test.new or test.missing for test in lineup.tests)


@every_lesson
def test_a_mixture_in_crlf_with_tabs_reads_back(path):
    text = with_noise(cut.filled(loaded(path)).text, random.Random(path.name))
    lineup = line_up(loaded(path), Source(path, text.replace("\n", "\r\n")))
    for name, number, _, ours in holes(path):
        state, typed = stands(lineup, name, number)
        assert (state, typed.replace("\r\n", "\n")) == (FILLED, ours.answer)
    assert altered(lineup) == []


@every_lesson
@pytest.mark.parametrize("which", [0, 1], ids=["odd ones", "even ones"])
def test_tests_that_do_not_parse_break_no_other(path, which):
    text = cut.pristine(loaded(path)).text
    broken = [koan.name for koan in loaded(path).koans[which::2]]
    for name in broken:
        text = text.replace(f"def {name}(", f"def {name}((")
    lineup = line_up(loaded(path), Source(path, text))
    assert [test.name for test in lineup.tests if test.broken] == broken
    assert altered(lineup) == []


# -- a blank that is a whole line ------------------------------------------------------------------

A_LINE = '''"""A lesson whose blank is a line."""

import torch

from koans import __


def test_a_line():
    """Something is to be done to the bag."""
    bag = [1]
    __(bag.clear())
    assert bag == []
'''


@pytest.fixture
def lined_line(tmp_path):
    """What stands in that blank after it was replaced by some text."""
    path = tmp_path / "01_line.py"
    path.write_text(A_LINE, encoding="utf-8")
    one = lesson.load(path)

    def put(text):
        learner = Source(Path("koans/01_line.py"), cut.pristine(one).text.replace("    __\n", text))
        (test,) = line_up(one, learner).tests
        (blank,) = test.blanks
        return blank.state, blank.text, test.altered

    return put


@pytest.mark.parametrize(
    "text", ["bag.clear()", "bag = []", "bag[:] = []", "bag *= 0", "bag: list = []"]
)
def test_a_line_may_be_filled_with_a_call_or_an_assignment(lined_line, text):
    assert lined_line(f"    {text}\n") == (FILLED, text, False)


@pytest.mark.parametrize("text", ["return", "raise SystemExit"])
def test_a_line_that_leaves_the_koan_is_no_answer(lined_line, text):
    """`return` in its place would make any koan green."""
    state, _, altered = lined_line(f"    {text}\n")
    assert (state, altered) == (GONE, True)


def test_a_line_that_is_only_erased_is_no_answer(lined_line):
    assert lined_line("")[0] is not FILLED
    assert lined_line("    pass\n")[0] is not FILLED
    assert lined_line("    __\n") == (EMPTY, "__", False)

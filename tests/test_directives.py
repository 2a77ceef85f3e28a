"""Directives are comments on lines of their own that start with a known word."""

import io
import tokenize
from pathlib import Path

import pytest

from torchkoans import directives
from torchkoans.course import ROOT
from torchkoans.source import CourseError, Source, read


def find(text):
    return directives.find(Source(Path("01_a.py"), text))


@pytest.mark.parametrize("word", directives.KNOWN)
def test_each_known_word_is_one(word):
    (directive,) = find(f"x = 1\n# {word}: 무엇\n")
    assert (directive.word, directive.line, directive.sentence) == (word, 2, "무엇")


@pytest.mark.parametrize("text", ["#hint: a", "# hint: a", "    # hint: a", "\t# hint:  a"])
def test_spaces_around_the_word_may_differ(text):
    assert [d.sentence for d in find(f"if 1:\n    pass\n{text}\n")] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # hint: no",
        '"""\n# hint: no\n"""',
        "x = '# hint: no'",
        "# a hint: no",
        "# hint no",
        "#  hint: no",
        "## hint: no",
        "# https://docs.pytorch.org",
        "# hint:no",
        "# 힌트: no",
        "#",
        "#:",
    ],
)
def test_what_looks_like_one_is_none(text):
    assert find(f"{text}\n") == []


@pytest.mark.parametrize("word", ["hints", "note", "TODO", "Hint", "trap_"])
def test_an_unknown_word_is_refused_with_the_known_ones(word):
    with pytest.raises(CourseError) as caught:
        find(f"x = 1\n\n# {word}: a\n")
    assert caught.value.line == 3
    assert f"`# {word}:` is no directive; the known ones are claims, hint," in caught.value.what


def test_a_sentence_goes_on_in_deeper_comment_lines():
    (directive,) = find("# why: one\n#     two\n#    three\n# four\n")
    assert directive.sentence == "one two three"
    assert (directive.line, directive.end_line) == (1, 3)


@pytest.mark.parametrize(
    "between", ["\n", "x = 1\n", "#\n", "# plain\n", "    # indented\n", "# hint: other\n"]
)
def test_a_sentence_ends_at_anything_else(between):
    found = find(f"if 1:\n    pass\n# why: one\n{between}#     two\n")
    assert found[0].sentence == "one"


def test_a_body_keeps_its_indentation():
    (directive,) = find("# wrong: for x in y:\n#         f(x)\n#     return x -> no\n")
    assert directive.code_and_sentence("a.py") == ("for x in y:\n    f(x)\nreturn x", "no")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_do_not_matter(end):
    found = find(end.join(["x = '빈'", "# hint: 가", "#     나", "# why: 다", ""]))
    assert [(d.line, d.end_line, d.sentence) for d in found] == [(2, 3, "가 나"), (4, 4, "다")]


def test_a_comment_between_brackets_may_be_one():
    assert [d.line for d in find("x = (\n    # hint: a\n    1\n)\n")] == [2]


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        ("1 -> one", "1", "one"),
        ("1 -> one -> two", "1", "one -> two"),
        ("'a -> b' -> text", "'a -> b'", "text"),
        ("(1,\n#     2) -> two", "(1,\n2)", "two"),
        (":, 1: -> index", ":, 1:", "index"),
        ("1 ->\n#     on the next line", "1", "on the next line"),
        ("x[0] - 1 -> 빼기", "x[0] - 1", "빼기"),
        ("{'a': 1} -> # is no comment here", "{'a': 1}", "# is no comment here"),
    ],
)
def test_code_ends_at_the_first_arrow_that_leaves_python_on_its_left(text, code, sentence):
    (directive,) = find(f"# trap: {text}\n")
    assert directive.code_and_sentence("a.py") == (code, sentence)


@pytest.mark.parametrize(
    "text", ["1", "1 ->", "1 -> ", "-> why", "1->why", "(1 -> why", "1 because", "a b -> why", ""]
)
def test_a_trap_without_code_arrow_or_sentence_is_refused(text):
    (directive,) = find(f"x = 1\n# trap: {text}\n")
    with pytest.raises(CourseError, match=r"^a\.py:2: `# trap:` needs CODE -> sentence"):
        directive.code_and_sentence("a.py")


def test_own_line_comments_have_their_column():
    source = Source(Path("a.py"), "if 1:  # no\n    # yes\n    x = '빈'  # no\n# also\n")
    assert directives.own_line_comments(source) == {2: (4, "# yes"), 4: (0, "# also")}


FILES = sorted(
    [*ROOT.glob("answers/*.py"), *ROOT.glob("scripts/**/*.py"), *ROOT.glob("tests/*.py")]
)


@pytest.mark.parametrize("path", FILES[::4], ids=lambda path: path.name)
def test_comments_are_those_that_python_finds(path):
    source = read(path)
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    assert directives.own_line_comments(source) == {
        token.start[0]: (token.start[1], token.string)
        for token in tokens
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#")
    }


@pytest.mark.parametrize(
    "text",
    [
        "x = '''\n# no\n'''\n# yes\n",
        'x = """a\\"""\n# no\n"""\n# yes\n',
        "x = 'it\\'s'  # no\n# yes\n",
        'x = """"\n# no"""\n# yes\n',
        "x = 'a\\\n# no'\n# yes\n",
        "x = rb'\\'\"'\n# yes\n",
        "x = ''\n# yes '''\n",
        '# yes """\n',
    ],
)
def test_a_string_hides_no_comment_and_holds_none(text):
    found = directives.own_line_comments(Source(Path("a.py"), text))
    assert [comment[:5] for _, comment in found.values()] == ["# yes"]

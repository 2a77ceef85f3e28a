"""Directives: comments on a line of their own that start with a known word (`# hint: ...`).

They speak of the koan around them.
"""

import ast
import re
import textwrap
from dataclasses import dataclass

from torchkoans.source import CourseError, Source

ABOVE_THE_BLANK = ("claims", "hint", "trap")
AFTER_THE_KOAN = ("why", "picture")
UNDER_A_KATA = ("claims", "hint", "why", "wrong", "also")
KNOWN = (*ABOVE_THE_BLANK, *AFTER_THE_KOAN, "wrong", "also")

_START = re.compile(r"# ?([A-Za-z_]+):(?:\s+|$)")
_GOES_ON = re.compile(r"#\s{3,}\S")
_ARROW = " -> "


@dataclass(frozen=True)
class Directive:
    """One directive; `lines` are its comment lines without the leading `# word: ` and `#     `."""

    word: str
    line: int
    end_line: int
    column: int
    lines: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return " ".join(line.strip() for line in self.lines).strip()

    def halves(self, path: object) -> tuple[str, str]:
        """Like `code_and_sentence`, but code before an only arrow is taken at its word."""
        code, arrow, sentence = "\n".join(self.lines).partition(_ARROW)
        if not arrow or " ->" in code + sentence or not (code.strip() and sentence.strip()):
            return self.code_and_sentence(path)
        return code.strip(), " ".join(sentence.split())

    def code_and_sentence(self, path: object) -> tuple[str, str]:
        """Split `CODE -> sentence` at the first arrow that leaves valid Python on its left.

        Raises CourseError where there is none, or where one half is empty.
        """
        text = "\n".join(self.lines)
        for found in re.finditer(r" ->(?=\s)", text):
            code, sentence = text[: found.start()].strip(), text[found.end() :]
            if code and _parses(code):
                sentence = " ".join(sentence.split())
                if sentence:
                    return code, sentence
        what = f"`# {self.word}:` needs CODE{_ARROW}sentence, with code that Python can read"
        raise CourseError(str(path), self.line, what)


def _parses(code: str) -> bool:
    """Whether it is an expression, an index such as `:, 1:`, or a function's body."""
    for attempt in (code, f"_[{code}]"):
        try:
            ast.parse(attempt)
        except (SyntaxError, ValueError):
            continue
        return True
    return False


def find(source: Source) -> list[Directive]:
    """All directives of an answer file, in the order of the text.

    Raises CourseError for a word that is not a directive.
    """
    comments = own_line_comments(source)
    found: list[Directive] = []
    for line in sorted(comments):
        column, text = comments[line]
        start = _START.match(text)
        if start:
            word = start.group(1)
            if word not in KNOWN:
                what = f"`# {word}:` is no directive; the known ones are {', '.join(KNOWN)}"
                raise CourseError(source.path, line, what)
            found.append(Directive(word, line, line, column, (text[start.end() :],)))
        elif found and line == found[-1].end_line + 1 and _continues(found[-1], column, text):
            found[-1] = _longer(found[-1], text)
    return [_dedented(directive) for directive in found]


def own_line_comments(source: Source) -> dict[int, tuple[int, str]]:
    """Line number to (column, text) of the comments that have a line to themselves."""
    found = {}
    text = source.text.replace("\r\n", "\n").replace("\r", "\n")
    line, counted = 1, 0
    for piece in _STRING_OR_COMMENT.finditer(text):
        start, comment = piece.start(), piece.group()
        margin = text[text.rfind("\n", 0, start) + 1 : start]
        if comment.startswith("#") and not margin.strip():
            line, counted = line + text.count("\n", counted, start), start
            found[line] = len(margin), comment
    return found


# In text that Python can parse. As `tokenize` tells them apart, in a tenth of its time.
_STRING_OR_COMMENT = re.compile(
    r'''"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'''
    r"""|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|#[^\n]*""",
    re.DOTALL,
)


def _continues(directive: Directive, column: int, text: str) -> bool:
    return column == directive.column and bool(_GOES_ON.match(text))


def _longer(directive: Directive, text: str) -> Directive:
    lines = (*directive.lines, text[1:])
    end = directive.end_line + 1
    return Directive(directive.word, directive.line, end, directive.column, lines)


def _dedented(directive: Directive) -> Directive:
    """Continuation lines keep their indentation relative to each other: a body may have loops."""
    if directive.line == directive.end_line:
        return directive
    first, *rest = directive.lines
    rest = textwrap.dedent("\n".join(rest)).split("\n")
    word, line, end, column = (
        directive.word,
        directive.line,
        directive.end_line,
        directive.column,
    )
    return Directive(word, line, end, column, (first, *rest))

"""Finding the blanks of a pristine function in a learner's one.

Two syntax trees are unified, each blank matching whatever stands in its place. Where that fails,
statements are lined up one by one and compared token by token.
"""

import ast
import copy
import difflib
import io
import keyword
import operator
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from torchkoans import marks
from torchkoans.source import Source


@dataclass(frozen=True)
class Token:
    """A token that means something, and its bytes."""

    text: str
    start: int
    end: int


def tokens(code: str) -> list[Token]:
    """The tokens of some code; how a string is quoted does not matter."""
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    source = Source(_NOWHERE, f"({code}\n)")  # in brackets, line breaks are no tokens
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type in quiet or token.type == tokenize.ENDMARKER:
                continue
            start, end = (_byte(source, place) - 1 for place in (token.start, token.end))
            text = token.string
            if token.type == tokenize.STRING:
                text = repr(ast.literal_eval(text)) if text[0] in "'\"" else text
            found.append(Token(text, start, end))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []
    return found[1:-1]


def _byte(source: Source, place: tuple[int, int]) -> int:
    line, column = place
    return source.offset(line, len(source.lines[line - 1][:column].encode()))


_NOWHERE = Path()


@dataclass(frozen=True)
class Function:
    """A function and the text that it stands in."""

    node: ast.FunctionDef
    source: Source

    @cached_property
    def tokens(self) -> list["Token"]:
        """Its tokens, with their places in the file."""
        span = self.source.span(self.node)
        start = span[0]
        return [
            Token(token.text, start + token.start, start + token.end)
            for token in tokens(self.source.cut(span))
        ]

    def spans(self, node: ast.AST) -> list[tuple[int, int]]:
        """Of an expression the span alone, then with each pair of brackets that is not needed."""
        alone = self.source.span(node)
        before = self.source.data[: alone[0]][-80:].rstrip(b" \t")
        if not before.endswith((b"(", b"\n", b"\r")) and not isinstance(node, ast.GeneratorExp):
            return [alone]  # mostly so, and far quicker seen than by tokens
        starts = [token.start for token in self.tokens]
        ends = [token.end for token in self.tokens]
        if alone[0] not in starts or alone[1] not in ends:
            return [alone]  # in an f-string, which is one token before Python 3.12
        first, last = starts.index(alone[0]), ends.index(alone[1])
        if isinstance(node, ast.GeneratorExp) and self._calls(first):
            return [(starts[first + 1], ends[last - 1])]  # f(x for x in t): the call's brackets
        found = [alone]
        while self._brackets(first - 1, last + 1) and not self._calls(first - 1):
            first, last = first - 1, last + 1
            found.append((starts[first], ends[last]))
        return found

    def _brackets(self, first: int, last: int) -> bool:
        if first < 1 or last >= len(self.tokens):
            return False
        return (self.tokens[first].text, self.tokens[last].text) == ("(", ")")

    def _calls(self, bracket: int) -> bool:
        """Whether this bracket opens the arguments of a call."""
        before = self.tokens[bracket - 1].text
        named = before.isidentifier() and not keyword.iskeyword(before)
        return named or before[-1] in ")]}\"'"


# -- unifying trees ------------------------------------------------------------------------------

Captures = dict[
    tuple[int, int], "list[ast.AST] | Spilled"
]  # where a hole stands -> what stands there now

_ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_PLACES = {"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "kind", "type_comment"}


def place(node: ast.AST) -> tuple[int, int]:
    """(line, column) where a node begins, as the AST counts them."""
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _is_hole(node: object) -> bool:
    return isinstance(node, ast.Name) and node.id == marks.BLANK


def unify(pattern: object, node: object, caught: Captures) -> bool:
    """Whether the node is the pattern with something in its holes; what, goes into `caught`.

    Where it is not, `caught` has what stands in the holes that could be reached all the same.
    """
    if not isinstance(pattern, ast.AST):
        if isinstance(pattern, list):
            return isinstance(node, list) and _unify_lists(pattern, node, caught)
        return type(pattern) is type(node) and pattern == node
    if _is_hole(pattern):
        if isinstance(node, ast.expr):
            caught[place(pattern)] = [node]
            return True
        return False
    if isinstance(pattern, ast.Expr) and _is_hole(pattern.value) and isinstance(node, _ASSIGNMENTS):
        caught[place(pattern.value)] = [node]  # a blank that is a whole line may be filled with one
        return True
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call):
        same_function = unify(pattern.func, node.func, caught)
        return _unify_lists(_arguments(pattern), _arguments(node), caught) and same_function
    same = True
    for name in pattern._fields:
        if name not in _PLACES:
            ours, theirs = getattr(pattern, name, None), getattr(node, name, None)
            same = unify(ours, theirs, caught) and same
    return same


def _each(pattern: Sequence[object], nodes: Sequence[object], caught: Captures) -> bool:
    each = [unify(p, n, caught) for p, n in zip(pattern, nodes, strict=True)]
    return all(each)


def _arguments(call: ast.Call) -> list[ast.AST]:
    """Arguments in the order of the text: a blank may be filled with several, or with a keyword."""
    return sorted([*call.args, *call.keywords], key=place)


def _unify_lists(pattern: Sequence[object], nodes: Sequence[object], caught: Captures) -> bool:
    """Element by element; a hole among them may hold one element, several, or none."""
    holes = [at for at, element in enumerate(pattern) if _is_hole(element)]
    if len(holes) != 1:
        return len(pattern) == len(nodes) and _each(pattern, nodes, caught)
    (at,) = holes
    before, after = pattern[:at], pattern[at + 1 :]
    last = len(nodes) - len(after)
    same = last >= at and _each([*before, *after], [*nodes[:at], *nodes[last:]], caught)
    if not same:  # what is most likely: no keyword that is left out has anything in its place
        given = {node.arg for node in nodes if isinstance(node, ast.keyword)}
        after = [p for p in after if not isinstance(p, ast.keyword) or p.arg in given]
        last = max(at + 1, len(nodes) - len(after))
    middle = nodes[at:last]
    if not all(isinstance(node, (ast.expr, ast.keyword)) for node in middle):
        return False
    if same or middle:
        caught[place(pattern[at])] = list(middle)  # type: ignore[arg-type]
    return same


_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


def quiet(node: ast.AST) -> ast.AST:
    """The node without what adds nothing: prints, strings that stand alone, `pass`.

    A copy where there is such a thing; the tree itself stays as it is.
    """
    changed = node
    for name in _BODIES:
        body = getattr(node, name, None)
        if not isinstance(body, list) or not body:
            continue
        kept = [quiet(below) for below in body if not marks.is_noise(below)]
        if len(kept) < len(body) or any(map(operator.is_not, kept, body)):
            changed = copy.copy(node) if changed is node else changed
            setattr(changed, name, kept)
    return changed


# -- statement by statement, where more than the blanks was changed ------------------------------


@dataclass(frozen=True)
class Spilled:
    """What stands in a blank where it no longer is one expression: `x == () or True`."""

    span: tuple[int, int]


@dataclass(frozen=True)
class _Statement:
    """A statement with its tokens; of a compound one the header alone."""

    node: ast.AST
    tokens: tuple["Token", ...]

    @cached_property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)


def line_by_line(ours: Function, theirs: Function) -> Captures:
    """Line up the statements of two functions, in order, so that as much as possible agrees.

    A statement with a blank that was moved elsewhere is found afterwards.
    """
    patterns, others = list(_statements(ours)), list(_statements(theirs))
    matches = [[_match(pattern, other) for other in others] for pattern in patterns]
    pairs = list(_in_order([[match.score for match in row] for row in matches]))
    caught: Captures = {}
    for i, j in pairs:
        caught.update(matches[i][j].caught)
    free = set(range(len(others))) - {j for _, j in pairs}
    for i in sorted(set(range(len(patterns))) - {i for i, _ in pairs}):
        scores = {j: matches[i][j].score for j in free if matches[i][j].caught}
        if scores:
            nearest = max(scores, key=scores.__getitem__)
            caught.update(matches[i][nearest].caught)
            free.remove(nearest)
    return caught


def _in_order(scores: list[list[float]]) -> Iterator[tuple[int, int]]:
    """The pairs, rising in both, whose scores add up to most."""
    rows, columns = len(scores), len(scores[0]) if scores else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _statements(function: Function) -> Iterator[_Statement]:
    """Statements in the order of the text; of a compound one its header, then what is in it."""
    waiting: list[ast.AST] = list(reversed(function.node.body))
    while waiting:
        statement = waiting.pop()
        if marks.is_noise(statement):
            continue
        header = copy.copy(statement)
        inside: list[ast.AST] = []
        for name in _BODIES:
            below = getattr(statement, name, None)
            if isinstance(below, list):
                setattr(header, name, [])
                inside += below
        start, end = _places(statement, function.source)
        end = min([end, *(_places(node, function.source)[0] for node in inside)])
        tokens = tuple(token for token in function.tokens if start <= token.start < end)
        yield _Statement(header, tokens)
        waiting += reversed(inside)


def _places(node: ast.AST, source: Source) -> tuple[int, int]:
    """First and last byte of a statement, a handler or a case; decorators count."""
    if isinstance(node, ast.match_case):
        return source.span(node.pattern, node.body[-1])
    start, end = source.span(node)
    return min([start, *(source.span(d)[0] for d in getattr(node, "decorator_list", []))]), end


@dataclass(frozen=True)
class _Match:
    score: float = 0.0
    caught: Captures = field(default_factory=dict)


def _match(pattern: _Statement, other: _Statement) -> _Match:
    """How well a statement stands for a pristine one.

    Wholly, up to what spills over, or just alike.
    """
    holes = marks.bare(pattern.node)
    caught: Captures = {}
    if unify(pattern.node, other.node, caught):
        return _Match(9.0 if holes else 10.0, caught)
    if type(pattern.node) is not type(other.node):
        return _Match()
    spilled = _spilled(pattern.tokens, other.tokens) if holes else None
    if spilled:
        return _Match(8.0, {place(holes[0]): spilled})
    alike = difflib.SequenceMatcher(None, pattern.text, other.text)
    if alike.real_quick_ratio() < _ALIKE or alike.ratio() < _ALIKE:
        return _Match()
    left = next((token for token in other.tokens if token.text == marks.BLANK), None)
    if holes and left:
        caught = {place(holes[0]): Spilled((left.start, left.end))}
    return _Match(3.0 * alike.ratio(), caught)


_ALIKE = 0.6


def _spilled(expected: Sequence["Token"], found: Sequence["Token"]) -> Spilled | None:
    """Match token by token: what stands between the tokens around the hole."""
    at = next(n for n, token in enumerate(expected) if token.text == marks.BLANK)
    if len(found) < len(expected):
        return None
    after = len(expected) - at - 1
    around = [*found[:at], *found[len(found) - after :]]
    if [t.text for t in around] != [t.text for n, t in enumerate(expected) if n != at]:
        return None
    return Spilled((found[at].start, found[len(found) - after - 1].end))

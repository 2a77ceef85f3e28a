"""What the course asks of every lesson: a function a demand, and each names what is missing.

CONTRIBUTING says the same to people. What a lesson may not be at all is refused by `checking`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torchkoans import checking, claims, cut, cutting, lesson, marks, spelling
from torchkoans.claims import Claims
from torchkoans.course import Course
from torchkoans.cutting import Standing
from torchkoans.lesson import Kata, Koan, Lesson
from torchkoans.source import CourseError, command, parse, shown

PLACEHOLDER = "REPLACE"  # stands in a template where its author's words belong
UNNAMED = "placeholder"  # as does this in the name of a test
KOANS = range(5, 10)  # fewer make no lesson, more are two of them
LINES = 8  # of a koan, below its docstring and without its comments
TRAPS = 3  # for each blank
HINTS, WRONGS = 2, 3  # under each kata
SHORT = 3  # letters: an answer no longer than that may stand in a hint by accident

_PLACEHOLDER = re.compile(rf"\b{PLACEHOLDER}\b")


@dataclass(frozen=True)
class Missing:
    """One thing that a lesson lacks; `name` is that of the koan or kata, empty for the lesson."""

    path: Path
    line: int
    name: str
    what: str

    def __str__(self) -> str:
        name = f"{self.name}: " if self.name else ""
        return f"{shown(self.path)}:{self.line}: {name}{self.what}"


def unmet(course: Course, one: Lesson) -> list[Missing]:
    """All that a lesson lacks, in the order of its lines."""
    found = [each for demand in OF_A_LESSON for each in demand(one)]
    found += [each for demand in OF_ITS_PLACE for each in demand(course, one)]
    return sorted(found, key=lambda each: (each.path != one.path, each.line))


def _of(one: Lesson, what: str, line: int = 1) -> Missing:
    return Missing(one.path, line, "", what)


def _in(one: Lesson, each: Koan | Kata, what: str, line: int = 0) -> Missing:
    return Missing(one.path, line or each.line, each.name, what)


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


# -- the lesson ------------------------------------------------------------------------------------


def it_is_in_the_form_of_a_lesson(one: Lesson) -> Iterator[Missing]:
    """The first thing that `blank` would refuse."""
    try:
        checking.load(one.path)
    except CourseError as error:
        yield _of(one, error.what, error.line or 1)


def the_words_are_its_own(one: Lesson) -> Iterator[Missing]:
    """No words of a template are left in it."""
    names = {koan.line: koan.name for koan in one.koans} | {
        kata.line: kata.name for kata in one.katas
    }
    inside = ""
    for number, line in enumerate(one.source.lines, 1):
        inside = names.get(number, inside)
        if number in names and UNNAMED in inside:
            yield Missing(
                one.path, number, inside, "still the template's name: the name is the sentence"
            )
        if _PLACEHOLDER.search(line):
            words = line.strip(' #"')
            yield Missing(one.path, number, inside, f"still the template's words: {words}")


def it_opens_with_a_title_and_the_idea(one: Lesson) -> Iterator[Missing]:
    """The title stands in the first line, the idea below it; where to read more is no idea."""
    below = one.docstring.split("\n\n")[1:]
    if all(paragraph.startswith("Read more:") for paragraph in below):
        yield _of(one, "the docstring lacks the idea: a paragraph below the title")


def it_has_five_to_nine_koans(one: Lesson) -> Iterator[Missing]:
    """Those that test a kata are not counted."""
    count = sum(bool(koan.blanks) for koan in one.koans)
    if count not in KOANS:
        koans = "koan" if count == 1 else "koans"
        yield _of(one, f"{count} {koans}: a lesson has {KOANS[0]} to {KOANS[-1]}")


# -- a koan ----------------------------------------------------------------------------------------


def a_koan_has_one_blank(one: Lesson) -> Iterator[Missing]:
    """None at all is right where a kata is tested."""
    for koan in one.koans:
        if len(koan.blanks) > 1:
            yield _in(one, koan, f"{len(koan.blanks)} blanks: a koan has one")


def a_koan_has_at_most_eight_lines(one: Lesson) -> Iterator[Missing]:
    """They are counted as a learner sees them, without the docstring, comments and empty lines."""
    fresh = cut.pristine(one)
    functions = _functions(parse(fresh.text, one.path))
    for koan in one.koans:
        if not koan.blanks:
            continue
        node = functions[koan.name]
        above = marks.docstring_node(node)
        body = fresh.lines[(above.end_lineno if above else node.lineno) : node.end_lineno]
        count = sum(not line.strip().startswith("#") for line in body if line.strip())
        if count > LINES:
            yield _in(one, koan, f"{count} lines: a koan has at most {LINES}")


def a_sentence_is_said_once(one: Lesson) -> Iterator[Missing]:
    """The docstring says what the name says in other words."""
    for koan in one.koans:
        words = koan.name.removeprefix("test_").replace("_", " ")
        if words.lower() in koan.docstring.lower():
            yield _in(one, koan, "the docstring repeats the name: it says it in other words")


def a_koan_has_claims(one: Lesson) -> Iterator[Missing]:
    """It says which rows of docs/claims.md it shows."""
    for koan in one.koans:
        if koan.blanks and not koan.claims:
            file = claims.FILE.as_posix()
            yield _in(one, koan, f"no `# claims:`, the rows of {file} that it shows")


def a_koan_has_a_why(one: Lesson) -> Iterator[Missing]:
    """A koan that tests a kata has that of the kata."""
    for koan in one.koans:
        if koan.blanks and not koan.why:
            yield _in(one, koan, "no `# why:` after its last line")


def a_picture_shows_names_of_its_koan(one: Lesson) -> Iterator[Missing]:
    """A name that the koan does not have would show nothing."""
    functions = _functions(one.source.tree)
    for koan in one.koans:
        for name in koan.picture:
            if name not in marks.names(functions[koan.name]):
                yield _in(one, koan, f"`# picture:` shows {name}, and the koan has no such name")


# -- a blank ---------------------------------------------------------------------------------------


def a_blank_has_a_hint(one: Lesson) -> Iterator[Missing]:
    """One at least; they are given one at a time."""
    for koan, blank in lesson.blanks(one):
        if not blank.hints:
            yield _in(one, koan, "no `# hint:` above the blank", blank.line)


def no_hint_gives_the_answer_away(one: Lesson) -> Iterator[Missing]:
    """The answer does not stand in a hint."""
    for koan, blank in lesson.blanks(one):
        for hint in blank.hints:
            if len(blank.answer) > SHORT and blank.answer in hint:
                yield _in(one, koan, f"a hint holds the answer: {hint}", blank.line)


def a_blank_has_three_traps(one: Lesson) -> Iterator[Missing]:
    """Wrong answers that real learners give."""
    for koan, blank in lesson.blanks(one):
        if len(blank.traps) < TRAPS:
            what = f"{len(blank.traps)} `# trap:` above the blank: {TRAPS} at least"
            yield _in(one, koan, what, blank.line)


def no_trap_stands_there_twice(one: Lesson) -> Iterator[Missing]:
    """Of two that read the same, the sentence of the second would never be seen."""
    for koan, blank in lesson.blanks(one):
        seen: set[str | None] = set()
        for trap in blank.traps:
            form = spelling.normal(trap.code)
            if form in seen:
                yield _in(one, koan, f"the trap {trap.code} stands there twice", trap.line)
            seen.add(form)


def no_sentence_ends_in_a_period(one: Lesson) -> Iterator[Missing]:
    """The screen adds it."""
    said: list[tuple[Koan | Kata, int, str]] = [
        (koan, blank.line, sentence)
        for koan, blank in lesson.blanks(one)
        for sentence in (*blank.hints, *(trap.sentence for trap in blank.traps))
    ]
    said += [
        (kata, kata.line, sentence)
        for kata in one.katas
        for sentence in (*kata.hints, *(wrong.sentence for wrong in kata.wrongs))
    ]
    for each, line, sentence in said:
        if sentence.endswith("."):
            what = f"ends in a period, and the screen adds its own: {sentence}"
            yield _in(one, each, what, line)


def no_answer_is_a_bare_yes_or_no(one: Lesson) -> Iterator[Missing]:
    """Half of all guesses would hit it."""
    for koan, blank in lesson.blanks(one):
        if blank.answer in ("True", "False"):
            what = f"{blank.answer} can be guessed: ask for a value, a shape, an error, a line"
            yield _in(one, koan, what, blank.line)


# -- a kata ----------------------------------------------------------------------------------------


def a_kata_has_two_hints(one: Lesson) -> Iterator[Missing]:
    """They stand below it."""
    for kata in one.katas:
        if len(kata.hints) < HINTS:
            yield _in(one, kata, f"{len(kata.hints)} `# hint:` below the kata: {HINTS} at least")


def a_kata_has_three_wrong_bodies(one: Lesson) -> Iterator[Missing]:
    """Those that tempt."""
    for kata in one.katas:
        if len(kata.wrongs) < WRONGS:
            yield _in(one, kata, f"{len(kata.wrongs)} `# wrong:` below the kata: {WRONGS} at least")


def a_kata_has_a_why(one: Lesson) -> Iterator[Missing]:
    """It stands below it too."""
    for kata in one.katas:
        if not kata.why:
            yield _in(one, kata, "no `# why:` below the kata")


def a_kata_is_tested(one: Lesson) -> Iterator[Missing]:
    """Otherwise every body would do."""
    for kata in one.katas:
        if not any(kata.name in koan.katas for koan in one.koans):
            yield _in(one, kata, "no test calls the kata")


# -- its place in the course -----------------------------------------------------------------------


def the_numbers_have_no_gap(course: Course, one: Lesson) -> Iterator[Missing]:
    """It is told to the lesson above the gap."""
    before = [int(path.name[:2]) for path in course.answer_files if path.name < one.path.name]
    expected = max(before, default=0) + 1
    if one.number > expected:
        what = f"there is no lesson {expected:02} before it: the numbers have no gap"
        yield _of(one, what)


def no_koan_has_the_name_of_another(course: Course, one: Lesson) -> Iterator[Missing]:
    """A learner's answers go by the names of koans."""
    others = {
        koan.name: other.path.name
        for other in course.lessons
        if other.path != one.path
        for koan in other.koans
    }
    for koan in one.koans:
        if koan.name in others and UNNAMED not in koan.name:
            yield _in(one, koan, f"{others[koan.name]} has a koan of this name already")


def each_claim_is_a_row(course: Course, one: Lesson) -> Iterator[Missing]:
    """Where the course has docs/claims.md."""
    if not (course.root / claims.FILE).exists():
        return
    known = {claim.row for claim in Claims(course).rows} | {PLACEHOLDER}
    said = [("", 1, one.claims)]
    said += [(koan.name, koan.line, koan.claims) for koan in one.koans]
    said += [(kata.name, kata.line, kata.claims) for kata in one.katas]
    for name, line, rows in said:
        for row in rows:
            if row not in known:
                what = f"{row} is no row of {claims.FILE.as_posix()}: write it, or name another"
                yield Missing(one.path, line, name, what)


def its_koans_are_cut(course: Course, one: Lesson) -> Iterator[Missing]:
    """One in which somebody only filled blanks is."""
    compared = cutting.compare(course, one)
    what = {
        Standing.MISSING: "the koan file is not there",
        Standing.DRIFTED: "the koan file is not what its answer is cut into",
    }.get(compared.standing)
    if what:
        yield Missing(compared.path, 1, "", f"{what}: {command('blank', shown(compared.path))}")


OF_A_LESSON: tuple[Callable[[Lesson], Iterator[Missing]], ...] = (
    it_is_in_the_form_of_a_lesson,
    the_words_are_its_own,
    it_opens_with_a_title_and_the_idea,
    it_has_five_to_nine_koans,
    a_koan_has_one_blank,
    a_koan_has_at_most_eight_lines,
    a_sentence_is_said_once,
    a_koan_has_claims,
    a_koan_has_a_why,
    a_picture_shows_names_of_its_koan,
    a_blank_has_a_hint,
    no_hint_gives_the_answer_away,
    a_blank_has_three_traps,
    no_trap_stands_there_twice,
    no_sentence_ends_in_a_period,
    no_answer_is_a_bare_yes_or_no,
    a_kata_has_two_hints,
    a_kata_has_three_wrong_bodies,
    a_kata_has_a_why,
    a_kata_is_tested,
)
OF_ITS_PLACE: tuple[Callable[[Course, Lesson], Iterator[Missing]], ...] = (
    the_numbers_have_no_gap,
    no_koan_has_the_name_of_another,
    each_claim_is_a_row,
    its_koans_are_cut,
)

"""What a learner wrote in old koan files, put into new ones: texts in, texts out.

Where a koan's text is as it was, the learner's function goes along as it is, prints and all; else
the answers alone, each into its blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from torchkoans import cut, marks
from torchkoans.lineup import KataAt
from torchkoans.matching import quiet, unify
from torchkoans.source import CourseError, Source
from torchkoans.updating.additions import added, additions, like
from torchkoans.updating.pieces import Files, Piece, Pristine, homes, pieces, renamed, said, sides

_GONE = "it is no longer in the course"


class Fate(Enum):
    """What becomes of what was written in a koan or a kata."""

    SAME = "goes along"
    CHANGED = "goes along into a text that has changed"
    LOST = "finds no place"


@dataclass(frozen=True)
class Note:
    """What became of one koan, kata or function in which a learner has written something.

    `was` and `now` are names of files, `now` empty where it is in none. `what` says why it is lost.
    """

    fate: Fate
    name: str
    was: str
    now: str = ""
    wrote: tuple[str, ...] = ()
    what: str = ""
    also: bool = False  # more than the blanks was changed: a print, a comment, another line
    is_kata: bool = False


@dataclass(frozen=True)
class Carried:
    """The new koan files with what the learner wrote, and what became of each piece of it."""

    files: dict[str, Source]
    notes: tuple[Note, ...]


def carry(olds: Sequence[Files], new: Files, learners: Mapping[str, Source]) -> Carried:
    """The new koan files with all that the learner wrote that finds a place in them.

    `olds` are what the learner's files may have been cut from, the likeliest first.
    """
    return _Carrier(olds, new, learners).carried()


class _Carrier:
    """Keeps count of what has found a place."""

    def __init__(self, olds: Sequence[Files], new: Files, learners: Mapping[str, Source]) -> None:
        self.new, self.learners = new, learners
        self.old = {file: one for old in reversed(olds) for file, one in old.items()}
        self.renamed = renamed(self.old, new)
        self.home = {one: file for file, one in new.items()}
        for old in olds:
            self.home |= {old[file]: home for file, home in homes(old, new).items()}
        self.known = {name for one in (*new.values(), *self.old.values()) for name in one.nodes}
        self.notes: list[Note] = []
        self.used: set[int] = set()
        self.pieces: dict[str, list[Piece]] = {}
        everything: dict[tuple[str, str], Pristine] = {}
        for one in (*(one for old in olds for one in old.values()), *new.values()):
            everything.setdefault((one.file, one.plain), one)
        for file, source in learners.items():
            nearest = sorted(everything.values(), key=lambda one: one.file != file)
            for side in sides(source):
                for piece in pieces(side, nearest):
                    self.pieces.setdefault(piece.at.name, []).append(piece)

    def carried(self) -> Carried:
        files = {file: self._file(pristine) for file, pristine in self.new.items()}
        for name, found in self.pieces.items():
            for piece in found:
                self._note_what_is_left(name, piece)
        for file, one in self.old.items():
            if one not in self.home and file in self.learners:
                self._note_own_of_a_gone_lesson(self.learners[file], one)
        return Carried(files, tuple(dict.fromkeys(self.notes)))

    def _file(self, new: Pristine) -> Source:
        mine = [one for one in self.old.values() if self.home.get(one) == new.file]
        mine = [one for one in mine if one.file in self.learners]
        if not mine and new.file in self.learners:
            mine = [new]
        same = next((one for one in mine if one.plain == new.plain), None)
        whole = self.learners[same.file] if same else None
        if whole and len(sides(whole)) == 1:
            self._note_whole(whole, new)
            return replace(whole, path=new.source.path)
        result = new.source.spliced(edit for name in new.nodes for edit in self._edits(new, name))
        for one in mine:
            for side in sides(self.learners[one.file]):
                result = self._with_own(result, side, one, new)
        return result

    def _note_whole(self, source: Source, new: Pristine) -> None:
        for found in self.pieces.values():
            for piece in found:
                if piece.source is source:
                    self.used.add(id(piece))
                    self._note(Fate.SAME, piece, new.file, piece.wrote)

    def _note(
        self,
        fate: Fate,
        piece: Piece,
        now: str,
        wrote: tuple[str, ...] = (),
        what: str = "",
        also: bool = False,
        name: str = "",
    ) -> None:
        if wrote or what or also:
            name = name or piece.at.name
            kata = isinstance(piece.at, KataAt)
            self.notes.append(Note(fate, name, piece.file, now, wrote, what, also, kata))

    # -- koans and katas --

    def _edits(self, new: Pristine, name: str) -> list[cut.Edit]:
        """What turns a pristine koan or kata into the one with the learner's work in it."""
        piece = self._best(new, name)
        if piece is None:
            return []
        self.used.add(id(piece))
        if not piece.is_there:
            self._note(Fate.LOST, piece, new.file, what="its lines do not parse")
            return []
        if piece.origin.text(piece.at.name) == new.text(name):
            self._note(Fate.SAME, piece, new.file, piece.wrote)
            whole = cut.whole_span(new.source, new.nodes[name])
            return [(whole, like(new.source, f"{piece.text}\n"))]
        if isinstance(piece.at, KataAt):
            return self._with_body(piece, new)
        return self._with_answers(piece, new, name)

    def _best(self, new: Pristine, name: str) -> Piece | None:
        """The piece that goes on as this koan; one that something was written in before others."""
        found = [*self.pieces.get(name, []), *self.pieces.get(self.renamed.get(name, ""), [])]
        free = [piece for piece in found if self._may_go_to(new, name, piece)]
        return max(free, key=lambda piece: self._rank(piece, new), default=None)

    def _may_go_to(self, new: Pristine, name: str, piece: Piece) -> bool:
        """Not away from a lesson that has a koan of this name itself."""
        home = self.home.get(piece.origin, "")
        return home in ("", new.file) or name not in self.new[home].nodes

    def _rank(self, piece: Piece, new: Pristine) -> tuple[bool, ...]:
        at_home = self.home.get(piece.origin) == new.file
        return piece.is_there, bool(piece.wrote), at_home, piece.file == piece.origin.file

    def _with_answers(self, piece: Piece, new: Pristine, name: str) -> list[cut.Edit]:
        olds, news = piece.origin.lines(piece.at.name), new.lines(name)
        places = _places(olds, news)
        edits, placed, lost = [], [], []
        for number, answer in enumerate(piece.answers):
            edit = _fitting(piece, new, name, places[number], answer) if number in places else None
            if answer and edit:
                edits.append(edit)
                placed.append(answer)
            elif answer:
                lost.append(answer)
        fate = self._fate(piece, new, name)
        self._note(fate, piece, new.file, tuple(placed), also=piece.has_more, name=name)
        if lost:
            what = "it does not fit where the blank is now"
            if len(news) != len(olds):
                what = f"blanks in the koan: {len(olds)} before, {len(news)} now"
            self._note(Fate.LOST, piece, new.file, tuple(lost), what)
        return edits

    def _with_body(self, piece: Piece, new: Pristine) -> list[cut.Edit]:
        name = piece.at.name
        edits = _body_edits(piece, new) if piece.wrote else []
        if piece.wrote and not edits:
            what = "it does not fit below its docstring"
            self._note(Fate.LOST, piece, new.file, piece.wrote, what)
        else:
            fate = self._fate(piece, new, name)
            self._note(fate, piece, new.file, piece.wrote, also=piece.has_more)
        return edits

    @staticmethod
    def _fate(piece: Piece, new: Pristine, name: str) -> Fate:
        before, after = piece.origin.nodes[piece.at.name], new.nodes[name]
        return Fate.SAME if said(before) == said(after) else Fate.CHANGED

    def _note_what_is_left(self, name: str, piece: Piece) -> None:
        """What was written in a koan that is gone, or for which something else was taken."""
        is_a_lesson = piece.file in self.old or piece.file in self.new
        if id(piece) in self.used or not is_a_lesson or not (piece.wrote or not piece.is_there):
            return
        taken = [one for one in self.pieces[name] if id(one) in self.used]
        if any(one.wrote == piece.wrote or not piece.is_there for one in taken):
            return
        what = _GONE
        if taken:
            what = f"there was another answer in {taken[0].file}, which goes along"
        self._note(Fate.LOST, piece, "", piece.wrote, what)

    # -- what else the learner wrote --

    def _with_own(self, result: Source, learner: Source, old: Pristine, new: Pristine) -> Source:
        """With the functions, imports and names that the learner has added."""
        own = additions(learner, old, new, self.known)
        here = set(result.text.splitlines())  # of the other side of a conflict, or of its twin
        own = replace(
            own,
            imports=tuple(text for text in own.imports if text not in here),
            functions=tuple(one for one in own.functions if one[1].splitlines()[0] not in here),
        )
        for name in own.altered:
            self._note_own(name, learner, "the lesson's own, which you have changed")
        for name in own.clashing:
            self._note_own(name, learner, "the new lesson has something of that name itself")
        for name in own.broken:
            self._note_own(name, learner, "its lines do not parse")
        longer = added(result, own)
        if not _parses(longer):
            for name, _ in own.functions:
                self._note_own(
                    name or "a line of yours", learner, "it cannot stand in the new file"
                )
            return result
        for name, _ in own.functions:
            if name:
                self.notes.append(Note(Fate.SAME, name, learner.path.name, new.file))
        return longer

    def _note_own(self, name: str, learner: Source, what: str) -> None:
        self.notes.append(Note(Fate.LOST, name, learner.path.name, what=what))

    def _note_own_of_a_gone_lesson(self, learner: Source, old: Pristine) -> None:
        own = additions(learner, old, None, self.known)
        for name in [*(name for name, _ in own.functions if name), *own.altered, *own.broken]:
            self._note_own(name, learner, "its lesson is no longer in the course")


def _places(olds: Sequence[str], news: Sequence[str]) -> dict[int, int]:
    """For each old blank the new one that goes on with it.

    The one on a line of the same words; else, where there are as many, the one in its place.
    """
    places: dict[int, int] = {}
    for number, line in enumerate(olds):
        same = (n for n, other in enumerate(news) if other == line and n not in places.values())
        found = next(same, None)
        if found is not None:
            places[number] = found
    if len(olds) == len(news):
        left = [number for number in range(len(olds)) if number not in places]
        free = [number for number in range(len(news)) if number not in places.values()]
        places |= zip(left, free, strict=True)
    return places


def _fitting(piece: Piece, new: Pristine, name: str, number: int, answer: str) -> cut.Edit | None:
    """The answer typed over its blank, in brackets where it would mean something else without."""
    span = new.holes(name)[number]
    for text in filter(None, (answer, answer and f"({answer})")):
        filled = new.source.spliced([(span, like(new.source, text))])
        if not _parses(filled):
            continue
        if piece.at.altered or _reads_as_one(new, name, Pristine(filled)):
            return span, like(new.source, text)
    return None


def _reads_as_one(new: Pristine, name: str, filled: Pristine) -> bool:
    """Whether the koan still says the same around its blank: `x == a or b` would not."""
    node = filled.nodes.get(name)
    return node is not None and unify(quiet(new.nodes[name]), quiet(node), {})


def _body_edits(piece: Piece, new: Pristine) -> list[cut.Edit]:
    """A learner's body below the new signature and docstring; none where it cannot stand there."""
    node = new.nodes[piece.at.name]
    edits = [(cut.body_span(new.source, node), like(new.source, f"{piece.body}\n"))]
    margin = re.match(r"\s*", next(line for line in piece.body.split("\n") if line.strip()))
    docstring = marks.docstring_node(node)
    if margin and docstring:  # the body keeps its indentation, and the docstring takes it on
        start = new.source.span(docstring)[0]
        before = (start - docstring.col_offset, start)
        edits += [(before, margin.group())] if not new.source.cut(before).strip() else []
    return edits if _parses(new.source.spliced(edits)) else []


def _parses(source: Source) -> bool:
    try:
        return bool(source.tree)
    except CourseError:
        return False

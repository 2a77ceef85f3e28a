"""What an update does to lessons, koans and the learner's work, in words."""

from __future__ import annotations

from dataclasses import dataclass

from torchkoans.source import Source
from torchkoans.updating.carrying import Carried, Fate, Note
from torchkoans.updating.pieces import Files, homes, renamed, said


@dataclass(frozen=True)
class Section:
    """A sentence, and the lines that belong to it."""

    title: str
    lines: tuple[str, ...] = ()


def lessons(old: Files, new: Files) -> list[Section]:
    """Lessons that have come, gone, or got another name."""
    home = homes(old, new)
    goes_on = {after: before for before, after in home.items()}
    lines = [f"{before} is now {after}" for before, after in home.items() if before != after]
    lines += [f"{file} is new" for file in new if file not in goes_on]
    lines += [f"{file} is gone" for file in old if file not in home]
    return _listed("Lessons:", lines)


def koans(old: Files, new: Files, carried: Carried) -> list[Section]:
    """Koans that have come, gone, moved, or changed without an answer in them."""
    before = {name: file for file, one in old.items() for name in one.nodes}
    after = {name: file for file, one in new.items() for name in one.nodes}
    home, now = homes(old, new), renamed(old, new)
    again = {note.name for note in carried.notes if note.fate is not Fate.SAME}
    both = [name for name in after if name in before]
    moved = [name for name in both if home.get(before[name]) != after[name]]
    changed = [
        name
        for name in both
        if name not in again
        and said(old[before[name]].nodes[name]) != said(new[after[name]].nodes[name])
    ]
    come = [name for name in after if name not in before and name not in now]
    gone = [name for name in before if name not in after and name not in now.values()]
    return [
        *_listed("Koans that are new:", [f"{after[name]} {name}" for name in come]),
        *_listed("Koans that are gone:", [f"{before[name]} {name}" for name in gone]),
        *_listed(
            "Koans that have moved:",
            [f"{name}: from {before[name]} to {after[name]}" for name in moved],
        ),
        *_listed(
            "Koans with another name:",
            [f"{after[name]} {was}: now {name}" for name, was in now.items()],
        ),
        *_listed(
            "Koans that read otherwise now, and that you have not filled:",
            [f"{after[name]} {name}" for name in changed],
        ),
    ]


def work(carried: Carried) -> list[Section]:
    """What becomes of what the learner wrote."""
    kept = [note for note in carried.notes if note.fate is not Fate.LOST]
    again = [note for note in kept if note.fate is Fate.CHANGED and note.wrote]
    more = [note for note in kept if note.also]
    lost = [note for note in carried.notes if note.fate is Fate.LOST]
    count = sum(len(note.wrote) for note in kept)
    own = sum(not note.wrote and not note.also for note in kept)
    title = f"Answers and katas of yours that go along: {count}"
    title += f"; functions of your own: {own}" if own else ""
    return [
        Section(title),
        *_listed(
            "Look at these again: your answer is in them, and the text around it has changed.",
            [f"{_place(note, carried)} {note.name}: {_wrote(note)}" for note in again],
        ),
        *_listed(
            "In these only the answer goes along; what else you changed in them is kept:",
            [f"koans/{note.was} {note.name}" for note in more],
        ),
        *_listed(
            "These find no place any more; they are kept:",
            [f"koans/{note.was} {note.name}: {_lost(note)}" for note in lost],
        ),
    ]


def _listed(title: str, lines: list[str]) -> list[Section]:
    return [Section(title, tuple(lines))] if lines else []


def _place(note: Note, carried: Carried) -> str:
    return f"koans/{note.now}:{_line(carried.files[note.now], note.name)}"


def _line(source: Source, name: str) -> int:
    starts = (n for n, line in enumerate(source.lines, 1) if line.startswith(f"def {name}("))
    return next(starts, 1)


def _wrote(note: Note) -> str:
    bodies = "the body that you wrote" if note.is_kata else ""
    return bodies or " · ".join(" ".join(text.split()) for text in note.wrote)


def _lost(note: Note) -> str:
    return f"{_wrote(note)} ({note.what})" if note.wrote else note.what

"""The keyboard changes hands, and what was done so far is a commit on the session's work branch.

The branch holds koans/ as it stands, and all else as it was at the learner's HEAD when it began.
It needs no remote. HEAD, the index, the files and the learner's own branch stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from torchkoans.dojo import workbranch
from torchkoans.dojo.people import Person
from torchkoans.dojo.repository import repository
from torchkoans.dojo.workbranch import SESSION, TOGETHER

_LONGEST = 200  # letters of a line that says which koan turned green


@dataclass(frozen=True)
class Handover:
    """A commit that was made, the branch that it is on, and whether the branch is new."""

    branch: str
    commit: str
    is_first: bool


def commit(
    root: Path, session: str, people: Sequence[Person], greens: Iterable[str] = ()
) -> Handover | None:
    """Commit koans/ to the work branch; None where they are as they were when last handed over.

    The first of the people drove and is the author, the second navigated. `greens` are the koans
    that turned green, in words. Raises HandoverError where it cannot be; nothing has changed then.
    """
    there = repository(root)
    branch = workbranch.find(there, session)
    onto = branch.tip.hash if branch else there.head
    before = branch.tip.tree if branch else there.git("rev-parse", f"{onto}^{{tree}}")
    tree = there.koans(onto)
    if tree == before:
        return None
    name = branch.name if branch else workbranch.free_name(there, session, _today())
    author = people[0].identity
    new = there.make(tree, onto, message(session, people, list(greens)), author)
    there.move(name, new, branch.tip.hash if branch else None, author)
    return Handover(name, new, branch is None)


def message(session: str, people: Sequence[Person], greens: Sequence[str]) -> str:
    """What the commit says: who did what, which koans turned green, and who it is by."""
    paragraphs = [_title([person.nickname for person in people], len(greens))]
    if greens:
        paragraphs.append("\n".join(f"- {_line(sentence)}" for sentence in greens))
    others = [person for person in people[1:] if person.identity != people[0].identity]
    paragraphs.append(trailers(session, (f"{one.name} <{one.address}>" for one in others)))
    return "\n\n".join(paragraphs)


def trailers(session: str, others: Iterable[str]) -> str:
    """The last paragraph of a message; `others` are the authors but for the first, each once."""
    lines = [f"{SESSION}: {session}", *(f"{TOGETHER}: {one}" for one in others)]
    return "\n".join(dict.fromkeys(lines))


def _title(nicknames: Sequence[str], greens: int) -> str:
    driver, *others = nicknames
    said = [f"{driver} drove", *(f"{one} navigated" for one in others[:1])]
    said += [f"with {one}" for one in others[1:]]
    count = f": {greens} koan{'s' * (greens != 1)} turned green" if greens else ""
    return f"{', '.join(said)}{count}"


def _line(text: str) -> str:
    """The text on one line, of letters that can be seen."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())[:_LONGEST]


def _today() -> str:
    return date.today().isoformat()

"""What the course says of a koan, or of a mistake, that a log only names."""

from __future__ import annotations

from dataclasses import dataclass

from torchkoans import remarks
from torchkoans.course import Course
from torchkoans.dojo.events import digest
from torchkoans.lesson import Koan, Lesson, Trap
from torchkoans.progress import file_of

REFUSALS = (remarks.COMMA, remarks.ITSELF, remarks.EITHER, remarks.CHOICE, remarks.ANYTHING)


@dataclass(frozen=True)
class Place:
    """A koan as people call it; of one that this course does not have only the id is known."""

    id: str
    docstring: str = ""
    why: str = ""
    traps: tuple[Trap, ...] = ()
    order: int = 10**6
    is_known: bool = False

    @property
    def file(self) -> str:
        return self.id.partition("::")[0]

    @property
    def lesson(self) -> str:
        """Number and name of its file, such as `24 broadcasting`."""
        return self.file.rpartition("/")[2].removesuffix(".py").replace("_", " ")

    @property
    def sentence(self) -> str:
        return self.id.partition("::test_")[2].replace("_", " ")

    def typed(self, trap: str) -> list[str]:
        """What stands behind the digest of a trap: one sentence may answer several answers."""
        return [each.code for each in self.traps if digest(each.sentence) == trap]


class Places:
    """Every koan of a course by its id, and every sentence that answers a mistake by its digest."""

    def __init__(self, course: Course) -> None:
        self._places: dict[str, Place] = {}
        for lesson in course.lessons:
            for koan in lesson.koans:
                place = _place(file_of(course, lesson), lesson, koan, len(self._places))
                self._places[place.id] = place
        traps = (trap.sentence for place in self._places.values() for trap in place.traps)
        self.sentences = {digest(sentence): sentence for sentence in (*REFUSALS, *traps)}

    def __getitem__(self, id_: str) -> Place:
        return self._places.get(id_) or Place(id_)


def _place(file: str, lesson: Lesson, koan: Koan, order: int) -> Place:
    traps = [trap for blank in koan.blanks for trap in blank.traps]
    traps += [wrong for kata in lesson.katas_of(koan) for wrong in kata.wrongs]
    first = koan.docstring.partition("\n")[0]
    id_ = f"{file}::{koan.name}"
    return Place(id_, first, lesson.why(koan), tuple(traps), order, is_known=True)

"""The walk itself: what is known of every koan, and what saves and verdicts make of it.

It prints nothing and runs nothing: an engine does that, in processes of its own.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from torchkoans import looking, progress, standing, texts
from torchkoans.course import Course
from torchkoans.lesson import Koan, Lesson
from torchkoans.lineup import line_up
from torchkoans.progress import Step
from torchkoans.source import CourseError, Source
from torchkoans.standing import Standing
from torchkoans.texts import Text
from torchkoans.verdicts import Result, Verdict, moved
from torchkoans.warm.job import Heard, Job, Message, Picture, Task


class Runs(Protocol):
    """What the walk asks of an engine."""

    def run(self, job: Job) -> None:
        """Have a job done."""

    def drop(self, number: int) -> None:
        """Forget a job."""


@dataclass(frozen=True)
class Known:
    """What a run has said of a koan, and on which text."""

    text: str
    line: int  # of its `def` then; the results count from there
    results: tuple[Result, ...]
    explained: bool = False
    picture: Message | None = None


@dataclass
class _File:
    """A learner's file as it was last read; `stamp` is what the system said of it then."""

    lesson: Lesson
    name: str  # relative to the course, with slashes
    source: Source | None = None
    stamp: tuple[int, ...] = ()
    texts: dict[str, Text] = field(default_factory=dict)  # by the names of the koans
    standings: dict[str, Standing] = field(default_factory=dict)


@dataclass
class Walk:
    """Remembers what was said of each koan and on which text, so that nothing is run in vain."""

    course: Course
    engine: Runs
    has_cuda: bool = False  # where it is not, a koan that needs it waits, filled or not
    _known: dict[str, Known] = field(default_factory=dict)
    _verdicts: dict[str, tuple[object, Verdict | None]] = field(default_factory=dict)
    _asked: dict[int, tuple[Job, dict[str, Text]]] = field(default_factory=dict)
    _greens: dict[tuple[str, bool], int] = field(default_factory=dict)
    _last_job: int = 0

    def at(self, course: Course) -> Walk:
        """The walk at another course, with the same engine: of what runs for this nobody hears."""
        for number in self._asked:
            self.engine.drop(number)
        return Walk(course, self.engine, self.has_cuda, _last_job=self._last_job)

    # -- what there is --

    @cached_property
    def _files(self) -> dict[str, _File]:
        """By name, in walking order; all are read when the first is asked for."""
        found = {}
        for lesson in self.course.lessons:
            name = self._name(lesson)
            found[name] = self._first_look(lesson, name)
        return found

    @cached_property
    def _koans(self) -> dict[str, tuple[_File, Koan]]:
        return {
            f"{file.name}::{koan.name}": (file, koan)
            for file in self._files.values()
            for koan in file.lesson.koans
        }

    @property
    def ids(self) -> list[str]:
        """All koans in walking order."""
        return list(self._koans)

    def step(self, id_: str) -> Step:
        """A koan with the best that is known of it; `verdict` is None where it has to run."""
        file, koan = self._koans[id_]
        return progress.step(
            file.lesson,
            koan,
            file.name,
            self._standing(file, koan),
            self._results(id_),
            self.has_cuda,
        )

    def verdict(self, id_: str) -> Verdict | None:
        """How a koan stands; None where it is filled and nobody has run it."""
        state = self.text(id_), self._known.get(id_), self.has_cuda
        before = self._verdicts.get(id_)
        if before is None or before[0] != state:
            before = self._verdicts[id_] = state, self.step(id_).verdict
        return before[1]

    def verdicts_in(self, lesson: Lesson) -> tuple[Verdict | None, ...]:
        file = self._files[self._name(lesson)]
        return tuple(self.verdict(f"{file.name}::{koan.name}") for koan in lesson.koans)

    def green_in(self, lesson: Lesson) -> int:
        """How many koans of a lesson are green; counted anew where something has changed."""
        key = self._name(lesson), self.has_cuda
        if key not in self._greens:
            verdicts = self.verdicts_in(lesson)
            self._greens[key] = sum(verdict is Verdict.PASSED for verdict in verdicts)
        return self._greens[key]

    @property
    def green(self) -> int:
        """How many koans of the course are green."""
        return sum(map(self.green_in, self.course.lessons))

    def _count_again(self, file: str) -> None:
        for has_cuda in (False, True):
            self._greens.pop((file, has_cuda), None)

    @property
    def left(self) -> int:
        """How many koans are being run, or wait for it."""
        return len({id_ for _, asked in self._asked.values() for id_ in asked})

    def path(self) -> list[Step]:
        """Every koan with what is known of it."""
        return [self.step(id_) for id_ in self._koans]

    def source(self, id_: str) -> Source | None:
        """The learner's text of a koan, where it can be read."""
        return self._koans[id_][0].source

    def picture(self, id_: str) -> Message | None:
        known = self._fresh(id_)
        return known.picture if known else None

    def is_explained(self, id_: str) -> bool:
        """Whether nothing more is to be said of the koan as it stands."""
        known = self._fresh(id_)
        return bool(known and known.explained) or not self._is_run(id_)

    def is_running(self, id_: str) -> bool:
        return any(id_ in asked for _, asked in self._asked.values())

    # -- saves --

    def saved(self, file: str, settled: bool = True) -> list[str] | None:
        """Read a file again; the koans whose text is not what it was, in walking order.

        None where it is gone, empty or does not parse and need not be `settled`: it may be half
        written, and what is known of it stays.
        """
        found = self._files.get(file)
        if not found:
            return []
        now = self._look(found)
        if not settled and _is_half(now):
            return None
        before, self._files[file] = found, now
        self._count_again(file)
        for id_, (_, koan) in [*self._koans.items()]:
            if id_.startswith(f"{file}::"):
                self._koans[id_] = now, koan
                self._verdicts.pop(id_, None)
        old = {name: text.hash for name, text in before.texts.items()}
        changed = [name for name, text in now.texts.items() if text.hash != old.get(name)]
        return [f"{file}::{name}" for name in changed]

    def unread(self) -> list[str]:
        """Files that are not what they were when they were read, as far as the system can say."""
        return [name for name, file in self._files.items() if self._stamp(file) != file.stamp]

    def open_among(self, ids: Sequence[str]) -> str:
        """The one of these koans to look at: newly filled, else not green, else the first."""
        new = [id_ for id_ in ids if self.verdict(id_) is None]
        return [*new, *(id_ for id_ in ids if self._is_open(id_)), *ids][0]

    def _is_open(self, id_: str) -> bool:
        return self.verdict(id_) not in (Verdict.PASSED, Verdict.WAITING)

    def _name(self, lesson: Lesson) -> str:
        return progress.file_of(self.course, lesson)

    def _stamp(self, file: _File) -> tuple[int, ...]:
        try:
            found = self.course.koan_file(file.lesson).stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _first_look(self, lesson: Lesson, name: str) -> _File:
        """The file as it is when the walk begins; what was found out about it before counts."""
        file = _File(lesson, name)
        file.stamp = self._stamp(file)
        with contextlib.suppress(CourseError):
            file.source = self.course.read(lesson)
        for look in looking.of_lesson(self.course, lesson):
            test = look.standing.test
            file.texts[test], file.standings[test] = Text(look.text, look.line), look.standing
            results = self.course.remembered.verdict(f"{name}::{test}", look.text, look.line)
            if results:
                known = Known(look.text, look.line, tuple(results))
                self._known[f"{name}::{test}"] = known
        return file

    def _look(self, file: _File) -> _File:
        """The file as it is now; of most koans nobody will ask how they stand."""
        now = _File(file.lesson, file.name)
        now.stamp = self._stamp(now)
        try:
            now.source = self.course.read(file.lesson)
        except CourseError as error:
            for koan in file.lesson.koans:
                now.texts[koan.name] = Text(str(error))
                stands = Standing(koan.name, error.line, Verdict.BROKEN, error.what)
                now.standings[koan.name] = stands
            return now
        now.texts = texts.of_file(file.lesson, now.source)
        return now

    def _standing(self, file: _File, koan: Koan) -> Standing:
        if koan.name not in file.standings:
            assert file.source is not None  # or _look would have said how all of them stand
            lined = line_up(file.lesson, file.source, only=[koan.name])
            file.standings[koan.name] = (
                Standing(koan.name, lined.broken.line, Verdict.BROKEN, lined.broken.what)
                if lined.broken
                else standing.of_koan(koan, lined)
            )
        return file.standings[koan.name]

    # -- runs --

    def ask(self, ids: Iterable[str], explain: bool = True, again: bool = False) -> None:
        """Have those of these koans run of which it is not known how they stand."""
        by_file: dict[str, list[str]] = {}
        for id_ in ids:
            known = self._fresh(id_)
            wanted = again or not known or (explain and not known.explained)
            if wanted and self._is_run(id_) and not self._is_asked(id_, explain):
                by_file.setdefault(self._koans[id_][0].name, []).append(id_)
        for name, mine in by_file.items():
            self._drop(mine)
            self._run(self._files[name], mine, explain)

    def _run(self, file: _File, ids: Sequence[str], explain: bool) -> None:
        assert file.source is not None
        self._last_job += 1
        tasks = []
        for id_ in ids:
            koan = self._koans[id_][1]
            drawn = Picture(koan.picture_kind, koan.picture) if koan.picture else None
            tasks.append(Task(self._standing(file, koan), drawn))
        job = Job(self._last_job, file.name, file.source.text, tuple(tasks), explain, not explain)
        texts_now = {id_: file.texts[self._koans[id_][1].name] for id_ in ids}
        self._asked[job.number] = job, texts_now
        self.engine.run(job)

    def check(self, name: str) -> None:
        """See whether all of a file compiles: a `break` in another test stops this one, too.

        For a koan that somebody waits for this is done here, while it runs.
        """
        file = self._files[name]
        if not file.source:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(file.source.tree, str(file.source.path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            line, said = getattr(error, "lineno", None), getattr(error, "msg", str(error))
            what = f"{type(error).__name__}: {said}"
            for koan in file.lesson.koans:
                file.standings[koan.name] = Standing(koan.name, line, Verdict.BROKEN, what)
                self._verdicts.pop(f"{name}::{koan.name}", None)
            self._count_again(name)
        except CourseError:
            pass  # it does not even parse, and that was said

    def _drop(self, ids: Sequence[str]) -> None:
        """Jobs of which no koan has the text that it had need not go on."""
        for number, (_, asked) in list(self._asked.items()):
            if set(asked) <= set(ids):
                del self._asked[number]
                self.engine.drop(number)

    def _is_asked(self, id_: str, explain: bool) -> bool:
        """Whether a job is on its way that will say as much of the koan as it stands."""
        text = self._text(id_)
        return any(
            asked.get(id_) == text and (job.explain or not explain)
            for job, asked in self._asked.values()
        )

    def heard(self, message: Message) -> str | None:
        """Take in a message of the engine; the koan of which something new is known."""
        job, asked = self._asked.get(message.get("number", 0), (None, {}))
        if not job:
            return None
        if message.get("over"):
            del self._asked[job.number]
            return None
        said = Heard.of(message)
        id_ = f"{said.file}::{said.test}"
        if id_ not in asked:
            return None
        results = tuple(replace(result, test=said.test) for result in said.results)
        text = asked[id_]
        self._known[id_] = Known(text.hash, text.line, results, said.explained, said.picture)
        self._count_again(said.file)
        if self._standing(*self._koans[id_]).verdict is None:
            self.course.remembered.store(id_, text.hash, results, text.line)
        return id_ if self._fresh(id_) else None

    def known(self, id_: str) -> Known | None:
        """What a run has said of the koan as it stands now."""
        return self._fresh(id_)

    def text(self, id_: str) -> str:
        """The hash of all that the verdict on a koan depends on."""
        return self._text(id_).hash

    def _text(self, id_: str) -> Text:
        file, koan = self._koans[id_]
        return file.texts[koan.name]

    def _results(self, id_: str) -> tuple[Result, ...]:
        """What a run has said; lines above the koan may have come or gone since."""
        known = self._fresh(id_)
        by = self._text(id_).line - known.line if known else 0
        return tuple(moved(result, by) for result in known.results) if known else ()

    def _fresh(self, id_: str) -> Known | None:
        known = self._known.get(id_)
        return known if known and known.text == self.text(id_) else None

    def _is_run(self, id_: str) -> bool:
        """Whether only a run can tell how a koan stands."""
        file, koan = self._koans[id_]
        waits = koan.needs_cuda and not self.has_cuda
        return not waits and self._standing(file, koan).verdict is None

    # -- ways --

    def unknown(self) -> list[str]:
        """The koans that are filled and have not been run."""
        return [id_ for id_ in self._koans if self.verdict(id_) is None]

    def first(self) -> str | None:
        """The koan to look at: the first that is not known to be green."""
        return self.following(None)

    def following(self, id_: str | None) -> str | None:
        """The next koan that is not green; from the end the way goes on at the beginning."""
        ids = self.ids
        at = ids.index(id_) + 1 if id_ in ids else 0
        for other in [*ids[at:], *ids[:at]]:
            if self._is_open(other):
                return other
        return None

    def in_lesson(self, number: int) -> str | None:
        """The koan of a lesson to look at: its first that is not green, else its first."""
        mine = [id_ for id_, (file, _) in self._koans.items() if file.lesson.number == number]
        return self.open_among(mine) if mine else None


def exit_code(verdict: Verdict | None) -> int:
    """0 where no koan is red, 1 where one is, 2 where one is broken rather than unsolved."""
    if verdict is None:
        return 0
    return 2 if verdict in (Verdict.BROKEN, Verdict.CRASHED) else 1


def _is_half(file: _File) -> bool:
    """Whether a file looks as if its other half were still to come."""
    return file.source is None or any(text.line == 0 for text in file.texts.values())

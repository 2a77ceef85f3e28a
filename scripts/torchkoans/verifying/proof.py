"""The whole proof: plan, run, judge, ask pytest about a sample, and count what was seen."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from torchkoans import devices, gpus, host, running
from torchkoans.claims import FILE as CLAIMS
from torchkoans.claims import Claims
from torchkoans.course import Course
from torchkoans.devices import CUDA
from torchkoans.lesson import Lesson
from torchkoans.source import CourseError
from torchkoans.verdicts import Verdict
from torchkoans.verifying import auditing, counting, hardware, promises, workers
from torchkoans.verifying.crew import Crew, WorkersError
from torchkoans.verifying.judging import DEAD, Tried
from torchkoans.verifying.planning import ANSWER, Plan, Unit, Variant, counts
from torchkoans.verifying.report import Audit, DeviceProof, Problem, Report
from torchkoans.verifying.workers import Done, Setting, Task
from torchkoans.warm import engine

SAMPLE = 60  # variants that plain pytest is asked about, unless more or fewer are wanted
ALONE = 40  # units that are run again alone; of a course that is all wrong, not every koan is
PATIENCE = 3  # times a koan's limit in pytest.ini: the first use of an optimizer takes seconds
DEATHS = 5  # times that pytest is asked again because a sampled variant has ended its process

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What was asked for. `jobs` 0 is as many as there are cores, or GPUs."""

    devices: tuple[str, ...] = ()
    require_cuda: bool = False
    lessons: tuple[str, ...] = ()
    jobs: int = 0
    audit: int = SAMPLE
    seed: int | None = None
    answers_only: bool = False
    seconds: float = 0.0  # that a check may take; 0: a multiple of what pytest.ini says


class Proof:
    """One run of it. `report` fills up while `run` goes on, and may be read at any time."""

    def __init__(self, course: Course, wanted: Wanted, tell: Tell = lambda _: None) -> None:
        self.course, self.wanted, self.tell = course, wanted, tell
        self.report = Report(
            chosen=wanted.devices,
            require_cuda=wanted.require_cuda,
            answers_only=wanted.answers_only,
        )
        self.tried: dict[tuple[str, str], Tried] = {}
        self.again: set[tuple[str, str]] = set()
        self.at: list[str] = []  # what was being tried when somebody stopped it
        self.begun = time.perf_counter()

    def run(self) -> Report:
        """Prove what can be proven here.

        Raises CourseError where the course cannot be read. After Ctrl-C, and where nothing can be
        run, the report is marked as partial.
        """
        if sys.flags.optimize:
            what = "Python is to optimize (-O, PYTHONOPTIMIZE), and runs no assert: leave that out"
            raise CourseError(self.course.answers, None, what)
        try:
            lessons = tuple(dict.fromkeys(self.course.named(self.wanted.lessons)))
            self.report.lessons = tuple(one.path.name for one in lessons if self.wanted.lessons)
            self._import_torch()
            if self._look_at_devices():
                self._warm_up()
                self._prove(lessons)
        except KeyboardInterrupt:
            done = sum(tried.is_complete for tried in self.tried.values())
            self.report.interrupted = True
            so_far = f"after {done} of {len(self.tried)} koans and katas"
            self.report.partial = f"stopped {so_far if self.tried else 'before anything was tried'}"
            if self.at:
                self.report.notes.append(f"when it was stopped, it was at {', '.join(self.at)}")
        except WorkersError as error:
            self.report.partial = f"nothing can be run here: {error}"
        except OSError as error:  # the disk is full, no process can be started
            self.report.partial = f"nothing can be run here: {error.strerror or error}"
        self._conclude()
        return self.report

    def _import_torch(self) -> None:
        self.tell("importing torch")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads start when imported
        begun = time.perf_counter()
        import torch

        torch.set_num_threads(1)  # before any op, or a forked process would wait for its threads
        self._count_as_import(begun)

    def _count_as_import(self, begun: float) -> None:
        """What torch takes to be there is no part of the proof, and is told apart from it."""
        took = time.perf_counter() - begun
        self.report.import_seconds += took
        self.begun += took

    # -- what is here --

    def _look_at_devices(self) -> bool:
        """Find the devices; False where one was named or required that is not here."""
        self.report.versions = hardware.versions()
        try:
            self.found = devices.find(self.wanted.devices, self.wanted.require_cuda)
        except LookupError as error:
            self.report.partial = str(error)
        for name in devices.NAMES:
            self.report.devices[name] = self._device(name)
        return not self.report.partial

    def _device(self, name: str) -> DeviceProof:
        why_not = {
            devices.CUDA: devices.why_not_cuda,
            devices.SIMGPU: devices.why_not_simgpu,
        }.get(name, lambda: None)()
        seen = DeviceProof(name, why_not is None, name == devices.SIMGPU, why_not or "")
        if seen.available and (not self.wanted.devices or name in self.wanted.devices):
            seen.facts = hardware.facts(name)
            if trouble := hardware.trouble(seen.facts):
                self.report.problems.append(Problem("answers", None, "", name, "", trouble))
        return seen

    @cached_property
    def how(self) -> str:
        """How workers are made: a process that has touched a GPU must not be forked."""
        safe = engine.mode() == workers.FORK and self.found.no_cuda is not None
        return workers.FORK if safe else workers.SPAWN

    @cached_property
    def _gpus(self) -> list[str]:
        return gpus.visible() if self.found.uses(CUDA) else []

    @cached_property
    def jobs(self) -> int:
        most = self.wanted.jobs or host.cores()
        if self.found.uses(CUDA):
            most = min(most, len(self._gpus) or 1)  # where nobody can count them, one is used
        return max(1, min(most, len(self.tried)))

    # -- the run --

    def _warm_up(self) -> None:
        """Do once what each worker would do, where they are forked from this process."""
        if self.how == workers.FORK:
            begun = time.perf_counter()
            workers.warm_up(self.found)
            self._count_as_import(begun)

    def _prove(self, lessons: Sequence[Lesson]) -> None:
        report = self.report
        self.plans = [Plan(lesson, self.found) for lesson in lessons]
        units = [self._cut_down(unit) for plan in self.plans for unit in plan.units]
        self.tried = {(unit.file, unit.name): Tried(unit) for unit in units if unit.checks}
        report.counts = {**counts(lessons), **self._claims()}
        report.problems += [
            Problem(f"answers/{plan.lesson.path.name}", kata.line, kata.name, "", "", what)
            for plan in self.plans
            for kata, what in plan.lacks
        ]
        report.jobs = self.jobs
        report.promises = list(promises.of_course(self.course, lessons))
        for promise in report.promises:
            report.problems += promise.problems
        there = promises.files(self.course)
        beside = self.found.no_cuda is not None  # pytest and a worker would share a GPU
        asking = self._ask() if beside and self._wants_audit else None
        try:
            self._run_checks(units)
            report.problems += promises.written(self.course, there)
            if self._wants_audit:
                asking = asking or self._ask()
                self._compare(asking)
        finally:
            if asking:
                asking.close()

    def _cut_down(self, unit: Unit) -> Unit:
        """The unit as far as it is wanted."""
        if not self.wanted.answers_only:
            return unit
        answers = tuple(check for check in unit.checks if check.variant.kind == ANSWER)
        return Unit(unit.file, unit.name, unit.line, answers)

    def _claims(self) -> dict[str, int]:
        total = taught = 0
        if (self.course.root / CLAIMS).exists():
            with contextlib.suppress(CourseError):  # the promise names it
                table = Claims(self.course)
                total = len(table.rows)
                taught = sum(claim.row in table.places for claim in table.rows)
        return {"claims_total": total, "claims_taught": taught}

    def _run_checks(self, units: Sequence[Unit]) -> None:
        setting = Setting(self.course.root, self.found, self.how)
        limit = self.wanted.seconds or PATIENCE * running.seconds_for_a_koan(self.course.root)
        tasks = [Task(unit, tuple(range(len(unit.checks)))) for unit in units if unit.checks]
        tasks.reverse()  # the last lessons train models: nobody shall wait for one of these alone
        with Crew(setting, self.jobs, limit, self._gpus) as crew:
            crew.queue.extend(tasks)
            try:
                for number, (task, done) in enumerate(crew.run(), 1):
                    self._take(task, done, crew)
                    if number % 10 == 0:
                        complete = sum(tried.is_complete for tried in self.tried.values())
                        self.tell(f"{complete} of {len(tasks)} koans and katas tried")
            except KeyboardInterrupt:
                self.at = crew.running()
                raise

    def _take(self, task: Task, done: Done, crew: Crew) -> None:
        """Note what came of a task; what is not as it should be is run again, alone."""
        key = task.unit.file, task.unit.name
        tried = self.tried[key]
        (tried.alone if task.alone and key in self.again else tried.outcomes).update(done.outcomes)
        if key in self.again:
            if done.left and task.alone:
                tried.left = done.left
            return
        tried.left.update(done.left)
        if not tried.is_complete or len(self.again) >= ALONE:
            return
        failing = tuple(p for p in tried.failing() if tried.outcomes[p].verdict not in DEAD)
        places = tuple(range(len(task.unit.checks))) if tried.left else failing
        if places:
            self.again.add(key)
            crew.queue.appendleft(Task(task.unit, places, alone=True))

    # -- asking pytest --

    @property
    def _wants_audit(self) -> bool:
        return self.wanted.audit > 0 and not self.wanted.answers_only

    def _ask(self) -> auditing.Asking:
        """Let pytest begin with a sample; with the same seed it is the same one."""
        seed = self.wanted.seed
        seed = random.randrange(10**6) if seed is None else seed  # noqa: S311  it is no secret
        self.report.audit = Audit(self.wanted.audit, seed)
        sample = auditing.Sample.draw(self.plans, self.wanted.audit, seed, self._dangerous())
        return self._asking(sample)

    def _asking(self, sample: auditing.Sample) -> auditing.Asking:
        options = [option for name in self.wanted.devices for option in ("--device", name)]
        modest = self.found.no_cuda is not None
        return auditing.Asking(self.course, self.plans, sample, options, modest)

    def _dangerous(self) -> frozenset[tuple[str, Variant]]:
        """Variants that are already known to stop a GPU."""
        return frozenset(
            (tried.unit.file, tried.unit.checks[place].variant)
            for tried in self.tried.values()
            for place, outcome in tried.believed.items()
            if outcome.kept_off
        )

    def _compare(self, asking: auditing.Asking) -> None:
        """Wait for pytest; ask again without a variant that has ended its process."""
        assert self.report.audit
        self.tell("waiting for pytest, which is asked about a sample")
        run, sample = asking.answer(), asking.sample
        for _ in range(DEATHS):
            dead = run.died
            if not dead:
                break
            smaller = auditing.rerun_without(sample, dead)
            if not smaller:
                what = f"{dead.koan}: {dead.what}"
                self.report.partial = f"pytest's process has ended while it was asked: {what}"
                return
            where = f"{dead.file}::{dead.test}"
            self.report.notes.append(f"{where}: {dead.what}; pytest was asked again without it")
            asking.close()
            asking = self._asking(smaller)
            try:
                run, sample = asking.answer(), smaller
            finally:
                asking.close()
        if run.trouble:
            last = run.trouble.splitlines()[-1]
            self.report.partial = f"pytest cannot run the course: {last}"
            return
        compared = auditing.Comparison(self.plans, sample, run.results, self._by_hand())
        self.report.problems += compared.into(self.report.audit)

    def _by_hand(self) -> dict[tuple[str, Variant, str, str], Verdict]:
        return {
            (tried.unit.file, check.variant, check.test, check.device): outcome.verdict
            for tried in self.tried.values()
            for place, outcome in tried.believed.items()
            for check in [tried.unit.checks[place]]
        }

    # -- what was seen --

    def _conclude(self) -> None:
        report = self.report
        if self.tried:
            counting.count(report, self.plans, self.tried)
        if not report.partial and report.require_cuda and not report.devices[CUDA].executed:
            what = "CUDA was required, and no koan was executed on it"
            report.problems.append(Problem("answers", None, "", CUDA, "", what))
        report.seconds = time.perf_counter() - self.begun
        report.peak_rss_mb = host.peak_rss_mb(report.jobs)

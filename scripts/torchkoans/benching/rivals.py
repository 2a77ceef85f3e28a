"""What the walk is compared with: torch by itself, and the ways to run koans without a walk."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from torchkoans.benching import BenchError
from torchkoans.benching.saves import Save
from torchkoans.course import Course
from torchkoans.verifying.proof import Proof, Wanted
from torchkoans.watching import Watch

PATIENCE = 20.0  # seconds for a save to be noticed
TELLS_THE_END = sys.platform == "linux"  # whether the system says that a writer has let go


def import_torch(course: Course) -> float:
    """Seconds for what no process with torch in it can spare itself."""
    done, seconds = _timed([sys.executable, "-c", "import torch"], course.root)
    if done.returncode != 0:
        raise BenchError(f"import torch fails here:\n{done.stderr}")
    return seconds


def cold_pytest(course: Course, file: Path) -> float:
    """Seconds for `pytest FILE`, in which koans may be red."""
    done, seconds = _timed(_pytest(str(file)), course.root)
    if done.returncode not in (0, 1):
        raise BenchError(f"{file}: pytest cannot run it:\n{done.stdout}{done.stderr}")
    return seconds


def _pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]


def _timed(command: Sequence[str], root: Path) -> tuple[subprocess.CompletedProcess[str], float]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    begun = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return done, time.perf_counter() - begun


class Watcher:
    """What other courses do: look for saves, and start pytest anew on the file that was saved.

    It is as quick as such a thing can be: nothing waits for further saves, nothing else is run.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.saved: queue.Queue[str] = queue.Queue()
        self._watch = Watch(course.koans, self._noticed)

    def _noticed(self, name: str, whole: bool) -> None:
        if whole or not TELLS_THE_END:
            self.saved.put(name)

    def verdict_on(self, save: Save) -> float:
        """Save a file; seconds until the pytest that is started for it has said its last word."""
        begun = time.perf_counter()
        save.write()
        try:
            while self.saved.get(timeout=PATIENCE) != save.file.name:
                pass
        except queue.Empty:
            raise BenchError(f"{save}: no watcher noticed it within {PATIENCE:g} s") from None
        cold_pytest(self.course, save.file)
        return time.perf_counter() - begun

    def close(self) -> None:
        self._watch.close()


# -- the whole course ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Whole:
    """A way to run the whole course: seconds, and how many runs of a koan that were."""

    name: str
    seconds: float
    runs: int
    problems: int = 0

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def whole_course(course: Course) -> list[Whole]:
    """The course by pytest, then by what proves it."""
    proven = [_warm_proof(course, answers_only) for answers_only in (True, False)]
    return [_cold_workers(course), *proven]


def _cold_workers(course: Course) -> Whole:
    """Each answer on each device that is here."""
    done, seconds = _timed(_pytest("answers", "-n", "2"), course.root)
    counts = dict.fromkeys(("passed", "failed", "error"), 0)
    for number, word in re.findall(r"(\d+) (passed|failed|error)", done.stdout):
        counts[word] = int(number)
    runs = sum(counts.values())
    if not runs:
        raise BenchError(f"pytest answers -n 2 has run nothing:\n{done.stdout}{done.stderr}")
    return Whole("pytest answers -n 2: answers", seconds, runs, runs - counts["passed"])


def _warm_proof(course: Course, answers_only: bool) -> Whole:
    """What `verify` does with the course, all devices, as many processes as there are cores."""
    report = Proof(course, Wanted(answers_only=answers_only)).run()
    if report.partial:
        raise BenchError(f"verify: {report.partial}")
    runs = sum(count.run for count in report.checks.values())
    audit = report.audit
    runs += audit.variants + audit.blanks if audit else 0
    name = "verify --answers" if answers_only else "verify: everything, and a sample by pytest"
    return Whole(name, report.seconds + report.import_seconds, runs, len(report.problems))

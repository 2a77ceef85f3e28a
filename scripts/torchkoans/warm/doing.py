"""A job in the hands of a process: what was heard of it, and what to say where the process dies."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field, replace

from torchkoans.verdicts import Result, Verdict
from torchkoans.warm.job import Job, Message, plain

GRACE = 1.0  # seconds after the koan's own limit, for a loop that pytest cannot interrupt
IMPORT = 3  # times a koan's limit, for a file's own imports; torch is there by then
CUT_OFF = 113  # what a process ends with that cannot say its verdict any more


@dataclass
class Doing:
    """`limit` is the seconds that a koan may take; `since` is when something was last heard."""

    job: Job
    limit: float
    since: float = field(default_factory=time.monotonic)
    running: str = ""  # the node id that has begun last
    importing: bool = False  # its file, that is; the koan itself has not begun
    said: dict[str, Message] = field(default_factory=dict)  # the last message on each test

    def hear(self, message: Message) -> None:
        self.since = time.monotonic()
        if "begin" in message:
            self.running = message["begin"]
            self.importing = bool(message.get("importing"))
        if "koan" in message:
            self.said[message["koan"]] = message

    @property
    def deadline(self) -> float:
        """When to lose patience; the spare's own start counts as an import."""
        is_koan = self.running and not self.importing
        return self.since + self.limit * (1 if is_koan else IMPORT) + GRACE

    @property
    def left(self) -> Job | None:
        """What there is still to be said, for another process to begin with."""
        return self._without(set(filter(self._is_done, self.said)))

    def death(self, code: int | None, blame: bool = False) -> tuple[list[Message], Job | None]:
        """What to say of the koan that was running, and what is left of the job for another.

        `code` is what the process ended with, None where it had to be killed at the limit. Where
        no koan had begun, none is to blame, unless `blame` says that it cannot be otherwise.
        """
        test = self._test
        if not test or not (self.running or blame):
            return [], self.left
        what = self._what(code)
        if test in self.said:  # its verdict was out already; only the explanation is lost
            messages = [] if self._is_done(test) else [_unexplained(self.said[test], what)]
            return messages, self._without({*self.said, test})
        everywhere = self.importing  # a file that cannot be imported takes all its tests along
        dead = [one for one in self._tests if one not in self.said] if everywhere else [test]
        verdict = Verdict.TIMEOUT if self._is_overdue(code) else Verdict.CRASHED
        device = "" if everywhere else self.running.partition("[")[2].rstrip("]")
        results = [Result(self.job.file, one, device, verdict, None, what) for one in dead]
        messages = [judged(self.job, result.test, result) for result in results]
        return messages, self._without({*self.said, *dead})

    @property
    def _tests(self) -> list[str]:
        return [task.test for task in self.job.tasks]

    @property
    def _test(self) -> str:
        """The test that was running; the first of which nothing is said where none had begun."""
        name = self.running.partition("::")[2].partition("[")[0]
        left = [test for test in self._tests if test not in self.said]
        return name if name in self._tests else next(iter(left), "")

    def _is_done(self, test: str) -> bool:
        return bool(self.said[test]["explained"]) or not self.job.explain

    def _without(self, tests: set[str]) -> Job | None:
        left = tuple(task for task in self.job.tasks if task.test not in tests)
        return replace(self.job, tasks=left) if left else None

    def _is_overdue(self, code: int | None) -> bool:
        """Also where pytest ended itself at the limit: it has no other way without signals."""
        return code is None or (code == 1 and time.monotonic() - self.since >= self.limit)

    def _what(self, code: int | None) -> str:
        where = " while the file was imported" if self.importing else ""
        if code is None or self._is_overdue(code):
            seconds = self.limit * (IMPORT if self.importing else 1)
            return f"it took longer than {seconds:g} seconds{where}; an endless loop?"
        if code == CUT_OFF:
            return "it closed the pipe through which its verdict is told"
        return f"the process ended with {how(code)}{where}"


def _unexplained(said: Message, what: str) -> Message:
    """The verdict as it was said, with what is known instead of an explanation."""
    results = [dict(one) for one in said["results"]]
    for one in results:
        if Verdict(one["verdict"]).is_red and not one["what"]:
            one["what"] = f"no more is known: {what}"
    return {**said, "results": results, "explained": True}


def judged(job: Job, test: str, found: Result) -> Message:
    """The message on a koan of which no process is left to speak."""
    return {
        "number": job.number,
        "file": job.file,
        "koan": test,
        "results": plain([found]),
        "explained": True,
    }


def how(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"

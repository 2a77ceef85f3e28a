"""What was proven, and what was not: plain data, for the screen, JSON, JUnit and the summary."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

PROVEN, UNTRUE, COULD_NOT = 0, 1, 2  # exit codes of `verify`
ENOUGH = 50  # variants of a sample that is worth its name
LISTED = 4  # variants that are named where the same is true of many
KINDS = ("answers", "blanks", "traps", "junk", "katas")  # of checks, as reports call them


@dataclass(frozen=True)
class Problem:
    """Something that is not true.

    `file` is relative to the course, with slashes; `koan` is a test, a kata, or empty for what is
    not about one; `device` is empty where none plays a part; `variant` says what stood in the
    blank: "answer", "blank", "trap torch.Size([1])", "junk None", "wrong kata return x",
    "also right return x + x". `what` is one sentence.
    """

    file: str
    line: int | None
    koan: str
    device: str
    variant: str
    what: str

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        on = f" on {self.device}" if self.device else ""
        about = ": ".join(filter(None, [self.koan, self.variant]))
        return f"{self.where}: {about}{on}: {self.what}" if about else f"{self.where}: {self.what}"


@dataclass
class Count:
    """How many checks of a kind were run, and how many did not come out as they should."""

    run: int = 0
    failed: int = 0


@dataclass
class DeviceProof:
    """What was seen of one device. `koans` are answers: run on it, green on it, waiting for it.

    `facts` are what the machine says of it, in the order of the screen: {"name": "NVIDIA ...",
    "count": 1, "memory_mb": 81559, "driver": "...", "build": "12.6", "allocation": "1 MiB"}.
    """

    name: str
    available: bool
    simulated: bool
    why_not: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)
    executed: int = 0
    passed: int = 0
    waiting: int = 0
    checks: int = 0  # all runs of all variants on it


@dataclass(frozen=True)
class KoanProof:
    """One koan on one device (empty where it takes none): what came of it and of its variants.

    `outcome` is "passed", "failed" or "waiting"; `what` says why it is not the first. `checks` is
    the number of runs, `seconds` what they took together.
    """

    file: str
    test: str
    device: str
    outcome: str
    what: str = ""
    checks: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Disagreement:
    """Something that is green on one device and red on another: {"cpu": "passed", ...}."""

    koan: str
    variant: str
    verdicts: dict[str, str]

    def __str__(self) -> str:
        said = ", ".join(f"{verdict} on {device}" for device, verdict in self.verdicts.items())
        return f"{self.koan}: {self.variant}: {said}"


@dataclass(frozen=True)
class Promise:
    """What is asked once of the whole course: "koans are the cut of answers", and so on."""

    name: str
    said: str
    problems: tuple[Problem, ...] = ()


@dataclass
class Audit:
    """A sample that plain pytest was asked about in a fresh process.

    `variants` were filled in, `blanks` stood as they are cut; both count runs on devices. The
    sample is drawn from `seed`.
    """

    wanted: int
    seed: int
    variants: int = 0
    blanks: int = 0
    disagreed: int = 0


@dataclass
class Report:
    """All of a run. `partial` says, in a few words, why it did not come to its end."""

    versions: dict[str, str] = field(default_factory=dict)  # torch, numpy, python, pytest, system
    devices: dict[str, DeviceProof] = field(default_factory=dict)  # in the order of the screen
    no_device: DeviceProof = field(default_factory=lambda: DeviceProof("", True, False))
    counts: dict[str, int] = field(default_factory=dict)
    checks: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KINDS})
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # worth knowing, and nothing wrong with it
    disagreements: list[Disagreement] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    koans: list[KoanProof] = field(default_factory=list)
    audit: Audit | None = None  # None where none was wanted
    chosen: tuple[str, ...] = ()  # devices that were named
    lessons: tuple[str, ...] = ()  # lessons that were named, by file; empty: all of them
    answers_only: bool = False
    require_cuda: bool = False
    jobs: int = 1
    seconds: float = 0.0  # after torch was imported
    import_seconds: float = 0.0
    peak_rss_mb: float | None = None  # of this process and its workers together; None: not known
    partial: str = ""
    interrupted: bool = False  # by a person

    @property
    def exit_code(self) -> int:
        if self.partial:
            return COULD_NOT
        return UNTRUE if self.problems else PROVEN

    @property
    def told(self) -> list[Problem]:
        """The problems for people.

        What is the same on several devices, or of several variants of a koan, stands there once.
        """
        return _merged(_merged(self.problems, "device", ", "), "variant", "; ")

    @property
    def is_whole(self) -> bool:
        """Whether all of the course was tried, in every way, on all that is here."""
        limited = self.partial or self.lessons or self.chosen or self.answers_only
        return not limited and self.audit is not None and self.audit.wanted >= ENOUGH


def _merged(problems: list[Problem], by: str, between: str) -> list[Problem]:
    """Problems that differ in nothing but their device, or their variant and line, as one."""
    alike: dict[Problem, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(_without(problem, by) if problem.koan else problem, []).append(problem)
    return [_joined(same, by, between) for same in alike.values()]


def _without(problem: Problem, by: str) -> Problem:
    if by == "device":
        return replace(problem, device="")
    return replace(problem, variant="", line=None)


def _joined(same: list[Problem], by: str, between: str) -> Problem:
    found = list(dict.fromkeys(getattr(one, by) for one in same))
    if by == "variant" and len(found) > LISTED:
        found = [*found[: LISTED - 1], f"{len(found) - LISTED + 1} more"]
    words = between.join(found)
    first = same[0]
    return replace(first, device=words) if by == "device" else replace(first, variant=words)

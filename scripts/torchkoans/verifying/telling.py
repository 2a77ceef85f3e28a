"""What a person at the terminal is told of a run: devices first, then each promise, the verdict."""

from __future__ import annotations

from typing import Protocol

from torchkoans.verifying import wording
from torchkoans.verifying.report import PROVEN, DeviceProof, Report

SHOWN = 20  # problems of one kind; one cause may have thousands
KINDS = {
    "answers": "all green",
    "blanks": "all red as blanks",
    "traps": "all red",
    "junk": "all red",
    "katas": "stubs red, each wrong solution red, each other right one green",
}


class Screen(Protocol):
    """As much of the one room that prints as is used here."""

    def say(self, text: str = "", style: str = "") -> None: ...
    def trouble(self, text: str) -> None: ...
    def step(self, name: str, good: bool, said: str) -> None: ...
    def table(self, head: list[str], rows: list[list[str]]) -> None: ...


def tell(report: Report, screen: Screen) -> None:
    """All of it, the verdict last: that is where the eye is when it is over."""
    screen.say(" · ".join(f"{name} {said}" for name, said in report.versions.items()), "dim")
    for proof in report.devices.values():
        _device(proof, report, screen)
    if any(proof.executed or proof.waiting for proof in report.devices.values()):
        screen.say()
        screen.table(["", "executed", "passed", "waiting", "all runs"], _rows(report))
        screen.say()
        _steps(report, screen)
    _problems(report, screen)
    _limited("on devices that do not agree", list(map(str, report.disagreements)), screen)
    _limited("worth knowing", report.notes, screen)
    screen.say()
    verdict = wording.verdict(report)
    if report.exit_code == PROVEN:
        screen.say(verdict, "bold green")
    else:
        screen.trouble(verdict)
    screen.say(_cost(report), "dim")


def _device(proof: DeviceProof, report: Report, screen: Screen) -> None:
    if not proof.available:
        screen.say(f"{proof.name:8}ABSENT: {proof.why_not}", "yellow")
    elif report.chosen and proof.name not in report.chosen:
        screen.say(f"{proof.name:8}not named, so not run", "yellow")
    else:
        screen.say(f"{proof.name:8}{wording.facts(proof)}")


def _rows(report: Report) -> list[list[str]]:
    proofs = [*report.devices.values(), report.no_device]
    return [
        [
            proof.name or "no device",
            *(f"{n:,}" for n in (proof.executed, proof.passed, proof.waiting, proof.checks)),
        ]
        for proof in proofs
    ]


def _steps(report: Report, screen: Screen) -> None:
    for kind, good in KINDS.items():
        count = report.checks[kind]
        if count.run:
            came = f"{count.failed:,} not as they should be" if count.failed else good
            screen.step(kind, not count.failed, f"{count.run:,} run, {came}")
    if report.audit and not report.partial:
        audit = report.audit
        said = f"on {audit.variants} filled and {audit.blanks} blank ones (seed {audit.seed})"
        said += f"; {audit.disagreed} not as by hand" if audit.disagreed else ""
        screen.step("plain pytest says the same", not audit.disagreed, said)
    for promise in report.promises:
        screen.step(promise.name, not promise.problems, promise.said)


def _problems(report: Report, screen: Screen) -> None:
    problems = report.told
    if problems:
        screen.say()
        screen.trouble(f"{wording.counted(len(problems), 'problem')}:")
    _listed(list(map(str, problems)), screen)


def _limited(title: str, lines: list[str], screen: Screen) -> None:
    if lines:
        screen.say()
        screen.say(f"{title}:", "bold")
    _listed(lines, screen)


def _listed(lines: list[str], screen: Screen) -> None:
    """The first of them."""
    for line in lines[:SHOWN]:
        screen.say(f"  {wording.visible(' '.join(line.split()))}")
    if len(lines) > SHOWN:
        screen.say(f"  and {len(lines) - SHOWN:,} more; --json FILE has them all")


def _cost(report: Report) -> str:
    memory = f", at most {report.peak_rss_mb:,.0f} MiB" if report.peak_rss_mb else ""
    return (
        f"{report.seconds:.1f} s in {wording.counted(report.jobs, 'process')}{memory}, "
        f"after {report.import_seconds:.1f} s for torch"
    )

"""The report as a page of markdown, for the summary of a step in CI: the verdict, then problems.

GitHub shows no summary of a step at all once it is larger than 1 MiB, so the page is made to fit,
and says what it left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from itertools import islice

from torchkoans.verifying.report import Audit, DeviceProof, Problem, Report
from torchkoans.verifying.wording import counted, facts, listed, named, shortened, verdict, visible

MARK = b"<!-- torch-koans verify -->"  # by which a report is known
LIMIT = 1024 * 1024 - 1  # bytes that the summary of a step may have
LEAST = 16 * 1024  # bytes without which a page says too little
MOST = 100  # rows of what is not a problem
_LONGEST = 300  # characters of a cell
_MORE = 200  # bytes that are kept for saying how much was left out
_RULE = ("---",)
_AFTER = 64 * 1024  # bytes that problems leave to what comes after them

# An underscore inside a word is one; elsewhere it may be read as emphasis.
_VERDICT = re.compile(r"^(PROVEN|NOT TRUE|PARTIAL)")
_MARKUP = re.compile(r"[\\`*\[\]<>&|$~#@]|(?<![^\W_])_|_(?![^\W_])")


def plain(text: str, most: int = _LONGEST) -> str:
    """Text that markdown shows as it is, on one line, in a table or outside of one.

    Entities rather than backslashes: these mean nothing inside of a table or a formula.
    """
    short = shortened(" ".join(visible(text).split()), most)
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", short)


class _Page:
    """Lines, as long as there is room for them. What is kept back is for whoever comes later."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.lines: list[str] = []

    def add(self, *lines: str, keep: int = 0) -> bool:
        """All of these lines or none."""
        size = sum(len(line.encode()) + 1 for line in lines)
        if size > self.room - keep:
            return False
        self.room -= size
        self.lines += lines
        return True

    def table(
        self,
        title: str,
        head: Sequence[str],
        rows: Iterable[Sequence[str]],
        total: int,
        keep: int = 0,
    ) -> None:
        """As many of the rows as there is room for; cells are markdown already."""
        shown = 0
        if total and self.add(
            f"### {title}", "", _row(head), _row(_RULE * len(head)), keep=keep + _MORE
        ):
            for row in rows:
                if not self.add(_row(row), keep=keep + _MORE):
                    break
                shown += 1
        if more := total - shown:
            rest = f"{more:,} more of {title.lower()} are not shown here"
            self.add("", f"{rest}; the report that `--json` writes has them all.")
        if total:
            self.add("")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_markdown(report: Report, when: datetime, room: int = LIMIT) -> str:
    """The page, of at most `room` bytes in UTF-8; `room` is to be LEAST or more."""
    page = _Page(room)
    page.add(MARK.decode(), "## Torch Koans: verify", "", *_totals(report, when), "")
    _problems(page, report.told)
    _devices(page, report)
    _checks(page, report)
    _promises(page, report)
    _disagreements(page, report)
    notes = ([plain(note)] for note in report.notes)
    page.table("Notes", ("worth knowing",), islice(notes, MOST), len(report.notes))
    versions = ([plain(name), plain(value)] for name, value in report.versions.items())
    page.table("Versions", ("of", "is"), versions, len(report.versions))
    return "\n".join(page.lines).rstrip("\n") + "\n"


def _totals(report: Report, when: datetime) -> Iterator[str]:
    yield _VERDICT.sub(r"**\g<0>**", plain(verdict(report), most=1500))
    yield ""
    run = sum(count.run for count in report.checks.values())
    failed = sum(count.failed for count in report.checks.values())
    counts = ", ".join(_counted(name, number) for name, number in report.counts.items())
    yield plain(f"{counts or 'nothing counted'}; {counted(run, 'check')}, {failed:,} failed.")
    peak = f", peak memory {report.peak_rss_mb:,.0f} MiB" if report.peak_rss_mb is not None else ""
    imported = f"{report.seconds:.1f} s after {report.import_seconds:.1f} s of imports"
    date = when.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    yield plain(f"{date}; {imported}, {counted(report.jobs, 'process')}{peak}.")


def _counted(name: str, number: int) -> str:
    """`44 lessons`, `1 kata`, `237 claims total`."""
    return f"{number:,} {name.replace('_', ' ').removesuffix('s' if number == 1 else '')}"


def _problems(page: _Page, problems: Sequence[Problem]) -> None:
    head = ("where", "koan", "on", "what stood there", "what is not true")
    rows = (
        [plain(text) for text in (one.where, one.koan, one.device, one.variant, one.what)]
        for one in problems
    )
    page.table("Problems", head, rows, len(problems), keep=min(_AFTER, page.room // 2))


def _devices(page: _Page, report: Report) -> None:
    head = ("device", "executed", "passed", "waiting", "checks", "what it is")
    proofs = [*report.devices.values()]
    if report.no_device.executed or report.no_device.waiting:
        proofs.append(report.no_device)
    page.table("Devices", head, map(_device, proofs), len(proofs))


def _device(proof: DeviceProof) -> list[str]:
    executed = f"{proof.executed:,}" if proof.executed else "never ran"
    numbers = [f"{number:,}" for number in (proof.passed, proof.waiting, proof.checks)]
    return [plain(named(proof)), executed, *numbers, plain(proof.why_not or facts(proof))]


def _checks(page: _Page, report: Report) -> None:
    rows = ([plain(kind), f"{one.run:,}", f"{one.failed:,}"] for kind, one in report.checks.items())
    page.table("Checks", ("of", "run", "failed"), rows, len(report.checks))
    page.add(_audited(report.audit, bool(report.partial)), "")


def _audited(audit: Audit | None, is_partial: bool) -> str:
    if audit is None or is_partial:
        return "No sample was held against plain pytest."
    tried = f"{audit.variants:,} variants and {audit.blanks:,} blanks"
    disagreed = "all agree" if not audit.disagreed else f"**{audit.disagreed:,} disagree**"
    return f"A sample was held against plain pytest (seed {audit.seed}): {tried}, {disagreed}."


def _promises(page: _Page, report: Report) -> None:
    rows = (
        [plain(one.name), "**no**" if one.problems else "yes", plain(one.said)]
        for one in islice(report.promises, MOST)
    )
    page.table("Promises", ("of the course", "kept", ""), rows, len(report.promises))


def _disagreements(page: _Page, report: Report) -> None:
    """By itself: what a person with a GPU looks for first."""
    names = [*dict.fromkeys(name for one in report.disagreements for name in one.verdicts)]
    rows = (
        [plain(one.koan), plain(one.variant), *(plain(one.verdicts.get(on, "")) for on in names)]
        for one in islice(report.disagreements, MOST)
    )
    title = f"Where {listed(names)} disagree"
    page.table(title, ("koan", "what stood there", *names), rows, len(report.disagreements))

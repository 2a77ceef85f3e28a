"""Where the course was really verified: docs/verified.md, which nothing but `--record` writes.

A row is a fact of one run: what it ran on and when. A newer run on the same combination takes the
place of the older one; all other rows stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from torchkoans.devices import CUDA, NAMES, SIMGPU
from torchkoans.source import CourseError, command, read, write
from torchkoans.verifying.report import DeviceProof, Report
from torchkoans.verifying.wording import counted, limited, visible

FILE = Path("docs", "verified.md")
HEAD = """\
# Where the course was verified

Each row is a run of `verify --record` in which everything was tried and everything was true: every
answer green, every blank, trap, plain guess and wrong kata red, on that device with those versions.
Nothing else writes this file. A row is a fact of that one run, and no promise for another machine;
a combination that is not here has not been tried, or not been recorded. A newer run on the same
combination takes the place of the older one.

`simgpu` is a simulation: it runs on the CPU and proves nothing about a GPU. Koans that need a
device which is not there wait; they were not run.

| device | torch | numpy | Python | system | date | koans | waiting | checks | driver and build |
|---|---|---|---|---|---|---|---|---|---|
"""
_COLUMNS = 10


@dataclass(frozen=True)
class Row:
    """One line of the table, as text; the first five name the combination."""

    device: str
    torch: str
    numpy: str
    python: str
    system: str
    date: str
    koans: str
    waiting: str
    checks: str
    driver: str

    @property
    def key(self) -> tuple[str, ...]:
        return astuple(self)[:5]

    @property
    def kind(self) -> str:
        """The device as the course names it; the table adds what it is."""
        return self.device.split(" ", 1)[0]

    @property
    def is_sound(self) -> bool:
        """Whether it can be a row that was written here."""
        counts = (self.koans, self.waiting, self.checks)
        return (
            self.kind in NAMES
            and all(self.key)
            and _is_date(self.date)
            and all(re.fullmatch(r"\d{1,3}(,\d{3})*", count) for count in counts)
        )

    def __str__(self) -> str:
        return f"| {' | '.join(astuple(self))} |"


def record(course: Path, report: Report, when: datetime) -> Path:
    """Add what was proven to the record; returns its path.

    Raises CourseError where nothing may be recorded, or the record cannot be read or written.
    """
    path = course / FILE
    text = recorded(_text(path), report, when, path)
    write(path, text.encode())
    return path


def refuse(course: Path) -> None:
    """Look, before the work starts, whether the record can be added to.

    Raises CourseError where it holds a line that nobody can read.
    """
    path = course / FILE
    _rows(_text(path), path)


def recorded(text: str | None, report: Report, when: datetime, path: Path = FILE) -> str:
    """The record with the devices that this run proved; `text` is the one before, if any.

    Raises CourseError where the run proves too little, or a line of `text` cannot be read.
    """
    if why := unfit(report):
        raise CourseError(path, None, f"nothing is recorded: {why}")
    day = when.astimezone(timezone.utc).date().isoformat()
    rows = {row.key: row for row in _rows(text, path)}
    rows |= {row.key: row for row in _proven(report, day)}
    return _page([*rows.values()])


def unfit(report: Report) -> str:
    """Why a run is not recorded, with what to do; empty where it is."""
    if report.partial:
        return f"the run is partial ({report.partial}); start it again"
    if report.told:
        return f"{counted(len(report.told), 'problem')} to mend first"
    if not report.is_whole:
        again = command("verify", "--record")
        return f"not everything was tried ({', '.join(limited(report))}); run {again} alone"
    if not any(proof.executed for proof in report.devices.values()):
        return "no koan ran on any device"
    return ""


def _proven(report: Report, day: str) -> Iterator[Row]:
    versions = [_cell(report.versions.get(name, "")) or "not known" for name in _VERSIONS]
    for name, proof in report.devices.items():
        if proof.executed:
            counts = [f"{n:,}" for n in (proof.executed, proof.waiting, proof.checks)]
            yield Row(*[_device(name, proof), *versions, day, *counts, _driver(name, proof)])


_VERSIONS = ("torch", "numpy", "python", "system")


def _device(name: str, proof: DeviceProof) -> str:
    """The name, which is part of the combination: of a GPU also which it is, of a CPU not."""
    if proof.simulated:
        return f"{name} (simulated)"
    model = proof.facts.get("name") if name == CUDA else None
    return _cell(f"{name} ({model})") if model else name


def _driver(name: str, proof: DeviceProof) -> str:
    """Of all that a machine says of its GPU only this: no row may name whose it is."""
    if name != CUDA:
        return ""
    driver, build = (str(proof.facts.get(key, "")) for key in ("driver", "build"))
    return _cell(", ".join(filter(None, [f"driver {driver}" if driver else "", build])))


def _cell(text: str) -> str:
    return " ".join(visible(text).replace("|", "/").split())


# -- the file --


def _text(path: Path) -> str | None:
    return read(path).text if path.exists() else None


def _page(rows: list[Row]) -> str:
    never = [name for name in NAMES if name not in {row.kind for row in rows}]
    lines = [*map(str, sorted(rows, key=_order)), ""]
    return HEAD + "\n".join([*lines, *map(_never, never), *([""] if never else [])])


def _never(name: str) -> str:
    return f"- {name}{' (simulated)' if name == SIMGPU else ''}: never run"


def _order(row: Row) -> tuple[object, ...]:
    """Devices as the course lists them, then what is newest first."""
    newest = [[-number for number in _numbers(text)] for text in (row.torch, row.numpy, row.python)]
    return NAMES.index(row.kind), *newest, row.key


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _rows(text: str | None, path: Path) -> list[Row]:
    """The rows of a record.

    Raises CourseError for a line that was not written here: what a person wrote is not lost.
    """
    frame = {"", *HEAD.splitlines(), *map(_never, NAMES)}
    found: dict[tuple[str, ...], int] = {}
    rows = []
    for number, line in enumerate((text or "").splitlines(), 1):
        if line in frame:
            continue
        row = _row(line)
        if row is None:
            what = "verify --record did not write this line: take it out, or bring the file back"
            raise CourseError(path, number, f"{what} (git checkout {FILE.as_posix()})")
        if row.key in found:
            what = f"line {found[row.key]} has the same combination: take the older one out"
            raise CourseError(path, number, what)
        found[row.key] = number
        rows.append(row)
    return rows


def _row(line: str) -> Row | None:
    """The row that a line is, or None."""
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) != _COLUMNS + 2 or cells[0] or cells[-1]:
        return None
    row = Row(*cells[1:-1])
    return row if row.is_sound else None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

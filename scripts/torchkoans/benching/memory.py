"""How much memory a walk has in use, as the system tells it."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

MB = 2**20


def resident(pid: int) -> float | None:
    """MB of a process and its children, their own children left out; None where nobody can say.

    Of a walk that is the process that waits, and the one that is warm. What is forked from that to
    run a koan ends with it, and shares its memory with it.
    """
    table = _processes()
    if pid not in table:
        return None
    family = [size for one, (parent, size) in table.items() if pid in (one, parent)]
    return sum(family) / MB


def _processes() -> dict[int, tuple[int, int]]:
    """Process id to (its parent's, bytes)."""
    if Path("/proc/self/status").exists():
        return dict(filter(None, map(_status, Path("/proc").glob("[0-9]*/status"))))
    with contextlib.suppress(OSError):
        command = ["ps", "-A", "-o", "pid=,ppid=,rss="]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        rows = [list(map(int, line.split())) for line in done.stdout.splitlines()]
        return {row[0]: (row[1], row[2] * 1024) for row in rows if len(row) == 3}
    return {}


def _status(file: Path) -> tuple[int, tuple[int, int]] | None:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # it has ended meanwhile
        return None
    said = dict(line.split(":", 1) for line in lines if ":" in line)
    size = said.get("VmRSS", "0 kB").split()[0]  # a process that has just ended has none
    return int(said["Pid"]), (int(said["PPid"]), int(size) * 1024)

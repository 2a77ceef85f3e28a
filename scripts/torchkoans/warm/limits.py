"""What keeps a spare from doing harm: it may take little memory and it ends with its family.

Each guard is laid where the system offers it, and does nothing elsewhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

MEMORY = 2 * 2**30  # bytes that a koan may take beyond what the process has; koans need a few MB
FILE = 2**28  # bytes that it may write to one file
SECONDS = 1200  # of work, should nobody be left who would end it
MARK = "TORCH_KOANS_FAMILY"  # in the environment of all that a warm process starts
ROUNDS = 100  # of looking for what is left; nothing is left after two, but for a broken system
_DEATH_SIGNAL, _NOTHING, _SUBREAPER = 1, 3, 36  # of Linux's prctl; 3 only asks a question


@cache
def _c() -> Any:
    return ctypes.CDLL(None)


def prepare() -> None:
    """Look up what the other functions need, so that a child need not."""
    if sys.platform == "linux":
        _c().prctl(_NOTHING, 0, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of whatever a koan starts and leaves behind, so that it can be ended."""
    if sys.platform == "linux":
        _c().prctl(_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int, by: int = 9) -> None:
    """End, by SIGKILL or another signal, when the thread ends that has started this process."""
    if sys.platform == "linux":
        _c().prctl(_DEATH_SIGNAL, by, 0, 0, 0)
        if os.getppid() != parent:  # it was quicker
            os._exit(1)


def die_with_pipe(reading: int) -> None:
    """End, and the group with it, when nobody can write to a pipe any more, whatever goes on here.

    Anything else that happens to the pipe does the same: all must have been read from it.
    """
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(reading, fcntl.F_SETOWN, -os.getpgrp())
            fcntl.fcntl(reading, fcntl.F_SETSIG, signal.SIGKILL)
            flags = fcntl.fcntl(reading, fcntl.F_GETFL)
            fcntl.fcntl(reading, fcntl.F_SETFL, flags | os.O_ASYNC)
            if select.select([reading], [], [], 0)[0]:  # it happened before
                os._exit(1)


def be_modest() -> None:
    """No core file, no huge file, no work for ever, no more than MEMORY beyond what is in use now.

    Where memory runs out all the same, the system ends this process first.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, FILE)
    _limit(resource.RLIMIT_CPU, SECONDS)
    if sys.platform == "linux":  # elsewhere nobody keeps to such a limit
        with contextlib.suppress(OSError, ValueError):
            pages = int(Path("/proc/self/statm").read_text().split()[5])
            _limit(resource.RLIMIT_DATA, pages * resource.getpagesize() + MEMORY)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")


def be_generous() -> None:
    """Take back the limit on memory: a koan has used it up, and it has to be told."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _limit(kind: int, value: int) -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, hard))


def end_family(pid: int) -> None:
    """Kill a process and all of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _end(pid)  # before it has a group of its own


def end_children(known: set[int]) -> bool:
    """Kill the children of this process but for these; whether there are any.

    They are orphans that were adopted. Those that they leave behind in turn come here too.
    """
    return _end_all(children() - known)


def end_marked(mark: str) -> None:
    """Kill all that has this mark in its environment, wherever it has gone."""
    wanted = f"{MARK}={mark}".encode()
    for _ in range(ROUNDS):
        if not _end_all(_marked(wanted)):
            break
        time.sleep(0.002)  # they die, and what they have started meanwhile is found


def bury() -> list[tuple[int, int]]:
    """Take leave of the children that have ended: the id of each and what it ended with."""
    buried = []
    with contextlib.suppress(ChildProcessError, AttributeError):  # Windows has none of it
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            buried.append((pid, os.waitstatus_to_exitcode(status)))
    return buried


def _end_all(pids: Iterable[int]) -> bool:
    return sum(map(_end, pids)) > 0


def _end(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def children() -> set[int]:
    """Ids of the children of this thread, as far as the system tells."""
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:  # no such file on this system
        return set()
    return {int(pid) for pid in listed.split()}


def _marked(wanted: bytes) -> list[int]:
    """Processes of this user whose environment holds this; those that have ended have none."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found

"""The computer that this process runs on, and what it lets the process use. Memory is in MiB."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

MIB = 2**20
PATIENCE = 10  # seconds for a program of the system's to answer
_CPU_TIME = "/sys/fs/cgroup/cpu.max"
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def processor() -> str:
    """Its name, as the system tells it."""
    with contextlib.suppress(OSError):
        said = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^(?:model name|Model|Hardware)\s*: (.+)$", said, re.MULTILINE):
            return found.group(1)
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
            return done.stdout.strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Those that this process may use, or fewer where a container has less time on them."""
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    with contextlib.suppress(OSError, ValueError):  # microseconds in each so many, or "max"
        time, period = Path(_CPU_TIME).read_text(encoding="ascii").split()
        count = min(count, max(1, round(int(time) / int(period))))
    return count


def memory_mb() -> int | None:
    """What there is, or less where a container allows less; None: not known."""
    known = [size for size in (_installed(), *map(_limit, _LIMITS)) if size]
    return min(known) // MIB if known else None


def _installed() -> int | None:
    if sys.platform == "win32":
        return _windows_memory()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _limit(file: str) -> int | None:
    """Bytes that a control group may have, "max" where that is as much as there is."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path(file).read_text(encoding="ascii"))
    return None


def _windows_memory() -> int | None:
    """From GlobalMemoryStatusEx."""
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            *((f"other_{number}", ctypes.c_uint64) for number in range(6)),
        ]

    status = Status(length=ctypes.sizeof(Status))
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009  it is there on Windows alone
    return status.total if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def system() -> str:
    """Such as "Debian GNU/Linux 12 (Linux, x86_64)"; the host's name is nobody's business."""
    kind = f"{platform.system()}, {platform.machine()}"
    return f"{_release()} ({kind})"


def _release() -> str:
    with contextlib.suppress(OSError, AttributeError, KeyError):
        pretty = platform.freedesktop_os_release()["PRETTY_NAME"]
        return re.sub(r" \([\w ]+\)$", "", pretty)  # "(bookworm)" says nothing that 12 does not
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    if sys.platform == "win32":
        return f"Windows {platform.release()}"
    return platform.system()


def peak_rss_mb(workers: int = 1) -> float | None:
    """The most memory that this process has had in use, and that of its workers; None: not known.

    Its own peak of resident memory, and so many times that of the largest of its children that
    have ended and been waited for: an upper bound where so many ran at once, for the system keeps
    no account of what processes use together. What forked ones share with this one is counted in
    each, and Linux takes a child for no smaller than this process was when it started it. Where
    the system says nothing of children (Windows), the process's own.
    """
    if sys.platform == "win32":
        return _windows_peak()
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kB
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    own = _own_peak() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return (own + workers * child) / MIB


def _own_peak() -> int | None:
    """Bytes, from Linux: getrusage would count what started this process, before its exec, too."""
    with contextlib.suppress(OSError):
        said = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^VmHWM:\s+(\d+) kB$", said, re.MULTILINE):
            return int(found.group(1)) * 1024
    return None


def _windows_peak() -> float | None:
    """From GetProcessMemoryInfo."""
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = [
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            ("peak", ctypes.c_size_t),
            *((f"other_{number}", ctypes.c_size_t) for number in range(7)),
        ]

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009  it is there on Windows alone
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    process = kernel.GetCurrentProcess()
    done = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
    return counters.peak / MIB if done else None

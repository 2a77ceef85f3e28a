"""Running koans.

Pytest in a process of its own, watched, so that no koan can take the caller with it.
"""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchkoans.verdicts import Result, Verdict
from torchkoans.warm.doing import how

GRACE = 5.0  # seconds after the koan's own limit, for a loop that pytest cannot interrupt
START = 180.0  # seconds for pytest and torch to begin on a slow machine
IMPORT = 30.0  # seconds for one file's own imports; torch is there by then
OVER = "over::"  # every koan has ended, and the process has not
_LOOK = 0.05  # seconds between two looks at the process


@dataclass(frozen=True)
class Run:
    """What came of a run. `trouble` is pytest's own last words where it could not work at all.

    `died` is the verdict on what took the process along, and with it all that would have followed.
    """

    results: tuple[Result, ...]
    exit_code: int
    output: str
    trouble: str = ""
    died: Result | None = None


def run(
    root: Path,
    targets: Sequence[str],
    options: Sequence[str] = (),
    limit: float | None = None,
    show: bool = False,
) -> Run:
    """Run pytest on node ids or files of the course at `root`.

    `limit` is the seconds that a koan may take (pytest.ini's timeout if None). With `show`, pytest
    writes to the terminal itself and `output` stays empty.
    """
    limit = seconds_for_a_koan(root) if limit is None else limit
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        record = Path(folder, "record")
        record.touch()
        with Path(folder, "output").open("w+b") as output:
            process = _start(
                root, targets, [*options, f"--timeout={limit:g}"], record, output, show
            )
            try:
                with _hangup_interrupts():
                    overdue = _wait(process, record, limit + GRACE)
            finally:
                _end(process)
            ended = time.monotonic()
            output.seek(0)
            said = output.read(1_000_000).decode(errors="replace")
        entries = _entries(record)
    results = _results(entries)
    died = _unfinished(entries)
    over = next((entry["over"] for entry in entries if "over" in entry), None)
    if overdue and over is not None and not died:  # a thread kept the process from ending
        return Run(tuple(results), over, said)
    if died:  # also with exit code 0: os._exit(0) ends pytest without a word
        overdue = overdue or ("::" in died and ended - _begun(entries, died) >= limit)
        death = _death(died, overdue, process.returncode, limit)
        return Run((*results, death), process.returncode, said, died=death)
    if process.returncode not in (0, 1) and not results:
        return Run(tuple(results), process.returncode, said, _last_words(said, process.returncode))
    return Run(tuple(results), process.returncode, said)


def seconds_for_a_koan(root: Path) -> float:
    """The time limit in pytest.ini."""
    settings = configparser.ConfigParser(strict=False)
    settings.read(root / "pytest.ini", encoding="utf-8")
    return settings.getfloat("pytest", "timeout", fallback=10.0)


def _start(
    root: Path,
    targets: Sequence[str],
    options: Sequence[str],
    record: Path,
    output: Any,
    show: bool,
) -> subprocess.Popen[bytes]:
    from torchkoans import recorder  # it brings pytest along, for which a walk must not wait

    environment = {**os.environ, recorder.VARIABLE: str(record), "PYTHONIOENCODING": "utf-8"}
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(root / "scripts"), os.environ.get("PYTHONPATH", "")])
    )
    if not show:  # options from a learner's shell must not change a verdict
        environment.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-p", "torchkoans.recorder", *options, *targets]
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=None if show else output,
        stderr=None if show else subprocess.STDOUT,
        start_new_session=os.name == "posix",  # so that grandchildren can be ended with it
    )


@contextlib.contextmanager
def _hangup_interrupts() -> Iterator[None]:
    """While koans run, a closed terminal and a kill are like Ctrl-C: the child must not live on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(process: subprocess.Popen[bytes], record: Path, limit: float) -> bool:
    """Wait for the end.

    True where a koan outlived its limit by so much that it has to be killed.
    """
    last_seen, size = time.monotonic(), -1
    while process.poll() is None:
        time.sleep(_LOOK)
        now = record.stat().st_size
        if now != size:
            last_seen, size = time.monotonic(), now
            entries = _entries(record)
            running = OVER if any("over" in entry for entry in entries) else _unfinished(entries)
        patience = START if running is None else limit if "::" in running else IMPORT
        if running == OVER:
            patience = GRACE
        if time.monotonic() - last_seen > patience:
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _entries(record: Path) -> list[dict[str, Any]]:
    """The lines of the record; a last one that was cut short by a death is left out."""
    entries = []
    for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            entries.append(json.loads(line))
    return entries


def _results(entries: list[dict[str, Any]]) -> list[Result]:
    found = [entry["result"] for entry in entries if "result" in entry]
    return [Result(**{**values, "verdict": Verdict(values["verdict"])}) for values in found]


def _unfinished(entries: list[dict[str, Any]]) -> str | None:
    """What had begun and not ended: a node id, or a file that was being imported."""
    running: dict[str, None] = {}
    for entry in entries:
        if "begin" in entry:
            running[entry["begin"]] = None
        elif "end" in entry:
            running.pop(entry["end"], None)
    return next(reversed(running), None)


def _begun(entries: list[dict[str, Any]], name: str) -> float:
    return max(float(entry["at"]) for entry in entries if entry.get("begin") == name)


def _death(node_id: str, overdue: bool, code: int, limit: float) -> Result:
    """The verdict on a koan whose process is no more."""
    file, _, test = node_id.partition("::")
    test, _, device = test.rstrip("]").partition("[")
    doing = "" if test else " while the file was imported"
    if overdue:
        seconds = limit if test else IMPORT
        what = f"it took longer than {seconds:g} seconds{doing}; an endless loop?"
        return Result(file, test, device, Verdict.TIMEOUT, None, what)
    return Result(
        file, test, device, Verdict.CRASHED, None, f"the process ended with {how(code)}{doing}"
    )


def _last_words(output: str, code: int) -> str:
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return "\n".join(lines[-15:]) or f"pytest ended with exit code {code} and said nothing"

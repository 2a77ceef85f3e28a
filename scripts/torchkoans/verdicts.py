"""What can be said of a koan after looking at it or running it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path


class Verdict(str, Enum):
    """One word a koan and device; the order is that of urgency, worst first."""

    CRASHED = "crashed"  # the process died
    TIMEOUT = "timeout"
    BROKEN = "broken"  # syntax, import, or an exception that is no assertion
    WRONG = "wrong"  # an assertion said no
    BLANK = "blank"  # `__` still stands there
    UNWRITTEN = "unwritten"  # a kata's body still is the stub
    WAITING = "waiting"  # its device is not here
    PASSED = "passed"

    @property
    def is_red(self) -> bool:
        return self not in (Verdict.PASSED, Verdict.WAITING)


@dataclass(frozen=True)
class Result:
    """The verdict on one koan on one device.

    `file` is relative to the course, with slashes; `device` is empty for a koan that takes none;
    `line` is where to look; `what` says what happened, its first line by itself understandable;
    `printed` is what the koan wrote to stdout; `trap` answers a mistake that is known.
    """

    file: str
    test: str
    device: str
    verdict: Verdict
    line: int | None = None
    what: str = ""
    printed: str = ""
    trap: str = ""
    text: str = ""  # a hash of what was judged, where the run that did it could tell

    @property
    def koan(self) -> str:
        """The node id of the koan without its device.

        The file's for one that cannot be imported.
        """
        return f"{self.file}::{self.test}" if self.test else self.file

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def moved(result: Result, by: int) -> Result:
    """A result whose lines are so many further down."""
    return replace(result, line=result.line + by) if result.line and by else result


def classify(error: BaseException) -> Verdict:
    """The verdict on what a koan raised.

    An assertion of torch's own (no CUDA in this build, say) is not one of the koan.
    """
    name = type(error).__name__
    if re.match(r"Timeout \(?>", str(error)):  # the words with which pytest-timeout fails a test
        return Verdict.TIMEOUT
    if name == "Failed":  # pytest.raises that saw no error, pytest.fail
        return Verdict.WRONG
    if isinstance(error, AssertionError) and not _raised_inside_torch(error):
        return Verdict.WRONG
    return Verdict.BROKEN


def _raised_inside_torch(error: BaseException) -> bool:
    trace = error.__traceback__
    module = ""
    while trace:
        module = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return module.split(".")[0] == "torch" and not module.startswith("torch.testing")


def comparable(what: str) -> str:
    """A message without what differs from device to device anyway: names and addresses."""
    what = re.sub(r", device='[^']*'", "", what)  # the printed form names every one but the CPU
    return re.sub(r"((cpu|simgpu|cuda)(:\d+)?)|(0x[0-9a-f]+)", "_", what)


def line_in(error: BaseException, file: Path) -> int | None:
    """The innermost line of this file that an exception came through."""
    line, trace = None, error.__traceback__
    while trace:
        if Path(trace.tb_frame.f_code.co_filename) == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if line is None and isinstance(error, SyntaxError) and error.filename == str(file):
        line = error.lineno
    return line


_SLIPS = (NameError, SyntaxError, ImportError, AttributeError)  # of the pen, not of the mind


def is_about_the_answer(error: BaseException | None) -> bool:
    """Whether torch has refused what was filled in: then it is wrong, rather than broken."""
    return isinstance(error, Exception) and not isinstance(error, _SLIPS)


def of_filled(error: BaseException, is_known: bool) -> Verdict:
    """The verdict on a koan that only had its blank filled.

    `is_known` says that it is a mistake with a sentence of its own.
    """
    verdict = classify(error)
    wrong = is_known or is_about_the_answer(error)
    return Verdict.WRONG if verdict is Verdict.BROKEN and wrong else verdict

"""The first problems as GitHub's workflow commands: it shows them beside the lines they are about.

Of one step it shows ten errors and silently drops the others, so the last one says how many.
"""

from __future__ import annotations

from torchkoans.verifying.report import Problem, Report
from torchkoans.verifying.wording import counted, shortened, visible

MOST = 10
LONGEST = 1000  # characters of a message


def commands(report: Report) -> list[str]:
    """Lines for the standard output, ten at the most; none where all is well."""
    stopped = [_error(f"{report.partial}: nothing is proven", "verify: partial")]
    lines = stopped if report.partial else []
    room = MOST - len(lines)
    problems = report.told
    shown = problems if len(problems) <= room else problems[: room - 1]
    lines += map(_of_problem, shown)
    if more := len(problems) - len(shown):
        rest = f"{counted(more, 'more problem')}; the report that --json writes has them all"
        lines.append(_error(rest, "verify"))
    return lines


def _of_problem(problem: Problem) -> str:
    on = f" on {problem.device}" if problem.device else ""
    title = f"{problem.koan or 'verify'}{on}"
    said = ": ".join(filter(None, [problem.variant, problem.what]))
    return _error(said, title, problem.file, problem.line)


def _error(said: str, title: str, file: str = "", line: int | None = None) -> str:
    properties = {"file": file, "line": str(line or "") if file else "", "title": title}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::error {listed}::{_data(shortened(visible(said), LONGEST))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")

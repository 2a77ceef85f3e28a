"""What was seen, counted: runs by device and kind, then each koan on each device by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from torchkoans import cut, standing
from torchkoans.devices import WAITING
from torchkoans.lesson import Koan, Lesson
from torchkoans.lineup import line_up
from torchkoans.verdicts import Verdict
from torchkoans.verifying.auditing import UNFILLED
from torchkoans.verifying.judging import AS_REPORTED, Tried
from torchkoans.verifying.planning import ANSWER, Plan
from torchkoans.verifying.report import KoanProof, Problem, Report
from torchkoans.verifying.trying import Outcome

Units = Mapping[tuple[str, str], Tried]  # by file and name


def count(report: Report, plans: Sequence[Plan], units: Units) -> None:
    """Put everything that was tried into the report; of a partial run, what came to its end."""
    for tried in units.values():
        if tried.is_complete or not report.partial:
            _count_unit(report, tried)
    told = defaultdict(list)
    for problem in report.problems:
        told[problem.file, problem.koan, problem.device].append(problem)
    for plan in plans:
        for koan in plan.lesson.koans:
            unit = units.get((plan.lesson.path.name, koan.name))
            unfinished = report.partial and not (unit and unit.is_complete)
            blank = None if report.answers_only else _red_by_itself(plan.lesson, koan)
            for device, reason in plan.devices(koan):
                if reason:
                    _count_waiting(report, plan, koan, device, reason)
                    continue
                if unfinished:
                    continue
                problems = told[f"answers/{plan.lesson.path.name}", koan.name, device]
                ran = list(_of_device(unit, device))
                _count_koan(report, plan, koan, device, ran, [*problems, *_one(blank)])
            report.problems += _one(blank)


def _one(problem: Problem | None) -> list[Problem]:
    return [problem] if problem else []


def _count_unit(report: Report, tried: Tried) -> None:
    report.problems += tried.problems()
    report.notes += tried.notes()
    report.disagreements += tried.disagreements()
    failing = tried.failing()
    for place, outcome in tried.believed.items():
        check = tried.unit.checks[place]
        device = report.devices.get(check.device, report.no_device)
        if outcome.kept_off:
            continue
        device.checks += 1
        kind = report.checks[AS_REPORTED[check.variant.kind]]
        kind.run += 1
        kind.failed += place in failing
        if check.variant.kind == ANSWER:
            device.executed += 1
            device.passed += outcome.verdict is Verdict.PASSED


def _count_waiting(report: Report, plan: Plan, koan: Koan, device: str, reason: str) -> None:
    why = reason.removeprefix(WAITING)
    if device in report.devices:
        report.devices[device].waiting += 1
    else:  # no-accelerator, where the CPU alone was named: no device of its own
        report.no_device.waiting += 1
    report.koans.append(KoanProof(plan.lesson.path.name, koan.name, device, "waiting", why))


def _count_koan(
    report: Report,
    plan: Plan,
    koan: Koan,
    device: str,
    ran: Sequence[Outcome],
    problems: Sequence[Problem],
) -> None:
    """A koan that has run on a device, or should have."""
    if not report.answers_only:
        report.checks["blanks"].run += 1
        report.checks["blanks"].failed += any(one.variant == "blank" for one in problems)
    what = "; ".join(f"{problem.variant}: {problem.what}" for problem in problems)
    outcome = "failed" if problems or not ran else "passed"
    seconds = sum(one.seconds for one in ran)
    file = plan.lesson.path.name
    proven = KoanProof(file, koan.name, device, outcome, what, len(ran), seconds)
    report.koans.append(proven)


def _red_by_itself(lesson: Lesson, koan: Koan) -> Problem | None:
    """What is wrong with a koan as it is cut: it has to be red as a blank before it runs."""
    lined = line_up(lesson, cut.pristine(lesson), only=[koan.name])
    verdict = standing.of_koan(koan, lined).verdict
    if verdict in UNFILLED:
        return None
    what = f"as it is cut it is {verdict.value if verdict else 'run'}, and no blank"
    return Problem(f"answers/{lesson.path.name}", koan.line, koan.name, "", "blank", what)


def _of_device(tried: Tried | None, device: str) -> Iterator[Outcome]:
    """What came of the checks of a koan on a device."""
    for place, outcome in tried.believed.items() if tried else ():
        if tried and tried.unit.checks[place].device == device and not outcome.kept_off:
            yield outcome

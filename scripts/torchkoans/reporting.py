"""What pytest says of the koans.

A verdict on each report, each trouble told once, and how far the learner is.
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from torchkoans import collecting, cuda, devices, gpus, progress, verdicts
from torchkoans.course import Course
from torchkoans.explaining import slips, telling
from torchkoans.lesson import FILE_NAME
from torchkoans.source import CourseError
from torchkoans.verdicts import Result, Verdict

_LONGEST = 2000  # characters of a message; a whole big tensor is never shown
_UNFILLED = (Verdict.BLANK, Verdict.UNWRITTEN)
brief = pytest.StashKey[bool]()  # set where only the verdict counts; its explanation comes later


# -- while the koans are collected and run -------------------------------------------------------


def collected(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Say in one line why a koan file cannot be imported, also where it calls sys.exit()."""
    file = collector.path
    is_lesson = isinstance(collector, pytest.Module) and FILE_NAME.fullmatch(file.name)
    error: BaseException | None = None
    try:
        report = yield
        call = getattr(report, "call", None)
        if is_lesson and report.failed and call and call.excinfo:
            error = call.excinfo.value.__cause__ or call.excinfo.value
    except SystemExit as stopped:
        if not is_lesson:
            raise
        error = stopped
        report = pytest.CollectReport(collector.nodeid, "failed", None, [])
    if error is not None:
        line = verdicts.line_in(error, file)
        what = _first_line(f"{type(error).__name__}: {getattr(error, 'msg', None) or error}")
        name = file.relative_to(collector.config.rootpath).as_posix()
        found = Result(name, "", "", Verdict.BROKEN, line, what)
        report.longrepr = f"{found.where}: broken: {what}"
        _attach(report, found)
    return report


def judged(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the verdict to a koan's report."""
    trouble = _trouble_of_the_gpu(item, call)
    plainly = trouble or _put_into_words(item, call)
    report = yield
    if collecting.is_koan(item) and (call.when == "call" or not report.passed):
        verdict, line, what = _judge(item, call, report)
        name = item.path.relative_to(item.config.rootpath).as_posix()
        test = getattr(item, "originalname", None) or item.name
        printed = report.capstdout[-_LONGEST:]
        trap = _trap(item) if verdict.is_red and not trouble else ""
        if trouble:  # whatever the answer is, this says nothing about it
            verdict, what = Verdict.BROKEN, _with_its_words(trouble, what)
        elif verdict is Verdict.BROKEN and not report.skipped and _is_wrong(item, call):
            verdict = Verdict.WRONG
        if trap and trap != what:
            report.sections.append(("the koan says", trap))
        if plainly and gpus.lost not in item.stash:  # there the report says it already
            report.sections.append(("in other words", plainly))
            what = what if trouble else f"{what}\n{plainly}"
        device, text = device_of(item), "" if trouble else collecting.text_of(item)
        _attach(report, Result(name, test, device, verdict, line, what, printed, trap, text))
    return report


def _trouble_of_the_gpu(item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    """What to say where the GPU failed, and not the koan; empty anywhere else."""
    if gpus.lost in item.stash:
        return item.stash[gpus.lost]
    error = call.excinfo.value if call.excinfo and collecting.is_koan(item) else None
    if error and cuda.is_fatal(error):
        gpus.give_up(item)
    return slips.of_the_gpu(error) if error else ""


def _with_its_words(trouble: str, what: str) -> str:
    """What happened, in plain words first, for the error's own text goes on and on."""
    return trouble if trouble in what else "\n".join(filter(None, [trouble, what]))


def _put_into_words(item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    """Let a failed assertion speak plainly, in pytest's own report too; what else there is to say.

    Not where only the verdict counts.
    """
    told = collecting.is_koan(item) and not item.config.stash.get(brief, False)
    told = told and item.stash.get(collecting.unfilled, None) is None
    if not (told and call.when == "call" and call.excinfo):
        return ""
    return telling.put_into_words(item, call.excinfo, bool(_trap(item)))


def _is_wrong(item: pytest.Item, call: pytest.CallInfo[None]) -> bool:
    """Whether an error is about what was filled in: a known trap, or what torch refuses."""
    return bool(_trap(item)) or _is_an_answer_that_torch_refuses(item, call)


def _is_an_answer_that_torch_refuses(item: pytest.Item, call: pytest.CallInfo[None]) -> bool:
    """Whether a koan that only had its blank filled met an error that is about the answer."""
    stands = collecting.standing_of(item)
    error = call.excinfo.value if call.excinfo else None
    filled = stands is not None and stands.is_answer and call.when == "call"
    return filled and verdicts.is_about_the_answer(error)


def _trap(item: pytest.Item) -> str:
    stands = collecting.standing_of(item)
    return stands.trap if stands else ""


def _judge(
    item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
) -> tuple[Verdict, int | None, str]:
    stands = item.stash.get(collecting.unfilled, None)
    if stands and stands.verdict:
        return stands.verdict, stands.line, stands.what
    if report.passed:
        return Verdict.PASSED, None, ""
    error = call.excinfo.value if call.excinfo else None
    if report.skipped or error is None:
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(error or "")
        reason = reason.removeprefix("Skipped: ")
        if reason.startswith(devices.WAITING):
            return Verdict.WAITING, None, reason.removeprefix(devices.WAITING)
        line = item.location[1]
        return Verdict.BROKEN, line and line + 1, f"the koan never ran to its end: {reason}"
    assert call.excinfo is not None
    verdict = verdicts.classify(error) if call.when == "call" else Verdict.BROKEN
    if item.config.stash.get(brief, False) and verdict is not Verdict.TIMEOUT:
        return verdict, verdicts.line_in(error, item.path), ""
    what = slips.own_words(call.excinfo.exconly(tryshort=True).removeprefix("AssertionError: "))
    return verdict, verdicts.line_in(error, item.path), what


def waiting(item: pytest.Item, reason: str) -> Result:
    """The verdict on a koan whose device is not here, as its skipped report would have it."""
    name = item.path.relative_to(item.config.rootpath).as_posix()
    test = getattr(item, "originalname", None) or item.name
    what = reason.removeprefix(devices.WAITING)
    return Result(name, test, device_of(item), Verdict.WAITING, None, what)


def device_of(item: pytest.Item) -> str:
    """The device that a run of a koan is for; empty where it is for none in particular."""
    callspec = getattr(item, "callspec", None)
    for name in devices.FIXTURES:
        if callspec and name in callspec.params:
            return str(callspec.params[name])
    return devices.CUDA if item.get_closest_marker("needs_cuda") else ""


def _attach(report: pytest.CollectReport | pytest.TestReport, result: Result) -> None:
    """As plain values: pytest-xdist sends the attributes of a report from process to process."""
    values = {**vars(result), "verdict": result.verdict.value}
    report.koan = values  # type: ignore[union-attr]


def result_of(report: object) -> Result | None:
    """The verdict that was attached to a report."""
    values = getattr(report, "koan", None)
    return Result(**{**values, "verdict": Verdict(values["verdict"])}) if values else None


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0][:200]


# -- at the end ----------------------------------------------------------------------------------


@contextmanager
def told_once(reporter: pytest.TerminalReporter) -> Iterator[None]:
    """Let pytest tell each failing koan once, then add the blanks and how far along the learner is.

    pytest's own counts stay what they were.
    """
    failed = reporter.stats.get("failed", [])
    everything = [report for reports in reporter.stats.values() for report in reports]
    results = [result for result in map(result_of, everything) if result]
    unfilled = [result for result in results if result.verdict in _UNFILLED]
    reporter.stats["failed"] = list(_merged(failed))
    try:
        yield
    finally:
        reporter.stats["failed"] = failed
    if unfilled:
        _tell_unfilled(reporter, unfilled)
    if any(result.file.startswith("koans/") for result in results):
        _remember(reporter.config, results)
        _tell_progress(reporter, results)
    if cuda_ran_nothing(reporter.config):
        reporter.write_line("CUDA is required, and no koan ran on it.", red=True)


def _merged(reports: Iterable[Any]) -> Iterator[Any]:
    """One report a koan.

    The first device's, with the others named, and what they say where it differs.
    """
    by_koan: dict[str, list[Any]] = {}
    for report in reports:
        result = result_of(report)
        if result is None:
            yield report
        elif result.verdict not in _UNFILLED:
            by_koan.setdefault(result.koan, []).append(report)
    for koan, same in by_koan.items():
        if len(same) == 1:
            yield same[0]
            continue
        told = copy.copy(same[0])
        results = [result for result in map(result_of, same) if result]
        told.nodeid = koan
        on = ", ".join(result.device for result in results)
        file, line, _ = told.location
        told.location = (file, line, f"{results[0].test} on {on}")
        told.sections = [*told.sections, *_differences(results)]
        yield told


def _differences(results: list[Result]) -> list[tuple[str, str]]:
    first, *others = results
    return [
        (f"on {other.device}", other.what)
        for other in others
        if verdicts.comparable(other.what) != verdicts.comparable(first.what)
    ]


def _tell_unfilled(reporter: pytest.TerminalReporter, unfilled: list[Result]) -> None:
    reporter.write_sep("=", "blanks")
    told = dict.fromkeys((result.where, result.what) for result in unfilled)
    for where, what in told:
        reporter.write_line(f"{where}: {what}")


def _remember(config: pytest.Config, results: list[Result]) -> None:
    """Let the walk and `progress` know of the koans that were run on all devices."""
    by_koan: dict[str, list[Result]] = {}
    for result in results:
        by_koan.setdefault(result.koan, []).append(result)
    remembered = Course(config.rootpath).remembered
    for koan, same in by_koan.items():
        texts = {result.text for result in same}
        if len(texts) == 1 and "" not in texts:
            remembered.store(koan, texts.pop(), same)
    remembered.save()


def _tell_progress(reporter: pytest.TerminalReporter, results: list[Result]) -> None:
    try:
        path = progress.steps(Course(reporter.config.rootpath), results)
    except CourseError as error:
        reporter.write_line(str(error), red=True)
        return
    green = sum(step.verdict is Verdict.PASSED for step in path)
    unknown = sum(step.verdict is None for step in path)
    reporter.write_sep("=", "koans")
    for step in path:
        if step.altered and step.results:
            said = "changed beyond its blank; git diff shows how"
            reporter.write_line(f"{step.where}: {step.koan.name} was {said}", yellow=True)
    waits = sum(step.verdict is Verdict.WAITING for step in path)
    also = f", {waits} waiting for a device that is not here" if waits else ""
    also += f", {unknown} filled and not run this time" if unknown else ""
    reporter.write_line(f"{green} of {len(path)} koans green{also}.")
    red = progress.first_red(path)
    if red:
        reporter.write_line(f"Next: {red.where}: {red.sentence}", bold=True)


def cuda_ran_nothing(config: pytest.Config) -> bool:
    """Whether CUDA was required and no koan was executed on it."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if not config.getoption("--require-cuda") or config.option.collectonly or not reporter:
        return False
    if hasattr(config, "workerinput"):
        return False  # a worker of pytest-xdist sees but its share
    reports = [report for reports in reporter.stats.values() for report in reports]
    results = [result for result in map(result_of, reports) if result]
    ran = {*Verdict} - {Verdict.WAITING, *_UNFILLED}
    return not any(r.device == devices.CUDA and r.verdict in ran for r in results)


def refuse_an_empty_cuda_run(session: pytest.Session) -> None:
    """A green run that never touched the GPU is no green run."""
    if session.exitstatus == pytest.ExitCode.OK and cuda_ran_nothing(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

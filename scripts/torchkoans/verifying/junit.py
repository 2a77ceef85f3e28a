"""The report for viewers of test results: one test case a koan and device, in JUnit's XML.

Of the form that pytest writes (xunit2), so that whatever shows pytest's results shows these.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import PurePosixPath

from torchkoans.verifying.report import KoanProof, Problem, Report
from torchkoans.verifying.wording import counted, named, shortened, verdict, visible

NAME = "torch-koans verify"
MARK = f'name="{NAME}"'.encode()  # by which a report is known
NO_DEVICE, COURSE = "no_device", "course"  # classes of what is on no device, and about no koan
TAGS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
LONGEST = 500  # characters of a message; all of it is in the text below

_Key = tuple[str, str]


@dataclass(frozen=True)
class _Case:
    """A test case; `tag` is empty where all is well."""

    key: _Key  # class and name
    tag: str = ""
    message: str = ""
    text: str = ""
    seconds: float = 0.0

    def element(self) -> ET.Element:
        place = {"classname": visible(self.key[0]), "name": visible(self.key[1])}
        case = ET.Element("testcase", place, time=f"{self.seconds:.3f}")
        if self.tag:
            inner = ET.SubElement(case, self.tag, message=shortened(visible(self.message), LONGEST))
            inner.text = visible(self.text or self.message)
            if self.tag == "skipped":
                inner.set("type", "pytest.skip")
        return case


def encoded(report: Report, when: datetime) -> bytes:
    """The file, in UTF-8."""
    root = ET.Element("testsuites", name=NAME)
    root.append(_suite(report, when))
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _suite(report: Report, when: datetime) -> ET.Element:
    cases = [*_cases(report)]
    suite = ET.Element("testsuite", name=NAME)
    for tag, plural in TAGS.items():
        suite.set(plural, str(sum(case.tag == tag for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{report.seconds:.3f}")
    suite.set("timestamp", when.astimezone(timezone.utc).isoformat(timespec="seconds"))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", name=visible(name), value=visible(value))
    suite.extend(case.element() for case in cases)
    if said := [*map(str, report.disagreements), *report.notes]:
        ET.SubElement(suite, "system-out").text = visible("\n".join(said))
    return suite


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    yield "verdict", verdict(report)
    yield from report.versions.items()
    for proof in report.devices.values():
        ran = f"{counted(proof.executed, 'koan')} executed, {proof.passed:,} passed"
        why = f" ({proof.why_not})" if proof.why_not else ""
        yield f"device {named(proof)}", f"{ran}, {proof.waiting:,} waiting{why}"


def _cases(report: Report) -> Iterator[_Case]:
    """The end of the run, promises, koans, and whatever problem is not told by one of these."""
    if report.partial:
        yield _Case((COURSE, "the run came to its end"), "error", f"partial: {report.partial}")
    told: set[Problem] = set()
    for promise in report.promises:
        told.update(promise.problems)
        yield _failing((COURSE, promise.name), promise.problems)
    left = _by_key(problem for problem in report.problems if problem not in told)
    for proof in report.koans:
        own = left.pop(_key(proof.file, proof.test, proof.device), [])
        if not own and proof.outcome == "failed":  # for what is wrong with it on every device
            own = left.get(_key(proof.file, proof.test, ""), [])
        yield _of_koan(proof, own)
    for key, problems in left.items():
        yield _failing(key, problems)


def _by_key(problems: Iterable[Problem]) -> dict[_Key, list[Problem]]:
    found: dict[_Key, list[Problem]] = {}
    for problem in problems:
        key = (COURSE, problem.file or "problems")
        if problem.koan:
            key = _key(problem.file, problem.koan, problem.device)
        found.setdefault(key, []).append(problem)
    return found


def _key(file: str, koan: str, device: str) -> _Key:
    return f"{PurePosixPath(file).stem}.{device or NO_DEVICE}", koan


def _of_koan(proof: KoanProof, problems: list[Problem]) -> _Case:
    key = _key(proof.file, proof.test, proof.device)
    if problems:
        return _failing(key, problems, proof.seconds)
    tag = {"passed": "", "waiting": "skipped"}.get(proof.outcome, "failure")
    message = (proof.what or proof.outcome) if tag else ""
    return _Case(key, tag, message, seconds=proof.seconds)


def _failing(key: _Key, problems: Iterable[Problem], seconds: float = 0.0) -> _Case:
    """A case that fails with its problems, where it has any; viewers show only one failure each."""
    said = [str(problem) for problem in problems]
    if not said:
        return _Case(key, seconds=seconds)
    more = f" (and {counted(len(said) - 1, 'more problem')})" if len(said) > 1 else ""
    message = f"{shortened(said[0], LONGEST - len(more))}{more}"
    return _Case(key, "failure", message, "\n".join(said), seconds)

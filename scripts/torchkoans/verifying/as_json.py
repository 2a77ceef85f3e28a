"""The report for other programs. What stands in it, and under which name, is a promise."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from torchkoans.verifying.report import PROVEN, DeviceProof, Problem, Promise, Report

FORMAT = "torch-koans verify"
VERSION = 1  # grows when a key goes or changes its meaning, not when one is added
MARK = f'"format": "{FORMAT}"'.encode()  # by which a report is known


def as_dict(report: Report, when: datetime) -> dict[str, Any]:
    """All of the report in plain types; `when` becomes UTC."""
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "date": when.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "proven": report.exit_code == PROVEN,
        "exit_code": report.exit_code,
        "partial": report.partial,
        "interrupted": report.interrupted,
        "whole": report.is_whole,
        "versions": report.versions,
        "devices": {name: _device(proof) for name, proof in report.devices.items()},
        "no_device": _device(report.no_device),
        "counts": report.counts,
        "checks": {kind: dict(vars(count)) for kind, count in report.checks.items()},
        "problems": [_problem(one) for one in report.problems],
        "disagreements": [dict(vars(one)) for one in report.disagreements],
        "promises": [_promise(one) for one in report.promises],
        "audit": dict(vars(report.audit)) if report.audit else None,
        "notes": report.notes,
        "koans": [dict(vars(one)) for one in report.koans],
        "chosen": list(report.chosen),
        "lessons": list(report.lessons),
        "answers_only": report.answers_only,
        "require_cuda": report.require_cuda,
        "jobs": report.jobs,
        "seconds": report.seconds,
        "import_seconds": report.import_seconds,
        "peak_rss_mb": report.peak_rss_mb,
    }


def _device(proof: DeviceProof) -> dict[str, Any]:
    return {key: value for key, value in vars(proof).items() if key != "name"}


def _problem(problem: Problem) -> dict[str, Any]:
    return {key: getattr(problem, key) for key in ("koan", "device", "variant", "what")} | {
        "file": problem.file,
        "line": problem.line,
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "name": promise.name,
        "said": promise.said,
        "kept": not promise.problems,
        "problems": [_problem(one) for one in promise.problems],
    }


def encoded(report: Report, when: datetime) -> bytes:
    """The file: UTF-8 with letters as they are."""
    text = json.dumps(as_dict(report, when), indent=1, ensure_ascii=False, allow_nan=False)
    # Half a letter cannot be written in UTF-8; the backslash makes of it the escape of JSON.
    return f"{text}\n".encode(errors="backslashreplace")

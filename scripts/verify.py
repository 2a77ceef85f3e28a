"""Prove the course: every answer green, everything else red, on every device that is here.

    python3 scripts/verify.py                    all of it, and a sample by plain pytest
    python3 scripts/verify.py --require-cuda     fail where CUDA is absent or has run nothing
    python3 scripts/verify.py --lesson 17 18     these lessons alone
    python3 scripts/verify.py --answers          only whether the answers are right

Each answer passes, each blank is red as a blank, each trap and each plain guess is red; of katas
the stub and the wrong solutions are red, and the other right ones green. koans/ is the cut of
answers/, docs/claims.md is taught.

Exit code 0: proven. 1: something is not true. 2: it could not be run, or not to its end.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from torchkoans import devices
from torchkoans.course import ROOT, Course
from torchkoans.devices import NAMES
from torchkoans.screen import Screen
from torchkoans.source import CourseError, shown
from torchkoans.verifying import annotations, recording, stopping, telling
from torchkoans.verifying.proof import SAMPLE, Proof, Wanted
from torchkoans.verifying.report import COULD_NOT, ENOUGH, Report
from torchkoans.verifying.writing import Reports


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: proven, 1: something is not true, 2: it could not be run to its end."""
    options = _parser().parse_args(argv)
    screen, course = Screen(), Course(options.course, checked=True)
    with stopping.once():
        return verify(course, options, screen)


def verify(course: Course, options: argparse.Namespace, screen: Screen) -> int:
    """Prove, tell, write; the exit code."""
    reports = Reports(options.json, options.junit, options.summary)
    try:
        reports.refuse(course.root)
        if options.record:
            recording.refuse(course.root)
            _refuse_a_part(options)
        report = Proof(course, _wanted(options), screen.fleeting).run()
    except CourseError as error:
        screen.fleeting()
        screen.trouble(str(error))
        return COULD_NOT
    except KeyboardInterrupt:
        screen.fleeting()
        screen.say("Stopped before anything was tried.")
        return COULD_NOT
    stopping.not_now()
    screen.fleeting()
    telling.tell(report, screen)
    refused = reports.write(report, datetime.now(timezone.utc))
    if options.record:
        refused += _record(course, report, screen)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotations.commands(report):
            screen.data(line)
    for refusal in refused:
        screen.trouble(str(refusal))
    return COULD_NOT if refused else report.exit_code


def _refuse_a_part(options: argparse.Namespace) -> None:
    """What is recorded is the whole; better said now than when all is done."""
    part = [f"--{name}" for name in ("lesson", "device", "answers") if getattr(options, name)]
    part += ["--audit"] if options.audit < ENOUGH else []
    if part:
        what = f"only whole runs are recorded: leave out {', '.join(part)}"
        raise CourseError(recording.FILE, None, what)


def _record(course: Course, report: Report, screen: Screen) -> "list[CourseError]":
    """Note what was proven; why not, where it was not."""
    try:
        path = recording.record(course.root, report, datetime.now(timezone.utc))
    except CourseError as error:
        return [error]
    screen.say(f"wrote {shown(path)}: what was proven here; commit it")
    return []


def _wanted(options: argparse.Namespace) -> Wanted:
    return Wanted(
        devices=tuple(dict.fromkeys(options.device)),
        require_cuda=options.require_cuda,
        lessons=tuple(options.lesson),
        jobs=options.jobs,
        audit=options.audit,
        seed=options.seed,
        answers_only=options.answers,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--device",
        nargs="+",
        action="extend",
        default=[],
        type=_device,
        metavar="NAME",
        help=f"these devices alone: {', '.join(NAMES)}",
    )
    parser.add_argument(
        "--require-cuda",
        action="store_true",
        default=devices.cuda_is_required(),
        help="fail where CUDA is absent or has run nothing (or set REQUIRE_CUDA=1)",
    )
    parser.add_argument(
        "--lesson",
        nargs="+",
        action="extend",
        default=[],
        metavar="NN",
        help="these lessons alone, by number or file",
    )
    parser.add_argument("--answers", action="store_true", help="try the answers, nothing else")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all that was found, as data")
    parser.add_argument(
        "--junit", type=Path, metavar="FILE", help="one case for each koan on each device"
    )
    parser.add_argument("--summary", type=Path, metavar="FILE", help="a page for a CI step")
    parser.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="processes that run koans (one a core; with CUDA one a GPU, and never more)",
    )
    parser.add_argument(
        "--audit",
        type=_count,
        default=SAMPLE,
        metavar="N",
        help=f"variants that plain pytest is asked about, too ({SAMPLE}; 0: none)",
    )
    parser.add_argument(
        "--seed", type=_count, metavar="N", help="draw the sample that an earlier run has drawn"
    )
    parser.add_argument(
        "--record", action="store_true", help="note in docs/verified.md what was proven here"
    )
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser


def _device(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"{text}: the known devices are {', '.join(NAMES)}")
    return text


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text}: a whole number is wanted, 0 or more")
    return number


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())

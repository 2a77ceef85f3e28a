"""Everything that CI does, in its order, one line a step; the project's own tests come last.

python3 scripts/check.py
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter("check dojo")  # its tests meet all that the course can need

import argparse
import subprocess
from collections.abc import Callable, Sequence

from torchkoans import proving
from torchkoans.course import ROOT, Course
from torchkoans.proving import Proof
from torchkoans.screen import Screen
from torchkoans.source import CourseError

COMMANDS = {
    "koans are the cut of answers": ["scripts/blank.py", "--check"],
    "ruff": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
}
PROOFS: "dict[str, Callable[[Course], Proof]]" = {
    "answers are green": proving.answers_are_green,
    "everything else is red": proving.everything_else_is_red,
    "answers are not guessed": proving.answers_are_not_guessed,
    "claims are shown": proving.claims_are_shown,
}
SHOWN = 20  # problems of one step; one cause may have thousands
TESTS = ["-m", "pytest", "tests", "-n", "2", "-q", "-p", "no:cacheprovider"]


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0 where every step is good, 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog="check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(argv)
    screen = Screen()
    try:
        good = [_command(name, command, screen) for name, command in COMMANDS.items()]
        course = Course(checked=True)
        good += [_proof(name, prove, course, screen) for name, prove in PROOFS.items()]
        good.append(_tests(screen))
    except KeyboardInterrupt:
        screen.say("Stopped.")
        return 130
    return 0 if all(good) else 1


def _command(name: str, command: "list[str]", screen: Screen) -> bool:
    """A step that is a command; what it says is shown where it fails."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, errors="replace"
    )
    lines = (done.stdout + done.stderr).strip().splitlines()
    screen.step(name, done.returncode == 0, lines[-1] if lines else "")
    if done.returncode != 0:
        screen.say("\n".join(lines))
    return done.returncode == 0


def _proof(name: str, prove: "Callable[[Course], Proof]", course: Course, screen: Screen) -> bool:
    try:
        proof = prove(course)
    except CourseError as error:
        proof = Proof(False, str(error))
    screen.step(name, proof.holds, proof.said)
    for problem in proof.problems[:SHOWN]:
        screen.say(f"      {problem}")
    if len(proof.problems) > SHOWN:
        screen.say(f"      and {len(proof.problems) - SHOWN} more like these")
    return proof.holds


def _tests(screen: Screen) -> bool:
    """The last step writes to the screen itself, so that pytest's closing lines stay visible."""
    screen.step("tests", True, "the project's own, run by pytest:")
    return subprocess.call([sys.executable, *TESTS], cwd=ROOT) == 0


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())

"""What the project's own tests share: a toy course in a folder of its own, and time enough."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import forked
import pytest

from torchkoans import cut
from torchkoans.course import ROOT, Course
from torchkoans.source import write

collect_ignore = ["toy"]  # lessons, not tests

TOY = Path(__file__).parent / "toy"
SECONDS = 180  # a test may start Python and torch several times on a slow machine


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("error"), append=False)
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture
def toy(tmp_path) -> Course:
    """The toy course, freshly cut, with all that it takes to run it."""
    root = tmp_path / "course"
    shutil.copytree(TOY / "answers", root / "answers")
    for name in ("conftest.py", "pytest.ini", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root / name)
    rubbish = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=rubbish)
    (root / "koans").mkdir()
    shutil.copy(ROOT / "koans" / "__init__.py", root / "koans")
    course = Course(root)
    for lesson in course.lessons:
        write(course.koan_file(lesson), cut.pristine(lesson).encoded())
    return course


@pytest.fixture
def lean(tmp_path) -> Course:
    """The toy course, freshly cut, but nothing that runs it: made in a tenth of the time.

    A module that only looks at text takes it for its `toy`.
    """
    course = Course(tmp_path / "course")
    shutil.copytree(TOY / "answers", course.answers)
    course.koans.mkdir()
    for name in ("conftest.py", "pytest.ini", "koans/__init__.py"):
        shutil.copy(ROOT / name, course.root / name)
    for lesson in course.lessons:
        course.koan_file(lesson).write_bytes(cut.pristine(lesson).encoded())
    return course


@pytest.fixture
def edit(toy):
    """Change a koan file of the toy course: edit("01", old, new); old must be there."""

    def change(number: str, old: str, new: str) -> Path:
        (path,) = toy.koans.glob(f"{number}_*.py")
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return change


@dataclass(frozen=True)
class Said:
    """What pytest said in a process of its own."""

    code: int
    output: str

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()


@pytest.fixture
def run_pytest(toy, tmp_path):
    """Run pytest as a learner would, in a process of its own: run_pytest("koans", "-q")."""

    def run(*arguments: str, cwd: Path | None = None, **environment: str) -> Said:
        settings = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "REQUIRE"))}
        settings |= {**environment, "COLUMNS": "120"}
        output = tmp_path / "output"
        options = ["-p", "no:cacheprovider", *arguments]
        code = forked.run(options, cwd or toy.root, settings, output, 120)
        return Said(code, output.read_text(encoding="utf-8", errors="replace"))

    return run


SOLUTIONS = {
    "01": [
        ("t.sum().item() == __", "t.sum().item() == 7"),
        ("t[__]", "t[:, 1]"),
        ("t = __", "t = t.to(accelerator)"),
    ],
    "02": [("raise NotImplementedError", "return x * 2")],
}


@pytest.fixture
def solve(edit):
    """Fill all blanks of the toy course that can be filled without a GPU."""

    def all_of_them() -> None:
        for number, pairs in SOLUTIONS.items():
            for old, new in pairs:
                edit(number, old, new)

    return all_of_them

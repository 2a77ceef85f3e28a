"""What the project's own tests share: a toy course in a folder of its own, and time enough."""

import shutil
from pathlib import Path

import pytest

from torchkoans import cut
from torchkoans.course import ROOT, Course
from torchkoans.source import write

pytest_plugins = ["pytester"]
collect_ignore = ["toy"]  # lessons, not tests

TOY = Path(__file__).parent / "toy"
SECONDS = 180  # a test may start Python and torch several times on a slow machine


def pytest_collection_modifyitems(items):
    for item in items:
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
def edit(toy):
    """Change a koan file of the toy course: edit("01", old, new); old must be there."""

    def change(number: str, old: str, new: str) -> Path:
        (path,) = toy.koans.glob(f"{number}_*.py")
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return change

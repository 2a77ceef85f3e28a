"""What README and CONTRIBUTING say is so: the commands run, the screen shown is the real one."""

import importlib
import io
import re
import subprocess
import sys

import pytest
import walk
from rich.console import Console

from torchkoans import cut
from torchkoans.course import ROOT, Course
from torchkoans.screen import Screen
from torchkoans.source import write
from torchkoans.walking import Walk

PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")
}
VERBS = sorted(set(re.findall(r"python3? scripts/(\w+)\.py", " ".join(PAGES.values()))))


@pytest.mark.parametrize("verb", sorted(path.stem for path in (ROOT / "scripts").glob("*.py")))
def test_every_verb_has_its_docstring_for_help(verb, capsys):
    module = importlib.import_module(verb)
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    assert stopped.value.code == 0
    assert module.__doc__.strip().splitlines()[0] in capsys.readouterr().out


def test_the_pages_name_verbs_that_exist():
    assert {"walk", "check", "fill", "blank"} <= set(VERBS)
    for verb in VERBS:
        assert (ROOT / "scripts" / f"{verb}.py").is_file()


def test_a_verb_really_starts_as_the_readme_says():
    done = subprocess.run(
        [sys.executable, "scripts/walk.py", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_links_in_the_pages_lead_somewhere():
    for page in PAGES.values():
        for target in re.findall(r"\]\(([^)#:]+)\)", page):
            assert (ROOT / target).exists(), target


def test_the_screen_in_the_readme_is_the_real_one(tmp_path, toy):
    """The real course as it is handed out, at 80 columns."""
    course = Course(toy.root)
    for path in [*toy.answers.glob("*.py"), *toy.koans.glob("[0-9]*.py")]:
        path.unlink()
    for lesson in Course().lessons:
        write(course.answers / lesson.path.name, lesson.source.encoded())
        write(course.koans / lesson.path.name, cut.pristine(lesson).encoded())
    out = io.StringIO()
    console = Console(file=out, width=80, highlight=False, force_terminal=True, no_color=True)
    walk.Door(Walk(Course(toy.root)), Screen(console)).arrive()
    plain = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
    shown = [line.rstrip() for line in plain.strip().splitlines()]
    block = re.search(r"Then:\n\n(.*?)\n\n\*\*", PAGES["README.md"], re.DOTALL).group(1)
    assert [line[4:].rstrip() for line in block.splitlines()] == shown

"""What README and CONTRIBUTING say is so: the commands run, the links lead somewhere."""

import importlib
import re
import subprocess
import sys

import pytest

from torchkoans.course import ROOT

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
    assert {"walk", "check", "fill", "blank", "update", "bench"} <= set(VERBS)
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

"""The workflows: pinned, read-only, never green for nothing, and what they call is there.

YAML is read as text, line by line: no parser comes with what the course needs.
"""

import importlib
import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from torchkoans.bootstrap import OLDEST
from torchkoans.course import ROOT

FOLDER = ROOT / ".github" / "workflows"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))}
GPU, CI = TEXTS["gpu"], TEXTS["ci"]
PINNED = re.compile(r"(?P<action>[\w-]+/[\w-]+)@(?P<commit>[0-9a-f]{40}) # v\d+\.\d+\.\d+")
LINTERS = {
    "actionlint": ["actionlint"],
    "zizmor": ["zizmor", "--offline", "--quiet", ".github"],
}

each = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def block(text, key):
    """The lines below a key at the left margin, comments left out."""
    found = re.search(rf"^{key}:.*\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    return [line for line in found[1].splitlines() if line.strip() and "#" not in line.split()[0]]


def keys(text, key):
    """What stands one level below a key at the left margin."""
    return [line.strip().split(":")[0] for line in block(text, key) if re.match(r"  \w", line)]


def jobs(text):
    """Name of each job, and its text."""
    found = re.split(r"^  (\w+):\n", text.split("\njobs:\n")[1], flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def steps(job):
    return re.split(r"^      - ", job, flags=re.MULTILINE)[1:]


def step(name):
    """The step of gpu.yml that has this name."""
    (found,) = [one for one in steps(jobs(GPU)["verify"]) if one.startswith(f"name: {name}")]
    return found


# -- what they may ---------------------------------------------------------------------------------


def test_there_are_two_of_them():
    assert list(TEXTS) == ["ci", "gpu"]


@each
def test_every_action_is_pinned_by_its_commit_and_says_its_version(text):
    uses = re.findall(r"uses: *(.*)", text)
    assert uses
    assert [use for use in uses if not PINNED.fullmatch(use)] == []


def test_an_action_has_one_pin_everywhere():
    pins = {found.group("action", "commit") for found in PINNED.finditer(CI + GPU)}
    assert len(pins) == len({action for action, _ in pins}) == 3


@each
def test_nothing_but_reading_is_allowed(text):
    assert block(text, "permissions") == ["  contents: read"]
    assert text.count("permissions:") == 1
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert "workflow_run" not in text


@each
def test_no_credentials_stay_in_the_checkout(text):
    for job in jobs(text).values():
        (checkout,) = [one for one in steps(job) if "actions/checkout@" in one]
        assert "persist-credentials: false" in checkout


@each
def test_every_job_ends_some_time_and_leaves_forks_alone(text):
    assert set(keys(text, "jobs")) == set(jobs(text))
    for job in jobs(text).values():
        assert re.search(r"^    timeout-minutes: \d+$", job, re.MULTILINE)
        assert "\n    if: ${{ !github.event.repository.fork ||" in job


def test_what_a_stranger_proposes_never_runs_on_the_gpu():
    assert keys(GPU, "on") == ["push", "workflow_dispatch"]
    assert "    runs-on: [self-hosted, linux, gpu]\n" in GPU
    assert "self-hosted" not in CI


# -- what they do ----------------------------------------------------------------------------------


def test_the_gpu_has_one_job_at_a_time():
    assert list(jobs(GPU)) == ["verify"]
    assert "matrix" not in GPU
    assert block(GPU, "concurrency") == ["  group: gpu", "  cancel-in-progress: false"]


def test_cuda_is_asked_for_before_anything_is_verified_and_after():
    order = ["The driver", "Set up", "torch sees CUDA", "Verify", "Koans really ran", "Keep the"]
    places = [GPU.index(f"- name: {name}") for name in order]
    assert places == sorted(places)
    assert "scripts/verify.py --require-cuda " in step("Verify")


@each
def test_what_is_verified_is_reported_in_all_three_forms_and_kept(text):
    for job in jobs(text).values():
        if "scripts/verify.py" not in job:
            continue
        for option in ("--json reports/", "--junit reports/", '--summary "$GITHUB_STEP_SUMMARY"'):
            assert option in job
        (kept,) = [one for one in steps(job) if "actions/upload-artifact@" in one]
        assert "if: always()" in kept
        assert "if-no-files-found: error" in kept


def test_no_two_reports_have_the_same_name():
    names = re.findall(r"          name: (verify\S+(?: .*)?)$", CI + GPU, re.MULTILINE)
    assert len(names) == len(set(names)) == 3
    assert all("${{ matrix.os }}" in name for name in names[:2])


@each
def test_no_step_may_fail_unnoticed(text):
    assert "continue-on-error" not in text
    assert "|| true" not in text
    assert text.count("shell: bash") == 1


def test_ci_runs_on_three_systems():
    systems = "        os: [ubuntu-latest, macos-latest, windows-latest]\n"
    assert CI.count(systems) == len(jobs(CI)) == 3


def test_the_oldest_python_is_the_one_that_is_promised():
    promised = "{}.{}".format(*OLDEST)
    assert f'requires-python = ">={promised}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'python-version: "{promised}"' in jobs(CI)["oldest"]
    assert "--resolution=lowest-direct" in jobs(CI)["oldest"]


def test_the_newest_torch_is_newer_than_the_pinned_one():
    def numbers(pattern, text):
        return tuple(map(int, re.search(pattern, text, re.MULTILINE)[1].split(".")))

    pinned = numbers(r"^torch==([\d.]+)$", (ROOT / "constraints.txt").read_text("utf-8"))
    assert numbers(r'^ +TORCH: "([\d.]+)"$', jobs(CI)["newest"]) > pinned


def calls():
    """(verb, options) of each script that a workflow starts."""
    text = (CI + GPU).replace("\\\n", " ")
    found = re.findall(r"^ +(?:run: )?python3? scripts/(\w+)\.py(.*)$", text, re.MULTILINE)
    return sorted({(verb, tuple(re.findall(r"--[\w-]+", rest))) for verb, rest in found})


def test_all_calls_are_seen():
    assert {verb for verb, _ in calls()} == {"check", "verify"}
    assert len(re.findall(r"scripts/\w+\.py", CI + GPU)) == 5
    assert any("--require-cuda" in options for _, options in calls())


@pytest.mark.parametrize(("verb", "options"), calls())
def test_every_verb_and_option_that_they_call_is_there(verb, options, capsys):
    with pytest.raises(SystemExit) as stopped:
        importlib.import_module(verb).main(["--help"])
    assert stopped.value.code == 0
    known = re.findall(r"--[\w-]+", capsys.readouterr().out)
    assert set(options) <= set(known)


# -- the Python that stands in gpu.yml -------------------------------------------------------------


def inside(name):
    """The program between the two ENDs of a step."""
    return textwrap.dedent(re.search(r"<<'END'.*\n((?s:.*))\n +END\n", step(name))[1])


def fake_torch(built="13.0", available=True, count=1, ones=None):
    about = SimpleNamespace(name="A GPU", total_memory=2**34, major=9, minor=0)
    summed = SimpleNamespace(sum=lambda: SimpleNamespace(item=lambda: float(2**20)))
    return SimpleNamespace(
        __version__="2.13.0",
        version=SimpleNamespace(cuda=built),
        ones=ones or (lambda size, device: summed),
        cuda=SimpleNamespace(
            is_available=lambda: available,
            device_count=lambda: count,
            get_device_properties=lambda number: about,
        ),
    )


@pytest.fixture
def sees_cuda(monkeypatch, capsys):
    """Run the step with a made-up torch; gives the exit code and what was said."""

    def run(**facts):
        monkeypatch.setitem(sys.modules, "torch", fake_torch(**facts))
        code = 0
        try:
            exec(compile(inside("torch sees CUDA"), "gpu.yml", "exec"), {})
        except SystemExit as stopped:
            code = stopped.code
        return code, capsys.readouterr().out

    return run


def test_a_gpu_that_counts_is_seen(sees_cuda):
    code, said = sees_cuda()
    assert code == 0
    assert "0: A GPU, 16384 MiB, 9.0\n" in said
    assert "::error" not in said


def out_of_memory(size, device):
    raise RuntimeError("CUDA error: out of memory\nCompile with TORCH_USE_CUDA_DSA")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"built": None}, "torch 2.13.0 is a build without CUDA. Nothing was run."),
        ({"available": False}, "torch finds no device that it can use. Nothing was run."),
        ({"count": 0}, "torch finds no device that it can use. Nothing was run."),
        ({"ones": out_of_memory}, "An allocation failed: CUDA error: out of memory. Nothing"),
        (
            {"ones": lambda size, device: SimpleNamespace(sum=lambda: SimpleNamespace(item=int))},
            "A sum of 1048576 ones came out as 0. Nothing was run.",
        ),
    ],
    ids=["no CUDA build", "not available", "none counted", "no memory", "wrong sum"],
)
def test_a_gpu_that_torch_cannot_use_ends_the_job_in_one_sentence(sees_cuda, facts, why):
    code, said = sees_cuda(**facts)
    assert code == 1
    (sentence,) = [line for line in said.splitlines() if line.startswith("::error ")]
    assert why in sentence


GOOD = {"available": True, "simulated": False, "executed": 377, "passed": 377, "waiting": 0}


@pytest.mark.parametrize(
    ("cuda", "code"),
    [
        (GOOD, 0),
        (None, 1),
        (GOOD | {"executed": 0, "passed": 0}, 1),
        (GOOD | {"passed": 376}, 1),
        (GOOD | {"simulated": True}, 1),
        (GOOD | {"available": False}, 1),
    ],
    ids=["all green", "not named", "none ran", "one is red", "simulated", "absent"],
)
def test_a_report_without_cuda_is_no_green_job(tmp_path, monkeypatch, capsys, cuda, code):
    monkeypatch.chdir(tmp_path)
    Path("reports").mkdir()
    devices = {"cpu": GOOD} | ({"cuda": cuda} if cuda else {})
    Path("reports/verify.json").write_text(json.dumps({"devices": devices}), encoding="utf-8")
    found = 0
    try:
        exec(compile(inside("Koans really ran on CUDA"), "gpu.yml", "exec"), {})
    except SystemExit as stopped:
        found = stopped.code
    assert found == code
    assert ("::error" in capsys.readouterr().out) is (code == 1)


# -- linters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LINTERS)
def test_linters_have_nothing_to_say(name):
    if not shutil.which(name):
        pytest.skip(f"{name} is not on the PATH")
    done = subprocess.run(LINTERS[name], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

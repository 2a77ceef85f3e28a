"""verify: what it proves of the toy course, and that each promise, once broken, is named."""

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import verify

from torchkoans import collecting, devices
from torchkoans.course import ROOT, Course
from torchkoans.running import Run
from torchkoans.screen import Screen
from torchkoans.source import CourseError
from torchkoans.verdicts import Result, Verdict
from torchkoans.verifying import crew, leaks, proof, telling, workers
from torchkoans.verifying.judging import Tried
from torchkoans.verifying.planning import Check, Unit, Variant
from torchkoans.verifying.proof import Proof, Wanted
from torchkoans.verifying.trying import Outcome, Trial

pytestmark = pytest.mark.skipif(
    devices.why_not_cuda() is None, reason="the toy course is counted without a GPU"
)
SEED = 1  # draws the kata of the toy course alone
WITH_SIMGPU = devices.why_not_simgpu() is None


@pytest.fixture
def prove(toy, monkeypatch):
    """Prove the toy course as it is now; no sample unless one is wanted."""
    monkeypatch.delenv("CI", raising=False)

    def run(audit: int = 0, **wanted):
        return Proof(Course(toy.root, checked=True), Wanted(audit=audit, **wanted)).run()

    return run


@pytest.fixture
def reword(toy):
    """Change an answer file, or another file of the toy course; cut it anew."""

    def change(number: str, old: str, new: str, cut: bool = True) -> None:
        (path,) = toy.answers.glob(f"{number}_*.py")
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        if cut:
            import blank

            assert blank.main(["--course", str(toy.root), "--yes"]) == 0

    return change


def told(report) -> str:
    return "\n".join(map(str, report.problems))


# -- what is proven ------------------------------------------------------------------------------


def test_the_toy_course_is_proven(prove):
    report = prove(audit=50)
    assert told(report) == ""
    assert (report.exit_code, report.is_whole) == (0, True)
    assert report.counts == {
        "lessons": 2,
        "koans": 5,
        "blanks": 4,
        "traps": 5,
        "katas": 1,
        "claims_total": 0,
        "claims_taught": 0,
    }
    cpu, gpu, cuda = (report.devices[name] for name in ("cpu", "simgpu", "cuda"))
    assert (cpu.executed, cpu.passed, cpu.waiting) == (2, 2, 0)
    assert (cuda.available, cuda.executed, cuda.waiting) == (False, 0, 4)
    if WITH_SIMGPU:
        assert (gpu.executed, gpu.passed, gpu.waiting) == (3, 3, 0)
    assert (report.no_device.executed, report.no_device.passed) == (1, 1)
    runs = cpu.executed + gpu.executed + 1
    checks = report.checks
    assert (checks["answers"].run, checks["blanks"].run) == (runs, runs)
    assert all(checks[kind].run and not checks[kind].failed for kind in checks)
    assert report.audit.disagreed == 0
    assert report.audit.variants + report.audit.blanks == runs
    assert report.audit.variants >= 3
    assert {promise.name for promise in report.promises} >= {"no stray file"}
    assert sum(proof.outcome == "waiting" for proof in report.koans) == 4 + (not WITH_SIMGPU) * 3


def test_answers_alone_take_no_sample_and_try_nothing_else(prove):
    report = prove(audit=50, answers_only=True)
    assert (report.exit_code, report.audit, report.is_whole) == (0, None, False)
    assert {kind for kind, count in report.checks.items() if count.run} == {"answers"}


def test_a_lesson_alone_is_tried_alone(prove):
    report = prove(lessons=("02",))
    assert report.lessons == ("02_doubling.py",)
    assert {koan.file for koan in report.koans} == {"02_doubling.py"}
    assert [promise.name for promise in report.promises] == ["koans are the cut of answers"]


def test_a_device_that_is_not_named_is_not_run(prove):
    report = prove(devices=("cpu",))
    assert report.exit_code == 0
    assert report.devices["cpu"].executed == 2
    assert (report.devices["simgpu"].executed, report.devices["cuda"].executed) == (0, 0)
    assert report.no_device.waiting == 1
    assert set(report.devices) == {"cpu", "simgpu", "cuda"}


def test_started_anew_the_processes_prove_the_same(prove, monkeypatch):
    """As on Windows, macOS, and where there is a GPU."""
    monkeypatch.setenv("TORCH_KOANS_ENGINE", "spare")
    report = prove(lessons=("02",), devices=("cpu",), jobs=1)
    assert (told(report), report.devices["cpu"].executed) == ("", 1)
    assert report.checks["katas"].run == 5  # two wrong bodies, two others that are right, a stub


# -- each promise, broken on purpose -------------------------------------------------------------


def test_a_wrong_answer_is_named(prove, reword):
    reword("01", "== __(7)", "== __(9)")
    report = prove()
    assert report.exit_code == 1
    assert "answers/01_numbers.py:21: test_a_sum_is_a_tensor: answer on cpu: wrong: Assert" in told(
        report
    )
    assert report.checks["answers"].failed == 1 + WITH_SIMGPU


def test_a_trap_that_passes_is_named(prove, reword):
    reword("01", "assert t.sum().item() == __(7)", "assert t.sum().item() < __(70)")
    report = prove()
    assert "test_a_sum_is_a_tensor: trap 124 on cpu: it passes, and it should be red" in told(
        report
    )
    assert report.checks["traps"].failed == 1 + WITH_SIMGPU


def test_a_wrong_kata_that_passes_is_named(prove, reword):
    reword("02", "# wrong: return x -> that is x itself", "# wrong: return x + x -> no")
    assert "double: wrong kata return x + x: no test is red on any device" in told(prove())


def test_another_body_of_a_kata_that_is_not_green_on_every_device_is_named(prove, reword):
    reword("02", "# also: return x + x ->", "# also: return x + x.cpu() ->")
    report = prove(lessons=("02",))
    assert report.checks["katas"].failed == WITH_SIMGPU
    if WITH_SIMGPU:
        assert "double: also right return x + x.cpu() on simgpu: broken: " in told(report)
        assert [one.verdicts for one in report.disagreements] == [
            {"cpu": "passed", "simgpu": "red"}
        ]


def test_what_pytest_does_not_do_as_planned_is_named(prove, toy):
    """A blank that passes, a device that is left out: in one go.

    Nothing looks at blanks any more, and a koan is content with what is not None.
    """
    conftest, collect = toy.root / "conftest.py", toy.root / "scripts/torchkoans/collecting.py"
    answer = toy.answers / "01_numbers.py"
    for file, old, new in [
        (conftest, "collecting.refuse_unfilled(pyfuncitem)", "pass"),
        (collect, "for value, reason in values]", "for value, reason in values if not reason]"),
        (answer, "assert t.sum().item() == __(7)", "assert __(7) is not None"),
    ]:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    found = told(prove(audit=1, seed=SEED))
    assert "test_a_sum_is_a_tensor: blank on cpu: pytest says passed, and it should be" in found
    assert "blank on cuda: pytest did not run it, and it should be waiting" in found


def test_a_sample_that_pytest_judges_differently_is_named(prove, toy):
    """conftest.py hands over another device than the one that the run is named by."""
    conftest = toy.root / "conftest.py"
    text = conftest.read_text(encoding="utf-8")
    text = text.replace(
        "return collecting.as_device(request.param)", 'return collecting.as_device("cpu")'
    )
    conftest.write_text(text, encoding="utf-8")
    report = prove(audit=50, seed=1)
    name = "simgpu" if WITH_SIMGPU else "cuda"
    assert f"the fixture device hands over cpu for {name}" in told(report)


def test_a_koan_that_skips_is_neither_green_nor_red(prove, reword):
    """pytest would show an s, and no wrong answer in red."""
    reword("01", "import torch\n", "import pytest\nimport torch\n", cut=False)
    reword("01", "assert t.sum().item() == __(7)", "assert t.sum() < __(70) or pytest.skip('no')")
    found = told(prove(devices=("cpu",)))
    assert "junk None on cpu" not in found
    assert "it skips, and is neither green nor red: no" in found


def test_a_file_that_a_koan_writes_into_the_course_is_named(prove, reword, toy):
    in_answer(reword, f"open({str(toy.root / 'leak.txt')!r}, 'w').close()")
    assert "leak.txt: it has appeared while koans were run" in told(prove(devices=("cpu",)))


def test_a_trap_that_ends_its_process_teaches_nothing(prove, reword):
    reword("01", "import torch\n", "import os\n\nimport torch\n", cut=False)
    reword("01", "assert t.sum().item() == __(7)", "assert __(7) == 7 or os.abort()")
    found = told(prove(devices=("cpu",)))
    assert "trap 124 on cpu: crashed: its process ended with SIGABRT" in found
    assert "junk" not in found


def test_asserts_that_are_not_run_prove_nothing(prove, monkeypatch):
    monkeypatch.setattr(proof.sys, "flags", SimpleNamespace(optimize=1))
    with pytest.raises(CourseError, match="and runs no assert"):
        prove()


def test_a_pytest_that_is_killed_is_no_problem_of_the_koans(prove, monkeypatch):
    died = Result("koans/01_numbers.py", "test_x", "cpu", Verdict.CRASHED, None, "SIGKILL")
    run = Run((died,), -9, "", died=died)
    monkeypatch.setattr(proof.auditing.Asking, "answer", lambda _: run)
    report = prove(audit=1, seed=SEED)
    assert (report.exit_code, report.problems) == (2, [])
    assert "pytest's process has ended while it was asked" in report.partial


def test_a_warning_without_words_is_told(prove, reword):
    reword("01", "import torch\n", "import warnings\n\nimport torch\n", cut=False)
    begin = "    t = torch.tensor([1, 2, 4]"
    reword("01", begin, f"    warnings.warn('')\n{begin}")
    report = prove(devices=("cpu",))
    assert report.exit_code == 0
    assert any("it warns: a warning without words" in note for note in report.notes)


@pytest.mark.parametrize("name", ["koans/09_nothing.py", "koans/notes.txt", "answers/3_short.py"])
def test_a_stray_file_is_named(prove, toy, name):
    (toy.root / name).write_text("x = 1\n", encoding="utf-8")
    (problem,) = prove(answers_only=True).problems
    assert str(problem).startswith(f"{name}: ")
    assert "move it away" in problem.what


def test_a_drifted_koan_is_named_with_what_to_edit(prove, edit, monkeypatch, toy):
    monkeypatch.chdir(toy.root)
    edit("01", "t = torch.tensor([1, 2, 4], device=device)", "t = torch.tensor([3, 4])")
    (problem,) = prove(answers_only=True).problems
    assert str(problem) == (
        "koans/01_numbers.py:13: it is not what its answer is cut into: edit "
        f"answers/01_numbers.py, then {sys.executable and 'python3'} scripts/blank.py "
        "koans/01_numbers.py"
    )


def test_filled_blanks_are_a_learners_own_and_no_drift_but_in_ci(prove, edit, monkeypatch):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    assert prove(answers_only=True).exit_code == 0
    monkeypatch.setenv("CI", "true")
    assert prove(answers_only=True).exit_code == 1


def test_a_kata_without_a_wrong_solution_is_named(prove, reword):
    (path,) = (ROOT / "tests/toy/answers").glob("02_*.py")
    lines = path.read_text(encoding="utf-8").split("# wrong: return x ->")[1]
    reword("02", "# wrong: return x ->" + lines.split("\n\n\n")[0], "# no")
    assert "double: it has no wrong solution" in told(prove())


# -- what ends, hangs or leaves something behind -------------------------------------------------


def in_answer(reword, statement, number="02"):
    imports = "import os\nimport subprocess\nimport sys\nimport time\n"
    reword(number, "import torch\n", f"{imports}import torch\n", cut=False)
    reword(number, "    return x * 2", f"    {statement}\n    return x * 2")


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("os.abort()", "crashed: its process ended with SIGABRT"),
        ("os._exit(0)", "crashed: its process ended with exit code 0"),
        (
            "os.closerange(3, 200)",
            "crashed: its process was left without the pipe through which it tells its verdicts",
        ),
    ],
)
def test_an_answer_that_kills_is_named_and_harms_no_other(prove, reword, deed, said):
    in_answer(reword, deed)
    report = prove(devices=("cpu",))
    found = [str(problem) for problem in report.problems if problem.variant == "answer"]
    assert found == [
        f"answers/02_doubling.py:{found[0].split(':')[1]}: test_double_gives_twice_as_much: "
        f"answer on cpu: {said}"
    ]
    assert report.devices["cpu"].passed == 1
    assert report.checks["junk"].run == 30  # as many as if nothing had happened
    assert not report.partial


def test_an_answer_that_hangs_is_named_and_nobody_waits_for_its_traps(prove, reword):
    reword("01", "import torch\n", "import time\n\nimport torch\n", cut=False)
    reword(
        "01", "    t = torch.tensor([1, 2, 4]", "    time.sleep(99)\n    t = torch.tensor([1, 2, 4]"
    )
    report = prove(devices=("cpu",), seconds=1.5)
    answer, *others = [one for one in report.problems if one.koan == "test_a_sum_is_a_tensor"]
    assert answer.what == "timeout: it took longer than 1.5 seconds; an endless loop?"
    (untried,) = {one.what for one in others}
    assert untried == "not tried: test_a_sum_is_a_tensor: answer on cpu hangs"
    assert len(others) == 17
    assert report.seconds < 20  # two limits, and not two for each of them
    assert report.devices["cpu"].passed == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks on Windows")
def test_a_koan_that_forks_does_not_run_all_that_comes_after_it_twice(prove, reword, tmp_path):
    """Else each check would double the processes that are at work."""
    note = tmp_path / "note"
    forks = "child = os.fork(); child and os.waitpid(child, 0)"
    in_answer(reword, f"{forks}; open({str(note)!r}, 'a').write('x')")
    assert prove(devices=("cpu",), jobs=1).exit_code == 0
    assert note.read_text() == "xx"  # one answer on one device


def test_a_guess_that_kills_is_red_and_worth_knowing(prove, reword):
    """Torch 2.3 divides by zero where it is given a list for a dtype, say."""
    reword("01", "import torch\n", "import os\n\nimport torch\n", cut=False)
    reword("01", "assert t.sum().item() == __(7)", "assert len([__(7)] or os.abort()) == 1", False)
    reword("01", "assert len([__(7)] or os.abort()) == 1", "assert 7 == (__(7) or os.abort())")
    report = prove(devices=("cpu",))
    assert "SIGABRT" not in told(report)
    killed = [note for note in report.notes if "its process ended with SIGABRT" in note]
    assert {note.split("junk ")[1].split(" on")[0] for note in killed} == {
        *("None", "False", "0", '""', "[]", "()", "torch.Size([])"),
    }


@pytest.mark.parametrize(
    ("deed", "left"),
    [
        ("torch.set_printoptions(precision=2)", "torch's print options"),
        ('os.environ["TORCH_KOANS_TOY"] = "1"', "the environment: TORCH_KOANS_TOY"),
        ("torch.zeros = torch.ones", "torch: zeros"),
        ("subprocess.Popen(['sleep', '60'])", "a process"),
        ("sys.setrecursionlimit(900)", "the limit of recursion"),
        ("torch.Tensor.__sub__ = torch.Tensor.__mul__", "torch.Tensor: __sub__"),
        ("torch.Tensor.twice = 2", "torch.Tensor: twice"),
    ],
)
def test_an_answer_that_leaves_something_behind_is_named(prove, reword, deed, left):
    in_answer(reword, deed)
    report = prove(devices=("cpu",))
    (problem, *_) = [one for one in report.problems if one.variant == "answer"]
    assert problem.koan == "test_double_gives_twice_as_much"
    assert problem.what == f"it leaves changed what the next koan will find: {left}"
    assert report.devices["cpu"].passed == 2


def test_what_a_koan_leaves_behind_reaches_no_other(prove, reword):
    """zeros() is ones() after the first koan; the third asks for nothing but a fresh process."""
    reword(
        "01",
        "    t = torch.tensor([1, 2, 4], device=device)\n",
        "    torch.zeros = None\n" * 1 + "    t = torch.tensor([1, 2, 4], device=device)\n",
    )
    report = prove(jobs=1)
    assert all("test_a_device_is_not_the_cpu" not in str(one) for one in report.problems)
    assert any("torch: zeros" in problem.what for problem in report.problems)


def test_nothing_is_left_behind_by_what_is_put_back():
    before = leaks.picture()
    assert leaks.differences(before, leaks.picture()) == []


def test_a_disk_without_room_is_said_and_nothing_is_proven(prove, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(proof.auditing.tempfile, "TemporaryDirectory", full)
    report = prove(audit=50)
    assert report.exit_code == 2
    assert report.partial == "nothing can be run here: No space left on device"


def test_a_course_that_pytest_cannot_run_is_not_proven(prove, toy, capsys):
    (toy.root / "conftest.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    report = prove(audit=1)
    assert report.exit_code == 2
    assert report.partial.startswith("pytest cannot run the course: ")
    telling.tell(report, Screen())
    out = capsys.readouterr().out
    assert "plain pytest says the same" not in out
    assert "PARTIAL: pytest cannot run the course" in out


def test_what_ctrl_c_has_stopped_is_told_of_no_koan(prove, monkeypatch):
    """The answer of the koan was tried, its traps were not: it is neither green nor red."""

    def run(one):
        task = one.queue.pop()
        assert task.unit.name == "test_a_sum_is_a_tensor"
        yield task, workers.Done({0: Outcome(Verdict.PASSED), 1: Outcome(Verdict.TIMEOUT)})
        raise KeyboardInterrupt

    monkeypatch.setattr(proof.Crew, "run", run)
    report = prove()
    assert (report.exit_code, report.interrupted) == (2, True)
    assert {one.outcome for one in report.koans} <= {"waiting"}
    assert report.checks["blanks"].run == 0


TWICE = """
import signal
from torchkoans.verifying import stopping
try:
    with stopping.once():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGINT)
            print("the rest is done")
        try:
            stopping.stop_if_asked()
        except KeyboardInterrupt:
            print("and whoever waits hears of it")
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("as before")
"""


def test_ctrl_c_twice_stops_once():
    """In a process of its own, for pytest has a use for Ctrl-C, too."""
    done = subprocess.run(
        [sys.executable, "-c", TWICE], cwd=ROOT / "scripts", capture_output=True, text=True
    )
    said = ["the rest is done", "and whoever waits hears of it", "as before"]
    assert (done.stdout.splitlines(), done.stderr) == (said, "")


def test_a_lesson_that_is_named_twice_is_proven_once(prove):
    report = prove(lessons=("02", "02_doubling"))
    assert report.counts["lessons"] == 1
    assert [promise.name for promise in report.promises] == ["koans are the cut of answers"]


def test_where_no_process_lives_nothing_can_be_run(prove, monkeypatch):
    def dies(*_):
        os._exit(7)

    monkeypatch.setattr(workers, "work", dies)
    report = prove()
    assert report.exit_code == 2
    assert report.partial == (
        "nothing can be run here: the processes that run koans die at once "
        "(process ended with exit code 7)"
    )


def test_a_fault_of_our_own_is_named_and_no_answers(prove, monkeypatch):
    def fails(*_):
        raise LookupError("a bug")

    monkeypatch.setattr(Trial, "_run", fails)
    found = told(prove())
    for variant in ("answer", "trap 124"):
        assert f"{variant} on cpu: verify itself failed: LookupError('a bug')" in found


def test_what_was_not_run_is_a_problem(prove, monkeypatch):
    """A worker that says that it is done, and has left something out."""
    monkeypatch.setattr(
        proof.Crew, "run", lambda one: iter([(task, workers.Done({})) for task in one.queue])
    )
    report = prove()
    assert report.exit_code == 1
    assert "test_a_sum_is_a_tensor: answer on cpu: it was not run" in told(report)


# -- CUDA, as far as that can be seen without ----------------------------------------------------


def check(code="1", kind="junk", device="cuda"):
    variant = Variant(kind, "test_x", code, 1, None, ("test_x",))
    return Check(variant, "test_x", (("device", device),), device)


@pytest.fixture
def trial(toy, monkeypatch):
    """A lesson of one test, whose cuda is the CPU."""
    import torch

    monkeypatch.setattr(collecting, "as_device", lambda name: torch.device("cpu"))

    def made(body: str) -> Trial:
        path = toy.answers / "03_x.py"
        head = '"""X."""\n\nimport torch\n\nfrom koans import __\n\n\n'
        head += 'def test_x(device):\n    """X."""\n'
        path.write_text(f"{head}    {body}\n", encoding="utf-8")
        return Trial(Course(toy.root).named(["03"])[0])

    return made


def test_what_would_stop_a_gpu_is_stopped_before(trial):
    one = trial("assert torch.ones(2)[torch.tensor([9])] == __(1)")
    outcome = one.outcome(check())
    assert (outcome.verdict, outcome.kept_off) == (Verdict.WAITING, "aten.index.Tensor")
    assert one.outcome(check(device="cpu")).verdict is Verdict.WRONG


@pytest.mark.parametrize("kind", ["answer", "junk"])
def test_a_gpu_without_memory_says_nothing_of_any_answer(trial, kind):
    body = "raise type('OutOfMemoryError', (RuntimeError,), {})('CUDA out of memory')"
    one = check(kind=kind)
    outcome = trial(f"assert __(1) == 1\n    {body}").outcome(one)
    assert outcome.verdict is Verdict.BROKEN
    tried = Tried(Unit("03_x.py", "test_x", 1, (one,)), {0: outcome})
    (problem,) = tried.problems()
    assert problem.what.startswith("the GPU is out of memory, and no answer is to blame")


def test_what_would_not_is_run_on_the_gpu(trial):
    assert trial("assert torch.ones(2)[[1]] == __(1)").outcome(check()).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("environment", "build", "why"),
    [({}, None, "without CUDA"), ({"CUDA_VISIBLE_DEVICES": ""}, "12.6", "hides every GPU")],
)
def test_cuda_that_is_required_and_absent_is_said_with_the_reason(
    prove, monkeypatch, environment, build, why
):
    import torch

    monkeypatch.setattr(torch.version, "cuda", build)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    devices.why_not_cuda.cache_clear()
    try:
        report = prove(require_cuda=True)
    finally:
        devices.why_not_cuda.cache_clear()
    assert report.exit_code == 2
    assert report.partial.startswith("CUDA is required and is not here: ")
    assert why in report.partial


def test_cuda_that_is_required_and_runs_nothing_is_no_proof(prove, monkeypatch):
    """A green job that ran nothing: the device is there, and the lessons have no koan for it."""
    found = devices.Devices(no_cuda="gone meanwhile", no_simgpu="no")
    monkeypatch.setattr(devices, "find", lambda *_: found)
    report = prove(require_cuda=True)
    assert report.exit_code == 1
    assert "CUDA was required, and no koan was executed on it" in told(report)


def test_what_cuda_changes_when_it_starts_is_not_laid_at_a_koans_door(prove, monkeypatch):
    """torch.cuda.default_generators is another object once CUDA has started."""
    import torch

    real = torch.zeros

    def zeros(*sizes, device=None, **more):
        if str(device) == "cuda":
            monkeypatch.setattr(torch.cuda, "default_generators", (object(),))
        return real(*sizes, **more)

    monkeypatch.setattr(torch, "zeros", zeros)
    before = leaks.picture()
    workers.warm_up(devices.Devices(no_cuda=None, no_simgpu="no"))
    assert leaks.differences(before, leaks.picture()) == ["torch.cuda: default_generators"]


def test_a_device_that_reads_back_something_else_proves_nothing(prove, monkeypatch):
    said = {"allocation": "1 MiB was written to cpu, and something else was read back"}
    monkeypatch.setattr(proof.hardware, "facts", lambda _: said)
    report = prove(devices=("cpu",))
    assert report.exit_code == 1
    assert "something else was read back" in told(report)


def test_there_is_one_worker_a_gpu(prove, toy, monkeypatch):
    one = Proof(toy, Wanted(jobs=8))
    one.found = devices.Devices(no_cuda=None, no_simgpu="no")
    one.tried = dict.fromkeys(range(9))
    monkeypatch.setattr(proof.gpus, "visible", lambda: ["2", "GPU-7"])
    assert (one.jobs, one.how) == (2, workers.SPAWN)
    monkeypatch.setattr(proof.gpus, "visible", list)
    uncounted = Proof(toy, Wanted(jobs=8))
    uncounted.found, uncounted.tried = one.found, one.tried
    assert uncounted.jobs == 1


def test_a_worker_sees_its_gpu_alone(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-7")
    setting = workers.Setting(ROOT, devices.Devices(None, "no"), workers.SPAWN)
    one = crew.Crew(setting, 2, 1.0, ["2", "GPU-7"])
    with one._seeing_a_gpu(1):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-7"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2,GPU-7"


def test_a_gpu_that_was_lost_ends_its_process_and_the_rest_is_run(prove, monkeypatch):
    """The second answer stops the GPU: the third is run by another process."""
    real = Trial.outcome

    def outcome(self, one, explained=False):
        if one.test == "test_an_index_may_be_the_blank" and one.variant.kind == "answer":
            what = "an index or a value was out of range on the GPU"
            return Outcome(Verdict.BROKEN, trouble=what, is_lost=True)
        return real(self, one, explained)

    monkeypatch.setattr(Trial, "outcome", outcome)
    report = prove(devices=("cpu",))
    assert [problem.koan for problem in report.problems] == ["test_an_index_may_be_the_blank"]
    assert "an index or a value was out of range on the GPU" in told(report)
    assert report.checks["junk"].run == 30


# -- the verb ------------------------------------------------------------------------------------


def run_verb(toy, *arguments):
    return verify.main([*arguments, "--course", str(toy.root), "--audit", "0"])


def test_the_verb_says_what_was_proven_and_writes_reports(toy, tmp_path, capsys):
    names = [tmp_path / name for name in ("a.json", "a.xml", "a.md")]
    options = [
        f"--{kind}={path}" for kind, path in zip(("json", "junit", "summary"), names, strict=True)
    ]
    assert run_verb(toy, *options) == 0
    out = capsys.readouterr().out
    assert "cuda    ABSENT: torch" in out
    assert "ok    traps" in out
    assert "Never ran on cuda" in out
    data = json.loads(names[0].read_text(encoding="utf-8"))
    assert data["devices"]["cpu"]["executed"] == 2
    assert data["checks"]["answers"]["failed"] == 0
    assert "01_numbers.cpu" in names[1].read_text(encoding="utf-8")
    assert "PROVEN" in names[2].read_text(encoding="utf-8")


def test_what_is_wrong_is_told_and_ends_with_1(toy, reword, capsys):
    reword("01", "== __(7)", "== __(9)")
    assert run_verb(toy) == 1
    out = capsys.readouterr().out
    assert "FAIL  answers" in out
    assert "NOT TRUE" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--device", "cuda"], "--device cuda: "),
        (["--lesson", "77"], "77: there is no such lesson; the numbers are 01, 02"),
        (["--json", "nowhere/a.json"], "the folder nowhere is not there"),
        (["--summary", "."], "it is a folder"),
        (["--require-cuda"], "CUDA is required and is not here"),
        (
            ["--record", "--lesson", "1"],
            "only whole runs are recorded: leave out --lesson",
        ),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence_and_ends_with_2(
    toy, tmp_path, monkeypatch, capsys, arguments, said
):
    monkeypatch.chdir(tmp_path)
    assert run_verb(toy, *arguments) == 2
    out = capsys.readouterr().out
    assert said in " ".join(out.split())
    assert "Traceback" not in out


def test_a_device_that_nobody_knows_is_said_at_once(toy, capsys):
    with pytest.raises(SystemExit) as stopped:
        run_verb(toy, "--device", "gpu")
    assert stopped.value.code == 2
    assert "gpu: the known devices are cpu, simgpu, cuda" in capsys.readouterr().err


def test_a_broken_answer_file_is_said_with_its_line(toy, reword, capsys):
    reword("01", "assert t.sum()", "assert t.sum(", cut=False)
    assert run_verb(toy) == 2
    assert "01_numbers.py:21: SyntaxError" in capsys.readouterr().out


def test_two_lessons_with_one_number_are_said(toy, capsys):
    (toy.answers / "02_again.py").write_text('"""Again."""\n', encoding="utf-8")
    assert run_verb(toy) == 2
    assert "02_again.py has the number 02 already" in capsys.readouterr().out


def test_a_fixture_that_no_koan_is_given_is_said(toy, reword, capsys):
    reword("01", "def test_an_index_may_be_the_blank():", "def test_an_index(tmp_path):", cut=False)
    assert run_verb(toy) == 2
    assert "asks for the fixture tmp_path: a koan is given device and accelerator" in (
        " ".join(capsys.readouterr().out.split())
    )


def test_a_full_disk_is_said_and_nothing_half_written_is_left(toy, tmp_path, monkeypatch, capsys):
    import torchkoans.source

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torchkoans.source.os, "fsync", full)
    assert run_verb(toy, "--answers", f"--json={tmp_path / 'a.json'}") == 2
    assert "it cannot be written: No space left on device" in " ".join(
        capsys.readouterr().out.split()
    )
    assert not (tmp_path / "a.json").exists()


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent to a group of processes")
def test_ctrl_c_leaves_a_report_that_is_marked_partial_and_no_process(toy, reword, tmp_path):
    in_answer(reword, "time.sleep(9999)")
    command = [sys.executable, str(toy.root / "scripts" / "verify.py"), "--audit", "0"]
    command += ["--jobs", "1", "--json", str(tmp_path / "a.json")]
    begun = time.monotonic()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        cwd=toy.root,
    ) as process:
        while not _has_child(process.pid) and time.monotonic() - begun < 60:
            time.sleep(0.05)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        out = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 2, out
    assert "PARTIAL: stopped after " in out
    assert "when it was stopped, it was at 02_doubling.py: test_double_gives_twice_as_much" in out
    assert "Traceback" not in out
    assert json.loads((tmp_path / "a.json").read_text())["partial"].startswith("stopped after")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def _has_child(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123
            return bool(file.read().split())
    except OSError:
        return False

"""GPUs among the workers of pytest-xdist, and what is said once one fails. All GPUs are made up."""

import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from torchkoans import collecting, cuda, devices, gpus, locking, nvml
from torchkoans.explaining import slips

SCRIPTS = str(Path(locking.__file__).parents[1])


@pytest.fixture
def gpus_here(monkeypatch):
    """So many GPUs as NVML counts them, and CUDA_VISIBLE_DEVICES."""

    def be(count, said=None):
        monkeypatch.setattr(nvml, "count", lambda: count)
        monkeypatch.setenv(cuda.VISIBLE, said or "")  # also notes how to put it back
        if said is None:
            monkeypatch.delenv(cuda.VISIBLE)

    return be


# -- which there are -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "said", "visible"),
    [
        (3, None, ["0", "1", "2"]),
        (None, None, []),
        (0, None, []),
        (4, "2, 3", ["2", "3"]),
        (None, "2,3", ["2", "3"]),  # nobody can count them, and the caller will know
        (2, "1,7,0", ["1"]),  # CUDA stops at the first that is not here
        (2, "1,-1,0", ["1"]),
        (2, "", []),
        (2, "0,0", []),
        (2, "GPU-5f3a,GPU-77", ["GPU-5f3a", "GPU-77"]),
        (1, "MIG-a1,MIG-GPU-b/1/0", ["MIG-a1", "MIG-GPU-b/1/0"]),
    ],
)
def test_gpus_are_those_that_the_caller_may_use(gpus_here, count, said, visible):
    gpus_here(count, said)
    assert gpus.visible() == visible


def test_where_there_is_no_driver_nobody_can_count_gpus(monkeypatch):
    monkeypatch.setattr(nvml, "LIBRARY", "there-is-no-such-library")
    assert nvml.count() is None
    assert nvml.driver() == ""


class Library:
    """NVML as ctypes shows it."""

    def __init__(self, starts=0):
        self.starts, self.open = starts, 0

    def nvmlInit_v2(self):
        self.open += self.starts == 0
        return self.starts

    def nvmlShutdown(self):
        self.open -= 1

    def nvmlDeviceGetCount_v2(self, found):
        found._obj.value = 2
        return 0

    def nvmlSystemGetDriverVersion(self, text, size):
        text.value = b"550.54.15"
        return 0


def test_the_driver_counts_gpus_and_says_its_version(monkeypatch):
    library = Library()
    monkeypatch.setattr(nvml.ctypes, "CDLL", lambda name: library)
    assert (nvml.count(), nvml.driver(), library.open) == (2, "550.54.15", 0)
    monkeypatch.setattr(nvml.ctypes, "CDLL", lambda name: Library(starts=9))
    assert (nvml.count(), nvml.driver()) == (None, "")


# -- sharing them ----------------------------------------------------------------------------------


class Config:
    """As much of pytest's config as is asked for."""

    def __init__(self, worker="", **options):
        if worker:
            self.workerinput = {"workerid": worker}
        self.options, self.plugins, self.stash = options, {}, pytest.Stash()
        self.stash[collecting._devices] = devices.Devices(None, "a GPU is here")
        self.pluginmanager = SimpleNamespace(
            register=lambda plugin, name="": self.plugins.setdefault(name, plugin),
            has_plugin=self.plugins.__contains__,
        )

    def getoption(self, name, default=None):
        return self.options.get(name, default)


@pytest.mark.parametrize(
    ("worker", "count", "said", "given"),
    [
        ("gw0", 2, "4,5", "4"),
        ("gw3", 6, "4,5", "5"),
        ("gw12", 2, None, "0"),
        ("gw1", 1, "GPU-a,MIG-b", "MIG-b"),
        ("mine", 2, None, "0"),  # --tx popen//id=mine
    ],
)
def test_a_worker_gets_one_of_the_callers_gpus(gpus_here, tmp_path, worker, count, said, given):
    gpus_here(max(count, 6) if said and said[0].isdigit() else count, said)
    config = Config(worker, basetemp=str(tmp_path / "popen-gw0"))
    gpus.share(config)
    assert gpus.os.environ[cuda.VISIBLE] == given
    assert config.plugins[""].file.parent == tmp_path


def test_what_cannot_be_counted_is_left_as_it_is_and_shared(gpus_here):
    gpus_here(None)
    config = Config("gw1")
    gpus.share(config)
    assert cuda.VISIBLE not in gpus.os.environ
    assert config.plugins[""].file.name == "gpu-0.lock"


def test_without_workers_nothing_is_done(gpus_here, monkeypatch):
    gpus_here(2)
    monkeypatch.setattr(nvml, "count", lambda: pytest.fail("nobody is to ask"))
    config = Config()
    gpus.share(config)
    assert not config.plugins
    assert cuda.VISIBLE not in gpus.os.environ
    assert gpus.header(config) == []


@pytest.mark.parametrize(
    ("count", "tx", "said"),
    [
        (1, ["popen"] * 4, ["cuda: 4 workers share 1 GPU, one koan on it at a time"]),
        (2, ["3*popen"], ["cuda: 3 workers share 2 GPUs, one koan on each at a time"]),
        (2, ["popen"] * 2, []),
        (1, ["popen"], []),
        (
            None,
            ["popen"] * 2,
            [
                "cuda: 2 workers share the first GPU, one koan on it at a time: "
                "nobody can count them without starting CUDA"
            ],
        ),
    ],
)
def test_the_header_says_that_workers_share(gpus_here, count, tx, said):
    gpus_here(count)
    config = Config(dist="load", tx=tx)
    assert gpus.header(config) == said
    config.stash[collecting._devices] = devices.Devices("there is none", None)
    assert gpus.header(config) == []


def test_a_koan_waits_for_its_gpu_before_its_time_begins_to_count(request):
    """The last of the hooks is called first."""
    plugins = request.config.pluginmanager
    turns = gpus.Turns(Path("never opened"))
    plugins.register(turns)
    try:
        hooks = request.config.hook.pytest_runtest_protocol.get_hookimpls()
        order = [hook.plugin for hook in hooks]
        assert order.index(turns) > order.index(plugins.get_plugin("timeout"))
    finally:
        plugins.unregister(turns)


def item(device="cuda", config=None):
    callspec = SimpleNamespace(params={"device": device})
    return SimpleNamespace(callspec=callspec, config=config or Config(), get_closest_marker=bool)


def test_only_a_koan_for_the_gpu_takes_a_turn(tmp_path):
    file = tmp_path / "gpu-0.lock"
    for device, takes in (("cpu", False), ("cuda", True)):
        turn = gpus.Turns(file).pytest_runtest_protocol(item(device))
        next(turn)
        with file.open("a+") as other:
            assert locking.lock(other, wait=False) is not takes
        with pytest.raises(StopIteration) as done:
            turn.send("what came of it")
        assert done.value.value == "what came of it"
        with file.open("a+") as other:
            assert locking.lock(other, wait=False)


def test_where_there_is_no_gpu_nobody_takes_a_turn(tmp_path):
    config = Config()
    config.stash[collecting._devices] = devices.Devices("there is none", None)
    next(gpus.Turns(tmp_path / "lock").pytest_runtest_protocol(item(config=config)))
    assert not (tmp_path / "lock").exists()


HOLDS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from torchkoans import locking
with open(sys.argv[2], "a+") as file:
    locking.lock(file)
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_lock_of_a_process_that_dies_is_free(tmp_path):
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDS, SCRIPTS, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with path.open("a+") as file:
            assert not locking.lock(file, wait=False)
            holder.kill()
            assert locking.lock(file)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows hands no files down")
def test_a_process_that_a_koan_leaves_behind_does_not_keep_the_lock(tmp_path):
    path = tmp_path / "lock"
    with path.open("a+") as file:
        locking.lock(file)
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        with subprocess.Popen(command, pass_fds=[file.fileno()]) as left:
            locking.unlock(file)
            with path.open("a+") as other:
                assert locking.lock(other, wait=False)
            left.kill()


PRETENDS = """
from torchkoans import devices, nvml
devices.why_not_cuda = lambda: None
devices.why_not_simgpu = lambda: "a real GPU is here"
devices.cuda_name = lambda: "a pretended GPU"
nvml.count = lambda: 2
"""

TURNS = """
import os, sys, time
import pytest

@pytest.mark.needs_cuda
@pytest.mark.parametrize("number", range(6))
def test_turn(number):
    assert "torch" not in sys.modules
    begun = time.time()
    time.sleep(0.05)
    said = os.environ["PYTEST_XDIST_WORKER"], os.environ["CUDA_VISIBLE_DEVICES"]
    with open(f"turn-{number}", "w") as file:
        print(*said, begun, time.time(), file=file)
"""


def test_three_workers_share_two_gpus_and_each_has_one_koan_at_a_time(run_pytest, toy):
    (toy.root / "scripts" / "pretends.py").write_text(PRETENDS)
    (toy.root / "test_turns.py").write_text(TURNS)
    options = ("-rs", "-p", "pretends", "-n", "3", "--maxschedchunk", "1", "test_turns.py")
    scripts = str(toy.root / "scripts")
    said = run_pytest(*options, PYTHONPATH=scripts, CUDA_VISIBLE_DEVICES="1,0")
    assert said.code == 0, said.output
    assert "cuda: 3 workers share 2 GPUs, one koan on each at a time" in said.lines
    gpu_of, spans = {}, defaultdict(list)
    for file in toy.root.glob("turn-*"):
        worker, gpu, begun, ended = file.read_text().split()
        gpu_of[worker] = gpu
        spans[gpu].append((float(begun), float(ended)))
    assert gpu_of == {"gw0": "1", "gw1": "0", "gw2": "1"}
    for turns in map(sorted, spans.values()):
        assert all(one[1] <= next_one[0] for one, next_one in pairwise(turns))


# -- what a failing GPU says -----------------------------------------------------------------------


def error(name, text, *bases):
    return type(name, bases or (RuntimeError,), {})(text)


NO_MEMORY = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79 GiB"
ASSERTION = (
    "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported"
)


@pytest.mark.parametrize(
    ("raised", "begins"),
    [
        (error("OutOfMemoryError", NO_MEMORY), "the GPU is out of memory, and no answer"),
        (error("AcceleratorError", "CUDA error: out of memory"), "the GPU is out of memory"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), "the GPU is out of memory"),
        (error("AcceleratorError", ASSERTION), "an index or a value was out of range on the GPU"),
        (RuntimeError(ASSERTION), "an index or a value was out of range on the GPU"),
        (
            error("AcceleratorError", "CUDA error: an illegal memory access was encountered"),
            "the GPU stopped in mid-work",
        ),
    ],
)
def test_a_gpu_that_fails_is_told_from_an_answer_that_does(raised, begins):
    said = slips.of_the_gpu(raised)
    assert said.startswith(begins)
    assert "run again" in said


@pytest.mark.parametrize(
    "raised",
    [
        error("AcceleratorError", "CUDA error: invalid device ordinal"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: not enough memory"),
        AssertionError("device-side assert triggered is what CUDA says"),
        IndexError("index 3 is out of bounds for dimension 0 with size 3"),
    ],
)
def test_any_other_error_is_the_answers(raised):
    assert slips.of_the_gpu(raised) == ""


THROW = "(_ for _ in ()).throw({})"


def test_a_gpu_that_fails_makes_no_answer_wrong(run_pytest, toy, edit):
    """The koan of the sum dies on the CPU, as it were; what follows on the GPU is not to blame."""
    no_memory = f'torch.cuda.OutOfMemoryError("{NO_MEMORY}")'
    fatal = f"RuntimeError({ASSERTION!r})"
    edit("01", "t[__]", f"t[{THROW.format(no_memory)}]")
    edit("01", "t.sum().item() == __", f"t.sum().item() == {THROW.format(fatal)}")
    edit("01", "t = __", "t = t.to(accelerator)")
    (toy.root / "scripts" / "pretends.py").write_text(PRETENDS)
    (toy.root / "scripts" / "tells.py").write_text(TELLS)
    scripts = str(toy.root / "scripts")
    said = run_pytest("-p", "pretends", "-p", "tells", "koans/01_numbers.py", PYTHONPATH=scripts)
    lines = [line.partition("|told|")[2].split("|") for line in said.lines if "|told|" in line]
    told = {name: tuple(rest) for name, *rest in lines}
    sum_of, kept = "test_a_sum_is_a_tensor", "CUDA cannot be used in this process since koans/01"
    assert told[f"{sum_of}[cpu]"][0] == "broken"
    assert told[f"{sum_of}[cpu]"][1].startswith("an index or a value was out of range on the GPU")
    for later in (f"{sum_of}[cuda]", "test_a_device_is_not_the_cpu[cuda]"):
        assert told[later][0] == "broken"
        assert told[later][1].startswith(kept)
    index = told["test_an_index_may_be_the_blank"]
    assert index[0] == "broken"
    assert index[1].startswith("the GPU is out of memory, and no answer is to blame")
    assert "in other words" in said.output
    remembered = toy.root / ".torch-koans" / "remembered.json"
    assert not remembered.exists() or "no answer is to blame" not in remembered.read_text()


TELLS = """
from torchkoans import reporting

def pytest_runtest_logreport(report):
    result = reporting.result_of(report)
    if result:
        name = report.nodeid.split("::")[1]
        print("", "told", name, result.verdict.value, result.what.splitlines()[0], sep="|")
"""


def test_a_blank_needs_no_gpu_to_be_a_blank(monkeypatch):
    monkeypatch.setattr(collecting, "standing_of", lambda item: SimpleNamespace(verdict="blank"))
    blank = item()
    blank.nodeid, blank.stash = "koans/01.py::test_y[cuda]", pytest.Stash()
    gpus.Lost("koans/01.py::test_x").pytest_runtest_setup(blank)
    assert gpus.lost not in blank.stash


def test_the_koan_that_lost_the_gpu_may_say_so_again(monkeypatch):
    """The walk runs a red one twice, the second time to explain it."""
    monkeypatch.setattr(collecting, "standing_of", lambda item: None)
    same = item()
    same.nodeid, same.stash = "koans/01.py::test_x[cuda]", pytest.Stash()
    gpus.Lost(same.nodeid).pytest_runtest_setup(same)
    with pytest.raises(pytest.fail.Exception, match="since another; this koan was not run"):
        gpus.Lost("another").pytest_runtest_setup(same)


def test_a_gpu_is_given_up_once(monkeypatch):
    config = Config()
    for name in ("first", "second"):
        one = item(config=config)
        one.nodeid = name
        gpus.give_up(one)
    assert [plugin.since for plugin in config.plugins.values()] == ["first"]

"""Why CUDA is absent, and what a machine says of its devices. All GPUs are made up."""

import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from torchkoans import cuda, devices, host, nvml
from torchkoans.verifying import hardware

without_gpu = pytest.mark.skipif(devices.why_not_cuda() is None, reason="there is a GPU here")

# -- why CUDA is absent ----------------------------------------------------------------------------


class Fake:
    """torch with CUDA, as far as `why_not` asks it."""

    def __init__(self, monkeypatch):
        self.patch = monkeypatch.setattr
        self.patch(torch.version, "cuda", "12.6")
        self.patch(torch.version, "hip", None)
        for name in cuda._VISIBLE_TO_ROCM:
            monkeypatch.delenv(name, raising=False)
        self.set(is_available=True, device_count=1, init=None)
        self.patch(torch, "zeros", lambda *_, device: torch.ones(1))

    def set(self, **said):
        for name, value in said.items():
            self.patch(torch.cuda, name, lambda value=value: _given(value))

    def absent(self, text, kind=RuntimeError):
        """What torch.cuda.init() raises where is_available() says False."""
        self.set(is_available=False, init=kind(text))

    def fails(self, error):
        """What an allocation raises."""
        self.patch(torch, "zeros", lambda *_, device: _given(error))


def _given(value):
    if isinstance(value, Exception):
        raise value
    return value


@pytest.fixture
def fake(monkeypatch):
    return Fake(monkeypatch)


def test_cuda_is_here_where_an_allocation_goes_well(fake):
    assert cuda.why_not() is None


def test_a_build_without_cuda_is_named(fake, monkeypatch):
    fake.patch(torch.version, "cuda", None)
    monkeypatch.setattr(cuda, "_DRIVERS", ())
    assert cuda.why_not() == f"torch {torch.__version__} is a build without CUDA"
    monkeypatch.setattr(cuda, "_DRIVERS", (sys.executable,))
    assert "though an NVIDIA driver is here: install one with CUDA" in cuda.why_not()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "CUDA_VISIBLE_DEVICES is empty and hides every GPU: unset it to use them"),
        ("-1", "CUDA_VISIBLE_DEVICES is -1 and hides every GPU: unset it to use them"),
        ("-1,0", "CUDA_VISIBLE_DEVICES is -1,0 and hides every GPU: unset it to use them"),
        ("NoDevFiles", "CUDA_VISIBLE_DEVICES is NoDevFiles and hides every GPU: unset it to"),
    ],
)
def test_gpus_that_the_environment_hides_are_not_asked_for(fake, monkeypatch, value, said):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    fake.set(is_available=AssertionError("nobody is to ask"))
    assert cuda.why_not().startswith(said)


def test_rocm_has_variables_of_its_own(fake, monkeypatch):
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "")
    assert cuda.why_not() is None
    fake.patch(torch.version, "hip", "6.3")
    assert cuda.why_not().startswith("HIP_VISIBLE_DEVICES is empty and hides every GPU")


# Word for word from torch's own libraries, but for the numbers.
NO_DRIVER = (
    "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed "
    "a driver from http://www.nvidia.com/Download/index.aspx"
)
OLD_DRIVER = (
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU "
    "driver by downloading and installing a new version from the URL: "
    "http://www.nvidia.com/Download/index.aspx Alternatively, go to: https://pytorch.org to "
    "install a PyTorch version that has been compiled with your version of the CUDA driver."
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NO_DRIVER, "no NVIDIA driver was found: if there is a GPU here, install one"),
        (
            OLD_DRIVER,
            "the NVIDIA driver is too old for this build of torch (it knows CUDA up to 11.4, torch "
            "was built for 12.6): update the driver, or install a build for an older CUDA",
        ),
        ("No CUDA GPUs are available", "no GPU was found"),
        ("No HIP GPUs are available", "no GPU was found"),
        (
            "CUDA driver initialization failed, you might not have a CUDA gpu.",
            "the NVIDIA driver does not start: see what nvidia-smi says",
        ),
        (
            "Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized",
            "the NVIDIA driver does not start",
        ),
        (
            "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you",
            "this process was forked from one that had started CUDA, and cannot use it",
        ),
        ("something new\nat length", "an allocation on it failed (something new)"),
    ],
)
def test_what_torch_says_of_an_absent_gpu_is_put_plainly(fake, text, said):
    fake.absent(text)
    assert cuda.why_not().startswith(said)
    fake.absent(text, AssertionError)
    assert cuda.why_not().startswith(said)


def test_an_absent_gpu_is_said_to_be_hidden_where_it_may_be(fake, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    fake.absent("No CUDA GPUs are available")
    said = "no GPU was found: CUDA_VISIBLE_DEVICES is 7, which may name none that is here"
    assert cuda.why_not() == said


def test_a_driver_of_amd_is_called_so(fake):
    fake.patch(torch.version, "hip", "6.3")
    fake.absent(NO_DRIVER)
    assert cuda.why_not().startswith("no AMD driver was found")


def test_torch_may_contradict_itself(fake):
    fake.set(device_count=0)
    assert cuda.why_not() == "torch says that CUDA is available, and counts no device"
    fake.set(is_available=False)
    assert cuda.why_not() == "torch says that CUDA is not available, and does not say why"


@pytest.mark.parametrize(
    "error",
    [
        type("OutOfMemoryError", (RuntimeError,), {})(
            "CUDA out of memory. Tried to allocate 2 MiB"
        ),
        type("AcceleratorError", (RuntimeError,), {})("CUDA error: out of memory\nMore words"),
    ],
    ids=["of torch", "of the driver"],
)
def test_a_gpu_without_memory_is_named_as_such(fake, error):
    fake.fails(error)
    fake.set(mem_get_info=(12 * 2**20, 24_000 * 2**20))
    assert cuda.why_not() == (
        "the GPU is out of memory (12 of 24,000 MiB are free): another process may be using it"
    )
    fake.set(mem_get_info=error)
    assert cuda.why_not() == "the GPU is out of memory: another process may be using it"


def test_a_gpu_that_the_build_has_no_code_for_is_named(fake):
    fake.fails(RuntimeError("CUDA error: no kernel image is available for execution on the device"))
    fake.patch(torch.cuda, "get_device_name", lambda number: "an old GPU")
    fake.patch(torch.cuda, "get_device_capability", lambda number: (3, 5))
    said = "this build of torch has no code for this GPU (an old GPU, compute capability 3.5)"
    assert cuda.why_not().startswith(said)


def test_a_gpu_that_somebody_has_for_himself_is_named(fake):
    fake.fails(RuntimeError("CUDA error: CUDA-capable device(s) is/are busy or unavailable"))
    assert cuda.why_not().startswith("the GPU is not to be had: another process may have it")


def test_an_allocation_that_fails_otherwise_is_quoted(fake):
    fake.fails(RuntimeError("CUDA error: unknown trouble\nin many lines"))
    assert cuda.why_not() == "an allocation on it failed (CUDA error: unknown trouble)"


def test_nobody_is_warned_while_it_is_asked(fake):
    fake.patch(torch.cuda, "is_available", lambda: warnings.warn("old", stacklevel=1) or True)
    assert cuda.why_not() is None


def test_the_name_of_the_gpu_has_its_number(fake):
    fake.patch(torch.cuda, "get_device_name", lambda number: "NVIDIA H100")
    assert cuda.name() == "NVIDIA H100"
    fake.set(device_count=2)
    assert devices.cuda_name() == "NVIDIA H100, 2 of them"


# -- facts -----------------------------------------------------------------------------------------


def test_the_facts_of_the_cpu():
    found = hardware.facts("cpu")
    assert list(found) == ["name", "cores", "memory_mb", "build", "allocation"]
    assert found["cores"] >= 1
    assert found["memory_mb"] > 100
    assert found["build"] == f"torch {torch.__version__}"
    assert found["allocation"] == "1 MiB written and read back"


@without_gpu
def test_the_facts_of_simgpu_say_that_it_is_simulated():
    if devices.why_not_simgpu():
        pytest.skip(devices.why_not_simgpu())
    found = hardware.facts("simgpu")
    assert found["name"].startswith("simulated")
    assert found["allocation"] == "1 MiB written and read back"
    assert "memory_mb" not in found


@pytest.fixture
def gpus(fake, monkeypatch):
    """Two made-up GPUs; what is sent to them lies on the CPU."""

    def one(number):
        name = ["NVIDIA H100", "NVIDIA L4"][number]
        return SimpleNamespace(name=name, total_memory=2**30, major=9 - number, minor=0)

    fake.set(device_count=2)
    fake.patch(torch.cuda, "get_device_properties", one)
    fake.patch(torch.cuda, "mem_get_info", lambda number: (2**29, 2**30))
    fake.patch(torch.backends.cudnn, "version", lambda: 90100)
    fake.patch(nvml, "driver", lambda: "550.54.15")
    plain = torch.empty_like
    fake.patch(torch, "empty_like", lambda t, device: plain(t))
    return fake


def test_the_facts_of_cuda(gpus):
    assert hardware.facts("cuda") == {
        "name": "1 NVIDIA H100, 1 NVIDIA L4",
        "count": 2,
        "memory_mb": 2048,
        "memory_free_mb": 1024,
        "capability": "1 9.0, 1 8.0",
        "driver": "550.54.15",
        "build": f"torch {torch.__version__}, CUDA 12.6, cuDNN 9.1.0",
        "allocation": "1 MiB written and read back on each of 2",
    }


def test_facts_that_nobody_knows_are_left_out(gpus, monkeypatch):
    def refused(number):
        raise RuntimeError("no")

    monkeypatch.setattr(nvml, "driver", lambda: "")
    monkeypatch.setattr(hardware, "_DRIVER", Path("there is no such file"))
    gpus.patch(torch.cuda, "mem_get_info", refused)
    gpus.patch(torch.backends.cudnn, "version", lambda: None)
    gpus.set(device_count=1)
    found = hardware.facts("cuda")
    assert found["name"] == "NVIDIA H100"
    assert found["build"] == f"torch {torch.__version__}, CUDA 12.6"
    assert not {"driver", "memory_free_mb"} & set(found)


@pytest.mark.parametrize(
    "kernel",
    [
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.104.05  Release Build  (x@y)",
    ],
)
def test_the_kernel_knows_the_driver_where_its_library_is_absent(monkeypatch, tmp_path, kernel):
    monkeypatch.setattr(nvml, "driver", lambda: "")
    monkeypatch.setattr(hardware, "_DRIVER", tmp_path / "version")
    (tmp_path / "version").write_text(f"{kernel}\nGCC version:  gcc version 12.2.0 (Debian)\n")
    assert hardware._driver() == "535.104.05"


def test_older_cudnn_counts_in_thousands(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 8902)
    assert hardware._cudnn() == "8.9.2"


def test_an_allocation_that_fails_is_no_silence(monkeypatch):
    monkeypatch.setattr(torch, "equal", lambda *_: False)
    assert hardware._allocation(["cpu"]).startswith("1 MiB was written to cpu, and something else")
    assert hardware._allocation(["cuda:0"]).startswith("failed on cuda:0: ")


def test_versions_name_no_host_and_no_kernel():
    found = hardware.versions()
    assert list(found) == ["torch", "numpy", "python", "pytest", "system"]
    assert found["torch"] == torch.__version__
    system = host.platform
    assert found["system"].endswith(f"({system.system()}, {system.machine()})")
    assert not {system.node(), system.release()} & set(found["system"].split())


@pytest.mark.parametrize(("said", "memory"), [("67108864\n", 64), ("max\n", 1024)])
def test_a_limit_of_the_container_counts_as_its_memory(monkeypatch, tmp_path, said, memory):
    files = tmp_path / "memory.max", tmp_path / "none"
    monkeypatch.setattr(host, "_LIMITS", tuple(map(str, files)))
    monkeypatch.setattr(host, "_installed", lambda: 2**30)
    files[0].write_text(said)
    assert host.memory_mb() == memory


# -- memory ----------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows says nothing of children")
def test_the_peak_of_memory_counts_children_that_have_ended():
    code = (
        "import subprocess, sys; sys.path.insert(0, sys.argv[1]); from torchkoans import host\n"
        "alone = host.peak_rss_mb()\n"
        "hungry = 'x = bytearray(100 * 2**20); x[::4096] = bytes(len(x[::4096]))'\n"
        "subprocess.run([sys.executable, '-c', hungry], check=True)\n"
        "print(alone, host.peak_rss_mb(), host.peak_rss_mb(2))"
    )
    scripts = str(Path(host.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code, scripts], capture_output=True, text=True)
    alone, one, two = map(float, done.stdout.split())
    assert 1 < alone < 100 < one - alone + 5
    assert two - one == pytest.approx(one - alone, abs=5)


def test_a_container_with_less_time_has_fewer_cores(monkeypatch, tmp_path):
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(host, "_CPU_TIME", str(quota))
    monkeypatch.setattr(host.os, "cpu_count", lambda: 64)
    monkeypatch.delattr(host.os, "sched_getaffinity", raising=False)
    found = []
    for said in ("200000 100000", "50000 100000", "max 100000", "nonsense"):
        quota.write_text(said + "\n")
        found.append(host.cores())
    assert found == [2, 1, 64, 64]

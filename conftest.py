"""What pytest does for the koans. Only hooks, in the order in which pytest calls them.

The nouns do the work.
"""

import pytest

from torchkoans import collecting, devices, gpus, reporting, restoring
from torchkoans.explaining import assertions


def pytest_addoption(parser):
    group = parser.getgroup("koans")
    group.addoption(
        "--device",
        action="append",
        default=[],
        metavar="NAME",
        help="run the koans on this device only: cpu, simgpu or cuda; may be given several times",
    )
    group.addoption(
        "--require-cuda",
        action="store_true",
        default=devices.cuda_is_required(),
        help="fail where CUDA is absent or ran nothing (or set REQUIRE_CUDA=1)",
    )


def pytest_configure(config):
    gpus.share(config)  # before anything can start CUDA
    named, required = config.getoption("--device"), config.getoption("--require-cuda")
    if named or required:  # otherwise nobody asks before the first koan is collected
        collecting.devices_of(config)


def pytest_report_header(config):
    return [collecting.header(config), *gpus.header(config)]


def pytest_generate_tests(metafunc):
    collecting.parametrize(metafunc)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return (yield from reporting.collected(collector))


def pytest_collection_modifyitems(config, items):
    collecting.let_wait(config, items)


@pytest.fixture
def device(request):
    """Each device in turn, as a torch.device: cpu, cuda, and simgpu where there is no GPU."""
    return collecting.as_device(request.param)


@pytest.fixture
def accelerator(request):
    """Each device that is not the CPU, as a torch.device."""
    return collecting.as_device(request.param)


@pytest.fixture(autouse=True)
def _as_it_was(request):
    """Each koan begins with the same seed and leaves dtype, device and grad mode as they were."""
    if not collecting.is_koan(request.node):
        yield
        return
    with restoring.everything():
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    collecting.refuse_unfilled(pyfuncitem)


def pytest_assertrepr_compare(op, left, right):
    return assertions.compared(op, left, right)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return (yield from reporting.judged(item, call))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    with reporting.told_once(terminalreporter):
        result = yield
    return result


def pytest_sessionfinish(session):
    reporting.refuse_an_empty_cuda_run(session)

"""docs/verified.md says where the course was really verified, and nothing that was not."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from torchkoans.source import CourseError
from torchkoans.verifying import recording
from torchkoans.verifying.recording import FILE, recorded
from torchkoans.verifying.report import Audit, DeviceProof, Problem, Report

WHEN = datetime(2026, 1, 2, 23, 0, tzinfo=timezone.utc)
LATER = datetime(2026, 3, 4, tzinfo=timezone.utc)
SYSTEM = "Debian GNU/Linux 12 (Linux, x86_64)"
GPU = {
    "name": "NVIDIA H100",
    "count": 1,
    "driver": "550.54",
    "build": "torch 2.13, CUDA 12.6",
    "host": "secret",
}


def cuda(**facts):
    return DeviceProof("cuda", True, False, facts={**GPU, **facts}, executed=300, checks=9000)


def report(*devices, torch="2.13.0+cpu", system=SYSTEM, **changes):
    """A whole run on the CPU and on simgpu, or on these devices, in which all is true."""
    devices = devices or (
        DeviceProof("cpu", True, False, executed=310, passed=310, checks=14_000),
        DeviceProof("simgpu", True, True, executed=200, passed=200, waiting=4, checks=8000),
        DeviceProof("cuda", False, False, "no GPU", waiting=204),
    )
    return Report(
        versions={"torch": torch, "numpy": "2.4.0", "python": "3.11.7", "system": system},
        devices={one.name: one for one in devices},
        audit=Audit(50, 1),
        **changes,
    )


def rows(text):
    """Cells of the table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def never(text):
    return [line for line in text.splitlines() if line.endswith("never run")]


def test_each_device_that_ran_has_a_row():
    said = [SYSTEM, "2026-01-02"]
    assert rows(recorded(None, report(), WHEN)) == [
        ["cpu", "2.13.0+cpu", "2.4.0", "3.11.7", *said, "310", "0", "14,000", ""],
        ["simgpu (simulated)", "2.13.0+cpu", "2.4.0", "3.11.7", *said, "200", "4", "8,000", ""],
    ]


def test_a_device_that_never_ran_is_listed_as_never_run():
    assert never(recorded(None, report(), WHEN)) == ["- cuda: never run"]
    alone = recorded(None, report(cuda()), WHEN)
    assert never(alone) == ["- cpu: never run", "- simgpu (simulated): never run"]


def test_a_device_that_is_here_and_ran_nothing_has_no_row():
    idle = DeviceProof("simgpu", True, True)
    text = recorded(None, report(cuda(), idle), WHEN)
    assert [row[0] for row in rows(text)] == ["cuda (NVIDIA H100)"]
    assert "- simgpu (simulated): never run" in never(text)


def test_never_run_goes_once_the_device_has_run():
    text = recorded(None, report(), WHEN)
    both = recorded(text, report(cuda(), torch="2.13.0+cu126"), LATER)
    assert never(both) == []
    assert [row[0] for row in rows(both)] == ["cpu", "simgpu (simulated)", "cuda (NVIDIA H100)"]


def test_a_gpu_is_recorded_with_driver_and_build_and_nothing_private():
    text = recorded(None, report(cuda()), WHEN)
    assert rows(text)[0][-1] == "driver 550.54, torch 2.13, CUDA 12.6"
    assert "secret" not in text


def test_the_model_of_a_cpu_makes_no_combination_of_its_own():
    proof = DeviceProof("cpu", True, False, facts={"name": "AMD", "build": "x"}, executed=9)
    (row,) = rows(recorded(None, report(proof), WHEN))
    assert (row[0], row[-1]) == ("cpu", "")


def test_the_page_says_what_simgpu_is():
    assert "`simgpu` is a simulation" in recorded(None, report(), WHEN)


def test_a_newer_run_takes_the_place_of_the_same_combination_and_of_no_other():
    text = recorded(None, report(), WHEN)
    text = recorded(text, report(torch="2.3.1+cpu"), WHEN)
    text = recorded(text, report(system="macOS 15 (Darwin, arm64)"), WHEN)
    assert len(rows(text)) == 6
    again = recorded(text, report(), LATER)
    newer = [row for row in rows(again) if row[5] == "2026-03-04"]
    assert len(rows(again)) == 6
    assert [row[:5] for row in newer] == [row[:5] for row in rows(recorded(None, report(), WHEN))]


def test_another_gpu_is_another_combination():
    text = recorded(recorded(None, report(cuda()), WHEN), report(cuda(name="NVIDIA T4")), WHEN)
    assert [row[0] for row in rows(text)] == ["cuda (NVIDIA H100)", "cuda (NVIDIA T4)"]


def test_rows_are_in_the_order_of_devices_then_the_newest_first():
    text = None
    for torch in ("2.9.1+cpu", "2.13.0+cpu", "2.3.1+cpu"):
        text = recorded(text, report(torch=torch), WHEN)
    order = ["2.13.0+cpu", "2.9.1+cpu", "2.3.1+cpu"]
    assert [row[1] for row in rows(text)] == order * 2
    assert [row[0] for row in rows(text)] == ["cpu"] * 3 + ["simgpu (simulated)"] * 3


def test_the_same_run_recorded_again_changes_nothing():
    text = recorded(recorded(None, report(), WHEN), report(cuda(), torch="2.14.1+cu126"), WHEN)
    assert recorded(text, report(), WHEN) == text
    assert recorded(text.replace("\n", "\r\n"), report(), WHEN) == text


def test_the_day_is_that_of_utc():
    east = datetime.fromisoformat("2026-01-02T03:00:00+09:00")
    assert rows(recorded(None, report(), east))[0][5] == "2026-01-01"


def test_what_a_machine_says_of_itself_breaks_no_row():
    odd = report(cuda(name="A | B\n C", driver="1|2"))
    text = recorded(None, odd, WHEN)
    assert rows(text)[0][0] == "cuda (A / B C)"
    assert recorded(text, odd, WHEN) == text


def test_a_version_that_is_not_known_is_said_to_be():
    text = recorded(None, replace(report(), versions={"torch": "2.13.0"}), WHEN)
    assert rows(text)[0][1:5] == ["2.13.0", "not known", "not known", "not known"]
    assert recorded(text, report(), WHEN) != text


# -- what is not recorded ------------------------------------------------------------------------

WRONG = Problem("answers/01_a.py", 3, "test_a", "cpu", "answer", "it is red")
IDLE = DeviceProof("cpu", True, False, waiting=9)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (report(partial="stopped by Ctrl-C"), "the run is partial (stopped by Ctrl-C)"),
        (report(problems=[WRONG]), "1 problem to mend first"),
        (report(lessons=("01_a.py",)), "not everything was tried (lessons 01_a alone)"),
        (report(chosen=("cpu",)), "not everything was tried (devices cpu alone)"),
        (report(answers_only=True), "not everything was tried (answers alone)"),
        (replace(report(), audit=None), "not everything was tried (no sample was held"),
        (report(IDLE), "no koan ran on any device"),
    ],
)
def test_a_run_that_proves_too_little_is_not_recorded(run, why, tmp_path):
    with pytest.raises(CourseError) as caught:
        recording.record(tmp_path, run, WHEN)
    assert f"nothing is recorded: {why}" in str(caught.value)
    assert not (tmp_path / FILE).exists()


# -- the file ------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    (tmp_path / "docs").mkdir()
    return tmp_path


def test_the_record_is_begun_and_added_to(root):
    assert recording.record(root, report(), WHEN) == root / FILE
    recording.refuse(root)
    recording.record(root, report(torch="2.3.1+cpu"), LATER)
    text = (root / FILE).read_text(encoding="utf-8")
    assert len(rows(text)) == 4
    assert [path.name for path in (root / "docs").iterdir()] == ["verified.md"]


def broken(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| cpu | 2.13.0", "| cpu  2.13.0"),
        ("| cpu |", "| tpu |"),
        ("2026-01-02", "yesterday"),
        ("2026-01-02", "20260102"),
        ("| 310 |", "| many |"),
        ("| cpu |", "- cpu, on my machine |"),
        ("| cpu |", "<<<<<<< HEAD\n| cpu |"),
        ("| 2.4.0 |", "| |"),
        ("# Where", "# Here"),
    ],
)
def test_a_record_that_was_edited_is_refused_with_its_line_and_left_as_it_is(root, old, new):
    text = broken(recorded(None, report(), WHEN), old, new)
    line = text[: text.index(new)].count("\n") + 1
    (root / FILE).write_text(text, encoding="utf-8")
    for attempt in (recording.refuse, lambda root: recording.record(root, report(), LATER)):
        with pytest.raises(CourseError) as caught:
            attempt(root)
        assert caught.value.line == line
        assert "git checkout docs/verified.md" in str(caught.value)
    assert (root / FILE).read_text(encoding="utf-8") == text


def test_a_combination_that_stands_there_twice_is_refused(root):
    text = recorded(None, report(), WHEN)
    row = next(line for line in text.splitlines() if line.startswith("| cpu"))
    (root / FILE).write_text(text.replace(row, f"{row}\n{row}"), encoding="utf-8")
    first = text.splitlines().index(row) + 1
    with pytest.raises(CourseError, match=f"line {first} has the same combination") as caught:
        recording.refuse(root)
    assert caught.value.line == first + 1


def test_a_record_that_is_not_there_yet_is_no_trouble(root):
    recording.refuse(root)
    assert not (root / FILE).exists()

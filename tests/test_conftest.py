"""What pytest says and does with the koans: the toy course, run in a process of its own."""

import os

import pytest

from torchkoans import devices, running
from torchkoans.verdicts import Verdict

NO_GPU = devices.why_not_cuda() is not None
without_gpu = pytest.mark.skipif(not NO_GPU, reason="there is a GPU here")


def counts(said):
    """The last line of pytest, as {"failed": 3, ...}."""
    words = said.lines[-1].strip("= ").replace(",", "").split(" in ")[0].split()
    return {word: int(number) for number, word in zip(words[::2], words[1::2], strict=True)}


# -- blanks ----------------------------------------------------------------------------------------


def test_a_fresh_course_is_red_one_line_a_blank_and_no_traceback(run_pytest):
    said = run_pytest()
    assert said.code == 1
    assert "koans/01_numbers.py:15: assert t.sum().item() == __" in said.lines
    assert "koans/01_numbers.py:22: assert t[__].tolist() == [2, 4]" in said.lines
    assert "koans/02_doubling.py:24: double() has no body yet" in said.lines
    assert sum("t.sum().item() == __" in line for line in said.lines) == 1
    assert "Traceback" not in said.output
    assert "FAILURES" not in said.output
    assert "passed" not in counts(said)


def test_the_summary_says_how_far_and_which_koan_is_next(run_pytest, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    said = run_pytest()
    assert "1 of 5 koans green" in said.output
    assert "Next: koans/01_numbers.py:22: an index may be the blank" in said.lines


BLANKS_THAT_PYTHON_TAKES_FOR_TRUE = """

def test_mine_0(): assert torch is not __
def test_mine_1(): assert __ is not None
def test_mine_2(): assert [__]
def test_mine_3(): assert __ or True
def test_mine_4(): x = __
def test_mine_5(): assert str(__) == "__"
def test_mine_6(): assert __(7) == 7, __
def test_mine_7(): assert torch.ones(1)[__[0]] == 1 and __
def test_mine_8(): return None; __
"""


def test_what_python_would_take_for_true_is_red_while_a_blank_is_left(run_pytest, toy):
    path = toy.koans / "01_numbers.py"
    path.write_text(path.read_text(encoding="utf-8") + BLANKS_THAT_PYTHON_TAKES_FOR_TRUE)
    said = run_pytest("koans/01_numbers.py", "-k", "mine")
    assert said.code == 1
    assert counts(said)["failed"] == 9
    assert "passed" not in counts(said)
    assert any(line.endswith("def test_mine_0(): assert torch is not __") for line in said.lines)


def test_a_koan_without_its_blank_is_not_green(run_pytest, edit):
    edit("01", "    assert t.sum().item() == __\n", "    # assert t.sum().item() == __\n")
    said = run_pytest("koans/01_numbers.py", "-k", "sum", "--device", "cpu")
    assert said.code == 1
    assert "the line with its blank is gone" in said.output


def test_the_answer_may_keep_its_mark(run_pytest, edit):
    edit("01", "== __", "== __(7)")
    assert run_pytest("koans/01_numbers.py", "-k", "sum").code == 0


def test_answers_run_as_they_stand(run_pytest):
    said = run_pytest("answers")
    assert said.code == 0
    assert "koans green" not in said.output


# -- red and green ---------------------------------------------------------------------------------


@without_gpu
def test_a_solved_course_is_green_where_devices_are_here(run_pytest, solve):
    solve()
    said = run_pytest()
    assert said.code == 0
    assert counts(said) == {"passed": 6, "skipped": 4}
    assert "4 of 5 koans green, 1 waiting for a device that is not here." in said.lines
    assert "Next" not in said.output


@without_gpu
def test_several_devices_that_fail_alike_are_told_once(run_pytest, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 8")
    said = run_pytest("koans/01_numbers.py", "-k", "sum")
    assert sum("test_a_sum_is_a_tensor on cpu, simgpu" in line for line in said.lines) == 1
    assert said.lines.count("E   torch says   7") == said.lines.count("E   you wrote    8") == 1
    assert counts(said)["failed"] == 2


@without_gpu
def test_devices_that_fail_differently_are_both_heard(run_pytest, edit):
    edit("01", "assert t.sum().item() == __", "assert {'cpu': 7}.get(device.type, 9) == 8")
    said = run_pytest("koans/01_numbers.py", "-k", "sum")
    # The blank's statement is another one now, so the koan counts as one without its blank.
    assert "the line with its blank is gone" in said.output
    edit(
        "01",
        "assert {'cpu': 7}.get(device.type, 9) == 8",
        "assert t.sum().item() == {'cpu': 8}.get(device.type, 9)",
    )
    said = run_pytest("koans/01_numbers.py", "-k", "sum")
    assert "E   you wrote    8" in said.lines
    assert "on simgpu" in said.output
    assert "you wrote    9" in said.lines


def test_a_known_mistake_gets_its_own_sentence(run_pytest, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 0x7C")
    said = run_pytest("koans/01_numbers.py", "-k", "sum", "--device", "cpu")
    assert "the digits are not put side by side, they are added up" in said.lines


def test_a_change_beyond_the_blank_is_mentioned_and_no_crime(run_pytest, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    edit("01", "[1, 2, 4]", "[1, 1, 5]")
    said = run_pytest("koans/01_numbers.py", "-k", "sum")
    assert said.code == 0
    assert (
        "koans/01_numbers.py:15: test_a_sum_is_a_tensor was changed beyond its blank" in said.output
    )


def test_prints_and_comments_are_no_change(run_pytest, edit):
    edit(
        "01",
        "    assert t.sum().item() == __",
        "    print(t)  # look\n    assert t.sum().item() == 7",
    )
    said = run_pytest("koans/01_numbers.py", "-k", "sum")
    assert said.code == 0
    assert "changed" not in said.output


@pytest.mark.parametrize("way", ["skip('no')", "xfail('no')"])
def test_a_koan_that_leaves_early_is_not_counted_as_green(run_pytest, edit, way):
    edit(
        "01",
        "    assert t.sum().item() == __",
        f"    __import__('pytest').{way}\n    assert t.sum().item() == 7",
    )
    assert "0 of 5 koans green" in run_pytest("koans/01_numbers.py", "-k", "sum").output


def test_a_wrong_answer_that_is_skipped_is_not_told_as_wrong(toy):
    """Else whoever looks for red would find it so."""
    (path,) = toy.koans.glob("01_*.py")
    text = path.read_text(encoding="utf-8")
    skips = "    __import__('pytest').skip('no')\n    assert t.sum().item() == 124"
    text = text.replace("    assert t.sum().item() == __", skips)
    path.write_text(text, encoding="utf-8")
    run = running.run(toy.root, ["koans/01_numbers.py"], ["-k", "sum", "--device", "cpu"])
    assert [result.verdict for result in run.results] == [Verdict.BROKEN]


# -- devices ---------------------------------------------------------------------------------------


@without_gpu
def test_the_header_says_which_devices_are_real(run_pytest):
    said = run_pytest("--collect-only")
    assert "devices: cpu · simgpu (simulated) · cuda ABSENT, its koans wait" in said.output or (
        "simgpu ABSENT" in said.output
    )


@without_gpu
def test_koans_wait_for_a_gpu_with_the_reason(run_pytest, solve):
    solve()
    said = run_pytest("-rs")
    assert f"waiting: {devices.why_not_cuda()}" in said.output


def test_a_device_can_be_chosen(run_pytest, solve):
    solve()
    said = run_pytest("-v", "--device", "cpu")
    assert "test_a_sum_is_a_tensor[cpu] PASSED" in said.output
    assert "simgpu]" not in said.output
    assert "test_a_device_is_not_the_cpu[no-accelerator] SKIPPED" in said.output
    assert "devices: cpu, as --device says" in said.lines


@without_gpu
def test_several_devices_can_be_chosen(run_pytest, solve):
    solve()
    said = run_pytest("-v", "--device", "cpu", "--device", "simgpu")
    assert "[cuda]" not in said.output
    assert "test_a_sum_is_a_tensor[simgpu] PASSED" in said.output


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["--device", "cuda"], {}), (["--require-cuda"], {}), ([], {"REQUIRE_CUDA": "1"})],
    ids=["named", "required", "required by the environment"],
)
@without_gpu
def test_an_absent_gpu_is_an_error_where_it_is_asked_for(run_pytest, arguments, environment):
    said = run_pytest(*arguments, **environment)
    assert said.code == pytest.ExitCode.USAGE_ERROR
    assert str(devices.why_not_cuda()) in said.output
    assert "collected" not in said.output


def test_an_unknown_device_is_answered_with_the_known_ones(run_pytest):
    said = run_pytest("--device", "gpu")
    assert said.code == pytest.ExitCode.USAGE_ERROR
    assert "--device gpu: the known devices are cpu, simgpu, cuda" in said.output


PRETENDS = """
from torchkoans import devices, running
from torchkoans.verdicts import Verdict
devices.why_not_cuda = lambda: None
devices.cuda_name = lambda: "a pretended GPU"
"""


def test_a_run_that_never_touched_the_gpu_is_no_green_run(run_pytest, toy, solve):
    solve()
    (toy.root / "scripts" / "pretends.py").write_text(PRETENDS)
    scripts = str(toy.root / "scripts")
    index = "koans/01_numbers.py::test_an_index_may_be_the_blank"
    assert run_pytest("-p", "pretends", index, PYTHONPATH=scripts).code == 0
    said = run_pytest("-p", "pretends", "--require-cuda", index, PYTHONPATH=scripts)
    assert said.code == 1
    assert "CUDA is required, and no koan ran on it." in said.output


# -- what breaks -----------------------------------------------------------------------------------


def test_a_file_that_does_not_parse_is_one_line_and_harms_no_other(run_pytest, solve, edit):
    solve()
    edit("02", "return x + x", "return (x + x")
    said = run_pytest()
    assert said.code == 1
    broken = "koans/02_doubling.py:14: broken: SyntaxError: '(' was never closed"
    assert broken in said.lines
    assert "Traceback" not in said.output
    assert "3 of 5 koans green" in said.output
    assert counts(said)["error"] == 1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
    ids=["import", "exit", "division"],
)
def test_a_file_that_cannot_be_imported_is_one_line(run_pytest, solve, edit, line, what):
    solve()
    edit("02", "import pytest\n", f"import pytest\n{line}\n")
    said = run_pytest()
    assert said.code == 1
    (told,) = [told for told in said.lines if told.startswith("koans/02_doubling.py:7: broken:")]
    assert what in told
    assert "3 of 5 koans green" in said.output


def test_a_file_in_another_encoding_is_named_with_its_line(run_pytest, toy):
    path = toy.koans / "01_numbers.py"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp949"))
    said = run_pytest()
    assert "koans/01_numbers.py" in said.output
    assert "broken: SyntaxError" in said.output
    assert "Next: koans/01_numbers.py:3:" in said.output


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_other_line_ends_change_nothing(run_pytest, toy, solve, ends):
    solve()
    path = toy.koans / "01_numbers.py"
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", ends).encode())
    assert run_pytest("koans/01_numbers.py", "-q").code == 0


def test_a_byte_order_mark_changes_nothing(run_pytest, toy, solve):
    solve()
    path = toy.koans / "01_numbers.py"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run_pytest("koans/01_numbers.py", "-q").code == 0


def test_an_endless_loop_ends_at_the_limit(run_pytest, edit):
    edit(
        "01",
        "    assert t[__].tolist()",
        "    while True:\n        pass\n    assert t[:, 1].tolist()",
    )
    said = run_pytest("koans/01_numbers.py", "-k", "index", "--timeout=1")
    assert said.code == 1
    assert "Timeout" in said.output


# -- how it is started -----------------------------------------------------------------------------


def test_two_workers_tell_the_same(run_pytest, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 8")
    alone, together = run_pytest(), run_pytest("-n", "2")
    assert together.code == 1
    assert counts(alone) == counts(together)
    for line in ("Next: koans/01_numbers.py:15: a sum is a tensor", "0 of 5 koans green"):
        assert line in alone.output
        assert line in together.output
    assert together.lines.count("E   you wrote    8") == 1


def test_a_single_test_id_runs_that_one(run_pytest, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    said = run_pytest("koans/01_numbers.py::test_a_sum_is_a_tensor[cpu]")
    assert said.code == 0
    assert counts(said) == {"passed": 1}


def test_collecting_alone_lists_standard_node_ids(run_pytest):
    said = run_pytest("--collect-only", "-q")
    assert said.code == 0
    assert "koans/01_numbers.py::test_an_index_may_be_the_blank" in said.lines
    assert "koans/01_numbers.py::test_a_sum_is_a_tensor[cpu]" in said.lines


def test_it_runs_from_a_subfolder(run_pytest, toy):
    said = run_pytest("01_numbers.py", "--device", "cpu", cwd=toy.koans)
    assert said.code == 1
    assert "koans/01_numbers.py:15: assert t.sum().item() == __" in said.lines


def test_it_runs_from_elsewhere(run_pytest, toy, tmp_path):
    said = run_pytest(os.fspath(toy.koans), cwd=tmp_path)
    assert "koans/01_numbers.py:15: assert t.sum().item() == __" in said.lines


# -- one koan after the other ----------------------------------------------------------------------

MESS = """

def test_mine_makes_a_mess():
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.autograd.set_detect_anomaly(True)


def test_mine_sees_nothing_of_it(capsys):
    t = torch.ones(1)
    assert (t.dtype, t.device.type) == (torch.float32, "cpu")
    assert torch.is_grad_enabled()
    assert not torch.is_anomaly_enabled()


def test_mine_draws():
    assert torch.rand(1).item() == torch.manual_seed(0) and False or True
    torch.manual_seed(0)
    first = torch.rand(1)
    torch.rand(100)
    assert first == torch.rand(1, generator=torch.Generator().manual_seed(0))


def test_mine_begins_with_the_same_numbers_wherever_it_stands():
    assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(0))
"""


def test_a_koan_leaves_no_mess_behind(run_pytest, toy):
    path = toy.koans / "01_numbers.py"
    path.write_text(path.read_text(encoding="utf-8") + MESS, encoding="utf-8")
    said = run_pytest("koans/01_numbers.py", "-k", "mine")
    assert said.code == 0
    assert counts(said)["passed"] == 4

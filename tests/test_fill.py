"""fill: a filled copy and pytest's word on it; the learner's own koans are never written."""

import subprocess
import sys

import fill
import pytest

from torchkoans import devices

without_gpu = pytest.mark.skipif(devices.why_not_cuda() is None, reason="there is a GPU here")


@pytest.fixture
def filled(toy, tmp_path, capfd):
    """Run fill on the toy course into a folder; gives (exit code, what was said)."""

    def run(*arguments, to=tmp_path / "copy"):
        code = fill.main([*arguments, "--course", str(toy.root), "--to", str(to)])
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    return run


@pytest.fixture
def snapshot(toy):
    """The koans as they are, to be compared with later."""

    def take():
        return {path.name: path.read_bytes() for path in toy.koans.glob("*.py")}

    return take


@without_gpu
def test_everything_filled_is_green_and_the_koans_stay_as_they_were(filled, snapshot, tmp_path):
    before = snapshot()
    code, said = filled()
    assert code == 0
    assert "4 of 5 koans green, 1 waiting for a device that is not here." in said
    assert snapshot() == before
    text = (tmp_path / "copy" / "koans" / "01_numbers.py").read_text(encoding="utf-8")
    assert "assert t.sum().item() == 7\n" in text
    assert "assert t[:, 1].tolist() == [2, 4]\n" in text
    assert "__(" not in text
    assert "# hint" not in text


@pytest.mark.parametrize(
    "name", ["2", "02", "02_doubling", "koans/02_doubling.py", "answers/02_doubling.py"]
)
def test_a_lesson_can_be_named(filled, tmp_path, name):
    code, said = filled(name)
    assert code == 0
    assert not (tmp_path / "copy" / "koans" / "01_numbers.py").exists()
    assert "of 2 koans green" in said


def test_an_unknown_lesson_is_answered_with_the_known_numbers(filled):
    code, said = filled("77")
    assert code == 2
    assert "77: there is no such lesson; the numbers are 01, 02" in said


def test_the_rest_keeps_what_the_learner_wrote(filled, edit, tmp_path):
    edit("01", "t.sum().item() == __", "t.sum().item() == 8  # 내 답")
    code, said = filled("01", "--rest")
    assert code == 1
    assert "you wrote    8" in said
    text = (tmp_path / "copy" / "koans" / "01_numbers.py").read_text(encoding="utf-8")
    assert "== 8  # 내 답\n" in text
    assert "t[:, 1]" in text


def test_a_file_that_does_not_parse_is_named_and_nothing_is_run(filled, edit):
    edit("01", "import torch\n", "import torch torch\n")
    code, said = filled("--rest")
    assert code == 2
    assert "01_numbers.py:6: SyntaxError" in said
    assert "collected" not in said


def test_the_exit_code_is_that_of_pytest(filled, edit):
    edit("02", "raise NotImplementedError", "return x")
    assert filled("02", "--rest")[0] == 1


@pytest.mark.parametrize("where", ["koans", "koans/inside", ".", "scripts/x", "answers"])
def test_it_refuses_to_write_where_the_learner_works(filled, toy, snapshot, where):
    before = snapshot()
    code, said = filled(to=toy.root / where)
    assert code == 2
    assert "fill never writes there" in said
    assert snapshot() == before


def test_it_refuses_a_folder_with_other_files(filled, tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "thesis.txt").write_text("years of work")
    code, said = filled()
    assert code == 2
    assert "fill did not make" in said
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["thesis.txt"]


def test_it_writes_over_its_own_copy_but_not_over_work_in_it(filled, tmp_path):
    assert filled("02")[0] == 0
    assert filled("02")[0] == 0
    copy = tmp_path / "copy" / "koans" / "02_doubling.py"
    copy.write_text(copy.read_text(encoding="utf-8") + "\n# tried something\n", encoding="utf-8")
    code, said = filled("02")
    assert code == 2
    assert "it was changed since fill wrote it" in said
    assert "# tried something" in copy.read_text(encoding="utf-8")


def test_the_command_itself_runs_in_a_temporary_folder(toy):
    done = subprocess.run(
        [sys.executable, str(toy.root / "scripts" / "fill.py"), "02", "--course", str(toy.root)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "1 koan files filled" in done.stdout
    assert " passed" in done.stdout.splitlines()[-1]

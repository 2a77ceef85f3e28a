"""What is remembered is never stale, and whatever is wrong with its file, nobody notices."""

import json
import os
import subprocess
import sys

import pytest

from torchkoans import installed, lesson, packing, progress, remembered
from torchkoans.course import ROOT, Course
from torchkoans.remembered import FILE, FOLDER, Remembered
from torchkoans.source import Source
from torchkoans.verdicts import Result, Verdict

KOAN = "koans/01_numbers.py::test_a_sum_is_a_tensor"
SUM = "test_a_sum_is_a_tensor"


def result(verdict, device="cpu", line=None, what=""):
    return Result("koans/01_numbers.py", SUM, device, verdict, line, what, "printed", "trap")


GREEN = [result(Verdict.PASSED), result(Verdict.PASSED, "simgpu")]
RED = [result(Verdict.WRONG, line=21, what="assert 8 == 7")]


@pytest.fixture
def toy(lean):
    return lean


@pytest.fixture
def again(toy):
    """The same course, looked at by another process."""
    return lambda: Course(toy.root)


@pytest.fixture
def file(toy):
    return toy.root / FOLDER / FILE


def save(course):
    progress.now(course)
    course.remembered.save()


# -- verdicts --------------------------------------------------------------------------------------


def test_a_verdict_is_known_again_in_another_process(toy, again):
    toy.remembered.store(KOAN, "text", RED)
    toy.remembered.save()
    assert again().remembered.verdict(KOAN, "text") == RED
    assert again().remembered.verdict(KOAN, "other text") is None
    assert again().remembered.verdict("koans/01_numbers.py::test_b", "text") is None


def test_the_lines_of_a_verdict_move_with_the_koan(toy):
    toy.remembered.store(KOAN, "text", [*RED, *GREEN], line=18)
    moved = toy.remembered.verdict(KOAN, "text", line=30)
    assert [each.line for each in moved] == [33, None, None]
    assert toy.remembered.verdict(KOAN, "text") == [*RED, *GREEN]


def test_what_was_typed_and_taken_back_is_known_again(toy):
    toy.remembered.store(KOAN, "first", RED)
    toy.remembered.store(KOAN, "second", GREEN)
    assert toy.remembered.verdict(KOAN, "first") == RED
    assert toy.remembered.verdict(KOAN, "second") == GREEN


def test_old_verdicts_make_room_for_new_ones(toy):
    for number in range(100):
        toy.remembered.store(KOAN, f"text {number}", RED)
    toy.remembered.save()
    known = [n for n in range(100) if toy.remembered.verdict(KOAN, f"text {n}")]
    assert known == [96, 97, 98, 99]


@pytest.mark.parametrize("verdict", [Verdict.CRASHED, Verdict.TIMEOUT])
def test_what_crashed_or_never_ended_is_forgotten(toy, verdict):
    toy.remembered.store(KOAN, "text", GREEN)
    toy.remembered.store(KOAN, "text", [*GREEN, result(verdict, "cuda")])
    assert toy.remembered.verdict(KOAN, "text") is None


def test_no_results_are_no_verdict(toy):
    toy.remembered.store(KOAN, "text", [])
    assert toy.remembered.verdict(KOAN, "text") is None


def test_another_torch_knows_nothing(toy, again, monkeypatch):
    toy.remembered.store(KOAN, "text", GREEN)
    toy.remembered.save()
    versions = {**installed.versions(), "torch": "99.0"}
    monkeypatch.setattr(installed, "versions", lambda: versions)
    assert again().remembered.verdict(KOAN, "text") is None


@pytest.mark.parametrize("name", ["conftest.py", "koans/__init__.py", "pytest.ini"])
def test_another_conftest_knows_nothing(toy, again, name):
    toy.remembered.store(KOAN, "text", GREEN)
    toy.remembered.save()
    (toy.root / name).write_text("# another one\n", encoding="utf-8")
    assert again().remembered.verdict(KOAN, "text") is None


def test_another_choice_of_gpus_knows_nothing(toy, again, monkeypatch):
    toy.remembered.store(KOAN, "text", GREEN)
    toy.remembered.save()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    assert again().remembered.verdict(KOAN, "text") is None


def test_other_code_of_the_course_knows_nothing(toy, again, monkeypatch, tmp_path):
    toy.remembered.store(KOAN, "text", GREEN)
    save(toy)
    (tmp_path / "remembered.py").write_text("newer")
    monkeypatch.setattr(remembered, "__file__", str(tmp_path / "remembered.py"))
    assert again().remembered.verdict(KOAN, "text") is None
    source = toy.lessons[0].source
    assert toy.remembered.lesson(source)
    assert again().remembered.lesson(source) is None


# -- lessons and looks -----------------------------------------------------------------------------


def test_a_lesson_is_remembered_as_it_was_read(toy, again):
    save(toy)
    for read in toy.lessons:
        known = again().remembered.lesson(read.source)
        assert known is not read
        assert vars(known) == {k: v for k, v in vars(read).items() if k != "directives"}


def test_a_remembered_course_is_not_parsed(toy, again, monkeypatch):
    save(toy)
    before = [(step.id, step.where, step.what) for step in progress.now(toy)]
    monkeypatch.setattr("torchkoans.source.parse", lambda *_: pytest.fail("it was parsed"))
    assert [(step.id, step.where, step.what) for step in progress.now(again())] == before


def test_a_changed_answer_is_read_anew(toy, again):
    save(toy)
    path = toy.answers / "01_numbers.py"
    path.write_text(path.read_text("utf-8").replace("Numbers in tensors.", "New."), "utf-8")
    assert [one.title for one in again().lessons] == ["New", "Doubling"]


def test_a_changed_koan_is_looked_at_anew(toy, again, edit):
    save(toy)
    edit("01", "item() == __", "item() == 7")
    assert progress.now(again())[0].verdict is None
    assert progress.now(toy)[0].verdict is None


def test_a_green_koan_stays_green_until_its_text_changes(toy, again, edit):
    edit("01", "item() == __", "item() == 7")
    look = progress.looks(toy)[0][2]
    toy.remembered.store(KOAN, look.text, GREEN, look.line)
    save(toy)
    edit("01", "import torch\n", "import math\nimport torch\n")
    assert progress.now(again())[0].verdict is None
    edit("01", "import math\n", "\n# a comment above\n\n")
    assert progress.now(again())[0].verdict is Verdict.PASSED
    edit("01", "item() == 7", "item() == 8")
    assert progress.now(again())[0].verdict is None


# -- a file that is no good ------------------------------------------------------------------------


def spoil(text):
    head, _, body = text.partition(b"\n")
    honest = json.dumps({"lessons": 5, "verdicts": {KOAN: [["x"], 3, None]}, "hints": {KOAN: "a"}})
    return {
        "empty": b"",
        "half": text[: len(text) // 2],
        "a letter": text.replace(b"sum", b"som", 1),
        "binary": b"\xff\0" * 100,
        "no JSON": b"torch-koans 1 " + remembered._hash(b"{").encode() + b"\n{",
        "a list": b"torch-koans 1 " + remembered._hash(b"[]").encode() + b"\n[]",
        "foreign": head.replace(b"torch-koans 1", b"torch-koans 2") + b"\n" + body,
        "other values": f"torch-koans 1 {remembered._hash(honest)}\n{honest}".encode(),
    }


@pytest.mark.parametrize("how", spoil(b"\n"))
def test_a_damaged_file_is_as_none(toy, again, file, how):
    toy.remembered.store(KOAN, "text", GREEN)
    toy.remembered.give_hints(KOAN, 1)
    save(toy)
    file.write_bytes(spoil(file.read_bytes())[how])
    course = again()
    assert course.remembered.verdict(KOAN, "text") is None
    assert course.remembered.hints_given(KOAN) == 0
    assert len(progress.now(course)) == 5
    course.remembered.store(KOAN, "text", RED)
    course.remembered.save()
    assert again().remembered.verdict(KOAN, "text") == RED


@pytest.mark.parametrize("value", [[1], {"Koan": []}, {"os": ["x"]}, {"a": [], "b": []}, {}, "x"])
def test_a_value_that_nobody_packed_is_unknown(toy, value):
    source, known = toy.lessons[0].source, Remembered(toy.root)
    known._set("lessons", source.path.name, [known.key(source.text), value])
    assert known.lesson(source) is None


def test_what_is_not_yet_written_down_is_known(toy):
    read = toy.lessons[0]
    assert vars(toy.remembered.lesson(read.source)) == vars(read)


def test_a_folder_that_cannot_be_written_is_as_none(toy, again):
    (toy.root / FOLDER).write_text("somebody's file")
    save(toy)
    assert (toy.root / FOLDER).read_text() == "somebody's file"
    assert len(progress.now(again())) == 5


def test_nothing_is_left_beside(toy, file):
    save(toy)
    assert os.listdir(file.parent) == [FILE]  # noqa: PTH208 - every name counts


def test_nothing_new_is_not_written(toy, again, file):
    save(toy)
    before = file.stat().st_mtime_ns, file.stat().st_ino
    save(again())
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_two_that_write_at_once_keep_what_the_other_found(toy, again):
    one, other = again(), again()
    one.remembered.store(KOAN, "text", GREEN)
    other.remembered.store(f"{KOAN}_b", "text", RED)
    one.remembered.save()
    other.remembered.save()
    assert again().remembered.verdict(KOAN, "text") == GREEN
    assert again().remembered.verdict(f"{KOAN}_b", "text") == RED


MANY = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from torchkoans.remembered import Remembered
for number in range(25):
    one = Remembered(Path(sys.argv[1]))
    assert one._old or not number, "a file that is not whole was read"
    one.give_hints(f"{sys.argv[2]} {number} " + "x" * 20_000, number)
    one.save()
"""


def test_processes_that_write_at_once_never_read_half_a_file(toy):
    command = [sys.executable, "-c", MANY, str(toy.root)]
    scripts = str(ROOT / "scripts")
    both = [subprocess.Popen([*command, name, scripts]) for name in ("a", "b")]
    assert [process.wait() for process in both] == [0, 0]
    assert Remembered(toy.root)._old["hints"]


# -- what it is made of ----------------------------------------------------------------------------


def test_what_is_packed_comes_back():
    kinds = packing.kinds(lesson.Trap, Verdict)
    value = (1, None, True, "빈칸", (lesson.Trap("1", "no", 3), Verdict.WRONG), ())
    assert packing.unpacked(json.loads(json.dumps(packing.packed(value))), kinds) == value


def test_texts_do_not_run_into_each_other(tmp_path):
    one = Remembered(tmp_path)
    assert one.key("ab", "c") != one.key("a", "bc") != one.key("abc")


def test_a_text_that_is_no_text_has_a_key_all_the_same(toy):
    assert toy.remembered.key(Source(None, "'\ud800'").text)


def test_what_is_installed_is_what_metadata_says():
    from importlib import metadata

    found = installed.versions()
    for name in ("torch", "numpy", "pytest", "pytest-xdist", "pytest-timeout", "rich"):
        assert found[name] == metadata.version(name)

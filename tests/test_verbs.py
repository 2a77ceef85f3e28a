"""hint, reveal, reset, progress: each answers about one koan or all, and none runs one."""

import json
import subprocess
import sys

import hint
import progress as progress_verb
import pytest
import reset
import reveal
from rich.console import Console

from torchkoans import chart, progress
from torchkoans.course import ROOT, Course
from torchkoans.screen import Screen
from torchkoans.verdicts import Result, Verdict

SUM, INDEX, DEVICE = (
    "test_a_sum_is_a_tensor",
    "test_an_index_may_be_the_blank",
    "test_a_device_is_not_the_cpu",
)
DOUBLE = "test_double_gives_twice_as_much"
VERBS = {"hint": hint, "reveal": reveal, "reset": reset, "progress": progress_verb}


@pytest.fixture
def toy(lean, monkeypatch):
    monkeypatch.chdir(lean.root)
    return lean


@pytest.fixture
def run(toy, capsys):
    """Run a verb on the toy course; gives (exit code, what was said)."""

    def call(verb, *arguments):
        code = VERBS[verb].main([*arguments, "--course", str(toy.root)])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def says(monkeypatch):
    """Somebody is there and answers so."""

    def answer(text):
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: text)

    return answer


@pytest.fixture
def judged(toy):
    """Remember a verdict on a koan as it stands."""

    def remember(name, verdict, device="cpu"):
        course = Course(toy.root)
        for lesson, koan, look in progress.looks(course):
            if koan.name == name:
                file = progress.file_of(course, lesson)
                results = [Result(file, name, device, verdict, look.line + 3, "so")]
                course.remembered.store(f"{file}::{name}", look.text, results, look.line)
        course.remembered.save()

    return remember


# -- every one -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["hint", "reveal", "reset"])
def test_an_unknown_koan_is_2_and_brings_what_is_near(run, verb):
    code, said = run(verb, "a_sum_is_tensor")
    assert code == 2
    assert "near it are a_sum_is_a_tensor" in said


@pytest.mark.parametrize("verb", VERBS)
def test_a_broken_answer_file_is_one_sentence_and_2(run, toy, verb):
    (toy.answers / "02_doubling.py").write_text("def (", encoding="utf-8")
    code, said = run(verb)
    assert code == 2
    assert said.startswith("answers/02_doubling.py:1: SyntaxError")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("verb", "arguments", "said"),
    [
        ("hint", [], b"Hint 1 of 2"),
        ("reveal", ["--yes"], b"assert t.sum().item() == 7"),
        ("reset", ["--yes"], b"It is as it was handed out."),
        ("progress", [], b"0 of 5 koans green"),
    ],
)
def test_the_command_itself_answers_and_imports_no_torch(toy, verb, arguments, said):
    command = [sys.executable, "-X", "importtime", str(ROOT / "scripts" / f"{verb}.py")]
    done = subprocess.run([*command, *arguments, "--course", str(toy.root)], capture_output=True)
    assert (done.returncode, said in done.stdout) == (0, True)
    imported = {line.rsplit(b"|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert b"torchkoans.progress" in imported
    assert not imported & {b"torch", b"numpy", b"pytest"}


# -- hint ------------------------------------------------------------------------------------------


def test_hints_are_given_one_by_one(run):
    first, second, third = (run("hint")[1] for _ in range(3))
    assert "Hint 1 of 2: count on your fingers\n" in first
    assert "Hint 2" not in first
    assert "One more: " in first
    assert "Hint 2 of 2: 하나, 둘, 넷\n" in second
    assert "Hint 1" not in second
    assert f"reveal.py koans/01_numbers.py::{SUM}" in second
    assert "Hint 1 of 2" in third
    assert "Hint 2 of 2" in third


def test_hints_begin_anew_where_nothing_is_remembered(run, toy):
    run("hint")
    (toy.root / ".torch-koans" / "remembered.json").unlink()
    assert "Hint 1 of 2" in run("hint")[1]


def test_all_hints_at_once(run):
    said = run("hint", "--all")[1]
    assert "Hint 1 of 2" in said
    assert "Hint 2 of 2" in said


def test_the_hint_of_a_kata_belongs_to_its_koan(run):
    code, said = run("hint", "double")
    assert code == 0
    assert "Hint 1 of 1: what does x + x give?" in said


def test_a_koan_without_hints_says_so(run):
    assert "There is no hint for this one" in run("hint", DEVICE)[1]


def test_the_next_koan_is_the_first_that_is_not_green(run, edit, judged):
    edit("01", "item() == __", "item() == 8")
    judged(SUM, Verdict.WRONG)
    assert "A sum is a tensor\n" in run("hint")[1]
    judged(SUM, Verdict.PASSED)
    assert "An index may be the blank\n" in run("hint")[1]


# -- reveal ----------------------------------------------------------------------------------------


def test_the_answer_is_shown_with_its_why(run):
    code, said = run("reveal", "--yes")
    assert code == 0
    assert said.startswith("koans/01_numbers.py:")
    assert "    assert t.sum().item() == 7\n\na sum folds all numbers into one.\n" in said


def test_the_answer_is_not_shown_unasked(run):
    code, said = run("reveal")
    assert code == 1
    assert "Nobody is here to be asked" in said
    assert "== 7" not in said


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("yes", 0), ("", 1), ("n", 1)])
def test_the_answer_is_shown_to_whoever_wants_it(run, says, answer, code):
    says(answer)
    found, said = run("reveal", INDEX)
    assert found == code
    assert ("t[:, 1]" in said) is (code == 0)


# -- reset -----------------------------------------------------------------------------------------


def test_a_reset_names_what_goes_and_where_it_is_kept(run, edit, toy, says):
    path = edit("01", "item() == __", "item() == 8  # 내 답")
    says("y")
    code, said = run("reset", SUM)
    assert code == 0
    assert "These lines of yours go:\n    assert t.sum().item() == 8  # 내 답\n" in said
    kept = said.split("The file as it was: ")[1].strip()
    assert kept.startswith(".torch-koans/kept/")
    assert "# 내 답" in (toy.root / kept).read_text("utf-8")
    assert "item() == __\n" in path.read_text("utf-8")


def test_nothing_goes_where_nobody_says_yes(run, edit, says):
    path = edit("01", "item() == __", "item() == 8")
    assert run("reset", SUM)[0] == 1
    says("n")
    assert run("reset", SUM)[0] == 1
    assert "== 8" in path.read_text("utf-8")


def test_a_whole_lesson_can_be_reset(run, edit):
    edit("01", "item() == __", "item() == 8")
    path = edit("01", "t[__]", "t[:, 1]")
    code, said = run("reset", "--lesson", "1", "--yes")
    assert code == 0
    assert "t[:, 1].tolist()" in said
    assert path.read_text("utf-8").count("__") == 4  # with the import


def test_a_koan_that_cannot_be_found_is_2_and_names_blank(run, edit):
    edit("01", f"def {SUM}", f"dee {SUM}")
    code, said = run("reset", f"01::{SUM}", "--yes")
    assert code == 2
    assert "scripts/blank.py koans/01_numbers.py" in said


def test_of_a_long_list_the_end_is_only_counted(run, edit):
    edit("01", "item() == __", "item() == 8\n" + "".join(f"    print({n})\n" for n in range(60)))
    said = run("reset", SUM, "--yes")[1]
    assert "    and 21 more\n" in said
    assert "print(38)" in said
    assert "print(39)" not in said


# -- progress --------------------------------------------------------------------------------------


def test_the_map_has_a_mark_for_each_koan(run, edit, judged):
    edit("01", "item() == __", "item() == 7")
    edit("01", "t[__]", "t[:, 0]")
    edit("02", "raise NotImplementedError", "return x * 2")
    judged(SUM, Verdict.PASSED)
    judged(INDEX, Verdict.WRONG)
    code, said = run("progress")
    lines = said.splitlines()
    assert code == 0
    assert lines[0].split() == ["First", "steps", "1", "of", "5"]
    assert lines[1].split() == ["01", "Numbers", "in", "tensors", "●x○"]
    assert lines[2].split() == ["02", "Doubling", "○◌"]
    assert lines[4] == "● 1 of 5 koans green  ◌ 1 filled, not run yet  x 1 red  ○ 2 blank"
    assert lines[5].startswith("Next: koans/01_numbers.py:")
    assert lines[6].strip() == "An index may be the blank"


def test_a_filled_koan_is_next_only_where_no_other_is_left(run, edit, solve):
    edit("01", "item() == __", "item() == 7")
    assert "An index may be the blank" in run("progress")[1]


def test_the_map_of_the_course_fits_into_80_columns():
    found = chart.lines(progress.now(Course(ROOT)), 80)
    assert max(len(line) for line in found) <= 80
    marks = [line.plain for line in found if line.plain.startswith("  ")][:-1]
    assert len(marks) == len(Course(ROOT).answer_files)
    assert len({len(line.rstrip("●◌x○-")) for line in marks}) == 1


@pytest.mark.parametrize("width", [1, 40, 60, 200])
def test_a_map_is_as_wide_as_it_may_be(toy, width):
    found = chart.lines(progress.now(toy), width)
    assert len(found[0]) == max(40, min(80, width))


def test_where_the_letters_are_few_the_marks_are_plain(toy, capsys, monkeypatch):
    monkeypatch.setattr(Screen, "knows_all_letters", False)
    assert progress_verb.main(["--course", str(toy.root)]) == 0
    said = capsys.readouterr().out
    assert said.isascii()
    assert "...\n" in said


def test_the_json_says_all_that_the_map_does(run, edit, judged):
    edit("01", "item() == __", "item() == 7")
    edit("01", "t[__]", "t[:, 0]")
    judged(SUM, Verdict.PASSED)
    code, said = run("progress", "--json")
    found = json.loads(said)
    first, second = found["lessons"]
    assert code == 0
    assert (first["number"], first["file"], first["title"]) == (
        1,
        "koans/01_numbers.py",
        "Numbers in tensors",
    )
    assert [koan["verdict"] for koan in first["koans"]] == ["passed", None, "blank"]
    assert [koan["verdict"] for koan in second["koans"]] == ["blank", "unwritten"]
    assert first["koans"][2]["id"] == f"koans/01_numbers.py::{DEVICE}"
    assert first["koans"][2]["name"] == DEVICE
    assert (found["green"], found["total"]) == (1, 5)
    assert found["next"] == {"file": "koans/01_numbers.py", **first["koans"][2]}


def test_json_is_never_folded(toy, monkeypatch, capsys):
    monkeypatch.setattr(progress_verb, "Screen", lambda: Screen(Console(width=20)))
    assert progress_verb.main(["--json", "--course", str(toy.root)]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 5


def test_a_course_that_is_walked_has_no_next(run, toy, solve, judged):
    solve()
    for name in (SUM, INDEX, DEVICE, DOUBLE):
        judged(name, Verdict.PASSED)
    path = toy.koans / "02_doubling.py"
    path.write_text(path.read_text("utf-8").replace("== __", "== 'x'"), encoding="utf-8")
    for name in ("test_only_cuda_can_show_this", DOUBLE):
        judged(name, Verdict.PASSED)
    assert json.loads(run("progress", "--json")[1])["next"] is None
    assert run("hint") == (0, "Every koan is green.\n")
    assert "Next" not in run("progress")[1]

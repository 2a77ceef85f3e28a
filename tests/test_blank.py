"""blank: answers/ cut into koans/, and never over somebody's work without asking."""

import subprocess

import blank
import pytest


@pytest.fixture
def run(toy, monkeypatch, capsys):
    """Run blank on the toy course; gives (exit code, what was said)."""
    monkeypatch.chdir(toy.root)
    monkeypatch.delenv("CI", raising=False)

    def call(*arguments):
        code = blank.main([*arguments, "--course", str(toy.root)])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def committed(toy):
    """The toy course as a git checkout with everything committed."""
    git = ["git", "-C", str(toy.root), "-c", "user.name=A", "-c", "user.email=a@b.invalid"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], check=True)


@pytest.fixture
def reworded(toy):
    """An author has changed the words of a lesson since it was cut."""
    path = toy.answers / "01_numbers.py"
    text = path.read_text(encoding="utf-8").replace("A tensor can live elsewhere.", "Elsewhere.")
    path.write_text(text, encoding="utf-8")


def test_a_fresh_cut_is_what_it_should_be(run):
    assert run("--check") == (0, "koans/ is what answers/ is cut into: 2 lessons\n")
    assert run() == (0, "0 written, 2 as they should be, 0 left alone\n")


def test_a_drifted_koan_is_named_with_the_command_that_mends_it(run, edit):
    edit("01", "[1, 2, 4]", "[1, 2, 5]")
    code, said = run("--check")
    assert code == 1
    assert "koans/01_numbers.py: it is not what its answer is cut into" in said
    assert "scripts/blank.py koans/01_numbers.py" in said


def test_every_byte_counts(run, toy):
    path = toy.koans / "01_numbers.py"
    path.write_bytes(path.read_bytes() + b"\n")
    assert run("--check")[0] == 1


def test_a_learner_who_fills_blanks_has_not_drifted(run, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    code, said = run("--check")
    assert code == 0
    assert "koans/01_numbers.py: 1 filled, otherwise as it was cut" in said


def test_in_ci_a_filled_blank_is_one_too_many(run, edit, monkeypatch):
    monkeypatch.setenv("CI", "true")
    edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    assert run("--check")[0] == 1


def test_a_stray_file_is_named(run, toy):
    (toy.koans / "03_mine.py").write_text("")
    code, said = run("--check")
    assert code == 1
    assert "koans/03_mine.py: it belongs to no lesson" in said


def test_a_koan_file_that_is_gone_comes_back(run, toy):
    path = toy.koans / "01_numbers.py"
    text = path.read_bytes()
    path.unlink()
    assert run("--check")[0] == 1
    assert run("koans/01_numbers.py")[0] == 0
    assert path.read_bytes() == text


def test_what_git_holds_and_nobody_worked_in_is_replaced_at_once(run, committed, reworded, toy):
    assert run()[0] == 0
    assert "Elsewhere." in (toy.koans / "01_numbers.py").read_text(encoding="utf-8")
    assert run("--check")[0] == 0


def test_work_is_never_replaced_where_nobody_can_be_asked(run, committed, reworded, edit):
    path = edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    before = path.read_bytes()
    code, said = run()
    assert code == 1
    assert "test_a_sum_is_a_tensor: 7" in said
    assert "left alone" in said
    assert path.read_bytes() == before


def test_changes_that_git_does_not_hold_are_never_replaced_unasked(run, reworded, toy):
    before = (toy.koans / "01_numbers.py").read_bytes()
    code, said = run()
    assert code == 1
    assert "changes that are in no commit" in said
    assert (toy.koans / "01_numbers.py").read_bytes() == before


@pytest.mark.parametrize(("answer", "replaced"), [("y", True), ("", False), ("n", False)])
def test_somebody_who_is_there_is_asked(run, reworded, edit, monkeypatch, answer, replaced):
    path = edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    run()
    assert ("== 7" not in path.read_text(encoding="utf-8")) is replaced


def test_yes_replaces_without_asking(run, edit):
    path = edit("01", "t.sum().item() == __", "t.sum().item() == 7")
    assert run("--yes")[0] == 0
    assert "== 7" not in path.read_text(encoding="utf-8")


def test_a_read_only_koan_is_named_and_stays(run, toy):
    path = toy.koans / "01_numbers.py"
    path.write_bytes(path.read_bytes() + b"# mine\n")
    path.chmod(0o444)
    code, said = run("--yes")
    assert code == 2
    assert "koans/01_numbers.py: it is read-only" in said
    assert path.read_bytes().endswith(b"# mine\n")


def test_a_folder_in_the_place_of_a_koan_is_named(run, toy):
    (toy.koans / "01_numbers.py").unlink()
    (toy.koans / "01_numbers.py").mkdir()
    code, said = run()
    assert code == 2
    assert said == "koans/01_numbers.py: it cannot be read: Is a directory\n"


def test_a_refused_answer_is_one_sentence_and_2(run, toy):
    path = toy.answers / "01_numbers.py"
    path.write_text(path.read_text(encoding="utf-8").replace("__(7)", "__"), encoding="utf-8")
    code, said = run()
    assert code == 2
    assert said.startswith("answers/01_numbers.py:21: ")
    assert len(said.splitlines()) == 1


def test_two_lessons_with_one_number_are_refused(run, toy):
    (toy.answers / "01_twin.py").write_text("")
    code, said = run("--check")
    assert code == 2
    assert "has the number 01 already" in said

"""new: a lesson or a koan to begin with, and what it still lacks."""

import re
import subprocess
import sys

import blank
import new
import pytest

from torchkoans import cut, demands, templates
from torchkoans.claims import FILE, Claims
from torchkoans.course import ROOT, Course

MADE = "03_strides_in_anger.py"
KATA = '''

@kata
def third(x: torch.Tensor) -> torch.Tensor:
    """Return a third of `x`."""
    return x / 3


# hint: divide
# hint: by three
# wrong: return x -> that is x itself
# wrong: return x * 3 -> the other way round
# wrong: return x / 2 -> that is half of it
# why: a third is one of three equal parts.


def test_a_third_is_less(device):
    """The kata is tried."""
    assert third(torch.ones(1, device=device)).item() < 1
'''


@pytest.fixture
def run(lean, monkeypatch, capsys):
    """Run new on the toy course, which has lessons 01 and 02; gives (exit code, what was said)."""
    monkeypatch.chdir(lean.root)

    def call(*arguments):
        code = new.main([*arguments, "--course", str(lean.root)])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def finished(lean, capsys):
    """A lesson with nothing missing, made of the template: its file."""
    koan = templates.KOAN.format(name="test_placeholder_for_a_value")
    text = templates.lesson(lean, ["Thirds"]).text + KATA
    text += "".join("\n\n" + koan.replace("value", word) for word in ("row", "pair", "list"))
    text = text.replace("import __", "import __, kata")
    text = re.sub(r"REPLACE[^\"\n]*", lambda _: "mine", text)
    text = text.replace("placeholder_for", "there_is")
    file = lean.answers / "03_thirds.py"
    file.write_text(text, encoding="utf-8")
    assert blank.main(["--course", str(lean.root)]) == 0
    capsys.readouterr()
    return file


def everything(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


# -- a lesson --------------------------------------------------------------------------------------


def test_a_new_lesson_is_green_its_koans_are_red_and_both_lint(toy, run_pytest):
    assert new.main(["3", "strides_in_anger", "--course", str(toy.root)]) == 0
    course = Course(toy.root)
    (lesson,) = course.named(["03"])
    assert course.koan_file(lesson).read_bytes() == cut.pristine(lesson).encoded()
    said = run_pytest(f"answers/{MADE}", "-q", "-W", "error")
    assert (said.code, "failed" in said.output) == (0, False), said.output
    for at in range(demands.TRAPS):
        codes = {b.span: b.traps[at].code for koan in lesson.koans for b in koan.blanks}
        path = toy.koans / f"{at + 4:02}_trap.py"
        path.write_text(cut.typed(lesson, codes).text, encoding="utf-8")
    said = run_pytest(
        "koans", "-q", "--ignore=koans/01_numbers.py", "--ignore=koans/02_doubling.py"
    )
    assert (said.code, "passed" in said.output) == (1, False), said.output
    for arguments in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *arguments, "--no-cache", f"answers/{MADE}"]
        done = subprocess.run(ruff, cwd=toy.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_title_gets_the_number_after_the_last(run, lean):
    code, said = run("Strides in anger")
    assert code == 0
    assert said.startswith(f"wrote answers/{MADE}\nwrote koans/{MADE}\n")
    text = (lean.answers / MADE).read_text(encoding="utf-8")
    assert text.startswith('"""Strides in anger.\n')


@pytest.mark.parametrize(
    ("words", "file", "title"),
    [
        (["strides_in_anger"], MADE, "Strides in anger."),
        (["45", "strides"], "45_strides.py", "Strides."),
        (["45", "What's", "a", "view?"], "45_whats_a_view.py", "What's a view?"),
        (["answers/45_a_Tensor.py"], "45_a_Tensor.py", "A Tensor."),
    ],
)
def test_names_are_read_as_they_come(lean, words, file, title):
    source = templates.lesson(lean, words)
    assert (source.path.name, source.tree.body[0].value.value.splitlines()[0]) == (file, title)


def test_a_number_with_a_gap_before_it_is_missing_a_lesson(run):
    code, said = run("7", "strides")
    assert code == 0
    assert "answers/07_strides.py:1: there is no lesson 03 before it" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["1", "strides"],
            "answers/01_numbers.py: it has the number 01 already; free are 03 to 99",
        ),
        (["1", "strides"], "git mv answers/02_doubling.py answers/03_doubling.py"),
        (["numbers"], "answers/01_numbers.py: it is there already"),
        (["0", "strides"], "0 strides: a lesson has a number from 1 to 99"),
        (["100", "strides"], "a lesson has a number from 1 to 99"),
        (["strides", "45"], "the number comes first: python3 scripts/new.py 45 strides"),
        ([], "new: what is the lesson about? python3 scripts/new.py 45 strides_in_anger"),
        (["45"], "45: what is the lesson about?"),
        (["7 dims"], "7 dims: a name has letters from a to z, digits and single _, and begins"),
        (["45", "???"], "a name has letters from a to z"),
        (["45", "strides__in"], "a name has letters from a to z, digits and single _"),
        (["45", "Größe"], "a name has letters from a to z"),
        (["45", 'say "no"'], "leave out quotes"),
        (["45", "x" * 90], "at most 90 letters"),
        (["--koan", "3", "x"], "3: there is no such lesson; the numbers are 01, 02"),
        (["--missing", "3"], "3: there is no such lesson; the numbers are 01, 02"),
        (["--koan", "1"], "answers/01_numbers.py: what is the koan called?"),
        (["--koan", "1", "a sum is a tensor"], "answers/01_numbers.py:11: test_a_sum_is_a_tensor"),
        (["--koan", "1", "double gives twice as much"], "answers/02_doubling.py:45: test_double_"),
        (["--koan", "1", "x" * 80], "at most 80 letters"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(run, lean, words, said):
    before = everything(lean.root)
    code, heard = run(*words)
    assert (code, len(heard.splitlines())) == (2, 1), heard
    assert said in heard
    assert everything(lean.root) == before


def test_no_file_of_a_learner_is_taken_for_a_free_number(run, lean):
    (lean.koans / "03_mine.py").write_text("mine", encoding="utf-8")
    code, said = run("3", "strides")
    assert code == 2
    assert said.startswith("koans/03_mine.py: has this number and belongs to no lesson")
    assert "free are 04 to 99" in said
    assert run("strides")[1].startswith("wrote answers/04_strides.py")


def test_after_99_there_is_no_number(run, lean):
    (lean.answers / "02_doubling.py").rename(lean.answers / "99_doubling.py")
    assert run("strides") == (2, "answers: 99 is taken, and there is no number after it\n")
    assert run("1", "strides")[1].endswith("has the number 01 already; free are 03 to 98\n")


def test_what_is_killed_between_the_pair_is_finished_by_blank(run, lean, monkeypatch, capsys):
    def killed(path, data):
        if path.parent == lean.koans:
            raise KeyboardInterrupt
        path.write_bytes(data)

    with monkeypatch.context() as patched:
        patched.setattr(new, "write", killed)
        code, said = run("3", "strides_in_anger")
    assert code == 130
    assert "a koan file that was not cut any more: python3 scripts/blank.py" in said
    code, said = run("3", "strides_in_anger")
    assert code == 2
    finish = f"python3 scripts/blank.py koans/{MADE}"
    assert said == f"answers/{MADE}: it is there already and only its koan file is not: {finish}\n"
    assert "the koan file is not there" in run("--missing", "3")[1]
    assert blank.main([f"koans/{MADE}", "--course", str(lean.root)]) == 0
    capsys.readouterr()
    assert "the koan file" not in run("--missing", "3")[1]


def test_a_read_only_file_is_named(run, lean):
    file = lean.answers / "01_numbers.py"
    file.chmod(0o444)
    before = everything(lean.root)
    code, said = run("--koan", "1", "a new one")
    assert (code, "answers/01_numbers.py: it is read-only" in said) == (2, True)
    assert everything(lean.root) == before


# -- a koan ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_koan_goes_below_everything_and_is_cut(run, lean, end):
    file = lean.answers / "02_doubling.py"
    text = file.read_text(encoding="utf-8").replace("\n", end)
    file.write_bytes(text.encode())
    blank.main(["2", "--yes", "--course", str(lean.root)])
    code, said = run("--koan", "2", "A half is less")
    assert code == 0
    now = file.read_bytes().decode()
    assert now.startswith(text)
    assert now.count("\n") == now.count(end)
    course = Course(lean.root)
    (lesson,) = course.named(["2"])
    assert lesson.koans[-1].name == "test_a_half_is_less"
    assert course.koan_file(lesson).read_bytes() == cut.pristine(lesson).encoded()
    assert f"answers/02_doubling.py:{lesson.koans[-1].line + 1}: test_a_half_is_less: still" in said


def test_a_koan_file_that_somebody_works_in_is_left_alone(run, lean):
    path = lean.koans / "01_numbers.py"
    path.write_text(path.read_text(encoding="utf-8").replace("== __", "== 7"), encoding="utf-8")
    before = path.read_bytes()
    code, said = run("--koan", "1", "a half is less")
    assert code == 0
    assert path.read_bytes() == before
    assert "koans/01_numbers.py: somebody has worked in it; left alone: python3" in said


def test_a_koan_needs_the_imports_of_its_template(run, lean):
    file = lean.answers / "01_numbers.py"
    file.write_text(file.read_text(encoding="utf-8").replace("import torch", "import torch as t"))
    code, said = run("--koan", "1", "a half is less")
    assert (code, "needs `import torch`" in said) == (2, True)


# -- what is missing -------------------------------------------------------------------------------


def test_each_word_of_the_template_is_named(run, lean):
    run("3", "strides_in_anger")
    lines = (lean.answers / MADE).read_text(encoding="utf-8").splitlines()
    marked = [n for n, line in enumerate(lines, 1) if demands.PLACEHOLDER in line]
    assert len(marked) > 15
    code, said = run("--missing", "03")
    assert code == 1
    for number in marked:
        assert re.search(
            rf"^answers/{MADE}:{number}: (test_\w+: )?still the template's", said, re.M
        )
    assert f"answers/{MADE}:1: 2 koans: a lesson has 5 to 9\n" in said
    for name in ("test_placeholder_for_a_value", "test_placeholder_for_an_error"):
        assert f"{name}: still the template's name" in said


def test_nor_do_the_claims_of_the_course_take_a_template_for_a_lesson(lean):
    (lean.root / "docs").mkdir()
    row = "## 01 Numbers\n\n| X001 | A claim. | **True.** So it is. | |\n"
    (lean.root / FILE).write_text(row, encoding="utf-8")
    assert new.main(["3", "strides", "--course", str(lean.root)]) == 0
    problems = Claims(Course(lean.root)).problems()
    assert f"answers/03_strides.py:14: REPLACE is no row of {FILE.as_posix()}" in problems


def test_a_finished_lesson_lacks_nothing(run, finished):
    code, said = run("--missing", "3")
    assert code == 0
    assert said.startswith("Nothing is missing in 1 lesson.")


def test_all_lessons_are_asked_where_none_is_named(run, finished):
    code, said = run("--missing")
    assert code == 1
    assert "\nMissing in 3 lessons (" in said
    assert "answers/01_numbers.py:1: 3 koans" in said
    assert "03_thirds" not in said


HINT = "    # hint: mine\n"
FIRST = "    t = torch.tensor([1, 2, 4], device=device)\n"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (HINT * 2, "", "22: test_there_is_a_value: no `# hint:` above the blank"),
        ("    # claims: mine\n", "", "14: test_there_is_a_value: no `# claims:`"),
        ("    # why: mine\n", "", "14: test_there_is_a_value: no `# why:`"),
        ("    # trap: 8 -> mine\n", "", "23: test_there_is_a_value: 2 `# trap:` above the blank"),
        (
            "trap: 8 ",
            "trap: 124.0 ",
            "23: test_there_is_a_value: the trap 124.0 stands there twice",
        ),
        ("hint: mine", "hint: mine.", "24: test_there_is_a_value: ends in a period"),
        ("124 -> mine", "124 -> mine.", "24: test_there_is_a_value: ends in a period"),
        ("__(7)", "__(True)", "24: test_there_is_a_value: True can be guessed"),
        ("picture: t", "picture: u", "14: test_there_is_a_value: `# picture:` shows u"),
        (FIRST, FIRST * 8, "14: test_there_is_a_value: 9 lines: a koan has at most 8"),
        (FIRST, FIRST + "    t = __(t)\n", "14: test_there_is_a_value: 2 blanks: a koan has one"),
        ('"""mine"""', '"""So there is a value."""', "the docstring repeats the name"),
        ('"""mine"""', "", "14: test_there_is_a_value has no docstring: it is the koan"),
        ("Thirds.\n\nmine\n", "Thirds.\n", "1: the docstring lacks the idea"),
        ("test_there_is_a_row", "hidden", "1: 4 koans: a lesson has 5 to 9"),
        ("test_there_is_a_row", "test_a_sum_is_a_tensor", "01_numbers.py has a koan of this name"),
        ("# hint: by three\n", "", "third: 1 `# hint:` below the kata"),
        ("# wrong: return x -> that is x itself\n", "", "third: 2 `# wrong:` below the kata"),
        ("x * 3 -> the other way round", "x * 3 -> no.", "third: ends in a period"),
        ("# why: a third is one of three equal parts.\n", "", "third: no `# why:` below the kata"),
        (
            "assert third(torch.ones(1, device=device)).item() < 1",
            "__(1)",
            "third: no test calls the",
        ),
    ],
)
def test_each_thing_that_is_missing_is_named(run, finished, old, new, line):
    text = finished.read_text(encoding="utf-8")
    assert old in text
    finished.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, said = run("--missing", "3")
    assert code == 1
    assert line in said


def test_a_hint_that_holds_the_answer_is_named(run, finished):
    text = finished.read_text(encoding="utf-8").replace("__(7)", "__(int(7))", 1)
    finished.write_text(text.replace("hint: mine", "hint: take int(7)", 1), encoding="utf-8")
    said = run("--missing", "3")[1]
    assert "24: test_there_is_a_value: a hint holds the answer: take int(7)" in said


def test_a_broken_answer_file_is_one_sentence_and_2(run, finished):
    finished.write_text("def (", encoding="utf-8")
    code, said = run("--missing", "3")
    assert (code, len(said.splitlines())) == (2, 1)
    assert said.startswith("answers/03_thirds.py:1: SyntaxError")


def test_a_claim_has_to_be_a_row(run, finished, lean):
    (lean.root / "docs").mkdir()
    (lean.root / FILE).write_text("| X001 | A claim. | **True.** So it is. | |\n", encoding="utf-8")
    assert "test_there_is_a_value: mine is no row of docs/claims.md" in run("--missing", "3")[1]


def test_it_is_told_what_to_do_next(run):
    said = run("strides")[1].split("Next: ")[1]
    assert said.startswith("edit answers/03_strides.py, then\n")
    for verb in ("new.py --missing 03", "blank", "verify.py --lesson 03", "check", "picture"):
        assert f"    python3 scripts/{verb}" in said


def test_the_command_itself_answers_and_imports_no_torch(lean):
    command = [sys.executable, "-X", "importtime", str(ROOT / "scripts" / "new.py"), "strides"]
    done = subprocess.run([*command, "--course", str(lean.root)], capture_output=True)
    assert done.returncode == 0
    assert (lean.koans / "03_strides.py").exists()
    imported = {line.rsplit(b"|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert b"torchkoans.templates" in imported
    assert not imported & {b"torch", b"numpy", b"pytest"}

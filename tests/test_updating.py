"""update: a newer course comes in, and nothing that a learner wrote is lost, whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import update

from torchkoans import cut, lesson
from torchkoans.course import ROOT, Course
from torchkoans.source import Source, read
from torchkoans.updating import announcing, carrying, installing, planning, upstream
from torchkoans.updating.pieces import Pristine

SUM = '''
def test_a_sum(device):
    """Adding up; 더하기 means to add."""
    t = torch.tensor([1, 2, 4], device=device)

    # hint: count
    assert t.sum().item() == __(7)
    # why: a sum folds.
'''
INDEX = '''
def test_an_index():
    """The second column."""
    t = torch.tensor([[1, 2], [3, 4]])

    assert t[__[:, 1]].tolist() == [2, 4]
'''
PAIR = '''
def test_a_pair():
    """Two questions."""
    t = torch.zeros(2, 3)

    assert t.ndim == __(2)
    assert t.numel() == __(6)
'''
LAST = '''
def test_the_last():
    """The last one."""
    assert torch.ones(1).item() == __(1)
'''
KATA = '''
@kata
def double(x):
    """Return twice `x`."""
    return x * 2


def test_double():
    """Twice as much."""
    assert double(torch.ones(1)).item() == 2
'''
HELPER = """
def helper(x):
    return x
"""
ONE = {"01_numbers.py": (SUM, INDEX, PAIR), "02_doubling.py": (KATA,), "03_last.py": (HELPER, LAST)}
TOOLS = {
    "README.md": "one",
    "constraints.txt": "torch==1",
    "koans/__init__.py": '"""Marks."""\n',
    "scripts/tool.py": "one = 1\n",
    "scripts/gone.py": "",
}


OTHER_SUM = SUM.replace("[1, 2, 4]", "[1, 2, 5]")
OTHER_LAST = LAST.replace("ones(1)", "ones(1, 1)")
NEWER = {**ONE, "01_numbers.py": (OTHER_SUM, INDEX, PAIR)}


def lost(said):
    """What is said to find no place any more."""
    return said.partition("find no place")[2]


def shipped(name, functions):
    """An answer file's text cut into koans."""
    head = f'"""Lesson {name[3:-3]}."""\n\nimport torch\n\nfrom koans import __, kata\n'
    source = Source(Path(name), head + "".join(f"\n{function}" for function in functions))
    return cut.pristine(lesson.Reader(source).lesson())


class Desk:
    """A learner's koan files of version one, and what an update makes of them."""

    def __init__(self):
        self.old = {name: shipped(name, functions) for name, functions in ONE.items()}
        self.files = {name: source.text for name, source in self.old.items()}
        self.new = {}

    def change(self, name, *pairs):
        for old, new in pairs:
            assert self.files[name].count(old) == 1, (old, self.files[name])
            self.files[name] = self.files[name].replace(old, new)

    def fill(self):
        for name, pairs in FILLED.items():
            self.change(name, *pairs)

    def update(self, lessons=ONE):
        """To these lessons; gives what is said of it. `new` has the new texts."""
        old = {name: Pristine(source) for name, source in self.old.items()}
        new = {name: Pristine(shipped(name, functions)) for name, functions in lessons.items()}
        learners = {name: Source(Path(name), text) for name, text in self.files.items()}
        carried = carrying.carry([old], new, learners)
        self.new = {name: source.text for name, source in carried.files.items()}
        sections = announcing.lessons(old, new) + announcing.koans(old, new, carried)
        sections += announcing.work(carried)
        return "\n\n".join("\n".join([one.title, *one.lines]) for one in sections)


# All blanks of version one and its kata, with answers that show whose they are.
FILLED = {
    "01_numbers.py": [
        ("item() == __", "item() == 77"),
        ("t[__]", "t[:, 1]"),
        ("ndim == __", "ndim == 22"),
        ("numel() == __", "numel() == 66"),
    ],
    "02_doubling.py": [("raise NotImplementedError", "y = x\n    return y + y")],
    "03_last.py": [("item() == __", "item() == 11")],
}


@pytest.fixture
def desk():
    """The learner's files, unfilled."""
    return Desk()


@pytest.fixture
def full():
    """The learner's files with every blank filled."""
    desk = Desk()
    desk.fill()
    return desk


# -- what goes along -----------------------------------------------------------------------------


def test_every_koan_file_of_the_course_is_its_own_pristine():
    for path in sorted((ROOT / "koans").glob("[0-9]*.py"))[::5]:
        source = read(path)
        assert cut.pristine(Pristine(source).lesson).text == source.text


def test_a_file_stays_byte_for_byte_where_its_lesson_is_as_it_was(full):
    full.change("01_numbers.py", ("    assert t.sum()", "    print(t)  # 메모\n    assert t.sum()"))
    before = dict(full.files)
    said = full.update()
    assert full.new == before
    assert "go along: 6" in said


def test_a_koan_that_moved_is_found_by_its_name(full):
    said = full.update({**ONE, "01_numbers.py": (SUM, PAIR), "03_last.py": (HELPER, INDEX, LAST)})
    assert "assert t[:, 1].tolist() == [2, 4]" in full.new["03_last.py"]
    assert "item() == 11" in full.new["03_last.py"]
    assert "test_an_index" not in full.new["01_numbers.py"]
    assert "item() == 77" in full.new["01_numbers.py"]
    assert "test_an_index: from 01_numbers.py to 03_last.py" in said
    assert "find no place" not in said


def test_a_lesson_with_another_number_and_name_is_found_by_its_koans(full):
    said = full.update(
        {"01_last.py": (LAST, HELPER), "02_doubling.py": (KATA,), "03_all.py": ONE["01_numbers.py"]}
    )
    assert "item() == 11" in full.new["01_last.py"]
    assert full.new["03_all.py"] == full.files["01_numbers.py"].replace("n numbers", "n all")
    assert "01_numbers.py is now 03_all.py" in said
    assert "find no place" not in said


def test_a_koan_stays_in_a_lesson_that_has_one_of_its_name_itself(full):
    full.update({**ONE, "03_last.py": (HELPER, LAST, SUM)})
    assert "item() == __" in full.new["03_last.py"]
    assert "item() == 77" in full.new["01_numbers.py"]


def test_a_koan_with_another_name_and_the_same_words_keeps_its_answer(full):
    said = full.update({**ONE, "01_numbers.py": (SUM.replace("a_sum", "some_sum"), INDEX, PAIR)})
    assert "item() == 77" in full.new["01_numbers.py"]
    assert "test_a_sum: now test_some_sum" in said


def test_a_koan_whose_text_changed_keeps_its_answer_and_is_named(full):
    changed = OTHER_SUM.replace("t.sum().item() ==", "int(t.sum()) ==")
    said = full.update({**ONE, "01_numbers.py": (changed, INDEX, PAIR)})
    assert "t = torch.tensor([1, 2, 5], device=device)" in full.new["01_numbers.py"]
    assert "assert int(t.sum()) == 77" in full.new["01_numbers.py"]
    assert "koans/01_numbers.py:8 test_a_sum: 77" in said.partition("Look at these again")[2]


def test_a_changed_koan_that_nobody_has_filled_is_named_too(desk):
    said = desk.update(NEWER)
    assert "01_numbers.py test_a_sum" in said.partition("have not filled")[2]
    assert "assert t.sum().item() == __\n" in desk.new["01_numbers.py"]


def test_another_layout_is_no_change_that_is_named(full):
    said = full.update({**ONE, "01_numbers.py": (SUM.replace("[1, 2, 4]", "[1,2,4]"), INDEX, PAIR)})
    assert "[1,2,4]" in full.new["01_numbers.py"]
    assert "item() == 77" in full.new["01_numbers.py"]
    assert "Look at these again" not in said


def test_prints_in_a_changed_koan_are_named(full):
    full.change("01_numbers.py", ("    assert t.sum()", "    print(t)\n    assert t.sum()"))
    said = full.update(NEWER)
    assert "print(t)" not in full.new["01_numbers.py"]
    assert "test_a_sum" in said.partition("only the answer goes along")[2].partition("\n\n")[0]


def test_prints_in_the_other_koans_of_a_changed_lesson_go_along(full):
    full.change("01_numbers.py", ("    assert t[", "    print(t)\n    assert t["))
    said = full.update(NEWER)
    assert "    print(t)\n    assert t[:, 1]" in full.new["01_numbers.py"]
    assert "only the answer" not in said


def test_an_answer_that_would_mean_something_else_gets_brackets(desk):
    desk.old["01_numbers.py"] = shipped(
        "01_numbers.py", [SUM.replace("t.sum().item() == __(7)", "bool(__(7))")]
    )
    desk.files["01_numbers.py"] = desk.old["01_numbers.py"].text.replace("(__)", "(t is t or 7)")
    desk.update()
    assert "assert t.sum().item() == (t is t or 7)" in desk.new["01_numbers.py"]


def test_a_wrong_answer_of_two_numbers_stays_the_wrong_answer_that_it_was(desk):
    desk.change("01_numbers.py", ("item() == __", "item() == 7, 8"))
    desk.update(NEWER)
    assert "assert t.sum().item() == 7, 8\n" in desk.new["01_numbers.py"]


def test_blanks_that_changed_places_are_found_by_their_lines(full):
    turned = PAIR.replace("    assert t.ndim == __(2)\n", "") + "    assert t.ndim == __(2)\n"
    said = full.update({**ONE, "01_numbers.py": (SUM, INDEX, turned)})
    assert "assert t.numel() == 66\n    assert t.ndim == 22\n" in full.new["01_numbers.py"]
    assert "find no place" not in said


def test_of_two_blanks_the_one_that_is_left_keeps_its_answer_and_the_other_is_named(full):
    half = PAIR.replace("    assert t.ndim == __(2)\n", "")
    said = full.update({**ONE, "01_numbers.py": (SUM, INDEX, half)})
    assert "assert t.numel() == 66" in full.new["01_numbers.py"]
    assert "test_a_pair: 22 (blanks in the koan: 2 before, 1 now)" in lost(said)


def test_an_answer_that_does_not_fit_leaves_the_blank_fresh_and_is_named(full):
    other = INDEX.replace("t[__[:, 1]].tolist() == [2, 4]", "t.ndim == __(2)")
    said = full.update({**ONE, "01_numbers.py": (SUM, other, PAIR)})
    assert "assert t.ndim == __\n" in full.new["01_numbers.py"]
    assert "test_an_index: :, 1 (it does not fit" in lost(said)


def test_a_removed_koan_is_named_with_its_answer(full):
    said = full.update({**ONE, "01_numbers.py": (SUM, INDEX)})
    assert "test_a_pair: 22 · 66 (it is no longer in the course)" in lost(said)
    assert "01_numbers.py test_a_pair" in said.partition("Koans that are gone")[2]


def test_a_body_goes_below_a_docstring_that_has_changed(full):
    new = KATA.replace("Return twice `x`.", "Return twice `x`, as a new tensor.")
    said = full.update({**ONE, "02_doubling.py": (new,)})
    body = '    """Return twice `x`, as a new tensor."""\n    y = x\n    return y + y\n'
    assert body in full.new["02_doubling.py"]
    assert "double: the body that you wrote" in said.partition("Look at these again")[2]


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("def double(x): return x + x", "    return x + x\n"),
        ('def double(x):\n\t"""Twice."""\n\ty = """a\n  b"""\n\treturn x', "\treturn x\n"),
    ],
    ids=["on one line", "with tabs"],
)
def test_a_body_of_another_layout_goes_along(desk, written, there):
    pristine = 'def double(x):\n    """Return twice `x`."""\n    raise NotImplementedError'
    desk.change("02_doubling.py", (pristine, written))
    desk.update({**ONE, "02_doubling.py": (KATA.replace("twice", "two times"),)})
    assert '"""Return two times `x`."""\n' in desk.new["02_doubling.py"]
    assert there in desk.new["02_doubling.py"]
    compile(desk.new["02_doubling.py"], "it parses", "exec")


def test_a_kata_that_moved_keeps_its_body(full):
    full.update({"01_numbers.py": ONE["01_numbers.py"], "03_last.py": (HELPER, LAST, KATA)})
    assert "    y = x\n    return y + y\n" in full.new["03_last.py"]


OWN = """
import math

PI = math.pi


def mine(x):
    return x


def test_mine():
    assert mine(PI)
"""


def test_own_tests_helpers_and_imports_go_along(desk):
    desk.files["03_last.py"] += OWN
    said = desk.update({"01_numbers.py": (SUM,), "04_late.py": (HELPER, OTHER_LAST)})
    assert "from koans import __, kata\nimport math\n" in desk.new["04_late.py"]
    assert desk.new["04_late.py"].endswith(OWN.partition("math\n")[2].replace("\nPI", "\n\nPI"))
    assert "functions of your own: 2" in said


def test_an_own_test_of_a_lesson_that_is_gone_is_named(desk):
    desk.files["03_last.py"] += OWN
    said = desk.update({"01_numbers.py": (SUM,), "02_doubling.py": (KATA,)})
    assert "koans/03_last.py test_mine: its lesson is no longer in the course" in lost(said)


def test_an_own_function_whose_name_the_new_lesson_takes_is_named(desk):
    desk.files["03_last.py"] += "\n\ndef other(x):\n    return 5\n"
    said = desk.update({**ONE, "03_last.py": (HELPER.replace("helper", "other"), LAST)})
    assert "other: the new lesson has something of that name itself" in lost(said)
    assert "return 5" not in desk.new["03_last.py"]


def test_a_changed_helper_of_the_lesson_is_named(desk):
    desk.change("03_last.py", ("    return x\n", "    return x + 0\n"))
    said = desk.update({**ONE, "03_last.py": (HELPER, OTHER_LAST)})
    assert "helper: the lesson's own, which you have changed" in lost(said)


def test_answers_in_a_koan_file_that_was_renamed_are_found(full):
    full.files["my_numbers.py"] = full.files.pop("01_numbers.py")
    full.update(NEWER)
    assert "item() == 77" in full.new["01_numbers.py"]
    assert "my_numbers.py" not in full.new  # it is left alone


def test_a_koan_file_that_is_missing_comes_back(desk):
    del desk.files["03_last.py"]
    desk.update()
    assert desk.new["03_last.py"] == desk.old["03_last.py"].text


def test_windows_line_ends_stay_in_an_unchanged_lesson_and_are_never_mixed(full):
    full.files = {name: text.replace("\n", "\r\n") for name, text in full.files.items()}
    full.update(NEWER)
    assert full.new["02_doubling.py"] == full.files["02_doubling.py"]
    assert "\r" not in full.new["01_numbers.py"]
    assert "t[:, 1].tolist()" in full.new["01_numbers.py"]


# -- files that are half read --------------------------------------------------------------------


def test_of_a_file_with_a_syntax_error_goes_along_what_can_be_read(full):
    full.change("01_numbers.py", ("t[:, 1]", "t[(:, 1]"))
    said = full.update(NEWER)
    assert "item() == 77" in full.new["01_numbers.py"]
    assert "ndim == 22" in full.new["01_numbers.py"]
    assert "t[__].tolist()" in full.new["01_numbers.py"]
    assert "test_an_index: its lines do not parse" in lost(said)


def test_a_file_with_a_syntax_error_stays_as_it_is_where_its_lesson_does(desk):
    desk.change("01_numbers.py", ("item() == __", "item() == (7"))
    desk.update()
    assert desk.new["01_numbers.py"] == desk.files["01_numbers.py"]


LINE = "    assert t.sum().item() == {}\n"
CONFLICT = "<<<<<<< HEAD\n{}=======\n{}>>>>>>> newer\n"


@pytest.mark.parametrize(
    "between", ["", "||||||| base\n" + LINE.format("__")], ids=["two", "three"]
)
@pytest.mark.parametrize("mine", [0, 1], ids=["above", "below"])
def test_a_merge_conflict_is_decided_for_the_side_with_the_answer(full, mine, between):
    parts = [LINE.format("__")] * 2
    parts[mine] = LINE.format("77")
    conflict = CONFLICT.replace("====", f"{between}====", 1).format(*parts)
    full.change("01_numbers.py", (LINE.format("77"), conflict))
    said = full.update()
    assert LINE.format("77") in full.new["01_numbers.py"]
    assert "<<<<" not in full.new["01_numbers.py"]
    assert "t[:, 1]" in full.new["01_numbers.py"]
    assert "find no place" not in said


def test_of_two_answers_in_a_merge_conflict_the_other_is_named(desk):
    both = CONFLICT.format(LINE.format("5"), LINE.format("6"))
    desk.change("01_numbers.py", (LINE.format("__"), both))
    said = desk.update()
    assert LINE.format("5") in desk.new["01_numbers.py"]
    assert "test_a_sum: 6 (there was another answer in 01_numbers.py" in lost(said)


def test_a_merge_conflict_that_was_half_tidied_loses_only_its_own_koan(full):
    full.change("01_numbers.py", ("    assert t[:", "<<<<<<< HEAD\n    assert t[:"))
    said = full.update(NEWER)
    assert "item() == 77" in full.new["01_numbers.py"]
    assert "numel() == 66" in full.new["01_numbers.py"]
    assert "test_an_index: its lines do not parse" in lost(said)


def test_own_tests_stay_once_where_a_merge_conflict_was(desk):
    desk.change("03_last.py", ("item() == __", "item() == 1"))
    desk.files["03_last.py"] += "\n\n" + CONFLICT.format("def test_mine():\n    assert 1\n", "")
    desk.update()
    assert desk.new["03_last.py"].count("def test_mine") == 1


# -- a folder without git ------------------------------------------------------------------------

TOOLS = {
    "README.md": "one",
    "constraints.txt": "torch==1",
    "koans/__init__.py": '"""Marks."""\n',
    "scripts/tool.py": "one = 1\n",
    "scripts/gone.py": "",
}
NEWER_TOOLS = {
    "README.md": "two",
    "constraints.txt": "torch==2",
    "koans/__init__.py": '"""Marks, better."""\n',
    "scripts/tool.py": "two = 2\n",
    "scripts/sub/come.py": "",
}


def publish(root, lessons, tools):
    """Write a course: answers/, the koans cut from them, tools; of another one nothing stays."""
    for folder in ("answers", "koans", "scripts"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder).mkdir(parents=True)
    for name, functions in lessons.items():
        head = f'"""Lesson {name[3:-3]}."""\n\nimport torch\n\nfrom koans import __, kata\n'
        (root / "answers" / name).write_text(head + "".join(f"\n{f}" for f in functions), "utf-8")
        (root / "koans" / name).write_text(shipped(name, functions).text, "utf-8")
    for name, text in tools.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")


@pytest.fixture
def me(tmp_path):
    """The learner's folder: version one as it comes out of an archive, every blank filled."""
    publish(tmp_path / "me", ONE, TOOLS)
    fill(tmp_path / "me")
    return tmp_path / "me"


def fill(root):
    desk = Desk()
    desk.fill()
    for name, text in desk.files.items():
        (root / "koans" / name).write_text(text, "utf-8")


@pytest.fixture
def new(tmp_path):
    """Version two in a folder of its own."""
    publish(tmp_path / "new", NEWER, NEWER_TOOLS)
    return tmp_path / "new"


@pytest.fixture
def run(me, capsys, monkeypatch):
    """Run update in the learner's folder; gives (exit code, what was said)."""
    monkeypatch.chdir(me)
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # no power fails here, and it is slow

    def call(*arguments):
        code = update.main([*map(str, arguments), "--course", str(me)])
        return code, capsys.readouterr().out

    return call


def text(root, name):
    return (root / "koans" / name).read_text("utf-8")


def kept(root):
    """The folder of the last copy, of which there is one."""
    (folder,) = (root / ".torch-koans/kept").iterdir()
    return folder


def everything(root):
    """Path to bytes of all files but what git and updates keep for themselves."""
    files = (path for path in root.rglob("*") if path.is_file())
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return {
        name: data
        for name, data in found.items()
        if not name.startswith((".git/", ".torch-koans/"))
    }


def test_a_newer_folder_brings_its_tools_and_the_koans_keep_their_answers(run, me, new):
    code, said = run("--from", new, "--yes")
    assert code == 0
    there, newest = everything(me), everything(new)
    koans = {name for name in there if name.startswith("koans/0")}
    assert {n: d for n, d in there.items() if n not in koans} == {
        n: d for n, d in newest.items() if n not in koans
    }
    assert "[1, 2, 5]" in text(me, "01_numbers.py")
    for name, pairs in FILLED.items():
        assert all(filled in text(me, name) for _, filled in pairs)
    assert "constraints.txt names other versions" in said


def test_what_is_replaced_is_kept_out_of_the_sight_of_git(run, me, new):
    before = everything(me)
    run("--from", new, "--yes")
    for name in before:
        copy = kept(me) / (name if name.startswith("koans/") else f"course/{name}")
        same = before[name] == everything(me).get(name) and not name.startswith("koans/")
        assert same or copy.read_bytes() == before[name]
    assert (kept(me) / ".gitignore").read_text() == "*\n"
    assert "test_a_sum" in (kept(me) / "changes.txt").read_text("utf-8")


def test_what_is_not_the_courses_stays(run, me, new):
    (me / "koans/notes.py").write_text("mine = 1\n")
    (me / "thesis.txt").write_text("mine")
    run("--from", new, "--yes")
    assert text(me, "notes.py") == "mine = 1\n"
    assert (me / "thesis.txt").read_text() == "mine"


def test_the_newest_is_said_to_be_the_newest_and_nothing_is_written(run, me, new):
    run("--from", new, "--yes")
    before = everything(me), sorted((me / ".torch-koans").rglob("*"))
    code, said = run("--from", new, "--yes")
    assert code == 0
    assert "there is nothing to do" in said
    assert (everything(me), sorted((me / ".torch-koans").rglob("*"))) == before


def test_check_writes_nothing_and_says_all(run, me, new):
    before = everything(me)
    code, said = run("--from", new, "--check")
    assert code == 1
    assert "koans/01_numbers.py:8 test_a_sum: 77" in said
    assert everything(me) == before
    assert not (me / ".torch-koans").exists()


def test_where_nobody_can_be_asked_nothing_is_done(run, me, new, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    before = everything(me)
    code, said = run("--from", new)
    assert code == 1
    assert said.splitlines()[-1].startswith("Nobody is here to be asked; nothing was changed.")
    assert everything(me) == before


@pytest.mark.parametrize(("answer", "done"), [("y", True), ("", False), ("n", False)])
def test_somebody_who_is_there_is_asked_once(run, me, new, monkeypatch, answer, done):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or answer)
    run("--from", new)
    assert len(asked) == 1
    assert ((me / "README.md").read_text() == "two") is done


def test_a_file_that_was_saved_while_the_question_stood_is_not_overwritten(
    run, me, new, monkeypatch
):
    def save(question):
        (me / "koans/01_numbers.py").write_text("# newest\n")
        return "y"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", save)
    code, said = run("--from", new)
    assert code == 2
    assert "koans/01_numbers.py was saved in the meantime: start again" in said
    assert text(me, "01_numbers.py") == "# newest\n"
    assert (me / "README.md").read_text() == "one"


def test_of_a_folder_in_which_somebody_learns_the_koans_come_without_their_answers(run, me, new):
    (new / "koans/03_last.py").write_text(
        text(new, "03_last.py").replace("item() == __", "item() == 99")
    )
    (new / "koans/99_mine.py").write_text("")
    (me / "koans/03_last.py").unlink()
    run("--from", new, "--yes")
    assert "item() == __" in text(me, "03_last.py")
    assert not (me / "koans/99_mine.py").exists()


def test_what_that_folder_ignores_does_not_come_along(run, me, new):
    (new / ".gitignore").write_text("cache/\n*.log\n")
    for name in ("cache/x", "scripts/a.log", "env/pyvenv.cfg", "env/lib.py", "scripts/b.pyc"):
        (new / name).parent.mkdir(exist_ok=True)
        (new / name).write_text("")
    run("--from", new, "--yes")
    assert {"cache/x", "scripts/a.log", "env/lib.py", "scripts/b.pyc"}.isdisjoint(everything(me))
    assert ".gitignore" in everything(me)


def test_an_archive_unpacks_into_one_more_folder_and_that_is_found(run, me, new, tmp_path):
    (tmp_path / "unpacked").mkdir()
    new.rename(tmp_path / "unpacked/torch-koans-main")
    assert run("--from", tmp_path / "unpacked", "--yes")[0] == 0
    assert (me / "README.md").read_text() == "two"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "there is no such folder."),
        ("file.zip", "unpack it, and name its folder."),
        ("empty", "there is no course in it: no answers/ and no koans/."),
        ("me", "is this course itself: name the folder of the newer one."),
    ],
)
def test_a_folder_that_is_no_course_is_refused_in_a_sentence(run, tmp_path, name, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.zip").touch()
    code, heard = run("--from", tmp_path / name)
    assert code == 2
    assert heard.rstrip().endswith(said)
    assert len(heard.splitlines()) == 1


def test_without_git_the_way_with_a_folder_is_said(run, me):
    code, said = run()
    assert code == 2
    assert "update.py --from DIR" in said
    assert len(said.splitlines()) == 1


def test_a_file_that_is_no_text_is_named_and_kept(run, me, new):
    (me / "koans/03_last.py").write_bytes(b"\xff\xfe mine")
    said = run("--from", new, "--yes")[1]
    assert "koans/03_last.py the whole file:" in lost(said)
    assert (kept(me) / "koans/03_last.py").read_bytes() == b"\xff\xfe mine"
    assert "item() == __" in text(me, "03_last.py")


def test_answers_that_were_changed_here_do_not_stand_in_the_way(run, me, new):
    (me / "answers/01_numbers.py").write_text("def broken(:\n")
    run("--from", new, "--yes")
    assert "item() == 77" in text(me, "01_numbers.py")


# -- what stands in the way ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "spoil", "said"),
    [
        ("koans/01_numbers.py", lambda path: path.chmod(0o444), "it is read-only"),
        ("README.md", lambda path: (path.unlink(), path.mkdir()), "there is a folder of that name"),
        ("scripts/sub", lambda path: path.touch(), "a file stands where its folder belongs"),
        (".torch-koans", lambda path: path.touch(), ".torch-koans/kept: Not a directory"),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_changed(run, me, new, path, spoil, said):
    spoil(me / path)
    before = everything(me)
    code, heard = run("--from", new, "--yes")
    assert code == 2
    assert said in heard.splitlines()[-1]
    assert everything(me) == before


def test_a_full_disk_is_said_in_a_sentence_and_nothing_is_changed(run, me, new, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    before = everything(me)
    code, said = run("--from", new, "--yes")
    assert code == 2
    assert said.splitlines()[-1] == (
        "No space left on device. Mend that and start again; nothing was changed."
    )
    assert everything(me) == before
    assert list((me / ".torch-koans/kept").iterdir()) == []


def test_a_file_that_cannot_be_replaced_stops_the_update_and_the_next_start_goes_on(
    run, me, new, monkeypatch
):
    replace = Path.replace

    def refuse(path, target):
        if target.name == "tool.py":
            raise PermissionError(13, "Permission denied", str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    code, said = run("--from", new, "--yes")
    assert code == 2
    assert said.splitlines()[-1].startswith("scripts/tool.py: Permission denied. Nothing is lost")
    assert run("--check") == (
        1,
        "An update was interrupted; the next start without --check finishes it.\n",
    )
    monkeypatch.setattr(Path, "replace", replace)
    assert run()[0] == 0
    assert (me / "scripts/tool.py").read_text() == "two = 2\n"
    assert "item() == 77" in text(me, "01_numbers.py")


# -- interruptions -------------------------------------------------------------------------------


class Killed(BaseException):
    """As if the process were gone: nothing that it does afterwards has any effect."""


class _Killer:
    """Counts the operations that change a folder, and lets none happen from the n-th on."""

    def __init__(self):
        self.root, self.left = "", -1
        sys.addaudithook(self)  # for good, so it is done once

    def __call__(self, event, arguments):
        if self.left < 0 or event not in _CHANGES:
            return
        if event == "open" and not (arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            return
        where = [str(argument).startswith(self.root) for argument in arguments[:2]]
        if event != "subprocess.Popen" and not any(where):
            return
        if self.left == 0:
            raise Killed
        self.left -= 1

    @contextmanager
    def after(self, operations, root):
        self.root, self.left = str(root), operations
        try:
            yield
        finally:
            self.left = -1


_CHANGES = {
    "open",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "subprocess.Popen",
}


@pytest.fixture(scope="module")
def killer():
    return _Killer()


def interrupted(killer, root, fresh, plan):
    """Kill an update before each of its operations; yields each time, with the folder as left."""
    for operations in range(500):
        shutil.rmtree(root)
        shutil.copytree(fresh, root)
        try:
            with killer.after(operations, root):
                planning.carry_out(plan)
        except Killed:
            yield operations
        else:
            return
    raise AssertionError("the update never came through")


def test_a_kill_before_any_operation_loses_nothing_and_the_next_start_ends_well(
    run, me, new, tmp_path, killer
):
    (me / "koans/notes.py").write_text("mine = 1\n")
    before, fresh = everything(me), tmp_path / "fresh"
    shutil.copytree(me, fresh)
    plan = planning.plan(Course(me), upstream.newer(me, new))
    run("--from", new, "--yes")
    wanted, half_done = everything(me), 0
    for operations in interrupted(killer, me, fresh, plan):
        left = everything(me)
        for name in before.keys() & wanted.keys():  # each file is the old one or the new one
            assert left.get(name) in (before[name], wanted[name]), (operations, name)
        for name in (name for name in before if name.startswith("koans/")):
            copies = [me / name, *(me / ".torch-koans/kept").glob(f"*/{name}")]
            there = [path.read_bytes() for path in copies if path.exists()]
            assert before[name] in there, (operations, name)
        if not installing.is_pending(me):
            assert left in (before, wanted), operations
        half_done += left not in (before, wanted)
        if installing.is_pending(me) or operations % 20 == 0:
            code, said = run("--from", new, "--yes")
            assert code == 0, said
            assert everything(me) == wanted, operations
            assert not installing.is_pending(me)
    assert operations > 50
    assert half_done > 5


def test_what_was_saved_after_an_interruption_is_kept_and_named(run, me, new):
    plan = planning.plan(Course(me), upstream.newer(me, new))
    installing.stage(me, plan.change, "then")
    (me / "koans/01_numbers.py").write_text("# newest\n")
    code, said = run()
    assert code == 0
    assert "koans/01_numbers.py was saved in the meantime: .torch-koans/kept/then/since" in said
    assert (me / ".torch-koans/kept/then/since/koans/01_numbers.py").read_text() == "# newest\n"
    assert "item() == 77" in text(me, "01_numbers.py")


KILL = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import update
left, root = int(sys.argv[2]), sys.argv[3]
def hook(event, arguments):
    global left
    if event in ("os.rename", "os.remove", "os.mkdir") and str(arguments[0]).startswith(root):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
update.main(["--course", root, "--from", sys.argv[4], "--yes"])
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("operations", [5, 25])
def test_a_real_kill_loses_nothing_either(run, me, new, operations):
    arguments = [str(ROOT / "scripts"), str(operations), str(me), str(new)]
    done = subprocess.run([sys.executable, "-c", KILL, *arguments], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    code, said = run("--from", new, "--yes")
    assert code == 0, said
    assert (me / "scripts/tool.py").read_text() == "two = 2\n"
    assert all("item() == " in text(me, name) for name in ("01_numbers.py", "03_last.py"))
    assert "item() == 77" in text(me, "01_numbers.py")


def test_an_interrupted_update_is_finished_although_the_other_tools_are_half_new(toy, tmp_path):
    """The script itself, in a process of its own, with tools that cannot be imported."""
    publish(tmp_path / "new", NEWER, {**TOOLS, "scripts/torchkoans/screen.py": "newest = 1\n"})
    plan = planning.plan(Course(toy.root), upstream.newer(toy.root, tmp_path / "new"))
    installing.stage(toy.root, plan.change, "then")
    (toy.root / "scripts/torchkoans/screen.py").write_text("half new (\n")
    done = subprocess.run(
        [sys.executable, str(toy.root / "scripts/update.py")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("The update that was interrupted is finished.\n")
    assert (toy.root / "scripts/torchkoans/screen.py").read_text() == "newest = 1\n"
    since = toy.root / ".torch-koans/kept/then/since/scripts/torchkoans/screen.py"
    assert since.read_text() == "half new (\n"


# -- a clone -------------------------------------------------------------------------------------


def git(folder, *arguments):
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip()


def commit(folder, words="words"):
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", words)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path, monkeypatch):
    """A repository with version one."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b.invalid")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    publish(tmp_path / "origin", ONE, TOOLS)
    git(tmp_path / "origin", "init", "-q", "-b", "main", "--template=")
    commit(tmp_path / "origin")
    return tmp_path / "origin"


@pytest.fixture
def clone(me, origin):
    """The learner's folder is a clone; every blank is filled, nothing is committed."""
    shutil.rmtree(me)
    git(origin, "clone", "-q", "--template=", ".", str(me))
    fill(me)
    return me


def release(origin, lessons=NEWER, tools=NEWER_TOOLS):
    """Version two is committed; gives its commit."""
    publish(origin, lessons, tools)
    return commit(origin, "two")


FILES = ["koans/01_numbers.py", "koans/02_doubling.py", "koans/03_last.py"]


def test_a_clone_goes_on_to_the_new_commit_and_differs_in_its_answers_alone(run, clone, origin):
    newest = release(origin)
    (clone / "notes.md").write_text("mine")
    assert run("--yes")[0] == 0
    assert git(clone, "rev-parse", "main") == git(clone, "rev-parse", "HEAD") == newest
    assert git(clone, "status", "--porcelain", "-b").splitlines() == [
        "## main...origin/main",
        *(f" M {name}" for name in FILES),
        "?? notes.md",
    ]
    added = [line for line in git(clone, "diff", "-U0").splitlines() if line.startswith("+ ")]
    assert len(added) == 7  # the answers, and the two lines of the body
    assert not (clone / "scripts/gone.py").exists()


def test_a_clone_that_has_the_newest_says_so_and_changes_nothing(run, clone, origin):
    before = everything(clone)
    code, said = run("--yes")
    assert code == 0
    assert said.rstrip().endswith("and you have it.")
    assert everything(clone) == before
    assert not (clone / ".torch-koans").exists()


def test_what_a_learner_committed_stays_in_the_history_and_own_files_in_git(run, clone, origin):
    (clone / "notes.md").write_text("mine")
    mine, newest = commit(clone), release(origin)
    code, said = run("--yes")
    assert code == 0
    assert mine[:7] in said
    assert git(clone, "rev-parse", "main^1", "main^2").split() == [mine, newest]
    assert git(clone, "status", "--porcelain").splitlines() == [f" M {name}" for name in FILES]
    assert git(clone, "diff", "--name-only", newest, "main") == "notes.md"
    assert run("--yes")[1].rstrip().endswith("and you have it.")


def test_a_commit_can_be_made_where_nobody_has_told_git_their_name(run, clone, origin, monkeypatch):
    commit(clone)
    release(origin)
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMM"))]:
        monkeypatch.delenv(name)
    git(clone, "config", "user.useConfigOnly", "true")
    assert run("--yes")[0] == 0
    assert git(clone, "log", "-1", "--format=%an") == "Torch Koans"


def test_a_pull_that_ended_in_a_conflict_is_put_in_order(run, clone, origin):
    commit(clone)
    line = "t.sum().item() ==", "int(t.sum()) =="
    newest = release(origin, {**ONE, "01_numbers.py": (SUM.replace(*line), INDEX, PAIR)})
    git(clone, "fetch", "-q")
    merged = subprocess.run(["git", "-C", str(clone), "merge", "-q", "origin/main"], check=False)
    assert merged.returncode
    assert "<<<<" in text(clone, "01_numbers.py")
    code, said = run("--yes")
    assert code == 0, said[-300:]
    assert "find no place" not in said
    assert "assert int(t.sum()) == 77" in text(clone, "01_numbers.py")
    assert "ndim == 22" in text(clone, "01_numbers.py")
    assert git(clone, "status", "--porcelain").splitlines() == [f" M {name}" for name in FILES]
    assert git(clone, "rev-parse", "main^2") == newest
    assert not (clone / ".git/MERGE_HEAD").exists()


def test_changed_tools_are_named_and_kept_and_own_files_beside_them_stay(run, clone, origin):
    release(origin)
    (clone / "scripts/tool.py").write_text("mine = 1\n")
    (clone / "scripts/own.py").write_text("mine = 2\n")
    (clone / "scripts/sub").mkdir()
    (clone / "scripts/sub/come.py").write_text("mine = 3\n")  # the new course has one as well
    said = run("--yes")[1].partition("You have changed these files of the course")[2]
    assert said.split("\n\n")[0].split()[-2:] == ["scripts/sub/come.py", "scripts/tool.py"]
    assert (clone / "scripts/tool.py").read_text() == "two = 2\n"
    assert (clone / "scripts/own.py").read_text() == "mine = 2\n"
    assert (kept(clone) / "course/scripts/tool.py").read_text() == "mine = 1\n"
    assert (kept(clone) / "course/scripts/sub/come.py").read_text() == "mine = 3\n"


def test_a_commit_made_while_the_question_stood_is_not_passed_over(run, clone, origin, monkeypatch):
    release(origin)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: commit(clone) and "y")
    code, said = run()
    assert code == 2
    assert said.endswith("Something was committed in the meantime: start again.\n")
    assert (clone / "README.md").read_text() == "one"


def test_what_was_only_staged_is_kept(run, clone, origin):
    release(origin)
    (clone / "koans/03_last.py").write_text("# staged\n")
    git(clone, "add", "koans/03_last.py")
    (clone / "koans/03_last.py").write_text("# newer\n")
    run("--yes")
    assert (kept(clone) / "staged/koans/03_last.py").read_text() == "# staged\n"
    assert (kept(clone) / "koans/03_last.py").read_text() == "# newer\n"


def test_another_clone_may_be_named_instead(run, clone, origin):
    newest = release(origin)
    git(clone, "remote", "remove", "origin")
    code, said = run()
    assert code == 2
    assert "git knows no remote" in said
    assert "--from DIR" in said
    assert run("--from", origin, "--yes")[0] == 0
    assert git(clone, "rev-parse", "main") == newest


def test_a_fork_asks_the_remote_that_is_called_upstream(run, clone, origin, tmp_path):
    git(origin, "clone", "-q", "--bare", ".", str(tmp_path / "fork"))
    git(clone, "remote", "rename", "origin", "upstream")
    git(clone, "remote", "add", "origin", str(tmp_path / "fork"))
    release(origin)
    assert run("--yes")[0] == 0
    assert (clone / "README.md").read_text() == "two"


def test_without_common_history_the_files_come_and_head_stays(run, clone, origin):
    release(origin)
    git(origin, "checkout", "-q", "--orphan", "anew")
    commit(origin, "rewritten")
    git(origin, "branch", "-qM", "anew", "main")
    before = git(clone, "rev-parse", "HEAD")
    code, said = run("--yes")
    assert code == 0
    assert "no history in common" in said
    assert git(clone, "rev-parse", "HEAD") == before
    assert (clone / "README.md").read_text() == "two"
    assert "item() == 77" in text(clone, "01_numbers.py")
    assert "there is nothing to do" in run("--yes")[1]


def test_a_rebase_that_is_under_way_comes_first(run, clone, origin):
    release(origin)
    (clone / ".git/rebase-merge").mkdir()
    code, said = run("--yes")
    assert code == 2
    assert "git rebase --abort" in said
    assert (clone / "README.md").read_text() == "one"


def test_a_remote_that_cannot_be_reached_is_said_in_a_sentence(run, clone, origin):
    shutil.rmtree(origin)
    code, said = run("--yes")
    assert code == 2
    assert said.startswith("git fetch refuses: ")
    assert len(said.splitlines()) == 1


def test_somebody_elses_repository_around_the_course_is_left_alone(run, me, new):
    git(me.parent, "init", "-q")
    assert "--from DIR" in run()[1]
    assert run("--from", new, "--yes")[0] == 0
    assert (me / "README.md").read_text() == "two"


def test_a_kill_while_git_goes_on_to_the_new_commit_is_made_good(run, clone, origin, killer):
    newest, head = release(origin), git(clone, "rev-parse", "HEAD")
    plan = planning.plan(Course(clone), upstream.newer(clone, None))
    change = replace(plan.change, head=(head, newest))
    installing.stage(clone, change, "then")
    for commands in (0, 1, 2, 3, 4):
        with pytest.raises(Killed), killer.after(commands, "no folder: git alone"):
            installing.finish(clone)
        assert installing.is_pending(clone)
    assert run()[0] == 0
    assert git(clone, "rev-parse", "main") == newest
    assert git(clone, "status", "--porcelain").splitlines() == [f" M {name}" for name in FILES]

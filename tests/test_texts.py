"""A verdict depends on the koan, on what it names, and on what stands around; on nothing else."""

from pathlib import Path

import pytest

from torchkoans import lesson, texts
from torchkoans.source import Source

LESSON = '''"""A lesson."""

import torch

from koans import __, kata


def helper(x):
    return x


def test_a():
    """It is one."""
    # trap: 2 -> no
    assert helper(1) == __(1)


def test_b():
    """It is two."""
    assert __(2) == 2


@kata
def double(x):
    """Twice x."""
    return x + x


@kata
def triple(x):
    """Thrice x."""
    return double(x) + x


def test_triple():
    """It triples."""
    assert triple(2) == 6
'''
ALL = ["test_a", "test_b", "test_triple"]


@pytest.fixture
def changed(tmp_path):
    """The koans whose text is another one after a replacement in the learner's file."""
    path = tmp_path / "01_lesson.py"
    path.write_text(LESSON, encoding="utf-8")
    one = lesson.load(path)

    def replaced(old, new):
        assert old in LESSON
        before = texts.of_file(one, Source(path, LESSON))
        after = texts.of_file(one, Source(path, LESSON.replace(old, new)))
        return [name for name in before if before[name].hash != after[name].hash]

    replaced.lesson = one
    return replaced


@pytest.mark.parametrize(
    ("old", "new", "koans"),
    [
        ("== __(1)", "== 1", ["test_a"]),
        ('"""It is two."""', '"""It is 2."""', ["test_b"]),
        ("return x\n", "return x * 1\n", ALL),
        ("import torch\n", "import torch as t\n", ALL),
        ("return double(x) + x", "return 3 * x", ["test_triple"]),
        ("return x + x", "return 2 * x", ["test_triple"]),
        ("\n\n\ndef test_b", "\n\n\n\n\n\ndef test_b", []),
        ("\n\n\ndef test_b", "\n# mine\n\ndef test_b", []),
        ("import torch\n", "import torch; x = 1\n", ALL),
        ("\n\n\ndef test_b", "\n\n\ndef test_mine():\n    assert 1\n\n\ndef test_b", []),
        ("\n\n\ndef test_b", "\n\n\ndef test_a():\n    assert 1\n\n\ndef test_b", ["test_a"]),
        ("\n\n\ndef test_b", "\n\n\nx = 1\n\n\ndef test_b", ALL),
        ("\n\n\ndef test_b", "\n\n\nclass Mine:\n    pass\n\n\ndef test_b", ALL),
        ("def test_b():", "def test_b(:", ALL),
    ],
)
def test_a_change_is_one_to_those_that_depend_on_it(changed, old, new, koans):
    assert changed(old, new) == koans


def test_a_kata_that_is_used_by_what_stands_around_belongs_to_all(tmp_path):
    path = tmp_path / "01_lesson.py"
    path.write_text(LESSON.replace("    return x\n", "    return double(x)\n", 1), "utf-8")
    one = lesson.load(path)
    other = one.source.text.replace("return x + x", "return 2 * x")
    before, after = texts.of_file(one, one.source), texts.of_file(one, Source(path, other))
    assert [name for name in before if before[name] != after[name]] == ALL


def test_another_trap_is_another_text(changed, tmp_path):
    path = tmp_path / "02_lesson.py"
    path.write_text(LESSON.replace("trap: 2 -> no", "trap: 3 -> no"), encoding="utf-8")
    learner = Source(Path("koans/01_lesson.py"), LESSON)
    one, other = (texts.of_file(each, learner) for each in (changed.lesson, lesson.load(path)))
    assert [name for name in ALL if one[name] != other[name]] == ["test_a"]


def test_a_text_knows_the_line_of_its_def(changed):
    found = texts.of_file(changed.lesson, changed.lesson.source)
    lines = [LESSON.splitlines()[found[name].line - 1] for name in ALL]
    assert lines == ["def test_a():", "def test_b():", "def test_triple():"]


def test_a_koan_that_is_gone_has_a_text_and_no_line(changed):
    learner = Source(Path("koans/01_lesson.py"), LESSON.replace("def test_b", "def test_mine"))
    assert texts.of_file(changed.lesson, learner)["test_b"].line == 0


def test_every_change_of_a_file_that_does_not_parse_is_one_to_all(changed):
    broken = LESSON.replace("def test_b():", "def test_b(:")
    first = texts.of_file(changed.lesson, Source(Path("a.py"), broken))
    second = texts.of_file(changed.lesson, Source(Path("a.py"), f"{broken}# more\n"))
    assert all(first[name] != second[name] for name in ALL)

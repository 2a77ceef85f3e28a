"""The picture of the walk: it is what the walk shows today, and needs nothing from elsewhere."""

import io
import re
import xml.etree.ElementTree as ElementTree

import picture
import pytest
from rich.console import Console

from torchkoans import portrait
from torchkoans.course import ROOT
from torchkoans.screen import Screen

FILE = ROOT / "docs" / "walk.svg"
SVG = "{http://www.w3.org/2000/svg}"
FRAME = "\x1b[1;31mwrong\x1b[0m \x1b[2mon cpu\x1b[0m\n\n┌───┐\n│ 7 │  a < b & c\n└───┘"


def text_of(svg):
    """The lines of a picture, each letter where it stands; empty lines are left out."""
    lines = {}
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        y, column = float(text.get("y")), round(float(text.get("x", 0)) / (20 * portrait.WIDE))
        line = lines.setdefault(y, "").ljust(column)
        lines[y] = line + text.text.replace("\xa0", " ")
    return [lines[y].rstrip() for y in sorted(lines)]


def said_by(file, drawn, check):
    out = io.StringIO()
    code = picture.settle(file, drawn, check, Screen(Console(file=out, width=200)))
    return code, out.getvalue()


def test_the_picture_in_docs_is_what_the_walk_shows(capsys):
    code, said = picture.main(["--check"]), capsys.readouterr().out
    if "there is none" in said:
        pytest.skip(said)
    assert code == 0, said


def test_a_frame_is_drawn_letter_by_letter():
    shown = text_of(portrait.drawn(FRAME))
    assert shown[0] == "$ python3 scripts/walk.py"
    assert shown[1:] == ["wrong on cpu", "┌───┐", "│ 7 │  a < b & c", "└───┘"]


def test_a_frame_is_drawn_the_same_each_time_and_everywhere(monkeypatch):
    once = portrait.drawn(FRAME)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "dumb")
    assert portrait.drawn(FRAME) == once
    assert "font-weight: bold" in once


def test_the_picture_asks_nothing_of_the_net_and_names_fonts_that_are_there():
    svg = FILE.read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in svg
    assert "monospace" in svg


def test_the_picture_shows_a_trap_and_a_memory():
    shown = text_of(FILE.read_text(encoding="utf-8"))
    assert "wrong on cpu, simgpu" in shown
    assert any(line.startswith("┌──") for line in shown)
    assert any("storage" in line and "bytes" in line for line in shown)
    assert max(map(len, shown)) <= portrait.COLUMNS


def test_a_check_names_the_command_and_writes_nothing(tmp_path):
    file = tmp_path / "walk.svg"
    file.write_text("old")
    code, said = said_by(file, "new", check=True)
    assert code == 1
    assert "the walk looks different now: python" in said
    assert "scripts/picture.py" in said
    assert file.read_text() == "old"


def test_a_picture_is_written_once_and_then_is_as_it_should_be(tmp_path):
    file = tmp_path / "docs" / "walk.svg"
    assert said_by(file, "new", check=False)[0] == 0
    assert file.read_text() == "new"
    code, said = said_by(file, "new", check=True)
    assert (code, "is as the walk looks" in said) == (0, True)


def test_a_picture_without_the_simulated_device_is_refused(toy, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(portrait, "LESSON", "01")
    monkeypatch.setattr(portrait, "played", lambda *_: "wrong on cpu")
    assert picture.main(["--course", str(toy.root)]) == 2
    assert "the picture shows simgpu" in capsys.readouterr().out
    assert not (toy.root / "docs").exists()

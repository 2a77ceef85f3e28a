"""Two pairs in two clones and a facilitator's server, from the start to the retrospective."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from test_walk import Tty, needs_pty

from torchkoans.course import Course
from torchkoans.dojo import log
from torchkoans.dojo.session import Session

falcon = pytest.importorskip("falcon", reason="the board takes the optional set `dojo`")
pytestmark = [needs_pty, pytest.mark.skipif(not shutil.which("git"), reason="git is not here")]

WRONG, RIGHT = "t.sum().item() == 124", "t.sum().item() == 7"
SUM = "koans/01_numbers.py::test_a_sum_is_a_tensor"
PATIENCE = 60


def verb(course, *arguments, **options):
    command = [sys.executable, str(course.root / "scripts" / "dojo.py"), *arguments]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True, **options)


def said(course, *arguments):
    done = verb(course, *arguments, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Board:
    """The facilitator's server, in a process of its own."""

    def __init__(self, course):
        self.course, self.process = course, None
        self.start("0")

    def start(self, port):
        command = ["scripts/dojo.py", "board", "--serve", "--port", port]
        self.process = subprocess.Popen(
            [sys.executable, "-u", *command],
            cwd=self.course.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        heard = ""
        while not (found := re.search(r"join (http://\S+:(\d+)) (\S+)", heard)):
            line = self.process.stdout.readline()
            assert line, f"the board has ended: {heard}"
            heard += line
        self.where, self.port, self.code = found.groups()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def data(self):
        asked = urllib.request.Request(
            f"{self.where}/data", headers={"Authorization": f"Bearer {self.code}"}
        )
        with contextlib.closing(urllib.request.urlopen(asked, timeout=10)) as answer:
            return json.load(answer)

    def until(self, is_so):
        """Look at the data until something is so."""
        end = time.monotonic() + PATIENCE
        while not is_so(data := self.data()):
            assert time.monotonic() < end, json.dumps(data)
            time.sleep(0.1)
        return data


@pytest.fixture
def clones(toy, tmp_path):
    """Two clones with a history of their own, and git knows who is who."""
    other = tmp_path / "other"
    shutil.copytree(toy.root, other)
    for root in (toy.root, other):
        for command in (
            ["init", "-q", "-b", "mine"],
            ["config", "user.name", "Ana Lee"],
            ["config", "user.email", "ana@example.org"],
            ["add", "."],
            ["commit", "-q", "-m", "as cloned"],
        ):
            subprocess.run(["git", *command], cwd=root, check=True)
        for nick in ("ana", "bo", "cy", "di"):
            for key, value in (("name", nick.title()), ("email", f"{nick}@example.org")):
                subprocess.run(["git", "config", f"dojo.{nick}.{key}", value], cwd=root, check=True)
    return toy, Course(other)


def git(course, *arguments):
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def save(course, old, new):
    path = course.koans / "01_numbers.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_two_pairs_from_the_start_to_the_retrospective(clones, tmp_path):
    one, two = clones
    board = Board(one)
    ttys = []
    try:
        for course in clones:
            assert f"Joined {board.where}" in said(course, "join", board.where, board.code)
        ttys.append(Tty(one, "dojo", "start", "ana", "bo", "--commit"))
        ttys.append(Tty(two, "dojo", "start", "cy", "di", "--switch", "pingpong"))
        ana, cy = ttys
        ana.until("ana drives · bo navigates(.|\n)*q quit")
        cy.until("cy drives · di navigates(.|\n)*q quit")
        board.until(lambda data: len(data["pairs"]) == 2)

        for course, tty in zip(clones, ttys, strict=True):  # both make the same mistake
            save(course, "t.sum().item() == __", WRONG)
            tty.until("digits are not put")
        board.until(lambda data: all("x" in pair["lights"] for pair in data["pairs"]))

        board.kill()  # in the midst of it, and both go on
        save(two, WRONG, RIGHT)
        cy.until("passed(.|\n)*di drives now")  # a green hands over
        save(one, WRONG, RIGHT)
        ana.until("a sum folds all numbers")
        assert "bo drives now" in said(one, "next")  # from another terminal
        ana.until("bo drives · ana navigates")
        os.kill(cy.process.pid, signal.SIGKILL)  # and one of them loses the terminal
        cy.process.wait()

        board.start(board.port)
        again = Tty(two, "dojo")
        ttys.append(again)
        again.until("di drives · cy navigates(.|\n)*q quit")
        data = board.until(lambda data: all("g" in pair["lights"] for pair in data["pairs"]))
        assert [pair["number"] for pair in data["pairs"]] == [1, 2]
        assert {name for pair in data["pairs"] for name in pair["people"]} == {
            "ana", "bo", "cy", "di",
        }  # fmt: skip

        for tty in (ana, again):
            tty.type("q")
            tty.end()
            assert tty.is_restored()
        assert "The session of ana and bo is over." in said(one, "done", "--squash")
        assert "is over" in said(two, "done")
        board.until(lambda data: {pair["state"] for pair in data["pairs"]} == {"over"})
        written = said(one, "retro", "--out", str(tmp_path / "retro"))
    finally:
        for tty in ttys:
            tty.close()
        board.kill()

    page = next((tmp_path / "retro").glob("*.html")).read_text("utf-8")
    notes = next((tmp_path / "retro").glob("*.md")).read_text("utf-8")
    assert ".html" in written
    for text in (page, notes):
        assert "the digits are not put side by side" in text
        assert "ana" in text
        assert "di" in text

    branch = git(one, "branch", "--list", "dojo/*", "--format=%(refname:short)")
    assert "Co-authored-by: Bo <bo@example.org>" in git(one, "log", "-1", "--format=%B", branch)
    assert RIGHT in git(one, "show", f"{branch}:koans/01_numbers.py")
    assert git(one, "branch", "--show-current") == "mine"
    assert git(one, "log", "--format=%s", "mine") == "as cloned"
    (path,) = log.logs(two.root)
    ended = Session().take_all(log.read(path))
    assert ended.is_over
    assert [ended.turns, ended.light(SUM)] == [1, "green"]

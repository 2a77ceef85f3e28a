"""scripts/dojo.py: what each command says and does, without a terminal."""

import io
import queue
import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone

import dojo as verb
import pytest
from rich.console import Console
from test_dojo import ID, INDEX, SUM
from test_door import FakeTerminal
from test_walking import FakeEngine

from torchkoans.course import ROOT, Course
from torchkoans.dojo import address, elsewhere, events, log, people, recent, room, seat, sitting
from torchkoans.dojo.events import Event
from torchkoans.dojo.log import Log
from torchkoans.dojo.session import Session
from torchkoans.dojo.store import Store
from torchkoans.screen import Screen
from torchkoans.source import command


@pytest.fixture
def toy(lean):
    return lean


@pytest.fixture
def clone(toy, monkeypatch, tmp_path):
    """The toy course in a git repository; of the machine's own settings git knows nothing."""
    if not shutil.which("git"):
        pytest.skip("git is not here")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for line in (
        "init -q -b mine",
        "config user.name Ana",
        "config user.email ana@example.org",
        "add .",
        "commit -q -m cloned",
    ):
        git(toy, *line.split())
    return toy


def git(course, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=course.root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def run(toy, capsys):
    """Run a command; returns its exit code and what it said."""

    def run_it(*arguments):
        code = verb.main(["--course", str(toy.root), *arguments])
        return code, capsys.readouterr().out

    return run_it


@pytest.fixture
def stays(monkeypatch):
    """Nobody walks: what would be walked with is noted."""
    stayed = []

    def stay(root, one, terminal, quiet=False):
        stayed.append((Session().take_all(log.read(one.path)), quiet))
        return 0

    monkeypatch.setattr(sitting, "stay", stay)
    return stayed


def going_on(course, people_=("ana", "bo"), **values):
    return log.begin(course.root, ID, list(people_), **{"switch": "time", **values})


def folded(course):
    return Session().take_all(log.read(log.logs(course.root)[-1]))


# -- start -----------------------------------------------------------------------------------------


def test_a_session_begins_with_five_minutes_a_turn_and_a_break_after_fifty(run, stays):
    assert run("start", "ana", "bo") == (0, "")
    ((state, quiet),) = stays
    assert (state.people, str(state.switch)) == (["ana", "bo"], "time")
    assert (state.every, state.break_after, state.commits, quiet) == (300.0, 3000.0, False, False)


def test_what_is_wished_for_is_in_the_log(run, stays):
    wishes = ["--switch", "koans:3", "--every", "2.5", "--break", "0", "--quiet"]
    assert run("start", "ana", "bo", "cy", *wishes)[0] == 0
    ((state, quiet),) = stays
    assert (str(state.switch), state.every, state.break_after, quiet) == (
        "koans:3",
        150,
        None,
        True,
    )


def test_where_greens_decide_no_time_is_set_unless_it_is_asked_for(run, stays):
    run("start", "ana", "bo", "--switch", "pingpong")
    assert stays[0][0].every is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ana"], "It takes two at the least"),
        (["ana", "Ana"], "there twice"),
        (["ana", "<b>"], "a nickname is made of letters"),
        (["ana", "bo", "--switch", "tennis"], "'tennis': it is time, pingpong, or koans:N"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_2(run, stays, arguments, said):
    code, out = run("start", *arguments)
    assert code == 2
    assert said in out
    assert len(out.strip().splitlines()) <= 2  # folded at most
    assert not stays


def test_a_turn_of_no_length_is_refused_by_the_parser(run, capsys):
    for words in (["start", "ana", "bo", "--every", "soon"], ["board", "--every", "0"]):
        with pytest.raises(SystemExit):
            run(*words)
    said = capsys.readouterr().err
    assert "soon is no number of minutes" in said
    assert "a round takes some time" in said


def test_a_second_session_in_one_clone_is_refused_with_the_reason(run, stays, toy):
    run("start", "ana", "bo")
    code, out = run("start", "cy", "di")
    said = " ".join(out.split())
    assert code == 2
    assert "ana and bo have a session in this clone already" in said
    assert f"{command('dojo')} picks it up, {command('dojo', 'done')} ends it." in said
    assert len(log.logs(toy.root)) == 1


def test_a_session_that_is_open_elsewhere_is_not_opened_here(run, toy):
    going_on(toy)
    with seat.alone(toy.root):
        code, out = run()
    assert code == 2
    assert "open in another terminal" in " ".join(out.split())


def test_dojo_alone_picks_the_session_up(run, stays, toy):
    going_on(toy).add("drive", 9.0, people=["bo", "ana"], why="asked")
    assert run()[0] == 0
    ((state, _),) = stays
    assert (state.driver, state.t) == ("bo", 9.0)


def test_where_none_is_going_on_that_is_said_with_what_begins_one(run):
    for words in ([], ["next"], ["done"]):
        code, out = run(*words)
        assert code == 2
        assert command("dojo", "start", "NICK", "NICK") in " ".join(out.split())


def test_a_folder_that_cannot_be_written_is_one_sentence(run, toy, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(log, "begin", refuse)
    code, out = run("start", "ana", "bo")
    assert code == 2
    assert "cannot be written: Permission denied." in " ".join(out.split())


# -- next and done ---------------------------------------------------------------------------------


def test_next_hands_over_in_the_log(run, toy):
    going_on(toy)
    assert run("next") == (0, "bo drives now.\n")
    assert folded(toy).people == ["bo", "ana"]


def test_next_after_a_pause_goes_on(run, toy):
    going_on(toy).add("pause", 1.0)
    run("next")
    assert (folded(toy).driver, folded(toy).is_paused) == ("bo", False)


def test_who_came_while_names_were_asked_for_is_not_lost(run, toy, monkeypatch):
    one = going_on(toy)

    def committed(*_):
        one.add("came", 2.0, who="cy")
        return "Committed."

    monkeypatch.setattr(elsewhere.Elsewhere, "committed", committed)
    assert run("next", "--commit") == (0, "bo drives now. Committed.\n")
    assert folded(toy).people == ["bo", "cy", "ana"]


@pytest.mark.parametrize("words", [["next"], ["done"], ["done", "--drop"]])
def test_what_a_full_disk_refuses_has_not_happened(run, clone, edit, monkeypatch, words):
    known(clone, "ana", "bo")
    going_on(clone)
    edit("01", "item() == __", "item() == 7")
    run("next", "--commit")
    branches = git(clone, "branch", "--list", "dojo/*")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Log, "_write", refuse)
    code, out = run(*words)
    assert code == 2
    assert "cannot be written: No space left on device." in " ".join(out.split())
    assert branches == git(clone, "branch", "--list", "dojo/*") != ""
    assert not folded(clone).is_over


def test_who_is_alone_has_nobody_to_hand_over_to(run, toy):
    going_on(toy).add("away", 1.0, who="bo")
    code, out = run("next")
    assert (code, "ana is alone" in out) == (2, True)


def known(course, *nicknames):
    for nick in nicknames:
        people.remember(course.root, nick, nick.title(), f"{nick}@example.org")


def test_next_with_commit_commits_koans_and_nothing_else(run, clone, edit):
    known(clone, "ana", "bo")
    one = going_on(clone)
    one.add("light", 3.0, koan=SUM, light="green")
    edit("01", "item() == __", "item() == 7")
    (clone.root / "mine.txt").write_text("mine", "utf-8")
    before = git(clone, "status", "--porcelain"), git(clone, "rev-parse", "HEAD")
    code, out = run("next", "--commit")
    assert code == 0
    assert "bo drives now. Committed to dojo/" in out
    branch = git(clone, "branch", "--list", "dojo/*", "--format=%(refname:short)")
    message = git(clone, "log", "-1", "--format=%B", branch)
    assert message.startswith("ana drove, bo navigated: 1 koan turned green")
    assert "- A sum is a tensor" in message
    assert "Co-authored-by: Bo <bo@example.org>" in message
    changed = git(clone, "diff", "--name-only", "mine", branch).split()
    assert changed == ["koans/01_numbers.py"]
    assert (git(clone, "status", "--porcelain"), git(clone, "rev-parse", "HEAD")) == before
    assert "Nothing new to commit." in run("next", "--commit")[1]


def test_names_are_asked_for_once(run, clone, monkeypatch, edit):
    answers = iter(["", "Bo <Lind>", "Bo Lind", "no address", "bo@example.org"])
    asked = []
    monkeypatch.setattr(Screen, "is_answered", True)
    monkeypatch.setattr(Screen, "asked", lambda _, said: asked.append(said) or next(answers))
    going_on(clone)
    edit("01", "item() == __", "item() == 7")
    code, out = run("next", "--commit")
    assert code == 0
    assert "Committed" in out
    assert len(asked) == 5  # what was no name, or no address, was asked for again by itself
    assert asked[0] == "The name of ana, for commits (Enter: Ana <ana@example.org>): "
    assert people.known(clone.root, ["bo"])["bo"].identity == ("Bo Lind", "bo@example.org")
    assert people.unknown(clone.root, ["ana", "bo"]) == []
    run("next", "--commit")
    assert len(asked) == 5


def test_where_nobody_can_be_asked_a_nickname_is_a_name_and_is_not_remembered(run, clone, edit):
    going_on(clone)
    edit("01", "item() == __", "item() == 7")
    assert "Committed" in run("next", "--commit")[1]
    branch = git(clone, "branch", "--list", "dojo/*", "--format=%(refname:short)")
    assert "Co-authored-by: bo <bo@" in git(clone, "log", "-1", "--format=%B", branch)
    assert people.unknown(clone.root, ["ana", "bo"]) == ["ana", "bo"]


@pytest.mark.parametrize(
    ("way", "said"), [("--squash", "is one commit now"), ("--keep", "stays"), ("--drop", "is gone")]
)
def test_done_does_with_the_branch_as_it_is_told(run, clone, edit, way, said):
    known(clone, "ana", "bo")
    going_on(clone, commit=True)
    edit("01", "item() == __", "item() == 8")
    run("next")
    edit("01", "item() == 8", "item() == 7")
    head, text = git(clone, "rev-parse", "HEAD"), (clone.koans / "01_numbers.py").read_text("utf-8")
    code, out = run("done", way)
    assert code == 0
    assert said in " ".join(out.split())
    assert "The session of ana and bo is over." in out
    assert folded(clone).is_over
    assert git(clone, "rev-parse", "HEAD") == head
    assert (clone.koans / "01_numbers.py").read_text("utf-8") == text
    branches = git(clone, "branch", "--list", "dojo/*", "--format=%(refname:short)").split()
    counts = [int(git(clone, "rev-list", "--count", f"mine..{name}")) for name in branches]
    assert counts == {"--squash": [1], "--keep": [2], "--drop": []}[way]


def test_done_asks_what_is_to_become_of_the_branch(run, clone, edit, monkeypatch):
    known(clone, "ana", "bo")
    going_on(clone)
    edit("01", "item() == __", "item() == 7")
    run("next", "--commit")
    edit("01", "item() == 7", "item() == 8")
    answers = iter(["x", "ls -la", "d"])
    monkeypatch.setattr(Screen, "asked", lambda *_: next(answers))
    code, out = run("done")
    assert code == 0
    assert "A drop would lose what the branch has and koans/ has not, in:" in out
    assert "koans/01_numbers.py" in out
    assert "git branch dojo/" in " ".join(out.split())  # how to have it back


def test_where_nobody_answers_the_branch_stays(run, clone, edit):
    known(clone, "ana", "bo")
    going_on(clone, commit=True)
    edit("01", "item() == __", "item() == 7")
    code, out = run("done")
    assert code == 0
    assert "stays as it is" in out


def test_the_branch_can_be_merged_as_it_is_said(run, clone, edit):
    """While koans/ holds the same, uncommitted, and something else besides."""
    known(clone, "ana", "bo")
    going_on(clone, commit=True)
    edit("01", "item() == __", "item() == 7")
    _, out = run("done")
    edit("01", "t[__]", "t[:, 1]")
    (line,) = [line for line in out.splitlines() if "git stash push koans" in line]
    subprocess.run(line.partition("branch: ")[2], shell=True, cwd=clone.root, check=True)
    assert "item() == 7" in git(clone, "show", "mine:koans/01_numbers.py")
    assert "t[:, 1]" in (clone.koans / "01_numbers.py").read_text("utf-8")
    assert git(clone, "stash", "list") == ""


@pytest.mark.parametrize("way", ["--drop", "--keep"])
def test_what_is_not_pushed_is_said(run, clone, edit, way):
    known(clone, "ana", "bo")
    going_on(clone)
    if way == "--drop":
        edit("01", "item() == __", "item() == 7")
        run("next", "--commit")
    code, out = run("done", way, "--push")
    assert code == 0
    assert "Nothing was pushed: " in out


def test_a_push_goes_only_where_it_is_told_to(run, clone, edit, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "there")], check=True)
    git(clone, "remote", "add", "there", str(tmp_path / "there"))
    known(clone, "ana", "bo")
    going_on(clone, commit=True)
    edit("01", "item() == __", "item() == 7")
    run("next")
    assert git(clone, "ls-remote", "there") == ""
    code, out = run("done", "--keep", "--push", "there")
    assert code == 0
    assert "is at there now." in out
    assert "refs/heads/dojo/" in git(clone, "ls-remote", "there")


def test_a_push_that_fails_leaves_the_session_going_on(run, clone, edit):
    known(clone, "ana", "bo")
    going_on(clone, commit=True)
    edit("01", "item() == __", "item() == 7")
    code, out = run("done", "--keep", "--push", "nowhere")
    assert code == 2
    assert "git knows no remote that is called nowhere" in " ".join(out.split())
    assert not folded(clone).is_over


def test_a_session_without_git_can_be_done(run, toy):
    going_on(toy, commit=True)
    code, out = run("done")
    assert code == 0
    assert "no clone" in out or "git" in out
    assert folded(toy).is_over


# -- rooms and pages -------------------------------------------------------------------------------


def test_a_folder_is_joined_told_and_left(run, toy, tmp_path):
    going_on(toy)
    room = tmp_path / "room"
    room.mkdir()
    code, out = run("join", str(room))
    assert code == 0
    assert "All that the log of this session has is told." in " ".join(out.split())
    run("next")
    run("done")
    (copy,) = room.glob("*.jsonl")
    assert copy.read_bytes() == log.logs(toy.root)[0].read_bytes()
    assert Session().take_all(log.read(copy)).is_over
    assert "Left" in run("leave")[1]
    assert run("leave")[1] == "This clone was joined to no room.\n"


@pytest.mark.parametrize(
    ("typed", "code", "found"),
    [
        ("http://127.0.0.1:8765", "k7m4q", ("http://127.0.0.1:8765", "k7m4q")),
        ("http://127.0.0.1:8765/?code=k7m4q", None, ("http://127.0.0.1:8765", "k7m4q")),
        ("127.0.0.1:8765", "k7m4q", ("http://127.0.0.1:8765", "k7m4q")),
        ("laptop.local:8765", "k7m4q", ("http://laptop.local:8765", "k7m4q")),
    ],
)
def test_an_address_may_be_pasted_as_it_was_seen(typed, code, found):
    made = address.of(typed, code)
    assert (made.where, made.code) == found


@pytest.mark.parametrize("where", ["nowhere/at/all", "ftp://x", "http://a:b@localhost:1"])
def test_what_is_no_room_is_one_sentence(run, where):
    code, out = run("join", where, "code")
    assert code == 2
    assert out.strip().endswith((".", "/dojo.py join http://HOST:PORT CODE", "CODE"))
    assert len(out.strip().split(". ")) <= 2


def test_the_page_is_written_and_written_again_only_where_something_is_new(run, toy, tmp_path):
    pytest.importorskip("matplotlib")
    one = going_on(toy)
    one.add("here", 1.0, koan=SUM)
    trap = toy.lessons[0].koans[0].blanks[0].traps[0]
    told = events.digest(trap.sentence)
    one.add("light", 60.0, koan=SUM, light="wrong", trap=told)
    one.add("light", 90.0, koan=SUM, light="green")
    assert run("retro", "--out", str(tmp_path / "retro"))[0] == 0
    assert sorted(path.suffix for path in (tmp_path / "retro").iterdir()) == [".html", ".md"]
    assert trap.sentence in next((tmp_path / "retro").glob("*.md")).read_text("utf-8")
    again = run("retro", "--out", str(tmp_path / "retro"))[1]
    assert again.count("it is there already, unchanged") == 2
    assert len(list((tmp_path / "retro").iterdir())) == 2


def test_where_nothing_was_held_there_is_nothing_to_look_back_at(run):
    code, out = run("retro")
    assert code == 2
    assert "No session was held here" in out


def test_a_look_back_is_at_the_last_day_and_says_what_it_leaves_out(run, toy, monkeypatch):
    pytest.importorskip("matplotlib")
    today = datetime.now(timezone.utc)
    for session, people_, ago in (("a" * 32, ["old", "er"], 2), (ID, ["ana", "bo"], 0)):
        at = (today - timedelta(days=ago)).isoformat(timespec="seconds")
        monkeypatch.setattr(log, "now", lambda at=at: at)
        log.begin(toy.root, session, people_, switch="time").add("end", 1.0)
    code, out = run("retro", "--out", str(toy.root / "retro"))
    assert code == 0
    assert "Left out: 1 of earlier days; --all has them, too." in " ".join(out.split())
    assert "older" not in next((toy.root / "retro").glob("*.md")).read_text("utf-8")
    assert "Left out" not in run("retro", "--all")[1]


def test_a_clock_that_is_wrong_hides_nobody():
    """A time to come says nothing, and no other computer's clock is asked at all."""
    begun = {
        "old": "2026-11-20T18:00:00+00:00",
        "one": "2026-11-28T18:00:00+00:00",
        "two": "2026-11-28T19:30:00+00:00",
        "odd": "no time",
        "future": "2028-11-28T19:30:00+00:00",
    }
    now = datetime(2026, 11, 28, 21, tzinfo=timezone.utc)
    assert recent.earlier(begun, now) == {"old"}
    assert recent.earlier({}, now) == set()


def test_what_a_board_was_told_counts_by_the_boards_clock(toy, monkeypatch):
    """Two pairs of one evening, one of them with a clock that is two years behind."""
    path = toy.root / room.DATABASE
    path.parent.mkdir(parents=True)
    kept = Store(path)
    for session, at in (("a" * 32, "2024-11-28T18:00:00+00:00"), (ID, "2026-11-28T18:00:00+00:00")):
        values = {"session": session, "people": ["x", "y"], "switch": "time"}
        kept.add(session, 0, [Event(0, 0.0, at, "start", values)])
    kept.close()
    logs, left_out = recent.known(toy.root)
    assert set(logs) == {"a" * 32, ID}
    assert left_out == set()


def test_a_board_that_cannot_listen_says_why(run):
    pytest.importorskip("falcon")
    code, out = run("board", "--port", "70000")
    assert code == 2
    assert "70000 is no port" in out


def test_a_sentence_is_that_of_the_koan():
    assert sitting.sentence(INDEX) == "An index may be the blank"


def test_the_log_is_not_written_by_looking_at_it(toy):
    one = going_on(toy)
    before = one.path.read_bytes()
    Log(one.path).new()
    log.unfinished(toy.root)
    assert one.path.read_bytes() == before
    assert Course(toy.root).lessons


# -- what stands behind the door -------------------------------------------------------------------


class Terminal(FakeTerminal):
    def __init__(self):
        super().__init__()
        self.rung = 0

    def ring(self):
        self.rung += 1


@pytest.fixture
def behind(toy):
    """The door of a session as it is made for a person."""

    def made(quiet=False, **values):
        terminal = Terminal()
        one = going_on(toy, **values)
        screen = Screen(Console(file=io.StringIO(), width=80))
        door = sitting._door(toy.root, one, quiet, FakeEngine(), screen, terminal, queue.Queue())
        return door, terminal

    return made


@pytest.mark.parametrize(("quiet", "rung"), [(False, 1), (True, 0)])
def test_the_bell_is_the_terminals_unless_it_is_to_be_quiet(behind, quiet, rung):
    door, terminal = behind(quiet)
    door.seat._ring()
    assert terminal.rung == rung


def test_the_time_wakes_the_door(behind):
    door, _ = behind()
    door.seat.beat()
    assert door.events.get_nowait() == ("tick", None)


def test_the_key_commits_and_somebody_new_is_asked_for_their_name(behind, clone, edit, monkeypatch):
    known(clone, "ana", "bo")
    answers = iter(["cy", "Cy Young", "cy@example.org"])
    monkeypatch.setattr(Screen, "is_answered", True)
    monkeypatch.setattr(Screen, "asked", lambda *_: next(answers))
    door, terminal = behind(commit=True)
    door.arrive()
    door.press("a")
    assert people.known(clone.root, ["cy"])["cy"].name == "Cy Young"
    edit("01", "item() == __", "item() == 7")
    door.press("d")
    assert any(text.startswith("Committed to dojo/") for text, _ in door.notes)
    door.draw()
    assert "Committed to dojo/" in terminal.frames[-1]


def test_where_nothing_was_asked_for_nothing_is_committed(behind, clone, edit):
    door, _ = behind()
    door.arrive()
    edit("01", "item() == __", "item() == 7")
    door.press("d")
    assert git(clone, "branch", "--list", "dojo/*") == ""


def test_a_commit_that_cannot_be_is_said_and_the_keyboard_changes_hands(behind, toy):
    door, _ = behind(commit=True)
    door.arrive()
    door.press("d")
    assert any(text.startswith("Not committed: ") for text, _ in door.notes)
    assert folded(toy).driver == "bo"


def test_the_room_is_told_beside_the_keys(behind):
    door, _ = behind()
    door.courier.state = "room: 3 to tell"
    assert "room: 3 to tell" in door.above()[1].plain


def test_who_leaves_is_told_what_is_lost_and_who_has_ended_it(toy, monkeypatch):
    one = going_on(toy)
    assert list(sitting._parting(one)) == []
    with monkeypatch.context() as broken:
        broken.setattr(Log, "_write", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
        one.add("beat", 1.0)
    (said,) = sitting._parting(one)
    assert "cannot be written: full. 1 lines of the log are lost" in said
    one.flush()
    Log(one.path).add("end", 2.0)
    assert list(sitting._parting(one)) == ["The session was ended in another terminal."]


# -- what the guide says ---------------------------------------------------------------------------


def test_the_words_that_the_guide_quotes_are_those_on_the_screen():
    page = (ROOT / "docs" / "dojo.md").read_text("utf-8")
    table = page[page.index("## When something goes wrong") : page.index("## What is written down")]
    quoted = re.findall(r'"([^"]+)"', table)
    sources = [ROOT / "scripts" / "dojo.py", *(ROOT / "scripts/torchkoans/dojo").rglob("*.py")]
    code = " ".join(" ".join(path.read_text("utf-8").split()) for path in sources)
    code = code.replace('" f"', "").replace('" "', "")  # a sentence over two lines
    assert len(quoted) > 5
    for words in quoted:
        assert words in code, words

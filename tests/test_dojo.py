"""A session: its log, its time, who drives; and the walk with a pair at it."""

import io
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from clocks import Clock
from rich.console import Console
from test_door import FakeTerminal, TestDoor
from test_walking import INDEX, ONE, SUM, FakeEngine

from torchkoans import locking
from torchkoans.course import ROOT
from torchkoans.dojo import clock, events, log, seat, status
from torchkoans.dojo.clock import GAP, Stopwatch
from torchkoans.dojo.door import TICK, PairDoor
from torchkoans.dojo.events import Event, EventError, digest
from torchkoans.dojo.log import Log, Tail
from torchkoans.dojo.seat import Seat, SeatError
from torchkoans.dojo.session import Session, Switch
from torchkoans.door import HEARD
from torchkoans.screen import Screen
from torchkoans.source import read
from torchkoans.verdicts import Result, Verdict
from torchkoans.walking import Walk
from torchkoans.warm.job import plain

ID = "0123456789abcdef0123456789abcdef"
PAIR = {"session": ID, "people": ["ana", "bo"], "switch": "time", "every": 300.0, "break": 3000.0}


@pytest.fixture
def toy(lean):
    return lean


@pytest.fixture
def begun(tmp_path):
    """The log of a session of two."""
    (tmp_path / "clone").mkdir()
    return log.begin(tmp_path / "clone", **{**PAIR, "people": ["ana", "bo"]})


@pytest.fixture
def time_():
    return Clock()


@pytest.fixture
def sat(begun, time_):
    """A seat whose clock stands still."""
    return Seat(begun, clock=time_)


def folded(path):
    return Session().take_all(log.read(path))


# -- events ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", " ", "a" * 21, "<b>", "a/b", "..\\x", "a\nb", "a\0", "-x", "'", "\u202e"]
)
def test_what_is_no_nickname_is_refused_in_a_sentence(name):
    with pytest.raises(ValueError, match="nickname"):
        events.nickname(name)


@pytest.mark.parametrize("name", ["ana", "지우", "Zoë", "a b", "x" * 20])
def test_a_nickname_may_have_letters_of_any_kind(name):
    assert events.nickname(f" {name} ") == name


def test_a_nickname_is_the_same_however_it_was_typed():
    assert events.nickname("e\u0301") == "\u00e9"


@pytest.mark.parametrize(
    ("people", "said"),
    [(["ana"], "two at the least"), (["ana", "ANA"], "there twice"), (["x"] * 2, "there twice")],
)
def test_who_is_no_pair_is_told_so(people, said):
    with pytest.raises(ValueError, match=said):
        events.group(people)


@pytest.mark.parametrize(
    "values",
    [
        [],
        {"n": -1, "t": 0, "at": "", "what": "beat"},
        {"n": True, "t": 0, "at": "", "what": "beat"},
        {"n": 0, "t": float("nan"), "at": "", "what": "beat"},
        {"n": 0, "t": 0, "at": 3, "what": "beat"},
        {"n": 0, "t": 0, "at": "", "what": "x" * 99},
        {"n": 0, "t": 0, "at": "", "what": "light", "koan": SUM},
        {"n": 0, "t": 0, "at": "", "what": "light", "koan": "../../etc", "light": "green"},
        {"n": 0, "t": 0, "at": "", "what": "light", "koan": SUM, "light": "blue"},
        {"n": 0, "t": 0, "at": "", "what": "came", "who": "<script>"},
        {"n": 0, "t": 0, "at": "", "what": "drive", "people": ["a", "a"], "why": "time"},
        {"n": 0, "t": 0, "at": "", "what": "beat", "more": ["lists", "are", "not", "small"]},
        {"n": 0, "t": 0, "at": "", "what": "beat", "more": "x" * 201},
    ],
)
def test_what_is_not_of_its_form_is_no_event(values):
    with pytest.raises(EventError):
        Event.of(values)


def test_an_event_of_a_newer_course_is_let_through_and_has_no_effect():
    event = Event.of({"n": 1, "t": 2.0, "at": "", "what": "greet", "how": "warmly"})
    state = Session().take_all([_event("start", **PAIR), event])
    assert state.people == ["ana", "bo"]
    assert state.t == 2.0


def _event(what, t=0.0, n=0, at="", **values):
    return Event.of({"n": n, "t": t, "at": at, "what": what, **values})


# -- the log ---------------------------------------------------------------------------------------


def test_a_log_is_json_a_line_and_its_numbers_have_no_gap(begun):
    begun.add("here", 1.0, koan=SUM)
    begun.add("light", 2.0, koan=SUM, light="wrong")
    lines = [json.loads(line) for line in begun.path.read_text("utf-8").splitlines()]
    assert [line["n"] for line in lines] == [0, 1, 2]
    assert lines[2] == {**lines[2], "what": "light", "koan": SUM, "light": "wrong", "t": 2.0}


def test_two_processes_add_to_one_log_and_neither_loses_a_line(begun):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from torchkoans.dojo.log import Log\n"
        "log = Log(Path(sys.argv[2]))\n"
        "for n in range(100): log.add('beat', float(n))\n"
    )
    command = [sys.executable, "-c", code, str(ROOT / "scripts"), str(begun.path)]
    others = [subprocess.Popen(command) for _ in range(2)]
    for n in range(100):
        begun.add("beat", float(n))
    assert [other.wait(60) for other in others] == [0, 0]
    assert [event.n for event in log.read(begun.path)] == list(range(301))


def test_a_line_that_was_cut_short_is_passed_over_and_the_next_begins_anew(begun):
    with begun.path.open("ab") as file:
        file.write(b'{"n":1,"t":3.0,"at":"","wh')
    again = Log(begun.path)
    assert [event.what for event in again.new()] == ["start"]
    again.add("beat", 4.0)
    assert [(event.n, event.what) for event in log.read(begun.path)] == [(0, "start"), (1, "beat")]


def test_what_a_full_disk_refuses_is_kept_and_written_later(begun, monkeypatch):
    real = log.Path.open

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            self.file.write(data[: len(data) // 2])
            return len(data) // 2

    def opened(path, mode="r", *args, **more):
        file = real(path, mode, *args, **more)
        return Full(file) if mode == "ab" else file

    before = begun.path.read_bytes()
    begun.new()
    monkeypatch.setattr(log.Path, "open", opened)
    assert [event.what for event in begun.add("here", 1.0, koan=SUM)] == ["here"]
    assert begun.add("light", 2.0, koan=SUM, light="green")
    assert (begun.unsaved, begun.trouble) == (2, "the disk is full")
    assert begun.path.read_bytes() == before
    monkeypatch.setattr(log.Path, "open", real)
    assert begun.flush() == []
    assert (begun.unsaved, begun.trouble) == (0, "")
    assert [event.what for event in log.read(begun.path)] == ["start", "here", "light"]


def test_a_session_that_cannot_be_written_is_not_begun(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Log, "_write", refuse)
    with pytest.raises(OSError, match="No space left"):
        log.begin(tmp_path, **{**PAIR, "people": ["ana", "bo"]})
    assert log.unfinished(tmp_path) is None
    assert not list((tmp_path / log.LOGS).glob("*.jsonl"))


def test_a_tail_reads_a_log_that_grows_and_one_that_was_replaced(tmp_path):
    path = tmp_path / "log"
    first, second = _event("beat", 1.0, 0).line(), _event("beat", 2.0, 1).line()
    path.write_bytes(first + second[:9])
    tail = Tail(path)
    assert [event.n for event in tail.new()] == [0]
    path.write_bytes(first + second)
    assert [event.n for event in tail.new()] == [1]
    path.write_bytes(second)
    assert [event.n for event in tail.new()] == [1]


def test_a_half_line_that_its_writer_takes_back_is_no_new_log(begun):
    """On a full disk another process writes a part of a line, and truncates it again."""
    begun.new()
    before = begun.path.read_bytes()
    with begun.path.open("ab") as file:
        file.write(_event("pause", 1.0, 1).line()[:20])
    assert begun.new() == []
    with begun.path.open("ab") as file:
        file.truncate(len(before))
    assert begun.new() == []
    Log(begun.path).add("beat", 7.0)
    assert [(event.n, event.what) for event in begun.new()] == [(1, "beat")]


def test_what_is_known_is_not_told_again_when_the_file_is_written_anew(begun):
    begun.add("beat", 1.0)
    data = begun.path.read_bytes()
    begun.path.write_bytes(b"")
    begun.new()
    begun.path.write_bytes(data)
    assert begun.new() == []


def test_many_threads_add_to_one_log(begun):
    threads = [
        threading.Thread(target=lambda: [begun.add("beat", 1.0) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.n for event in log.read(begun.path)] == list(range(201))


def test_what_is_far_too_long_is_passed_over_at_once_and_not_kept(tmp_path):
    """To normalise a million marks takes an hour; nobody's log may do that to a room."""
    marks = "a" + "\u0301\u0323" * 500_000
    with pytest.raises(ValueError, match="1 to 20 letters"):
        events.nickname(marks)
    path = tmp_path / "log"
    good = _event("beat", 1.0, 0).line()
    line = json.dumps({"n": 0, "t": 0, "at": "", "what": "came", "who": marks}).encode()
    path.write_bytes(line + b"\n" + good + b"\0" * 2**20)
    tail = Tail(path)
    assert [event.t for event in tail.new()] == [1.0]
    with path.open("ab") as file:
        file.write(b"\n" + good)
    assert [event.t for event in tail.new()] == [1.0]


@pytest.mark.skipif(os.name != "posix", reason="it takes SIGKILL")
def test_whatever_was_told_before_a_kill_is_in_the_log(begun):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from torchkoans.dojo.log import Log\n"
        "log = Log(Path(sys.argv[2]))\n"
        "for n in range(10**6): log.add('beat', float(n)); print(n, flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(ROOT / "scripts"), str(begun.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = [process.stdout.readline() for _ in range(50)]
        os.kill(process.pid, signal.SIGKILL)
        told += process.stdout.read().splitlines()
    found = log.read(begun.path)
    assert len(found) - 1 >= len([line for line in told if line.strip()])
    begun.add("beat", 0.0)
    assert [event.n for event in log.read(begun.path)] == list(range(len(found) + 1))


def test_the_unfinished_session_is_found_among_the_others(tmp_path):
    done = log.begin(tmp_path, ID, ["ana", "bo"], switch="time")
    done.add("end", 1.0)
    assert log.unfinished(tmp_path) is None
    other = log.begin(tmp_path, "f" * 32, ["cy", "di"], switch="time")
    assert log.unfinished(tmp_path) == other.path


# -- time ------------------------------------------------------------------------------------------


def test_only_steps_in_which_the_process_ran_are_counted(time_):
    watch = Stopwatch(10.0, time_)
    time_.now += 2
    assert watch.tick() == 12.0
    time_.now += 3600  # asleep, or stopped
    assert watch.tick() == 12.0
    time_.now += GAP
    assert watch.tick() == 12.0 + GAP


def test_a_clock_that_goes_back_does_no_harm(time_):
    watch = Stopwatch(0.0, time_)
    time_.now -= 500
    assert watch.tick() == 0.0
    time_.now += 1
    assert watch.tick() == 1.0


def test_a_watch_that_was_stopped_counts_on_from_there(time_):
    watch = Stopwatch(0.0, time_)
    watch.stop()
    time_.now += 5
    assert watch.tick() == 0.0
    watch.go()
    time_.now += 5
    assert watch.tick() == 5.0


def test_the_clock_on_the_wall_changes_nothing(begun):
    """It is written down for people, and no time is ever made of it."""
    start = log.read(begun.path)[0]
    said = {"koan": SUM, "light": "wrong"}
    for at in ("1970-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00", ""):
        state = Session().take_all(
            [start, _event("here", 10.0, koan=SUM, at=at), _event("light", 70.0, at=at, **said)]
        )
        assert state.stuck() == 60.0
        assert state.left(70.0) == 230.0


# -- who and when ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["time", "pingpong", "koans:3"])
def test_a_way_to_change_hands_is_written_as_it_is_read(text):
    assert str(Switch.of(text)) == text


@pytest.mark.parametrize("text", ["", "koans", "koans:0", "koans:x", "time:3", "tennis"])
def test_what_is_no_way_to_change_hands_is_refused(text):
    with pytest.raises(ValueError, match="koans:3"):
        Switch.of(text)


def started(**values):
    return Session().take_all([_event("start", **{**PAIR, **values})])


def test_the_navigator_drives_next_and_everybody_has_a_turn():
    state = started(people=["ana", "bo", "cy"])
    seen = []
    for n in range(3):
        seen.append((state.driver, state.navigator))
        state.take(_event("drive", 10.0 * n, people=state.after_this(), why="time"))
    assert seen == [("ana", "bo"), ("bo", "cy"), ("cy", "ana")]
    assert state.driver == "ana"


def test_a_turn_begins_anew_with_each_change_and_a_minute_more_is_more():
    state = started()
    assert state.left(100.0) == 200.0
    state.take(_event("more", 100.0, seconds=60.0))
    assert state.left(100.0) == 260.0
    state.take(_event("drive", 290.0, people=["bo", "ana"], why="asked"))
    assert state.left(290.0) == 300.0


def test_a_minute_more_after_the_end_is_a_whole_one():
    state = started()
    state.take(_event("more", 400.0, seconds=60.0))
    assert state.left(400.0) == 60.0
    assert not state.is_up(459.0)
    assert state.is_up(460.0)


def test_ping_pong_counts_a_koan_once_and_not_what_was_green_before():
    state = started(switch="pingpong", every=None)
    green = {"light": "green"}
    state.take(_event("light", 1.0, koan=SUM, found=True, **green))
    state.take(_event("light", 2.0, koan=SUM, light="wrong"))
    state.take(_event("light", 3.0, koan=SUM, **green))
    assert not state.is_won
    state.take(_event("light", 4.0, koan=INDEX, **green))
    assert state.is_won
    assert state.left(4.0) is None
    assert not state.is_up(10_000.0)


def test_so_many_koans_make_a_turn():
    state = started(switch="koans:2", every=None)
    state.take(_event("light", 1.0, koan=SUM, light="green"))
    assert not state.is_won
    state.take(_event("light", 2.0, koan=INDEX, light="green"))
    assert state.is_won


def test_a_break_is_due_after_its_time_and_not_again_at_once():
    state = started()
    assert not state.is_break_due(2999.0)
    assert state.is_break_due(3000.0)
    state.take(_event("break", 3010.0))
    assert (state.is_paused, state.is_break) == (True, True)
    state.take(_event("resume", 3010.0))
    assert not state.is_break_due(6009.0)
    assert state.is_break_due(6010.0)


def test_who_is_away_is_passed_over_and_who_comes_late_drives_last():
    state = started(people=["ana", "bo", "cy"])
    state.take(_event("away", 1.0, who="bo"))
    state.take(_event("came", 2.0, who="di"))
    assert state.after_this() == ["cy", "di", "ana"]
    state.take(_event("came", 3.0, who="bo"))
    assert (state.people, state.away) == (["ana", "cy", "di", "bo"], [])
    assert state.everybody == ["ana", "bo", "cy", "di"]


def test_the_time_goes_to_the_koan_that_is_looked_at():
    state = started()
    state.take(_event("here", 10.0, koan=SUM))
    state.take(_event("light", 40.0, koan=SUM, light="wrong"))
    state.take(_event("here", 50.0, koan=INDEX))
    state.take(_event("here", 55.0, koan=SUM))
    state.take(_event("beat", 100.0))
    assert state.spent == {SUM: 85.0, INDEX: 5.0}
    assert state.stuck() == 85.0
    state.take(_event("light", 101.0, koan=SUM, light="green"))
    assert state.stuck() == 0.0


# -- the seat --------------------------------------------------------------------------------------


def test_a_seat_goes_on_where_the_log_ends(begun, time_):
    one = Seat(begun, clock=time_)
    time_.now += 7
    one.close()
    time_.now += 86400  # closed over night
    two = Seat(Log(begun.path), clock=time_)
    assert two.session.people == ["ana", "bo"]
    assert two.now == 7.0


def test_time_stands_still_in_a_pause_whoever_has_asked_for_it(sat, begun, time_):
    Log(begun.path).add("pause", 0.0)  # another terminal
    sat.beat()
    time_.now += 10
    assert sat.now == 0.0
    sat.pause()
    time_.now += 10
    assert sat.now == 10.0


def test_a_pause_is_a_break_where_one_is_due(begun, time_):
    sat = Seat(begun, clock=time_)
    for _ in range(300):
        time_.now += 10
        sat.beat()
    sat.pause()
    assert sat.session.is_break
    sat.pause()
    assert not sat.session.is_break_due(sat.now)


def test_the_bell_repeats_until_the_keyboard_has_changed_hands(begun, time_):
    rung = []
    sat = Seat(begun, ring=lambda: rung.append(sat.now), clock=time_)
    for _ in range(345):
        time_.now += 1
        sat.beat()
    assert rung == [300.0, 320.0, 340.0]
    sat.hand_over("time")
    for _ in range(100):
        time_.now += 1
        sat.beat()
    assert len(rung) == 3
    assert sat.session.driver == "bo"


def test_there_is_no_bell_in_a_pause(begun, time_):
    rung = []
    sat = Seat(begun, ring=lambda: rung.append(1), clock=time_)
    for _ in range(30):
        time_.now += 10
        sat.beat()
    count = len(rung)
    sat.pause()
    for _ in range(60):
        time_.now += 10
        sat.beat()
    assert len(rung) == count


def test_a_driver_who_leaves_hands_over(sat):
    sat.came("cy")
    sat.away("ana")
    assert (sat.session.driver, sat.session.navigator) == ("bo", "cy")
    sat.away("cy")
    assert (sat.session.driver, sat.session.navigator) == ("bo", "")


def test_somebody_who_watches_may_leave_and_the_turn_goes_on(sat, time_):
    time_.now += 9
    sat.away("bo")
    assert sat.session.driver == "ana"
    assert sat.session.turn_from == 0.0


def test_a_kill_costs_a_few_seconds_of_time_at_the_most(begun, time_):
    sat = Seat(begun, clock=time_)
    for _ in range(95):
        time_.now += 1
        sat.beat()
    again = Seat(Log(begun.path), clock=time_)  # nobody has closed the first one
    assert 95 - seat.BEAT <= again.now <= 95


def test_a_second_open_session_of_a_clone_is_refused_with_the_reason(tmp_path):
    reason = f"another terminal .process {os.getpid()}"
    with seat.alone(tmp_path), pytest.raises(SeatError, match=reason):
        seat.alone(tmp_path).__enter__()
    with seat.alone(tmp_path):
        pass


def test_the_lock_is_freed_where_it_was_taken(tmp_path, monkeypatch):
    """Windows locks the byte at which the file stands, and would not free another one."""
    at = []
    for name in ("lock", "unlock"):
        real = getattr(locking, name)

        def noted(file, *args, real=real, **more):
            at.append(os.lseek(file.fileno(), 0, os.SEEK_CUR))
            return real(file, *args, **more)

        monkeypatch.setattr(locking, name, noted)
    with seat.alone(tmp_path):
        pass
    assert at == [0, 0]
    assert (tmp_path / seat.LOCK).read_bytes() == b"#%d\n" % os.getpid()


def test_a_full_disk_lets_a_session_be_opened(tmp_path, monkeypatch):
    class Full(io.FileIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(seat.os, "fdopen", lambda number, *_, **__: Full(number, "r+b"))
    with seat.alone(tmp_path):
        pass


def test_what_others_add_happens_now_and_their_turn_is_a_whole_one(begun, time_):
    sat = Seat(begun, clock=time_)
    time_.now += 9
    Log(begun.path).add("drive", 0.0, people=["bo", "ana"], why="asked")  # as of the last beat
    sat.beat()
    assert sat.session.left(sat.now) == 300.0


def test_after_the_end_nothing_is_added_and_no_bell_rings(begun, time_):
    rung = []
    sat = Seat(begun, ring=lambda: rung.append(1), clock=time_)
    Log(begun.path).add("end", 0.0)
    sat.beat()
    for _ in range(100):
        time_.now += 10
        sat.beat()
    sat.hand_over("asked")
    sat.close()
    assert rung == []
    assert [event.what for event in log.read(begun.path)] == ["start", "end"]


def test_a_fault_in_a_tick_does_not_stop_the_time(monkeypatch):
    monkeypatch.setattr(clock, "TICK", 0.001)
    ticks, enough = [], threading.Event()

    def beat():
        ticks.append(1)
        if len(ticks) > 3:
            enough.set()
        raise RuntimeError

    ticking = clock.Ticking(beat)
    assert enough.wait(30)
    ticking.close()
    assert not ticking._thread.is_alive()


def test_the_ticking_thread_keeps_time_and_ends(begun, monkeypatch):
    monkeypatch.setattr(clock, "TICK", 0.01)
    told = threading.Event()
    sat = Seat(begun, tell=told.set)
    sat.open()
    assert told.wait(30)
    sat.close()
    assert [event.what for event in log.read(begun.path)] == ["start", "beat"]


# -- what is seen ----------------------------------------------------------------------------------


def seen(state, t, width=80, aside=""):
    return [line.plain for line in status.lines(state, t, width, aside)]


def test_the_line_says_who_drives_who_navigates_who_is_next_and_the_time_left():
    state = started(people=["ana", "bo", "cy"])
    state.take(_event("light", 48.0, koan=SUM, light="wrong"))
    line, keys = seen(state, 48.0)
    assert line.startswith(" ana drives · bo navigates · next bo, then cy ")
    assert line.rstrip().endswith("4:12 left · x wrong")
    assert "d hand over" in keys


@pytest.mark.parametrize(
    ("width", "keys"),
    [(80, "d hand over · + a minute"), (50, "d hand over · + · p"), (40, "d + p - a")],
)
def test_the_keys_are_there_however_narrow_it_is(width, keys):
    assert keys in seen(started(), 1.0, width, "room: all told" if width > 70 else "")[1]
    assert "d + p - a" in seen(started(), 1.0, 30, "room: wrong code, 2 to tell; dojo.py join …")[1]


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 200])
def test_two_lines_are_as_wide_as_the_screen(width):
    state = started(people=["지우", "서연", "x" * 20], switch="koans:3")
    state.take(_event("light", 4.0, koan=SUM, light="broken"))
    for t in (5.0, 400.0, 4000.0):
        for line in status.lines(state, t, width, "room: 12 to tell"):
            assert line.cell_len == width


def test_when_the_time_is_up_the_line_says_what_to_do():
    line, _ = seen(started(), 332.0)
    assert line.strip() == "Time is up (0:32 ago): d hands the keyboard to bo."


def test_a_due_break_and_a_pause_are_said():
    state = started(every=None)
    assert "a break is due: p" in seen(state, 3000.0)[0]
    assert "A break is due: p." in seen(started(), 3000.0)[0]
    state.take(_event("pause", 3000.0))
    assert seen(state, 3000.0)[0].strip() == "Paused. p goes on, and ana drives."


def test_where_greens_decide_the_line_says_how_many():
    state = started(switch="koans:3", every=None)
    assert "after 3 greens" in seen(state, 1.0)[0]
    for koan in (SUM, INDEX):
        state.take(_event("light", 2.0, koan=koan, light="green"))
    assert "at the next green" in seen(state, 3.0)[0]


# -- the door --------------------------------------------------------------------------------------


class Pair(TestDoor, PairDoor):
    __test__ = False


def opened(course, sat, committed=None, is_capable=True):
    console = Console(file=io.StringIO(), width=80, highlight=False, no_color=True)
    walk = Walk(course, FakeEngine())
    terminal = FakeTerminal(is_capable=is_capable)
    door = Pair(walk, Screen(console), terminal, seat=sat, committed=committed)
    door.arrive()
    door.do(("tick", None))
    return door


@pytest.fixture
def here(toy, sat):
    return opened(toy, sat)


def lights(sat):
    found = [event for event in log.read(sat.log.path) if event.what == "light"]
    return [(one.values["koan"], one.values["light"]) for one in found]


def fill(door, edit, old, new):
    edit("01", old, new)
    door.save()


def test_a_pair_sees_who_drives_above_the_koan(here):
    assert here.seen().splitlines()[0].startswith(" ana drives · bo navigates · next bo")
    assert "A sum is a tensor" in here.seen()


def test_each_save_is_a_light_in_the_log_and_a_mistake_is_named_by_its_digest(here, edit, sat):
    fill(here, edit, "item() == __", "item() == 8")
    here.judge(Verdict.WRONG)
    fill(here, edit, "item() == 8", "item() == 124")
    trap = here.walk.step(SUM).koan.blanks[0].traps[0]
    here.judge(Verdict.WRONG, trap=trap.sentence)
    fill(here, edit, "item() == 124", "item() == 7")
    here.judge()
    assert lights(sat) == [(SUM, "wrong"), (SUM, "wrong"), (SUM, "green")]
    traps = [one.values.get("trap") for one in log.read(sat.log.path) if one.what == "light"]
    assert traps == [None, digest(trap.sentence), None]


def test_a_light_is_told_once_however_often_it_is_looked_at(here, edit, sat):
    fill(here, edit, "item() == __", "item() == 7")
    here.judge()
    for _ in range(5):
        here.do(("tick", None))
    here.save()
    assert lights(sat) == [(SUM, "green")]


def test_what_is_still_to_be_explained_waits_for_its_light(here, edit, sat):
    fill(here, edit, "item() == __", "item() == 8")
    here.judge(Verdict.WRONG, explained=False)
    assert lights(sat) == []
    here.judge(Verdict.WRONG)
    assert lights(sat) == [(SUM, "wrong")]


def test_what_was_so_before_the_session_is_found_and_counts_for_nobody(toy, edit, begun):
    edit("01", "t[__]", "t[")  # all of the file is broken
    sat = Seat(begun)
    door = opened(toy, sat)
    assert {light for _, light in lights(sat)} == {"broken"}
    assert all(one.values["found"] for one in log.read(begun.path) if one.what == "light")
    assert sat.session.last is None
    assert door.here == SUM


def test_what_was_filled_before_is_found_however_late_its_verdict_comes(toy, tmp_path, edit):
    """The first koan is blank, so the walk has arrived long before the others were run."""
    edit("01", "t[__]", "t[:, 1]")
    sat = Seat(log.begin(tmp_path, ID, ["ana", "bo"], switch="pingpong"))
    door = opened(toy, sat)
    door.judge()
    door.do((TICK, None))
    told = [event.values for event in log.read(sat.log.path) if event.what == "light"]
    assert told == [{"koan": INDEX, "light": "green", "found": True}]
    assert sat.session.driver == "ana"


def test_what_was_changed_before_its_first_verdict_is_the_drivers(toy, sat, edit):
    edit("01", "item() == __", "item() == 8")
    door = opened(toy, sat)
    fill(door, edit, "item() == 8", "item() == 7")
    door.judge()
    (told,) = [event.values for event in log.read(sat.log.path) if event.what == "light"]
    assert told == {"koan": SUM, "light": "green"}


def test_several_greens_at_once_hand_over_once(toy, tmp_path, edit):
    sat = Seat(log.begin(tmp_path, ID, ["ana", "bo"], switch="pingpong"))
    door = opened(toy, sat)
    edit("01", "item() == __", "item() == 7")
    fill(door, edit, "t[__]", "t[:, 1]")
    for job in list(door.walk.engine.jobs):
        for task in job.tasks:
            found = Result(job.file, task.test, "cpu", Verdict.PASSED)
            said = {"number": job.number, "file": job.file, "koan": task.test}
            door.do((HEARD, {**said, "results": plain([found]), "explained": True}))
    for job in list(door.walk.engine.jobs):
        door.do((HEARD, {"number": job.number, "over": True}))
    assert len(lights(sat)) == 2
    assert sat.session.turns == 1


def test_who_is_alone_and_green_is_told_nothing_again_and_again(toy, tmp_path, edit):
    sat = Seat(log.begin(tmp_path, ID, ["ana", "bo"], switch="pingpong"))
    sat.away("bo")
    door = opened(toy, sat)
    fill(door, edit, "item() == __", "item() == 7")
    door.judge()
    for _ in range(20):
        door.do((TICK, None))
    assert door.notes == []


def test_handing_over_in_a_pause_goes_on(here, sat):
    here.type("p")
    here.type("d")
    assert (sat.session.driver, sat.session.is_paused) == ("bo", False)


def test_a_save_takes_the_question_back(here, edit, sat):
    here.type("-")
    fill(here, edit, "item() == __", "item() == 8")
    here.type("1")
    assert sat.session.people == ["ana", "bo"]
    here.type("q")
    assert here.over


def test_nine_people_have_a_key_each(here, sat):
    for n in range(7):
        here.add(f"p{n}")
    here.add("one more")
    assert "9 are enough" in here.type("enter") or len(sat.session.people) == 9
    here.type("-")
    here.type("9")
    assert sat.session.away == ["p6"]


def test_going_on_is_told_to_the_log(here, sat):
    here.type("n")
    assert sat.session.here == INDEX
    assert [e.values["koan"] for e in log.read(sat.log.path) if e.what == "here"] == [SUM, INDEX]


def test_d_hands_over_and_commits_where_that_was_asked_for(toy, sat, edit):
    told = []
    door = opened(toy, sat, lambda people, greens: told.append((people, greens)) or "committed")
    fill(door, edit, "item() == __", "item() == 7")
    door.judge()
    assert "committed" in door.type("d")
    assert told == [(["ana", "bo"], {SUM})]
    assert door.seen().splitlines()[0].startswith(" bo drives · ana navigates")


def test_in_ping_pong_a_green_hands_over(toy, tmp_path, edit):
    begun = log.begin(tmp_path, ID, ["ana", "bo"], switch="pingpong")
    sat = Seat(begun)
    door = opened(toy, sat)
    fill(door, edit, "item() == __", "item() == 8")
    door.judge(Verdict.WRONG)
    assert sat.session.driver == "ana"
    fill(door, edit, "item() == 8", "item() == 7")
    assert "bo drives now." in door.judge()
    assert sat.session.driver == "bo"
    door.do(("tick", None))
    assert sat.session.turns == 1


def test_plus_is_a_minute_more_and_p_stops_the_time(here, sat):
    before = sat.session.left(sat.now)
    here.type("+")
    assert sat.session.left(sat.now) == pytest.approx(before + 60, abs=1)
    assert "Paused." in here.type("p")
    assert "Paused." not in here.type("p")


def test_minus_asks_who_is_away_and_a_number_answers(here, sat):
    assert "Who is away? Press the number: 1 ana · 2 bo" in here.type("-")
    here.type("esc")
    assert sat.session.people == ["ana", "bo"]
    here.type("-", "z")  # a name is typed, perhaps: the question stays
    assert "ana is away" in here.type("1")
    assert sat.session.people == ["bo"]
    assert "Somebody has to stay." in here.type("-")
    assert "nobody to hand over to" in here.type("d")


def test_a_lets_somebody_type_a_name_in_a_terminal_of_their_own(here, sat, monkeypatch):
    monkeypatch.setattr(Screen, "asked", lambda *_: "지우")
    assert "지우 is here, and drives after bo." in here.type("a")
    assert here.terminal.lent_out == 1
    assert sat.session.people == ["ana", "bo", "지우"]
    assert "is here already" in here.type("a")
    monkeypatch.setattr(Screen, "asked", lambda *_: "<b>")
    assert "nickname" in here.type("a")
    monkeypatch.setattr(Screen, "asked", lambda *_: "")
    here.type("a")
    assert len(sat.session.people) == 3


def test_who_is_back_has_the_name_that_they_had(here, sat, monkeypatch):
    here.type("-", "2")
    monkeypatch.setattr(Screen, "asked", lambda *_: "BO")
    here.type("a")
    assert sat.session.people == ["ana", "bo"]


def test_another_terminal_hands_over_and_this_one_says_so(here, sat, begun):
    Log(begun.path).add("drive", 0.0, people=["bo", "ana"], why="asked")
    sat.beat()
    here.do(("tick", None))
    assert "bo drives now." in here.seen()


def test_when_another_terminal_ends_it_the_door_closes(here, sat, begun):
    Log(begun.path).add("end", 0.0)
    sat.beat()
    here.do(("tick", None))
    assert here.over


def test_a_log_that_cannot_be_written_is_said_beside_the_keys(here, sat, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Log, "_write", refuse)
    here.type("+")
    assert "1 lines of the log wait: No space left on device" in here.seen()
    monkeypatch.undo()
    sat.beat()
    here.do(("tick", None))
    assert "wait" not in here.seen().splitlines()[1]


def test_in_a_pipe_the_pair_is_told_line_by_line(toy, sat):
    door = opened(toy, sat, is_capable=False)
    assert "ana drives · bo navigates" in door.seen()
    said = door.type("d")
    assert "bo drives now." in said
    assert "cy is here" in door.type("a cy")
    assert "cy is away" in door.type("- cy")
    sat.came("Di")  # capital letters come from another terminal; a pipe has none
    assert "Di is away" in door.type("- di")


def test_the_walk_itself_has_no_pair_above_it(toy):
    assert read(toy.koans / "01_numbers.py")
    from test_door import opened as walk_opened

    door = walk_opened(toy)
    door.arrive()
    door.draw()
    assert door.above() == []
    assert "drives" not in door.seen()
    assert ONE in door.seen()

"""The pair's side of a room: whatever is cut, and whoever is killed, all is told, and told once."""

import contextlib
import errno
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from test_room import ONE, TWO, Clock, laid, light, lights, start

from torchkoans.course import ROOT
from torchkoans.dojo import address, courier, delivery, log, room, store
from torchkoans.dojo.address import Address, RoomError
from torchkoans.dojo.courier import Courier
from torchkoans.dojo.delivery import DeliveryError, ToFolder, ToServer
from torchkoans.dojo.events import Event
from torchkoans.dojo.server import Server
from torchkoans.source import CourseError

MOMENT = 0.02  # seconds between two looks at what has to come
PATIENCE = 60.0  # seconds for it to come


def until(is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it does not come"
        time.sleep(MOMENT)


class Open:
    """A server that runs in a thread, and can be closed and opened again at the same port."""

    def __init__(self, course):
        self.course, self.port = course, 0
        self.open()

    def open(self):
        self.server = Server(self.course, serve=True, port=self.port)
        self.port, self.code = self.server.port, self.server.code
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()

    def close(self):
        if self.thread.is_alive():
            self.server.stop()
            self.thread.join()

    def events(self, session=ONE):
        return self.server.hall.store.events(session)


@pytest.fixture
def board(lean):
    made = Open(lean)
    yield made
    made.close()


@pytest.fixture
def clone(tmp_path):
    """A pair's clone; it needs no more than a folder."""
    (tmp_path / "clone" / log.LOGS).mkdir(parents=True)
    return tmp_path / "clone"


@pytest.fixture
def mine(clone):
    """The log of its session."""
    return laid(clone / log.LOGS / "20250101-1.jsonl", [start(), *lights(1, 5)])


def add(path, *events):
    with path.open("ab") as file:
        file.write(b"".join(event.line() for event in events))


# -- joining ---------------------------------------------------------------------------------------


def test_who_joins_a_server_has_told_it_all_at_once(board, clone, mine):
    said = room.join(clone, board.url, board.code)
    assert said == f"Joined {board.url}. All that the log of this session has is told."
    assert board.events() == [start(), *lights(1, 5)]
    assert address.load(clone) == Address(board.url, board.code)
    if os.name == "posix":
        assert (clone / address.FILE).stat().st_mode & 0o777 == 0o600


def test_only_the_session_that_goes_on_is_told_or_else_the_last(board, clone, mine):
    add(mine, Event(5, 5.0, "", "end"))
    laid(clone / log.LOGS / "20250102-2.jsonl", [start(TWO)])
    room.join(clone, board.url, board.code)
    assert board.server.hall.store.sessions == [TWO]
    laid(clone / log.LOGS / "20250102-2.jsonl", [start(TWO), Event(1, 1.0, "", "end")])
    room.join(clone, board.url, board.code)
    assert len(board.events(TWO)) == 2
    assert board.events(ONE) == []


def test_a_wrong_code_joins_nothing_and_the_right_one_does(board, clone, mine):
    with pytest.raises(RoomError, match=r"wants another code, see its board: .*dojo\.py join"):
        room.join(clone, board.url, "wrong")
    assert address.load(clone) is None
    assert "Joined" in room.join(clone, f"{board.url}/", f" {board.code.upper()} ")
    assert board.events()


def test_before_the_first_session_there_is_nothing_to_tell(board, clone):
    said = room.join(clone, board.url, board.code)
    assert "The session that starts here next is told there." in said
    assert board.server.hall.gathering.pairs == []


@pytest.mark.parametrize(
    ("where", "code", "said"),
    [
        ("http://127.0.0.1:8765", None, "wants the code that its board shows"),
        ("http://127.0.0.1:8765", "", "wants the code that its board shows"),
        ("http://127.0.0.1:8765", "a\nb", "wants the code"),
        ("http://127.0.0.1:8765/data", "c", "more than an address"),
        ("http://me:secret@127.0.0.1", "c", "more than an address"),
        ("http://127.0.0.1/?x=1", "c", "more than an address"),
        ("ftp://127.0.0.1", "c", "no address of a room"),
        ("file:///etc/passwd", "c", "no address of a room"),
        ("http://", "c", "no address of a room"),
        ("http://a b:8765", "c", "no address of a room"),
        ("http://127.0.0.1:port", "c", "no address"),
        ("http://[::1", "c", "no address"),
        ("nowhere/at/all", None, "there is no such folder; a server begins with http://"),
    ],
)
def test_what_is_no_address_is_refused_in_one_sentence(clone, where, code, said):
    with pytest.raises(RoomError) as caught:
        room.join(clone, where, code)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value).replace(where, "")
    assert address.load(clone) is None


def test_who_does_not_answer_is_not_joined(clone):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(RoomError, match=r"does not answer\. Is the board open there"):
        room.join(clone, f"http://127.0.0.1:{port}", "code")


def test_where_everybody_joins_at_once_it_is_tried_again(board, clone, mine, monkeypatch):
    waits = [0.01, 0.01]
    monkeypatch.setattr(board.server.hall.gate, "wait", lambda *_: waits.pop() if waits else 0.0)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    room.join(clone, board.url, board.code)
    monkeypatch.setattr(board.server.hall.gate, "wait", lambda *_: 1.0)
    with pytest.raises(RoomError, match=r"it is busy\. Look at its board, then join again"):
        room.join(clone, board.url, board.code)


def test_a_board_that_takes_no_posts_says_so(lean, clone):
    board = Server(lean, port=0)
    thread = threading.Thread(target=board.run)
    thread.start()
    with pytest.raises(RoomError, match="takes no posts, its facilitator opens one with --serve"):
        room.join(clone, f"http://127.0.0.1:{board.port}", board.code)
    board.stop()
    thread.join()


def test_who_leaves_tells_nothing_more(board, clone, mine):
    assert room.leave(clone) == "This clone was joined to no room."
    room.join(clone, board.url, board.code)
    one = Courier(clone, mine)
    one.turn()
    assert one.state == "room: all told"
    assert board.url in room.leave(clone)
    add(mine, light(5))
    one.turn()
    assert one.state == ""
    assert len(board.events()) == 5


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"where": 7}', '{"where": "http://x/y"}', "[" * 9999]
)
def test_a_file_that_says_no_room_is_none(clone, mine, text):
    (clone / address.FILE).write_text(text)
    assert address.load(clone) is None
    one = Courier(clone, mine)
    one.turn()
    assert one.state == ""


# -- a server --------------------------------------------------------------------------------------


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def joined(board, clone, mine, clock):
    address.save(clone, Address(board.url, board.code))
    return Courier(clone, mine, clock)


def test_a_pair_that_is_offline_goes_on_and_catches_up(board, joined, mine, clock):
    joined.turn()
    assert joined.state == "room: all told"
    board.close()
    add(mine, *lights(5, 8))
    joined.turn()
    assert joined.state == "room: no answer, 3 to tell, trying"
    add(mine, light(8))
    joined.turn()
    assert joined.state == "room: no answer, 4 to tell, trying"
    board.open()
    joined.turn()
    assert len(board.events()) == 5, "it waits a moment before it tries again"
    clock.now += 1
    joined.turn()
    assert joined.state == "room: all told"
    assert board.events() == [start(), *lights(1, 9)]


def test_it_tries_again_less_and_less_often(joined, clock, monkeypatch):
    tries = []

    def fails(*_):
        tries.append(clock.now)
        raise DeliveryError("no answer")

    monkeypatch.setattr(delivery, "post", fails)
    for _ in range(120):
        joined.turn()
        clock.now += 0.5
    pauses = [then - before for before, then in itertools.pairwise(tries)]
    assert pauses == [1, 2, 4, 8, 15, 15]


def test_a_code_that_is_wrong_is_said_and_another_one_is_noticed(board, joined, clone, clock):
    address.save(clone, Address(board.url, "wrong"))
    joined.turn()
    assert joined.state == "room: wrong code, 5 to tell; dojo.py join …"
    board.server.hall.gate.refuse = lambda: 3.0
    clock.now += 14
    joined.turn()
    clock.now += 2
    joined.turn()
    assert joined.state == "room: wrong code, 5 to tell; dojo.py join …", "many are wrong"
    address.save(clone, Address(board.url, board.code))
    joined.turn()
    assert joined.state == "room: all told"
    assert len(board.events()) == 5


def test_a_pair_with_nothing_new_says_that_it_is_here(board, joined, clock):
    joined.turn()
    (pair,) = board.server.hall.gathering.pairs
    pair.heard = 0.0
    clock.now += 5
    joined.turn()
    assert pair.heard == 0.0
    clock.now += 5
    joined.turn()
    assert pair.heard > 0.0


def test_a_long_log_goes_in_posts_that_the_server_takes(board, joined, mine):
    long = [Event(n, float(n), "", "note", {"said": "ü" * 190}) for n in range(5, 1000)]
    add(mine, *long)
    joined.turn()
    assert joined.state == "room: all told"
    assert board.events() == [start(), *lights(1, 5), *long]


def test_a_server_that_has_lost_the_end_is_told_it_again(board, joined, mine, clock):
    joined.turn()
    path = board.server.hall.store.path
    board.close()
    with contextlib.closing(store.sqlite3.connect(path)) as base, base:
        base.execute("delete from events where n > 2")
    board.open()
    add(mine, light(5))
    clock.now += 1
    joined.turn()
    assert board.events() == [start(), *lights(1, 6)]


def test_another_room_behind_the_same_address_is_told_everything(board, joined, mine, clock):
    joined.turn()
    path = board.server.hall.store.path
    board.close()
    path.unlink()
    board.open()
    board.server.hall.gate.code = joined._where.code
    clock.now += 10
    joined.turn()
    assert joined.state == "room: all told"
    assert board.events() == [start(), *lights(1, 5)]


def test_a_line_that_is_damaged_leaves_a_gap_that_is_named(board, joined, mine):
    lines = mine.read_bytes().splitlines(keepends=True)
    lines[2] = b"\x00" * 40 + b"\n"
    mine.write_bytes(
        b"".join([*lines, b'{"n":999999,"t":1,"at":"","what":"beat"}\n', b'{"n":5,"t"'])
    )
    joined.turn()
    assert joined.state == "room: all told"
    assert [event.what for event in board.events()] == ["start", "light", "lost", "light", "light"]


def test_the_end_of_an_earlier_session_is_told_later(board, joined, clone, mine, clock):
    joined.turn()
    board.close()
    add(mine, light(5), Event(6, 6.0, "", "end"))
    laid(clone / log.LOGS / "20241231-0.jsonl", [start("3" * 32)])
    later = laid(clone / log.LOGS / "20250101-2.jsonl", [start(TWO)])
    board.open()
    Courier(clone, later, clock).turn()
    assert len(board.events(ONE)) == 7
    assert len(board.events(TWO)) == 1
    assert board.events("3" * 32) == [], "nobody has told of it before"


def test_an_earlier_session_that_is_refused_troubles_nobody(board, joined, clone, mine, clock):
    joined.turn()
    add(mine, Event(5, 5.0, "", "end"))
    later = laid(clone / log.LOGS / "20250101-2.jsonl", [start(TWO)])
    mine.write_bytes(mine.read_bytes() + Event(6, 6.0, "", "start", start().values).line())
    one = Courier(clone, later, clock)
    one.turn()
    assert one.state == "room: all told"
    assert len(board.events(TWO)) == 1


def test_a_full_disk_at_the_room_is_said_and_then_told(board, joined, mine, clock):
    joined.turn()
    base = board.server.hall.store._base
    (pages,) = base.execute("pragma page_count").fetchone()
    base.execute(f"pragma max_page_count = {pages}")
    add(mine, *lights(5, 300))
    joined.turn()
    assert joined.state == "room: its disk is full, 295 to tell, trying"
    base.execute("pragma max_page_count = 100000")
    clock.now += 1
    joined.turn()
    assert len(board.events()) == 300


def test_who_is_told_to_wait_waits(board, joined, mine, clock, monkeypatch):
    monkeypatch.setattr(board.server.hall.gate, "wait", lambda *_: 3.0)
    joined.turn()
    assert joined.state == "room: 5 to tell"
    monkeypatch.setattr(board.server.hall.gate, "wait", lambda *_: 0.0)
    clock.now += 2
    joined.turn()
    assert joined.state == "room: 5 to tell"
    clock.now += 1
    joined.turn()
    assert joined.state == "room: all told"


def answers(data):
    """A server that says this to whoever comes, whatever it is asked; and what it got."""
    listening = socket.create_server(("127.0.0.1", 0))
    got = []

    def serve():
        with listening:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    got.append(connection.recv(65536))
                    connection.sendall(data)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):  # who closes before all is read cuts the answer
                        pass

    threading.Thread(target=serve, daemon=True).start()
    return listening, got


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no answer"),
        (b"\xff\xfe\x00garbage\r\n\r\n", "no answer"),
        (HEAD % (4, b"<ht>"), "what answers there is no room"),
        (HEAD % (2, b"[]"), "what answers there is no room"),
        (HEAD % (14, b'{"have": true}'), "what answers there is no room"),
        (HEAD % (11, b'{"have":-1}'), "what answers there is no room"),
        (HEAD % (10, b'{"have":0}'), "it does not take all of it"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "what answers"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 17\r\n\r\n" + b'{"error":"\\u001b"}', "what answers"),
    ],
)
def test_whatever_answers_there_the_walk_goes_on(clone, mine, data, why):
    listening, got = answers(data)
    address.save(clone, Address(f"http://127.0.0.1:{listening.getsockname()[1]}", "code"))
    one = Courier(clone, mine)
    one.turn()
    assert why in one.state
    assert "5 to tell" in one.state
    assert got
    listening.close()


def test_no_proxy_is_asked(board, joined, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    joined.turn()
    assert joined.state == "room: all told"


def test_what_a_room_is_told_stands_on_the_disk_before(joined, mine, monkeypatch):
    done, real = [], delivery.post

    def post(*given, **more):
        done.append("told")
        return real(*given, **more)

    def fsync(file):
        assert os.fstat(file).st_ino == mine.stat().st_ino
        done.append("safe")
        raise OSError(errno.EINVAL, "no such disk")

    monkeypatch.setattr(delivery, "post", post)
    monkeypatch.setattr(os, "fsync", fsync)
    joined.turn()
    assert (done, joined.state) == (["safe", "told"], "room: all told")
    joined._way.step()
    assert done == ["safe", "told", "told"], "nothing new was told"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_gets_lost_on_the_way_each_event_arrives_once(mine, monkeypatch, seed):
    dice, kept = random.Random(seed), []

    def post(where, session, events, timeout=0):
        """A server that dies before or after it has kept what it got, or loses its end."""
        fate = dice.random()
        if fate < 0.2:
            raise DeliveryError("no answer")
        if fate > 0.9 and kept:
            del kept[-dice.randint(1, 2) :]
        first = events[0].n if events else 0
        if events and first <= len(kept):
            kept.extend(events[len(kept) - first :])
        if fate < 0.4:
            raise DeliveryError("no answer")
        return len(kept)

    monkeypatch.setattr(delivery, "post", post)
    monkeypatch.setattr(delivery, "BATCH", 3)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # no power is cut here
    way, n = ToServer(mine, Address("http://x", "code")), 5
    for _ in range(60):
        for _ in range(dice.randint(0, 3)):
            add(mine, light(n))
            n += 1
        way.look()
        with contextlib.suppress(DeliveryError):
            way.step()
    dice.random = lambda: 0.5
    with contextlib.suppress(DeliveryError):
        courier.tell(way)
    courier.tell(way)
    assert [event.n for event in kept] == list(range(n))


# -- a folder --------------------------------------------------------------------------------------


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def test_a_folder_gets_a_copy_byte_for_byte_that_grows(clone, mine, stick, clock):
    assert f"Joined {stick}." in room.join(clone, str(stick))
    copy = stick / f"{ONE}.jsonl"
    assert copy.read_bytes() == mine.read_bytes()
    whole = light(5).line()
    with mine.open("ab") as file:
        file.write(whole[:10])
    one = Courier(clone, mine, clock)
    one.turn()
    assert mine.read_bytes() == copy.read_bytes() + whole[:10]
    with mine.open("ab") as file:
        file.write(whole[10:])
    one.turn()
    assert copy.read_bytes() == mine.read_bytes()
    assert one.state == "room: all told"
    assert [path.name for path in stick.iterdir()] == [copy.name]
    assert room.events(stick) == {ONE: [start(), *lights(1, 6)]}


@pytest.mark.parametrize("cut", [0, 1, 40, 200, 300])
def test_a_copy_that_was_cut_short_is_completed(mine, stick, cut):
    copy = stick / f"{ONE}.jsonl"
    copy.write_bytes(mine.read_bytes()[:cut])
    before = copy.stat().st_ino
    courier.tell(ToFolder(mine, stick))
    assert copy.read_bytes() == mine.read_bytes()
    assert copy.stat().st_ino == before


def test_a_copy_that_is_no_beginning_of_the_log_is_written_anew(mine, stick):
    copy = stick / f"{ONE}.jsonl"
    copy.write_bytes(b"x" * 1000)
    courier.tell(ToFolder(mine, stick))
    assert copy.read_bytes() == mine.read_bytes()
    assert [path.name for path in stick.iterdir()] == [copy.name]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_what_lies_in_the_place_of_a_copy_is_replaced_and_never_followed(mine, stick, tmp_path):
    copy, other = stick / f"{ONE}.jsonl", tmp_path / "other"
    other.write_bytes(mine.read_bytes()[:9])
    for lay in (
        lambda: copy.symlink_to(other),
        lambda: copy.symlink_to("nowhere"),
        lambda: copy.symlink_to(copy.name),
        lambda: os.mkfifo(copy),
    ):
        lay()
        way = ToFolder(mine, stick)
        assert not way.is_known()
        courier.tell(way)
        assert not copy.is_symlink()
        assert copy.read_bytes() == mine.read_bytes()
        assert other.read_bytes() == mine.read_bytes()[:9]
        copy.unlink()
    copy.symlink_to(other)
    for mode in ("rb", "ab"):
        with pytest.raises(OSError, match="symbolic link"):
            way._opened(mode)


def test_a_full_folder_is_said_and_completed_later(clone, mine, stick, clock, monkeypatch):
    room.join(clone, str(stick))
    one = Courier(clone, mine, clock)
    one.turn()
    add(mine, light(5), light(6))
    real = os.fsync

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    one.turn()
    assert one.state == "room: No space left on device, 2 to tell, trying"
    monkeypatch.setattr(os, "fsync", real)
    clock.now += 1
    one.turn()
    assert one.state == "room: all told"
    assert (stick / f"{ONE}.jsonl").read_bytes() == mine.read_bytes()


def test_a_stick_that_is_pulled_is_missed_and_never_made(clone, mine, stick, clock):
    room.join(clone, str(stick))
    one = Courier(clone, mine, clock)
    one.turn()
    pulled = stick.rename(stick.with_name("pulled"))
    add(mine, light(5))
    one.turn()
    assert one.state == "room: the folder is not there, 1 to tell, trying"
    assert not stick.exists()
    pulled.rename(stick)
    clock.now += 1
    one.turn()
    assert (stick / f"{ONE}.jsonl").read_bytes() == mine.read_bytes()


def test_folders_that_cannot_be_a_room_are_refused(clone, stick, monkeypatch):
    with pytest.raises(RoomError, match="a folder has no code"):
        room.join(clone, str(stick), "code")
    with pytest.raises(RoomError, match="has this clone's own logs"):
        room.join(clone, str(clone / log.LOGS))

    def refuse(**_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(RoomError, match="cannot be written: Read-only file system"):
        room.join(clone, str(stick))
    assert address.load(clone) is None


def test_a_room_json_that_cannot_be_written_is_said(clone, stick):
    (clone / address.FILE).mkdir()
    with pytest.raises(CourseError, match="cannot be written"):
        room.join(clone, str(stick))


# -- all logs of a room ----------------------------------------------------------------------------


def test_the_logs_of_a_room_are_read_wherever_they_are(board, clone, mine, stick):
    laid(stick / "b.jsonl", [start(TWO, at="2025-01-01T10:00:00+00:00"), light(1)])
    laid(stick / "copy.jsonl", [start(), light(1)])
    laid(stick / "whole.jsonl", [start(), *lights(1, 5)])
    (stick / "rubbish.jsonl").write_bytes(b"\x00\n{}\n")
    assert list(room.events(stick).items()) == [
        (TWO, [start(TWO, at="2025-01-01T10:00:00+00:00"), light(1)]),
        (ONE, [start(), *lights(1, 5)]),
    ]
    assert room.events(clone) == {ONE: [start(), *lights(1, 5)]}
    room.join(clone, board.url, board.code)
    assert room.events(board.course.root / room.DATABASE) == room.events(clone)


def test_what_is_no_room_is_said(tmp_path):
    (tmp_path / "letter.txt").write_text("dear room")
    with pytest.raises(RoomError, match="is no room's database"):
        room.events(tmp_path / "letter.txt")
    with pytest.raises(RoomError, match="no logs can be read there: No such file"):
        room.events(tmp_path / "nowhere")


# -- the thread ------------------------------------------------------------------------------------


def test_the_thread_tells_what_comes_and_at_the_end_the_rest(board, joined, mine, monkeypatch):
    joined.open()
    until(lambda: len(board.events()) == 5)
    add(mine, light(5))
    joined.wake()
    until(lambda: len(board.events()) == 6)
    monkeypatch.setattr(courier, "LOOK", 1000.0)
    time.sleep(MOMENT)
    add(mine, light(6), Event(7, 7.0, "", "end"))
    joined.close(PATIENCE)
    assert len(board.events()) == 8


def test_nothing_that_happens_in_the_thread_ends_it(board, joined, mine, monkeypatch):
    monkeypatch.setattr(courier, "LOOK", MOMENT)
    real, failed = delivery.of, []

    def fails(*_):
        failed.append(1)
        raise RuntimeError("no idea")

    monkeypatch.setattr(delivery, "of", fails)
    joined.open()
    until(lambda: failed)
    monkeypatch.setattr(delivery, "of", real)
    joined._joined = None
    until(lambda: len(board.events()) == 5)
    joined.close(PATIENCE)


def test_a_room_that_never_answers_keeps_nobody_waiting_at_the_end(clone, mine):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address.save(clone, Address(f"http://127.0.0.1:{listening.getsockname()[1]}", "code"))
        one = Courier(clone, mine)
        one.open()
        connection, _ = listening.accept()
        one.close(0.05)
        assert one._thread.is_alive()
        assert one._thread.daemon
        connection.close()


# -- kill -9 ---------------------------------------------------------------------------------------

SERVER = """
import sys
from pathlib import Path
from torchkoans.course import Course
from torchkoans.dojo.server import Server
server = Server(Course(Path(sys.argv[1])), serve=True, port=int(sys.argv[2]))
print(server.port, server.code, flush=True)
server.run()
"""
PAIR = """
import sys
from pathlib import Path
from torchkoans.dojo.courier import Courier
one = Courier(Path(sys.argv[1]), Path(sys.argv[2]))
print("here", flush=True)
while True:
    one._not_before = float("-inf")
    one.turn()
"""


@contextlib.contextmanager
def process(program, *arguments):
    made = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
    )
    try:
        yield made
    finally:
        made.kill()
        made.wait()
        made.stdout.close()


kills = pytest.mark.skipif(os.name != "posix", reason="kill -9")


@kills
def test_a_server_that_is_killed_loses_nothing_that_it_has_confirmed(lean):
    """Three pairs post as fast as they can, over two deaths."""
    port, code, sessions = 0, "", [ONE, TWO, "3" * 32]
    told = dict.fromkeys(sessions, 0)

    def walk(session):
        while told[session] < 400:
            n = told[session]
            events = lights(n, n + 5) if n else [start(session), *lights(1, 5)]
            try:
                told[session] = delivery.post(where, session, events)
            except DeliveryError as error:
                if error.why == "no answer":
                    return
                time.sleep(MOMENT)

    for death in (60, 200, None):
        with process(SERVER, lean.root, port) as server:
            port, code = server.stdout.readline().split()
            where = Address(f"http://127.0.0.1:{port}", code)
            for session in sessions:
                assert told[session] <= delivery.post(where, session, []) <= told[session] + 5
            threads = [threading.Thread(target=walk, args=(session,)) for session in sessions]
            for thread in threads:
                thread.start()
            if death:
                until(lambda death=death: max(told.values()) > death)
                os.kill(server.pid, signal.SIGKILL)
            for thread in threads:
                thread.join()
    kept = store.events(lean.root / room.DATABASE)
    assert {one: [event.n for event in events] for one, events in kept.items()} == {
        session: list(range(400)) for session in sessions
    }


@kills
def test_a_pair_that_is_killed_tells_the_rest_when_it_is_back(
    board, clone, mine, stick, monkeypatch
):
    """It is killed in the middle of telling a server, and then a folder."""
    monkeypatch.setattr(board.server.hall.gate, "wait", lambda *_: 0.0)
    add(mine, *lights(5, 6000))
    wanted = [start(), *lights(1, 6000)]
    copy = stick / f"{ONE}.jsonl"
    for where, is_begun in (
        (Address(board.url, board.code), lambda: board.server.hall.store.have(ONE)),
        (Address(str(stick)), copy.exists),
    ):
        address.save(clone, where)
        with process(PAIR, clone, mine) as pair:
            pair.stdout.readline()
            until(is_begun)
            os.kill(pair.pid, signal.SIGKILL)
        courier.tell(delivery.of(mine, where))
    assert board.events() == wanted
    assert copy.read_bytes() == mine.read_bytes()
    assert json.loads((clone / address.FILE).read_text())["where"] == str(stick)
    assert Path(copy).parent == stick

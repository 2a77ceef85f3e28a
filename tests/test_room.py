"""The room at its facilitator's: nothing is lost, nothing is twice, strangers are told nothing."""

import json
import os
import re
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from clocks import Clock
from falcon.testing import TestClient as Browser

from torchkoans.dojo import gate, gathering, hall, room, store
from torchkoans.dojo.events import Event
from torchkoans.dojo.gate import Bucket, Gate
from torchkoans.dojo.gathering import Gathering
from torchkoans.dojo.hall import Hall
from torchkoans.dojo.rounds import STALE, Round, Rounds
from torchkoans.dojo.routes import app
from torchkoans.dojo.server import Server, ServerError, _connections
from torchkoans.dojo.shelf import Shelf
from torchkoans.dojo.store import Store, StoreError
from torchkoans.source import command

ONE, TWO = "1" * 32, "2" * 32
SUM = "koans/01_numbers.py::test_a_sum_is_a_tensor"
INDEX = "koans/01_numbers.py::test_an_index_may_be_the_blank"
JSON = {"Content-Type": "application/json"}


def start(session=ONE, people=("ana", "bo"), at="2025-01-01T12:00:00+00:00"):
    values = {"session": session, "people": list(people), "switch": "time", "every": 300}
    return Event(0, 0.0, at, "start", values)


def light(n, koan=SUM, light="green", at="2025-01-01T12:00:00+00:00"):
    return Event(n, float(n), at, "light", {"koan": koan, "light": light})


def lights(first, last):
    return [light(n) for n in range(first, last)]


def plain(events):
    return [json.loads(event.line()) for event in events]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def base(tmp_path):
    made = Store(tmp_path / "room.sqlite")
    yield made
    made.close()


# -- the store -------------------------------------------------------------------------------------


def test_what_was_added_is_there_after_a_restart(base):
    assert base.add(ONE, 0, [start(), *lights(1, 4)]) == 4
    assert base.add(TWO, 0, [start(TWO)]) == 1
    base.close()
    again = Store(base.path)
    assert [again.have(ONE), again.have(TWO), again.have("3" * 32)] == [4, 1, 0]
    assert again.events(ONE) == [start(), *lights(1, 4)]
    assert again.sessions == [ONE, TWO]
    assert again.note == ""
    again.close()


def test_what_comes_twice_is_kept_once_and_a_gap_keeps_nothing(base):
    events = [start(), *lights(1, 6)]
    assert base.add(ONE, 0, events[:3]) == 3
    assert base.add(ONE, 0, events[:3]) == 3
    assert base.add(ONE, 1, events[1:5]) == 5
    assert base.add(ONE, 8, lights(8, 9)) == 5
    assert base.add(ONE, 5, []) == 5
    assert base.events(ONE) == events[:5]


def test_a_number_stays_with_its_session(base):
    assert [base.number(TWO), base.number(ONE), base.number(TWO)] == [1, 2, 1]
    base.add("3" * 32, 0, [start("3" * 32)])
    base.close()
    again = Store(base.path)
    assert [again.number("3" * 32), again.number(ONE), again.number("4" * 32)] == [3, 2, 4]
    again.close()


def test_a_full_disk_is_said_and_what_was_kept_stays(base):
    base.add(ONE, 0, [start()])
    (pages,) = base._base.execute("pragma page_count").fetchone()
    base._base.execute(f"pragma max_page_count = {pages + 1}")
    with pytest.raises(StoreError, match="the disk is full"):
        base.add(ONE, 1, lights(1, 200))
    assert base.have(ONE) == 1
    assert base.events(ONE) == [start()]
    base._base.execute("pragma max_page_count = 100000")
    assert base.add(ONE, 1, lights(1, 200)) == 200


def test_what_fails_in_the_middle_leaves_nothing_behind(base):
    with pytest.raises(TypeError):
        base.add(ONE, 0, [start(), Event(1, 1.0, "", "note", {"said": object()})])
    assert base.sessions == []
    assert base.add(ONE, 0, [start(), light(1)]) == 2


def test_rubbish_is_moved_aside_and_never_deleted(tmp_path):
    path = tmp_path / "room.sqlite"
    path.write_bytes(b"somebody's letter " * 300)
    made = Store(path)
    (aside,) = tmp_path.glob("room-*.sqlite")
    assert aside.read_bytes() == b"somebody's letter " * 300
    assert f"is kept as {aside.as_posix()}" in made.note
    assert made.add(ONE, 0, [start()]) == 1
    made.close()


def test_of_a_damaged_database_the_code_is_saved(base):
    base.keep("code", "k7m4q-2xw9p")
    base.add(ONE, 0, [start(), *lights(1, 400)])
    base.close()
    data = bytearray(base.path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    base.path.write_bytes(data)
    again = Store(base.path)
    assert again.kept("code") == "k7m4q-2xw9p"
    assert again.have(ONE) == 0
    assert len(list(base.path.parent.glob("room-*.sqlite"))) == 1
    again.close()


def test_a_database_of_another_version_is_left_alone(tmp_path):
    path = tmp_path / "room.sqlite"
    other = sqlite3.connect(path)
    other.execute("pragma user_version = 7")
    other.close()
    with pytest.raises(StoreError, match=r"another version of the course: move it elsewhere"):
        Store(path)
    assert [file.name for file in tmp_path.glob("room*.sqlite")] == ["room.sqlite"]


def test_a_second_server_on_one_database_is_refused(base):
    with pytest.raises(StoreError, match="in use by another board"):
        Store(base.path)
    with pytest.raises(StoreError, match="in use by another board"):
        store.set_aside(base.path)


def test_a_database_that_a_program_holds_is_said(base, monkeypatch):
    base.close()
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    other = sqlite3.connect(base.path, isolation_level=None)
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin exclusive")
    with pytest.raises(StoreError, match="in use by another program: close that"):
        Store(base.path)
    other.close()
    Store(base.path).close()


def test_a_new_room_keeps_the_old_one(base):
    base.add(ONE, 0, [start()])
    base.close()
    aside = store.set_aside(base.path)
    assert store.set_aside(base.path) is None
    assert store.events(aside) == {ONE: [start()]}
    again = Store(base.path)
    assert again.sessions == []
    again.close()


# -- the gathering ---------------------------------------------------------------------------------


def test_each_event_counts_once_wherever_it_comes_from():
    here = Gathering()
    here.feed(ONE, [start(), *lights(1, 3)], None)
    here.feed(ONE, [start(), light(1, INDEX, "wrong"), light(2), light(3, INDEX)], 5.0)
    here.feed(ONE, [start(), light(1, INDEX, "wrong"), light(2, SUM, "broken")], 5.0)
    (pair,) = here.pairs
    assert pair.session.lights == {SUM: "green", INDEX: "green"}
    assert (pair.number, pair.heard, pair.next) == (1, 5.0, 4)


def test_whose_start_is_not_known_is_nobody():
    here = Gathering()
    here.feed(ONE, lights(1, 3), 1.0)
    here.feed(ONE, [start(TWO)], 1.0)
    here.feed(TWO, [], 1.0)
    assert here.pairs == []


def test_what_a_pair_can_fill_the_memory_with_is_bounded(monkeypatch):
    monkeypatch.setattr(gathering, "MOST_KOANS", 10)
    monkeypatch.setattr(gathering, "MOST_NAMES", 5)
    monkeypatch.setattr(gathering, "MOST_PAIRS", 2)
    here = Gathering()
    koans = [light(n, f"koans/01_a.py::test_{n}") for n in range(1, 90)]
    came = [Event(n, float(n), "", "came", {"who": f"p{n}"}) for n in range(90, 120)]
    here.feed(ONE, [start(), *koans, *came], 1.0)
    here.feed(TWO, [start(TWO)], 1.0)
    here.feed("3" * 32, [start("3" * 32)], 1.0)
    assert [pair.number for pair in here.pairs] == [1, 2]
    session = here.pairs[0].session
    assert len(session.lights) <= 20
    assert len(session.everybody) <= 5


def test_no_event_reaches_far_ahead_of_those_that_are_known():
    here = Gathering()
    end = Event(999_999, 9.0, "", "end")
    here.feed(ONE, [start(), end, light(1), Event(1002, 9.0, "", "beat")], None)
    (pair,) = here.pairs
    assert (pair.session.is_over, pair.next, pair.session.lights) == (False, 1003, {SUM: "green"})


def test_a_second_start_changes_nothing():
    here = Gathering()
    here.feed(ONE, [start(), light(1)], None)
    here.feed(ONE, [Event(2, 2.0, "", "start", start(TWO, ("eve", "mal")).values)], None)
    (pair,) = here.pairs
    assert (pair.session.id, pair.session.people) == (ONE, ["ana", "bo"])


# -- the gate --------------------------------------------------------------------------------------


def test_a_code_has_no_letters_that_look_alike_and_is_another_each_time():
    codes = {gate.code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"[2-9a-hjkmnp-z]{5}-[2-9a-hjkmnp-z]{5}", code) for code in codes)


@pytest.mark.parametrize("typed", ["k7m4q-2xw9p", "K7M4Q2XW9P", " k7m4q 2xw9p\n"])
def test_a_code_is_known_as_people_type_it(typed):
    assert Gate("k7m4q-2xw9p").opens_to(typed)


@pytest.mark.parametrize("typed", ["", "k7m4q", "k7m4q-2xw9q", "k7m4q-2xw9pp", "ключ", "\ud800"])
def test_another_code_is_none(typed):
    assert not Gate("k7m4q-2xw9p").opens_to(typed)


def test_a_bucket_lets_through_a_few_at_once_and_then_so_many_a_second(clock):
    bucket = Bucket(10, 3, clock)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(0.1)
    clock.now += 0.1
    assert bucket.take() == 0
    clock.now += 1000
    assert [bucket.take() > 0 for _ in range(4)] == [False, False, False, True]
    clock.now -= 500
    assert bucket.take() > 0


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1:8765", True),
        ("localhost", True),
        ("192.168.1.20:8765", True),
        ("[fe80::1]:8765", True),
        ("", False),
        ("example.org:8765", False),
        ("127.0.0.1.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_only_addresses_and_own_names_are_answered(host, is_own):
    assert Gate("x").is_own(host) == is_own


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.20", False),
        ("::ffff:10.0.0.1", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_who_sits_at_this_machine_is_known_by_address(address, is_here):
    assert gate.is_loopback(address) == is_here


# -- a folder of logs ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def laid(path, events):
    path.write_bytes(b"".join(event.line() for event in events))
    return path


def test_a_log_is_followed_as_it_grows_and_its_name_means_nothing(folder, clock):
    here = Gathering()
    shelf = Shelf(folder, here, clock)
    path = laid(folder / "evil; name.jsonl", [start(), light(1)])
    laid(folder / "notes.txt", [start(TWO)])
    shelf.look()
    assert [(pair.session.id, pair.heard) for pair in here.pairs] == [(ONE, None)]
    with path.open("ab") as file:
        whole = light(2, INDEX).line()
        file.write(whole[:20])
        file.flush()
        shelf.look()
        assert INDEX not in here.pairs[0].session.lights
        file.write(whole[20:])
    shelf.look()
    assert here.pairs[0].session.lights == {SUM: "green", INDEX: "green"}
    assert here.pairs[0].heard == clock.now
    laid(folder / "late.jsonl", [start(TWO)])
    shelf.look()
    assert [pair.heard for pair in here.pairs] == [clock.now, clock.now]
    assert shelf.trouble == ""


def test_copies_of_a_log_count_once_and_another_file_of_that_name_is_read_anew(folder):
    here = Gathering()
    shelf = Shelf(folder, here)
    laid(folder / "a.jsonl", [start(), light(1), light(2)])
    laid(folder / "b.jsonl", [start(), light(1), light(2), light(3, INDEX)])
    shelf.look()
    assert (here.pairs[0].next, shelf.trouble) == (4, "")
    beside = laid(folder / "beside", [start(TWO), light(1)])
    beside.replace(folder / "a.jsonl")
    shelf.look()
    assert [(pair.session.id, pair.next) for pair in here.pairs] == [(ONE, 4), (TWO, 2)]


END = Event(2, 2.0, "", "end")


@pytest.mark.parametrize("own", [f"{ONE}.jsonl", "20250101-120000-11111111.jsonl"])
def test_what_somebody_lays_beside_a_session_does_not_end_it(folder, own):
    here = Gathering()
    shelf = Shelf(folder, here)
    mine = laid(folder / own, [start(), light(1)])
    shelf.look()
    for events in ([start(), Event(1, 1.0, "", "end")], [start(), Event(900, 9.0, "", "end")]):
        laid(folder / "00.jsonl", events)
        shelf.look()
        (pair,) = here.pairs
        assert (pair.session.is_over, pair.session.lights) == (False, {SUM: "green"})
        assert "1 log in the folder is not shown: another log says something else" in shelf.trouble
        assert [event.what for event in room.events(folder)[ONE]][1:] == (
            ["light"] if own.startswith(ONE) else [events[1].what]
        )
    laid(folder / "00.jsonl", [start(), light(1), END, light(3, INDEX)])
    shelf.look()
    assert pair.session.is_over, "until something else is known it is a copy that has come further"
    laid(mine, [start(), light(1), light(2, INDEX)])
    shelf.look()
    assert (pair.session.is_over, pair.number, pair.next) == (False, 1, 3)
    assert pair.session.lights == {SUM: "green", INDEX: "green"}


@pytest.mark.skipif(sys.platform != "linux", reason="links, pipes and such names")
def test_what_is_no_log_hides_nobody_and_no_name_harms_the_page(
    lean, tmp_path, folder, clock, monkeypatch
):
    laid(folder / "a.jsonl", [start()])
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    (folder / "link.jsonl").symlink_to(laid(tmp_path / "other", [start(TWO)]))
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.jsonl").mkdir()
    (folder / os.fsdecode(b"\xff.jsonl")).write_bytes(b"x" * 1001)
    assert list(room.events(folder)) == [ONE]
    monkeypatch.setattr("torchkoans.dojo.shelf.LARGEST", 1000)
    here = Hall(lean, Store(tmp_path / "x.sqlite"), posts=False, folder=folder, clock=clock)
    here.look()
    said = Guest(here, here.gate.code).data()
    assert said["trouble"] == "1 log in the folder is not shown: this is too large for a log."
    assert [pair["number"] for pair in said["pairs"]] == [1]
    monkeypatch.setattr(Hall, "trouble", "\udcff")
    here._made.clear()
    assert Guest(here, here.gate.code).data()["trouble"] == "?"
    here.close()


def test_a_line_that_was_cut_short_is_passed_over(folder):
    here = Gathering()
    data = start().line() + light(1).line()[:30] + b"\n" + light(1, INDEX).line() + b"\xff\n"
    (folder / "a.jsonl").write_bytes(data)
    Shelf(folder, here).look()
    assert here.pairs[0].session.lights == {INDEX: "green"}


def test_a_folder_may_vanish_for_a_while(folder):
    here = Gathering()
    shelf = Shelf(folder, here)
    laid(folder / "a.jsonl", [start()])
    shelf.look()
    away = folder.rename(folder.with_name("pulled"))
    shelf.look()
    assert "No such file or directory. As soon as it is back, this goes on." in shelf.trouble
    assert [pair.session.id for pair in here.pairs] == [ONE]
    laid(away / "a.jsonl", [start(), light(1)])
    away.rename(folder)
    shelf.look()
    assert shelf.trouble == ""
    assert here.pairs[0].next == 2


def test_a_log_that_cannot_be_read_is_named_and_the_others_are_read(folder, monkeypatch):
    monkeypatch.setattr("torchkoans.dojo.shelf.LARGEST", 1000)
    here = Gathering()
    shelf = Shelf(folder, here)
    (folder / "a.jsonl").write_bytes(b"x" * 1001)
    laid(folder / "b.jsonl", [start()])
    shelf.look()
    assert shelf.trouble == "1 log in the folder is not shown: this is too large for a log."
    assert len(here.pairs) == 1
    laid(folder / "a.jsonl", [start(TWO)])
    shelf.look()
    assert shelf.trouble == ""
    assert len(here.pairs) == 2


def test_who_finds_no_room_is_said_at_each_look(folder, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_PAIRS", 1)
    shelf = Shelf(folder, Gathering())
    laid(folder / "a.jsonl", [start()])
    laid(folder / "b.jsonl", [start(TWO)])
    for _ in range(2):
        shelf.look()
        assert shelf.trouble == "1 log in the folder is not shown: the room is full."


def test_of_too_many_logs_the_newest_are_looked_at_and_the_others_are_counted(folder, monkeypatch):
    monkeypatch.setattr("torchkoans.dojo.shelf.MOST_FILES", 2)
    for day in range(1, 5):
        laid(folder / f"2025010{day}.jsonl", [start(str(day) * 32)])
    laid(folder / "99.jsonl", [])
    here = Gathering()
    shelf = Shelf(folder, here)
    shelf.look()
    assert [pair.session.id for pair in here.pairs] == ["3" * 32, "4" * 32]
    assert shelf.trouble == "2 logs in the folder are not looked at: move old ones out of it."


# -- the server, asked without a network -----------------------------------------------------------


class Guest:
    """Asks as somebody with this code would."""

    def __init__(self, hall, code=None, address="127.0.0.1", host="127.0.0.1:8765"):
        self.browser, self.code = Browser(app(hall)), code
        self.more = {"remote_addr": address, "host": host}

    def ask(self, method, path, headers=None, **more):
        headers = {**(headers or {})}
        if self.code is not None:
            headers["Authorization"] = f"Bearer {self.code}"
        return self.browser.simulate_request(method, path, headers=headers, **self.more, **more)

    def post(self, session, first, events):
        body = json.dumps({"session": session, "from": first, "events": plain(events)})
        return self.ask("POST", "/events", JSON, body=body)

    def data(self):
        return self.ask("GET", "/data").json


@pytest.fixture
def here(lean, tmp_path, clock, monkeypatch):
    monkeypatch.setattr(hall, "FRESH", 0.0)
    made = Hall(lean, Store(tmp_path / "room.sqlite"), clock=clock, join=lambda code: f"in {code}")
    yield made
    made.close()


@pytest.fixture
def guest(here):
    return Guest(here, here.gate.code)


def again(here, **more):
    """The same room after a restart."""
    here.store.close()
    return Hall(here.course, Store(here.store.path), clock=here._clock, **more)


def test_without_the_code_nothing_is_told_not_even_what_there_is(here):
    asked = [
        Guest(here).ask(method, path)
        for method in ("GET", "POST", "PUT", "OPTIONS")
        for path in ("/", "/data", "/events", "/round", "/nothing", "/../../etc/passwd", "/?code=")
    ]
    asked += [Guest(here, "wrong").ask("GET", "/data"), Guest(here, "").ask("GET", "/login")]
    assert {(one.status_code, one.text, str(sorted(one.headers.items()))) for one in asked} == {
        (401, "{}", str(sorted(asked[0].headers.items())))
    }
    assert here.gate.code not in str(asked[0].headers)


def test_a_browser_without_the_code_is_asked_for_it_on_every_page_alike(here):
    texts = {
        Guest(here).ask("GET", path, {"Accept": "text/html,*/*"}).text
        for path in ("/", "/data", "/nothing")
    }
    (text,) = texts
    assert '<form method="post" action="/login">' in text
    assert "The code on the wall" in text
    assert "That was not the code." not in text
    assert "koan" not in text.lower()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html,*/*"}
    asked = Guest(here).ask("POST", "/login", form, body="code=wrong")
    assert asked.status_code == 401
    assert "That was not the code." in asked.text
    assert "koan" not in asked.text.lower()


def test_with_the_code_what_is_not_there_is_not_found(guest):
    assert guest.ask("GET", "/nothing").status_code == 404
    assert guest.ask("GET", "/..%2f..%2fetc%2fpasswd").status_code == 404


def test_a_form_and_a_link_leave_a_cookie_that_opens_everything(here):
    code = here.gate.code
    guest = Guest(here)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for done in (
        guest.ask("POST", "/login", form, body=f"code={code.upper()}"),
        guest.ask("GET", "/", query_string=f"code={code}"),
    ):
        assert (done.status_code, done.headers["location"]) == (303, "/")
        said = done.headers["set-cookie"]
        assert "HttpOnly" in said
        assert "SameSite=Lax" in said
        cookie = {"Cookie": said.partition(";")[0]}
        assert cookie["Cookie"].startswith("room-8765=")
        assert guest.ask("GET", "/data", cookie).status_code == 200
        assert "<script>" in guest.ask("GET", "/", cookie).text
    many = f"code={code}" + "&a=1" * 9
    for wrong in ("", "code=", "code=wrong", "x" * 1001, "code=%ff%00", many):
        asked = guest.ask("POST", "/login", form, body=wrong)
        assert (asked.status_code, asked.text) == (401, "{}")


def test_an_old_link_puts_nobody_out_and_the_right_one_of_several_lets_in(here):
    guest, code = Guest(here), here.gate.code
    cookie = {"Cookie": f"room-8765={gate.plain(code)}"}
    asked = guest.ask("GET", "/", cookie, query_string="code=old")
    assert (asked.status_code, "set-cookie" in asked.headers) == (200, False)
    for more in ({}, cookie):
        asked = guest.ask("GET", "/", more, query_string=f"code=old&code={code}")
        assert asked.status_code == 303
        assert gate.plain(code) in asked.headers["set-cookie"]
    many = "code=old&" * 9 + f"code={code}"
    assert guest.ask("GET", "/", query_string=many).status_code == 401, "nobody tries them all"


def test_two_boards_on_one_computer_keep_their_codes_apart(here):
    other = Browser(app(here, port=8766))
    cookie = {"Cookie": f"room-8765=old; room-8766={here.gate.code}"}
    settings = {"headers": cookie, "host": "127.0.0.1:8766"}
    assert other.simulate_get("/data", **settings).status_code == 200


def test_guessing_is_told_of_and_never_shuts_out_who_has_the_code(here, guest, clock):
    asked = [Guest(here, f"wrong{n}").ask("GET", "/data") for n in range(40)]
    assert {(one.status_code, one.text) for one in asked} == {(401, "{}")}
    assert "retry-after" not in asked[19].headers
    assert int(asked[-1].headers["retry-after"]) >= 1
    assert Guest(here).ask("GET", "/data").status_code == 401
    said = guest.data()
    assert "Wrong codes come in" in said["trouble"]
    clock.now += 120
    assert Guest(here, "wrong").ask("GET", "/data").status_code == 401
    assert guest.data()["trouble"] is None


def test_a_strange_name_that_leads_here_is_refused(here):
    asked = Guest(here, here.gate.code, host="rebound.example.org:8765").ask("GET", "/data")
    assert (asked.status_code, asked.text) == (421, "{}")


def test_every_answer_tells_browsers_to_keep_nothing_and_load_nothing(here, guest):
    for asked in (guest.ask("GET", "/"), guest.ask("GET", "/no"), Guest(here).ask("GET", "/")):
        assert asked.headers["cache-control"] == "no-store"
        assert asked.headers["content-security-policy"].startswith("default-src 'self'")
        assert asked.headers["x-content-type-options"] == "nosniff"
        assert asked.headers["referrer-policy"] == "no-referrer"


def test_a_post_is_told_how_much_is_here_and_comes_to_the_board(here, guest):
    events = [start(), light(1), light(2, INDEX, "wrong")]
    assert guest.post(ONE, 0, []).json == {"have": 0}
    assert here.gathering.pairs == []
    assert guest.post(ONE, 0, events[:2]).json == {"have": 2}
    assert guest.post(ONE, 0, events[:2]).json == {"have": 2}
    gap = guest.post(ONE, 4, lights(4, 5))
    assert (gap.status_code, gap.json) == (409, {"have": 2})
    assert guest.post(ONE, 1, events[1:]).json == {"have": 3}
    assert guest.post(ONE, 0, []).json == {"have": 3}
    (pair,) = guest.data()["pairs"]
    assert (pair["people"], pair["lights"][:2], pair["state"]) == (["ana", "bo"], "gx", "here")


def test_a_pair_of_which_nothing_is_heard_is_away(guest, clock):
    guest.post(ONE, 0, [start()])
    clock.now += 120
    assert guest.data()["pairs"][0]["state"] == "away"
    guest.post(ONE, 0, [])
    assert guest.data()["pairs"][0]["state"] == "here"


def test_after_a_restart_all_is_as_it_was(here, guest):
    guest.post(TWO, 0, [start(TWO)])
    guest.post(ONE, 0, [start(), light(1)])
    before = guest.data()["pairs"]
    after = again(here)
    assert after.gate.code == here.gate.code
    told = Guest(after, after.gate.code).data()["pairs"]
    untimed = [[{**pair, "silent": 0, "state": 0} for pair in pairs] for pairs in (before, told)]
    assert untimed[0] == untimed[1]
    assert [pair["number"] for pair in told] == [1, 2]
    after.close()


def changed(n=1, **values):
    return {**plain([light(n)])[0], **values}


DEEP = "[" * 5000 + "]" * 5000
BAD = [
    ({"session": "../../etc/passwd"}, 400),
    ({"session": ONE[:-1]}, 400),
    ({"session": ONE.replace("1", "١")}, 400),
    ({"session": None}, 400),
    ({"from": -1}, 400),
    ({"from": True}, 400),
    ({"from": "1"}, 400),
    ({"from": 10**30}, 400),
    ({"events": None}, 400),
    ({"events": [None]}, 400),
    ({"events": [changed(), changed(3)]}, 400),
    ({"events": [changed(2)]}, 400),
    ({"events": [changed(t=10**400)]}, 400),
    ({"events": [changed(t=-1)]}, 400),
    ({"events": [changed(light="purple")]}, 400),
    ({"events": [changed(koan="koans/../../etc/passwd")]}, 400),
    ({"events": [changed(koan="<script>alert(1)</script>")]}, 400),
    ({"events": [changed(at="<script>")]}, 400),
    ({"events": [changed(what="<script>")]}, 400),
    ({"events": [changed(note="\ud800")]}, 400),
    ({"events": [changed(note="x" * 3000)]}, 400),
    ({"events": [changed(note=[1])]}, 400),
    ({"events": [changed(what="came", who="<script>")]}, 400),
    ({"events": [changed(what="drive", why="time", people=["a", "<b>"])]}, 400),
    ({"events": plain([Event(1, 1.0, "", "start", start().values)])}, 400),
    ({"from": 0, "events": [changed(0)]}, 400),
    ({"session": TWO, "from": 0, "events": plain([start(ONE)])}, 400),
    ({"session": TWO, "from": 0, "events": plain([start(TWO, ("<script>", "bo"))])}, 400),
    ({"events": [{"n": n} for n in range(501)]}, 413),
]


@pytest.mark.parametrize(("change", "status"), BAD)
def test_a_post_that_is_none_is_refused_with_a_reason_and_nothing_of_it_is_kept(
    guest, here, change, status
):
    guest.post(ONE, 0, [start()])
    given = {"session": ONE, "from": 1, "events": plain([light(1)]), **change}
    asked = guest.ask("POST", "/events", JSON, body=json.dumps(given))
    assert asked.status_code == status
    assert 0 < len(asked.json["error"]) < 250
    assert here.store.events(ONE) == [start()]
    assert here.store.sessions == [ONE]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        (DEEP, 400),
        ("\xff", 400),
        (" " * 65536, 400),
        (" " * 65537, 413),
    ],
    ids=range(8),
)
def test_what_is_no_post_at_all_is_refused(guest, body, status):
    assert guest.ask("POST", "/events", JSON, body=body.encode("latin-1")).status_code == status


def test_a_form_of_another_page_cannot_post(guest):
    for path in ("/events", "/round"):
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            assert guest.ask("POST", path, {"Content-Type": kind}, body="{}").status_code == 415


def test_who_posts_too_fast_waits_and_the_others_do_not(guest, clock):
    guest.post(ONE, 0, [start()])
    guest.post(TWO, 0, [start(TWO)])
    asked = [guest.post(ONE, 1, lights(1, 2)) for _ in range(40)]
    assert [one.status_code for one in asked] == [200] * 30 + [429] * 10
    assert asked[-1].headers["retry-after"] == "1"
    assert guest.post(TWO, 1, lights(1, 2)).status_code == 200
    clock.now += 1
    assert guest.post(ONE, 1, lights(1, 2)).status_code == 200


def test_a_session_and_a_room_have_their_size(guest, monkeypatch):
    monkeypatch.setattr(hall, "MOST_EVENTS", 3)
    monkeypatch.setattr(gathering, "MOST_PAIRS", 1)
    guest.post(ONE, 0, [start(), light(1)])
    assert guest.post(ONE, 2, lights(2, 4)).status_code == 413
    assert guest.post(ONE, 2, lights(2, 3)).json == {"have": 3}
    assert guest.data()["trouble"] is None
    assert guest.post(TWO, 0, [start(TWO)]).status_code == 403
    assert "The room is full" in guest.data()["trouble"]


def test_a_clock_on_the_wall_that_jumps_changes_nothing(guest):
    for session, days in ((ONE, ("2025-01-01", "2025-01-01")), (TWO, ("2100-01-01", "1970-01-01"))):
        first, then = days
        guest.post(session, 0, [start(session, at=f"{first}T00:00:00+00:00")])
        guest.post(session, 1, [light(1, INDEX, "wrong", at=f"{then}T00:00:00+00:00")])
    one, two = ({**pair, "number": 0} for pair in guest.data()["pairs"])
    assert one == two
    assert one["state"] == "here"


def test_a_full_disk_is_on_the_board_until_there_is_room(guest, here):
    guest.post(ONE, 0, [start()])
    base = here.store._base
    (pages,) = base.execute("pragma page_count").fetchone()
    base.execute(f"pragma max_page_count = {pages}")
    assert guest.post(ONE, 1, lights(1, 300)).status_code == 507
    assert guest.data()["trouble"].startswith("The room's database: the disk is full.")
    assert guest.data()["pairs"][0]["lights"][0] == "."
    base.execute("pragma max_page_count = 100000")
    assert guest.post(ONE, 1, lights(1, 300)).json == {"have": 300}
    assert guest.data()["trouble"] is None
    assert guest.data()["pairs"][0]["lights"][0] == "g"


def test_what_has_not_changed_is_not_sent_again(guest, here, monkeypatch):
    monkeypatch.setattr(hall, "FRESH", 0.5)
    first = guest.ask("GET", "/data")
    name = first.headers["etag"]
    same = guest.ask("GET", "/data", {"If-None-Match": name})
    assert (same.status_code, same.text) == (304, "")
    guest.post(ONE, 0, [start()])
    here._clock.now += 1
    assert guest.ask("GET", "/data", {"If-None-Match": name}).json["pairs"]


def test_a_button_is_seen_at_once(guest, monkeypatch):
    monkeypatch.setattr(hall, "FRESH", 0.5)
    assert guest.data()["round"]["runs"] is False
    lead(guest, do="start")
    assert guest.data()["round"]["runs"] is True


def lead(guest, **values):
    return guest.ask("POST", "/round", JSON, body=json.dumps(values)).status_code


def test_the_round_is_led_at_the_facilitators_computer_alone(here, guest):
    code = here.gate.code
    assert lead(Guest(here, code, address="192.168.1.7"), do="next") == 403
    assert lead(Guest(here), do="next") == 401
    assert Guest(here, code, address="192.168.1.7").data()["may_lead"] is False
    assert here.round.number == 1
    assert lead(guest, do="next") == 200
    assert guest.data()["round"]["number"] == 2
    assert guest.data()["may_lead"] is True


def test_the_buttons_of_a_round_do_what_they_say(guest, here):
    assert lead(guest, do="start") == 200
    assert here.round.runs
    left = here.round.left()
    assert lead(guest, do="more", seconds=90) == 200
    assert here.round.left() == pytest.approx(left + 90)
    assert lead(guest, do="more", seconds=90, number=7) == 200
    assert here.round.left() == pytest.approx(left + 90)
    assert lead(guest, do="pause") == 200
    assert not here.round.runs


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"do": "explode"},
        {"do": 7},
        {"do": "more", "seconds": -1},
        {"do": "more", "seconds": 10**9},
        {"do": "more", "seconds": "1"},
        {"do": "next", "number": "x"},
    ],
)
def test_what_no_button_says_is_refused(guest, values):
    assert lead(guest, **values) == 400


def test_the_round_outlives_a_death(here, guest, clock):
    lead(guest, do="start")
    for _ in range(20):
        clock.now += 5
        here.beat()
    left = here.round.left()
    after = again(here, fallback=Round(300.0, clock=clock))
    assert after.round.runs
    assert after.round.left() == pytest.approx(left, abs=5.1)
    after.close()


def test_each_room_has_a_round_of_its_own(here, guest, folder, tmp_path):
    lead(guest, do="next")
    found = []
    for given in (folder, tmp_path, folder / ".." / folder.name, None):
        after = again(here, folder=given, posts=given is None)
        found.append((after.round.number, after.round.runs))
        if given == folder:
            lead(Guest(after, after.gate.code), do="next")
            lead(Guest(after, after.gate.code), do="next")
        after.close()
    assert found == [(1, False), (1, False), (3, True), (2, True)]


@pytest.mark.parametrize(("later", "number"), [(-60, 4), (60, 4), (STALE + 1, 1), (-STALE - 1, 1)])
def test_a_round_of_long_ago_does_not_go_on(base, folder, clock, later, number):
    gone, round_ = clock.now + later, Round(clock=clock)
    round_.number = 4
    Rounds(base, wall=lambda: clock.now).keep(round_)
    Rounds(base, folder, wall=lambda: gone).keep(Round())
    found = Rounds(base, wall=lambda: clock.now).restored()
    assert (found.number if found else 1) == number


@pytest.mark.parametrize("kept", [None, [], {"posts": 1}, {"posts": {"at": "1"}}, {"number": 3}])
def test_what_is_kept_and_is_no_round_is_passed_over(base, kept):
    base.keep("round", kept)
    assert Rounds(base).restored() is None
    Rounds(base).keep(Round())
    assert Rounds(base).restored().number == 1


def test_a_fault_in_a_thread_is_said_on_the_board_until_it_has_passed(here, guest, caplog):
    faults = [RuntimeError("in /home/ana"), RuntimeError("in /home/ana")]

    def fails():
        if faults:
            raise faults.pop()

    guarded = here._guarded(fails)
    for _ in range(2):
        guarded()
        trouble = guest.data()["trouble"]
        assert trouble == "A fault of this program: RuntimeError; its terminal says more."
    assert caplog.text.count("RuntimeError: in /home/ana") == 1
    guarded()
    assert guest.data()["trouble"] is None


def test_a_database_that_was_damaged_is_told_of_without_its_path(lean, tmp_path, clock):
    (tmp_path / "room.sqlite").write_bytes(b"somebody's letter " * 300)
    here = Hall(lean, Store(tmp_path / "room.sqlite"), clock=clock)
    assert here.trouble.startswith("The room's database was damaged, and is kept aside:")
    here.close()


def test_a_board_of_a_folder_takes_no_posts_and_wants_the_code_too(lean, tmp_path, folder, clock):
    laid(folder / "a.jsonl", [start(), light(1)])
    here = Hall(lean, Store(tmp_path / "x.sqlite"), posts=False, folder=folder, clock=clock)
    here.look()
    guest = Guest(here, here.gate.code)
    assert guest.post(TWO, 0, [start(TWO)]).status_code == 404
    assert Guest(here).ask("GET", "/").status_code == 401
    said = guest.data()
    assert (said["join"], len(said["pairs"])) == (None, 1)
    here.close()


def test_a_folder_and_posts_go_into_one_room(lean, tmp_path, folder, clock):
    laid(folder / "a.jsonl", [start(), light(1)])
    here = Hall(lean, Store(tmp_path / "x.sqlite"), folder=folder, clock=clock)
    guest = Guest(here, here.gate.code)
    guest.post(TWO, 0, [start(TWO)])
    here.look()
    guest.post(ONE, 0, [start(), light(1), light(2, INDEX)])
    pairs = guest.data()["pairs"]
    assert [(pair["number"], pair["lights"][:2]) for pair in pairs] == [(1, ".."), (2, "gg")]
    here.close()


def test_pairs_that_post_at_once_are_all_kept(guest, here):
    sessions = [f"{n:032x}" for n in range(12)]

    def walk(session):
        guest.post(session, 0, [start(session)])
        for n in range(1, 20):
            guest.post(session, n, [light(n)])

    threads = [threading.Thread(target=walk, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {session: here.store.have(session) for session in sessions} == dict.fromkeys(
        sessions, 20
    )
    assert [pair.next for pair in here.gathering.pairs] == [20] * 12


# -- the server as it is opened --------------------------------------------------------------------


def test_an_open_board_says_where_it_is_and_how_pairs_come_in(lean):
    server = Server(lean, serve=True, port=0)
    said = "\n".join(server.lines())
    assert f"The board: http://127.0.0.1:{server.port}/?code={server.code}" in said
    assert f"dojo.py join http://127.0.0.1:{server.port} {server.code}" in said
    assert "--host 0.0.0.0" in said
    server.close()


def test_what_opens_a_room_again_is_said_as_it_is_typed(lean, tmp_path):
    settings = {"folder": tmp_path / "a room", "every": 450.0, "break_after": None}
    server = Server(lean, serve=True, port=0, new=True, **settings)
    server.close()
    quote = '"' if os.name == "nt" else "'"
    assert server.lines()[-1].strip() == command(
        "dojo",
        f"board --serve --dir {quote}{tmp_path / 'a room'}{quote}",
        f"--port {server.port} --every 7.5 --break 0",
    )


def test_there_are_never_more_connections_than_files_may_be_open(monkeypatch):
    resource = pytest.importorskip("resource")
    found = []
    for most in (256, 10**6, resource.RLIM_INFINITY, 20):
        monkeypatch.setattr(resource, "getrlimit", lambda _, most=most: (most, most))
        found.append(_connections())
    assert found == [196, 500, 500, 1]


def test_a_board_of_own_logs_makes_no_word_of_joining(lean):
    server = Server(lean, port=0)
    assert "join" not in "\n".join(server.lines())
    assert (server.hall.posts, server.hall.join) == (False, None)
    server.close()


def test_a_board_of_a_folder_says_how_pairs_lay_their_logs_there(lean, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server = Server(lean, port=0, folder=Path("a room"))
    quote = '"' if os.name == "nt" else "'"
    assert server.hall.join == command("dojo", "join", f"{quote}{tmp_path / 'a room'}{quote}")
    assert f"Pairs come in with: {server.hall.join}" in server.lines()
    assert "known from before" not in "\n".join(server.lines())
    server.close()


def test_a_port_that_is_taken_and_a_host_that_is_nowhere_are_said(lean, tmp_path):
    server = Server(lean, port=0)
    other = type(lean)(tmp_path / "other")
    shutil.copytree(lean.answers, other.answers)
    with pytest.raises(ServerError, match=f"port {server.port} is in use.*--port N"):
        Server(other, port=server.port)
    for host, port in (("203.0.113.77", 0), ("127.0.0.1", 70000), ("x" * 70, 0)):
        with pytest.raises(ServerError):
            Server(other, host=host, port=port)
    with pytest.raises(StoreError, match="another board of this clone"):
        Server(lean, port=0)
    Server(other, port=0).close()
    with pytest.raises(ServerError):
        Server(other, port=server.port, new=True)
    assert [path.name for path in (other.root / room.DATABASE).parent.glob("room*.sqlite")] == [
        "room.sqlite"
    ], "a room that cannot be opened takes the place of none"
    server.close()
    Server(other, port=server.port).close()


def test_a_new_room_begins_empty_and_says_where_the_old_one_is(lean):
    server = Server(lean, serve=True, port=0)
    server.hall.store.add(ONE, 0, [start()])
    server.close()
    server = Server(lean, serve=True, port=0)
    one = "1 session is known from before. With --new the room begins empty."
    assert one in server.lines()
    server.hall.gathering.feed(TWO, [start(TWO)], None)
    assert one.replace("1 session is", "2 sessions are") in server.lines()
    server.close()
    fresh = Server(lean, serve=True, port=0, new=True)
    assert "the one before is kept as" in "\n".join(fresh.lines())
    assert fresh.code != server.code
    assert fresh.hall.gathering.pairs == []
    assert list(room.events(fresh.kept)) == [ONE]
    fresh.close()

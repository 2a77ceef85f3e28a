"""The page for the wall: what it is told, and what a real browser shows of it."""

import contextlib
import http.server
import itertools
import json
import re
import threading
import time

import browser
import clocks
import pytest

from torchkoans import chapters
from torchkoans.course import ROOT, Course
from torchkoans.dojo import board, rounds
from torchkoans.dojo.clock import GAP
from torchkoans.dojo.events import Event
from torchkoans.dojo.gathering import Gathering
from torchkoans.dojo.rounds import Round

COURSE = Course(ROOT)
KOANS = list(board._shape(COURSE).places)
SIZES = [chapter["koans"] for chapter in board._shape(COURSE).course["chapters"]]


class Clock(clocks.Clock):
    """Time that goes by when a test says so."""

    def run(self, round_, seconds):
        """Let time go by as it does where a process runs."""
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            round_.tick()


class Room:
    """A gathering that is fed by hand."""

    def __init__(self):
        self.gathering = Gathering()
        self.counts = {}

    def pair(self, *people, heard=0.0):
        session = f"{len(self.counts) + 1:032x}"
        self.counts[session] = 0
        self.say(session, "start", people=list(people), switch="time", session=session, heard=heard)
        return session

    def say(self, session, what, /, t=0.0, heard=0.0, **values):
        n = self.counts[session]
        self.counts[session] += 1
        event = Event.of({"n": n, "t": t, "at": "", "what": what, **values})
        self.gathering.feed(session, [event], heard)

    def data(self, now=0.0, course=COURSE, round_=None, **more):
        settings = {"join": None, "trouble": None, **more}
        return board.data(self.gathering, round_ or Round(), course, now=now, **settings)


@pytest.fixture
def room():
    return Room()


# -- what the page is told -------------------------------------------------------------------------


def test_each_koan_has_a_letter_in_course_order(room):
    one = room.pair("Ada", "Bo")
    for at, light in enumerate(("green", "wrong", "broken", "blank")):
        room.say(one, "light", koan=KOANS[at], light=light)
    (pair,) = room.data()["pairs"]
    assert pair["lights"] == "gx!o" + "." * (len(KOANS) - 4)


def test_all_is_said_of_a_pair_and_nothing_that_ranks_it(room):
    one = room.pair("Ada", "Bo", "Cy")
    room.say(one, "away", who="Cy")
    room.say(one, "here", koan=KOANS[7])
    (pair,) = room.data(now=3)["pairs"]
    lights = pair.pop("lights")
    assert lights == "." * 7 + "o" + "." * (len(KOANS) - 8)  # blank, and not saved yet
    assert pair == {
        "number": 1,
        "people": ["Ada", "Bo"],
        "away": ["Cy"],
        "state": "here",
        "silent": 3.0,
        "here": 7,
        "stuck": 0.0,
    }


def test_pairs_stand_in_the_order_in_which_they_came(room):
    first, second = room.pair("Ada", "Bo"), room.pair("Cy", "Di")
    for koan in KOANS[:20]:
        room.say(second, "light", koan=koan, light="green")
    room.say(first, "light", koan=KOANS[0], light="wrong")
    assert [pair["people"][0] for pair in room.data()["pairs"]] == ["Ada", "Cy"]


def test_a_pair_is_stuck_by_the_time_of_its_session_alone(room):
    one = room.pair("Ada", "Bo")
    room.say(one, "here", t=10, koan=KOANS[3])
    room.say(one, "light", t=40, koan=KOANS[3], light="wrong")
    room.say(one, "beat", t=100)
    assert room.data()["pairs"][0]["lights"][:5] == "...x."
    assert room.data(now=5000)["pairs"][0]["stuck"] == 90
    room.say(one, "light", t=110, koan=KOANS[3], light="green")
    assert room.data(now=5000)["pairs"][0]["stuck"] == 0


def test_a_koan_that_this_course_does_not_have_is_passed_over(room, lean):
    one = room.pair("Ada", "Bo")
    room.say(one, "light", koan="koans/01_numbers.py::test_a_sum_is_a_tensor", light="green")
    room.say(one, "light", koan=KOANS[100], light="wrong")
    room.say(one, "here", koan=KOANS[100])
    (pair,) = room.data(course=lean)["pairs"]
    assert sorted(set(pair["lights"])) == [".", "g"]
    assert len(pair["lights"]) == sum(len(lesson.koans) for lesson in lean.lessons)
    assert pair["here"] == board.ELSEWHERE


def test_who_ends_a_session_and_begins_another_has_one_row_where_the_first_was(room):
    names = [(f"ana{n}", f"bo{n}") for n in range(12)]
    first = [room.pair(*people) for people in names]
    for one in first[::-1]:
        room.say(one, "end")
    over = room.data(now=1)["pairs"]
    assert [pair["number"] for pair in over] == list(range(1, 13))
    for a, b in names[::-1]:
        room.pair(b.upper(), a)
    rows = room.data(now=1)["pairs"]
    assert [pair["people"] for pair in rows] == [[b.upper(), a] for a, b in names]
    assert {pair["state"] for pair in rows} == {"here"}


def test_a_pair_that_is_done_stands_last_and_none_that_goes_on_is_hidden(room):
    one, two = room.pair("Ada", "Bo"), room.pair("Ada", "Bo")
    room.pair("Cy", "Di")
    assert [pair["number"] for pair in room.data()["pairs"]] == [1, 2, 3]
    room.say(one, "came", who="Ed")
    room.say(one, "end")
    assert [pair["number"] for pair in room.data()["pairs"]] == [2, 3]
    room.say(two, "end")
    assert [pair["number"] for pair in room.data()["pairs"]] == [3, 2]
    room.pair("Bo", "Ada")
    assert [pair["number"] for pair in room.data()["pairs"]] == [4, 3]


def test_a_state_says_why_nobody_works(room):
    states = []
    one = room.pair("Ada", "Bo", heard=0.0)
    for what in ("beat", "pause", "resume", "break", "resume", "end"):
        room.say(one, what)
        states.append(room.data(now=1)["pairs"][0]["state"])
    assert states == ["here", "paused", "here", "break", "here", "over"]


@pytest.mark.parametrize(("heard", "state"), [(None, "away"), (0.0, "away"), (950.0, "here")])
def test_a_pair_of_which_nothing_is_heard_is_away(room, heard, state):
    room.pair("Ada", "Bo", heard=heard)
    assert room.data(now=1000)["pairs"][0]["state"] == state


def test_the_round_and_what_a_facilitator_needs_are_said(room):
    round_ = Round(300, 3000, Clock())
    round_.start()
    said = room.data(round_=round_, join="dojo join", trouble="The disk is full.", may_lead=True)
    assert said["course"] == board.key(COURSE)
    assert (said["join"], said["trouble"], said["may_lead"]) == (
        "dojo join",
        "The disk is full.",
        True,
    )
    assert said["round"] == {
        "number": 1,
        "every": 300,
        "left": 300,
        "runs": True,
        "is_up": False,
        "is_break": False,
        "is_break_due": False,
    }
    assert json.loads(json.dumps(said)) == said


# -- the room's round ------------------------------------------------------------------------------


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def round_(clock):
    return Round(120, None, clock)


def test_a_round_stands_until_it_is_started(clock, round_):
    clock.run(round_, 60)
    assert (round_.left(), round_.runs) == (120, False)
    round_.start()
    clock.run(round_, 60)
    assert (round_.left(), round_.is_up) == (60, False)
    clock.run(round_, 61)
    assert (round_.left(), round_.is_up) == (-1, True)


def test_a_pause_takes_no_time(clock, round_):
    round_.start()
    clock.run(round_, 30)
    round_.pause()
    clock.run(round_, 500)
    round_.start()
    clock.run(round_, 30)
    assert round_.left() == 60


@pytest.mark.parametrize("jump", [-5000, GAP + 1, 10**6])
def test_a_clock_that_jumps_and_a_computer_that_sleeps_do_no_harm(clock, round_, jump):
    round_.start()
    clock.run(round_, 30)
    clock.now += jump
    clock.run(round_, 30)
    assert round_.left() == 60.5  # the step in which it jumped does not count


def test_a_clock_that_stands_calls_nobody_to_change_seats(clock, round_):
    round_.start()
    clock.run(round_, 121)
    round_.pause()
    assert (round_.left(), round_.is_up, round_.is_break) == (-1, False, False)
    round_.start()
    assert round_.is_up


def test_a_minute_more_is_a_minute_from_now_on(clock, round_):
    round_.start()
    round_.more()
    assert round_.left() == 180
    clock.run(round_, 200)
    round_.more()
    assert round_.left() == 60


def test_the_next_round_begins_at_once(clock, round_):
    clock.run(round_, 5)
    round_.more()
    round_.next()
    clock.run(round_, 5)
    assert (round_.number, round_.left(), round_.runs) == (2, 115, True)


def test_a_pause_in_which_a_break_is_due_is_the_break(clock):
    round_ = Round(120, 300, clock)
    round_.start()
    clock.run(round_, 200)
    round_.pause()
    assert not round_.is_break
    round_.start()
    clock.run(round_, 100)
    assert round_.is_break_due
    round_.pause()
    assert round_.is_break
    assert Round.of(round_.as_json(), clock).is_break
    round_.next()
    assert not round_.is_break
    assert not round_.is_break_due


def test_a_round_outlives_a_restart_and_loses_what_was_between(clock):
    round_ = Round(120, 300, clock)
    round_.next()
    clock.run(round_, 40)
    round_.more()
    kept = json.loads(json.dumps(round_.as_json()))
    later = Clock()
    later.now = 3.0
    found = Round.of(kept, later)
    later.run(found, 10)
    assert (found.number, found.left(), found.runs) == (2, 130, True)
    assert {**found.as_json(), "passed": 40} == kept


def test_a_round_that_ran_for_days_outlives_a_restart_too(clock, round_):
    round_.start()
    round_._watch._passed = 3 * rounds.LONGEST
    round_.more()
    found = Round.of(json.loads(json.dumps(round_.as_json())), clock)
    assert (found.left(), found.as_json()) == (60, round_.as_json())


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"number": True},
        {"every": 0},
        {"every": rounds.LONGEST + 1},
        {"passed": float("nan")},
        {"extra": "1"},
        {"runs": 1},
        {"break": False},
        {"from": None},
    ],
)
def test_what_is_no_round_is_refused(round_, change):
    with pytest.raises(ValueError, match="no round"):
        Round.of({**round_.as_json(), **change})
    with pytest.raises(ValueError, match="no round"):
        Round.of([])


def test_a_button_does_what_it_says_in_the_round_in_which_it_was_pressed(round_):
    for what, number in (("start", 1), ("next", 1), ("next", 1), ("more", 1)):
        round_.do(what, number)
    assert (round_.number, round_.left()) == (2, pytest.approx(120))
    round_.do("pause")
    assert not round_.runs
    with pytest.raises(ValueError, match="start, pause, more, next"):
        round_.do("win")


# -- the page --------------------------------------------------------------------------------------

PAGE = board.page(COURSE, posts=True)


def test_the_page_needs_nothing_from_anywhere():
    known = PAGE.replace("http://www.w3.org/2000/svg", "")  # a name: nothing is fetched from there
    assert not re.search(r"https?:|//\w+\.\w|@import|url\(|\bsrc=|<link(?![^>]*data:,)", known)


def test_nothing_in_the_page_ends_its_element_early():
    for name in (*board.SCRIPTS, "board.css"):
        assert "</" not in (board.PAGES / name).read_text("utf-8")
    assert PAGE.count("</script>") == 2
    assert PAGE.count("</style>") == 1


def test_what_a_course_says_is_no_markup(lean):
    evil = "test_a_b"
    path = lean.answers / "01_numbers.py"
    path.write_text(path.read_text("utf-8").replace("test_a_sum_is_a_tensor", evil), "utf-8")
    course = Course(lean.root)
    shape = board._shape(course)
    shape.course["lessons"][0]["koans"][0] = "</script><script>alert(1)</script>"
    text = board.page(course, posts=False)
    assert "<script>alert" not in text
    assert r"\u003c/script\u003e" in text


def test_another_course_has_another_key(lean):
    assert board.key(lean) != board.key(COURSE)
    assert board.key(lean) in board.page(lean, posts=True)


def test_the_chapters_of_the_page_are_those_of_the_course():
    shape = board._shape(COURSE)
    assert [chapter["name"] for chapter in shape.course["chapters"]] == list(
        chapters.CHAPTERS.values()
    )
    assert sum(SIZES) == len(KOANS) == sum(len(lesson.koans) for lesson in COURSE.lessons)


def test_the_page_that_asks_for_the_code_looks_like_the_board_and_needs_nothing():
    for is_wrong in (False, True):
        page = board.asking(is_wrong=is_wrong)
        assert not re.search(r"https?:|@import|url\(|\bsrc=|<script|<link(?![^>]*data:,)", page)
        assert ("That was not the code." in page) == is_wrong
    for theme, part in zip(THEMES, page.split("@media (prefers-color-scheme: dark)"), strict=True):
        used = dict(re.findall(r"--([\w-]+): (#\w+);", part))
        assert used == {name: colours(THEMES[theme])[name] for name in used}
        assert {"bg", "ink", "red"} <= set(used)


# -- its colours -----------------------------------------------------------------------------------

# How those see a colour who lack one kind of cones: G. M. Machado and others, 2009, in linear RGB.
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]


def luminance(rgb):
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(one, other):
    dark, light = sorted(luminance(linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    red, green, blue = (min(1, max(0, one)) for one in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    x, y, z = (
        one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116
        for one in (x, luminance((red, green, blue)), z)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one, other, seen):
    def at(colour):
        rgb = linear(colour)
        return lab([sum(a * b for a, b in zip(row, rgb, strict=True)) for row in seen])

    return sum((a - b) ** 2 for a, b in zip(at(one), at(other), strict=True)) ** 0.5


def colours(selector):
    text = (board.PAGES / "board.css").read_text("utf-8")
    block = text[text.index(f"{selector} {{") :].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


THEMES = {"light": ":root", "dark": ':root[data-theme="dark"]'}


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_and_every_light_stands_out(theme):
    known = colours(THEMES[theme])
    for ground, ink in itertools.product(("bg", "panel"), ("ink", "soft")):
        assert contrast(known[ink], known[ground]) >= 4.5, (ink, ground)
    assert contrast(known["on-accent"], known["accent"]) >= 4.5
    for ground, light in itertools.product(("bg", "panel"), ("red", "amber", "green", "accent")):
        assert contrast(known[light], known[ground]) >= 3, (light, ground)


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("theme", THEMES)
def test_lights_differ_for_whoever_looks(theme, seen):
    known = colours(THEMES[theme])
    for one, other in itertools.combinations(("red", "amber", "green"), 2):
        assert apart(known[one], known[other], SEEN[seen]) >= 25, (one, other)


# -- in a browser ----------------------------------------------------------------------------------


class Desk(Room):
    """A room and a small server for its page, which can be told to say nothing, or no."""

    def __init__(self):
        super().__init__()
        self.round, self.status, self.posted, self.asked = Round(300), 200, [], 0
        self.settings = {"join": "dojo join CODE", "may_lead": True}
        self.plain = {}  # said in place of what is true
        desk = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/":
                    self.answer(200, "text/html; charset=utf-8", PAGE)
                else:
                    desk.asked += 1
                    self.answer(desk.status, "application/json", json.dumps(desk.said()))

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                desk.posted.append((self.path, self.headers["Content-Type"], body))
                desk.round.do(body["do"], body["number"])
                self.answer(desk.status, "application/json", "{}")

            def answer(self, status, kind, text):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def said(self):
        said = self.data(now=time.monotonic(), round_=self.round, **self.settings)
        return {**said, **self.plain}

    def pair(self, *people, **values):
        return super().pair(*people, heard=time.monotonic(), **values)

    def say(self, session, what, /, t=0.0, heard=None, **values):
        super().say(session, what, t, heard or time.monotonic(), **values)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def chromium():
    with browser.launched() as found:
        yield found


@pytest.fixture
def desk(chromium):
    with contextlib.closing(Desk()) as made:
        yield made


@pytest.fixture
def seated(desk):
    """Two pairs: one is stuck for long, the other is not."""
    one, two = desk.pair("Ada", "Bo", "Cy"), desk.pair("Di", "Ed")
    for at, light in enumerate(("green", "green", "wrong", "broken", "blank")):
        desk.say(one, "light", koan=KOANS[at], light=light)
    desk.say(one, "here", koan=KOANS[2])
    desk.say(one, "beat", t=400)
    desk.say(two, "here", koan=KOANS[0])
    desk.say(two, "beat", t=61)
    return one, two


TICK = "#pair-1 .people b"  # there once the first answer is drawn


def ask(page):
    """Let the page ask at once, as it does when somebody looks at it again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_board_shows_who_is_where_and_who_needs_help(chromium, desk, seated):
    with browser.opened(chromium, desk.url) as page:
        page.wait_for_selector(TICK)
        assert page.inner_text("#pair-1 .people") == "Ada drives, Bo navigates, then Cy"
        assert page.inner_text("#pair-1 .koan").startswith("01 · ")
        assert re.fullmatch(r"6:(4\d|50)", page.inner_text("#pair-1 .time"))
        assert re.fullmatch(r"1:(0\d|1[01])", page.inner_text("#pair-2 .time"))
        (helped,) = page.query_selector_all("#help li")
        assert helped.query_selector("b").text_content() == "Ada, Bo, Cy"
        said = page.text_content("#said")
        assert said.startswith("At one koan for five minutes: Ada, Bo, Cy on 01 · ")
        assert page.inner_text("thead .pair span:last-child") == "at it for"
        assert page.inner_text("#name") == "Round 1 · not started yet"
        assert page.inner_text("#clock") == "5:00"


def test_each_light_has_a_shape_a_colour_and_a_name(chromium, desk, seated):
    with browser.opened(chromium, desk.url) as page:
        page.wait_for_selector(TICK)
        block = page.locator("#pair-1 td svg").first
        assert (
            block.get_attribute("aria-label") == "First steps: 2 green, 1 wrong, 1 broken, 1 blank"
        )
        drawn = block.evaluate(
            """svg => Object.fromEntries([...svg.querySelectorAll("path")].map((path) => {
                const { fill, stroke } = getComputedStyle(path);
                return [path.getAttribute("class"), [path.getAttribute("d"), fill, stroke]];
            }))"""
        )
        assert set(drawn) == {"untouched", "blank", "wrong", "broken", "green", "now"}
        assert drawn["untouched"][0].count("M") == SIZES[0] - 5
        assert drawn["green"][0].count("M") == 2
        outlines = {
            kind: re.sub(r"^[\d.]+ [\d.]+", "", d.split("M")[1]) for kind, (d, *_) in drawn.items()
        }
        shapes = {(outlines[kind], drawn[kind][1] == "none") for kind in drawn}
        assert len(shapes) == len(drawn)
        assert drawn["blank"][1] == "none"  # hollow
        assert drawn["green"][1] != drawn["broken"][1] != drawn["untouched"][1]
        assert page.locator("thead th:not(.folded)").count() == 2  # the pair, and one chapter
        assert page.locator("#legend li").all_inner_texts() == [
            "blank",
            "wrong",
            "broken",
            "green",
            "untouched",
            "at hand",
        ]


WATCH = """() => {
    window.seen = [];
    const main = document.querySelector("#room");
    new MutationObserver((all) => all.forEach(({ target }) => window.seen.push(
        (target.closest?.("tr") ?? target.parentElement.closest("tr"))?.id
        + " " + (target.getAttribute?.("class") ?? target.nodeName)
    ))).observe(main, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


def test_only_what_has_changed_is_drawn_anew(chromium, desk, seated):
    with browser.opened(chromium, desk.url) as page:
        page.wait_for_selector(TICK)
        page.evaluate(WATCH)
        desk.say(seated[1], "light", t=62, koan=KOANS[1], light="wrong")
        ask(page)
        page.wait_for_selector("#pair-2 svg path.wrong")
        seen = {tuple(one.split()) for one in page.evaluate("window.seen")}
        changed = {what for who, *what in seen if who == "pair-2" for what in what}
        assert {"untouched", "wrong", "svg"} <= changed <= {"untouched", "wrong", "svg", "time"}
        assert {what for who, *what in seen if who == "pair-1" for what in what} <= {"time", "long"}


def test_a_nickname_is_text_whatever_it_looks_like(chromium, desk, seated):
    evil = "<img src=x onerror=alert(1)>"
    pair = {**desk.said()["pairs"][0], "people": [evil, "</script>"], "away": [evil]}
    desk.plain = {"pairs": [pair]}
    with browser.opened(chromium, desk.url) as page:
        page.wait_for_selector(TICK)
        assert page.inner_text(TICK) == evil
        assert evil in page.inner_text("#help li")
        assert page.locator("img").count() == 0


def test_a_phone_shows_cards_and_never_scrolls_sideways(chromium, desk, seated):
    for koan in KOANS:
        desk.say(seated[1], "light", t=62, koan=koan, light="green")
    desk.round = Round(0.001)
    desk.round.start()
    settings = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    with browser.opened(chromium, desk.url, **settings) as page:
        page.wait_for_selector(TICK)
        page.wait_for_selector("text=Change seats")  # nothing else is as wide
        wide = "[document.documentElement.scrollWidth, innerWidth]"
        assert page.evaluate(wide) == [390, 390]
        assert page.locator("#pair-2 td:visible").count() == len(SIZES)
        assert page.locator("#pair-1 td:visible").count() == 1
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(ground)
        page.press("#room", "d")
        assert page.evaluate(ground) != dark
        page.set_viewport_size({"width": 320, "height": 600})
        assert page.evaluate(wide) == [320, 320]
        page.reload()  # it stays as it was chosen
        assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_an_empty_wall_says_how_to_come_in_as_large_as_fits(chromium, desk):
    command = "python3 scripts/dojo.py join http://192.168.1.20:8765 k7m4q-2xw9p"
    desk.settings["join"] = command
    with browser.opened(chromium, desk.url, viewport={"width": 390, "height": 844}) as page:
        page.wait_for_selector('#nobody h2:has-text("In each pair\'s clone, type:")')
        sizes = []
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 720})
            page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
            assert page.inner_text("#nobody code").split() == command.split()
            size, wide, across = page.eval_on_selector(
                "#nobody code",
                "it => [parseFloat(getComputedStyle(it).fontSize), it.scrollWidth, it.clientWidth]",
            )
            assert wide <= across
            sizes.append(size)
        assert sizes == sorted(sizes)
        assert sizes[-1] >= 40
        assert page.inner_text("#calm") == "No pair has been at one koan for five minutes."
        assert page.is_hidden("#join")
        page.press("#room", "j")  # there is nothing to hide yet
        desk.pair("Ada", "Bo")
        ask(page)
        page.wait_for_selector("#join")
        assert page.inner_text("#join") == f"Coming late? {command}"
        assert page.is_hidden("#nobody")


def test_twelve_pairs_fit_on_a_projector_wherever_they_are(chromium, desk):
    for number in range(12):
        one = desk.pair(f"Bartholomew the {number}", f"Anneliese-Charlot{number}")
        for koan in KOANS[number * 35 :: 7]:
            desk.say(one, "light", koan=koan, light="green")
        desk.say(one, "here", koan=max(KOANS, key=len))
        desk.say(one, "beat", t=1000)
    with browser.opened(chromium, desk.url, viewport={"width": 1920, "height": 1080}) as page:
        page.wait_for_selector(TICK)
        assert page.locator("thead th.folded").count() == 0
        high, room, wide, across = page.eval_on_selector(
            "#room", "it => [it.scrollHeight, it.clientHeight, it.scrollWidth, it.clientWidth]"
        )
        assert (high, wide) == (room, across)
        assert page.inner_text("#others") == "and 6 more, below"


def seconds(text):
    minutes, rest = text.split(":")
    return int(minutes) * 60 + int(rest)


def test_a_server_that_falls_silent_is_waited_for(chromium, desk, seated):
    with browser.opened(chromium, desk.url, forgiven=["503", "401"], clock=True) as page:
        page.wait_for_selector(TICK)
        desk.status = 503
        first = seconds(page.inner_text("#pair-2 .time"))
        for _ in range(12):
            page.clock.run_for(1000)
        assert re.search(r"for \d\d s; still trying", page.inner_text("#banner"))
        assert page.inner_text(TICK) == "Ada"  # what is shown stays, and time goes on for a while
        assert 1 <= seconds(page.inner_text("#pair-2 .time")) - first <= 5
        desk.status = 401
        page.clock.run_for(1000)
        page.wait_for_selector("#banner:has-text('open the board')")
        desk.status, asked = 200, desk.asked
        page.clock.run_for(14_000)
        assert desk.asked == asked, "who is not let in asks less often"
        page.clock.run_for(1000)
        page.wait_for_selector("#banner", state="hidden")


def test_another_course_reloads_the_page_once(chromium, desk, seated):
    with browser.opened(chromium, desk.url) as page:
        page.wait_for_selector(TICK)
        page.evaluate("window.isOld = true")
        page.evaluate("localStorage.setItem('board.reloaded', 'another')")  # of another tab
        desk.plain = {"course": "another"}
        ask(page)
        page.wait_for_function("() => !window.isOld")
        page.wait_for_selector(TICK)  # it is still the old page: better than none


AUDIO = """
    window.strokes = 0;
    window.OscillatorNode = class extends OscillatorNode {
        start(at) { window.strokes += 1; super.start(at); }
    };
"""


def test_the_buttons_and_keys_of_a_facilitator_lead_the_round(chromium, desk, seated):
    with browser.opened(chromium, desk.url) as page:
        page.wait_for_selector(TICK)
        page.click("#go")
        page.wait_for_selector("#go:has-text('Pause')")
        page.press("#room", "+")
        page.wait_for_selector("#clock:text-matches('^(6:00|5:5)')")
        page.press("[data-do=next]", " ")  # a button's own key presses it, and nothing else
        page.wait_for_selector("#name:has-text('Round 2')")
        page.press("#room", " ")
        page.wait_for_selector("#go:has-text('Start')")
        assert {kind for _, kind, _ in desk.posted} == {"application/json"}
        assert [(path, said["do"], said["number"]) for path, _, said in desk.posted] == [
            ("/round", "start", 1),
            ("/round", "more", 1),
            ("/round", "next", 1),
            ("/round", "pause", 2),
        ]
        page.press("#room", "j")
        assert page.is_hidden("#join")
        desk.plain = {"may_lead": False}
        ask(page)
        page.wait_for_selector("#lead", state="hidden")
        page.press("#room", "n")
        assert page.is_hidden("#join")
    assert len(desk.posted) == 4


def test_a_round_that_is_over_is_seen_heard_and_said(chromium, desk, seated):
    desk.round = Round(0.001, 0.0)
    desk.round.start()
    one = desk.pair("Fay", "Gus")
    desk.say(one, "here", koan="koans/99_gone.py::test_nobody_knows_this")
    desk.say(one, "beat", t=300)
    with browser.opened(chromium, desk.url, script=AUDIO, clock=True) as page:
        page.wait_for_selector(TICK)
        page.clock.run_for(1000)
        page.wait_for_selector("#clock:has-text('Change seats')")
        assert page.text_content("#said") == (
            "Round 1 is over. Change seats. At one koan for five minutes: Ada, Bo, Cy on "
            f"{page.text_content('#pair-1 .koan')}; Fay, Gus on a koan that this board's course "
            "does not have."
        )
        assert page.is_visible("text=Time for a break")
        assert page.evaluate("window.strokes") == 0  # nobody has asked for a bell
        page.click("#bell")
        page.clock.run_for(10_000)
        assert page.evaluate("window.strokes") == 2  # two notes
        page.clock.run_for(11_000)
        assert page.evaluate("window.strokes") == 4
        page.click("#go")
        page.clock.run_for(1000)
        page.wait_for_selector("#clock:has-text('Break')")
        assert "up" not in page.evaluate("document.documentElement.className").split()
        assert rounds.NEXT in page.locator("[data-do]").last.get_attribute("data-do")

"""A retrospective says what the logs say, in words and numbers that can be worked out by hand."""

import re
from html.parser import HTMLParser

import browser
import dojo as verb
import pytest

from torchkoans.dojo import analysis, recent, retro
from torchkoans.dojo.events import Event, digest, parsed
from torchkoans.dojo.log import LOGS, begin
from torchkoans.dojo.questions import spoken
from torchkoans.dojo.room import DATABASE
from torchkoans.dojo.session import Session
from torchkoans.dojo.store import Store
from torchkoans.source import shown

SUM = "koans/01_numbers.py::test_a_sum_is_a_tensor"
INDEX = "koans/01_numbers.py::test_an_index_may_be_the_blank"
DOUBLE = "koans/02_doubling.py::test_double_gives_twice_as_much"
GONE = "koans/99_gone.py::test_nobody_knows_this"
DIGITS = "the digits are not put side by side, they are added up"
FIRST, SECOND = "a" * 32, "b" * 32


@pytest.fixture
def toy(lean):
    return lean


def log(*rows, at="2026-11-28T12:00:00+00:00"):
    """Events from (t, kind, fields)."""
    return [Event(n, t, at, what, values) for n, (t, what, values) in enumerate(rows)]


def start(session, *people):
    return 0, "start", {"session": session, "people": list(people), "switch": "time", "every": 60}


def here(t, koan):
    return t, "here", {"koan": koan}


def light(t, koan, colour, sentence="", **more):
    trap = {"trap": digest(sentence)} if sentence else {}
    return t, "light", {"koan": koan, "light": colour, **trap, **more}


def drive(t, why, *people):
    return t, "drive", {"people": list(people), "why": why}


def evening():
    """Two pairs: one is through with a koan, the other never gets there."""
    one = log(
        start(FIRST, "ana", "bo"),
        light(0, INDEX, "green", found=True),
        here(2, SUM),
        light(30, SUM, "wrong", DIGITS),
        drive(60, "time", "bo", "ana"),
        light(70, SUM, "broken"),
        light(122, SUM, "green"),
        here(142, INDEX),
        (200, "end", {}),
    )
    other = log(
        start(SECOND, "cy", "di", "$x$&amp;"),
        here(0, SUM),
        light(10, SUM, "wrong", DIGITS),
        light(20, SUM, "wrong", DIGITS),
        (30, "light", {"koan": SUM, "light": "wrong", "trap": "deadbeef"}),
        drive(40, "asked", "di", "$x$&amp;", "cy"),
        (100, "beat", {}),
    )
    return {FIRST: one, SECOND: other}


@pytest.fixture
def room(toy):
    return analysis.room(toy, evening())


# -- what happened ---------------------------------------------------------------------------------


def test_the_time_at_each_koan_is_what_lay_between_events(room):
    one, other = room.pairs
    assert (one.spent[SUM].before, one.spent[SUM].after) == (120, 20)
    assert (one.spent[INDEX].before, one.spent[INDEX].after) == (0, 58)
    assert (other.spent[SUM].before, other.spent[SUM].after) == (100, 0)


def test_the_time_at_all_koans_is_the_sessions_and_as_the_session_counts_it(room):
    for pair, events, first in zip(room.pairs, evening().values(), (2, 0), strict=True):
        session = Session().take_all(events)
        assert {koan: spent.seconds for koan, spent in pair.spent.items()} == session.spent
        assert sum(session.spent.values()) == pair.seconds - first


def test_the_koan_that_took_the_room_longest_is_first(room):
    longest, second = room.koans
    assert (longest.place.id, second.place.id) == (SUM, INDEX)
    assert (longest.seconds, longest.before, longest.median) == (240, 220, 120)
    assert (len(longest.spent), longest.greens) == (2, 1)


def test_who_drove_and_what_came_to_light_meanwhile(room):
    one, other = room.pairs
    assert [(turn.who, turn.start, turn.end) for turn in one.turns] == [
        ("ana", 0, 60),
        ("bo", 60, 200),
    ]
    assert [[seen.light for seen in turn.lights] for turn in one.turns] == [
        ["wrong"],
        ["broken", "green"],
    ]
    assert [other.drove(who) for who in other.people] == [(1, 40), (1, 60), (0, 0)]
    assert room.hands == {"time": 1, "asked": 1}


def test_a_light_that_was_on_before_the_session_did_not_come_in_it(room):
    assert all(seen.koan != INDEX for seen in room.pairs[0].lights)


def test_a_trap_is_told_with_its_koan_and_what_was_typed(room):
    (hit,) = room.traps
    assert (hit.sentence, hit.times, hit.pairs) == (DIGITS, 3, 2)
    ((place, typed),) = hit.at
    assert (place.sentence, place.lesson, typed) == ("a sum is a tensor", "01 numbers", ("124",))


def test_a_trap_that_the_course_has_not_is_counted_as_another_versions(room):
    assert (room.strange.times, room.strange.pairs) == (1, 1)


@pytest.mark.parametrize(
    ("koan", "sentence", "typed"),
    [
        (DOUBLE, "that is x itself", ("return x",)),
        (SUM, "that is equal to anything, so it is no answer", ()),
    ],
)
def test_the_wrong_bodies_of_katas_and_answers_that_are_none_are_known(toy, koan, sentence, typed):
    events = log(start(FIRST, "ana", "bo"), light(5, koan, "wrong", sentence))
    (hit,) = analysis.room(toy, {FIRST: events}).traps
    assert (hit.sentence, hit.at[0][1]) == (sentence, typed)


def test_what_more_pairs_fell_into_comes_before_what_one_did_more_often(toy):
    one = log(
        start(FIRST, "ana", "bo"),
        *[light(t, INDEX, "wrong", "that is the second row") for t in range(9)],
    )
    both = light(9, SUM, "wrong", DIGITS)
    logs = {FIRST: [*one, *log(both)], SECOND: log(start(SECOND, "cy", "di"), both)}
    assert [hit.times for hit in analysis.room(toy, logs).traps] == [2, 9]


def test_the_same_people_in_another_session_are_the_same_pair(toy):
    later = [light(9, SUM, "wrong", DIGITS), drive(20, "time", "ana", "bo"), (50, "beat", {})]
    again = log(start(SECOND, "bo", "ana"), here(0, SUM), *later, at="2026-11-29T12:00:00+00:00")
    seen = analysis.room(toy, {FIRST: evening()[FIRST], SECOND: again})
    assert [pair.name for pair in seen.pairs] == ["1 · ana, bo", "1 · bo, ana, again"]
    assert (seen.count, seen.people, seen.other_days) == (1, 2, 1)
    assert (seen.traps[0].pairs, seen.traps[0].times) == (1, 2)
    assert [(took.seconds, len(took.spent)) for took in seen.koans] == [(190, 1), (58, 1)]
    text = retro.markdown(seen)
    assert "1 pair, 2 nicknames, 2 sessions; the longest session took 3 minutes." in text
    assert "1 session began on another day" in text


def test_clocks_that_jump_change_the_day_and_nothing_else(toy, room):
    jumped = {
        session: [Event(e.n, e.t, "1970-01-01T00:00:00+00:00", e.what, e.values) for e in events]
        for session, events in evening().items()
    }
    other = analysis.room(toy, jumped)
    assert (other.koans, other.traps, other.hands) == (room.koans, room.traps, room.hands)
    assert (room.day.isoformat(), other.day.year < 1971) == ("2026-11-28", True)


def test_time_that_goes_backwards_stands_still(toy):
    rows = (start(FIRST, "ana", "bo"), here(50, SUM), (20, "beat", {}), (60, "beat", {}))
    (pair,) = analysis.room(toy, {FIRST: log(*rows)}).pairs
    assert (pair.seconds, pair.spent[SUM].seconds) == (60, 10)


def test_whatever_comes_after_the_end_is_no_part_of_the_session(toy):
    rows = (start(FIRST, "ana", "bo"), here(0, SUM), (10, "end", {}), (99, "beat", {}))
    (pair,) = analysis.room(toy, {FIRST: log(*rows)}).pairs
    assert (pair.seconds, pair.spent[SUM].seconds) == (10, 10)


def test_a_log_that_was_cut_or_is_of_a_newer_course_says_what_it_can(toy):
    rows = (start(FIRST, "ana", "bo"), here(0, GONE), (5, "sang", {"song": "la"}), here(9, SUM))
    lines = b"".join(event.line() for event in log(*rows))
    cut = [event for line in lines[:-9].split(b"\n") if (event := parsed(line))]
    seen = analysis.room(toy, {FIRST: cut, SECOND: log(here(3, SUM))})
    assert (len(seen.pairs), seen.left_out) == (1, 1)
    assert [took.place.sentence for took in seen.koans] == ["nobody knows this"]
    assert "This version of the course does not have it." in retro.markdown(seen)
    assert "1 log says nothing of how the session began" in retro.markdown(seen)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59.6, "1 minute"),
        (3570, "1 hour"),
        (7500, "2 hours 5 minutes"),
    ],
)
def test_spans_of_time_are_said_as_people_say_them(seconds, said):
    assert spoken(seconds) == said


# -- questions -------------------------------------------------------------------------------------


def test_the_questions_come_from_what_happened(room):
    about_a_koan, about_a_mistake, about_hands = retro.questions(room)
    assert about_a_koan.startswith("“a sum is a tensor” took longest: 4 minutes in 2 pairs. What")
    assert about_a_mistake.startswith("2 of 2 pairs were told at “a sum is a tensor”: “the digits")
    assert about_hands.startswith(
        "The keyboard changed hands twice, and still somebody never drove"
    )


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        ([], "never changed hands"),
        ([drive(9, "green", "bo", "ana")], "once, each time at a green"),
        (
            [drive(9, "time", "bo", "ana"), (12, "more", {"seconds": 60})],
            "and once a turn was made longer",
        ),
        ([(9, "away", {"who": "ana"})], "because somebody had left"),
    ],
)
def test_the_third_question_is_about_how_the_keyboard_changed_hands(toy, rows, asked):
    seen = analysis.room(
        toy, {FIRST: log(start(FIRST, "ana", "bo"), (5, "beat", {}), *rows, (20, "beat", {}))}
    )
    assert asked in retro.questions(seen)[2]


# -- the documents ---------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.text = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[name] for name in ("src", "href", "action", "data") if name in found]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def html(room):
    pytest.importorskip("matplotlib")
    return retro.html(room)


def test_the_page_asks_nobody_for_anything(html):
    page = Page(html)
    assert all(link.startswith("#") or link == "data:," for link in page.links)
    assert not re.search(r"https?:|url\((?!#)|@import|<link(?! rel=\"icon\")", html)


def test_no_two_parts_of_the_page_have_one_name_and_none_is_missing(html):
    page = Page(html)
    assert len(set(page.ids)) == len(page.ids)
    named = re.findall(r'href="#([^"]+)|url\(#([^)]+)|(?:for|labelledby)="([^"]+)"', html)
    assert {name for names in named for name in names if name} <= set(page.ids)


def test_each_picture_is_in_words_and_numbers_too(html):
    page = Page(html)
    assert page.tags.count("title") == 3  # of the page, of the lights, of the times
    tables = html.count('role="img"')
    assert (tables, html.count("The same as a table")) == (2, 2)


def test_colours_are_the_pages_and_texts_are_texts(html):
    pictures = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert {"var(--green)", "var(--red)", "var(--amber)", "var(--ink)"} <= set(
        re.findall(r"var\(--\w+\)", pictures)
    )
    assert not re.search(r"#[0-9a-f]{6}\b|font-family", pictures)
    assert ">01 numbers: a sum is a tensor</text>" in pictures


def test_a_nickname_is_text_and_no_part_of_the_page(html):
    assert "$x$&amp;amp;" in html
    assert "$x$&amp;," not in html
    assert "2 · cy, di, $x$&amp;" in "".join(Page(html).text)


def test_letters_that_the_picture_has_no_font_for_are_left_to_the_page(toy):
    pytest.importorskip("matplotlib")
    logs = {FIRST: log(start(FIRST, "하늘", "bo"), here(0, SUM), (300, "end", {}))}
    logs[FIRST].insert(2, log(light(9, SUM, "green"))[0])
    assert retro.html(analysis.room(toy, logs)).count("하늘") >= 4


def test_both_documents_are_the_same_each_time(toy, room, html):
    again = analysis.room(toy, evening())
    assert retro.html(again) == html
    assert retro.markdown(again) == retro.markdown(room)


def test_pairs_stand_as_they_came_and_people_as_they_drive(room, html):
    for text in (retro.markdown(room), html):
        table = text[text.index("How the keyboard went round") :]
        names = re.findall(r"\| (\w+) \| \d+ \||<th scope=\"row\">(\w+)<", table)
        assert ["".join(each) for each in names] == ["ana", "bo", "cy", "di"]


def test_the_markdown_reads_well_as_it_stands(room):
    text = retro.markdown(room)
    assert "2 pairs, 5 nicknames; the longest session took 3 minutes." in text
    assert (
        f"1. **a sum is a tensor** (01 numbers): 2 of 2 pairs, 3 times\n\n   Typed `124`: {DIGITS}"
        in text
    )
    assert "    0:00  ana                   x\n    1:00  bo                    ! g\n" in text
    assert "| 01 numbers | a sum is a tensor | 4:00 | 3:40 | 2 | 2:00 |" in text
    assert "| 2 | cy | 1 | 0:40 |" in text
    assert text.count("\nAnswer:\n\n\n\n") == 3
    assert "\n\n\n" not in text.replace(retro.ROOM_TO_WRITE, "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("t[i][j] of `a_b * c`, 2 * 3 < 4", "t[i][j] of `a_b * c`, 2 * 3 < 4"),
        ("*ana* | [bo](x)", r"\*ana\* \| [bo\](x)"),
        ("<script> &lt;", r"\<script> \&lt;"),
        ("# one `", "\\# one '"),
    ],
)
def test_markdown_takes_no_letter_for_a_sign(text, shown):
    assert retro._plain(text) == shown


def test_where_there_is_nothing_to_show_it_is_said(toy):
    pytest.importorskip("matplotlib")
    just = {FIRST: log(start(FIRST, "ana", "bo"))}
    for text in map(
        str, (retro.html(analysis.room(toy, just)), retro.markdown(analysis.room(toy, just)))
    ):
        assert "No koan has been looked at yet." in text
        assert "No answer was a mistake that the course knows." in text
        assert "No light came while the session went on" in text
        assert 'role="img"' not in text
    none = analysis.room(toy, {})
    for text in (retro.html(none), retro.markdown(none)):
        assert "There is nothing to look back at yet" in text
        assert "scripts/dojo.py start NICK NICK" in text


def brief(session, *people, seconds=12):
    return log(start(session, *people), here(0, SUM), (seconds, "end", {}))


def test_a_session_that_was_over_at_once_is_named_and_not_drawn(toy):
    pytest.importorskip("matplotlib")
    quick, long = brief("c" * 32, "edna", "flo"), brief("d" * 32, "gus", "hal", seconds=60)
    quick.insert(2, log(light(9, SUM, "green"))[0])
    others = {"c" * 32: quick, "d" * 32: long, "e" * 32: brief("e" * 32, "iona", "jo")}
    seen = analysis.room(toy, {**evening(), **others})
    for text in (retro.html(seen), retro.markdown(seen)):
        said = "1 session of less than a minute without a light is left out here: 5 · iona, jo."
        assert said in text
        below = text[text.index(said) + len(said) : text.rindex("Where the time went")]
        found = [who for who in ("ana", "cy", "edna", "gus", "iona") if who in below]
        assert found == ["ana", "cy", "edna", "gus"]
    assert "who drove: 1 · ana, bo to 4 · gus, hal<" in retro.html(seen)


def test_where_no_session_has_anything_to_show_there_is_no_timeline(toy):
    pytest.importorskip("matplotlib")
    seen = analysis.room(toy, {FIRST: brief(FIRST, "ana", "bo"), SECOND: brief(SECOND, "cy", "di")})
    html, text = retro.html(seen), retro.markdown(seen)
    said = "2 sessions of less than a minute without a light are left out here: 1 · ana, bo; 2 · cy"
    assert said in html
    assert said in text
    assert "who drove:" not in html
    assert "The turns, as a table" not in html
    assert "```" not in text


def test_mistakes_stand_below_a_heading_that_is_true_of_a_single_one(toy, room, html):
    for text in (html, retro.markdown(room)):
        assert "Mistakes, by the number of pairs" in text
    alone = analysis.room(toy, {FIRST: evening()[FIRST]})
    for text in (retro.html(alone), retro.markdown(alone)):
        assert "Mistakes that were made" in text


def test_many_pairs_are_drawn_in_several_pictures(toy):
    pytest.importorskip("matplotlib")
    logs = {
        f"{n:032x}": log(start(f"{n:032x}", f"ana{n}", f"bo{n}"), light(9, SUM, "green"))
        for n in range(25)
    }
    html = retro.html(analysis.room(toy, logs))
    assert re.findall(r"who drove: ([^<]+)<", html) == [
        "1 · ana0, bo0 to 12 · ana11, bo11",
        "13 · ana12, bo12 to 24 · ana23, bo23",
        "25 · ana24, bo24",
    ]
    assert len(set(Page(html).ids)) == len(Page(html).ids)


# -- on the disk -----------------------------------------------------------------------------------


def test_what_somebody_has_written_into_is_never_written_over(toy, tmp_path):
    pytest.importorskip("matplotlib")
    folder = tmp_path / "new"
    first = retro.write_pages(toy, evening(), folder)
    assert [(page.path.name, page.is_new) for page in first] == [
        ("retro-2026-11-28.html", True),
        ("retro-2026-11-28.md", True),
    ]
    assert not any(page.is_new for page in retro.write_pages(toy, evening(), folder))
    mine = first[1].path
    mine.write_text(mine.read_text("utf-8") + "what we found", "utf-8")
    for is_new in (True, False):
        html, md = retro.write_pages(toy, evening(), folder)
        assert (html.path, html.is_new) == (first[0].path, False)
        assert (md.path.name, md.is_new) == ("retro-2026-11-28-2.md", is_new)
    assert mine.read_text("utf-8").endswith("what we found")


@pytest.mark.parametrize("rubbish", [[], ["readme.md"], ["notes.jsonl"]])
def test_a_folder_without_a_log_is_one_sentence_and_no_page(toy, tmp_path, capsys, rubbish):
    for name in rubbish:
        (tmp_path / name).write_text("dear diary\n", "utf-8")
    out = tmp_path / "retro"
    given = ["retro", "--dir", str(tmp_path), "--out", str(out)]
    assert verb.main(["--course", str(toy.root), *given]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(f"There are no logs in {shown(tmp_path)}: a room is a folder of .jsonl")
    assert not out.exists()


def test_a_board_that_nobody_was_told_of_hides_no_session_of_the_clone(toy):
    begin(toy.root, FIRST, ["ana", "bo"], switch="time", every=60)
    Store(toy.root / DATABASE).close()
    assert list(recent.known(toy.root)[0]) == [FIRST]


def test_a_log_that_was_never_begun_hides_no_session_of_the_board(toy):
    (toy.root / LOGS).mkdir(parents=True)
    (toy.root / LOGS / "20260302-180000-cut.jsonl").touch()
    told = Store(toy.root / DATABASE)
    told.add(SECOND, 0, evening()[SECOND])
    told.close()
    assert list(recent.known(toy.root)[0]) == [SECOND]


# -- in a browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium():
    with browser.launched() as found:
        yield found


def test_answers_grow_and_are_kept_and_go_into_a_copy(html, tmp_path, chromium):
    path, copy = tmp_path / "retro.html", tmp_path / "copy.html"
    path.write_text(html, "utf-8")
    phone = {"width": 390, "height": 844}
    files = ["a request to file:"]  # the page itself; nothing else may be asked for
    with browser.opened(chromium, path.as_uri(), forgiven=files, viewport=phone) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        area = page.locator("#answer2")
        low = area.bounding_box()["height"]
        area.fill("one\n" * 20 + "<b>&")
        assert area.bounding_box()["height"] > low * 2
        page.reload()
        assert area.input_value().endswith("<b>&")
        with page.expect_download() as download:
            page.locator("#save").click()
        assert download.value.suggested_filename == "retro-2026-11-28-answers.html"
        download.value.save_as(copy)
        area.fill("later")
        page.goto(copy.as_uri())
        assert area.input_value().endswith("<b>&")
        assert [page.locator(f"#answer{n}").input_value() for n in (1, 3)] == ["", ""]

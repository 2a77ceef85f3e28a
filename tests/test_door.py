"""The door: what a person sees of the walk, and what each key and each save does."""

import contextlib
import io
import sys

import pytest
from rich.console import Console
from test_walking import AWAY, DOUBLE, FILLED, INDEX, ONE, SUM, TWO, FakeEngine

from torchkoans import door, opening, walking
from torchkoans.door import HEARD, KEY, SAVED, Door, RunnerError
from torchkoans.screen import Screen
from torchkoans.verdicts import Result, Verdict
from torchkoans.warm.job import plain


class FakeTerminal:
    """Keeps the frames that it is to show."""

    def __init__(self, columns=80, lines=40, is_capable=True):
        self.columns, self.lines, self.is_capable = columns, lines, is_capable
        self.frames, self.lent_out = [], 0

    def size(self):
        return self.columns, self.lines

    def frame(self, text):
        self.frames.append(text)

    @contextlib.contextmanager
    def lent(self):
        self.lent_out += 1
        yield


class TestDoor(Door):
    __test__ = False

    def do(self, *events):
        """Answer these events one after the other, each with a look at the clock."""
        for event in events:
            self.events.put(event)
            self.turn(0)

    def press(self, *keys):
        if len(keys) == 1:
            super().press(keys[0])
        else:
            self.do(*((KEY, key) for key in keys))

    def type(self, *keys):
        self.do(*((KEY, key) for key in keys))
        return self.seen()

    def save(self, file=ONE):
        self.do((SAVED, (file, True)))
        self.calm = 0.0
        self.draw()

    def seen(self):
        """The frame that is on the screen, or all that was printed since the last look."""
        if self.terminal.is_capable:
            return self.terminal.frames[-1] if self.terminal.frames else ""
        out = self.screen.console.file
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text

    def judge(self, verdict=Verdict.PASSED, what="", trap="", device="cpu", **more):
        """Let the job that was asked for last come to this."""
        job = self.walk.engine.jobs[-1]
        for task in job.tasks:
            found = Result(job.file, task.test, device, verdict, None, what, "", trap)
            message = {"number": job.number, "file": job.file, "koan": task.test}
            message |= {"results": plain([found]), "explained": True, **more}
            self.do((HEARD, message))
        if message["explained"]:
            self.do((HEARD, {"number": job.number, "over": True}))
        return self.seen()


def opened(course, **terminal):
    console = Console(
        file=io.StringIO(), width=terminal.get("columns", 80), highlight=False, no_color=True
    )
    walk = walking.Walk(course, FakeEngine())
    return TestDoor(walk, Screen(console), FakeTerminal(**terminal))


@pytest.fixture
def here(toy):
    """A door on a terminal, with the first koan on the screen."""
    made = opened(toy)
    made.arrive()
    made.draw()
    return made


@pytest.fixture
def pipe(toy):
    """A door where nothing can be drawn."""
    made = opened(toy, is_capable=False)
    made.arrive()
    made.draw()
    return made


# -- what is seen ----------------------------------------------------------------------------------


def test_the_first_koan_is_shown_with_its_place_and_what_to_do(here):
    seen = here.seen()
    for text in (
        "0 of 5 koans green",
        "A sum is a tensor",
        "koans/01_numbers.py:15",
        ">  15      assert t.sum().item() == __",
        "Put the answer in place of __ and save the file.",
        "n next · h hint",
        "숫자 means number",  # what the lesson is about
    ):
        assert text in seen


def test_every_line_fits_whatever_the_width(toy):
    for columns in (20, 39, 40, 60, 80, 120, 200):
        made = opened(toy, columns=columns, lines=60)
        made.arrive()
        made.draw()
        assert max(map(len, made.seen().split("\n"))) <= columns
        made.type("l")
        assert max(map(len, made.seen().split("\n"))) <= columns


def test_in_a_low_terminal_the_verdict_stays_in_sight(toy, edit):
    for lines in (8, 12, 16, 24):
        made = opened(toy, lines=lines)
        made.arrive()
        edit("01", *FILLED) if lines == 8 else None
        made.save()
        made.judge(Verdict.WRONG, what="assert 7 == 8")
        rows = made.seen().split("\n")
        assert len(rows) < lines
        assert any(row.startswith("wrong") for row in rows)
        assert rows[-1].startswith("n next")


def test_a_save_is_answered_first_with_the_verdict_then_with_the_rest(here, edit):
    edit("01", *FILLED)
    here.save()
    seen = here.judge(Verdict.WRONG, explained=False)
    assert "wrong on cpu" in seen
    assert "    ..." in seen
    seen = here.judge(Verdict.WRONG, what="torch says 7")
    assert "torch says 7" in seen
    assert "    ...\n" not in seen


def test_nothing_flickers_while_a_verdict_is_about_to_come(here, edit):
    edit("01", *FILLED)
    frames = len(here.terminal.frames)
    here.do((SAVED, (ONE, True)))
    assert len(here.terminal.frames) == frames
    assert 0 < here.patience() <= door.CALM
    here.calm = 0.0
    here.draw()
    assert "Looking ..." in here.seen()


def test_a_known_mistake_gets_its_sentence_and_nothing_else(here, edit):
    edit("01", *FILLED)
    here.save()
    seen = here.judge(Verdict.WRONG, what="torch says 7", trap="it is added up")
    assert "it is added up." in seen
    assert "torch says 7" not in seen


def test_an_answer_gets_its_why_and_the_walk_waits(here, edit):
    edit("01", *FILLED)
    here.save()
    seen = here.judge()
    assert "passed on cpu" in seen
    assert "a sum folds all numbers into one." in seen
    assert here.here == SUM
    here.type("n")
    assert here.here == INDEX


def test_marks_and_devices_have_colours_of_their_own(here, edit):
    here.screen.console = Console(file=io.StringIO(), force_terminal=True, width=80)
    edit("01", *FILLED)
    here.save()
    seen = here.judge()
    assert "\x1b[32m●" in seen
    assert "\x1b[1mA sum is a tensor" in seen
    assert "\x1b[32ma sum folds all numbers" in seen
    assert "\x1b[2m on cpu" in seen


def test_what_differs_from_device_to_device_is_named(here, edit):
    edit("01", *FILLED)
    here.save()
    job = here.walk.engine.jobs[-1]
    results = [
        Result(job.file, job.tasks[0].test, device, Verdict.WRONG, None, what)
        for device, what in (("cpu", "torch says 7"), ("simgpu", "torch says 8"))
    ]
    message = {"number": job.number, "file": job.file, "koan": job.tasks[0].test}
    here.do((HEARD, {**message, "results": plain(results), "explained": True}))
    seen = here.seen()
    assert "wrong on cpu, simgpu" in seen
    assert "on simgpu: torch says 8" in seen


def test_a_picture_is_drawn_after_green_and_on_wrong(here, edit):
    edit("01", *FILLED)
    here.save()
    picture = {"kind": "grid", "items": [{"names": ["t"], "said": "is drawn here"}]}
    assert "t is drawn here" in here.judge(picture=picture)
    edit("01", "== 7", "== 8")
    here.save()
    assert "t is drawn here" in here.judge(Verdict.WRONG, picture=picture)
    edit("01", "== 8", "== 9")
    here.save()
    assert "t is drawn here" not in here.judge(Verdict.BROKEN, picture=picture)


def test_a_lost_line_is_shown_again(here, edit):
    edit("01", "    assert t.sum().item() == __\n", "")
    here.save()
    seen = here.seen()
    assert "it was: assert t.sum().item() == __" in seen
    assert "Put that line back and save the file." in seen


def test_typing_the_question_again_is_no_answer(here, edit):
    edit("01", "t.sum().item() == __", "t.sum().item() == t.sum().item()")
    here.save()
    assert "wrong" in here.seen()
    assert "that is the question itself" in here.seen()
    assert here.walk.engine.jobs == []


def test_when_all_is_green_that_is_said(toy, solve):
    solve()
    made = opened(toy)
    made.arrive()
    while made.arriving:
        for number, (job, _) in list(made.walk._asked.items()):
            for task in job.tasks:
                found = Result(job.file, task.test, "cpu", Verdict.PASSED)
                message = {"number": number, "file": job.file, "koan": task.test}
                made.do((HEARD, {**message, "results": plain([found]), "explained": True}))
            made.do((HEARD, {"number": number, "over": True}))
    assert "The path is walked." in made.seen()
    assert "1 of them wait for a device that is not here" in made.seen()


# -- saves -----------------------------------------------------------------------------------------


def test_editing_another_koan_goes_there(here, edit):
    edit("01", "t[__]", "t[:, 0]")
    here.save()
    assert here.here == INDEX
    assert here.walk.engine.asked == [["test_an_index_may_be_the_blank"]]


def test_saving_another_file_unchanged_goes_there_too(here, toy):
    here.save(TWO)
    assert here.here == DOUBLE


def test_a_save_that_changes_nothing_here_is_not_answered(here):
    frames = len(here.terminal.frames)
    here.save(ONE)
    assert len(here.terminal.frames) == frames


def test_a_half_written_file_is_given_time_and_then_taken_as_it_is(here, edit, monkeypatch):
    path = edit("01", *FILLED)
    whole = path.read_text(encoding="utf-8")
    path.write_text("", encoding="utf-8")
    here.do((SAVED, (ONE, False)))
    assert "blank" in here.seen()
    assert here.patience() <= door.SETTLE
    path.write_text(whole, encoding="utf-8")
    here.do((SAVED, (ONE, False)))
    assert here.unsettled == {}
    assert here.walk.engine.asked == [["test_a_sum_is_a_tensor"]]
    path.write_text("", encoding="utf-8")
    here.do((SAVED, (ONE, False)))
    monkeypatch.setattr(door.time, "monotonic", lambda: 1e12)
    here.settle()
    here.draw()
    assert "broken" in here.seen()


def test_a_save_that_the_system_did_not_tell_of_is_found(here, edit):
    edit("01", *FILLED)
    here.sweep = 0.0
    here.turn(0)
    assert here.walk.engine.asked == [["test_a_sum_is_a_tensor"]]


# -- keys ------------------------------------------------------------------------------------------


def test_hints_come_one_at_a_time(here):
    assert "Hint 1 of 2: count on your fingers" in here.type("h")
    seen = here.type("h")
    assert "Hint 1 of 2" in seen
    assert "Hint 2 of 2: 하나, 둘, 넷" in seen
    assert "That was the last hint." in here.type("h")
    here.type("n")
    assert here.hints == 0


def test_a_kata_has_hints_too(here):
    here.go(DOUBLE)
    assert "what does x + x give?" in here.type("h")


def test_r_runs_the_koan_again(here, edit):
    edit("01", *FILLED)
    here.save()
    here.judge()
    here.type("r")
    assert len(here.walk.engine.jobs) == 2


def test_the_list_leads_to_any_lesson(here):
    seen = here.type("l")
    assert "> 01" in seen
    assert "> 02" in here.type("down")
    assert "> 02" in here.type("down")  # the last one
    here.type("enter")
    assert here.here == DOUBLE
    here.type("l", "0", "1")
    assert "> 01" in here.seen()
    here.type("esc")
    assert here.here == DOUBLE
    assert "double" in here.seen()


def test_reveal_asks_once_and_shows_the_answer_and_changes_nothing(here, toy):
    before = (toy.koans / "01_numbers.py").read_bytes()
    assert "Show the answer of this koan? y or n" in here.type("s")
    assert "Left as it is." in here.type("n")
    assert "assert t.sum().item() == 7" in here.type("s", "y")
    assert (toy.koans / "01_numbers.py").read_bytes() == before


def test_reset_names_what_is_lost_asks_and_keeps_a_copy(here, toy, edit):
    fresh = (toy.koans / "01_numbers.py").read_bytes()
    assert "This koan is as it was handed out." in here.type("x")
    edit("01", "t.sum().item() == __", "t.sum().item() == 12345")
    here.save()
    seen = here.type("x")
    assert "assert t.sum().item() == 12345" in seen
    assert "y or n" in seen
    here.type("n")
    assert b"12345" in (toy.koans / "01_numbers.py").read_bytes()
    seen = here.type("x", "y")
    assert (toy.koans / "01_numbers.py").read_bytes() == fresh
    assert "Reset." in seen
    assert "blank" in seen
    kept = [path.read_text(encoding="utf-8") for path in toy.root.glob(".torch-koans/kept/*")]
    assert any("12345" in text for text in kept)


def test_o_opens_the_editor_at_the_line(here, monkeypatch):
    asked = []

    def fake(path, line):
        asked.append((path.name, line))
        return opening.Opening(("fake-editor",), takes_terminal=False)

    monkeypatch.setattr(opening, "opened", fake)
    assert "Opened in fake-editor." in here.type("o")
    assert asked == [("01_numbers.py", 15)]


def test_an_editor_in_the_terminal_gets_the_terminal(here, monkeypatch):
    editor = opening.Opening((sys.executable, "-c", ""), takes_terminal=True)
    monkeypatch.setattr(opening, "opened", lambda path, line: editor)
    frames = len(here.terminal.frames)
    here.type("o")
    assert here.terminal.lent_out == 1
    assert len(here.terminal.frames) == frames + 1  # drawn again, whatever the editor left


def test_a_resize_draws_again(here):
    frames = len(here.terminal.frames)
    here.terminal.columns = 50
    here.type("resize")
    assert len(here.terminal.frames) == frames + 1


def test_q_and_the_end_of_input_end_the_walk(toy):
    for key in ("q", "eof"):
        made = opened(toy)
        made.arrive()
        made.do((KEY, key))
        assert made.over


def test_a_key_that_means_nothing_does_nothing(here):
    frames = len(here.terminal.frames)
    here.type("z", "up", "5")
    assert len(here.terminal.frames) == frames


# -- where nothing can be drawn --------------------------------------------------------------------


def test_in_a_pipe_each_koan_is_printed_once(pipe, edit):
    assert "A sum is a tensor" in pipe.seen()
    edit("01", *FILLED)
    pipe.do((SAVED, (ONE, True)))
    pipe.judge(Verdict.WRONG, explained=False)
    pipe.seen()
    said = pipe.judge(Verdict.WRONG, what="torch says 7")
    assert said.count("torch says 7") == 1
    assert pipe.type("q") == ""


def test_in_a_pipe_hints_and_questions_are_printed(pipe):
    pipe.seen()
    assert pipe.type("h").strip() == "Hint 1 of 2: count on your fingers"
    assert "y or n" in pipe.type("reset", "s")
    assert "assert t.sum().item() == 7" in pipe.type("y")
    assert "sing: no such key." in pipe.type("sing")
    assert "02" in pipe.type("l")
    assert "koans/02_doubling.py" in pipe.type("l 2")


def test_where_pytest_cannot_work_its_last_words_are_said(here):
    with pytest.raises(RunnerError, match="no module named torch"):
        here.do((HEARD, {"trouble": "no module named torch"}))


def test_once_looks_once(toy, capsys):
    made = opened(toy, is_capable=False)
    assert made.once() == 1
    said = made.seen()
    assert said.count("A sum is a tensor") == 1
    assert "Edit koans/01_numbers.py:15, then:" in said


def test_what_was_found_out_is_written_down_in_a_quiet_moment(here, toy, edit, monkeypatch):
    edit("01", *FILLED)
    here.save()
    here.judge()
    assert here.save_at > 0
    monkeypatch.setattr(door.time, "monotonic", lambda: here.save_at + 1)
    here.turn(0)
    assert list((toy.root / ".torch-koans").iterdir())
    assert here.save_at == 0.0


def test_walking_in_any_order_leaves_red_koans_for_later(here, edit):
    edit("01", *FILLED)
    here.save()
    here.judge(Verdict.WRONG)
    here.type("n")
    assert here.here == INDEX
    here.type("n")
    assert here.here == AWAY

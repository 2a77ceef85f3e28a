"""The bench: what it saves, how it reads the walk, and what it makes of its figures."""

import ast
import io
import itertools
import json
import os
import re
import subprocess
import sys

import bench
import pytest
from rich.console import Console

from torchkoans import chapters, cut, progress, views
from torchkoans.benching import BenchError, measuring, memory, rivals, room, saves, tables, walker
from torchkoans.benching.figures import Figures, Times
from torchkoans.benching.machine import Machine, here
from torchkoans.benching.rivals import Whole
from torchkoans.benching.room import Poster, Room, Serving
from torchkoans.benching.walker import Walker, plain, verdict_in
from torchkoans.course import Course
from torchkoans.screen import Screen
from torchkoans.source import write
from torchkoans.standing import Standing
from torchkoans.terminal import BEGIN, END
from torchkoans.verdicts import Result, Verdict

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")


def times(*milliseconds):
    return Times(list(milliseconds))


def figures(**changes):
    """Made-up figures of a quiet machine that keeps every promise."""
    found = {
        "machine": Machine("A CPU", 2, 0.1, "A system", "3.12.1", "2.13.0", "9.2.0", "fork"),
        "import_torch": times(1500.0, 1600.0, 1700.0),
        "cold_pytest": times(2500.0),
        "watcher": times(2600.0),
        "walk": times(10.0, 12.0, 14.0, 30.0),
        "green": times(10.0, 12.0),
        "red": times(14.0, 30.0),
        "explained": times(40.0, 50.0),
        "screen": times(90.0),
        "first": times(2000.0),
        "memory": {50: 400.0, 100: 404.0},
        "course": [Whole("by pytest", 60.0, 800), Whole("warm", 30.0, 15000, 1)],
    }
    return Figures(**(found | changes))


def full_room(**changes):
    """Made-up figures of a server that keeps every promise."""
    found = {"posts": times(1.0, 2.0, 5.0), "data": times(4.0), "tenth": 50.0, "end": 51.0}
    return Room(60, **(found | {"events": 216000, "seconds": 10.0} | changes))


@pytest.fixture
def pair(toy):
    """A course of two real lessons."""
    for path in [*toy.answers.glob("*.py"), *toy.koans.glob("[0-9]*.py")]:
        path.unlink()
    for lesson in Course().named(["01", "17"]):
        write(toy.answers / lesson.path.name, lesson.source.encoded())
    return Course(toy.root)


@pytest.fixture
def starts(tmp_path, monkeypatch):
    """A walk that was replaced by a program: starts('print("hello")')."""

    def start(program):
        monkeypatch.setattr(walker, "GOODBYE", 0.1)
        (tmp_path / "scripts").mkdir()
        (tmp_path / "scripts" / "walk.py").write_text(program)
        return Walker(Course(tmp_path))

    return start


# -- what is saved ---------------------------------------------------------------------------------


def test_every_lesson_is_saved_with_a_right_and_with_a_wrong_answer():
    course = Course()
    count = len(course.lessons)
    found = list(itertools.islice(saves.saves(course), 2 * count))
    files = {course.koan_file(lesson) for lesson in course.lessons}
    assert {save.file for save in found if save.right} == files
    assert {save.file for save in found if not save.right} == files
    numbers = {int(save.file.name[:2]) for save in found}
    assert {chapters.of(number) for number in numbers} == set(chapters.CHAPTERS.values())


def test_a_save_changes_the_blanks_of_one_koan_and_nothing_else():
    course = Course()
    for save in itertools.islice(saves.saves(course), len(course.lessons)):
        ast.parse(save.text)
        lesson = course.lesson_of(save.file)
        pairs = zip(cut.pristine(lesson).lines, save.text.decode().split("\n"), strict=False)
        changed = [number for number, (old, new) in enumerate(pairs, 1) if old != new]
        assert changed[0] == save.line
        assert len(changed) <= len(save.koan.blanks)
        assert ("nobody would answer" in save.text.decode()) != save.right


def test_a_koan_is_answered_right_and_wrong_before_the_next_and_no_text_comes_twice(pair):
    found = list(itertools.islice(saves.saves(pair), 40))
    mine = [save for save in found if save.file.name.startswith("01")]
    assert all(one.koan is other.koan for one, other in zip(mine[::2], mine[1::2], strict=True))
    assert all(one.right != other.right for one, other in zip(mine[::2], mine[1::2], strict=True))
    assert len({save.koan.name for save in mine}) == len(
        [koan for koan in pair.lessons[0].koans if koan.blanks and not koan.katas]
    )
    assert len({save.text for save in found}) == 40
    assert all(save.mark.encode() in save.text for save in found)


def test_two_saves_hold_a_green_and_a_red_one(pair):
    assert [save.right for save in itertools.islice(saves.saves(pair), 2)] == [True, False]


def test_a_walk_begins_at_the_first_save(pair):
    save = saves.first(pair)
    assert (save.koan, save.right) == (pair.lessons[0].koans[0], False)


def test_a_course_with_a_single_lesson_is_refused_in_one_sentence(toy):
    with pytest.raises(BenchError, match="it takes two lessons"):
        next(saves.saves(toy))


def test_a_copy_is_fresh_whatever_a_learner_has_done(pair, tmp_path):
    (pair.koans / "01_pytorch_itself.py").write_text("my own")
    made = saves.copy(pair, tmp_path / "copy")
    save = next(saves.saves(made))
    save.write()
    (made.root / ".torch-koans").mkdir()
    saves.fresh(made)
    assert save.file.read_bytes() == cut.pristine(made.lessons[0]).encoded()
    assert not (made.root / ".torch-koans").exists()
    assert (pair.koans / "01_pytorch_itself.py").read_text() == "my own"


# -- how the walk is read --------------------------------------------------------------------------

FRAME = """\
wrong is what this lesson begins with
──── 3 of 422 koans green ────
31_view_and_reshape · A view reads the same numbers in another shape    ●●●x○○○○

What is
wrong here
koans/31_view_and_reshape.py:54
   47  def test_what_is_written(device):
           broken in two
   53
>  54      assert t.tolist() == [1]  #7

{verdict} on cpu, simgpu
blank lines do not matter.
"""


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_verdict_is_the_first_word_below_the_code(verdict):
    frame = FRAME.format(verdict=verdict.value)
    assert verdict_in(frame, "koans/31_view_and_reshape.py:54") is verdict
    assert verdict_in(frame, "koans/") is verdict


def test_no_verdict_is_read_of_another_koan_or_while_one_is_looked_at():
    frame = FRAME.format(verdict="wrong")
    assert verdict_in(frame, "koans/31_view_and_reshape.py:55") is None
    assert verdict_in(FRAME.format(verdict="Looking ..."), "koans/") is None
    assert verdict_in("Torch Koans", "koans/") is None


@pytest.mark.parametrize("explained", [True, False])
def test_the_real_view_of_a_red_koan_says_whether_an_explanation_is_still_to_come(pair, explained):
    lesson = pair.lessons[0]
    file, koan = progress.file_of(pair, lesson), lesson.koans[0]
    result = Result(file, koan.name, "cpu", Verdict.WRONG, 21, "it is 60" if explained else "")
    step = progress.step(lesson, koan, file, Standing(koan.name, 21, None), (result,))
    green = views.Progress((Verdict.WRONG,), "First steps", (0, 9), (0, 19))
    view = views.View(step, cut.pristine(lesson), green, explained=explained)
    frame = "\n".join(line.plain for line in views.koan(view, walker.COLUMNS))
    assert verdict_in(frame, f"{file}:21") is Verdict.WRONG
    assert (walker.EXPECTED in frame) != explained


def test_a_frame_is_read_without_colours_and_from_its_beginning():
    assert plain(f"before{BEGIN}\x1b[1;31mwrong\x1b[0m\x1b[K\r\nnext") == "wrong\nnext"


SAYS = f"""
import sys, time
def frame(text):
    sys.stdout.write({BEGIN!r} + text + {END!r})
    sys.stdout.flush()
"""


@needs_pty
def test_a_frame_that_never_comes_names_the_save_and_shows_the_screen(starts, pair, monkeypatch):
    monkeypatch.setattr(walker, "PATIENCE", 0.5)
    save = next(saves.saves(pair))
    shown = "frame('koans/01_pytorch_itself.py:1\\n\\nblank'); frame('Looking'); sys.stdin.read()"
    with starts(SAYS + shown) as walk:
        walk.arrived()
        with pytest.raises(BenchError) as caught:
            walk.verdict_on(save)
    said = f"{save.where}: save 1, a right answer, and no verdict was seen for 0.5 s."
    assert str(caught.value) == f"{said} What is on the screen:\nLooking"


@needs_pty
def test_a_verdict_that_is_none_on_this_answer_is_said(starts, pair):
    save = next(saves.saves(pair))
    frame = f"{save.where}\n>  1  t == 7  {save.mark}\n\nwrong on cpu"
    walk = starts(SAYS + f"time.sleep(0.1); frame({frame!r}); sys.stdin.read()")
    with walk, pytest.raises(BenchError, match="a right answer, and the walk says wrong"):
        walk.verdict_on(save)


@needs_pty
def test_a_walk_that_ends_is_quoted(starts):
    with starts("print('no course here')") as walk, pytest.raises(BenchError) as caught:
        walk.arrived()
    assert str(caught.value) == "The walk has ended by itself. What it said last:\nno course here"


@needs_pty
def test_the_real_walk_answers_saves_and_its_memory_is_known(pair, tmp_path):
    made = saves.copy(pair, tmp_path / "copy")
    found = figures(walk=times(), green=times(), red=times(), explained=times())
    with Walker(made) as walk:
        seen, verdict = walk.arrived()
        for save in itertools.islice(saves.saves(made), 4):
            measuring.one_save(walk, save, found)
        size = walk.memory()
    assert 0 < seen <= verdict
    assert [len(one.taken) for one in (found.walk, found.green, found.red)] == [4, 2, 2]
    assert found.explained.median >= found.red.median > 0
    assert size > 50  # MB: torch is in it
    assert walk.process.returncode is not None


def test_without_pseudo_terminals_there_is_one_sentence(toy, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pty", None)
    assert bench.main(["--course", str(toy.root)]) == 2
    said = capsys.readouterr().out
    assert said.startswith("bench reads the walk in a pseudo-terminal (pty), and this system has")
    assert said.count("\n") == 1


# -- what it is compared with ----------------------------------------------------------------------


def test_a_watcher_that_notices_nothing_names_the_save(pair, monkeypatch):
    monkeypatch.setattr(rivals, "PATIENCE", 0.2)
    monkeypatch.setattr(rivals, "Watch", lambda folder, save: None)
    save = next(saves.saves(pair))
    with pytest.raises(BenchError, match=r"01_pytorch_itself.py:\d+: save 1, .* no watcher"):
        rivals.Watcher(pair).verdict_on(save)


def test_a_watcher_starts_pytest_on_what_was_saved(pair, tmp_path, monkeypatch):
    made = saves.copy(pair, tmp_path / "copy")
    ran = []
    monkeypatch.setattr(rivals, "cold_pytest", lambda course, file: ran.append(file))
    watcher = rivals.Watcher(made)
    save = next(saves.saves(made))
    assert watcher.verdict_on(save) > 0
    watcher.close()
    assert ran == [save.file]


def test_pytest_that_cannot_run_is_quoted(tmp_path, monkeypatch):
    done = subprocess.CompletedProcess([], 4, "no tests", "usage")
    monkeypatch.setattr(rivals, "_timed", lambda command, root: (done, 1.0))
    with pytest.raises(BenchError, match=r"nowhere.py: pytest cannot run it"):
        rivals.cold_pytest(Course(tmp_path), tmp_path / "nowhere.py")


# -- the turns -------------------------------------------------------------------------------------


class FakeWalker:
    """A walk that is as quick as can be."""

    def __init__(self, course):
        self.course, self.saved = course, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def arrived(self, save=None):
        return 0.1, 2.0

    def verdict_on(self, save):
        self.saved.append(save.number)
        return 0.01, 0.02

    def memory(self):
        return 400.0 + len(self.saved) / 100

    def pause(self, seconds):
        pass


@pytest.fixture
def quick(monkeypatch):
    """Nothing is really started; the names of what would have been."""
    done = []
    monkeypatch.setattr(measuring, "Walker", FakeWalker)
    monkeypatch.setattr(rivals, "import_torch", lambda course: done.append("torch") or 1.5)
    monkeypatch.setattr(rivals, "cold_pytest", lambda course, file: done.append("pytest") or 2.5)
    whole = [Whole("by pytest", 60.0, 800)]
    monkeypatch.setattr(rivals, "whole_course", lambda course: done.append("course") or whole)
    monkeypatch.setattr(room, "measure", lambda *_: full_room())
    return done


@needs_pty
def test_everything_is_measured_in_turns_and_the_rehearsal_does_not_count(pair, tmp_path, quick):
    told = []
    found = measuring.measure(pair, tmp_path, 203, told.append)
    assert quick == ["torch", "pytest", "pytest"] * 6 + ["course"]
    assert [len(one.taken) for one in (found.import_torch, found.watcher, found.first)] == [5] * 3
    assert len(found.walk.taken) == 203
    assert sorted(found.memory) == [50, 203]
    assert "saves: 101 of 203" in told


@needs_pty
def test_the_verb_prints_tables_and_writes_json(pair, tmp_path, quick, capsys):
    file = tmp_path / "bench.json"
    assert bench.main(["--course", str(pair.root), "--saves", "4", "--json", str(file)]) == 0
    said = capsys.readouterr().out
    assert "walk: save to verdict on screen" in said
    assert "not met" not in said.split("the slowest saves")[0].replace("memory", "")
    values = json.loads(file.read_text())
    assert values["walk"]["median_ms"] == 10.0
    assert values["walk"]["runs"] == 4
    assert "a post, 60 pairs at once" in said
    assert values["room"]["post"]["p99_ms"] == 5.0


@pytest.mark.parametrize("count", ["1", "-3", "many"])
def test_fewer_than_two_saves_are_no_measurement(count, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--saves", count])
    assert "--saves" in capsys.readouterr().err


# -- a full room -----------------------------------------------------------------------------------


def test_a_room_is_filled_and_its_server_answers(lean):
    told = []
    found = room.measure(lean, 1.2, told.append, pairs=3, lights=50)
    assert len(found.posts.taken) >= 3
    assert len(found.data.taken) >= room.BROWSERS
    assert found.events == 150
    assert len(told) == 3
    if os.name == "posix":
        assert min(found.tenth, found.end) > 5
    assert 0 < found.posts.median <= found.posts.p95 <= found.posts.p99


def test_a_server_that_dies_or_does_not_start_is_said(lean, tmp_path, monkeypatch):
    with Serving(lean) as server:
        poster = Poster(server, 0, ["koans/01_numbers.py::test_a_sum_is_a_tensor"])
        poster.fill()
        server.process.kill()
        server.process.wait()
        with pytest.raises(BenchError, match="did not answer"):
            poster.light()
        poster.close()
    monkeypatch.setattr(room, "PROGRAM", "pass")
    with pytest.raises(BenchError, match="does not start"):
        Serving(lean)


def test_what_a_full_room_was_promised_is_held_against_it():
    rows = {row[0]: row[1:] for row in tables.targets(full_room())}
    assert rows["a post, p99, 60 pairs"] == ("<= 50 ms", "5.0 ms", "met")
    assert [row[-1] for row in rows.values()] == ["met"] * 3
    slow = full_room(posts=times(*[1.0] * 98, 51.0, 51.0), data=times(101.0), end=53.0)
    assert [row[-1] for row in tables.targets(slow)] == ["not met"] * 3
    assert len(list(full_room(tenth=None).targets())) == 2


def test_the_room_alone_is_measured_when_that_is_asked_for(pair, tmp_path, quick, capsys):
    file = tmp_path / "bench.json"
    assert bench.main(["--course", str(pair.root), "--room", "--json", str(file)]) == 0
    said = capsys.readouterr().out
    assert "the server had 50.0 MB in use" in said
    assert max(len(row.rstrip()) for row in said.partition("216,000")[0].splitlines()[2:]) <= 80
    assert quick == []
    assert json.loads(file.read_text())["room"]["events_per_second"] == 21600


@pytest.mark.parametrize("seconds", ["1", "601", "long"])
def test_pairs_post_for_a_bounded_time(seconds, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--room", "--seconds", seconds])
    assert "--seconds" in capsys.readouterr().err


# -- the figures -----------------------------------------------------------------------------------


def test_the_95th_percentile_is_the_least_value_that_95_of_100_do_not_exceed():
    assert times(*range(1, 101)).p95 == 95
    assert times(*range(1, 21)).p95 == 19
    assert times(*range(1, 22)).p95 == 20
    assert times(7.0).p95 == 7.0
    assert times(3.0, 1.0, 2.0, 10.0).median == 2.5


def test_the_json_has_an_object_for_each_way():
    values = json.loads(json.dumps(figures().as_json()))
    for name, median in {"import_torch": 1600, "cold_pytest": 2500, "watcher": 2600}.items():
        assert values[name]["median_ms"] == median
        assert values[name]["p95_ms"] >= median
    assert values["walk"] == {
        "median_ms": 13.0,
        "p95_ms": 30.0,
        "runs": 4,
        "green_median_ms": 11.0,
        "red_median_ms": 22.0,
        "explained_median_ms": 45.0,
        "explained_p95_ms": 50.0,
        "first_verdict_ms": 2000.0,
        "on_screen_ms": 90.0,
        "rss_start_mb": 400.0,
        "rss_end_mb": 404.0,
        "times_faster_than_import_torch": 123.1,
    }
    assert [way["runs"] for way in values["course"]["ways"]] == [800, 15000]
    assert values["machine"]["cpu"] == "A CPU"
    assert all(target["met"] for target in values["targets"])


def test_memory_that_nobody_knows_is_null_and_no_promise():
    values = figures(memory={}).as_json()
    assert values["walk"]["rss_start_mb"] is None
    assert not any("memory" in target["promise"] for target in values["targets"])


@pytest.mark.parametrize(
    ("promise", "change"),
    [
        ("verdict, median", {"walk": times(21.0), "import_torch": times(2200.0)}),
        ("verdict, p95", {"walk": times(*[10.0] * 18, 41.0, 41.0)}),
        ("explanation", {"explained": times(61.0)}),
        ("faster than import torch", {"walk": times(16.1)}),
        ("first verdict", {"first": times(2301.0)}),
        ("something on the screen", {"screen": times(201.0)}),
        ("memory", {"memory": {50: 400.0, 2000: 421.0}}),
    ],
)
def test_a_promise_that_is_not_kept_is_said(promise, change):
    rows = list(tables.targets(figures(**change)))
    assert [row[0].startswith(promise) for row in rows if row[-1] == "not met"] == [True]


def test_the_table_sets_everything_beside_the_import_of_torch():
    rows = {row[0]: row[1:] for row in tables.times(figures())}
    assert rows["import torch"] == ("1,600 ms", "1,700 ms", "1.00", "3")
    assert rows["cold pytest FILE"] == ("2,500 ms", "2,500 ms", "1.56", "1")
    assert rows["walk: save to verdict on screen"] == ("13.0 ms", "30.0 ms", "1/123", "4")


def test_every_row_fits_into_80_columns(capsys):
    bench.show(figures(slowest=[(30.0, f"koans/{'x' * 38}.py:100, green")]), Screen())
    rows = capsys.readouterr().out.partition("Memory of")[0].splitlines()[3:]
    assert "by pytest" in " ".join(rows)
    assert max(len(row.rstrip()) for row in rows) <= 80
    assert not any("…" in row for row in rows)


def test_the_whole_course_is_told_by_the_run():
    by_pytest, warm = tables.course(figures())
    assert by_pytest == ("by pytest", "60.0", "800", "75.0 ms")
    assert warm == ("warm (1 not as it should be)", "30.0", "15,000", "2.0 ms")


def test_only_the_slowest_saves_are_kept(pair):
    found = figures()
    for number, save in enumerate(itertools.islice(saves.saves(pair), 30)):
        found.add(save, number / 1000, number / 1000)
    assert [ms for ms, _ in found.slowest] == pytest.approx(list(range(29, 19, -1)))
    assert [row[0].endswith((", green", ", red")) for row in tables.slowest(found)] == [True] * 10


def test_a_busy_machine_is_named():
    quiet, busy = figures(), figures(machine=here())
    object.__setattr__(busy.machine, "load", 99.0)
    assert not any("busy" in note for note in tables.notes(quiet))
    assert any("busy (load average 99.0" in note for note in tables.notes(busy))


def test_the_machine_is_described():
    found = here()
    assert found.cpu
    assert found.cores >= 1
    assert found.torch[:1].isdigit()
    assert found.pytest == pytest.__version__
    assert len(found.lines()) == 2


def test_the_memory_of_a_process_is_known_and_of_none_unknown():
    if os.name == "posix":
        assert memory.resident(os.getpid()) > 5
    assert memory.resident(2**31 - 7) is None


# -- the screen ------------------------------------------------------------------------------------


def screen_with(**console):
    out = io.StringIO()
    return out, Screen(Console(file=out, width=40, highlight=False, **console))


def test_a_passing_line_gives_its_place_to_the_next_and_never_fills_the_last_column():
    out, screen = screen_with(force_terminal=True, no_color=True)
    screen.passing("a" * 60)
    screen.passing("b")
    screen.passing()
    plain_text = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
    assert plain_text == f"\r\x1b[2K{'a' * 39}\r\x1b[2Kb\r\x1b[2K"


def test_in_a_pipe_each_passing_line_stays():
    out, screen = screen_with(force_terminal=False)
    screen.passing("one")
    screen.passing("two")
    screen.passing()
    assert out.getvalue() == "one\ntwo\n"


def test_a_table_has_its_figures_to_the_right():
    out, screen = screen_with(force_terminal=False)
    screen.table(("what", "ms"), [("one", "1"), ("twenty", "2,000")])
    assert [line.rstrip() for line in out.getvalue().splitlines()] == [
        "what       ms",
        "one         1",
        "twenty  2,000",
    ]

"""The warm engine: each job gets its right verdict, and nothing is left of what a koan has done.

Real processes, two of each kind for the whole module; what only the engine decides is asked of it
with processes that know no torch.
"""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import TOY
from torchkoans import cut
from torchkoans.course import ROOT, Course
from torchkoans.standing import Standing
from torchkoans.verdicts import Result, Verdict
from torchkoans.warm import doing, process
from torchkoans.warm.doing import Doing
from torchkoans.warm.engine import Engine
from torchkoans.warm.job import Job, Lines, Task, line, plain
from torchkoans.warm.judging import FULL, _End
from torchkoans.warm.spare import _speaker

linux = pytest.mark.skipif(sys.platform != "linux", reason="forks, and /proc to see what is left")
LIMIT = 1.0  # seconds that a koan may take here
FILE = "koans/01_numbers.py"
HEAD = """\
import ctypes, os, signal, subprocess, sys, threading, time
import pytest
import torch
from koans import __
"""


# -- a walk's view of the engine -------------------------------------------------------------------


def koan(body, head="", test="test_it"):
    """The text of a koan file with one test."""
    body = textwrap.indent(textwrap.dedent(body).strip() or "pass", "    ")
    return f"{HEAD}{head}\n\n\ndef {test}():\n{body}\n"


@dataclass
class Heard:
    """What came of a job: all its messages, and the last word on each of its koans."""

    messages: list[dict]

    @property
    def results(self):
        last = {m["koan"]: m["results"] for m in self.messages if "koan" in m}
        return {test: results[-1] for test, results in last.items()}

    @property
    def verdict(self):
        (result,) = self.results.values()
        return Verdict(result["verdict"])

    @property
    def what(self):
        (result,) = self.results.values()
        return result["what"]


@dataclass
class Walk:
    """Gives jobs to an engine, as the walk does, and waits for what comes of them."""

    root: Path
    how: str
    limit: float = LIMIT
    messages: queue.Queue = field(default_factory=queue.Queue)
    heard: dict[int, list[dict]] = field(default_factory=dict)
    said: list[dict] = field(default_factory=list)
    last: int = 0

    def __post_init__(self):
        self.engine = Engine(self.root, self.limit, self.messages.put, self.how)
        self.engine.start()

    def give(self, text, tests=("test_it",), explain=True):
        self.last += 1
        tasks = tuple(Task(Standing(test, 1)) for test in tests)
        self.heard[self.last] = []
        self.engine.run(Job(self.last, FILE, text, tasks, explain))
        return self.last

    def hear(self, seconds=60):
        """Take in one message."""
        message = self.messages.get(timeout=seconds)
        assert "trouble" not in message, message
        self.said.append(message)
        if "number" in message:
            self.heard[message["number"]].append(message)
        return message

    def over(self, number):
        """Wait for the end of a job."""
        while not any("over" in message for message in self.heard[number]):
            self.hear()
        return Heard(self.heard[number])

    def run(self, text, tests=("test_it",), explain=True):
        return self.over(self.give(text, tests, explain))

    def until(self, word):
        while word not in self.hear():
            pass

    @property
    def server(self):
        (pid,) = self.engine.pids
        return pid


def lay_out(root):
    """A toy course in which koans can be run."""
    for name in ("answers", "scripts"):
        rubbish = shutil.ignore_patterns("__pycache__")
        shutil.copytree((TOY if name == "answers" else ROOT) / name, root / name, ignore=rubbish)
    (root / "koans").mkdir()
    for name in ("conftest.py", "pytest.ini", "koans/__init__.py"):
        shutil.copy(ROOT / name, root / name)
    course = Course(root)
    for lesson in course.lessons:
        course.koan_file(lesson).write_bytes(cut.pristine(lesson).encoded())
    return root


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    """A walk whose engine has a server that forks."""
    walk = Walk(lay_out(tmp_path_factory.mktemp("forks") / "course"), "fork")
    with closing(walk.engine):
        yield walk


@pytest.fixture(scope="module")
def spares(tmp_path_factory):
    """A walk whose engine has spare processes."""
    walk = Walk(lay_out(tmp_path_factory.mktemp("spares") / "course"), "spare")
    with closing(walk.engine):
        yield walk


# -- what is left ----------------------------------------------------------------------------------


def eventually(condition, seconds=20):
    """Wait for something that is about to happen; whether it has."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def family(root):
    """All processes that were started for the course at `root`, by whomever, and have not ended."""
    mark, found = f"PYTHONPATH={root / 'scripts'}".encode(), set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:
            pass
    return found


def children(pid):
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def status(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (found,) = [one for one in lines if one.startswith(f"{name}:")]
    return int(found.split()[1])


def is_tidy(walk):
    """Whether there is nothing but the server and its two spares."""
    if len(walk.engine.pids) != 1:
        return False
    server = walk.server
    spares = children(server)
    return len(spares) == 2 and family(walk.root) == {server, *spares}


# -- koans that end their process, or try ----------------------------------------------------------

CRASHED, BROKEN, WRONG, TIMEOUT, PASSED = (
    Verdict.CRASHED,
    Verdict.BROKEN,
    Verdict.WRONG,
    Verdict.TIMEOUT,
    Verdict.PASSED,
)
ENDS = [
    ("os._exit(0)", CRASHED, "the process ended with exit code 0"),
    ("os._exit(3)", CRASHED, "the process ended with exit code 3"),
    ("os.abort()", CRASHED, "the process ended with SIGABRT"),
    ("ctypes.string_at(0)", CRASHED, "the process ended with SIGSEGV"),
    ("os.kill(os.getpid(), signal.SIGKILL)", CRASHED, "the process ended with SIGKILL"),
    ("os.kill(os.getpid(), signal.SIGTERM)", CRASHED, "the process ended with SIGTERM"),
    ("sys.exit()", BROKEN, "SystemExit"),
    ("raise KeyboardInterrupt", BROKEN, "the koan stopped pytest: KeyboardInterrupt"),
    ("pytest.exit('enough')", BROKEN, "the koan stopped pytest: Exit: enough"),
    ("os.kill(os.getpid(), signal.SIGINT); time.sleep(1)", BROKEN, "the koan stopped pytest"),
    ("sys.stdout.close()", BROKEN, "pytest stumbled over it: ValueError"),
    ("breakpoint()", PASSED, ""),
    ("import pdb; pdb.set_trace()", BROKEN, "BdbQuit"),
]
TAKES = [
    ("bytearray(5 * 2**30)", BROKEN, "MemoryError"),
    ("torch.empty(5 * 2**30, dtype=torch.uint8)", BROKEN, "can't allocate memory"),
    ("eaten = []\nwhile True: eaten.append(torch.empty(2**28))", BROKEN, "can't allocate memory"),
    ("with open('big', 'wb') as file: file.truncate(2**30)", BROKEN, "File too large"),
]
LEAVES = [
    "threading.Thread(target=time.sleep, args=(1000,)).start()",
    "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    "subprocess.Popen(['sleep', '1000'])",
    "subprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "subprocess.Popen(['sh', '-c', 'setsid sh -c \"setsid sleep 1000; :\"; :'])",
    "subprocess.Popen(['true']); time.sleep(0.05)",
    "if os.fork() == 0:\n  os.setsid()\n  os.fork() and os._exit(0)\n  time.sleep(1000)\nos.wait()",
    "os.fork()",
    "assert os.fork() != 0",
    "subprocess.Popen(['sleep', '1000'], preexec_fn=os.setpgrp)",
]
DISTURBS = [
    "os.closerange(3, 100)",
    "for fd in range(1000):\n  try: os.set_blocking(fd, False)\n  except OSError: pass",
    "os.chdir('/'); os.umask(0o777)",
    "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    "sys.path.clear(); sys.meta_path.clear()",
    "os.environ.clear()",
]


@linux
@pytest.mark.parametrize(("body", "verdict", "what"), [*ENDS, *TAKES])
def test_whatever_a_koan_does_to_its_process_it_gets_its_verdict(forks, body, verdict, what):
    heard = forks.run(koan(body))
    assert (heard.verdict, what in heard.what) == (verdict, True), heard.what
    assert heard.messages[-2]["explained"]
    assert eventually(lambda: is_tidy(forks))


@linux
@pytest.mark.parametrize("body", [*LEAVES, *DISTURBS])
def test_what_a_koan_leaves_behind_is_gone_and_does_not_change_its_verdict(forks, body):
    assert forks.run(koan(body)).verdict is PASSED
    assert eventually(lambda: is_tidy(forks))


@linux
def test_a_child_that_lives_on_does_not_hide_how_its_koan_ended(forks):
    body = "if os.fork() == 0:\n  os.setsid()\n  time.sleep(1000)\nos._exit(3)"
    assert forks.run(koan(body)).what == "the process ended with exit code 3"
    assert eventually(lambda: is_tidy(forks))


@linux
def test_what_is_printed_without_end_is_not_kept(forks):
    """Neither what goes through Python nor what goes around it."""
    for fd in (1, 2):
        forks.run(koan(f"for n in range(50): os.write({fd}, b'x' * 2**20)"))
    (server,) = forks.engine._processes
    assert os.fstat(server._errors.fileno()).st_size < 2**20
    body = """
        for n in range(50): print('x' * 2**20)
        assert len(sys.stdout.getvalue()) < 2**21
        print('the end')
        assert not 'so far'
    """
    (result,) = forks.run(koan(body)).results.values()
    assert "so far" in result["what"]
    assert result["printed"].endswith("the end\n")


def test_of_what_is_printed_the_end_is_kept():
    out = _End()
    for n in range(300_000):
        print("line", n, file=out)
    assert len(out.getvalue()) <= FULL
    assert out.getvalue().endswith("line 299998\nline 299999\n")


# -- koans that say more than they may -------------------------------------------------------------


def forged(number):
    """The messages with which a spare says that a job's koan is green."""
    green = plain([Result(FILE, "test_it", "", PASSED)])
    said = {"number": number, "file": FILE, "koan": "test_it", "results": green, "explained": True}
    return line(said) + line({"number": number, "over": True})


FORGES = """
    for fd in range(3, 1000):
        try:
            os.write(fd, b"junk")
            for number in range(100):
                os.write(fd, {first!r}.replace(b"777", b"%d" % number))
            os.write(fd, b'junk {{"number": ')
        except OSError:
            pass
    assert False
"""


@linux
def test_a_koan_cannot_speak_for_itself(forks):
    heard = forks.run(koan(FORGES.format(first=forged(777))))
    assert heard.verdict is WRONG
    assert "passed" not in json.dumps(heard.messages)


@linux
def test_a_koan_that_closes_everything_is_told_so(forks):
    heard = forks.run(koan("os.closerange(0, 5000)"))
    assert heard.verdict is CRASHED
    assert heard.what == "it closed the pipe through which its verdict is told"


def test_a_verdict_gets_through_a_pipe_that_a_koan_has_changed():
    here, there = socket.socketpair()
    big, lines, heard = "x" * 2**22, Lines(b"key"), []
    there.setblocking(False)

    def read():
        while not heard:
            heard.extend(lines.fed(here.recv(2**16)))

    with here, there:
        reader = threading.Thread(target=read)
        reader.start()
        _speaker(there.fileno(), 7, b"key")(big=big)
        reader.join(10)
    assert heard == [{"number": 7, "big": big}]


def test_a_message_without_its_key_is_none():
    lines = Lines(b"key")
    data = b"half" + line({"n": 1}, b"key") + line({"n": 2}) + line({"n": 3}, b"kex") + b"key[]\n"
    assert list(lines.fed(data + b'key{"n"')) == [{"n": 1}]
    assert list(lines.fed(b": 4}\n")) == [{"n": 4}]


def test_a_line_without_end_is_forgotten():
    lines = Lines()
    for _ in range(40):
        assert list(lines.fed(b"x" * 2**20)) == []
    assert len(lines._rest) < 2**26
    assert list(lines.fed(b"\n" + line({"n": 1}))) == [{"n": 1}]


# -- koans without end -----------------------------------------------------------------------------

ENDLESS = [
    "while True: pass",  # pytest interrupts it
    "sum(range(10**12))",  # nothing interrupts C
    "while True:\n  try: time.sleep(1000)\n  except BaseException: pass",
]


@linux
@pytest.mark.parametrize("body", ENDLESS)
def test_an_endless_koan_is_ended_at_its_limit_and_named(forks, body):
    text = koan("pass", test="test_before") + koan(body) + koan("assert False", test="test_after")
    heard = forks.run(text, ["test_before", "test_it", "test_after"])
    found = {test: one["verdict"] for test, one in heard.results.items()}
    assert found == {"test_before": "passed", "test_it": "timeout", "test_after": "wrong"}
    assert eventually(lambda: is_tidy(forks))


@linux
def test_a_file_that_cannot_be_imported_is_the_trouble_of_all_its_koans_at_once(forks):
    text = koan("pass", test="test_one") + koan("pass", test="test_two", head="while True: pass")
    began = time.monotonic()
    heard = forks.run(text, ["test_one", "test_two"])
    assert time.monotonic() - began < 2 * doing.IMPORT * LIMIT
    for result in heard.results.values():
        assert result["verdict"] == "timeout"
        assert result["what"].startswith("it took longer than 3 seconds while the file was imp")


@linux
@pytest.mark.parametrize(
    ("text", "verdict", "what"),
    [
        (koan("pass", head="sys.exit(1)"), BROKEN, "SystemExit: 1"),
        (koan("pass", head="os._exit(5)"), CRASHED, "exit code 5 while the file was imported"),
        (koan("pass", head="1 / 0"), BROKEN, "ZeroDivisionError"),
        (koan("pass", head="raise KeyboardInterrupt"), BROKEN, "KeyboardInterrupt"),
        (koan("x = ="), BROKEN, "SyntaxError"),
        (koan("x = [1,\n")[:-3], BROKEN, "SyntaxError"),
        ("", BROKEN, "pytest finds no test of this name in the file"),
        (koan("pass", test="test_other"), BROKEN, "pytest finds no test of this name"),
    ],
)
def test_a_file_that_is_no_good_is_told_so(forks, text, verdict, what):
    heard = forks.run(text)
    assert (heard.verdict, what in heard.what) == (verdict, True), heard.what


# -- jobs ------------------------------------------------------------------------------------------


@linux
def test_the_text_of_the_job_counts_and_not_the_file(forks):
    path = forks.root / FILE
    path.write_text(koan("assert False"))
    assert forks.run(koan("assert open(__file__).read()")).verdict is PASSED
    path.unlink()
    assert forks.run(koan("assert 1 == 2")).what == "1 is 1, and should be 2"


@linux
def test_many_jobs_in_a_row_have_each_its_own_verdict_and_leave_nothing_in_the_server(forks):
    def state():
        fds = len(list(Path(f"/proc/{forks.server}/fd").iterdir()))
        return fds, status(forks.server, "VmRSS") / 1024

    def many(count):
        texts = [koan(f"assert {n} == {n % 10 and n}") for n in range(1, count + 1)]
        numbers = [forks.give(text) for text in texts]
        return [forks.over(number).what for number in numbers]

    many(10)
    assert eventually(lambda: is_tidy(forks))
    fds, memory = state()
    found = many(50) + many(50)
    wanted = ["" if n % 10 else f"{n} is {n}, and should be 0" for n in range(1, 51)] * 2
    assert found == wanted
    assert eventually(lambda: is_tidy(forks))
    assert state()[0] == fds
    assert state()[1] < memory + 4
    assert status(forks.server, "Threads") == 1  # or forking it would not be safe


@linux
def test_of_a_job_that_was_dropped_nothing_is_heard(forks):
    runs, waits = forks.give(koan("sum(range(10**12))")), forks.give(koan("pass"))
    time.sleep(0.1)
    forks.engine.drop(waits)
    forks.engine.drop(runs)
    began = time.monotonic()
    assert forks.run(koan("assert False")).verdict is WRONG
    assert time.monotonic() - began < LIMIT + doing.GRACE
    assert (forks.heard[runs], forks.heard[waits]) == ([], [])
    assert eventually(lambda: is_tidy(forks))


@linux
def test_a_koan_that_somebody_looks_at_does_not_wait_for_the_others(forks):
    slow = [koan("time.sleep(0.3)", test=f"test_{n}") for n in range(5)]
    others = forks.give("".join(slow), [f"test_{n}" for n in range(5)], explain=False)
    time.sleep(0.5)
    here = forks.run(koan("assert 1 == 2"))
    assert here.what == "1 is 1, and should be 2"
    assert not any("over" in message for message in forks.heard[others])
    found = forks.over(others).results
    assert {test: one["verdict"] for test, one in found.items()} == {
        f"test_{n}": "passed" for n in range(5)
    }


@linux
def test_a_red_koan_that_nobody_looks_at_is_not_explained_and_says_so(forks):
    heard = forks.run(koan("assert 1 == 2"), explain=False)
    assert [message.get("explained") for message in heard.messages] == [False, None]
    assert heard.verdict is WRONG


# -- deaths of the server, and of the walk ---------------------------------------------------------


@linux
def test_a_server_that_is_killed_over_a_koan_is_replaced_and_the_koan_judged(forks):
    flag = forks.root / "killed"
    body = f"""
        if not os.path.exists({str(flag)!r}):
            open({str(flag)!r}, "w").close()
            subprocess.Popen(["sleep", "1000"], start_new_session=True)
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(1000)
    """
    before = forks.server
    assert forks.run(koan(body)).verdict is PASSED
    assert forks.server != before
    assert eventually(lambda: family(forks.root) == {forks.server, *children(forks.server)})


@linux
def test_a_server_that_is_killed_while_it_waits_is_replaced(forks):
    forks.run(koan("pass"))
    before = forks.server
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: forks.engine.pids not in ([], [before]))
    assert forks.run(koan("assert False")).verdict is WRONG


WALK = """
import sys, time
from pathlib import Path
from torchkoans.standing import Standing
from torchkoans.warm import engine
from torchkoans.warm.job import Job, Task

engine.SPARES = 1
for number, how in enumerate(engine.MODES):
    task = Task(Standing("test_it", 1))
    text = sys.argv[2].replace("MODE", how)
    engine.Engine(Path(sys.argv[1]), 100, print, how).run(Job(1, "koans/01_n.py", text, (task,)))
time.sleep(1000)
"""


@linux
def test_a_walk_that_is_killed_takes_everything_along(tmp_path):
    root = lay_out(tmp_path / "course")
    begun = {how: tmp_path / how for how in process.MODES}
    body = f"""
        subprocess.Popen(["sleep", "1000"])
        open({str(tmp_path / "MODE")!r}, "w").close()
        sum(range(10**12))
    """
    walk = subprocess.Popen(
        [sys.executable, "-c", WALK, str(root), koan(body)],
        env={**os.environ, "PYTHONPATH": str(root / "scripts")},
    )
    try:
        assert eventually(lambda: all(file.exists() for file in begun.values()), 60)
    finally:
        walk.kill()
        walk.wait()
    assert eventually(lambda: family(root) == set())


# -- spare processes -------------------------------------------------------------------------------


@linux
def test_a_spare_process_judges_as_a_fork_does(spares):
    """Two koans, and no more: each uses a process up, and the next takes seconds to get warm."""
    daemon = "subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    spares.until("ready")
    numbers = [
        spares.give(koan(FORGES.format(first=forged(777)))),
        spares.give(koan(f"{daemon}\nsum(range(10**12))")),
    ]
    forge, endless = map(spares.over, numbers)
    assert forge.verdict is WRONG
    assert "passed" not in json.dumps(forge.messages)
    assert endless.what == "it took longer than 1 seconds; an endless loop?"
    assert eventually(lambda: family(spares.root) == set(spares.engine.pids))


@linux
def test_a_closed_engine_leaves_no_process(forks, spares, tmp_path):
    """One has a koan running, one is about to start; no test may follow that needs the two."""
    daemon = "subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    begun = tmp_path / "begun"
    forks.give(koan(f"{daemon}\nopen({str(begun)!r}, 'w').close()\nsum(range(10**12))"))
    assert eventually(begun.exists)
    for walk in (forks, spares):
        pids, began = walk.engine.pids, time.monotonic()
        walk.engine.close()
        assert time.monotonic() - began < 4
        assert eventually(lambda walk=walk: family(walk.root) == set())
        assert not any(map(is_zombie, pids))


# -- what only the engine decides: with processes that know no torch -------------------------------

FAKE = """
import json, os, sys, time
from pathlib import Path
how, folder = sys.argv[1], Path(sys.argv[2])
def say(**message):
    sys.stdout.write("\\n" + key + json.dumps(message) + "\\n")
    sys.stdout.flush()
def judge(job):
    for task in job["tasks"]:
        test = task["standing"]["test"]
        if how == "spare":
            say(number=job["number"], begin=job["file"] + "::" + test)
        exec(job["text"])
        green = {"file": job["file"], "test": test, "device": "", "verdict": "passed"}
        say(number=job["number"], koan=test, results=[green], explained=True)
    say(number=job["number"], over=True)
def first_time(name):
    before = (folder / name).exists()
    (folder / name).touch()
    return not before
key = ""
START
say(ready=True)
for text in sys.stdin:
    message = json.loads(text)
    if "job" in message:
        key = message["key"]
        judge(message["job"])
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A walk whose processes do what a job's text says; `start` is what they do first."""
    started = []

    def walk(how, start=""):
        script = FAKE.replace("START", start)
        command = [sys.executable, "-S", "-c", script]
        monkeypatch.setattr(process, "command", lambda how, *_: [*command, how, str(tmp_path)])
        started.append(Walk(tmp_path, how))
        return started[-1]

    yield walk
    for one in started:
        one.engine.close()


def judged(heard):
    return [message["koan"] for message in heard.messages if "koan" in message]


@pytest.mark.parametrize("how", process.MODES)
def test_a_process_that_never_gets_ready_is_trouble_and_its_last_words_are_told(fake, how):
    walk = fake(how, "sys.exit('no torch here')")
    assert walk.messages.get(timeout=20) == {"trouble": "no torch here"}


def test_a_process_that_cannot_be_started_is_trouble(fake, monkeypatch):
    walk = fake("fork")
    walk.until("ready")
    monkeypatch.setattr(process, "command", lambda *_: ["/there/is/no/such/program"])
    walk.engine._processes[0].kill()
    assert "No such file" in walk.messages.get(timeout=20)["trouble"]


def test_a_job_need_not_wait_until_a_process_listens(fake):
    walk = fake("fork", "say(ready=True); time.sleep(1)")
    walk.until("ready")
    began = time.monotonic()
    numbers = [walk.give("pass" + " " * 2**20) for _ in range(3)]
    assert time.monotonic() - began < 0.8
    assert [judged(walk.over(number)) for number in numbers] == [["test_it"]] * 3


@pytest.mark.parametrize("how", process.MODES)
def test_a_process_that_dies_before_its_koan_has_begun_is_replaced(fake, how):
    dies = "say(ready=True); sys.stdin.readline(); os._exit(1)"
    walk = fake(how, f"if first_time('a'): {dies}")
    assert judged(walk.run("pass")) == ["test_it"]


def test_a_koan_that_takes_its_server_along_each_time_is_to_blame(fake):
    walk = fake("fork")
    heard = walk.run("if test == 'test_b': os._exit(7)", ["test_a", "test_b", "test_c"])
    assert heard.results["test_b"]["what"] == "the process ended with exit code 7"
    assert judged(heard) == ["test_a", "test_b", "test_c"]


def test_a_server_that_says_nothing_any_more_is_replaced(fake, monkeypatch):
    monkeypatch.setattr(process, "STUCK", 0.2)
    monkeypatch.setattr(process, "GRACE", 0)
    walk = fake("fork")
    assert judged(walk.run("if first_time('a'): time.sleep(1000)")) == ["test_it"]


def test_a_process_that_does_not_get_ready_in_time_is_replaced(fake, monkeypatch):
    monkeypatch.setattr(process, "START", 0.5)
    walk = fake("fork", "time.sleep(1000 if first_time('a') else 0)")
    assert judged(walk.run("pass")) == ["test_it"]


def test_where_there_is_a_gpu_spare_processes_take_over(fake):
    walk = fake("fork", "if how == 'fork': say(cuda=True); sys.exit()")
    assert judged(walk.run("assert how == 'spare'")) == ["test_it"]
    assert walk.engine.how == "spare"


@pytest.mark.parametrize("how", process.MODES)
def test_a_dropped_job_does_not_take_the_next_one_along(fake, how):
    walk = fake(how)
    walk.until("ready")
    for _ in range(5):
        number = walk.give("time.sleep(0.2)")
        walk.engine.drop(number)
        assert judged(walk.run("pass")) == ["test_it"]
        assert walk.heard[number] == []


def test_a_job_that_was_interrupted_goes_on_where_it_was(fake):
    walk = fake("fork")
    several = ["test_a", "test_b", "test_c"]
    text = "(folder / 'log').open('a').write(test); test == 'test_b' and time.sleep(0.5)"
    others = walk.give(text, several, explain=False)
    while not judged(Heard(walk.heard[others])):
        walk.hear()
    here = walk.give("pass")
    walk.over(others)
    assert judged(Heard(walk.heard[others])) == several
    order = [message["number"] for message in walk.said if "over" in message]
    assert order == [here, others]


def test_a_pipe_that_is_held_open_does_not_hide_a_death(fake, tmp_path):
    """What a koan has started may hold it, and outlive all."""
    walk = fake("spare")
    held = "if os.fork() == 0: os.setsid(); time.sleep(3)\nos._exit(3)"
    assert walk.run(held).what == "the process ended with exit code 3"


def test_the_time_for_which_the_walk_was_stopped_is_not_held_against_a_koan(fake):
    walk = fake("spare")
    walk.until("ready")
    walk.give("time.sleep(1000)")
    (one,) = [each for each in walk.engine._processes if each.doing]
    one.doing.since -= 100
    assert one.is_overdue
    one.excuse(100)
    assert not one.is_overdue


# -- a job in the hands of a process ---------------------------------------------------------------


@pytest.fixture
def job():
    return Job(1, FILE, "", tuple(Task(Standing(test, 1)) for test in ("test_a", "test_b")))


def said(test, explained=True, verdict=WRONG):
    results = plain([Result(FILE, test, "", verdict)])
    return {"number": 1, "file": FILE, "koan": test, "results": results, "explained": explained}


def death(one, *code):
    messages, rest = one.death(*code)
    told = [(message["koan"], message["results"][0]["what"]) for message in messages]
    return told, rest and [task.test for task in rest.tasks]


def test_no_koan_is_to_blame_before_one_has_begun(job):
    one = Doing(job, LIMIT)
    assert death(one, 1) == ([], ["test_a", "test_b"])
    told, rest = death(one, 1, True)
    assert (told, rest) == ([("test_a", "the process ended with exit code 1")], ["test_b"])


def test_a_process_that_dies_over_the_explanation_leaves_the_verdict_as_it_is(job):
    one = Doing(job, LIMIT)
    one.hear({"begin": f"{FILE}::test_a"})
    one.hear(said("test_a", explained=False))
    (message,), rest = one.death(-signal.SIGSEGV if hasattr(signal, "SIGKILL") else 1)
    assert message["explained"]
    assert message["results"][0]["verdict"] == "wrong"
    assert message["results"][0]["what"].startswith("no more is known: the process ended with")
    assert [task.test for task in rest.tasks] == ["test_b"]
    one.hear(said("test_a"))
    assert death(one, 1) == ([], ["test_b"])


def test_pytest_that_ended_itself_at_the_limit_means_an_endless_koan(job):
    one = Doing(job, LIMIT)
    one.hear({"begin": f"{FILE}::test_b[cpu]"})
    assert death(one, 1) == ([("test_b", "the process ended with exit code 1")], ["test_a"])
    one.since -= LIMIT
    told, _ = death(one, 1)
    assert told == [("test_b", "it took longer than 1 seconds; an endless loop?")]


def test_a_file_may_take_longer_to_import_than_a_koan_to_run(job):
    one = Doing(job, LIMIT)
    one.hear({"begin": f"{FILE}::test_a", "importing": True})
    before = one.deadline - one.since
    one.hear({"begin": f"{FILE}::test_a"})
    assert one.deadline - one.since < before

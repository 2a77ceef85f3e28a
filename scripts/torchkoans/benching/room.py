"""A dojo's server with a full room: sixty pairs that post a light a second, and who looks on.

The server is the real one, in a process of its own, with an empty store. Pairs and browsers are
threads here, each with a connection that it keeps.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from torchkoans import progress
from torchkoans.benching import BenchError, memory
from torchkoans.benching.figures import Target, Times
from torchkoans.course import Course
from torchkoans.dojo.events import LIGHTS, Event

PAIRS, BROWSERS = 60, 2
HOUR = 3600  # lights of a pair that works for so long
BATCH = 180  # events in a post while it catches up
PATIENCE = 30.0  # seconds for an answer
POST_P99, DATA_P99, GROWTH = 50.0, 100.0, 5.0  # ms, ms, percent
WHEN = "2025-01-01T12:00:00+00:00"
PROGRAM = """
import sys
from pathlib import Path
from torchkoans.course import Course
from torchkoans.dojo.server import Server
server = Server(Course(Path(sys.argv[1])), serve=True, port=0)
print(server.port, server.code, flush=True)
server.run()
"""


@dataclass
class Room:
    """What was measured; memory is in MB, None where the system does not tell it."""

    pairs: int
    posts: Times = field(default_factory=Times)
    data: Times = field(default_factory=Times)
    tenth: float | None = None  # after the first tenth of an hour's events
    end: float | None = None
    events: int = 0  # that were pushed meanwhile
    seconds: float = 0.0  # that it took

    @property
    def growth(self) -> float | None:
        """Percent of memory that came to stay."""
        if self.tenth is None or self.end is None:
            return None
        return 100 * (self.end - self.tenth) / self.tenth

    def targets(self) -> Iterator[Target]:
        yield Target(f"a post, p99, {self.pairs} pairs", POST_P99, self.posts.p99)
        yield Target("the board's data, p99", DATA_P99, self.data.p99)
        if self.growth is not None:
            yield Target("the server's memory, more in an hour", GROWTH, self.growth, "%")

    def as_json(self) -> dict[str, object]:
        return {
            "pairs": self.pairs,
            "post": {**self.posts.as_json(), "p99_ms": round(self.posts.p99, 2)},
            "data": {**self.data.as_json(), "p99_ms": round(self.data.p99, 2)},
            "rss_tenth_mb": None if self.tenth is None else round(self.tenth, 1),
            "rss_end_mb": None if self.end is None else round(self.end, 1),
            "events": self.events,
            "events_per_second": round(self.events / self.seconds) if self.seconds else None,
            "targets": [target.as_json() for target in self.targets()],
        }


def measure(
    course: Course,
    seconds: float,
    tell: Callable[[str], None],
    pairs: int = PAIRS,
    lights: int = HOUR,
) -> Room:
    """Measure with so many pairs; then each posts so many lights as fast as it goes.

    Raises BenchError where the server does not answer.
    """
    koans = [
        f"{progress.file_of(course, one)}::{k.name}" for one in course.lessons for k in one.koans
    ]
    found = Room(pairs)
    with Serving(course) as server, contextlib.ExitStack() as opened:
        tell("a room fills")
        posters = [Poster(server, number, koans) for number in range(pairs)]
        for one in posters:
            opened.callback(one.close)
        _all(posters, lambda one: one.fill())
        tell(f"{pairs} pairs post a light a second, for {seconds:g} s")
        _together(server, posters, seconds, found)
        tell("an hour's lights")
        _hour(server, posters, lights, found)
    return found


def _together(server: Serving, posters: list[Poster], seconds: float, found: Room) -> None:
    browsers = [Browser(server) for _ in range(BROWSERS)]
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(posters) + len(browsers)) as threads:
        waiting = [threads.submit(_each_second, one.light, until) for one in posters]
        looking = [threads.submit(_each_second, one.look, until) for one in browsers]
        for took in waiting:
            found.posts.taken += took.result().taken
        for took in looking:
            found.data.taken += took.result().taken
    for browser in browsers:
        browser.close()


def _each_second(do: Callable[[], None], until: float) -> Times:
    """At a moment of its own in each second; how long each took."""
    times = Times()
    at = time.monotonic() + random.random()  # noqa: S311 (no secret)
    while at < until:
        time.sleep(max(0.0, at - time.monotonic()))
        begun = time.perf_counter()
        do()
        times.add(time.perf_counter() - begun)
        at += random.uniform(0.8, 1.2)  # noqa: S311
    return times


def _hour(server: Serving, posters: list[Poster], lights: int, found: Room) -> None:
    """All pairs go on side by side, so that memory can be looked at after a tenth."""
    begun = time.monotonic()
    for tenth in range(1, 11):
        count = lights * tenth // 10 - lights * (tenth - 1) // 10
        _all(posters, lambda one, count=count: one.push(count))  # type: ignore[misc]
        if tenth == 1:
            found.tenth = server.memory()
    found.seconds, found.end = time.monotonic() - begun, server.memory()
    found.events = lights * len(posters)


def _all(posters: list[Poster], do: Callable[[Poster], None]) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(do, posters))


class Serving:
    """The server that was started, to be used in `with`."""

    def __init__(self, course: Course) -> None:
        scripts = str(Path(__file__).resolve().parents[2])
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(course.root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": scripts},
        )
        port, _, self.code = self._line().partition(" ")
        self.port = int(port)

    def _line(self) -> str:
        said = self.process.stdout.readline().strip() if self.process.stdout else ""
        if not said:
            self.close()
            raise BenchError("The room's server does not start; what it said stands above.")
        return said

    def memory(self) -> float | None:
        return memory.resident(self.process.pid)

    def __enter__(self) -> Serving:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Client:
    """A connection to the server that is kept."""

    def __init__(self, server: Serving) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        self._headers = {"Authorization": f"Bearer {server.code}"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Raises BenchError where nothing is answered."""
        headers = {**self._headers, "Content-Type": "application/json"} if body else self._headers
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"The room's server did not answer: {error!r}.") from None

    def close(self) -> None:
        self._connection.close()


class Browser(Client):
    """Looks at the board."""

    def look(self) -> None:
        status, _ = self.ask("GET", "/data")
        if status != 200:
            raise BenchError(f"The room's server answered {status} to who looks at the board.")


class Poster(Client):
    """A pair; what it posts has been made up."""

    def __init__(self, server: Serving, number: int, koans: list[str]) -> None:
        super().__init__(server)
        self.session = f"{number:032x}"
        self._koans, self._next, self._number = koans, 0, number

    def fill(self) -> None:
        """Begin, and have a light at every koan."""
        people = [f"ana{self._number}", f"bo{self._number}"]
        start = {"session": self.session, "people": people, "switch": "time", "every": 300}
        self._post([self._event("start", **start, format=1)])
        self.push(len(self._koans))

    def light(self) -> None:
        self._post([self._light()])

    def push(self, count: int) -> None:
        """So many lights, in as few posts as they fit in."""
        for first in range(0, count, BATCH):
            self._post([self._light() for _ in range(min(BATCH, count - first))])

    def _light(self) -> bytes:
        koan = self._koans[self._next % len(self._koans)]
        return self._event("light", koan=koan, light=LIGHTS[self._next % len(LIGHTS)])

    def _event(self, what: str, **values: Any) -> bytes:
        self._next += 1
        return Event(self._next - 1, float(self._next), WHEN, what, values).line().rstrip()

    def _post(self, lines: list[bytes]) -> None:
        first = self._next - len(lines)
        plain = b",".join(lines)
        body = b'{"session":"%s","from":%d,"events":[%s]}' % (self.session.encode(), first, plain)
        while True:
            status, said = self.ask("POST", "/events", body)
            if status == 200 and json.loads(said) == {"have": self._next}:
                return
            if status != 429:
                raise BenchError(f"The room's server answered {status} to a pair: {said[:200]!r}.")
            time.sleep(1)

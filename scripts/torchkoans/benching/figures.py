"""What was measured, as numbers: medians, percentiles, and what they are held against."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from torchkoans.benching.machine import Machine
from torchkoans.benching.rivals import Whole
from torchkoans.benching.saves import Save

SLOWEST = 10
VERDICT, VERDICT_P95, EXPLANATION = 20.0, 40.0, 60.0  # ms from the save
FASTER = 100.0  # times faster than import torch
AFTER_TORCH, SCREEN = 700.0, 200.0  # ms from the start of the walk
GROWTH = 5.0  # percent from the first saves to the last: what is remembered of each koan


@dataclass
class Times:
    """Milliseconds."""

    taken: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        self.taken.append(seconds * 1000)

    @property
    def median(self) -> float:
        return statistics.median(self.taken)

    @property
    def p95(self) -> float:
        """The least value that 95 of 100 do not exceed."""
        return self._not_exceeded_by(95)

    @property
    def p99(self) -> float:
        return self._not_exceeded_by(99)

    def _not_exceeded_by(self, of_100: int) -> float:
        ranked = sorted(self.taken)
        return ranked[-(-len(ranked) * of_100 // 100) - 1]

    def as_json(self) -> dict[str, float]:
        return {
            "median_ms": round(self.median, 2),
            "p95_ms": round(self.p95, 2),
            "runs": len(self.taken),
        }


@dataclass(frozen=True)
class Target:
    """A promise in milliseconds (or what `unit` says) and what came of it."""

    promise: str
    limit: float
    found: float
    unit: str = "ms"
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.found >= self.limit if self.at_least else self.found <= self.limit

    def as_json(self) -> dict[str, object]:
        found = {"promise": self.promise, "limit": self.limit, "found": round(self.found, 2)}
        return {**found, "unit": self.unit, "met": self.is_met}


@dataclass
class Figures:
    """All figures of a run."""

    machine: Machine
    import_torch: Times = field(default_factory=Times)
    cold_pytest: Times = field(default_factory=Times)
    watcher: Times = field(default_factory=Times)
    walk: Times = field(default_factory=Times)
    green: Times = field(default_factory=Times)
    red: Times = field(default_factory=Times)
    explained: Times = field(default_factory=Times)
    screen: Times = field(default_factory=Times)  # from the start of the walk
    first: Times = field(default_factory=Times)  # likewise
    memory: dict[int, float] = field(default_factory=dict)  # MB after so many saves
    slowest: list[tuple[float, str]] = field(default_factory=list)  # ms and the koan
    course: list[Whole] = field(default_factory=list)

    def add(self, save: Save, seen: float, explained: float) -> None:
        """Note a save of the walk: seconds until its verdict, and until all is said of it."""
        self.walk.add(seen)
        (self.green if save.right else self.red).add(seen)
        if not save.right:
            self.explained.add(explained)
        koan = f"{save.where}, {'green' if save.right else 'red'}"
        self.slowest = sorted([*self.slowest, (seen * 1000, koan)], reverse=True)[:SLOWEST]

    @property
    def faster(self) -> float:
        """How many verdicts fit into an import of torch."""
        return self.import_torch.median / self.walk.median

    @property
    def growth(self) -> float | None:
        """Percent of memory that came to stay, from the first look to the last; None if unknown."""
        sizes = list(self.memory.values())
        return 100 * (sizes[-1] - sizes[0]) / sizes[0] if len(sizes) > 1 else None

    def targets(self) -> Iterator[Target]:
        yield Target("verdict, median", VERDICT, self.walk.median)
        yield Target("verdict, p95", VERDICT_P95, self.walk.p95)
        yield Target("explanation of a red one, median", EXPLANATION, self.explained.median)
        yield Target("faster than import torch", FASTER, self.faster, "times", at_least=True)
        late = self.first.median - self.import_torch.median
        yield Target("first verdict, after import torch", AFTER_TORCH, late)
        yield Target("something on the screen", SCREEN, self.screen.median)
        if self.growth is not None:
            name = f"memory, more after {max(self.memory):,} saves"
            yield Target(name, GROWTH, self.growth, "%")

    def as_json(self) -> dict[str, object]:
        sizes = [round(size, 1) for size in self.memory.values()]
        return {
            "machine": self.machine.as_json(),
            "import_torch": self.import_torch.as_json(),
            "cold_pytest": self.cold_pytest.as_json(),
            "watcher": self.watcher.as_json(),
            "walk": {
                **self.walk.as_json(),
                "green_median_ms": round(self.green.median, 2),
                "red_median_ms": round(self.red.median, 2),
                "explained_median_ms": round(self.explained.median, 2),
                "explained_p95_ms": round(self.explained.p95, 2),
                "first_verdict_ms": round(self.first.median, 1),
                "on_screen_ms": round(self.screen.median, 1),
                "rss_start_mb": sizes[0] if sizes else None,
                "rss_end_mb": sizes[-1] if sizes else None,
                "times_faster_than_import_torch": round(self.faster, 1),
            },
            "course": {"ways": [whole.as_json() for whole in self.course]},
            "slowest": [{"ms": round(ms, 2), "koan": koan} for ms, koan in self.slowest],
            "targets": [target.as_json() for target in self.targets()],
        }

"""Whether what came of a unit's checks is what should have come of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from torchkoans.verdicts import Verdict
from torchkoans.verifying.planning import ALSO, ANSWER, JUNK, STUB, TRAP, WRONG, Check, Unit
from torchkoans.verifying.report import Disagreement, Problem
from torchkoans.verifying.trying import Outcome

DEAD = (Verdict.CRASHED, Verdict.TIMEOUT)
GREEN = (ANSWER, ALSO)  # the kinds that have to be
AS_REPORTED = {ANSWER: "answers", TRAP: "traps", JUNK: "junk"}
AS_REPORTED |= dict.fromkeys((WRONG, ALSO, STUB), "katas")


@dataclass
class Tried:
    """A unit, and what came of its checks by place; `alone` is what came of some when alone."""

    unit: Unit
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    alone: dict[int, Outcome] = field(default_factory=dict)
    left: dict[int, list[str]] = field(default_factory=dict)  # by place; -1: nobody knows by whom

    @property
    def is_complete(self) -> bool:
        return len(self.outcomes) == len(self.unit.checks)

    @property
    def believed(self) -> dict[int, Outcome]:
        """What counts: a check that was run alone too is judged by that."""
        return {**self.outcomes, **self.alone}

    def failing(self) -> dict[int, str]:
        """What did not come out as it should, by place, and what it is."""
        return _failing(self.unit, self.believed)

    def problems(self) -> Iterator[Problem]:
        """Each thing that is not true, once."""
        failing = self.failing()
        for place, what in failing.items():
            yield self._problem(place, what)
        for place, what in _failing(self.unit, self.outcomes).items():
            if place in self.alone and place not in failing:
                beside = "though not when it is run alone: what runs before it leaves a trace"
                yield self._problem(place, f"{what}, {beside}")
        for place, names in self.left.items():
            what = f"it leaves changed what the next koan will find: {', '.join(names)}"
            if place in range(len(self.unit.checks)):
                yield self._problem(place, what)
            else:
                file = f"answers/{self.unit.file}"
                yield Problem(file, self.unit.line, self.unit.name, "", "", what)

    def _problem(self, place: int, what: str) -> Problem:
        check, outcome = self.unit.checks[place], self.believed.get(place)
        line = outcome.line if outcome and check.variant.kind == ANSWER else None
        name = check.test if check.variant.kind in (ANSWER, STUB) else self.unit.name
        device = "" if check.variant.kind == WRONG else check.device  # it is about all of them
        file = f"answers/{self.unit.file}"
        return Problem(file, line or check.variant.line, name, device, str(check.variant), what)

    def notes(self) -> Iterator[str]:
        """What is worth knowing: who was red by ending its process, who was kept off the GPU."""
        for place, outcome in self.believed.items():
            check = self.unit.checks[place]
            where = f"answers/{self.unit.file}:{check.variant.line}: {check}"
            if outcome.trouble:  # a problem, and told as one
                continue
            if outcome.verdict in DEAD and check.variant.kind in (JUNK, STUB):
                yield f"{where}: red, for {outcome.what}"
            elif outcome.kept_off:
                yield f"{where}: kept off the GPU: {outcome.what}"
            elif outcome.warned and check.variant.kind in GREEN:
                yield f"{where}: it warns: {outcome.warned}"

    def disagreements(self) -> Iterator[Disagreement]:
        """What is green on one device and not on another; a wrong kata may well be."""
        groups: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for place, outcome in self.believed.items():
            check = self.unit.checks[place]
            if (
                check.variant.kind in (*GREEN, TRAP, JUNK)
                and outcome.verdict is not Verdict.WAITING
            ):
                said = "passed" if outcome.verdict is Verdict.PASSED else "red"
                groups[check.test, str(check.variant)][check.device] = said
        for (test, variant), verdicts in groups.items():
            if len(set(verdicts.values())) > 1:
                yield Disagreement(f"answers/{self.unit.file}::{test}", variant, verdicts)


def _failing(unit: Unit, outcomes: dict[int, Outcome]) -> dict[int, str]:
    found = {}
    wrong_katas: dict[str, list[int]] = defaultdict(list)
    for place, check in enumerate(unit.checks):
        outcome = outcomes.get(place)
        if outcome is None:
            found[place] = "it was not run"
        elif what := _what_is_wrong(check, outcome):
            found[place] = what
        if check.variant.kind == WRONG:
            wrong_katas[check.variant.code].append(place)
    for places in wrong_katas.values():
        came = [outcomes[place] for place in places if place in outcomes]
        typo = next((outcome.what for outcome in came if outcome.is_typo), "")
        if typo:
            found[places[0]] = f"red by a typo: {typo}"
        elif came and all(outcome.verdict is Verdict.PASSED for outcome in came):
            found[places[0]] = "no test is red on any device"
    return found


def _what_is_wrong(check: Check, outcome: Outcome) -> str:
    kind, verdict = check.variant.kind, outcome.verdict
    if outcome.trouble:
        return outcome.trouble
    if kind in GREEN:
        if outcome.kept_off:
            return f"its answer may run on the CPU only, for {outcome.what}"
        return "" if verdict is Verdict.PASSED else f"{verdict.value}: {outcome.what}"
    if kind in (TRAP, JUNK, STUB) and verdict is Verdict.PASSED:
        return "it passes, and it should be red"
    if kind in (TRAP, WRONG) and verdict in DEAD:
        return f"{verdict.value}: {outcome.what}"
    if kind == TRAP and outcome.is_typo:
        return f"red by a typo: {outcome.what}"
    return ""

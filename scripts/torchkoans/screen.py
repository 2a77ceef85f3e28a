"""The one room that prints: what a person sees of the course. Colour has a plain twin.

A pipe is honoured.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from torchkoans.lesson import Koan
from torchkoans.progress import Step
from torchkoans.source import Source, command
from torchkoans.verdicts import Result, Verdict

STYLE = {
    Verdict.PASSED: "bold green",
    Verdict.WAITING: "dim",
    Verdict.BLANK: "bold yellow",
    Verdict.UNWRITTEN: "bold yellow",
    Verdict.WRONG: "bold red",
    Verdict.BROKEN: "bold magenta",
    Verdict.TIMEOUT: "bold magenta",
    Verdict.CRASHED: "bold magenta",
}
TODO = {
    Verdict.BLANK: "Put the answer in place of __ and save the file.",
    Verdict.UNWRITTEN: "Write the body of the function and save the file.",
    Verdict.WRONG: "Try another answer and save the file.",
    Verdict.BROKEN: "Mend this line and save the file.",
    Verdict.TIMEOUT: "Look for a loop that never ends, and save the file.",
    Verdict.CRASHED: "Take out what ends the process, and save the file.",
}
MOST_LINES = 12  # of a message; the rest is a run of pytest away


class Screen:
    """Writes to one console; `width` and the like come from the terminal, or from a test."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=not sys.stdout.isatty())

    def say(self, text: str = "", style: str = "") -> None:
        """One paragraph, as it is."""
        self.console.print(Text(text, style=style))

    def trouble(self, text: str) -> None:
        """A sentence about what is wrong: where, what, what next."""
        self.say(text, "bold red")

    # -- walk --

    def place(self, step: Step, path: Sequence[Step]) -> None:
        """Where on the path this koan is."""
        green = sum(other.verdict is Verdict.PASSED for other in path)
        self.console.print()
        self.console.rule(Text(f"{green} of {len(path)} koans green", style="dim"), style="dim")
        self.say(f"{step.file.split('/')[-1].removesuffix('.py')} · {step.lesson.title}", "dim")
        self.console.print()
        self.say(step.sentence[:1].upper() + step.sentence[1:], "bold")

    def koan(self, step: Step, source: Source | None) -> None:
        """The koan's lines with their numbers, the one to look at marked."""
        self.say(step.where, "cyan")
        if source is None or step.line is None:
            self.say(step.koan.docstring)
            self.console.print()
            return
        for number in _shown_lines(step, source):
            here = number == step.line
            line = Text(f"{'>' if here else ' '}{number:>4}  {source.lines[number - 1].rstrip()}")
            line.stylize("bold" if here else "dim")
            if not here and self.console.is_terminal:  # the line that matters is never cut short
                line.truncate(self.console.width, overflow="ellipsis")
            self.console.print(line)
        self.console.print()

    def verdict(self, step: Step) -> None:
        """The verdict, why, and what to do next."""
        if step.verdict is None:
            return
        line = Text(step.verdict.value, style=STYLE[step.verdict])
        same = [result for result in step.results if result.verdict is step.verdict]
        on = ", ".join(dict.fromkeys(result.device for result in same if result.device))
        if on:
            line.append(f" on {on}", style="dim")
        waiting = [r.device for r in step.results if r.verdict is Verdict.WAITING and r.device]
        if waiting and step.verdict is not Verdict.WAITING:
            line.append(f" ({', '.join(waiting)} waits: not here)", style="dim")
        self.console.print(line)
        if step.verdict not in (Verdict.PASSED, Verdict.BLANK):
            self._explained(step, same)
        if step.altered:
            self.say(
                "The koan was changed beyond its blank; the verdict is on what stands there now.",
                "dim",
            )
        if step.verdict in TODO:
            self.console.print()
            self.say(TODO[step.verdict])

    def _explained(self, step: Step, same: list[Result]) -> None:
        trap = next((result.trap for result in same if result.trap), "")
        if trap:
            self.say(trap[:1].upper() + trap[1:] + ".", "yellow")
        for line in _abridged(step.what):
            self.say(f"    {line}")
        for other in same:
            if other.what != step.what and other.verdict is step.verdict:
                self.say(f"    on {other.device}: {(_abridged(other.what) or [''])[0]}", "dim")
        printed = next((result.printed for result in same if result.printed.strip()), "")
        if printed:
            self.say("It printed:", "dim")
            for line in _abridged(printed):
                self.say(f"    {line}", "dim")

    def why(self, koan: Koan) -> None:
        """The rule that carries to the next case; it comes after the effort."""
        if koan.why:
            self.console.print()
            self.say(koan.why, "green")

    def hint(self, hints: Sequence[str], given: int) -> None:
        """The hint number `given`, counted from zero, of those that there are."""
        if not hints:
            self.say("There is no hint for this one; the docstring says it all.", "yellow")
        elif given >= len(hints):
            self.say(f"That was the last hint: {hints[-1]}", "yellow")
        else:
            self.say(f"Hint {given + 1} of {len(hints)}: {hints[given]}", "yellow")

    def keys(self) -> None:
        """What can be typed."""
        self.say("[Enter] next · [h] hint · [r] run again · [q] quit", "dim")

    def what_next(self, step: Step) -> None:
        """After one look, how to go on."""
        self.say(f"Edit {step.where}, then: {command('walk')}", "dim")

    def waiting_for(self, path: Iterable[Step]) -> None:
        """The end of the path: everything that can be green here is."""
        waiting = [step for step in path if step.verdict is Verdict.WAITING]
        self.console.print()
        self.say("Every koan is green. The path is walked.", "bold green")
        if waiting:
            self.say(f"{len(waiting)} of them wait for a device that is not here:", "dim")
            for step in waiting:
                self.say(f"    {step.where}: {step.sentence}", "dim")

    # -- check and fill --

    def step(self, name: str, good: bool, said: str) -> None:
        """One line of a list of checks."""
        mark, style = ("ok  ", "green") if good else ("FAIL", "bold red")
        line = Text(mark, style=style)
        line.append(f"  {name}", style="bold").append(f"  {said}", style="dim" if good else "")
        self.console.print(line, soft_wrap=True)


def _shown_lines(step: Step, source: Source) -> range:
    """The lines of the koan down to the marked one, or a few around it if it stands elsewhere."""
    assert step.line is not None
    first = max(1, step.line - 9)
    for number in range(step.line, first, -1):
        if source.lines[number - 1].startswith(("def ", "@")):
            first = number
            break
    return range(first, min(step.line, len(source.lines)) + 1)


def _abridged(text: str) -> list[str]:
    """The lines that help: no offers of more, no addresses of objects, and not too many."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    clear = [line for line in lines if "Use -v to get" not in line and " at 0x" not in line]
    lines = clear or lines
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "..."]
    return [line[:300] for line in lines]

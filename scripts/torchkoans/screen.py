"""The one room that prints: what a person sees of the course. Colour has a plain twin.

A pipe is honoured.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from torchkoans.lesson import Koan, Lesson
from torchkoans.progress import Step
from torchkoans.source import Source, command
from torchkoans.verdicts import Result, Verdict, comparable

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
NEXT = {
    Verdict.BLANK: "Put the answer in place of __ and save the file.",
    Verdict.UNWRITTEN: "Write the body of the function and save the file.",
    Verdict.WRONG: "Try another answer and save the file.",
    Verdict.BROKEN: "Mend it and save the file.",
    Verdict.TIMEOUT: "Look for a loop that never ends, and save the file.",
    Verdict.CRASHED: "Take out what ends the process, and save the file.",
}
MOST_LINES = 12  # of a message; the rest is a run of pytest away


class Screen:
    """Writes to one console; `width` and the like come from the terminal, or from a test."""

    def __init__(self, console: Console | None = None) -> None:
        if console is None and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal may not know every letter
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
        first, last = step.lines or (max(1, step.line - 9), step.line)
        for number in range(first, min(last, len(source.lines)) + 1):
            mark = ">" if number == step.line else "!" if number == step.failed else " "
            style = "dim" if mark == " " else "bold"
            for line in self._folded(f"{mark}{number:>4}  {source.lines[number - 1].rstrip()}"):
                self.console.print(Text(line, style=style))
        self.console.print()

    def _folded(self, line: str) -> list[str]:
        """A numbered line of code, continued below its own indentation where it is too long."""
        if not self.console.is_terminal or len(line) <= self.console.width:
            return [line]
        code = line[7:]
        indent = " " * (7 + len(code) - len(code.lstrip()) + 4)
        return textwrap.wrap(
            line,
            self.console.width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def lesson(self, lesson: Lesson) -> None:
        """What the lesson is about, as its file begins."""
        text = (ast.get_docstring(lesson.source.tree) or "").partition("\n")[2].strip()
        self.console.print()
        self.say(lesson.title, "bold cyan")
        self.console.print()
        for paragraph in text.split("\n\n"):
            self.say(" ".join(paragraph.split()))
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
        self.console.print(line)
        if step.verdict is not Verdict.PASSED and not self._shows(step):
            self._explained(step, same)
        if step.altered and step.verdict is not Verdict.BLANK:
            said = "The koan was changed beyond its blank; the verdict is on what stands there now."
            self.say(said, "dim")
        if step.verdict in NEXT:
            self.console.print()
            gone = step.verdict is Verdict.BLANK and "is gone" in step.what
            self.say("Put that line back and save the file." if gone else NEXT[step.verdict])

    @staticmethod
    def _shows(step: Step) -> bool:
        """Whether the marked line itself says all that there is to say."""
        return step.verdict is Verdict.BLANK and not step.altered

    def _explained(self, step: Step, same: list[Result]) -> None:
        trap = next((result.trap for result in same if result.trap), "")
        if trap:
            self.say(trap if trap.endswith(("?", ".")) else f"{trap}.", "yellow")
        for line in _abridged(step.what):
            self.say(f"    {line}")
        for other in same:
            if comparable(other.what) != comparable(step.what):
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
        self.say("Enter: next · h: hint · r: run again · q: quit (a letter, then Enter)", "dim")

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


def _abridged(text: str) -> list[str]:
    """The lines that help: no addresses, no offers of more, and not too many."""
    lines = [re.sub(r" at 0x[0-9a-f]+", "", line.rstrip()) for line in text.splitlines()]
    lines = [line for line in lines if line and not _HELPS_NOBODY.search(line)]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "..."]
    return [line[:300] for line in lines]


_HELPS_NOBODY = re.compile(
    r"Use -v to get"
    r"|where <(built-in|bound) method"  # how Python finds a method is not what was asked
    r"|where (.+) = <(built-in|bound) method"
    r"|<ExceptionInfo "
    r"|where (.+) = \2$"
)

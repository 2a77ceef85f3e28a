"""The one room that prints: what a person sees of the course. Colour has a plain twin.

A pipe is honoured.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import ControlType, Segment, Segments
from rich.text import Text

from torchkoans.progress import Step


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

    @property
    def width(self) -> int:
        return self.console.width

    def show(self, lines: Sequence[Text]) -> None:
        """These lines, below what is there."""
        for line in lines:
            self.console.print(line, soft_wrap=True)

    def rendered(self, lines: Sequence[Text]) -> str:
        """These lines as the terminal is to get them, colours included."""
        segments: list[Segment] = []
        for number, line in enumerate(lines):
            segments += [Segment("\n")] if number else []
            segments += self._segments(line)  # as it is: it was folded to fit already
        with self.console.capture() as captured:
            self.console.print(Segments(segments), soft_wrap=True, end="")
        return captured.get()

    def _segments(self, line: Text) -> Iterable[Segment]:
        if line.spans:
            return line.render(self.console)
        return [Segment(line.plain, self.console.get_style(line.style))]  # render() forgets it

    def drawn(self, figure: RenderableType, width: int) -> list[Text]:
        """The lines of what rich draws in so many columns, with the letters that are known here."""
        options = self.console.options.update(width=width, height=None)
        lines = self.console.render_lines(figure, options, pad=False)
        return [Text.assemble(*((part.text, part.style or "") for part in line)) for line in lines]

    # -- check and fill --

    def step(self, name: str, good: bool, said: str) -> None:
        """One line of a list of checks."""
        mark, style = ("ok  ", "green") if good else ("FAIL", "bold red")
        line = Text(mark, style=style)
        line.append(f"  {name}", style="bold").append(f"  {said}", style="dim" if good else "")
        self.console.print(line, soft_wrap=True)

    # -- hint, reveal, reset, progress --

    @property
    def knows_all_letters(self) -> bool:
        """Whether what is written here may be more than ASCII."""
        return self.console.encoding.lower().replace("-", "").startswith("utf")

    def data(self, text: str) -> None:
        """What another program reads, as it is."""
        self.console.file.write(f"{text}\n")

    def koan(self, step: Step) -> None:
        """Which koan this is about."""
        self.say(step.where, "cyan")
        self.say(step.sentence[:1].upper() + step.sentence[1:], "bold")

    def asks(self, question: str) -> bool:
        """Whether somebody is there and says yes."""
        if not self.is_answered:
            self.trouble("Nobody is here to be asked. With --yes it is done without asking.")
            return False
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            self.say()
            return False

    @property
    def is_answered(self) -> bool:
        """Whether somebody is there to be asked."""
        return sys.stdin.isatty()

    def asked(self, question: str) -> str:
        """A line that somebody types; nothing where nobody is there."""
        if not self.is_answered:
            return ""
        try:
            return input(question).strip()
        except (EOFError, UnicodeDecodeError):
            self.say()
            return ""

    # -- bench --

    def fleeting(self, text: str = "") -> None:
        """As `passing`, but of no use to anyone once it is over: a file or a log does without."""
        if self.console.is_terminal:
            self.passing(text)

    def passing(self, text: str = "") -> None:
        """A line whose place the next one takes; where nothing can be taken back, each stays."""
        if not self.console.is_terminal:
            if text:
                self.say(text)
            return
        over = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
        self.console.control(over)
        self.console.print(Text(text[: self.width - 1], style="dim"), end="")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows below a heading, without lines; all but the first column stand to the right."""
        from rich.table import Table  # dear to import, and only this needs it

        table = Table(box=None, pad_edge=False, header_style="dim")
        for number, name in enumerate(head):
            table.add_column(name, justify="right" if number else "left", no_wrap=True)
        for row in rows:
            table.add_row(*map(Text, row))
        self.console.print(table, soft_wrap=True)

"""The session of a clone, changed from another terminal than the one that has it open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torchkoans.dojo import room, sitting
from torchkoans.dojo.seat import SeatError
from torchkoans.dojo.session import Session
from torchkoans.screen import Screen
from torchkoans.source import shown


class Elsewhere:
    """Raises SeatError where no session is going on in the clone at `root`."""

    def __init__(self, root: Path) -> None:
        self.root, self.log = root, sitting.going_on(root)
        self.session = Session().take_all(self.log.new())

    def write(self, what: str, **values: Any) -> None:
        """Add an event. What cannot be written has not happened: raises SeatError."""
        events = self.log.add(what, self.session.t, **values)
        if self.log.unsaved:
            raise SeatError(f"{shown(self.log.path)} cannot be written: {self.log.trouble}.")
        self.session.take_all(events)

    def committed(self, screen: Screen) -> str:
        """Commit koans/ to the work branch, asking who is who where git does not know it.

        Raises HandoverError where it cannot be.
        """
        session = self.session
        sitting.introduce(self.root, session.people, screen)
        return sitting.committed(self.root, session, session.people, session.greens)

    def refuse_alone(self) -> None:
        """Raises SeatError where there is nobody to hand over to."""
        if len(self.session.people) < 2:
            raise SeatError(f"{self.session.driver} is alone: there is nobody to hand over to.")

    def hand_over(self) -> None:
        """The next one drives; where the session was paused, it goes on."""
        self._look()
        if self.session.is_paused:
            self.write("resume")
        self.write("drive", people=self.session.after_this(), why="asked")
        room.tell(self.root, self.log.path)

    def end(self) -> None:
        """The session is over, and its room knows it."""
        self._look()
        self.write("end")
        room.tell(self.root, self.log.path)

    def _look(self) -> None:
        """Somebody may have come or gone while names were asked for."""
        self.session.take_all(self.log.new())

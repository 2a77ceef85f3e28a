"""What becomes of the work branch when a session ends, as it was said, or as somebody answers.

Whatever it is, the learner's own branch and files stay as they are.
"""

from __future__ import annotations

from torchkoans.dojo import ending
from torchkoans.dojo.elsewhere import Elsewhere
from torchkoans.dojo.ending import Standing
from torchkoans.dojo.repository import HandoverError
from torchkoans.screen import Screen

SQUASH, KEEP, DROP = WAYS = ("squash", "keep", "drop")
MOST = 10  # files that would be lost which are named
_ANSWERS = {"s": SQUASH, "k": KEEP, "d": DROP, "": KEEP, **{way: way for way in WAYS}}
_QUESTION = "Squash it into one commit, keep it, or drop it? [s/K/d] "


class Parting:
    """`way` is one of WAYS, or None to ask; `push` names a remote, or is None."""

    def __init__(self, of: Elsewhere, screen: Screen, way: str | None, push: str | None) -> None:
        self.root, self.session, self.of = of.root, of.session, of
        self.screen, self.way, self.push = screen, way, push

    def branch(self) -> None:
        """Do what is to be done with it; nothing where there is none.

        Raises HandoverError where git refuses.
        """
        there = self._found()
        if there:
            self._part(there)
        elif self.push:
            self.screen.trouble("Nothing was pushed: there is no work branch.")

    def _found(self) -> Standing | None:
        """The branch with all that was done on it; a session can end where git has difficulties."""
        try:
            if self.session.commits:
                self.screen.say(self.of.committed(self.screen))
            return ending.what_there_is(self.root, self.session.id)
        except HandoverError as error:
            if self.session.commits or self.way in (SQUASH, DROP) or self.push:
                self.screen.trouble(str(error))
            return None

    def _part(self, there: Standing) -> None:
        way = self.way or self._asked(there)
        if way == DROP:
            self._drop()
            return
        if way == SQUASH:
            ended = ending.squash(self.root, self.session.id)
            self.screen.say(f"{ended.branch} is one commit now. As it was: {ended.back}")
        else:
            self.screen.say(f"{there.branch} stays as it is.")
        self.screen.say(f"To bring it into your own branch: {merging(there.branch)}", "dim")
        if self.push:
            branch = ending.push(self.root, self.session.id, self.push)
            self.screen.say(f"{branch} is at {self.push} now.")

    def _drop(self) -> None:
        ended = ending.drop(self.root, self.session.id)
        said = f"{ended.branch} is gone; koans/ stays as it is."
        self.screen.say(f"{said} To have it back: {ended.back}")
        if self.push:
            self.screen.trouble("Nothing was pushed: the branch was dropped.")

    def _asked(self, there: Standing) -> str:
        count = len(there.commits)
        said = f"{there.branch} has {count} commit{'s' * (count != 1)}. The last:"
        self.screen.say(f"{said} {there.last.title}.")
        if there.only_there:
            self.screen.say("A drop would lose what the branch has and koans/ has not, in:")
            for file in there.only_there[:MOST]:
                self.screen.say(f"    {file}")
            if there.only_there[MOST:]:
                self.screen.say(f"    and {len(there.only_there) - MOST} more")
        while True:
            answer = self.screen.asked(_QUESTION).lower()
            if answer in _ANSWERS:
                return _ANSWERS[answer]


def merging(branch: str) -> str:
    """How it is merged while koans/ holds the same, uncommitted: git would not merge over it."""
    return f"git stash push koans && git merge {branch} && git stash pop"

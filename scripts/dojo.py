"""Walk in pairs: who drives, for how long still, and what comes of it, for the whole room to see.

    python3 scripts/dojo.py start ana bo         begin a session: ana drives, bo navigates
    python3 scripts/dojo.py                      pick it up where it was left
    python3 scripts/dojo.py next --commit        hand the keyboard over, from another terminal
    python3 scripts/dojo.py done                 end it; squash, keep or drop its work branch
    python3 scripts/dojo.py join WHERE [CODE]    tell a room of it: http://HOST:PORT, or a folder
    python3 scripts/dojo.py leave                tell nobody of it any more
    python3 scripts/dojo.py board                the page for the wall
    python3 scripts/dojo.py retro                the session as a page, to talk about

`dojo.py COMMAND --help` says more of each. docs/dojo.md leads through a session step by step.
"""

import sys

from torchkoans import bootstrap

NEEDS_MORE = {"board", "retro"}  # a web server and what draws plots: installed when first needed

if __name__ == "__main__":
    bootstrap.enter("dojo" if NEEDS_MORE & set(sys.argv[1:2]) else "")

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from torchkoans.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torchkoans.dojo.log import Log
    from torchkoans.screen import Screen

ROOT = Path(__file__).resolve().parents[1]


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0 where it did what was asked (a walk in pairs: as walk), 2 where not."""
    options = _parser().parse_args(argv)
    from torchkoans.dojo.address import RoomError
    from torchkoans.dojo.repository import HandoverError
    from torchkoans.dojo.seat import SeatError
    from torchkoans.screen import Screen
    from torchkoans.source import CourseError

    screen = Screen()
    try:
        code: int = options.run(options, screen)
        return code
    except (CourseError, HandoverError, RoomError, SeatError) as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say()
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dojo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quiet", action="store_true", help="no bell when the time is up")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.set_defaults(run=pick_up)
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND")
    for run, arguments in (
        (start, _start_arguments),
        (hand_over, _next_arguments),
        (done, _done_arguments),
        (join, _join_arguments),
        (leave, None),
        (board, _board_arguments),
        (retro, _retro_arguments),
    ):
        words = run.__doc__ or ""
        name = "next" if run is hand_over else run.__name__
        added = verbs.add_parser(name, help=words.splitlines()[0], description=words)
        added.set_defaults(run=run)
        if arguments:
            arguments(added)
    return parser


# -- a session -------------------------------------------------------------------------------------


def _start_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("people", nargs="+", metavar="NICK", help="who is here; the first drives")
    parser.add_argument(
        "--switch", default="time", metavar="WAY", help="time (default), pingpong, or koans:N"
    )
    parser.add_argument(
        "--every",
        type=_minutes,
        metavar="MIN",
        help="minutes of a turn; 5 where time decides, 0: none",
    )
    parser.add_argument(
        "--break", dest="rest", type=_minutes, default=50 * 60.0, metavar="MIN",
        help="minutes after which a break is due (default: 50; 0: none)",
    )  # fmt: skip
    parser.add_argument("--commit", action="store_true", help="each change of hands is a commit")
    parser.add_argument(
        "--quiet", action="store_true", default=argparse.SUPPRESS, help="no bell"
    )  # before the command it may stand, too


def _minutes(said: str) -> float:
    try:
        minutes = float(said)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= 600:
        raise argparse.ArgumentTypeError(f"{said} is no number of minutes from 0 to 600")
    return minutes * 60.0


def _length(said: str) -> float:
    seconds = _minutes(said)
    if not seconds:
        raise argparse.ArgumentTypeError("a round takes some time")
    return seconds


def start(options: argparse.Namespace, screen: "Screen") -> int:
    """begin a session: the first who is named drives, the second navigates"""
    from torchkoans.dojo import events, seat, sitting
    from torchkoans.dojo.session import MINUTE, TIME, Switch

    try:
        people, switch = events.group(options.people), Switch.of(options.switch)
    except ValueError as error:
        said = str(error)
        raise seat.SeatError(f"{said[:1].upper()}{said[1:]}.") from None
    every = options.every if options.every is not None or switch.kind != TIME else 5 * MINUTE
    wanted = sitting.Wanted(people, switch, every or None, options.rest or None, options.commit)
    with seat.alone(options.course):
        if options.commit:
            sitting.introduce(options.course, people, screen)
        log = sitting.begin(options.course, wanted)
    return _stay(options, log)


def pick_up(options: argparse.Namespace, _: "Screen") -> int:
    """Go on with the session of this clone."""
    from torchkoans.dojo import sitting

    return _stay(options, sitting.going_on(options.course))


def _stay(options: argparse.Namespace, log: "Log") -> int:
    from torchkoans.dojo import sitting

    terminal = Terminal()
    if terminal.is_capable:
        terminal.frame("Torch Koans")  # what follows takes some tenths of a second
    return sitting.stay(options.course, log, terminal, options.quiet)


def _next_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--commit", action="store_true", help="commit koans/ to the session's work branch, too"
    )


def hand_over(options: argparse.Namespace, screen: "Screen") -> int:
    """hand the keyboard over, with --commit as a commit on a work branch of this clone"""
    from torchkoans.dojo.elsewhere import Elsewhere

    there = Elsewhere(options.course)
    there.refuse_alone()
    said = there.committed(screen) if options.commit or there.session.commits else ""
    there.hand_over()
    screen.say(f"{there.session.driver} drives now. {said}".strip())
    return 0


def _done_arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--squash", action="store_true", help="make one commit of the work branch")
    ways.add_argument("--keep", action="store_true", help="leave the work branch as it is")
    ways.add_argument("--drop", action="store_true", help="delete the work branch")
    parser.add_argument(
        "--push", nargs="?", const="origin", metavar="REMOTE", help="send it there (origin)"
    )


def done(options: argparse.Namespace, screen: "Screen") -> int:
    """end the session; if it has a work branch, ask whether to squash, keep or drop it"""
    from torchkoans.dojo.elsewhere import Elsewhere
    from torchkoans.dojo.parting import WAYS, Parting
    from torchkoans.source import command

    there = Elsewhere(options.course)
    there.write("beat")  # before anything is done that cannot be undone
    way = next((way for way in WAYS if getattr(options, way)), None)
    Parting(there, screen, way, options.push).branch()
    there.end()
    screen.say(f"The session of {' and '.join(there.session.everybody)} is over.")
    screen.say(f"What came of it, to talk about: {command('dojo', 'retro')}", "dim")
    return 0


# -- a room ----------------------------------------------------------------------------------------


def _join_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("where", metavar="WHERE", help="http://HOST:PORT, or a folder")
    parser.add_argument("code", nargs="?", metavar="CODE", help="the room's code, for a server")


def join(options: argparse.Namespace, screen: "Screen") -> int:
    """tell a room what happens in the sessions of this clone: a server, or a shared folder"""
    from torchkoans.dojo import room

    screen.say(room.join(options.course, options.where, options.code))
    return 0


def leave(options: argparse.Namespace, screen: "Screen") -> int:
    """tell nobody any more; what was told stays where it is"""
    from torchkoans.dojo import room

    screen.say(room.leave(options.course))
    return 0


def _board_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--serve", action="store_true", help="let pairs post to it")
    parser.add_argument("--dir", type=Path, metavar="ROOM", help="show the logs in this folder")
    parser.add_argument(
        "--host", default="127.0.0.1", help="0.0.0.0 lets in the computers of the room"
    )
    parser.add_argument("--port", type=int, default=8765, metavar="N", help="default: 8765; 0: any")
    parser.add_argument(
        "--every", type=_length, default=300.0, metavar="MIN", help="minutes of a round (5)"
    )
    parser.add_argument(
        "--break", dest="rest", type=_minutes, default=50 * 60.0, metavar="MIN",
        help="minutes after which a break is due (default: 50; 0: none)",
    )  # fmt: skip
    parser.add_argument("--new", action="store_true", help="begin an empty room; the old is kept")


def board(options: argparse.Namespace, screen: "Screen") -> int:
    """show the page for the wall: of this clone, of a folder of logs, or of pairs that post"""
    from torchkoans.course import Course
    from torchkoans.dojo.server import Server, ServerError
    from torchkoans.dojo.store import StoreError

    try:
        server = Server(
            Course(options.course),
            serve=options.serve,
            folder=options.dir,
            host=options.host,
            port=options.port,
            every=options.every,
            break_after=options.rest or None,
            new=options.new,
        )
    except (ServerError, StoreError) as error:
        screen.trouble(str(error))
        return 2
    for line in server.lines():
        screen.say(line)
    sys.stdout.flush()  # somebody may read it through a pipe while it is served
    server.run()
    return 0


# -- what came of it -------------------------------------------------------------------------------


def _retro_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir", type=Path, metavar="ROOM", help="all logs in a folder; default: this clone's"
    )
    parser.add_argument(
        "--all", action="store_true", help="all sessions, not those of the last day"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write it (retro/)")


def retro(options: argparse.Namespace, screen: "Screen") -> int:
    """write what came of the last day as a page and as Markdown, with three questions"""
    from torchkoans.course import Course
    from torchkoans.dojo import recent, retro, room
    from torchkoans.source import shown

    left_out: set[str] = set()
    if options.dir:
        logs = room.events(options.dir)
    else:
        logs, left_out = recent.known(options.course)
    if left_out and not options.all:
        logs = {session: logs[session] for session in logs if session not in left_out}
        screen.say(f"Left out: {len(left_out)} of earlier days; --all has them, too.", "dim")
    course = Course(options.course)
    for page in retro.write_pages(course, logs, options.out or options.course / "retro"):
        how = "open it in a browser" if page.path.suffix == ".html" else "the same, as text"
        screen.say(
            f"{shown(page.path)}: {how if page.is_new else 'it is there already, unchanged'}"
        )
    course.remembered.save()
    return 0


if __name__ == "__main__":
    bootstrap.imported()
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may still be waiting for a line of stdin

"""Who is behind a nickname: name and address, for the commits that a pair makes, and nowhere else.

They stand in git's configuration, as `dojo.NICKNAME.name` and `dojo.NICKNAME.email`; no log, no
page and no board ever has them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from torchkoans.dojo.events import nickname
from torchkoans.dojo.repository import Repository, repository

_NOWHERE = "users.noreply.invalid"  # a domain that, by its rules, nobody ever has
_LONGEST = 200
_CRUD = " .,:;<>\"\\'"  # what git takes away from both ends of a name
_JOINERS = re.compile("[\u200c\u200d]")  # letters of some scripts are written with them
_ADDRESS = re.compile(r"[^\s@<>\"\\,;:()\[\]]+@[^\s@<>\"\\,;:()\[\]]+")


@dataclass(frozen=True)
class Person:
    """Who takes part, and how a commit names them.

    Raises ValueError, in one sentence, for what can be no nickname, name or address: each of them
    stands on a line of a commit, and nobody is to write a second one.
    """

    nickname: str
    name: str
    address: str

    def __post_init__(self) -> None:
        checks = ((self.nickname, nickname), (self.name, name_of), (self.address, address_of))
        for text, checked in checks:
            if checked(text) != text or not text:
                raise ValueError(f"{text!r}: that is not how a commit may name somebody")

    @property
    def identity(self) -> tuple[str, str]:
        return self.name, self.address

    @staticmethod
    def of(nick: str, name: str, address: str) -> Person:
        """The person, with an address that leads nowhere where they give none.

        Raises ValueError, in one sentence, for what can be no name or address.
        """
        return Person(nick, name_of(name), address_of(address) or nowhere(nick))


def name_of(text: str) -> str:
    """A name as a commit may have it.

    Raises ValueError, in one sentence, for what is none.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name.strip(_CRUD) or len(name) > _LONGEST:
        raise ValueError(f"{text!r}: a name has at least one letter and at most {_LONGEST}")
    if not _JOINERS.sub("", name).isprintable() or set(name) & set("<>"):
        raise ValueError(f"{text!r}: a name is one line of letters that can be seen, no < or >")
    return name.strip(_CRUD)


def address_of(text: str) -> str:
    """A mail address, of which the form alone is looked at; empty where somebody gives none.

    Raises ValueError, in one sentence, for what is none.
    """
    address = text.strip()
    if not address:
        return ""
    is_seen = address.isprintable() and address == address.strip(_CRUD)
    if len(address) > _LONGEST or not is_seen or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{text!r}: an address is like ana@example.org; leave it empty for none")
    return address


def nowhere(nick: str) -> str:
    """An address that is this nickname's alone, and no mailbox."""
    plain = unicodedata.normalize("NFKD", nick).encode("ascii", "ignore").decode().lower()
    safe = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if safe != nick:  # two that are different must not become the same
        digest = hashlib.sha256(nick.encode("utf-8", "replace")).hexdigest()[:6]
        safe = f"{safe or 'nn'}-{digest}"
    return f"{safe}@{_NOWHERE}"


# -- what git's configuration says -----------------------------------------------------------------


def known(root: Path, nicknames: Iterable[str]) -> dict[str, Person]:
    """Those of them of whom a name and an address are known; the address may be given as empty.

    Raises HandoverError where the folder is no clone.
    """
    there = repository(root)
    found = {nick: _person(there, nick) for nick in nicknames}
    return {nick: person for nick, person in found.items() if person}


def unknown(root: Path, nicknames: Iterable[str]) -> list[str]:
    """Those of them who are to be asked for their name and address.

    Raises HandoverError where the folder is no clone.
    """
    asked = list(nicknames)
    answered = known(root, asked)
    return [nick for nick in asked if nick not in answered]


def remember(root: Path, nick: str, name: str, address: str) -> Person:
    """Write down who that is, in this clone alone.

    Raises ValueError, in one sentence, for what can be no name or address; HandoverError where git
    refuses to write it.
    """
    there, person = repository(root), Person.of(nick, name, address)
    given = {"name": person.name, "email": address_of(address)}
    for key, value in given.items():
        there.git("config", "--local", "--replace-all", f"dojo.{nick}.{key}", value)
    return person


def owner(root: Path) -> tuple[str, str] | None:
    """The name and address that git has for whoever's computer this is; None where it has none."""
    there = repository(root)
    name, address = (there.ask("config", "--get", f"user.{key}") for key in ("name", "email"))
    try:
        return name_of(name or ""), address_of(address or "")
    except ValueError:
        return None


def _person(there: Repository, nick: str) -> Person | None:
    keys = (f"dojo.{nick}.{key}" for key in ("name", "email"))
    name, address = (there.ask("config", "--get", key) for key in keys)
    if name is None or address is None:
        return None
    try:
        return Person.of(nick, name, address)
    except ValueError:
        return None  # written by hand, and not well: they are asked

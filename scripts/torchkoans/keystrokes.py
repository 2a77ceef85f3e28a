"""What a person pressed, read from what a terminal sends for it."""

from __future__ import annotations

import re

PATIENCE = 0.05  # seconds within which a terminal sends the rest of a sequence; a lone Esc has none
PASTING = 1.0  # seconds of silence after which a paste is over even if nothing said so

_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[\[."  # F1 to F5 on the Linux console
    r"|\[M..."  # a mouse, in the oldest way to tell of one
    r"|\[(?![\[M])[0-?]*[ -/]*[@-~]"  # CSI
    r"|O[\d;]*[@-~]"  # SS3
    r"|[]P_^X].*?(?:\x07|\x1b\\)"  # a string that answers a question nobody here has asked
    r"|[^][OP_^X\x1b]"  # Alt and a letter
    r")",
    re.DOTALL,
)
_BEGUN = re.compile(r"\x1b(?:\[(?:\[|M.{0,2}|[0-?]*[ -/]*)?|O[\d;]*|[]P_^X][^\x07]*)?", re.DOTALL)
_KEY = re.compile(r"\x1b[\[O]([\d;]*)([A-Z~])")
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"

_BY_LETTER = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "Z": "backtab",
}
_BY_NUMBER = {
    "1": "home",
    "2": "insert",
    "3": "delete",
    "4": "end",
    "5": "pageup",
    "6": "pagedown",
    "7": "home",
    "8": "end",
}
_BY_CHARACTER = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x04": "eof",  # Ctrl-D
    "\x1a": "eof",  # Ctrl-Z on Windows; elsewhere it is a signal and never comes here
    "\x0c": "resize",  # Ctrl-L: draw it again
    " ": "space",
}

# The Latin letters on the keys of other layouts, so that a key means the same whichever is active.
_CONSONANTS = "ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_KEYS = """
    r r rt s sw sg e e f fr fa fq ft fx fv fg a q q qt t t d w w c z x v g
    k o i o j p u p h hk ho hl y n nj np nl b m ml l
"""
_HANGUL = dict(zip(_CONSONANTS + _VOWELS, _KEYS.split(), strict=True))
_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"  # as Unicode counts the parts of a syllable
_LAST = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
_ELSEWHERE = {
    **dict(
        zip("йцукенгшщзфывапролдячсмитьі", "qwertyuiopasdfghjklzxcvbnms", strict=True)
    ),  # Cyrillic
    **dict(zip("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm", strict=True)),  # Greek
}


class Keystrokes:
    """Text goes in as it comes, names of keys come out.

    What is only half there waits for its rest. Pasted text is nobody's keystroke and is dropped.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._is_pasting = False

    @property
    def patience(self) -> float | None:
        """Seconds to wait for more before `flush`; None where nothing is half there."""
        if self._is_pasting:
            return PASTING
        return PATIENCE if self._rest else None

    def feed(self, text: str) -> list[str]:
        """The keys that are complete with this text."""
        self._rest += text
        names: list[str] = []
        while self._rest:
            before = self._rest
            names += self._next()
            if self._rest == before:
                break
        return names

    def flush(self) -> list[str]:
        """Nothing more has come: what is half there was an Esc, or will never be whole."""
        rest, self._rest = self._rest, ""
        self._is_pasting = False
        return ["esc"] if rest == "\x1b" else []

    def _next(self) -> list[str]:
        """Take the first key off the rest; where it is not whole yet the rest stays as it is."""
        if self._is_pasting:
            return self._skip_paste()
        if self._rest[0] != "\x1b":
            character, self._rest = self._rest[0], self._rest[1:]
            return pressed(character)
        whole = _SEQUENCE.match(self._rest)
        if whole:
            self._rest = self._rest[whole.end() :]
            self._is_pasting = whole.group() == _PASTE
            return _named(whole.group())
        begun = _BEGUN.match(self._rest)
        assert begun is not None  # it begins with an Esc
        if begun.end() == len(self._rest):
            return []
        self._rest = self._rest[begun.end() :]  # no sequence goes on like that
        return ["esc"] if begun.group() == "\x1b" else []

    def _skip_paste(self) -> list[str]:
        end = self._rest.find(_PASTED)
        if end < 0:
            self._rest = self._rest[1 - len(_PASTED) :]  # the mark of its end may be cut in two
        else:
            self._rest = self._rest[end + len(_PASTED) :]
            self._is_pasting = False
        return []


def _named(sequence: str) -> list[str]:
    """The key of an escape sequence, with or without Shift and the like; most have none."""
    found = _KEY.fullmatch(sequence)
    if not found:
        return []
    numbers, last = found.groups()
    name = _BY_NUMBER.get(numbers.split(";")[0]) if last == "~" else _BY_LETTER.get(last)
    return [name] if name else []


def pressed(character: str) -> list[str]:
    """The keys behind a character: one, none, or the two or three of a Korean syllable."""
    if character in _BY_CHARACTER:
        return [_BY_CHARACTER[character]]
    if not character.isprintable():
        return []
    character = character.lower()
    if "！" <= character <= "～":  # full width
        character = chr(ord(character) - 0xFEE0)
    return [key for jamo in _jamo(character) for key in _HANGUL.get(jamo, jamo)]


def _jamo(character: str) -> list[str]:
    """The letters of a Korean syllable; any other character as the Latin one on its key."""
    number = ord(character[0]) - 0xAC00
    if not 0 <= number < len(_FIRST) * len(_VOWELS) * len(_LAST):
        return [_ELSEWHERE.get(character, character)]
    number, last = divmod(number, len(_LAST))
    first, vowel = divmod(number, len(_VOWELS))
    return [_FIRST[first], _VOWELS[vowel], _LAST[last]]

"""What every report of a run says in the same words, and letters that no report may hold."""

from __future__ import annotations

import re

from torchkoans.devices import NAMES
from torchkoans.verifying.report import ENOUGH, UNTRUE, DeviceProof, Report

# Controls, halves of letters, what turns the direction of writing: XML forbids most of them, a
# page is garbled by the others. Tab and line end may stay.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """The text with its harmful characters written as Python writes them."""
    return _HARMFUL.sub(lambda found: ascii(found.group())[1:-1], text)


def shortened(text: str, most: int) -> str:
    """At most so many characters; what was cut is marked."""
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def counted(number: int, word: str) -> str:
    """`1 koan`, `2,000 koans`."""
    ending = "" if number == 1 else "es" if word.endswith("s") else "s"
    return f"{number:,} {word}{ending}"


def named(proof: DeviceProof) -> str:
    """A device as people are told of it: nobody may take a simulation for a GPU."""
    return f"{proof.name} (simulated)" if proof.simulated else proof.name or "none in particular"


def facts(proof: DeviceProof) -> str:
    """What the machine says of a device, in one line."""
    return ", ".join(_fact(key, value) for key, value in proof.facts.items())


def _fact(key: str, value: str | int) -> str:
    said = f"{value:,}" if isinstance(value, int) else value
    if key in ("name", "build"):  # these say what they are
        return said
    return f"{key[:-3]} {said} MiB" if key.endswith("_mb") else f"{key} {said}"


def verdict(report: Report) -> str:
    """What was proven, where it really ran, and where it never did. Begins with the verdict."""
    return " ".join(filter(None, [_verdict(report), _ran(report), _never_ran(report)]))


def _verdict(report: Report) -> str:
    problems = counted(len(report.told), "problem")
    if report.partial:
        found = f", with {problems} until then" if report.problems else ""
        return f"PARTIAL: {report.partial.rstrip('.')}. Nothing is proven{found}."
    if report.exit_code == UNTRUE:
        return f"NOT TRUE: {problems}."
    limits = listed(limited(report))
    return f"PROVEN, as far as was asked: {limits}." if limits else "PROVEN."


def limited(report: Report) -> list[str]:
    """In what ways less was asked for than all that can be proven here."""
    unsampled = report.audit is None and not report.answers_only
    lessons = ", ".join(name.removesuffix(".py") for name in report.lessons)
    return [
        *([f"lessons {lessons} alone"] if report.lessons else []),
        *([f"devices {', '.join(report.chosen)} alone"] if report.chosen else []),
        *(["answers alone"] if report.answers_only else []),
        *(["no sample was held against plain pytest"] if unsampled else []),
        *(["a small sample"] if report.audit and report.audit.wanted < ENOUGH else []),
    ]


def _ran(report: Report) -> str:
    real = [proof.name for proof in report.devices.values() if proof.executed]
    fake = [proof.name for proof in report.devices.values() if proof.executed and proof.simulated]
    real = [name for name in real if name not in fake]
    if not real and not fake:
        return "Nothing ran on any device."
    simulated = f"{listed(fake)}, which is a simulation and no proof for a GPU" if fake else ""
    return f"Ran on {', and on '.join(filter(None, [listed(real), simulated]))}."


def _never_ran(report: Report) -> str:
    said = []
    for name in dict.fromkeys([*report.devices, *NAMES]):
        proof = report.devices.get(name)
        if not proof or not proof.executed:
            why = proof.why_not.rstrip(".") if proof else ""
            said.append(f"{name} ({shortened(why, 200)})" if why else name)
    return f"Never ran on {listed(said)}." if said else ""

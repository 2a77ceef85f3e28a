"""The first difference between two values: by kind, then shape, dtype, device, then value."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Sequence
from typing import Any

from torchkoans.explaining.values import (
    CALLABLE,
    equal,
    is_array,
    is_callable,
    is_tensor,
    kind,
    shown,
)

_SEQUENCES = (list, tuple)
_NUMBERS = (bool, int, float, complex)
_WIDTH = 36  # characters of a value inside a sentence
_AT_A_GLANCE = 4  # so many entries are compared by looking at them
_ROUNDING = 1e-5  # two numbers nearer to each other than this part of them were meant to be equal


def first(wanted: Any, got: Any) -> str:
    """In one sentence where the two part; empty where the values side by side say it all.

    `wanted` is what is right, `got` is what came of the learner's code.
    """
    return _kinds(wanted, got) or _insides(wanted, got)


def _insides(wanted: Any, got: Any) -> str:
    """The first difference of two values of one kind."""
    if has_shape(wanted) and has_shape(got):
        return _tensors(wanted, got)
    if isinstance(wanted, _SEQUENCES) and isinstance(got, _SEQUENCES):
        return _sequences(wanted, got)
    if isinstance(wanted, (set, frozenset)) and isinstance(got, (set, frozenset)):
        return _sets(wanted, got)
    if isinstance(wanted, str) and isinstance(got, str):
        return _strings(wanted, got)
    if isinstance(wanted, _NUMBERS) and isinstance(got, _NUMBERS):
        return _numbers(wanted, got)
    return ""


def has_shape(value: object) -> bool:
    """Whether it is a tensor or an array."""
    return is_tensor(value) or is_array(value)


def is_data(value: object) -> bool:
    """Whether it is numbers, words or a bundle of them."""
    return has_shape(value) or isinstance(value, (*_NUMBERS, *_SEQUENCES, str, dict, set))


def comparable(wanted: object, got: object) -> bool:
    """Whether the two could be equal, as kinds go; of some kinds nothing is known."""
    families = {_family(wanted), _family(got)}
    return len(families) == 1 or "" in families


def _is_uncalled(value: object) -> bool:
    """Whether it is a function, or the class of one, where most likely its result was meant."""
    return is_callable(value) or (isinstance(value, type) and value in CALLABLE)


# -- by kind -------------------------------------------------------------------------------------


def _kinds(wanted: Any, got: Any) -> str:
    if _is_uncalled(got) and not _is_uncalled(wanted):
        return "a method stands there that nobody called: write () after its name"
    if comparable(wanted, got) or wanted is None or got is None or kind(wanted) == kind(got):
        return ""
    return _of_the_pen(wanted, got) or f"{_named(wanted)}, not {_named(got)}"


def _family(value: Any) -> str:
    """What can be equal to each other is of one family; empty for what nothing is known of."""
    if isinstance(value, _NUMBERS) or (has_shape(value) and math.prod(value.shape) == 1):
        return "a number"
    known = {"a torch.Size": "a tuple"}.get(kind(value), kind(value))
    return "" if known.startswith("of class") else known


def _named(value: object) -> str:
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return "a number"
    return {"a torch.Size": "a tuple"}.get(kind(value), kind(value))


def _of_the_pen(wanted: Any, got: Any) -> str:
    """The slips in which the thought was right, or nearly so."""
    if isinstance(wanted, _SEQUENCES) and isinstance(got, _SEQUENCES):
        return _brackets(wanted, got)
    number = isinstance(got, _NUMBERS)
    if number and isinstance(wanted, tuple) and len(wanted) == 1 and equal(wanted[0], got):
        return f"a tuple with one entry is written with a comma: ({shown(got, _WIDTH)},)"
    if isinstance(got, _SEQUENCES) and len(got) == 1 and equal(wanted, got[0]):
        return "the right one, but without the brackets"
    if {kind(wanted), kind(got)} == {"a device", "a string"}:
        return "a device is no string; its .type is one"
    if isinstance(wanted, str) and wanted in (str(got), shown(got)):
        return "the right one, but as a string: in quotes"
    if isinstance(got, str) and (got in _spellings(wanted) or equal(wanted, _read(got))):
        return f"the right one, but {_named(wanted)} and not a string: without the quotes"
    if isinstance(wanted, type) and isinstance(got, wanted):
        return "the class itself, not an object of it"
    if kind(wanted) == "a dtype" and isinstance(got, type):
        return f"{shown(got)} is a class of Python; a dtype has torch. before its name"
    return ""


def _brackets(wanted: Sequence[Any], got: Sequence[Any]) -> str:
    shape = "square" if isinstance(wanted, list) else "round"
    alike = len(wanted) == len(got) and all(map(equal, wanted, got))
    if alike:
        return f"the right entries, but in {shape} brackets: {_named(wanted)}"
    return f"{_named(wanted)}, in {shape} brackets, not {_named(got)}"


def _read(text: str) -> Any:
    """The number or the list that a string spells; the string itself where it spells none."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _spellings(value: object) -> tuple[str, ...]:
    return shown(value), shown(value).removeprefix("torch."), str(value)


# -- by shape, dtype, device and value -----------------------------------------------------------


def _tensors(wanted: Any, got: Any) -> str:
    if tuple(wanted.shape) != tuple(got.shape):
        return f"the shape is {tuple(wanted.shape)}, not {tuple(got.shape)}"
    dtypes = [str(each.dtype).removeprefix("torch.") for each in (wanted, got)]
    if dtypes[0] != dtypes[1]:
        return f"the dtype is {dtypes[0]}, not {dtypes[1]}"
    if is_tensor(wanted) and is_tensor(got) and wanted.device != got.device:
        return f"it is on {wanted.device.type}, not on {got.device.type}"
    return _elements(_near(wanted), _near(got))


def _near(value: Any) -> Any:
    """The numbers as a tensor on the CPU; a look at them leaves the tensor as it was."""
    return sys.modules["torch"].as_tensor(value).detach().cpu()


def _elements(wanted: Any, got: Any) -> str:
    torch = sys.modules["torch"]
    apart = wanted != got
    if wanted.dtype.is_floating_point or wanted.dtype.is_complex:
        apart &= ~(wanted.isnan() & got.isnan())
        far = apart & ~torch.isclose(got, wanted, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
        apart = far if far.any() else apart
    if not apart.any():
        return ""
    at = tuple(apart.nonzero()[0].tolist())
    ours, theirs = wanted[at].item(), got[at].item()
    said = _numbers(ours, theirs) or "{}, not {}".format(*_rounded(ours, theirs))
    return f"first difference at {list(at)}: {said}" if at else said


def _rounded(wanted: Any, got: Any) -> tuple[str, str]:
    """Two numbers with as few digits as keep them apart."""
    if isinstance(wanted, float) and isinstance(got, float):
        short = f"{wanted:.6g}", f"{got:.6g}"
        if short[0] != short[1]:
            whole = [text if set(text) & set(".en") else f"{text}.0" for text in short]
            return whole[0], whole[1]
    return repr(wanted), repr(got)


def _numbers(wanted: Any, got: Any) -> str:
    if wanted != wanted and got != got:
        return "nan equals nothing, not even nan"
    if isinstance(wanted, complex) or isinstance(got, complex) or wanted == got:
        return ""
    if math.isclose(wanted, got, rel_tol=_ROUNDING):
        return f"{abs(wanted - got):.1g} apart, which is rounding"
    return ""


def _sequences(wanted: Sequence[Any], got: Sequence[Any]) -> str:
    if len(wanted) != len(got):
        what = "dim" if kind(wanted) == "a torch.Size" else "entry"
        return f"{_counted(len(wanted), what)}, not {len(got) or 'none'}"
    at, ours, theirs = parting(wanted, got)
    if not at:
        return ""
    said = first(ours, theirs)
    if not said and _at_a_glance(wanted) and _at_a_glance(got):
        return ""
    said = said or f"{shown(ours, _WIDTH)}, not {shown(theirs, _WIDTH)}"
    return f"first difference at {''.join(f'[{n}]' for n in at)}: {said}"


def parting(wanted: Any, got: Any) -> tuple[list[int], Any, Any]:
    """Where two sequences part, as deep as they agree in kind and length, and what stands there."""
    at: list[int] = []
    while type(wanted) in _SEQUENCES and type(got) is type(wanted) and len(wanted) == len(got):
        pairs = enumerate(zip(wanted, got, strict=True))
        apart = next(((n, pair) for n, pair in pairs if not equal(*pair)), None)
        if apart is None:
            break
        number, (wanted, got) = apart
        at.append(number)
    return at, wanted, got


def _at_a_glance(value: Sequence[Any]) -> bool:
    flat = not any(isinstance(entry, _SEQUENCES) for entry in value)
    return flat and len(value) <= _AT_A_GLANCE and len(shown(value)) <= _WIDTH


def _counted(number: int, what: str) -> str:
    plural = {"entry": "entries"}.get(what, f"{what}s")
    return f"{number or 'no'} {what if number < 2 else plural}"


def _sets(wanted: Any, got: Any) -> str:
    said = [
        f"{what} {shown(difference)}"
        for what, difference in (("it lacks", wanted - got), ("it should not have", got - wanted))
        if difference
    ]
    return ", ".join(said)


def _strings(wanted: str, got: str) -> str:
    if wanted.split() == got.split() or wanted.replace(" ", "") == got.replace(" ", ""):
        return "the same but for spaces"
    if wanted.lower() == got.lower():
        return "the same but for capital letters"
    return ""

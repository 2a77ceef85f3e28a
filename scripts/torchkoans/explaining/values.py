"""How a value is shown to a learner: on one short line, without addresses, never a big tensor.

torch and NumPy are looked up among what is imported already: where they are not, no value is
theirs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

WIDTH = 60  # characters of a value
_ALIKE = ("shape", "dtype", "device")
CALLABLE = (BuiltinFunctionType, FunctionType, MethodType, MethodDescriptorType)
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}")}


def shown(value: object, width: int = WIDTH) -> str:
    """The value on one line of at most `width` characters; what is longer ends in `...`."""
    try:
        text = _text(value, width)
    except Exception as error:  # a repr that fails must not hide what failed before it
        text = f"<{type(value).__name__} that cannot be printed: {type(error).__name__}>"
    return shortened(text, width)


def shortened(text: str, width: int) -> str:
    """A text, or as much of it as there is room for."""
    return text if len(text) <= width else f"{text[: width - 3].rstrip()}..."


def _text(value: object, width: int) -> str:
    if isinstance(value, (list, tuple, set)) and type(value).__name__ in _BRACKETS:
        return _entries(value, width)
    if isinstance(value, dict):
        pairs = (f"{shown(k, width)}: {shown(v, width)}" for k, v in value.items())
        return f"{{{_joined(pairs, width)}}}"
    if isinstance(value, type):
        return _public(value)
    if isinstance(value, (*CALLABLE, ModuleType)):
        return f"<{kind(value).partition(' ')[2]} {value.__name__}>"
    if isinstance(value, str):
        return repr(value) if len(value) <= width else repr(value[:width])[:-1]
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))
    return _numbers(text) if is_tensor(value) or is_array(value) else text


def _entries(value: list[Any] | tuple[Any, ...] | set[Any], width: int) -> str:
    if isinstance(value, set):  # in one order in every process
        entries: Iterable[str] = sorted(shown(entry, width) for entry in value)
        if not value:
            return "set()"
    else:
        entries = (shown(entry, width) for entry in value)
    first, last = _BRACKETS[type(value).__name__]
    alone = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return f"{first}{_joined(entries, width)}{alone}{last}"


def _joined(entries: Iterable[str], width: int) -> str:
    """As many as there is room for: a list of a million is not gone through."""
    text = ""
    for entry in entries:
        text += f", {entry}" if text else entry
        if len(text) > width:
            break
    return text


def _public(cls: type) -> str:
    """The class as it is written: torch.nn.Linear, though it is defined further down."""
    if cls.__module__ == "builtins":
        return cls.__qualname__
    parts = cls.__module__.split(".")
    for home in (".".join(parts[:n]) for n in range(1, len(parts))):
        if getattr(sys.modules.get(home), cls.__name__, None) is cls:
            return f"{home}.{cls.__name__}"
    return f"{cls.__module__}.{cls.__qualname__}"


def _numbers(text: str) -> str:
    """The printed form of a tensor without what `facts` says, and without torch's columns."""
    text = text.removeprefix("Parameter containing: ")
    text = re.sub(r", size=\([^)]*\)", "", text)
    text = re.sub(r", (dtype|device|layout|requires_grad|grad_fn)=[^,)]*", "", text)
    return re.sub(r"([\[(]) +", r"\1", text)


def facts(value: Any) -> str:
    """What the printed form of a value does not say, or says too quietly."""
    if is_array(value) or is_tensor(value):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{dtype}, shape {tuple(value.shape)}"
    return kind(value)


_KINDS: list[tuple[type | tuple[type, ...], str]] = [
    (type(None), "None"),
    (bool, "a bool"),
    (int, "an int"),
    (float, "a float"),
    (complex, "a complex number"),
    (str, "a string"),
    (list, "a list"),
    (tuple, "a tuple"),
    ((set, frozenset), "a set"),
    (dict, "a dict"),
    (type, "a class"),
    ((MethodType, MethodDescriptorType), "a method"),
    (FunctionType, "a function"),
    (ModuleType, "a module"),
    (BaseException, "an exception"),
]


def kind(value: object) -> str:
    """What sort of thing a value is, with its article."""
    torch = sys.modules.get("torch")
    if torch and isinstance(value, (torch.Tensor, torch.Size, torch.dtype, torch.device)):
        names = {torch.Tensor: "a tensor", torch.Size: "a torch.Size", torch.dtype: "a dtype"}
        return next((name for cls, name in names.items() if isinstance(value, cls)), "a device")
    if is_array(value):
        return "a NumPy array"
    if isinstance(value, BuiltinFunctionType):
        return "a function" if _is_alone(value) else "a method"
    known = next((name for cls, name in _KINDS if isinstance(value, cls)), None)
    return known or f"of class {_public(type(value))}"


def _is_alone(function: BuiltinFunctionType) -> bool:
    """Whether a function written in C is no method of an object; torch keeps its own in a class."""
    owner = function.__self__
    return owner is None or isinstance(owner, (ModuleType, type))


def is_callable(value: object) -> bool:
    """Whether it is a function or a method, which would rather be called than looked at."""
    return isinstance(value, CALLABLE)


def is_tensor(value: Any) -> bool:
    """Whether it is a torch.Tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: Any) -> bool:
    """Whether it is a NumPy array."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def equal(left: Any, right: Any) -> bool:
    """Whether two values say the same; tensors as a whole, and in dtype and device."""
    try:
        if is_tensor(left) and is_tensor(right):
            alike = all(getattr(left, what) == getattr(right, what) for what in _ALIKE)
            return alike and bool((left == right).all())
        same = left == right
        return bool(same.all()) if is_array(same) or is_tensor(same) else bool(same)
    except Exception:
        return False

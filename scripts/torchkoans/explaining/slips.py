"""A sentence in plain words for the slips of the pen that torch and Python cannot explain.

A word that lacks its quotes, a name that lacks its `torch.`, a method that nobody called.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from torchkoans import cuda
from torchkoans.devices import CPU, CUDA, SIMGPU
from torchkoans.explaining import values
from torchkoans.explaining.scene import Scene

MOST_LINES = 8  # of an error's own text
_LONGEST = 240  # characters of one of them
_TRUTHS = {"true": "True", "false": "False", "none": "None", "null": "None"}
_WORDS_OF_NUMPY = {  # what a tensor calls otherwise
    "astype": "to(dtype)",
    "copy": "clone()",
    "append": "torch.cat()",
    "concatenate": "torch.cat()",
    "length": "len(t) or numel()",
    "fillna": "nan_to_num()",
}
_NEAR = 0.75  # how alike a mistyped name must be


def own_words(text: str) -> str:
    """The lines of an error's own text that help a learner."""
    text = re.split(r"\nException raised from|, but expected one of:", text)[0]
    lines = [line.rstrip() for line in text.splitlines()]
    lines = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..." for line in lines if line]
    return "\n".join([*lines[:MOST_LINES], *(["..."] if len(lines) > MOST_LINES else [])])


def sentence(error: BaseException, here: Scene) -> str:
    """What to say of an error, or nothing where its own text says it best."""
    return next((said for said in _sentences(error, here) if said), "")


def _sentences(error: BaseException, here: Scene) -> Iterator[str]:
    if isinstance(error, UnboundLocalError):
        yield f"{_named(error)} has no value yet on this line: it is given one below, or on it"
    elif isinstance(error, NameError):
        yield _unknown(_named(error), here)
    elif isinstance(error, AttributeError):
        yield _lacking(error)
    else:
        for pattern, said in _PATTERNS:
            found = re.search(pattern, str(error))
            yield found.expand(said) if found else ""


def _named(error: NameError) -> str:
    found = re.search(r"'(\w+)'", str(error))
    return getattr(error, "name", None) or (found.group(1) if found else "it")


def of_the_gpu(error: BaseException) -> str:
    """What to say of an error for which no answer is to blame, or nothing for any other."""
    if cuda.is_out_of_memory(error):
        return (
            "the GPU is out of memory, and no answer is to blame: another process may be using it "
            "(nvidia-smi lists them); end it, then run again"
        )
    if cuda.is_fatal(error):
        what = "an index or a value was out of range on the GPU"
        what = what if cuda.is_failed_assertion(error) else "the GPU stopped in mid-work"
        return (
            f"{what}, in this koan or in one before it; CUDA cannot be used in this process from "
            "here on: run again"
        )
    return ""


# -- names ---------------------------------------------------------------------------------------


def _unknown(name: str, here: Scene) -> str:
    if here.statement and re.search(r"\bstr\(.*[!=]= ", here.text(here.statement)):
        return f"Python knows no {name}; str() gives a string: put quotes around it all"
    if name == "np" or name in sys.modules:
        return f"{name} is not imported in this file, so this koan can do without it"
    meant = list(dict.fromkeys(_meant(name, here)))[:2]
    if meant:
        return f"Python knows no {name} here; did you mean {' or '.join(meant)}?"
    return f"Python knows no {name} here; words need quotes, torch's names need torch."


def _meant(name: str, here: Scene) -> Iterator[str]:
    """What a name that is not there may have been meant for, likeliest first."""
    if name.lower() in _TRUTHS:
        yield _TRUTHS[name.lower()]
    if name in (CPU, CUDA, SIMGPU) or name in _strings(here):
        yield f'"{name}", in quotes'
        return
    torch = sys.modules.get("torch")
    if torch and hasattr(torch, name):
        yield f"torch.{name}"
        return
    known = [word for word in here.names if not word.startswith(("_", "@"))]
    dotted = [
        f"{word}.{name.removeprefix(word)}"
        for word in known
        if name.startswith(word) and hasattr(here.names[word], name.removeprefix(word))
    ]
    yield from dotted or difflib.get_close_matches(name, known, 1, _NEAR)
    if hasattr(here.names.get("np"), name):
        yield f"np.{name}"


def _strings(here: Scene) -> set[str]:
    """Every string in the function that stopped: its names are likely to be asked for."""
    if here.statement is None:
        return set()
    line = here.statement.lineno
    functions = [
        node
        for node in here.source.tree.body
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    nodes = [node for function in functions for node in ast.walk(function)]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _lacking(error: AttributeError) -> str:
    """What to say of an attribute that is not there."""
    found = re.search(r"attribute '(\w+)'", str(error))
    name = getattr(error, "name", None) or (found.group(1) if found else "")
    owner: Any = getattr(error, "obj", None)
    if "'NoneType' object" in str(error):
        return f"there is None before .{name}: nothing was put there, or nothing came back"
    if owner is None or not name:
        return ""
    if isinstance(owner, (BuiltinFunctionType, FunctionType, MethodType)):
        return f"{owner.__name__} is a {values.kind(owner).split()[1]}: call it first, with ()"
    if values.is_tensor(owner) and name in _WORDS_OF_NUMPY:
        return f"a tensor has {_WORDS_OF_NUMPY[name]} for that"
    near = difflib.get_close_matches(name, dir(owner), 1, _NEAR)
    if near:
        before = f"{owner.__name__}." if isinstance(owner, ModuleType) else "."
        return f"did you mean {before}{near[0]}?"
    torch = sys.modules.get("torch")
    plain = type(owner) in vars(builtins).values() or values.kind(owner) == "a torch.Size"
    if torch and hasattr(torch.Tensor, name) and plain:
        return f"a tensor has .{name}, and this is {values.kind(owner)}"
    return ""


# -- by their text -------------------------------------------------------------------------------

_PATTERNS: list[tuple[str, str]] = [
    (
        r"\b(builtin_function_or_method|method_descriptor)|(got |')(method|function)\b",
        "a method stands there that nobody called: write () after its name",
    ),
    (
        r"unsupported operand type\(s\) for .*'NoneType'",
        "None stands there, and nothing can be calculated with None",
    ),
    (
        r"'NoneType' object is not (?:subscriptable|iterable)",
        "None stands there: nothing was put there, or nothing came back",
    ),
    (
        r"'([\w.]+)' object is not callable",
        r"a value of class \1 cannot be called: leave the () out",
    ),
    (
        r"must be torch.dtype, not (?:str|type)",
        "a dtype is written without quotes and with torch. before its name",
    ),
    (
        r"Cannot interpret 'torch\.(\w+)' as a data type",
        r"NumPy knows its own dtypes only, such as np.\1",
    ),
    (
        r"invalid data type 'str'",
        "a tensor holds numbers, and a string is none",
    ),
    (
        r"operand type.*('Tensor' and '(list|tuple|str)'|'(list|tuple|str)' and 'Tensor')",
        "a tensor calculates with tensors and numbers, not with lists or strings",
    ),
    (
        r"invalid combination of arguments",
        "an argument is not of the kind that it takes, or not in its place",
    ),
    (
        r"^tensor\(\) takes 1 positional argument but \d+ were given",
        "torch.tensor() takes its numbers in one list: torch.tensor([1, 2])",
    ),
    (
        r"ambiguous",
        "each element was compared by itself: several answers, where one was needed",
    ),
]

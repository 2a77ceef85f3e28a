"""Where two values part, in one sentence; and how a value is shown."""

import numpy as np
import pytest
import torch

from torchkoans.explaining.differing import first
from torchkoans.explaining.values import equal, kind, shown

T = torch.tensor
NAN = float("nan")


@pytest.mark.parametrize(
    ("wanted", "got", "said"),
    [
        (T([1, 2]), [1, 2], "a tensor, not a list"),
        (T(60), 3, ""),
        (T(60), [60], "the right one, but without the brackets"),
        (T(-12.0), "-12", "the right one, but a tensor and not a string: without the quotes"),
        (torch.Size([5]), 5, "a tuple with one entry is written with a comma: (5,)"),
        (torch.Size([5]), 6, "a tuple, not a number"),
        (torch.Size([2, 3]), (2, 3, 1), "2 dims, not 3"),
        (torch.Size([]), (1,), "no dim, not 1"),
        ((2, 3), (), "2 entries, not none"),
        ([2, 3], (2, 3), "the right entries, but in square brackets: a list"),
        ((2, 3), [3, 2], "a tuple, in round brackets, not a list"),
        (
            [(1,), 2],
            [[1], 2],
            "first difference at [0]: the right entries, but in round",
        ),
        ("2", 2, "the right one, but as a string: in quotes"),
        (2, "2", "the right one, but a number and not a string: without the quotes"),
        (True, "True", "the right one, but a bool and not a string: without the quotes"),
        (torch.int64, "int64", "the right one, but a dtype and not a string: without the quotes"),
        (torch.float32, float, "float is a class of Python; a dtype has torch. before its name"),
        (torch.device("cpu"), "cpu", "a device is no string; its .type is one"),
        ("cpu", torch.device("cpu"), "a device is no string; its .type is one"),
        (TypeError, TypeError(), "the class itself, not an object of it"),
        (7, T(7).item, "a method stands there that nobody called"),
        (torch.Tensor, type(T(7).item), "a method stands there that nobody called"),
        (list, tuple, ""),
        ([1], None, ""),
        (None, 3, ""),
        (np.ones(2), torch.ones(2), "a NumPy array, not a tensor"),
        (object(), 3, ""),
    ],
)
def test_values_part_by_their_kind(wanted, got, said):
    assert first(wanted, got).startswith(said)
    assert said or not first(wanted, got)


@pytest.mark.parametrize(
    ("wanted", "got", "said"),
    [
        (T([1, 2]), T([[1, 2]]), "the shape is (2,), not (1, 2)"),
        (T([7]), T(7), "the shape is (1,), not ()"),
        (T([1, 2]), T([1.0, 2.0]), "the dtype is int64, not float32"),
        (T([1, 2]), T([1, 2], device="meta"), "it is on cpu, not on meta"),
        (T([[1, 2], [3, 4]]), T([[1, 2], [5, 6]]), "first difference at [1, 0]: 3, not 5"),
        (T([NAN, 1.0]), T([NAN, 2.0]), "first difference at [1]: 1.0, not 2.0"),
        (T([1.0, NAN]), T([1.0, 2.0]), "first difference at [1]: nan, not 2.0"),
        (T([0.1, 1.0]), T([0.1000001, 2.0]), "first difference at [1]: 1.0, not 2.0"),
        (T([0.1]), T([0.1000001]), "first difference at [0]: 1e-07 apart, which is rounding"),
        (T([1 + 2j]), T([1 - 2j]), "first difference at [0]: (1+2j), not (1-2j)"),
        (T([True, False]), T([True, True]), "first difference at [1]: False, not True"),
        (T([1.0], dtype=torch.bfloat16), T([2.0], dtype=torch.bfloat16), "first difference at"),
        (
            torch.ones(2, requires_grad=True),
            torch.zeros(2),
            "first difference at [0]: 1.0, not 0.0",
        ),
        (np.array([1, 2]), np.array([1, 3]), "first difference at [1]: 2, not 3"),
        (T([NAN]), T([NAN]), ""),
    ],
)
def test_tensors_part_by_shape_dtype_device_and_value(wanted, got, said):
    assert first(wanted, got).startswith(said)
    assert said or not first(wanted, got)


@pytest.mark.parametrize(
    ("wanted", "got", "said"),
    [
        ([1, 2, 3], [1, 2, 4], ""),  # seen at a glance
        ([1, 2, 3, 4, 5], [1, 2, 3, 9, 5], "first difference at [3]: 4, not 9"),
        ([[1], [2, 3]], [[1], [2, 4]], "first difference at [1][1]: 3, not 4"),
        ([[1, 4, 7], [1]], [[1, 4, 7, 10], [1]], "first difference at [0]: 3 entries, not 4"),
        ({"a", "b"}, {"b", "c"}, "it lacks {'a'}, it should not have {'c'}"),
        ("a b", "ab", "the same but for spaces"),
        ("torch.IntTensor", "torch.inttensor", "the same but for capital letters"),
        (0.1 + 0.2, 0.3, "6e-17 apart, which is rounding"),
        (NAN, NAN, "nan equals nothing, not even nan"),
        (1, 2, ""),
    ],
)
def test_everything_else_parts_by_its_entries(wanted, got, said):
    assert first(wanted, got) == said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (T([[1.0, 20.0], [3.0, 4.0]]), "tensor([[1., 20.], [3., 4.]])"),
        (torch.ones(2, dtype=torch.int8), "tensor([1, 1])"),
        (torch.ones(2, requires_grad=True) * 2, "tensor([2., 2.])"),
        (torch.nn.Parameter(torch.ones(1)), "tensor([1.])"),
        (torch.empty(0, 3), "tensor([])"),
        (np.ones(2), "array([1., 1.])"),
        (torch.Size([2]), "torch.Size([2])"),
        ([torch.int64, (float,), {"b", "a"}], "[torch.int64, (float,), {'a', 'b'}]"),
        (set(), "set()"),
        ({"a": [1]}, "{'a': [1]}"),
        (torch.nn.Linear, "torch.nn.Linear"),
        (torch.tensor, "<function tensor>"),
        (T(1).item, "<method item>"),
        (np, "<module numpy>"),
        ("a  b", "'a  b'"),
        (list(range(10**6)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16..."),
    ],
)
def test_a_value_is_shown_on_a_short_line(value, text):
    assert shown(value) == text


def test_a_list_that_holds_itself_can_be_shown():
    value = [1]
    value.append(value)
    assert len(shown(value)) <= 60


def test_kinds_have_names_of_their_own():
    things = [
        T(1),
        np.ones(1),
        torch.Size([]),
        torch.int8,
        torch.device("cpu"),
        T(1).item,
        range(2),
    ]
    assert [kind(thing) for thing in things] == [
        "a tensor",
        "a NumPy array",
        "a torch.Size",
        "a dtype",
        "a device",
        "a method",
        "of class range",
    ]


def test_tensors_are_equal_as_a_whole_or_not_at_all():
    assert equal(T([1, 2]), T([1, 2]))
    assert not equal(T([1, 2]), T([1.0, 2.0]))
    assert not equal(T([1, 2]), T([1, 3]))
    assert equal(T(2), 2)
    assert not equal(T([1, 2]), object())

"""What the live objects of a koan look like when it has ended, as plain facts and as lines."""

import ast
import json
import random
import sys
import textwrap
import warnings
from collections import defaultdict

import numpy as np
import pytest
import torch
from torch import nn

from torchkoans import devices, lesson, pictures, restoring, simgpu
from torchkoans.course import Course
from torchkoans.pictures.boxes import MOST_LINES
from torchkoans.verifying.planning import ANSWER, Plan

if simgpu.why_not() is None:
    simgpu.enable()  # while pytest collects: after the first backward of a test it is too late
LESSONS = {path.stem: path for path in Course().answer_files}
WIDTHS = (40, 47, 60, 80, 100, 120)


@pytest.fixture
def simulated():
    """The simulated device."""
    if simgpu.why_not():
        pytest.skip(simgpu.why_not())
    return torch.device(simgpu.NAME)


def facts(kind, names, variables):
    """What another process would be told."""
    return json.loads(json.dumps(pictures.capture(kind, names, variables)))


def shows(picture, expected, width=80, **variables):
    """Hold that `storage of t, part` is drawn like this."""
    kind, of, names = picture.rpartition(" of ")
    found = facts(kind if of else "grid", names.split(", "), variables)
    assert "\n".join(pictures.drawn(found, width)) == textwrap.dedent(expected).strip("\n")


# -- grids -----------------------------------------------------------------------------------------


def test_a_matrix_has_its_dims_along_the_edges():
    shows(
        "t",
        """
        t  shape (2, 3)  int64
                dim=1 →
                ┌───┬───┬────┐
        dim=0 ↓ │ 1 │ 2 │  3 │
                ├───┼───┼────┤
                │ 4 │ 5 │ 60 │
                └───┴───┴────┘
        """,
        t=torch.tensor([[1, 2, 3], [4, 5, 60]]),
    )


def test_a_vector_has_one_dim_a_scalar_none_and_nothing_no_elements():
    shows(
        "vector, scalar, nothing",
        """
        vector  shape (2,)  bool    scalar  shape ()  float64    nothing  shape (2, 0)  int32
        dim=0 →                     ┌─────┐                      ┌─────────────┐
        ┌──────┬───────┐            │ 0.5 │                      │ no elements │
        │ True │ False │            └─────┘                      └─────────────┘
        └──────┴───────┘
        """,
        width=90,
        vector=torch.tensor([True, False]),
        scalar=torch.tensor(0.5, dtype=torch.float64),
        nothing=torch.zeros(2, 0, dtype=torch.int32),
    )


def test_three_dims_are_layers_beside_one_another():
    shows(
        "t",
        """
        t  shape (2, 2, 3)  int64
        dim=0 → t[0]             t[1]
                dim=2 →
                ┌───┬───┬───┐    ┌───┬────┬────┐
        dim=1 ↓ │ 0 │ 1 │ 2 │    │ 6 │  7 │  8 │
                ├───┼───┼───┤    ├───┼────┼────┤
                │ 3 │ 4 │ 5 │    │ 9 │ 10 │ 11 │
                └───┴───┴───┘    └───┴────┴────┘
        """,
        t=torch.arange(12).view(2, 2, 3),
    )


def test_of_four_dims_the_first_block_is_shown():
    shows(
        "t",
        """
        t  shape (8, 3, 1, 1)  int64  showing t[0]
        dim=1 → t[0, 0]    t[0, 1]    t[0, 2]
                dim=3 →
                ┌───┐      ┌───┐      ┌───┐
        dim=2 ↓ │ 0 │      │ 1 │      │ 2 │
                └───┘      └───┘      └───┘
        """,
        t=torch.arange(24).view(8, 3, 1, 1),
    )


def test_what_is_large_is_abridged_in_both_directions():
    shows(
        "t",
        """
        t  shape (100, 200)  int64
                dim=1 →
                ┌───────┬───────┬───┬───────┐
        dim=0 ↓ │     0 │     1 │ … │   199 │
                │   200 │   201 │ … │   399 │
                │   400 │   401 │ … │   599 │
                │   600 │   601 │ … │   799 │
                │   800 │   801 │ … │   999 │
                │  1000 │  1001 │ … │  1199 │
                │  1200 │  1201 │ … │  1399 │
                │     … │     … │ … │     … │
                │ 19800 │ 19801 │ … │ 19999 │
                └───────┴───────┴───┴───────┘
        """,
        width=42,
        t=torch.arange(20000).view(100, 200),
    )


def test_a_gap_stands_where_something_is_left_out_and_nowhere_else():
    shows(
        "t",
        """
        t  shape (12,)  int64
        dim=0 →
        ┌───┬───┬───┬───┬───┬───┬───┬───┬────┐
        │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ 6 │ … │ 11 │
        └───┴───┴───┴───┴───┴───┴───┴───┴────┘
        """,
        width=40,
        t=torch.arange(12),
    )


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("dtype", "value", "text"),
    [
        (torch.float32, 0.1, "0.1"),
        (torch.float32, 1.0, "1."),
        (torch.float32, -0.0, "-0."),
        (torch.float32, 1 / 3, "0.3333"),
        (torch.float32, 1e-8, "1e-08"),
        (torch.float32, 0.00012345, "0.0001"),
        (torch.float32, 0.000012345, "1.2345e-05"),
        (torch.float32, 123456.789, "123456.79"),
        (torch.float32, 2.0**24, "16777216."),
        (torch.float32, 2.0**100, "1.2677e+30"),
        (torch.float64, 0.3, "0.3"),
        (torch.float64, 0.1 + 0.2, "0.3000"),
        (torch.float64, 0.9999999999, "1.0000"),
        (torch.float16, 0.1, "0.1"),
        (torch.bfloat16, 0.1, "0.1001"),
        (torch.float32, NAN, "nan"),
        (torch.float32, -INF, "-inf"),
        (torch.complex64, 1.5 - 2j, "1.5-2.j"),
        (torch.complex64, complex(0, NAN), "0.+nanj"),
        (torch.uint8, 255, "255"),
        (torch.bool, True, "True"),
    ],
)
def test_an_element_is_said_as_shortly_as_it_can_be(dtype, value, text):
    (item,) = facts("grid", ["t"], {"t": torch.tensor(value, dtype=dtype)})["items"]
    assert item["cells"] == text


def test_the_caption_says_what_is_out_of_the_ordinary(simulated):
    shows(
        "p, a, alias, away",
        """
        p  shape (1,)  float32  Parameter
        dim=0 →
        ┌────┐
        │ 1. │
        └────┘

        a, alias  shape (1,)  float64  ndarray  one ndarray, two names
        dim=0 →
        ┌────┐
        │ 1. │
        └────┘

        away  shape ()  int64  simgpu
        ┌───┐
        │ 1 │
        └───┘
        """,
        width=63,
        p=nn.Parameter(torch.ones(1)),
        a=(a := np.ones(1)),
        alias=a,
        away=torch.tensor(1, device=simulated),
    )


def test_what_is_no_tensor_is_said_in_words():
    shows(
        "number, shape, found, ghost, layer, sparse",
        """
        number = 3.5  (float)    shape = torch.Size([2])  (Size)
        found = [1, 2]  (list)    layer is a ReLU
        sparse  shape (2, 2)  float32  not drawn (TypeError)    ghost has no value here
        """,
        number=3.5,
        shape=torch.Size([2]),
        found=[1, 2],
        layer=nn.ReLU(),
        sparse=torch.eye(2).to_sparse(),
    )


def test_lists_answers_in_parts_and_models_are_taken_apart():
    def names(value):
        return [
            name for item in facts("grid", ["x"], {"x": value})["items"] for name in item["names"]
        ]

    t = torch.zeros(1)
    assert names([t, t + 1]) == ["x[0]", "x[1]"]
    assert names([t, t]) == ["x[0]", "x[1]"]
    assert names({"a": t, "b": 3}) == ["x['a']", "x['b']"]
    assert names(t.max(dim=0)) == ["x.values", "x.indices"]
    assert names(nn.Linear(2, 1)) == ["x.weight", "x.bias"]
    assert names([t + i for i in range(9)]) == [*(f"x[{i}]" for i in range(6)), "x"]
    shown = pictures.drawn(facts("grid", ["x"], {"x": [t + i for i in range(9)]}))
    assert "x has 3 more" in shown[-6]


def test_what_finds_no_room_is_named():
    tall = torch.zeros(9, 30)
    shown = pictures.drawn(
        facts("grid", ["a", "b", "c"], {"a": tall, "b": tall + 1, "c": tall + 2})
    )
    assert len(shown) <= MOST_LINES
    assert shown[-1] == "(no room for b, c)"


# -- storage ---------------------------------------------------------------------------------------


def test_a_view_and_a_second_name_share_and_a_clone_does_not():
    t = torch.tensor([9.0, 2.0, 3.0])
    shows(
        "storage of t, name, part, clone",
        """
        ┌────┬────┬────┐
        │ 9. │ 2. │ 3. │  storage A: 3 × float32 = 12 bytes
        └────┴────┴────┘
         [0]  [1]  [2]    t, name  shape=(3,)  stride=(1,)  offset=0
                            one tensor, two names
              [0]  [1]    part     shape=(2,)  stride=(1,)  offset=1

        ┌────┬────┬────┐
        │ 9. │ 2. │ 3. │  storage B: 3 × float32 = 12 bytes
        └────┴────┴────┘
         [0]  [1]  [2]    clone  shape=(3,)  stride=(1,)  offset=0
        """,
        t=t,
        name=t,
        part=t[1:],
        clone=t.clone(),
    )


def test_a_transpose_and_a_column_read_the_same_cells_in_another_order():
    t = torch.tensor([[1, 2], [3, 4]])
    shows(
        "storage of t, turned, column",
        """
        ┌─────┬─────┬─────┬─────┐
        │  1  │  2  │  3  │  4  │  storage: 4 × int64 = 32 bytes
        └─────┴─────┴─────┴─────┘
         [0,0] [0,1] [1,0] [1,1]   t       shape=(2, 2)  stride=(2, 1)  offset=0
         [0,0] [1,0] [0,1] [1,1]   turned  shape=(2, 2)  stride=(1, 2)  offset=0
                [0]         [1]    column  shape=(2,)  stride=(2,)  offset=1
        """,
        t=t,
        turned=t.T,
        column=t[:, 1],
    )


def test_an_expanded_tensor_sees_a_cell_under_every_index():
    t = torch.tensor([[1], [2]])
    shows(
        "storage of t, wide",
        """
        ┌─────┬─────┐
        │  1  │  2  │  storage: 2 × int64 = 16 bytes
        └─────┴─────┘
         [0,0] [1,0]   t     shape=(2, 1)  stride=(1, 1)  offset=0
         [0,:] [1,:]   wide  shape=(2, 5)  stride=(1, 0)  offset=0
        """,
        t=t,
        wide=t.expand(2, 5),
    )


def test_from_numpy_shares_and_tensor_copies():
    a = np.array([1.0, 2.0])
    shows(
        "storage of a, copy, shared",
        """
        ┌────┬────┐
        │ 1. │ 2. │  storage A: 2 × float64 = 16 bytes
        └────┴────┘
         [0]  [1]    a       shape=(2,)  strides=(8,) bytes  ndarray
         [0]  [1]    shared  shape=(2,)  stride=(1,)  offset=0

        ┌────┬────┐
        │ 1. │ 2. │  storage B: 2 × float64 = 16 bytes
        └────┴────┘
         [0]  [1]    copy  shape=(2,)  stride=(1,)  offset=0
        """,
        a=a,
        copy=torch.tensor(a),
        shared=torch.from_numpy(a),
    )


def test_a_reversed_array_looks_at_all_of_its_memory_from_behind():
    a = np.array([10, 20, 30], dtype=np.int32)[::-1]
    shows(
        "storage of a, last",
        """
        ┌────┬────┬────┐
        │ 10 │ 20 │ 30 │  memory: 3 × int32 = 12 bytes
        └────┴────┴────┘
         [2]  [1]  [0]    a     shape=(3,)  strides=(-4,) bytes  ndarray
         [1]  [0]         last  shape=(2,)  strides=(-4,) bytes  ndarray
        """,
        a=a,
        last=a[1:],
    )


def test_two_slices_of_an_array_meet_over_the_array():
    """Over one ndarray lie two storages; the array bridges them."""
    a = np.arange(3)
    late, early = torch.from_numpy(a[1:]), torch.from_numpy(a[:1])
    shows(
        "storage of late, a, early",
        """
        ┌───┬───┬───┐
        │ 0 │ 1 │ 2 │  storage: 3 × int64 = 24 bytes
        └───┴───┴───┘
             [0] [1]   late   shape=(2,)  stride=(1,)  offset=0
         [0] [1] [2]   a      shape=(3,)  strides=(8,) bytes  ndarray
         [0]           early  shape=(1,)  stride=(1,)  offset=0
        """,
        late=late,
        a=a,
        early=early,
    )


def test_the_array_of_a_tensor_is_known_by_its_memory():
    t = torch.arange(4)
    found = facts("storage", ["t", "n"], {"t": t, "n": t.numpy()[2:]})
    (storage,) = found["storages"]
    assert [looker["marks"] for looker in storage["lookers"]] == [
        ["0", "1", "2", "3"],
        [None, None, "0", "1"],
    ]


def test_other_elements_over_the_same_bytes_are_marked_where_they_lie():
    t = torch.tensor([1.0, 2.0])
    shows(
        "storage of t, raw",
        """
        ┌────┬────┐
        │ 1. │ 2. │  storage: 2 × float32 = 8 bytes
        └────┴────┘
         [0]  [1]    t    shape=(2,)  stride=(1,)  offset=0
         [0+] [4+]   raw  shape=(8,)  stride=(1,)  offset=0  uint8
        """,
        t=t,
        raw=t.view(torch.uint8),
    )


def test_overlapping_storages_of_an_array_without_a_name_are_read_each_in_its_own_bounds():
    a = np.arange(4)
    early, late = torch.from_numpy(a[:3]), torch.from_numpy(a[1:])
    shows(
        "storage of early, late",
        """
        ┌───┬───┬───┬───┐
        │ 0 │ 1 │ 2 │ 3 │  storage: 4 × int64 = 32 bytes
        └───┴───┴───┴───┘
         [0] [1] [2]       early  shape=(3,)  stride=(1,)  offset=0
             [0] [1] [2]   late   shape=(3,)  stride=(1,)  offset=0
        """,
        early=early,
        late=late,
    )
    assert (early.untyped_storage().nbytes(), late.untyped_storage().nbytes()) == (24, 24)


def test_a_long_storage_is_abridged_and_the_marks_say_where_more_is_seen():
    t = torch.arange(1000)
    shows(
        "storage of t, late, early",
        """
        storage: 1000 × int64 = 8000 bytes
        ┌───┬───┬───┬───┬───┬───┬───┬───┬─────┐
        │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ 6 │ … │ 999 │
        └───┴───┴───┴───┴───┴───┴───┴───┴─────┘
        t  shape=(1000,)  stride=(1,)  offset=0
         [0] [1] [2] [3] [4] [5] [6]  …  [999]
        late  shape=(10,)  stride=(1,)
          offset=500
                                      …
        early  shape=(3,)  stride=(1,)  offset=1
             [0] [1] [2]
        """,
        width=41,
        t=t,
        late=t[500:510],
        early=t[1:4],
    )


def test_without_bytes_nothing_is_shared_and_an_empty_slice_sees_nothing():
    t = torch.tensor(5)
    shows(
        "storage of t, none, other, slice",
        """
        ┌───┐
        │ 5 │  storage A: 1 × int64 = 8 bytes
        └───┘
         []    t      shape=()  stride=()  offset=0
               slice  shape=(0,)  stride=(1,)  offset=0  no elements

        storage B: 0 × float32 = 0 bytes
        none  shape=(0,)  stride=(1,)  offset=0  no elements

        storage C: 0 × float32 = 0 bytes
        other  shape=(0,)  stride=(1,)  offset=0  no elements
        """,
        t=t,
        none=torch.zeros(0),
        other=torch.zeros(0),
        slice=t.view(1)[:0],
    )


def test_memory_of_two_devices_is_never_shared(simulated):
    home = torch.tensor([1, 2])
    away = home.to(simulated)
    shows(
        "storage of home, away, part",
        """
        ┌───┬───┐
        │ 1 │ 2 │  storage A: 2 × int64 = 16 bytes
        └───┴───┘
         [0] [1]   home  shape=(2,)  stride=(1,)  offset=0

        ┌───┬───┐
        │ 1 │ 2 │  storage B: 2 × int64 = 16 bytes on simgpu
        └───┴───┘
         [0] [1]   away  shape=(2,)  stride=(1,)  offset=0
             [0]   part  shape=(1,)  stride=(1,)  offset=1
        """,
        home=home,
        away=away,
        part=away[1:],
    )


def test_where_room_is_short_shapes_must_do():
    t = torch.arange(8)
    kinds = {name: t.clone() for name in "abcd"}
    found = pictures.drawn(facts("storage", ["t", *kinds], {"t": t, **kinds}))
    assert len(found) <= MOST_LINES
    assert found[-1] == "(no room for c, d)"
    assert "  b  shape=(8,)" in found[-2]
    assert "stride" not in found[-2]


# -- devices ---------------------------------------------------------------------------------------


def test_each_tensor_is_in_the_memory_of_its_device(simulated):
    home = torch.tensor([9, 0])
    shows(
        "devices of home, away, backup",
        """
        ┌─ cpu ──────────────────────────────────────────────────┐  ┌─ simgpu (simulated) ──┐
        │ home, backup  shape (2,)  int64  one tensor, two names │  │ away  shape ()  int64 │
        │ dim=0 →                                                │  │ ┌───┐                 │
        │ ┌───┬───┐                                              │  │ │ 7 │                 │
        │ │ 9 │ 0 │                                              │  │ └───┘                 │
        │ └───┴───┘                                              │  │                       │
        └────────────────────────────────────────────────────────┘  └───────────────────────┘
        """,
        width=100,
        home=home,
        away=torch.tensor(7, device=simulated),
        backup=home.cpu(),
    )


def test_a_device_that_the_koan_was_given_is_shown_with_nothing_in_it():
    shows(
        "devices of t",
        """
        ┌─ cpu ──────────────┐  ┌─ cuda ──┐
        │ t  shape ()  int64 │  │         │
        │ ┌───┐              │  │         │
        │ │ 1 │              │  │         │
        │ └───┘              │  │         │
        └────────────────────┘  └─────────┘
        """,
        t=torch.tensor(1),
        accelerator=torch.device("cuda"),
    )


def test_memories_stand_below_each_other_where_it_is_tight(simulated):
    variables = {"home": torch.zeros(2), "away": torch.zeros(2, device=simulated)}
    shown = pictures.drawn(facts("devices", ["home", "away"], variables), 40)
    assert [line for line in shown if "─ " in line] == [
        "┌─ cpu ─────────────────────┐",
        "┌─ simgpu (simulated) ──────┐",
    ]


# -- graphs ----------------------------------------------------------------------------------------


def test_the_graph_goes_from_leaves_to_the_result():
    w = torch.tensor(2.0, requires_grad=True)
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    y = w * x + 1
    loss = y.sum()
    loss.backward()
    shows(
        "graph of w, x, loss",
        """
        ○ w = 2.  leaf  requires_grad=True  grad=7.
        │ ○ x = [3., 4.]  leaf  requires_grad=True  grad=[2., 2.]
        ├─┘
        ● MulBackward0
        │
        ● AddBackward0 → y = [7., 9.]
        │
        ● SumBackward0 → loss = 16.
        """,
        w=w,
        x=x,
        y=y,
        loss=loss,
    )


def test_no_grad_is_information_too():
    w = torch.ones(2, requires_grad=True)
    shows(
        "graph of w, data, z, free",
        """
        ○ w = [1., 1.]  leaf  requires_grad=True  grad=None
        │
        ● MulBackward0 → z = [2., 2.]  grad=None

        ○ data  shape (3, 4)  leaf  requires_grad=False
        ○ free = [1., 1.]  leaf  requires_grad=False
        """,
        w=w,
        data=torch.zeros(3, 4),
        z=retaining(w * 2),
        free=w.detach(),
    )


def retaining(result):
    result.retain_grad()
    return result


def test_rails_part_and_meet_where_a_tensor_is_used_twice():
    x = torch.tensor(3.0, requires_grad=True)
    z = x * 2
    shows(
        "graph of y, other",
        """
        ○ x = 3.  leaf  requires_grad=True  grad=None
        ├─┐
        │ ● MulBackward0 → z = 6.
        ├─┤
        ● │ MulBackward0
        ├─┘
        ● AddBackward0 → y = 24.

        ○ x_ = 3.  leaf  requires_grad=True  grad=None
        │
        ● MulBackward0 → other = 9.  takes x_ twice
        """,
        x=x,
        z=z,
        y=x * z + z,
        x_=(x_ := x.detach().clone().requires_grad_()),
        other=x_ * x_,
    )


def test_a_leaf_that_lost_its_name_is_still_there():
    a = torch.ones(1, requires_grad=True)
    a = a - 0.1
    shows(
        "graph of a",
        """
        ○ (no name) = [1.]  leaf  requires_grad=True  grad=None
        │
        ● SubBackward0 → a = [0.9]
        """,
        a=a,
    )


def test_a_leaf_goes_by_the_name_that_its_model_gives_it():
    layer = nn.Linear(1, 1)
    with torch.no_grad():
        layer.weight.fill_(2)
        layer.bias.fill_(1)
    shows(
        "graph of y",
        """
        ○ layer.bias = [1.]  leaf  requires_grad=True  grad=None
        │ ○ layer.weight = [[2.]]  leaf  requires_grad=True  grad=None
        │ │
        │ ● TBackward0
        ├─┘
        ● AddmmBackward0 → y = [[3.]]
        """,
        y=layer(torch.ones(1, 1)),
        layer=layer,
    )


def test_a_long_chain_is_drawn_together():
    x = torch.tensor(1.0, requires_grad=True)
    y = x * 1
    for _ in range(20):
        y = -y
    shown = pictures.drawn(facts("graph", ["y"], {"x": x, "y": y}))
    assert shown[1:] == ["● MulBackward0 → … → NegBackward0 → y = 1."]


def test_a_graph_too_large_to_look_at_is_not_walked():
    y = torch.tensor(1.0, requires_grad=True)
    for _ in range(5000):
        y = y + 1
    found = facts("graph", ["y"], {"y": y})
    assert found == {
        "kind": "graph",
        "nodes": [],
        "items": [{"names": ["y"], "said": "has a graph too large to draw"}],
    }


# -- what holds for all of them --------------------------------------------------------------------


def zoo():
    """Whatever a koan may leave behind."""
    t = torch.arange(6.0).view(2, 3)
    leaf = torch.ones(2, 3, requires_grad=True)
    result = (leaf * t).sum()
    result.backward()
    return {
        "t": t,
        "alias": t,
        "views": [t.T, t[1], t[:, 1], t[:0], t.flatten()[4]],
        "wide": t[:1].expand(4, 3),
        "overlapping": torch.arange(9).as_strided((3, 3), (1, 1)),
        "leaf": leaf,
        "result": result,
        "parameter": nn.Parameter(t.clone()),
        "model": nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)),
        "half": t.half(),
        "brain": t.bfloat16(),
        "complex_": (t * 1j).conj(),
        "mask": t > 2,
        "scalar": torch.tensor(5),
        "empty": torch.zeros(0),
        "hollow": torch.zeros(2, 0, 3),
        "big": torch.rand(300, 500),
        "batch": torch.rand(4, 3, 20, 30),
        "video": torch.rand(2, 2, 2, 9, 9),
        "nan": torch.tensor([NAN, INF, -1e-30, 1e30]),
        "array": np.arange(6)[::-2],
        "numbers": t.numpy(),
        "words": np.array(["a", "b"]),
        "zero_dim": np.array(7),
        "sparse": torch.eye(3).to_sparse(),
        "meta": torch.zeros(3, device="meta"),
        "number": 3,
        "text": "x" * 500,
        "function": len,
        "nothing": None,
        "device": torch.device("cpu"),
    }


@pytest.fixture(scope="module")
def animals():
    found = zoo()
    if simgpu.why_not() is None:
        found["away"] = found["t"].to(simgpu.NAME)
        found["away_leaf"] = torch.ones(3, device=simgpu.NAME, requires_grad=True)
    return found


@pytest.mark.parametrize("kind", pictures.DRAWERS)
def test_every_animal_is_drawn_alone_and_no_wider_than_asked(animals, kind):
    for name in [*animals, "ghost"]:
        found = facts(kind, [name], animals)
        for width in WIDTHS:
            shown = pictures.drawn(found, width)
            assert shown, name
            assert max(map(len, shown)) <= width, (name, width)
            assert len(shown) <= MOST_LINES, (name, width)


@pytest.mark.parametrize("kind", pictures.DRAWERS)
def test_any_three_animals_are_drawn_together(animals, kind):
    names = [*animals, "ghost"]
    pick = random.Random(0)
    for _ in range(30):
        found = facts(kind, pick.sample(names, 3), animals)
        for width in WIDTHS:
            shown = pictures.drawn(found, width)
            assert max(map(len, shown)) <= width
            assert len(shown) <= MOST_LINES


@pytest.mark.parametrize("kind", pictures.DRAWERS)
def test_the_facts_are_few_and_plain(animals, kind):
    for name in animals:
        text = json.dumps(pictures.capture(kind, [name], animals), allow_nan=False)
        assert len(text) < 20_000, name


@pytest.mark.parametrize("kind", pictures.DRAWERS)
def test_looking_changes_nothing(kind):
    found = zoo()
    tensors = {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}

    def state():
        return {
            name: (t._version, t.is_leaf and t.grad, t.grad_fn, t.shape, t.stride())
            for name, t in tensors.items()
        }

    before, random_state = state(), torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures.capture(kind, list(found), found)
    assert state() == before
    assert torch.equal(torch.get_rng_state(), random_state)
    assert torch.is_grad_enabled()


def test_what_cannot_be_captured_is_said_and_nothing_is_raised():
    class Wrong(dict):
        def items(self):
            raise OSError

    found = facts("storage", ["t"], Wrong(t=Wrong()))
    assert pictures.drawn(found) == ["t is not drawn (OSError)"]


# -- the course ------------------------------------------------------------------------------------


def ended(test, arguments):
    """The variables of a test when it has ended."""
    found = {}

    def leaving(frame, event, _):
        if event == "return" and frame.f_code is test.__code__:
            found.update(frame.f_locals)

    sys.setprofile(leaving)
    try:
        test(**arguments)
    finally:
        sys.setprofile(None)
    return found


@pytest.fixture(scope="module")
def here():
    return devices.find()


@pytest.mark.parametrize("name", LESSONS)
def test_every_picture_of_the_course_can_be_drawn(name, here):
    one = lesson.load(LESSONS[name])
    space = {"__name__": "koan"}
    runs = defaultdict(list)
    for unit in Plan(one, here).units:
        for check in unit.checks:
            if check.variant.kind == ANSWER:
                given = {name: torch.device(device) for name, device in check.given}
                runs[check.test].append(given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(one.source.text, str(one.path), "exec"), space)
        for koan in one.koans:
            for arguments in runs[koan.name] if koan.picture else ():
                with restoring.everything():
                    found = facts(
                        koan.picture_kind, koan.picture, ended(space[koan.name], arguments)
                    )
                shown = "\n".join(pictures.drawn(found))
                assert shown, koan.name
                for words in ("no room for", "has no value", "not drawn"):
                    assert words not in shown, koan.name
                for width in WIDTHS:
                    assert max(map(len, pictures.drawn(found, width))) <= width, koan.name


def test_a_picture_names_a_kind_that_can_be_drawn():
    kinds = {koan.picture_kind for path in LESSONS.values() for koan in lesson.load(path).koans}
    assert kinds == set(pictures.DRAWERS)


def test_the_process_that_draws_knows_no_torch():
    """Nothing that `drawn` needs imports torch or NumPy when it is imported."""
    folder = Course().root / "scripts" / "torchkoans" / "pictures"
    for name in ("__init__", "boxes", "memories", "rails", "rows"):
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        imported = [ast.unparse(node) for node in tree.body if isinstance(node, ast.ImportFrom)]
        imported += [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import)]
        assert not any("torch" in line.replace("torchkoans", "") for line in imported), name
        assert not any("numpy" in line or "captur" in line for line in imported), name

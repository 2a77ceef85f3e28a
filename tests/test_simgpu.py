"""What is true of a second device, asserted on simgpu, or on cuda where there is a real GPU.

The facts are CUDA's. The fixture ``accel`` is a real GPU if one is present and simgpu if not, so
this file run on a machine with a GPU tells whether the simulation tells the truth. What simgpu
cannot do is an expected failure there, with its reason; what it cannot even try needs a GPU.
At the end: the door, and what enabling changes for the CPU.
"""

import copy
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import _tensor_str, nn
from torch.utils import backend_registration

from torchkoans import simgpu
from torchkoans.simgpu import door

HAS_CUDA = torch.cuda.is_available()
if simgpu.why_not() is None:
    simgpu.enable()  # while pytest collects: after the first backward of a test it is too late
SAME_DEVICE = "Expected all tensors to be on the same device"


def not_on_simgpu(reason):
    """An expected failure on simgpu, an ordinary test on a real GPU."""
    return pytest.mark.xfail(not HAS_CUDA, reason=reason, strict=True)


@pytest.fixture(scope="module")
def accel():
    """The device under test, without an index: cuda, or simgpu where there is none."""
    if HAS_CUDA:
        return torch.device("cuda")
    if simgpu.why_not():
        pytest.skip(simgpu.why_not())
    return torch.device(simgpu.NAME)


@pytest.fixture
def cuda():
    """A real GPU."""
    if not HAS_CUDA:
        pytest.skip("no GPU here")
    return torch.device("cuda")


def on(device):
    """The same six numbers, in two rows, on any device."""
    return torch.arange(6.0, device=device).reshape(2, 3)


def grid():
    return on("cpu")


def both_orders(accel):
    return [(on(accel), grid()), (grid(), on(accel))]


def saved(value):
    """A file of ``value``, at its beginning."""
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


# -- making tensors --------------------------------------------------------------------------------

FACTORIES = {
    "tensor": lambda d: torch.tensor([1, 2], device=d),
    "zeros": lambda d: torch.zeros(2, device=d),
    "ones": lambda d: torch.ones(2, device=d),
    "empty": lambda d: torch.empty(2, device=d),
    "full": lambda d: torch.full((2,), 7, device=d),
    "arange": lambda d: torch.arange(3, device=d),
    "linspace": lambda d: torch.linspace(0, 1, 3, device=d),
    "logspace": lambda d: torch.logspace(0, 1, 3, device=d),
    "eye": lambda d: torch.eye(2, device=d),
    "rand": lambda d: torch.rand(2, device=d),
    "randn": lambda d: torch.randn(2, device=d),
    "randint": lambda d: torch.randint(5, (2,), device=d),
    "randperm": lambda d: torch.randperm(3, device=d),
    "as_tensor of an array": lambda d: torch.as_tensor(np.ones(2), device=d),
    "as_tensor of a list": lambda d: torch.as_tensor([1.0], device=d),
    "scalar_tensor": lambda d: torch.scalar_tensor(1.0, device=d),
    "empty_strided": lambda d: torch.empty_strided((2, 2), (2, 1), device=d),
    "a string": lambda d: torch.zeros(2, device=str(d)),
    "a string with an index": lambda d: torch.zeros(2, device=f"{d.type}:0"),
}


@pytest.mark.parametrize("make", FACTORIES.values(), ids=FACTORIES)
def test_a_factory_makes_a_plain_tensor_on_the_device(accel, make):
    t = make(accel)
    assert t.device == torch.device(accel.type, 0)
    assert type(t) is torch.Tensor
    assert not t.is_cpu


def test_factories_fill_in_the_values_they_are_asked_for(accel):
    assert torch.arange(5, device=accel).tolist() == [0, 1, 2, 3, 4]
    assert torch.eye(2, device=accel).tolist() == [[1, 0], [0, 1]]
    assert torch.full((2,), 7, device=accel).tolist() == [7, 7]


def test_the_index_of_the_device_is_filled_in(accel):
    t = torch.zeros(1, device=accel)
    assert accel.index is None
    assert t.device.index == 0
    assert t.device != accel
    assert torch.device(accel.type) != torch.device(accel.type, 0)


def test_get_device_is_the_index_and_minus_one_on_the_cpu(accel):
    assert torch.zeros(1, device=accel).get_device() == 0
    assert torch.zeros(1).get_device() == -1


WRONG_INDEX = {
    "zeros": lambda d: torch.zeros(1, device=d),
    "rand": lambda d: torch.rand(1, device=d),
    "tensor": lambda d: torch.tensor([1], device=d),
    "zeros_like": lambda d: torch.zeros_like(torch.ones(1), device=d),
    "to, from the cpu": lambda d: torch.zeros(1).to(d),
    "to, from the first": lambda d: torch.zeros(1, device=d.type).to(d),
    "Module.to": lambda d: nn.Linear(1, 1).to(d),
}


@pytest.mark.parametrize("past_the_end", [0, 6])
@pytest.mark.parametrize("use", WRONG_INDEX.values(), ids=WRONG_INDEX)
def test_an_index_that_does_not_exist_is_refused(accel, use, past_the_end):
    count = torch.get_device_module(accel).device_count()
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        use(torch.device(accel.type, count + past_the_end))


def test_naming_an_index_that_does_not_exist_is_no_error_yet(accel):
    assert str(torch.device(accel.type, 99)) == f"{accel.type}:99"


LIKES = {
    "zeros_like": torch.zeros_like,
    "ones_like": torch.ones_like,
    "empty_like": torch.empty_like,
    "rand_like": torch.rand_like,
    "randn_like": torch.randn_like,
    "full_like": lambda t: torch.full_like(t, 2),
    "randint_like": lambda t: torch.randint_like(t, 3),
    "new_zeros": lambda t: t.new_zeros(2),
    "new_ones": lambda t: t.new_ones(1),
    "new_tensor": lambda t: t.new_tensor([1.0]),
}


@pytest.mark.parametrize("make", LIKES.values(), ids=LIKES)
def test_like_and_new_stay_on_the_device(accel, make):
    g = on(accel)
    assert make(g).device == g.device


def test_like_goes_elsewhere_when_told(accel):
    assert torch.zeros_like(on(accel), device="cpu").is_cpu


def test_a_default_device_is_obeyed_inside_its_with(accel):
    with torch.device(accel):
        assert torch.ones(2).device.type == accel.type
        assert torch.tensor([1]).device.type == accel.type
        assert nn.Linear(2, 2).weight.device.type == accel.type
    assert torch.ones(2).is_cpu


def test_a_default_device_gives_way_to_device_and_to_from_numpy(accel):
    with torch.device(accel):
        assert torch.zeros(1, device="cpu").is_cpu
        assert torch.from_numpy(np.ones(1)).is_cpu


def test_set_default_device_holds_until_it_is_taken_back(accel):
    torch.set_default_device(accel)
    try:
        assert torch.arange(3).device.type == accel.type
        assert torch.get_default_device().type == accel.type
    finally:
        torch.set_default_device(None)
    assert torch.arange(3).is_cpu


# -- moving ----------------------------------------------------------------------------------------


def test_to_is_the_tensor_itself_where_it_already_is(accel):
    x, g = grid(), on(accel)
    assert x.cpu() is x
    assert x.to("cpu") is x
    assert g.to(accel) is g
    assert g.to(f"{accel.type}:0") is g
    assert g.to(g.device) is g
    assert getattr(g, accel.type)() is g


def test_to_is_another_tensor_elsewhere_or_with_copy(accel):
    x, g = grid(), on(accel)
    assert g.cpu() is not g
    assert g.to(accel, copy=True) is not g
    assert x.to("cpu", copy=True) is not x


def test_to_takes_a_tensor_for_its_device(accel):
    x, g = grid(), on(accel)
    assert g.to(x.device).is_cpu
    assert g.to(x).is_cpu
    assert x.to(g).device == g.device


def test_a_copy_does_not_see_what_is_written_to_the_original(accel):
    x = grid()
    g = x.to(accel)
    x[0, 0] = 99
    assert g[0, 0].item() == 0


def test_the_original_does_not_see_what_is_written_to_a_copy(accel):
    g = on(accel)
    g.cpu()[0, 1] = 77
    assert g[0, 1].item() == 1


def test_a_copy_has_its_own_address(accel):
    x = grid()
    g = x.to(accel)
    assert g.data_ptr() not in (0, x.data_ptr())


def test_to_changes_dtype_and_device_at_once(accel):
    g = grid().to(accel, torch.float64)
    assert (g.dtype, g.device.type) == (torch.float64, accel.type)
    assert grid().to(device=accel, dtype=torch.int64).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_strides_survive_the_trip(accel):
    t = grid().t()
    g = t.to(accel)
    assert not g.is_contiguous()
    assert g.stride() == (1, 3)
    assert g.cpu().stride() == (1, 3)
    assert g.tolist() == t.tolist()


def test_copy_crosses_devices_both_ways(accel):
    g = torch.zeros(2, 3, device=accel)
    assert g.copy_(grid()) is g
    assert g.tolist() == grid().tolist()
    x = torch.zeros(2, 3)
    assert x.copy_(g).tolist() == grid().tolist()


def test_non_blocking_gives_the_same_values(accel):
    assert grid().to(accel, non_blocking=True).cpu().tolist() == grid().tolist()


def test_moving_ends_the_sharing_with_numpy(accel):
    a = np.ones(3)
    t = torch.from_numpy(a)
    g = t.to(accel)
    a[0] = 5
    assert t[0] == 5
    assert g.tolist() == [1, 1, 1]


# -- who may be mixed with whom --------------------------------------------------------------------

ELEMENTWISE = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "gt": lambda a, b: a > b,
    "max": torch.maximum,
    "where": lambda a, b: torch.where(a > 0, a, b),
    "add_": lambda a, b: a.clone().add_(b),
    "equal": torch.equal,
}
OTHER_OPS = {
    "matmul": lambda a, b: a @ b.T,
    "cat": lambda a, b: torch.cat([a, b]),
    "stack": lambda a, b: torch.stack([a, b]),
    "dot": lambda a, b: torch.dot(a[0], b[0]),
    "linear": nn.functional.linear,
    "mse": nn.functional.mse_loss,
    "einsum": lambda a, b: torch.einsum("ij,kj->ik", a, b),
    "bmm": lambda a, b: torch.bmm(a[None], b.T[None]),
    "mv": lambda a, b: torch.mv(a, b[0]),
}
MIXERS = {**ELEMENTWISE, **OTHER_OPS}


@pytest.mark.parametrize("op", MIXERS.values(), ids=MIXERS)
def test_two_devices_do_not_mix_in_either_order(accel, op):
    for a, b in both_orders(accel):
        with pytest.raises(RuntimeError, match=SAME_DEVICE):
            op(a, b)


def test_an_elementwise_op_names_the_accelerator_first(accel):
    for a, b in both_orders(accel):
        with pytest.raises(RuntimeError) as caught:
            a + b
        expected = f"{SAME_DEVICE}, but found at least two devices, {accel.type}:0 and cpu!"
        assert str(caught.value) == expected


def test_matmul_names_the_argument_that_is_elsewhere(accel):
    elsewhere = rf"got mat2 is on cpu, different from other tensors on {accel.type}:0"
    with pytest.raises(RuntimeError, match=elsewhere + r" \(.* in method wrapper_\w+_mm\)"):
        on(accel) @ grid().T
    elsewhere = rf"got mat2 is on {accel.type}:0, different from other tensors on cpu"
    with pytest.raises(RuntimeError, match=elsewhere):
        grid() @ on(accel).T


PICKING = {
    "index_select": lambda g: g.index_select(0, torch.tensor([0])),
    "gather": lambda g: g.gather(1, torch.zeros(2, 1, dtype=torch.long)),
    "embedding": lambda g: nn.functional.embedding(torch.tensor([0]), g),
}


@pytest.mark.parametrize("pick", PICKING.values(), ids=PICKING)
def test_functions_that_pick_want_their_indices_on_the_device(accel, pick):
    with pytest.raises(RuntimeError, match=SAME_DEVICE):
        pick(on(accel))


SCALAR_MIXES = {
    "g + s": lambda g, s: g + s,
    "s + g": lambda g, s: s + g,
    "g * s": lambda g, s: g * s,
    "s - g": lambda g, s: s - g,
    "g > s": lambda g, s: g > s,
    "mul_": lambda g, s: g.clone().mul_(s),
    "where": lambda g, s: torch.where(g > 1, g, s),
    "masked_fill": lambda g, s: g.masked_fill(g > 1, s),
}


@pytest.mark.parametrize("op", SCALAR_MIXES.values(), ids=SCALAR_MIXES)
def test_a_cpu_tensor_without_axes_mixes_like_a_number(accel, op):
    g = on(accel)
    assert op(g, torch.tensor(2.0)).device == g.device


def test_one_element_on_one_axis_does_not_mix(accel):
    with pytest.raises(RuntimeError, match="same device"):
        on(accel) + torch.tensor([2.0])


def test_a_device_tensor_without_axes_does_not_mix_into_the_cpu(accel):
    with pytest.raises(RuntimeError, match="same device"):
        grid() + torch.tensor(2.0, device=accel)
    with pytest.raises(RuntimeError):
        grid().add_(torch.tensor(2.0, device=accel))


def test_two_tensors_without_axes_meet_on_the_device(accel):
    total = torch.tensor(2.0) + torch.tensor(3.0, device=accel)
    assert total.device.type == accel.type
    assert total.item() == 5


INDICES = {
    "a cpu tensor": (torch.tensor([1]), [[3, 4, 5]]),
    "a cpu mask": (torch.tensor([True, False]), [[0, 1, 2]]),
    "a list": ([1], [[3, 4, 5]]),
    "an array": (np.array([1]), [[3, 4, 5]]),
}


@pytest.mark.parametrize(("index", "picked"), INDICES.values(), ids=INDICES)
def test_square_brackets_take_indices_from_the_cpu(accel, index, picked):
    result = on(accel)[index]
    assert result.tolist() == picked
    assert result.device.type == accel.type


def test_a_cpu_tensor_refuses_indices_from_the_device(accel):
    text = r"indices should be either on cpu or on the same device as the indexed tensor \(cpu\)"
    with pytest.raises(RuntimeError, match=text):
        grid()[torch.tensor([1], device=accel)]


def test_writing_to_a_slice_crosses_devices(accel):
    g = on(accel)
    g[0] = torch.ones(3)
    g[0, 0] = 5
    g[:, 1] = torch.tensor(9.0)
    assert g.tolist() == [[5, 9, 1], [3, 9, 5]]


def test_writing_by_an_index_tensor_takes_only_numbers_from_the_cpu(accel):
    g = on(accel)
    g[torch.tensor([1])] = torch.tensor(4.0)
    assert g[1].tolist() == [4, 4, 4]
    with pytest.raises(RuntimeError):
        g[torch.tensor([0])] = torch.ones(3)


def test_writing_by_a_mask(accel):
    g = on(accel)
    g[g > 3] = 0
    assert g.tolist() == [[0, 1, 2], [3, 0, 0]]


def test_equal_refuses_two_devices(accel):
    with pytest.raises(RuntimeError, match="same device"):
        torch.equal(on(accel), grid())


def test_assert_close_compares_devices_unless_told_not_to(accel):
    with pytest.raises(AssertionError, match="device"):
        torch.testing.assert_close(on(accel), grid())
    torch.testing.assert_close(on(accel), grid(), check_device=False)
    torch.testing.assert_close(on(accel), on(accel))


# -- back to Python and to numpy -------------------------------------------------------------------


def test_values_come_back_as_python_numbers(accel):
    g = on(accel)
    assert g.sum().item() == 15
    assert g.tolist() == grid().tolist()
    assert float(g[0, 1]) == 1.0
    assert int(g[0, 2]) == 2
    assert bool(g[0, 1])


def test_a_device_tensor_can_be_walked_and_asked(accel):
    g = on(accel)
    assert [int(v) for v in torch.arange(3, device=accel)] == [0, 1, 2]
    assert list(torch.arange(3, device=accel)) == [0, 1, 2]
    assert len(g) == 2
    assert 3.0 in g
    assert (g == 3).any().item()
    assert len({g.device, on(accel).device}) == 1


def test_a_device_tensor_without_axes_formats_like_a_number(accel):
    assert f"{torch.tensor(2.5, device=accel):.2f}" == "2.50"
    assert f"{torch.tensor(1.0, device=accel)}" == "1.0"
    assert np.float64(torch.tensor(2.0, device=accel).item()) == 2


TO_NUMPY = {
    "numpy": lambda g: g.numpy(),
    "np.asarray": np.asarray,
    "np.array": np.array,
    "numpy of one that requires grad": lambda g: g.requires_grad_().numpy(),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("convert", TO_NUMPY.values(), ids=TO_NUMPY)
def test_numpy_is_refused(accel, convert):
    with pytest.raises(TypeError) as caught:
        convert(on(accel))
    assert str(caught.value) == (
        f"can't convert {accel.type}:0 device type tensor to numpy. "
        "Use Tensor.cpu() to copy the tensor to host memory first."
    )


def test_numpy_works_by_way_of_the_cpu_or_by_force(accel):
    assert on(accel).cpu().numpy().tolist() == grid().tolist()
    assert on(accel).numpy(force=True).tolist() == grid().tolist()


def test_repr_names_the_device(accel):
    place = f"device='{accel.type}:0'"
    assert repr(torch.tensor([1.0, 2.0], device=accel)) == f"tensor([1., 2.], {place})"
    assert repr(torch.tensor(1, device=accel)) == f"tensor(1, {place})"
    assert repr(torch.empty(0, device=accel)) == f"tensor([], {place})"
    leaf = torch.ones(1, device=accel, requires_grad=True)
    assert repr(leaf) == f"tensor([1.], {place}, requires_grad=True)"


def test_the_names_of_device_and_type(accel):
    first = torch.device(accel.type, 0)
    assert repr(first) == f"device(type='{accel.type}', index=0)"
    assert str(first) == f"{accel.type}:0"


DTYPES_PRINTED = [torch.bool, torch.uint8, torch.int16, torch.float16, torch.bfloat16]
DTYPES_PRINTED += [torch.float64, torch.complex64, torch.complex128, torch.float8_e5m2]
PRINTED = {
    "a scalar": lambda: torch.tensor(3),
    "whole floats": lambda: torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
    "a wide range": lambda: torch.tensor([1e-8, 1.0, 12345678.0]),
    "inf and nan": lambda: torch.tensor([float("inf"), float("nan"), -0.0]),
    "nothing": lambda: torch.empty(0),
    "nothing in two dims": lambda: torch.empty(0, 3, dtype=torch.int8),
    "three dims": lambda: torch.arange(24.0).reshape(2, 3, 4) / 7,
    "a long line": lambda: torch.arange(100.0) / 3,
    "a big one": lambda: torch.arange(60000.0).reshape(200, 300),
    "a deep big one": lambda: torch.arange(1100.0).reshape(10, 11, 10),
    "a transposed one": lambda: torch.arange(6.0).reshape(2, 3).T,
    "a part": lambda: torch.arange(12.0).reshape(3, 4)[1:, ::2],
    "an expanded one": lambda: torch.tensor([[1.0], [2.0]]).expand(2, 3),
    "a conjugated one": lambda: torch.tensor([1 + 2j, 3 - 4j]).conj(),
    "a negated one": lambda: torch.tensor([1 + 2j]).conj().imag,
    "a leaf": lambda: torch.ones(2, requires_grad=True),
    "a result": lambda: torch.ones(2, requires_grad=True) * 3,
    "a view of a leaf": lambda: torch.ones(2, 2, requires_grad=True)[0],
    "a parameter": lambda: nn.Parameter(torch.ones(2)),
    **{
        str(dtype): lambda dtype=dtype: torch.tensor([0, 1, 2]).to(dtype)
        for dtype in DTYPES_PRINTED
    },
}


@pytest.mark.parametrize("make", PRINTED.values(), ids=PRINTED)
@pytest.mark.parametrize("options", [{}, {"precision": 2, "edgeitems": 1}, {"sci_mode": True}])
def test_printing_from_memory_changes_not_a_letter(accel, monkeypatch, make, options):
    if HAS_CUDA:
        pytest.skip("simgpu stays off beside a real GPU")
    with accel:
        there = make()
    torch.set_printoptions(**options)
    try:
        quick = repr(there)
        monkeypatch.setattr(_tensor_str, "_tensor_str", _tensor_str._tensor_str.__wrapped__)
        assert quick == repr(there)
    finally:
        torch.set_printoptions(profile="default")


def test_a_tensor_is_printed_in_any_mode(accel):
    with torch.inference_mode():
        assert repr(torch.ones(2, device=accel)).startswith("tensor([1., 1.], device=")
    with torch.device(accel):
        assert repr(torch.ones(2)).startswith("tensor([1., 1.], device=")
    with torch.device("meta"):
        assert repr(torch.ones(2, device=accel)).startswith("tensor([1., 1.], device=")
    assert on(accel).type() == f"torch.{accel.type}.FloatTensor"


def test_tensor_of_a_device_tensor_is_a_copy_there_and_warns(accel):
    g = on(accel)
    with pytest.warns(UserWarning, match="To copy construct"):
        t = torch.tensor(g)
    assert t.device == g.device
    assert t.data_ptr() != g.data_ptr()


def test_as_tensor_shares_or_moves(accel):
    g = on(accel)
    assert torch.as_tensor(g) is g
    assert torch.asarray(g).data_ptr() == g.data_ptr()
    assert torch.as_tensor(g, device="cpu").is_cpu


def test_tensor_of_a_list_of_device_tensors_is_on_the_cpu(accel):
    assert torch.tensor([torch.tensor(1.0, device=accel), torch.tensor(2.0)]).is_cpu


def test_deepcopy_stays_on_the_device_with_memory_of_its_own(accel):
    g = on(accel)
    d = copy.deepcopy(g)
    assert d.device == g.device
    assert d.data_ptr() != g.data_ptr()
    assert d.tolist() == g.tolist()


def test_deepcopy_keeps_views_of_one_storage_together(accel):
    g = on(accel)
    a, b = copy.deepcopy([g, g[0]])
    a[0, 0] = 9
    assert b[0].item() == 9


def test_load_brings_a_tensor_back_to_its_device(accel):
    g = torch.load(saved(on(accel).t()))
    assert g.device == torch.device(accel.type, 0)
    assert g.stride() == (1, 3)
    assert g.tolist() == grid().t().tolist()


def test_load_keeps_each_tensor_of_a_state_where_it_was(accel):
    state = torch.load(saved({"here": torch.ones(1), "there": nn.Linear(2, 2).to(accel).weight}))
    assert state["here"].is_cpu
    assert state["there"].device.type == accel.type


def test_map_location_takes_everything_where_it_says(accel):
    assert torch.load(saved(on(accel)), map_location="cpu").is_cpu
    assert torch.load(saved(grid()), map_location=accel).device.type == accel.type


def test_load_refuses_an_index_that_does_not_exist(accel):
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on"):
        torch.load(saved(grid()), map_location=f"{accel.type}:99")


# -- autograd --------------------------------------------------------------------------------------


def test_moving_is_a_step_of_the_graph(accel):
    p = torch.ones(3, requires_grad=True)
    q = p.to(accel)
    assert p.is_leaf
    assert not q.is_leaf
    assert type(q.grad_fn).__name__ == "ToCopyBackward0"


def test_the_gradient_comes_home_to_a_leaf_on_the_cpu(accel):
    p = torch.ones(3, requires_grad=True)
    y = (p.to(accel) * torch.arange(3.0, device=accel)).sum()
    y.backward()
    assert y.device.type == accel.type
    assert p.grad.is_cpu
    assert p.grad.tolist() == [0, 1, 2]


def test_what_was_moved_has_no_gradient_of_its_own(accel):
    q = torch.ones(3, requires_grad=True).to(accel)
    q.sum().backward()
    with pytest.warns(UserWarning, match="not a leaf"):
        assert q.grad is None


def test_a_leaf_made_on_the_device_has_its_gradient_there(accel):
    p = torch.ones(3, device=accel, requires_grad=True)
    (p**2).sum().backward()
    assert p.is_leaf
    assert p.grad.device == p.device
    assert p.grad.tolist() == [2, 2, 2]


def test_what_is_moved_before_it_requires_grad_is_a_leaf(accel):
    assert torch.ones(3).to(accel).is_leaf
    assert torch.ones(3).to(accel).requires_grad_().is_leaf
    assert not torch.ones(3, requires_grad=True).to(accel).is_leaf


def test_the_gradient_crosses_back_to_a_leaf_on_the_device(accel):
    p = torch.ones(3, device=accel, requires_grad=True)
    p.cpu().sum().backward()
    assert p.grad.device.type == accel.type


def test_a_gradient_of_another_device_is_refused(accel):
    p = torch.ones(3, device=accel, requires_grad=True)
    with pytest.raises(RuntimeError):
        p.grad = torch.ones(3)
    with pytest.raises(RuntimeError):
        (p * 2).backward(torch.ones(3))


def test_detach_shares_memory_and_requires_no_grad(accel):
    p = torch.ones(3, device=accel, requires_grad=True)
    d = p.detach()
    assert d.device == p.device
    assert d.data_ptr() == p.data_ptr()
    assert not d.requires_grad


def test_a_leaf_that_requires_grad_is_not_changed_in_place(accel):
    p = torch.ones(3, device=accel, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"grad|leaf"):
        p.add_(1)


def test_hooks_see_gradients_on_the_device_in_a_double_backward(accel):
    p = torch.ones(2, device=accel, requires_grad=True)
    seen = []
    p.register_hook(lambda grad: seen.append(grad.device))
    (first,) = torch.autograd.grad((p**3).sum(), p, create_graph=True)
    first.sum().backward()
    assert p.grad.tolist() == [6, 6]
    assert seen[-1] == p.device


@pytest.mark.parametrize("use_reentrant", [True, False])
def test_checkpoint_draws_the_same_numbers_again(accel, use_reentrant):
    from torch.utils.checkpoint import checkpoint

    drawn = []

    def noisy(x):
        drawn.append(torch.rand(3, device=accel))
        return x * drawn[-1]

    x = torch.ones(3, device=accel, requires_grad=True)
    checkpoint(noisy, x, use_reentrant=use_reentrant).sum().backward()
    assert drawn[0].tolist() == drawn[1].tolist() == x.grad.tolist()


# -- views and storage -----------------------------------------------------------------------------


def test_views_share_the_memory_of_their_base(accel):
    g = on(accel).clone()
    assert g.view(6).data_ptr() == g.data_ptr()
    assert g.flatten().data_ptr() == g.data_ptr()
    assert g.reshape(3, 2).data_ptr() == g.data_ptr()
    assert g[1:].untyped_storage().data_ptr() == g.untyped_storage().data_ptr()
    assert g.t()._base is g
    assert g.untyped_storage().nbytes() == 24


def test_views_have_offsets_and_strides(accel):
    g = on(accel).clone()
    assert g.t().stride() == (1, 3)
    assert g[1:].storage_offset() == 3
    assert g[1:].data_ptr() == g.data_ptr() + 12
    assert [t.data_ptr() - g.data_ptr() for t in g.chunk(2)] == [0, 12]
    assert g.expand(2, 2, 3).stride() == (0, 3, 1)
    assert g.unsqueeze(0).shape == (1, 2, 3)
    assert g.unfold(1, 2, 1).shape == (2, 2, 2)


def test_views_show_the_right_values(accel):
    g = on(accel)
    assert g.narrow(1, 1, 2).tolist()[1] == [4, 5]
    assert g.diagonal().tolist() == [0, 4]


def test_writing_to_a_view_writes_to_its_base(accel):
    g = on(accel)
    g[0].zero_()
    assert g[0].tolist() == [0, 0, 0]
    assert g._version >= 1


def test_a_clone_has_memory_of_its_own(accel):
    g = on(accel)
    c = g.clone()
    c.fill_(5)
    assert g[1].tolist() == [3, 4, 5]
    assert c.data_ptr() != g.data_ptr()


def test_contiguous_copies_only_what_is_not(accel):
    g = on(accel)
    assert g.is_contiguous()
    assert g.contiguous() is g
    assert g.t().contiguous().data_ptr() != g.data_ptr()


def test_view_refuses_what_its_strides_cannot_show(accel):
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        on(accel).t().view(6)


def test_out_is_resized_and_answered_with(accel):
    out = torch.empty(0, device=accel)
    result = torch.add(on(accel), 1, out=out)
    assert result is out
    assert out.shape == (2, 3)
    assert out[1, 2].item() == 6


def test_in_place_methods_answer_with_the_tensor_itself(accel):
    g = on(accel)
    assert g.add_(1) is g
    assert g.unsqueeze_(0).shape == (1, 2, 3)
    assert torch.empty(2, device=accel).resize_(3).shape == (3,)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory in Linux's unit")
def test_memory_is_given_back(accel):
    import resource

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB

    before = peak()
    for _ in range(200):  # 4 MiB each, 800 MiB if none were freed
        torch.zeros(1 << 20, device=accel).add_(1).view(-1)[1:]
    assert peak() - before < 400 * 1024


# -- operations: the same values as on the CPU -----------------------------------------------------

UNARY = {
    "mean": torch.mean,
    "sum": torch.sum,
    "argmax": torch.argmax,
    "permute": lambda a: a.permute(1, 0),
    "std": torch.std,
    "softmax": lambda a: torch.softmax(a, 0),
    "max": lambda a: a.max(0)[0],
    "topk": lambda a: a.topk(2)[1],
    "sort": lambda a: a.sort()[0],
    "abs": torch.abs,
    "exp": torch.exp,
    "cumsum": lambda a: a.cumsum(0),
    "norm": lambda a: a.norm(),
    "linalg.norm": torch.linalg.norm,
    "linalg.svdvals": torch.linalg.svdvals,
    "linalg.inv": torch.linalg.inv,
    "tril": torch.tril,
    "flip": lambda a: a.flip(0),
    "roll": lambda a: a.roll(1, 0),
    "repeat": lambda a: a.repeat(2, 1),
    "unique": torch.unique,
    "nonzero": torch.nonzero,
    "clamp": lambda a: a.clamp(0, 1),
    "round": torch.round,
    "int32": lambda a: a.to(torch.int32),
    "half": lambda a: a.half().float(),
    "bfloat16": lambda a: a.bfloat16().float(),
    "where": lambda a: torch.where(a > 0)[0],
    "mask": lambda a: a[a > 0],
    "bool": lambda a: a.bool(),
    "split": lambda a: a.split(2)[0],
    "var": lambda a: a.var(dim=1),
    "any": torch.any,
    "isclose": lambda a: torch.isclose(a, a),
    "median": torch.median,
    "prod": torch.prod,
    "gram": lambda a: a.T @ a,
    "layer_norm": lambda a: nn.functional.layer_norm(a, (4,)),
    "gelu": nn.functional.gelu,
    "outer": lambda a: torch.outer(a[0], a[1]),
    "histc": lambda a: torch.histc(a, 4),
    "bincount": lambda a: torch.bincount(a.abs().long().flatten()),
    "view as int32": lambda a: a.view(torch.int32),
    "multinomial": lambda a: torch.multinomial(a.abs(), 4).sort()[0],
}
BINARY = {
    "matmul": torch.matmul,
    "add": torch.add,
    "cat": lambda a, b: torch.cat([a, b]),
    "stack": lambda a, b: torch.stack([a, b]),
    "einsum": lambda a, b: torch.einsum("ij,jk->ik", a, b),
    "dist": torch.dist,
    "cosine_similarity": nn.functional.cosine_similarity,
    "fmod": torch.fmod,
    "cdist": torch.cdist,
    "kron": torch.kron,
}
WITH_A_NUMBER = {
    "t % 3": lambda t: t % 3,
    "7 % t": lambda t: 7 % (t + 1),
    "fmod": lambda t: torch.fmod(t, 2),
    "t // 2": lambda t: t // 2,
    "2 ** t": lambda t: 2**t,
    "t & 1": lambda t: t & 1,
    "t ^ 3": lambda t: t ^ 3,
    "1 << t": lambda t: 1 << t,
    "t * 0.1": lambda t: t * 0.1,
    "t % 2.5": lambda t: t % 2.5,
}


@pytest.mark.parametrize("op", UNARY.values(), ids=UNARY)
def test_an_op_of_one_tensor_gives_the_cpu_s_values(accel, op):
    torch.manual_seed(0)
    x = torch.randn(4, 4)
    result = op(x.to(accel))
    assert result.device.type == accel.type
    assert torch.allclose(result.cpu().double(), op(x).double(), atol=1e-4)


@pytest.mark.parametrize("op", BINARY.values(), ids=BINARY)
def test_an_op_of_two_tensors_gives_the_cpu_s_values(accel, op):
    torch.manual_seed(0)
    x, y = torch.randn(4, 4), torch.randn(4, 4)
    result = op(x.to(accel), y.to(accel))
    assert result.device.type == accel.type
    assert torch.allclose(result.cpu(), op(x, y), atol=1e-5)


@pytest.mark.parametrize("op", WITH_A_NUMBER.values(), ids=WITH_A_NUMBER)
def test_an_op_with_a_number_gives_the_cpu_s_values_and_dtype(accel, op):
    result, expected = op(torch.arange(6, device=accel)), op(torch.arange(6))
    assert result.dtype == expected.dtype
    assert torch.allclose(result.cpu(), expected)


def test_complex_numbers_are_conjugated_lazily_and_rightly(accel):
    z = torch.tensor([1 + 2j], device=accel)
    assert z.conj().is_conj()
    assert z.conj().tolist() == [1 - 2j]
    assert z.conj().clone().tolist() == [1 - 2j]
    assert z.real.tolist() == [1]
    assert z.conj().imag.tolist() == [-2]
    assert (z * z.conj()).cpu().tolist() == [5 + 0j]


def test_writing_through_a_lazy_conjugate_writes_to_its_base(accel):
    z = torch.tensor([1 + 2j], device=accel)
    z.conj()[0] = 3j
    assert z.tolist() == [-3j]


def test_complex_numbers_have_gradients_and_fourier_transforms(accel):
    z = torch.tensor([1 + 2j], device=accel, requires_grad=True)
    (z * z.conj()).real.sum().backward()
    assert z.grad.tolist() == [2 + 4j]
    waves = torch.fft.fft(torch.arange(4.0, device=accel))
    assert torch.allclose(torch.fft.ifft(waves).real.cpu(), torch.arange(4.0), atol=1e-6)


@not_on_simgpu("simgpu has dense tensors only")
def test_sparse_tensors(accel):
    assert torch.eye(2, device=accel).to_sparse().to_dense().tolist() == [[1, 0], [0, 1]]


# -- random numbers --------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_numbers(accel):
    torch.manual_seed(7)
    a = torch.rand(3, device=accel)
    torch.manual_seed(7)
    b = torch.rand(3, device=accel)
    assert torch.equal(a, b)


def test_the_same_seed_gives_other_numbers_than_on_the_cpu(accel):
    torch.manual_seed(7)
    a = torch.rand(3)
    torch.manual_seed(7)
    b = torch.rand(3, device=accel)
    assert not torch.equal(a, b.cpu())


DRAWS = {
    "rand": lambda d: torch.rand(3, device=d),
    "randperm": lambda d: torch.randperm(5, device=d),
    "randint": lambda d: torch.randint(9, (3,), device=d),
    "multinomial": lambda d: torch.multinomial(torch.ones(4, device=d), 2),
    "dropout": lambda d: nn.functional.dropout(torch.ones(8, device=d)),
    "xavier": lambda d: nn.init.xavier_uniform_(torch.empty(2, 2, device=d)),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_drawing_on_the_device_leaves_the_cpu_s_stream_alone(accel, draw):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    draw(accel)
    assert torch.equal(torch.rand(3), expected)


def test_the_device_s_stream_can_be_seeded_and_restored(accel):
    module = torch.get_device_module(accel)
    module.manual_seed(1)
    state = module.get_rng_state()
    first = torch.rand(3, device=accel)
    module.set_rng_state(state)
    assert torch.equal(torch.rand(3, device=accel), first)


def test_a_generator_of_the_cpu_is_refused(accel):
    text = f"Expected a '{accel.type}' device type for generator but found 'cpu'"
    with pytest.raises(RuntimeError, match=text):
        torch.rand(2, device=accel, generator=torch.Generator())


@not_on_simgpu("PyTorch makes generators for an outside backend in C++ only")
def test_a_generator_of_the_device(accel):
    generator = torch.Generator(device=accel)
    generator.manual_seed(3)
    assert torch.rand(2, device=accel, generator=generator).device.type == accel.type


# -- modules and training --------------------------------------------------------------------------


def test_module_to_moves_in_place_and_answers_with_the_module(accel):
    m = nn.Linear(3, 2)
    assert m.to(accel) is m
    assert m.weight.device.type == accel.type
    assert isinstance(m.weight, nn.Parameter)
    assert m.weight.is_leaf


def test_module_to_takes_gradients_along(accel):
    m = nn.Linear(3, 2).to(accel)
    m(on(accel)).sum().backward()
    assert m.weight.grad.device.type == accel.type
    assert m.cpu() is m
    assert m.weight.is_cpu
    assert m.weight.grad.is_cpu


def test_a_module_refuses_input_from_elsewhere(accel):
    with pytest.raises(RuntimeError, match="same device"):
        nn.Linear(3, 2).to(accel)(grid())


def test_module_to_keeps_the_parameter_objects(accel):
    m = nn.Linear(3, 2)
    weight = m.weight
    m.to(accel)
    assert m.weight is weight


@not_on_simgpu("PyTorch moves parameters of an outside backend by swapping, and weakrefs stop that")
def test_module_to_moves_a_parameter_that_has_a_weakref(accel):
    import weakref

    m = nn.Linear(3, 2)
    watcher = weakref.ref(m.weight)
    assert m.to(accel).weight is watcher()


def test_a_plain_attribute_stays_behind_and_a_buffer_moves(accel):
    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.plain = torch.ones(1)
            self.register_buffer("buffer", torch.ones(1))

    holder = Holder().to(accel)
    assert holder.plain.is_cpu
    assert holder.buffer.device.type == accel.type


OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_training_lowers_the_loss(accel, optimizer):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)).to(accel)
    x = torch.randn(16, 3, device=accel)
    y = x.sum(1, keepdim=True)
    steps = optimizer(net.parameters())
    losses = []
    for _ in range(20):
        steps.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        steps.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


LAYERS = {
    "Conv2d": lambda: nn.Conv2d(3, 4, 3),
    "BatchNorm2d": lambda: nn.BatchNorm2d(3),
    "MaxPool2d": lambda: nn.MaxPool2d(2),
    "Dropout": nn.Dropout,
    "Flatten": nn.Flatten,
    "AdaptiveAvgPool2d": lambda: nn.AdaptiveAvgPool2d(1),
    "GroupNorm": lambda: nn.GroupNorm(1, 3),
}


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_layer_goes_forward_and_backward_on_the_device(accel, layer):
    x = torch.randn(2, 3, 8, 8, device=accel, requires_grad=True)
    out = layer().to(accel)(x)
    out.sum().backward()
    assert out.device == x.device
    assert x.grad.device == x.device


def test_embedding_cross_entropy_and_attention_work_on_the_device(accel):
    embedding = nn.Embedding(5, 2).to(accel)
    assert embedding(torch.tensor([1], device=accel)).shape == (1, 2)
    scores = torch.randn(3, 4, device=accel, requires_grad=True)
    nn.CrossEntropyLoss()(scores, torch.tensor([0, 1, 2], device=accel)).backward()
    assert scores.grad.device.type == accel.type
    x = torch.randn(5, 1, 4, device=accel)
    out, _ = nn.MultiheadAttention(4, 2).to(accel)(x, x, x)
    assert out.device.type == accel.type


RECURRENT = {
    "RNN": (nn.RNN, {}),
    "LSTM": (nn.LSTM, {}),
    "GRU": (nn.GRU, {}),
    "LSTM without bias": (nn.LSTM, {"bias": False}),
    "GRU without bias": (nn.GRU, {"bias": False}),
    "LSTM both ways, two deep": (nn.LSTM, {"bidirectional": True, "num_layers": 2}),
    "GRU both ways, two deep": (nn.GRU, {"bidirectional": True, "num_layers": 2}),
    "LSTM with projections": (nn.LSTM, {"proj_size": 2}),
    "RNNCell": (nn.RNNCell, {}),
    "LSTMCell": (nn.LSTMCell, {}),
    "GRUCell": (nn.GRUCell, {}),
}


def outputs_and_gradients(kind, options, device):
    """The output of a recurrent layer, and the gradients of its parameters and its input.

    In float64: a GPU may round float32 in a recurrent layer to TF32.
    """
    torch.manual_seed(0)
    layer = kind(3, 4, dtype=torch.float64, **options).to(device)
    shape = (5, 3) if "Cell" in kind.__name__ else (5, 2, 3)
    x = torch.randn(shape, dtype=torch.float64).to(device).requires_grad_()
    out = layer(x)
    out = out[0] if isinstance(out, tuple) else out
    out.square().sum().backward()
    return [out, *(p.grad for p in layer.parameters()), x.grad]


@pytest.mark.parametrize(("kind", "options"), RECURRENT.values(), ids=RECURRENT)
def test_a_recurrent_layer_gives_the_cpu_s_output_and_gradients(accel, kind, options):
    here = outputs_and_gradients(kind, options, "cpu")
    there = outputs_and_gradients(kind, options, accel)
    assert {t.device.type for t in there} == {accel.type}
    for a, b in zip(here, there, strict=True):
        assert torch.allclose(a, b.cpu())


def test_an_lstm_runs_without_gradients_too(accel):
    layer = nn.LSTM(3, 4).to(accel)
    with torch.inference_mode():
        assert layer(torch.ones(2, 1, 3, device=accel))[0].device.type == accel.type


def test_vmap_works_on_the_device(accel):
    assert torch.vmap(torch.sum)(on(accel)).tolist() == [3, 12]


# -- the device as such ----------------------------------------------------------------------------


def test_the_module_of_the_device(accel):
    module = torch.get_device_module(accel)
    assert module.is_available()
    assert module.device_count() >= 1
    assert module.current_device() == 0
    module.synchronize()


def test_torch_accelerator_speaks_for_the_device(accel):
    assert torch.accelerator.is_available()
    assert torch.accelerator.current_accelerator().type == accel.type
    torch.accelerator.synchronize()


@not_on_simgpu("simgpu has no allocator to ask")
def test_torch_accelerator_counts_memory(accel):
    before = torch.accelerator.memory_allocated()
    kept = torch.zeros(1 << 20, device=accel)
    assert torch.accelerator.memory_allocated() - before >= kept.nbytes


def test_a_device_tensor_cannot_be_pinned(accel):
    text = r"cannot pin '.*' only dense CPU tensors can be pinned"
    with pytest.raises(RuntimeError, match=text):
        on(accel).pin_memory()
    assert on(accel).is_pinned() is False


def test_pin_memory_of_a_cpu_tensor_is_a_copy_on_the_cpu(accel):
    x = grid()
    p = x.pin_memory()
    assert p.is_cpu
    assert p.data_ptr() != x.data_ptr()
    assert p.tolist() == x.tolist()


@not_on_simgpu("simgpu has no pinned memory: pin_memory() is an ordinary copy")
def test_pinned_memory_says_so(accel):
    assert grid().pin_memory().is_pinned()


@not_on_simgpu("PyTorch has no list of ops to cast on an outside backend: autocast warns and rests")
def test_autocast_multiplies_in_half_precision(accel):
    with torch.autocast(accel.type, dtype=torch.float16):
        assert (on(accel) @ on(accel).T).dtype == torch.float16


@pytest.mark.needs_cuda
def test_events_measure_time(cuda):
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    torch.ones(1000, 1000, device=cuda) @ torch.ones(1000, 1000, device=cuda)
    end.record()
    torch.cuda.synchronize()
    assert start.elapsed_time(end) > 0


@pytest.mark.needs_cuda
def test_cuda_counts_the_memory_of_tensors(cuda):
    before = torch.cuda.memory_allocated()
    kept = torch.zeros(1 << 20, device=cuda)
    assert torch.cuda.memory_allocated() - before >= kept.nbytes


# -- the door --------------------------------------------------------------------------------------


@pytest.fixture
def closed_door(monkeypatch):
    """A door that believes it was never opened, on a machine without a GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(door, "_registrations", [])
    monkeypatch.setattr(door, "_failure", None)
    return monkeypatch


def refuses_with(*words):
    """Whether why_not and enable both say the same sentence, with these words in it."""
    reason = simgpu.why_not()
    with pytest.raises(RuntimeError) as caught:
        simgpu.enable()
    assert str(caught.value) == reason
    return reason.endswith(".") and all(word in reason for word in words)


@pytest.mark.parametrize("version", ["1.13.1", "2.3.1+cu121", "2.9.1"])
def test_an_older_torch_is_refused(closed_door, version):
    closed_door.setattr(torch, "__version__", version)
    assert refuses_with("torch 2.10 or newer", version)


@pytest.mark.parametrize("version", ["2.10.0", "2.13.0+cpu", "2.14.0a0+git1234", "3.0.0"])
def test_torch_2_10_and_newer_are_not_refused_for_their_version(closed_door, version):
    closed_door.setattr(torch, "__version__", version)
    assert "newer" not in (simgpu.why_not() or "")


def test_a_machine_with_a_real_gpu_is_refused(closed_door):
    closed_door.setattr(torch, "__version__", "2.13.0")
    closed_door.setattr(torch.cuda, "is_available", lambda: True)
    assert refuses_with("real CUDA device")


def test_a_torch_without_the_hook_is_refused(closed_door):
    closed_door.setattr(torch, "__version__", "2.13.0")
    closed_door.delattr(backend_registration, door._HOOK, raising=False)
    assert refuses_with(door._HOOK)


def test_a_slot_that_another_device_holds_is_refused(closed_door):
    closed_door.setattr(torch, "__version__", "2.13.0")
    closed_door.setattr(backend_registration, door._HOOK, None, raising=False)
    closed_door.setattr(torch._C, "_get_privateuse1_backend_name", lambda: "npu")
    assert refuses_with("npu holds it")


def test_a_hook_that_fails_is_told_and_remembered(closed_door):
    def fail(*args, **kwargs):
        raise TypeError("no such argument")

    closed_door.setattr(torch, "__version__", "2.13.0")
    closed_door.setattr(backend_registration, door._HOOK, fail, raising=False)
    with pytest.raises(RuntimeError, match="could not be set up"):
        simgpu.enable()
    assert refuses_with("could not be set up")


@pytest.mark.skipif(HAS_CUDA, reason="simgpu stays off beside a real GPU")
def test_enabling_twice_is_enabling_once(accel):
    simgpu.enable()
    simgpu.enable()
    assert simgpu.why_not() is None
    assert torch.ones(1, device=accel).item() == 1


# -- what enabling changes for the CPU: asked of a fresh process, before and after -----------------

OBSERVER = '''
import json
import os
import resource
import sys

import torch
from torch import nn
from torchkoans import simgpu


def outcome(ask):
    try:
        return str(ask())
    except Exception as error:
        return type(error).__name__


def backward(device="cpu"):
    x = torch.ones(2, device=device, requires_grad=True)
    (x * 3).sum().backward()
    return x.grad.tolist()


def in_a_child(ask):
    """The outcome in a forked child, or how the child died.

    The parent runs no op itself, so that each child starts as an untouched process.
    """
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        os.close(receive)
        os.write(send, outcome(ask).encode())
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        text = answer.read()
    status = os.waitpid(child, 0)[1]
    return text or f"died ({os.waitstatus_to_exitcode(status)})"


def backward_then_in_a_child():
    backward()
    return in_a_child(backward)


def enable_after_a_backward():
    backward()
    simgpu.enable()
    return backward(simgpu.NAME)


def raise_in_a_hook(device):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core file where the process aborts
    x = torch.ones(2, device=device, requires_grad=True)
    x.register_hook(lambda grad: 1 / 0)
    x.sum().backward()


def train():
    torch.manual_seed(0)
    m = nn.Linear(2, 2)
    weight = m.weight
    m(torch.ones(2)).sum().backward()
    return m.weight.tolist(), m.weight.grad.tolist(), m.double().weight is weight


def seeded(draw):
    torch.manual_seed(0)
    return draw().tolist()


def loaded():
    data = torch.utils.data.DataLoader(torch.arange(2), pin_memory=True)
    return [batch.tolist() for batch in data]


def observe():
    facts = {
        "import torch.cuda": lambda: torch.cuda.is_available(),
        "cuda tensor": lambda: torch.ones(1, device="cuda"),
        "default device": lambda: torch.get_default_device(),
        "device of ones": lambda: torch.ones(1).device,
        "repr": lambda: repr(torch.ones(2, requires_grad=True)),
        "rand": lambda: seeded(lambda: torch.rand(3)),
        "randperm": lambda: seeded(lambda: torch.randperm(5)),
        "generator": lambda: torch.rand(2, generator=torch.Generator().manual_seed(1)),
        "to cpu": lambda: (lambda x: x.to("cpu") is x)(torch.ones(1)),
        "numpy": lambda: torch.ones(2).numpy(),
        "storage": lambda: torch.UntypedStorage(3).device,
        "conj": lambda: torch.tensor([1j]).conj().resolve_conj(),
        "backward": backward,
        "backward in a child after one in the parent": backward_then_in_a_child,
        "train": train,
        "lstm": lambda: seeded(lambda: nn.LSTM(2, 2)(torch.ones(1, 1, 2))[0]),
        "mismatch": lambda: torch.ones(2) + torch.ones(3),
        "is_pinned": lambda: torch.ones(1).is_pinned(),
        "DataLoader(pin_memory=True)": loaded,
        "pin_memory()": lambda: torch.ones(1).pin_memory(),
        "zeros(pin_memory=True)": lambda: torch.zeros(1, pin_memory=True),
        "torch.device(0)": lambda: torch.device(0),
        "torch.accelerator": lambda: torch.accelerator.current_accelerator(),
        "torch.accelerator.synchronize()": lambda: torch.accelerator.synchronize(),
        "swap_module_params": torch.__future__.get_swap_module_params_on_conversion,
    }
    return json.dumps({name: outcome(ask) for name, ask in facts.items()})


modules = [name for name in sys.modules if name.startswith("torchkoans.simgpu.")]
before = json.loads(in_a_child(observe))
late = in_a_child(enable_after_a_backward)
cpu_hook = in_a_child(lambda: raise_in_a_hook("cpu"))
simgpu.enable()
after = json.loads(in_a_child(observe))
hook = in_a_child(lambda: raise_in_a_hook(simgpu.NAME))
names = ("modules", "before", "late", "cpu_hook", "after", "hook")
print(json.dumps({name: globals()[name] for name in names}))
'''


@pytest.fixture(scope="module")
def observed():
    """What OBSERVER printed: the same questions to one process before and after enable()."""
    if HAS_CUDA:
        pytest.skip("simgpu stays off beside a real GPU")
    if simgpu.why_not():
        pytest.skip(simgpu.why_not())
    if sys.platform == "win32":
        pytest.skip("the observer forks")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OBSERVER],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(simgpu.__file__).parents[2],  # scripts/, so that torchkoans is found
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_simgpu_imports_nothing_that_an_old_torch_lacks(observed):
    assert observed["modules"] == ["torchkoans.simgpu.door"]


def test_enabling_changes_for_the_cpu_only_what_the_page_lists(observed):
    before, after = observed["before"], observed["after"]
    assert {name for name in before if before[name] != after[name]} == {
        "torch.device(0)",
        "torch.accelerator",
        "torch.accelerator.synchronize()",
        "pin_memory()",
        "zeros(pin_memory=True)",
        "swap_module_params",
        "backward in a child after one in the parent",
    }


def test_what_enabling_changes_becomes_this(observed):
    after = observed["after"]
    assert after["torch.device(0)"] == "simgpu:0"
    assert after["torch.accelerator"] == "simgpu"
    assert after["pin_memory()"] == "tensor([1.])"
    assert after["zeros(pin_memory=True)"] == "NotImplementedError"
    assert after["swap_module_params"] == "True"
    assert after["backward in a child after one in the parent"] == "RuntimeError"


def test_an_error_in_a_hook_of_the_cpu_reaches_the_caller(observed):
    assert observed["cpu_hook"] == "ZeroDivisionError"


@not_on_simgpu("PyTorch asks its Python device guard amid the error, and the process aborts")
def test_an_error_in_a_hook_of_the_device_reaches_the_caller(observed):
    assert observed["hook"] == "ZeroDivisionError"


@not_on_simgpu("PyTorch starts autograd's threads once, for the devices it knows by then")
def test_a_backward_before_enabling_does_no_harm(observed):
    assert observed["late"] == "[3.0, 3.0]"

"""Where a tensor lives.

The numbers of a tensor lie in the memory of one device: the CPU's, or that of a GPU, which torch
calls "cuda" (Apple's has another name, "mps"). Where there is no GPU, these lessons use `simgpu`, a
simulated second device.

A koan with `device` in its brackets runs once on each device that is here, one with `accelerator`
only on those that are not the CPU. Both are given to you as torch.device objects.

Read more: https://docs.pytorch.org/docs/stable/tensor_attributes.html
"""

from unittest import mock

import torch

from koans import __


def test_without_a_device_it_is_made_on_the_cpu():
    """A tensor made without device= lives in ordinary memory, on every machine."""
    t = torch.tensor([1, 2])

    assert t.device.type == __


def test_a_device_is_an_object_and_not_a_string():
    """A device prints like a word, and is equal only to a device; make the one where t will be."""
    here = __
    t = torch.zeros(2)
    assert t.device == here


def test_asking_for_a_gpu_is_safe_on_every_machine():
    """Is there one, and how many are there: both are answered without an error, GPU or no GPU."""
    answers = (torch.cuda.is_available(), torch.cuda.device_count())

    assert [type(answer) for answer in answers] == __


def test_devices_of_one_kind_are_counted_from_zero():
    """A number behind the name tells several GPUs apart."""
    count = 4  # what device_count() says on a machine with four GPUs
    last = [torch.device("cuda", index) for index in range(count)][-1]

    assert str(last) == __


def test_a_device_named_without_a_number_has_none():
    """torch.device("cuda") means the current GPU, whichever that will be."""
    named = torch.device("cuda")

    assert (named.type, named.index) == __


def test_a_tensor_knows_exactly_where_it_is(accelerator):
    """Even if the name had no number, the tensor made with it carries one."""
    asked = torch.device(accelerator.type)

    exact = __
    t = torch.zeros(2, device=asked)
    assert (t.device == asked, t.device == exact) == (False, True)


def test_the_usual_line_falls_back_to_the_cpu():
    """The line that most programs begin with, tried on two pretended machines."""

    def choose():
        return torch.device("cuda" if __ else "cpu").type

    with mock.patch.multiple("torch.cuda", is_available=lambda: True, device_count=lambda: 4):
        with_gpu = choose()
    with mock.patch.multiple("torch.cuda", is_available=lambda: False, device_count=lambda: 0):
        without_gpu = choose()
    assert (with_gpu, without_gpu) == ("cuda", "cpu")


def test_is_cuda_is_about_the_tensor_and_not_about_the_machine(device):
    """is_cpu and is_cuda say in yes or no what t.device.type says in a word."""
    t = torch.zeros(2, device=device)

    assert (t.is_cpu, t.is_cuda) == __


def test_a_with_block_changes_the_default_device(accelerator):
    """Inside the block, tensors made without device= are made somewhere else."""
    with torch.device(accelerator):
        inside = torch.zeros(2)
    outside = torch.zeros(2)

    assert (inside.device.type, outside.device.type) == __

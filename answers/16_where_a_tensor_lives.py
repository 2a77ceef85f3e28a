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

    # claims: A020 A042 A089
    # hint: nobody asked for a GPU here, and torch does not decide that for you
    # trap: "cuda" -> torch does not take the GPU unasked, not even where there is one
    # trap: None -> no device was named, but the numbers must lie somewhere
    # trap: torch.device("cpu") -> that is a whole device; its type is a string
    # trap: "ram" -> torch names the processor that owns the memory, not the memory
    assert t.device.type == __("cpu")
    # why: forget device= once and that one tensor stays at home. This is where most errors about
    #     two devices begin.
    # picture: devices of t


def test_a_device_is_an_object_and_not_a_string():
    """A device prints like a word, and is equal only to a device; make the one where t will be."""
    # claims: A074 A089
    # hint: make a device to compare with; its class is called torch.device
    # trap: "cpu" -> a device is never equal to a string, not even to the one that it prints
    # trap: torch.device -> that is the class of all devices, not one of them
    # trap: torch.device("cpu", 0) -> the CPU is one device, and its tensors carry no number
    here = __(torch.device("cpu"))
    t = torch.zeros(2)
    assert t.device == here
    # why: `t.device == "cpu"` raises no error; it is False, always. Compare `t.device.type` with a
    #     string, or a device with a device.


def test_asking_for_a_gpu_is_safe_on_every_machine():
    """Is there one, and how many are there: both are answered without an error, GPU or no GPU."""
    answers = (torch.cuda.is_available(), torch.cuda.device_count())

    # claims: A009 A010
    # hint: the first is a question for yes or no; the second is one for how many
    # trap: (bool, int) -> the right two, but on the left side stands a list, in square brackets
    # trap: [int, int] -> how many GPUs there are is the second question
    # trap: [torch.device, int] -> is_available() does not hand out a device, it only says yes or no
    # trap: [bool, list] -> device_count() counts the GPUs and does not list them
    # trap: [str, int] -> the name of a GPU comes from torch.cuda.get_device_name()
    assert [type(answer) for answer in answers] == __([bool, int])
    # why: without a GPU the answers are False and 0. That is why a program may ask before it does
    #     anything else.


def test_devices_of_one_kind_are_counted_from_zero():
    """A number behind the name tells several GPUs apart."""
    count = 4  # what device_count() says on a machine with four GPUs
    last = [torch.device("cuda", index) for index in range(count)][-1]

    # claims: A010 A074
    # hint: which numbers are in range(4)?
    # trap: "cuda:4" -> that would be the fifth; counting starts as in a list
    # trap: "cuda" -> the name alone does not say which of the four
    # trap: "cuda3" -> something stands between the name and the number
    assert str(last) == __("cuda:3")
    # why: naming a device needs no GPU, so this runs anywhere. Only a tensor that is to live there
    #     needs the real thing.


def test_a_device_named_without_a_number_has_none():
    """torch.device("cuda") means the current GPU, whichever that will be."""
    named = torch.device("cuda")

    # claims: A074
    # hint: nothing stands behind the name, so what can the index be?
    # trap: ("cuda", 0) -> no number was given, and none is made up
    # trap: ("cuda:0", 0) -> the type is only the word; the number has its own place
    # trap: ("cuda", -1) -> Python has its own value for nothing
    assert (named.type, named.index) == __(("cuda", None))
    # why: "cuda" and "cuda:0" mean the same GPU most of the time, yet they are two different device
    #     objects.


def test_a_tensor_knows_exactly_where_it_is(accelerator):
    """Even if the name had no number, the tensor made with it carries one."""
    asked = torch.device(accelerator.type)

    # claims: A024 A074 A089
    # hint: torch.device takes a number after the name; where does counting begin?
    # trap: asked -> that one has no number, so the two devices are not equal
    # trap: accelerator -> that one has no number, so the two devices are not equal
    # trap: accelerator.type -> a string is equal to no device
    # trap: torch.device("cpu") -> the device was named this time, so t was made over there
    # trap: torch.device(accelerator.type, 1) -> that would be the second of its kind
    exact = __(torch.device(accelerator.type, 0))
    t = torch.zeros(2, device=asked)
    assert (t.device == asked, t.device == exact) == (False, True)
    # why: over there a tensor lies on one particular device, so torch fills the number in. To ask
    #     what kind of device it is, compare `.type`.


def test_the_usual_line_falls_back_to_the_cpu():
    """The line that most programs begin with, tried on two pretended machines."""

    def choose():
        # claims: A009 A012 A074
        # hint: an earlier koan asked torch.cuda this very question
        # hint: a function answers only when it is called
        # trap: torch.cuda.is_available -> without parentheses this is the function itself, and a
        #     function counts as true on every machine
        # trap: True -> that hard-wires the GPU, and the program fails where there is none
        # trap: False -> that hard-wires the CPU, and the GPU stays idle
        # trap: torch.cuda.device_count -> without parentheses this is the function itself, and a
        #     function counts as true on every machine
        return torch.device("cuda" if __(torch.cuda.is_available()) else "cpu").type

    with mock.patch.multiple("torch.cuda", is_available=lambda: True, device_count=lambda: 4):
        with_gpu = choose()
    with mock.patch.multiple("torch.cuda", is_available=lambda: False, device_count=lambda: 0):
        without_gpu = choose()
    assert (with_gpu, without_gpu) == ("cuda", "cpu")
    # why: choose once, at the top, and hand the device on. A function that gets tensors needs no
    #     such line: it can follow the `device` of what it is given.


def test_is_cuda_is_about_the_tensor_and_not_about_the_machine(device):
    """is_cpu and is_cuda say in yes or no what t.device.type says in a word."""
    t = torch.zeros(2, device=device)

    # claims: B058 B059 B060
    # hint: this koan runs once on each device here, so a fixed pair is right on one of them at most
    # hint: device.type is the word; compare it
    # hint: simgpu is neither the CPU nor cuda, so "not on the CPU" is not yet "on cuda"
    # trap: ("cpu", "cuda") -> they answer yes or no and give no names
    # trap: (True, True) -> a tensor lives in one place only
    # trap: (None, None) -> the answer is never left open, there is a yes or a no
    # trap: (device.type, device.type) -> the word itself is neither yes nor no
    assert (t.is_cpu, t.is_cuda) == __((device.type == "cpu", device.type == "cuda"))
    # why: torch.cuda.is_available() asks the machine and is_cuda asks one tensor. A machine with a
    #     GPU is full of tensors whose is_cuda is False.


def test_a_with_block_changes_the_default_device(accelerator):
    """Inside the block, tensors made without device= are made somewhere else."""
    with torch.device(accelerator):
        inside = torch.zeros(2)
    outside = torch.zeros(2)

    # claims: A020 A046
    # hint: what does the indentation end?
    # trap: ("cpu", "cpu") -> device= is one way to choose; the block is another
    # trap: (accelerator.type, accelerator.type) -> the block ended before the second tensor was
    #     made
    # trap: ("cpu", accelerator.type) -> look again at which of them stands in the block
    assert (inside.device.type, outside.device.type) == __((accelerator.type, "cpu"))
    # why: the CPU is no law, only the default. device=, to(), zeros_like() and this block are some
    #     of the ways to choose, and there are more.
    # picture: devices of inside, outside

"""Two devices do not mix.

One computation runs on one device, so its tensors must be there together. torch hardly ever moves
a tensor on its own: where two devices meet, it stops with an error, and only a few things may pass.

`@` is Python's sign for the matrix product. It has a lesson of its own; here it is one computation
like any other.

Read more: https://docs.pytorch.org/docs/stable/notes/cuda.html
"""

import contextlib

import pytest
import torch

from koans import __


def test_tensors_on_two_devices_cannot_be_added(accelerator):
    """Each device reaches its own memory only, so torch refuses before it computes anything."""
    home = torch.ones(3)
    away = torch.ones(3, device=accelerator)
    with pytest.raises(Exception) as caught:
        home + away

    # claims: A030 A060 A113
    # hint: what is wrong is not what these two are, but where they are while the program runs
    # trap: TypeError -> both are of one type, torch.Tensor
    # trap: ValueError -> no value is at fault; these ones could be added at home
    # trap: MemoryError -> there is enough memory, only in two places
    # trap: "RuntimeError" -> in quotes it is a string; the class itself was raised
    # trap: Exception -> every error is one of these; which one is this?
    assert caught.type is __(RuntimeError)
    # why: this is the error to know by heart in torch. Most often one of the two was made without
    #     device=, or never moved.
    # picture: devices of home, away


def test_the_stray_is_found_by_asking_each_one(accelerator):
    """The message does not say which of x, w and b is on the wrong device; find out."""
    x, w, b = (torch.ones(2, 2, device=place) for place in (accelerator, "cpu", accelerator))
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        x @ w + b

    # claims: B061
    # hint: write a question that is true for w alone
    # hint: a tensor says itself where it is; compare words with words or devices with devices
    # trap: t.device != accelerator -> accelerator has no number and every device over there has
    #     one, so none is equal to it
    # trap: t.device == "cpu" -> a device is never equal to a string
    # trap: t.is_cuda -> w is the one that is not over there
    # trap: t.device -> a device counts as true, so this names all three
    strays = [name for name, t in {"x": x, "w": w, "b": b}.items() if __(t.is_cpu)]
    assert strays == ["w"]
    # why: the message goes on with devices, in newer versions also with a name of torch's own for
    #     one operand, like mat2; your variables it does not know. So ask them. Its beginning has
    #     stayed the same for many versions of torch, the rest has not.
    # picture: devices of x, w, b


def test_one_side_must_be_brought_over(accelerator):
    """Move one tensor to where the other is, and the two can meet."""
    home = torch.tensor([1.0, 2.0])
    away = torch.tensor([10.0, 20.0], device=accelerator)

    # claims: A030 A060 A113 B062
    # hint: a tensor says where it is, and to() takes a place
    # trap: home -> torch does not move it for you
    # trap: home.cpu() -> it is there already
    # trap: home.to(away.dtype) -> a dtype says how numbers are stored, not where
    # trap: away -> one of the two would be missing from the sum
    # trap: away.to(home.device) -> a copy of away at home; away itself still waits on its device
    total = __(home.to(away.device)) + away
    assert (total.device.type, total.tolist()) == (accelerator.type, [11.0, 22.0])
    # why: `x.to(y.device)` is right on every machine, and copies nothing where x is there already.
    #     Bring the smaller one, or the one that is needed there again.
    # picture: devices of home, away, total


def test_a_python_number_goes_anywhere(accelerator):
    """A plain number is no tensor, so it can join a tensor on any device."""
    t = 10 - torch.ones(3, device=accelerator)

    # claims: A030
    # hint: has a Python number a device?
    # trap: accelerator -> that is a whole device; its type is a word, accelerator.type
    # trap: "cpu" -> Python runs on the CPU, but the number is handed to where the tensor is
    # trap: None -> the number has no device; the result is a tensor and has one
    assert t.device.type == __(accelerator.type)
    # why: the number takes on what it meets: the device and, within its kind, the dtype. A tensor
    #     that you wrap around it, torch.tensor([10]), does not.


def test_a_tensor_of_no_dims_may_come_from_the_cpu(accelerator):
    """A CPU tensor without dims is treated like the number that it holds."""
    factor = torch.tensor(2.0)
    t = factor * torch.ones(3, device=accelerator)

    # claims: A030 A060 A113
    # hint: the result has three elements; whose shape is that, and whose device?
    # trap: "cpu" -> the first operand does not decide; the tensor with dims does
    # trap: None -> "they must be on the same device" is nearly true; this pair is the exception
    # trap: accelerator -> that is a whole device; its type is a word
    assert t.device.type == __(accelerator.type)
    # why: reading one number from the CPU costs next to nothing, so torch allows it and computes
    #     where the many numbers are.
    # picture: devices of factor, t


def test_a_vector_of_one_may_not(accelerator):
    """The exception is for tensors without dims, however few elements the others have."""
    joined = []
    for shape in [(), (1,), (1, 1)]:
        with contextlib.suppress(RuntimeError):
            torch.ones(3, device=accelerator) + torch.ones(shape)
            joined.append(shape)

    # claims: A030 A113
    # hint: all three hold one number; how many dims has each?
    # trap: [(), (1,)] -> a vector of one holds one number, but it has a dim
    # trap: [(), (1,), (1, 1)] -> one element is not enough to pass
    # trap: [(1,)] -> it is the one without a dim that is taken for a number
    # trap: [] -> not every stranger is refused; one of these is as good as a number
    assert joined == __([()])
    # why: torch looks at the number of dims and not at the number of elements. A single pair of
    #     brackets, [2.0] for 2.0, turns a working line into an error.


def test_item_brings_one_number_home(accelerator):
    """A single number over there can be taken out, and then it may join any tensor."""
    home = torch.zeros(2)
    total = torch.tensor([0.5, 3.0], device=accelerator).sum()

    # claims: A030 A062 B015
    # hint: total has no dims either, but is it on the CPU?
    # hint: a Python number goes anywhere
    # trap: total -> the exception is for tensors of the CPU; this one is on the other device
    # trap: int(total) -> that fetches the number and cuts off its half
    # trap: total.detach() -> a tensor still, and still over there
    moved = home + __(total.item())
    assert (moved.device.type, moved.tolist()) == ("cpu", [3.5, 3.5])
    # why: item(), tolist() and print() are done by the CPU: they wait until the device is ready and
    #     copy from it. In a loop that wait adds up.
    # picture: devices of home, total, moved


def test_an_index_must_not_come_from_another_device(accelerator):
    """Positions kept on a GPU cannot pick from a tensor that lives on the CPU."""
    data = torch.tensor([5.0, 6.0, 7.0])
    order = torch.tensor([2, 0], device=accelerator)

    # claims: A030 A060
    # hint: data stays where it is; bring the positions to it
    # trap: order -> the positions are right, and they are on a device where data is not
    # trap: order.to(torch.int32) -> the dtype was never the trouble
    # trap: order.to(data) -> to(data) takes the dtype along too, and floats are no positions
    # trap: order.clone() -> a copy, on the same device as before
    # trap: order.to(accelerator) -> it is there already
    picked = data[__(order.cpu())]
    assert picked.tolist() == [7.0, 5.0]
    # why: an index may be on the CPU or beside the tensor that it picks from. So CPU positions into
    #     a GPU tensor are fine, and only this way round fails.
    # picture: devices of data, order, picked


@pytest.mark.needs_cuda
def test_whole_numbers_have_no_matrix_product_on_cuda():
    """The CPU multiplies integer matrices; on CUDA torch has no such product."""
    whole = torch.tensor([[1, 2], [3, 4]], device="cuda")

    # claims: B030 B062
    # hint: the place is right this time; what about the dtype?
    # trap: whole -> both sides are on one device now, and still there is no such product of
    #     integers there
    # trap: whole.to(torch.int32) -> smaller integers are integers
    # trap: whole.cpu() -> that works, but then it is the CPU that multiplies
    matrix = __(whole.float())
    product = matrix @ matrix
    assert (product.is_cuda, product.tolist()) == (True, [[7, 10], [15, 22]])
    # why: not every operation exists for every dtype on every device, and a missing one is a
    #     RuntimeError as well. Read whether the message speaks of devices or of a dtype.

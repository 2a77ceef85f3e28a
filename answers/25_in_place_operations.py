"""In place: the tensor itself is changed.

Most operations answer with a new tensor. Some write into a tensor that is there already: a method
whose name ends in an underscore does, and it is not the only way. Whoever holds that tensor, under
any name or through a view, then finds other numbers in it.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.add_.html
"""

import contextlib
import math

import pytest
import torch

from koans import __, kata


def test_the_underscore_makes_the_difference(device):
    """add, mul and sub are the methods behind +, * and -; nobody keeps what these three give."""
    t = torch.tensor([1.0, 2.0], device=device)
    t.add_(10)
    t.mul(2)
    t.sub_(1)

    # claims: B019 B091
    # hint: write t down after each line
    # hint: which of the lines would be in vain if they were written with a plain +, * or -?
    # trap: [21.0, 23.0] -> one of the three does not touch t
    # trap: [1.0, 2.0] -> some of the three write into t
    # trap: [2.0, 4.0] -> that is the one whose answer is lost
    # trap: [11.0, 12.0] -> there is one more that writes into t
    assert t.tolist() == __([10.0, 11.0])
    # why: the underscore is a rule of torch: zero_(), clamp_() and copy_() write into their tensor
    #     as well. Without it, look for the name that the result is given.


def test_an_in_place_method_answers_with_its_own_tensor(device):
    """add_() has changed its tensor by the time it answers; what does it answer with?"""
    t = torch.tensor([3.0, 1.0], device=device)
    result = t.add_(1)
    result[0] = 0

    # claims: B091
    # hint: how many tensors are there in this koan?
    # trap: [4.0, 2.0] -> result is no copy; the 0 was written into t
    # trap: [0.0, 1.0] -> the addition went into t too
    # trap: [3.0, 1.0] -> both lines write into t
    # trap: [0.0, 0.0] -> result[0] is one element
    assert t.tolist() == __([0.0, 2.0])
    # why: Python's list.sort() answers with None to say that it works in place; torch answers with
    #     the tensor itself. `u = t.add_(1)` gives you no second tensor, only a second name.
    # picture: storage of t, result


def test_a_function_can_change_the_tensor_of_its_caller(device):
    """The function adds to the tensor it is given, and its caller still holds that tensor."""

    def brighten(image):
        image += 10
        return image

    photo = torch.tensor([100, 200], device=device)
    bright = brighten(photo)

    # claims: B091
    # hint: a call copies nothing: image is one more name for what photo names
    # hint: is += on a tensor short for image = image + 10, or is it something else?
    # trap: ([100, 200], [110, 210]) -> for a tensor, += is not image = image + 10
    # trap: ([100, 200], [100, 200]) -> the function did add, and it gave back what it added to
    # trap: ([110, 210], [120, 220]) -> there is one addition in all
    # trap: ([110, 210], [100, 200]) -> bright is what the function gave back, after it had added
    # trap: [110, 210] -> two tensors are asked for, in round brackets
    assert (photo.tolist(), bright.tolist()) == __(([110, 210], [110, 210]))
    # why: += on a tensor writes into it, and every name for it sees that. A function that should
    #     leave its arguments alone writes `image = image + 10`, or clones first.
    # picture: storage of photo, bright


def test_an_equals_sign_moves_a_name(device):
    """Let t be greater by one, while the other name keeps the old numbers."""
    t = torch.tensor([1.0, 2.0], device=device)
    alias = t

    # claims: B092
    # hint: a new tensor is needed; which operations make one?
    # trap: t.add_(1) -> that writes into the tensor that alias names too
    # trap: t[:].add_(1) -> a slice of everything is a view, and so the write goes into t
    # trap: t -> nothing was added
    # trap: t.clone() -> this is a new tensor, but nothing was added
    t = __(t + 1)
    assert (t.tolist(), alias.tolist()) == ([2.0, 3.0], [1.0, 2.0])
    # why: `t = ...` writes into no tensor; it lets the name t go to another one. `t += 1` writes,
    #     and the name stays with its tensor.
    # picture: storage of t, alias


def test_a_clone_remembers(device):
    """Keep the numbers of t, before the next line changes t in place."""
    t = torch.tensor([3.0, 4.0], device=device)

    # claims: B092
    # hint: what is kept needs a storage of its own
    # trap: t -> that is a second name for t
    # trap: t[:] -> that copies a list; of a tensor it is a view
    # trap: t.view(2) -> as its name says, a view: it looks at the same storage
    # trap: t.detach() -> that records nothing, but it lies over the same memory
    # trap: t.to(t.dtype) -> t has that dtype already, so to() answers with t itself
    before = __(t.clone())
    t += 1
    assert (before.tolist(), t.tolist()) == ([3.0, 4.0], [4.0, 5.0])
    # why: in-place operations reach everything that shares the storage. If an old value is wanted
    #     later, clone it before, not after.
    # picture: storage of before, t


def test_a_view_hands_writes_on(device):
    """Two changes are made to a part of t, and one of them reaches t."""
    t = torch.tensor([1, 2, 3], device=device)
    part = t[1:]
    part += 10
    part = part * 2

    # claims: B091
    # hint: at which line does part become another tensor?
    # trap: [1, 24, 26] -> the product is a new tensor, and part is now its name
    # trap: [1, 2, 3] -> a slice is a view, and += writes through it
    # trap: [1, 4, 6] -> it is the other line that writes
    # trap: [11, 12, 13] -> part does not look at the first element
    assert t.tolist() == __([1, 12, 13])
    # why: whoever writes through a view writes into the tensor behind it. An equals sign alone ends
    #     that: from then on the name stands for something else.
    # picture: storage of t, part


def test_what_is_written_in_place_must_fit_the_dtype(device):
    """t + 1.5 would be 2.5 and 3.5, and an int64 tensor has no room for these."""
    t = torch.tensor([1, 2], device=device)
    with pytest.raises(Exception) as caught:
        t += 1.5

    # claims: B084
    # hint: t + 1.5 would work; what is left to go wrong when its result is written to t?
    # hint: it is the error that torch raises most
    # trap: TypeError -> numpy's error for this is a kind of TypeError; torch has its usual one
    # trap: ValueError -> the value is fine, t + 1.5 would give floats
    # trap: OverflowError -> 2.5 is not too large; it is of another kind
    # trap: None -> t does not turn into floats, and += cuts nothing off to make it fit
    assert caught.type is __(RuntimeError)
    # why: an in-place operation can't change the dtype. t = t + 1.5 makes a new tensor of floats,
    #     t += 1.5 must write into the old one. `t /= 2` fails too, on even numbers as well. But
    #     copying is not arithmetic: t[0] = 2.5 and t.copy_() cut the fraction off, and say nothing.


def test_in_place_nothing_grows(device):
    """Tensors of four shapes are to be added into a vector of three; some of them are refused."""
    added = []
    for shape in [(1,), (3,), (1, 3), (2, 3)]:
        with contextlib.suppress(RuntimeError):
            torch.zeros(3, device=device).add_(torch.zeros(shape, device=device))
            added.append(shape)

    # claims: B023
    # hint: a plain + would take all four; what shapes would come out?
    # hint: the result must be written into a tensor of shape (3,)
    # trap: [(1,), (3,), (1, 3), (2, 3)] -> they all broadcast with (3,), but there must be room for
    #     the result
    # trap: [(3,)] -> the other tensor may be stretched; only the one that is written to may not
    # trap: [(1,), (3,), (1, 3)] -> three elements come out, but in two dims
    # trap: [(1, 3), (2, 3)] -> those are the ones that would need another shape
    # trap: [] -> a shape that is the same fits at any rate
    assert added == __([(1,), (3,)])
    # why: broadcasting stretches what is read, never what is written to. In-place arithmetic leaves
    #     a tensor its shape, as it leaves it its dtype and its device.


@kata
def black_out(image: torch.Tensor, top: int, bottom: int, left: int, right: int) -> torch.Tensor:
    """Return a copy of `image` in which a rectangle is 0.

    `image` has the shape (..., H, W): one picture, or pictures with any number of dims in front.
    The rectangle is the same in each picture: the rows from `top` up to `bottom` and, in them, the
    columns from `left` up to `right`, the ends not included. It lies within the picture and may be
    empty. It becomes 0 whatever stood there, inf and nan too. With a picture as a list of rows:

        for y in range(len(rows)):
            for x in range(len(rows[y])):
                if top <= y < bottom and left <= x < right:
                    rows[y][x] = 0

    The result has the shape, dtype and device of `image` and shares no memory with it. `image`
    itself stays as it was.
    """
    out = image.clone()
    out[..., top:bottom, left:right] = 0
    return out


# hint: which line makes a tensor that you may write into?
# hint: an ellipsis `...` in an index stands for all the dims in front
# wrong: image[..., top:bottom, left:right] = 0
#     return image -> the picture of the caller has turned black as well
# wrong: if top == bottom or left == right:
#         return image
#     out = image.clone()
#     out[..., top:bottom, left:right] = 0
#     return out -> where nothing is to be painted, a copy is asked for all the same
# wrong: out = image[:]
#     out[..., top:bottom, left:right] = 0
#     return out -> [:] copies a list; of a tensor it is a view
# wrong: out = image.clone()
#     out[top:bottom, left:right] = 0
#     return out -> with dims in front, these are not the rows and columns
# wrong: out = image.clone()
#     out[:, top:bottom, left:right] = 0
#     return out -> that takes exactly one dim in front
# wrong: out = image.clone()
#     out[..., top : bottom + 1, left : right + 1] = 0
#     return out -> a slice leaves out its end, and so does the rectangle
# wrong: out = image.clone()
#     out[..., left:right, top:bottom] = 0
#     return out -> rows come before columns
# wrong: mask = torch.ones_like(image)
#     mask[..., top:bottom, left:right] = 0
#     return image * mask -> inf and nan times 0 are nan, not 0
# wrong: return image.clone()[..., top:bottom, left:right].zero_() -> zero_() answers with what it
#     wrote into, and that is the rectangle alone
# wrong: image.clone()[..., top:bottom, left:right] = 0
#     return image -> the copy was painted, but no name holds it
# also: out = image.clone()
#     out.narrow(-2, top, bottom - top).narrow(-1, left, right - left).zero_()
#     return out -> without indexing
# also: return image.masked_fill(
#         torch.nn.functional.pad(
#             torch.ones(bottom - top, right - left, device=image.device),
#             (left, image.shape[-1] - right, top, image.shape[-2] - bottom),
#         ).bool(),
#         0,
#     ) -> without a temporary
# why: clone, then write through an index: the caller's tensor stays, and only the rectangle is
#     touched. With the ellipsis one line serves a picture, a batch and a video.


def test_black_out_paints_the_rectangle_and_nothing_else(device):
    """Rows 0 and 1, columns 1 and 2, in a picture of three rows and four columns."""
    image = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], device=device)
    black = black_out(image, 0, 2, 1, 3)
    expected = torch.tensor([[1, 0, 0, 4], [5, 0, 0, 8], [9, 10, 11, 12]], device=device)
    assert type(black) is torch.Tensor
    torch.testing.assert_close(black, expected, rtol=0, atol=0)


def test_black_out_takes_any_dims_in_front(device):
    """A picture alone, a batch of one, of three, of none, and a batch of colour pictures."""
    for dtype in (torch.float32, torch.uint8, torch.bool):
        picture = torch.tensor([[1, 1, 1], [1, 0, 0]], dtype=dtype, device=device)
        for front in [(), (1,), (3,), (0,), (2, 3)]:
            images = torch.ones(*front, 2, 3, dtype=dtype, device=device)
            black = black_out(images, 1, 2, 1, 3)
            torch.testing.assert_close(black, picture.expand(*front, 2, 3), rtol=0, atol=0)


def test_black_out_leaves_its_image_alone(device):
    """Not even a write into the result reaches the image, be the rectangle empty or not."""
    image = torch.tensor([[math.inf, 5.0], [math.nan, 6.0]], device=device)
    black = black_out(image, 0, 2, 0, 1)
    assert black.tolist() == [[0.0, 5.0], [0.0, 6.0]]
    empty = black_out(image, 1, 1, 0, 2)
    assert empty[:, 1].tolist() == [5.0, 6.0]
    narrow = black_out(image, 0, 2, 1, 1)
    for result in (black, empty, narrow):
        result[0] = 9
    assert str(image.tolist()) == "[[inf, 5.0], [nan, 6.0]]"


def test_black_out_takes_the_smallest_pictures(device):
    """One pixel turns black, and a picture without pixels keeps its shape."""
    pixel = torch.ones(1, 1, device=device)
    assert black_out(pixel, 0, 1, 0, 1).tolist() == [[0.0]]
    assert black_out(torch.ones(2, 0, 3, device=device), 0, 0, 0, 3).shape == (2, 0, 3)

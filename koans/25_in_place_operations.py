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

    assert t.tolist() == __


def test_an_in_place_method_answers_with_its_own_tensor(device):
    """add_() has changed its tensor by the time it answers; what does it answer with?"""
    t = torch.tensor([3.0, 1.0], device=device)
    result = t.add_(1)
    result[0] = 0

    assert t.tolist() == __


def test_a_function_can_change_the_tensor_of_its_caller(device):
    """The function adds to the tensor it is given, and its caller still holds that tensor."""

    def brighten(image):
        image += 10
        return image

    photo = torch.tensor([100, 200], device=device)
    bright = brighten(photo)

    assert (photo.tolist(), bright.tolist()) == __


def test_an_equals_sign_moves_a_name(device):
    """Let t be greater by one, while the other name keeps the old numbers."""
    t = torch.tensor([1.0, 2.0], device=device)
    alias = t

    t = __
    assert (t.tolist(), alias.tolist()) == ([2.0, 3.0], [1.0, 2.0])


def test_a_clone_remembers(device):
    """Keep the numbers of t, before the next line changes t in place."""
    t = torch.tensor([3.0, 4.0], device=device)

    before = __
    t += 1
    assert (before.tolist(), t.tolist()) == ([3.0, 4.0], [4.0, 5.0])


def test_a_view_hands_writes_on(device):
    """Two changes are made to a part of t, and one of them reaches t."""
    t = torch.tensor([1, 2, 3], device=device)
    part = t[1:]
    part += 10
    part = part * 2

    assert t.tolist() == __


def test_what_is_written_in_place_must_fit_the_dtype(device):
    """t + 1.5 would be 2.5 and 3.5, and an int64 tensor has no room for these."""
    t = torch.tensor([1, 2], device=device)
    with pytest.raises(Exception) as caught:
        t += 1.5

    assert caught.type is __


def test_in_place_nothing_grows(device):
    """Tensors of four shapes are to be added into a vector of three; some of them are refused."""
    added = []
    for shape in [(1,), (3,), (1, 3), (2, 3)]:
        with contextlib.suppress(RuntimeError):
            torch.zeros(3, device=device).add_(torch.zeros(shape, device=device))
            added.append(shape)

    assert added == __


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
    raise NotImplementedError


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

"""What a red koan says: what torch says, beside it what was written, and where the two part."""

import ast

import pytest
import torch
from _pytest.assertion.rewrite import rewrite_asserts

from torchkoans import simgpu, verdicts
from torchkoans.explaining import assertions, scene, slips, telling
from torchkoans.explaining.assertions import MOST_LINES
from torchkoans.source import Source

if simgpu.why_not() is None:
    simgpu.enable()  # while pytest collects: after the first backward of a test it is too late


@pytest.fixture
def fails(tmp_path):
    """What is said of a koan's lines that fail; «what stands in the blank» is marked."""

    def say(*lines, briefly=False):
        text = "\n".join(["import pytest, torch", "import numpy as np", "def test_it():"])
        text += "".join(f"\n    {line}" for line in lines)
        source, blanks = unmarked(text, tmp_path / "01_numbers.py")
        tree = ast.parse(source.text)
        rewrite_asserts(tree, source.data)  # as pytest does it; its hook is our conftest's
        space = {"__name__": "koan"}
        exec(compile(tree, source.path, "exec"), space)
        with pytest.raises(AssertionError) as caught:
            space["test_it"]()
        return assertions.words(caught.value, source, blanks, briefly).splitlines()

    return say


def unmarked(text, path):
    """The text without its « and », as a Source, and the spans that they have marked."""
    blanks, data = [], text.encode()
    while "«".encode() in data:
        start, end = data.index("«".encode()), data.index("»".encode())
        data = data[:start] + data[start + 2 : end] + data[end + 2 :]
        blanks.append((start, end - 2))
    return Source(path, data.decode()), blanks


T = "t = torch.tensor([[1.0, 2.0], [3.0, 4.0]])"

# -- the blank is a side ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("assert t.sum() == «11»", ["torch says   tensor(10.)", "you wrote    11"]),
        ("assert «11» == t.sum()", ["torch says   tensor(10.)", "you wrote    11"]),
        ("assert (t.sum() == («11»))", ["torch says   tensor(10.)", "you wrote    11"]),
        (
            "assert t.shape == «(2, 3)»",
            ["torch says   torch.Size([2, 2])", "you wrote    (2, 3)"],
        ),
        (
            "assert t.shape == «[2, 2]»",
            [
                "torch says   torch.Size([2, 2])",
                "you wrote    [2, 2]",
                "the right entries, but in round brackets: a tuple",
            ],
        ),
        (
            "assert t.tolist() == «[[1.0, 2.0], [4.0, 4.0]]»",
            [
                "torch says   [[1.0, 2.0], [3.0, 4.0]]",
                "you wrote    [[1.0, 2.0], [4.0, 4.0]]",
                "first difference at [1][0]: 3.0, not 4.0",
            ],
        ),
        (
            "assert t[0] == «[1.0, 2.0]»",
            [
                "torch says   tensor([1., 2.])   float32, shape (2,)",
                "you wrote    [1.0, 2.0]   a list",
                "a tensor, not a list",
            ],
        ),
        (
            "assert str(t[0, :1]) == «'tensor([1.0])'»",
            ["torch says   'tensor([1.])'", "you wrote    'tensor([1.0])'", " " * 24 + "^"],
        ),
        (
            "assert t.dtype == «'float32'»",
            [
                "torch says   torch.float32",
                "you wrote    'float32'",
                "the right one, but a dtype and not a string: without the quotes",
            ],
        ),
        ("assert t.dim() != «2»", None),
    ],
)
def test_torch_s_answer_stands_above_the_learner_s(fails, line, said):
    said = said or [
        "torch says   2",
        "you wrote    2",
        "torch's should be something else than yours",
    ]
    assert fails(T, line) == said


def test_what_was_typed_is_shown_with_its_value(fails):
    place = "place = torch.device('meta')"
    said = fails(T, place, "assert t.device.type == «place.type»")
    assert said[1] == "you wrote    place.type, that is 'meta'"


def test_a_method_that_nobody_called_is_named(fails):
    said = fails(T, "assert t.dim() == «t.dim»")
    assert said == [
        "torch says   2",
        "you wrote    t.dim, a method",
        "a method stands there that nobody called: write () after its name",
    ]


def test_classes_are_shown_as_they_are_written(fails):
    said = fails("caught = TypeError", "assert caught is «torch.nn.Linear»")
    assert said == ["torch says   TypeError", "you wrote    torch.nn.Linear"]


def test_the_entry_that_differs_is_called_by_its_name(fails):
    said = fails(T, "assert (t.ndim, t.numel(), len(t), t[0, 0].item(), 7) == «(2, 4, 3, 1.0, 7)»")
    assert said[2] == "len(t) is 2, not 3"


def test_of_a_tuple_that_holds_the_blank_only_its_entry_counts(fails):
    said = fails(T, "assert (t.dtype, t.device.type) == («torch.int64», 'cpu')")
    assert said == ["torch says   torch.float32", "you wrote    torch.int64"]


def test_in_a_chain_the_pair_that_failed_counts(fails):
    said = fails(T, "assert t.ndim == t.dim() == len(t.shape) == «3»")
    assert said == ["torch says   2", "you wrote    3"]


def test_a_known_mistake_needs_the_values_alone(fails):
    assert len(fails(T, "assert t.shape == «[2, 2]»", briefly=True)) == 2


def test_the_message_of_an_assert_is_no_part_of_the_comparison(fails):
    said = fails(T, "assert t.shape == «2, 2»")  # the comma that ends the comparison
    assert said[:2] == ["torch says   torch.Size([2, 2])", "you wrote    2"]


# -- the blank is above ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["assert t.device.type == 'meta'"], ["t.device.type is 'cpu', and should be 'meta'"]),
        (["assert 5 == t.numel()"], ["t.numel() is 4, and should be 5"]),
        (["u = «t.T»", "assert t.ndim == u.numel()"], ["u.numel() is 4, and should be 2"]),
        (
            ["assert (t.ndim, t[1].tolist()) == (2, [3.0, 5.0])"],
            ["t[1].tolist() is [3.0, 4.0], and should be [3.0, 5.0]"],
        ),
        (
            ["assert abs(t.mean() - «2») < 0.1"],
            ["abs(t.mean() - 2) is tensor(0.5000), and should be less than 0.1"],
        ),
        (["assert t.numel() in (1, 2)"], ["t.numel() is 4, and should be in (1, 2)"]),
        (["assert t.ndim != 2"], ["t.ndim should be something else than 2"]),
        (["assert 9 < t.numel()"], ["t.numel() is 4, and should be more than 9"]),
        (["assert not t.is_cpu"], ["t.is_cpu is True, and should be False"]),
        (
            ["assert t.is_leaf and t.is_cuda"],
            ["t.is_cuda is False, and should be True"],
        ),
        (["assert t.requires_grad"], ["t.requires_grad is False, and should be True"]),
        (["assert t.grad"], ["t.grad is None, and should be true"]),
    ],
)
def test_without_a_blank_beside_it_a_side_goes_by_its_text(fails, lines, said):
    assert fails(T, *lines) == said


def test_two_long_values_stand_below_each_other(fails):
    first, second = fails(T, "assert t.repeat(1, 3).tolist() == [[1.0] * 6, [3.0] * 6]")[:2]
    assert first.startswith("t.repeat(1, 3).tolist() is")
    assert first.index("[[") == second.index("[[")


def test_a_long_expression_is_left_to_the_line_itself(fails):
    said = fails(T, "assert [round(row.sum().item(), 1) for row in t] == [3.0, 8.0]")
    assert said == ["the assert gets [3.0, 7.0], and should get [3.0, 8.0]"]


def test_what_went_into_the_call_is_shown(fails):
    said = fails(T, "f, dim = (lambda t, dim: t.sum(dim)), 0", "assert f(t, dim).tolist() == 0")
    assert said[-2:] == ["with t = tensor([[1., 2.], [3., 4.]])", "with dim = 0"]


def test_two_tensors_are_compared_element_by_element(fails):
    said = fails(T, "u = t.clone()", "u[1, 0] = 9", "torch.testing.assert_close(u, t)")
    assert said == [
        "u is            tensor([[1., 2.], [9., 4.]])",
        "and should be   tensor([[1., 2.], [3., 4.]])",
        "first difference at [1, 0]: 3.0, not 9.0",
    ]
    said = fails(T, "u = t + 1", "assert torch.equal(t, u)")
    assert said[0] == "torch.equal(t, u) is False, and should be True"
    assert said[-1] == "first difference at [0, 0]: 2.0, not 1.0"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("t.T[:1]", "the shape is (1, 2), not (2, 2)"),
        ("t.double() + 1", "the dtype is float64, not float32"),
        ("t + 1", "first difference at [0, 0]: 2.0, not 1.0"),
    ],
)
def test_tensors_differ_by_shape_then_dtype_then_value(fails, other, said):
    assert fails(T, f"u = {other}", "torch.testing.assert_close(t, u)")[-1] == said


# -- never too much --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ["t = torch.rand(300, 400)", "assert t.tolist() == «[0.5]»"],
        ["t = torch.rand(300, 400)", "u = t + 1", "assert torch.equal(t, u)"],
        ["t = list(range(1_000_000))", "assert t == «[]»"],
        ["t = 'a' * 100_000", "assert t == «'b' * 100_000»"],
        ["t = np.ones((50, 50))", "assert str(t) == «t[0].tolist()»"],
        ["t = {n: n for n in range(10_000)}", "assert t == «{}»"],
        ["t = object()", "assert t == «print»"],
        ["t = [torch.rand(90) for _ in range(9)]", "assert len(t) == «t»"],
    ],
)
def test_it_is_a_few_short_lines_without_addresses(fails, lines):
    said = fails(*lines)
    assert 2 <= len(said) <= MOST_LINES
    assert max(map(len, said)) <= 100
    assert "0x" not in "".join(said)


def test_an_object_that_cannot_be_printed_is_no_hindrance(fails):
    broken = "class Broken: __repr__ = lambda self: 1 / 0"
    said = fails(broken, "assert Broken() == «3»")
    assert said == [
        "torch says   <Broken that cannot be printed: ZeroDivisionError>",
        "you wrote    3",
    ]


def test_spaces_inside_a_string_are_kept(fails):
    assert fails("assert 'a  b' == «'a b'»")[0] == "torch says   'a  b'"


def test_the_same_is_said_on_each_device(fails):
    if simgpu.why_not():
        pytest.skip(simgpu.why_not())
    here, there = (
        "\n".join(fails(f"t = torch.ones(2, device='{device}')", "assert t == «[1, 2]»"))
        for device in ("cpu", "simgpu")
    )
    assert verdicts.comparable(here) == verdicts.comparable(there)


# -- where nothing is to be said -------------------------------------------------------------------


def test_an_assertion_of_somebody_else_keeps_its_own_text(fails):
    assert fails("np.testing.assert_equal(1, 2)") == []
    assert fails("raise AssertionError('mine')") == []


def test_a_comparison_in_a_test_of_the_project_is_left_to_pytest():
    assert assertions.compared("==", 1, 2) is None


def test_a_comparison_that_was_overcome_is_forgotten(fails):
    overcome = ["try:", "    assert 1 == 2", "except AssertionError:", "    pass"]
    assert fails(*overcome, "assert not torch.ones(1).all()") == [
        "torch.ones(1).all() is True, and should be False"
    ]


# -- errors that are no assertions -----------------------------------------------------------------


@pytest.fixture
def slip(tmp_path):
    """The sentence that stands beside an error of another kind."""

    def say(*lines):
        text = "import torch\nimport numpy as np\n\n\ndef test_it():\n    t = torch.ones(2)\n    "
        source = Source(tmp_path / "01_numbers.py", text + "\n    ".join(lines))
        space = {"__name__": "koan"}
        exec(compile(source.text, source.path, "exec"), space)
        try:
            space["test_it"]()
        except Exception as error:
            return slips.sentence(error, scene.of(error, source, []))
        return None

    return say


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("t.to(cpu)", 'Python knows no cpu here; did you mean "cpu", in quotes?'),
        ("t.to(float16)", "Python knows no float16 here; did you mean torch.float16?"),
        ("tensor([1])", "Python knows no tensor here; did you mean torch.tensor?"),
        ("assert str(t) == tensor([1])", "str() gives a string: put quotes around it all"),
        ("tsum()", "did you mean t.sum?"),
        ("torchzeros(2)", "did you mean torch.zeros?"),
        ("true", "did you mean True?"),
        ("prnt(t)", "did you mean print?"),
        ("words = ['shape', 'dtype']; words == [shape]", 'did you mean "shape", in quotes?'),
        ("t = os", "os is not imported in this file"),
        ("t = nothing_like_it", "words need quotes, torch's names need torch."),
        ("x = x + 1", "x has no value yet on this line"),
        ("t = None; t.tolist()", "there is None before .tolist"),
        ("t.sum.item()", "sum is a method: call it first, with ()"),
        ("t.astype(int)", "a tensor has to(dtype) for that"),
        ("torch.flaot32", "did you mean torch.float32?"),
        ("[1, 2].shape", "a tensor has .shape, and this is a list"),
        ("t.shape()", "leave the () out"),
        ("t.size[0]", "nobody called: write () after its name"),
        ("t + t.sum", "nobody called: write () after its name"),
        ("t + None", "nothing can be calculated with None"),
        ("t + [1, 2]", "a tensor calculates with tensors and numbers"),
        ("torch.tensor([1], dtype='float32')", "a dtype is written without quotes"),
        ("torch.linspace(0, 1, [3])", "an argument is not of the kind that it takes"),
        ("torch.tensor(1, 2)", "takes its numbers in one list"),
        ("assert t == t", "several answers, where one was needed"),
    ],
)
def test_a_slip_of_the_pen_is_called_what_it_is(slip, line, said):
    assert said in slip(line)


def test_what_torch_says_well_itself_is_left_to_it(slip):
    assert slip("t @ torch.ones(3)") == ""


def test_an_error_s_own_text_is_cut_to_what_helps():
    with pytest.raises(TypeError) as caught:
        torch.linspace(0, 1, [3])
    (line,) = slips.own_words(str(caught.value)).splitlines()
    assert line.endswith("got (int, int, list)")
    assert slips.own_words("\n".join(map(str, range(50)))).splitlines()[-1] == "..."


# -- in pytest's own report ------------------------------------------------------------------------


def test_pytest_shows_the_same_words_and_no_traceback_of_ours(run_pytest, edit):
    edit("01", "item() == __", "item() == '7'")
    edit("01", "t[__]", "t[rows]")
    said = run_pytest("koans/01_numbers.py", "--device", "cpu")
    at = said.lines.index("E   torch says   7")
    assert said.lines[at + 1 : at + 3] == [
        "E   you wrote    '7'",
        "E   the right one, but a number and not a string: without the quotes",
    ]
    assert "E   NameError: name 'rows' is not defined" in said.lines
    assert "in other words" in said.output
    assert any(line.startswith("Python knows no rows here") for line in said.lines)
    assert "torchkoans" not in said.output


def test_an_explanation_that_fails_is_no_second_failure(monkeypatch):
    monkeypatch.setattr(telling, "_put_into_words", lambda *_: 1 / 0)
    assert telling.put_into_words(None, None, briefly=False) == ""

"""The real course: each trap and each piece of junk is red, each answer green, on all devices here.

Variants run in this process, without pytest's fixtures: thousands of them in seconds.
"""

import ast
import warnings

import pytest
import torch

from torchkoans import cut, devices, lesson, marks, restoring, simgpu, spelling
from torchkoans.course import Course
from torchkoans.source import parse

COURSE = Course()
LESSONS = {path.stem: path for path in COURSE.answer_files}
JUNK = [
    "None",
    "True",
    "False",
    "0",
    "1",
    "-1",
    "2",
    '""',
    '"cpu"',
    "[]",
    "()",
    "torch.Size([])",
    "float",
    "int",
    "...",
]
CLUMSY = (NameError, SyntaxError, ImportError)  # what a trap that was mistyped would raise
FOUND = devices.find()
if FOUND.uses(devices.SIMGPU):
    simgpu.enable()  # while pytest collects, before any backward()


@pytest.fixture(params=LESSONS)
def one(request):
    return lesson.load(LESSONS[request.param])


def devices_of(test):
    """The devices that a koan runs on here, as arguments for it."""
    names = [argument.arg for argument in test.args.args]
    wanted = {"device": FOUND.for_device, "accelerator": FOUND.for_accelerator}
    for name in names:
        if name in wanted:
            return [{name: torch.device(d)} for d, waits in wanted[name]() if not waits]
    return [{}]


def outcome(text, path, test, arguments):
    """What a koan raises in this text of its file, or None where it is green."""
    space = {"__name__": "koan"}
    try:
        with restoring.everything(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(text, str(path), "exec"), space)
            space[test.name](**arguments)
    except BaseException as error:
        return error
    return None


def variants(one):
    """(koan, its function, the blank, the file's text as a function of what stands in it)."""
    functions = {
        node.name: node for node in one.source.tree.body if isinstance(node, ast.FunctionDef)
    }
    for koan in one.koans:
        if koan.needs_cuda and FOUND.no_cuda:
            continue
        for blank in koan.blanks:
            yield koan, functions[koan.name], blank, with_code(one, blank)


def with_code(one, blank):
    return lambda code: one.source.spliced([(blank.span, code)]).text


# -- red and green ---------------------------------------------------------------------------------


def test_every_trap_is_red_and_not_by_a_typo(one):
    for koan, test, blank, text in variants(one):
        for trap in blank.traps:
            for arguments in devices_of(test):
                error = outcome(text(trap.code), one.path, test, arguments)
                assert error is not None, f"{koan.name}: the trap {trap.code} is green {arguments}"
                assert not isinstance(error, CLUMSY), f"{koan.name}: {trap.code}: {error!r}"


def test_junk_is_red_except_where_it_is_the_answer(one):
    for koan, test, blank, text in variants(one):
        for junk in JUNK:
            right = spelling.same(junk, blank.answer)
            for arguments in devices_of(test):
                error = outcome(text(junk), one.path, test, arguments)
                assert (error is None) is right, f"{koan.name}: {junk} {arguments}: {error!r}"


def test_the_answer_is_green_without_its_mark(one):
    for koan, test, blank, text in variants(one):
        for arguments in devices_of(test):
            error = outcome(text(blank.answer), one.path, test, arguments)
            assert error is None, f"{koan.name}: {arguments}: {error!r}"


def katas(one):
    """(kata, the tests that use it, its node) of a lesson."""
    nodes = {node.name: node for node in one.source.tree.body if isinstance(node, ast.FunctionDef)}
    for kata in one.katas:
        tests = [nodes[koan.name] for koan in one.koans if kata.name in koan.katas]
        yield kata, tests, nodes[kata.name]


def red_on(one, text, tests):
    return [
        error
        for test in tests
        for arguments in devices_of(test)
        if (error := outcome(text, one.path, test, arguments))
    ]


def test_every_tempting_wrong_kata_is_red(one):
    for kata, tests, node in katas(one):
        assert tests, f"{kata.name} is tested by nothing"
        assert kata.wrongs, f"{kata.name} names no wrong solution"
        for wrong in kata.wrongs:
            body = "".join(f"    {line}\n" for line in wrong.code.splitlines())
            text = one.source.spliced([(cut.body_span(one.source, node), body)]).text
            errors = red_on(one, text, tests)
            assert errors, f"{kata.name}: {wrong.code} is green"
            assert not any(isinstance(error, CLUMSY) for error in errors), f"{wrong.code}: {errors}"


def test_an_unwritten_kata_is_red_everywhere(one):
    for _, tests, _ in katas(one):
        errors = red_on(one, cut.pristine(one).text, tests)
        assert len(errors) == sum(len(devices_of(test)) for test in tests)
        assert all(isinstance(error, NotImplementedError) for error in errors)


# -- the form --------------------------------------------------------------------------------------


def blanks(one):
    return [(koan, blank) for koan in one.koans for blank in koan.blanks]


def test_every_blank_has_a_hint_a_trap_and_a_why(one):
    for koan, blank in blanks(one):
        assert blank.hints, koan.name
        assert blank.traps, koan.name
        assert koan.why, koan.name
        assert koan.claims, koan.name


def test_no_hint_gives_the_answer_away(one):
    for koan, blank in blanks(one):
        if len(blank.answer) > 3:
            assert not any(blank.answer in hint for hint in blank.hints), koan.name


def test_a_koan_has_one_blank_and_at_most_eight_lines(one):
    for node in one.source.tree.body:
        if isinstance(node, ast.FunctionDef) and marks.is_test(node) and marks.marks(node):
            docstring = marks.docstring_node(node)
            text = cut.pristine(one).lines
            cut_node = next(
                n
                for n in parse("\n".join(text), one.path).body
                if getattr(n, "name", "") == node.name
            )
            body = text[marks.docstring_node(cut_node).end_lineno : cut_node.end_lineno]
            code = [line for line in body if line.strip() and not line.strip().startswith("#")]
            assert docstring is not None
            assert len(code) <= 8, node.name
            assert len(marks.marks(node)) == 1, node.name


def test_a_sentence_is_said_once(one):
    for koan in one.koans:
        words = koan.name.removeprefix("test_").replace("_", " ")
        assert words.lower() not in koan.docstring.lower()


def test_a_lesson_has_five_to_nine_koans(one):
    assert 5 <= sum(bool(koan.blanks) for koan in one.koans) <= 9

"""What verify found out reaches a person, a program and a CI server whole, or not at all."""

import errno
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from torchkoans.source import CourseError
from torchkoans.verifying import annotations, as_json, junit, summary, wording
from torchkoans.verifying.report import (
    Audit,
    Count,
    DeviceProof,
    Disagreement,
    KoanProof,
    Problem,
    Promise,
    Report,
)
from torchkoans.verifying.writing import Reports

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=9)))
FILE = "answers/17_moving.py"
MOVES, STAYS = "test_it_moves", "test_it_stays"
NO_GPU = "waiting: torch 2.13.0+cpu is a build without CUDA"
NASTY = "t[__] | `a\\|b` <b>&amp; *x* $y$ \x1b[31m\x00 \ud800 ]]> 빈칸\n# not a heading"


def report(**changes):
    """A whole run in which all is well."""
    proof = Report(
        versions={"torch": "2.13.0+cpu", "numpy": "2.4.0", "python": "3.11.7"},
        devices={
            "cpu": DeviceProof("cpu", True, False, executed=2, passed=2, checks=40),
            "simgpu": DeviceProof("simgpu", True, True, executed=1, passed=1, checks=20),
            "cuda": DeviceProof("cuda", False, False, NO_GPU[9:], waiting=1),
        },
        counts={"lessons": 44, "koans": 2, "katas": 1, "claims_total": 9, "claims_taught": 9},
        promises=[Promise("koans are the cut of answers", "44 files")],
        koans=[
            KoanProof(FILE, MOVES, "cpu", "passed", checks=20, seconds=0.5),
            KoanProof(FILE, MOVES, "simgpu", "passed", checks=20, seconds=0.25),
            KoanProof(FILE, MOVES, "cuda", "waiting", NO_GPU),
            KoanProof(FILE, STAYS, "", "passed", checks=20),
        ],
        audit=Audit(50, 7, variants=60, blanks=12),
        seconds=22.25,
        import_seconds=2.5,
        peak_rss_mb=812.4,
    )
    proof.checks["junk"] = Count(1000, 0)
    for name, value in changes.items():
        assert hasattr(proof, name)
        setattr(proof, name, value)
    return proof


def problem(koan=MOVES, device="cpu", what="the trap passes", file=FILE, line=41, variant="trap 1"):
    return Problem(file, line, koan, device, variant, what)


def problems(count, **same):
    """So many, no two alike."""
    return [problem(koan=f"test_{number}", **same) for number in range(count)]


def test_people_are_told_once_what_is_the_same_on_several_devices_or_for_several_variants():
    same = [
        problem(device=device, variant=variant, line=line)
        for variant, line in (("trap 1", 41), ("trap 2", 42))
        for device in ("cpu", "simgpu")
    ]
    other = problem(what="another", device="cpu")
    (first, second) = report(problems=[*same, other]).told
    assert str(first) == f"{FILE}:41: {MOVES}: trap 1; trap 2 on cpu, simgpu: the trap passes"
    assert second == other
    strays = [problem("", "", "a stray", file=f"koans/{name}", line=None) for name in "ab"]
    assert report(problems=strays).told == strays


# -- JSON ----------------------------------------------------------------------------------------


def loaded(it):
    return json.loads(as_json.encoded(it, WHEN))


def test_the_json_has_all_that_was_promised_of_it():
    it = loaded(report(problems=[problem()]))
    assert set(it["devices"]) == {"cpu", "simgpu", "cuda"}
    device = {"available", "simulated", "executed", "passed", "waiting", "why_not", "facts"}
    for one in (*it["devices"].values(), it["no_device"]):
        assert set(one) == device | {"checks"}
    assert set(it["checks"]) == {"answers", "blanks", "traps", "junk", "katas"}
    assert it["checks"]["junk"] == {"run": 1000, "failed": 0}
    assert it["problems"] == [
        {
            "koan": MOVES,
            "device": "cpu",
            "variant": "trap 1",
            "what": "the trap passes",
            "file": FILE,
            "line": 41,
        }
    ]
    assert (it["seconds"], it["peak_rss_mb"], it["counts"]["koans"]) == (22.25, 812.4, 2)


def test_each_field_of_a_report_is_in_its_json():
    missing = set(vars(report())) - set(as_json.as_dict(report(), WHEN))
    assert not missing


def test_the_json_says_what_it_is_and_when_in_utc():
    it = loaded(report())
    assert (it["format"], it["format_version"]) == ("torch-koans verify", 1)
    assert it["date"] == "2026-01-01T18:04:05+00:00"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, (True, 0, True)),
        ({"answers_only": True}, (True, 0, False)),
        ({"problems": [problem()]}, (False, 1, True)),
        ({"partial": "stopped by Ctrl-C"}, (False, 2, False)),
    ],
)
def test_the_json_tells_proven_from_whole(changes, said):
    it = loaded(report(**changes))
    assert (it["proven"], it["exit_code"], it["whole"]) == said


def test_a_promise_that_is_broken_says_so_in_json():
    broken = Promise("no stray file", "one", (problem("", "", "a stray"),))
    it = loaded(report(promises=[broken]))["promises"][0]
    assert not it["kept"]
    assert it["problems"][0]["what"] == "a stray"


def test_whatever_a_koan_says_can_be_read_from_the_json_again():
    assert loaded(report(problems=[problem(what=NASTY)]))["problems"][0]["what"] == NASTY


def test_letters_of_the_world_stand_in_the_json_as_they_are():
    assert "빈칸".encode() in as_json.encoded(report(notes=["빈칸"]), WHEN)


# -- JUnit ---------------------------------------------------------------------------------------


def suite(it):
    return ET.fromstring(junit.encoded(it, WHEN)).find("testsuite")


def cases(it):
    return {(one.get("classname"), one.get("name")): one for one in suite(it).iter("testcase")}


def test_the_device_is_in_the_class_of_a_test_case():
    assert set(cases(report())) == {
        ("course", "koans are the cut of answers"),
        ("17_moving.cpu", MOVES),
        ("17_moving.simgpu", MOVES),
        ("17_moving.cuda", MOVES),
        ("17_moving.no_device", STAYS),
    }


def test_a_koan_that_waits_is_skipped_with_the_reason():
    skipped = cases(report())["17_moving.cuda", MOVES].find("skipped")
    assert skipped.get("message") == NO_GPU


def test_a_problem_makes_the_case_of_its_koan_on_its_device_fail_and_no_other():
    found = cases(report(problems=[problem(), problem(what="another")]))
    failed = [key for key, case in found.items() if case.find("failure") is not None]
    assert failed == [("17_moving.cpu", MOVES)]
    (failure,) = found["17_moving.cpu", MOVES].findall("failure")
    assert "the trap passes (and 1 more problem)" in failure.get("message")
    assert f"{FILE}:41" in failure.text
    assert "another" in failure.text


LOST = [
    problem("", "", "no koan at all"),
    problem("", "", "no file either", file="", line=None),
    problem("a_kata", "simgpu", "a kata"),
    problem(MOVES, "", "no device, though the koan takes one"),
    problem("test_unknown", "cuda", "no such koan"),
    problem(STAYS, "", "one without a device"),
    problem("", "", "of a document", file="docs/claims.md"),
    problem(MOVES, "cuda", "one that waits"),
]


@pytest.mark.parametrize("lost", LOST, ids=lambda one: one.what)
def test_no_problem_is_lost(lost):
    found = suite(report(problems=[lost]))
    (failure,) = found.iter("failure")
    assert lost.what in failure.text
    assert found.get("failures") == "1"


def test_what_is_about_no_koan_is_named_by_its_file():
    assert ("course", "docs/claims.md") in cases(report(problems=LOST))


def test_no_problem_is_lost_among_others():
    broken = Promise("no stray file", "one", (LOST[0],))
    texts = "".join(
        one.text for one in suite(report(problems=LOST, promises=[broken])).iter("failure")
    )
    assert all(texts.count(one.what) == 1 for one in LOST)


def test_a_broken_promise_fails_even_where_its_problem_stands_nowhere_else():
    broken = Promise("no stray file", "one", (problem("", "", "a stray"),))
    failure = cases(report(promises=[broken]))["course", "no stray file"].find("failure")
    assert "a stray" in failure.text


def test_a_koan_that_failed_fails_though_no_problem_tells_of_it():
    it = report(koans=[KoanProof(FILE, MOVES, "cpu", "failed", "it says 3")])
    failure = cases(it)["17_moving.cpu", MOVES].find("failure")
    assert failure.get("message") == "it says 3"


def test_what_is_wrong_on_every_device_is_told_on_each():
    wrong = problem(device="", what="the blank passes")
    failed = [KoanProof("17_moving.py", MOVES, device, "failed") for device in ("cpu", "simgpu")]
    found = cases(report(problems=[wrong], koans=failed))
    for device in ("cpu", "simgpu", "no_device"):
        assert "the blank passes" in found[f"17_moving.{device}", MOVES].find("failure").text


def test_a_run_that_was_stopped_is_an_error():
    it = suite(report(partial="stopped by Ctrl-C"))
    (error,) = it.iter("error")
    assert error.get("message") == "partial: stopped by Ctrl-C"
    assert it.get("errors") == "1"
    assert not [*suite(report()).iter("error")]


def test_the_counts_of_a_suite_are_those_of_its_cases():
    it = suite(report(problems=[problem(), *LOST], partial="x"))
    count = {tag: len([*it.iter(tag)]) for tag in ("testcase", "failure", "error", "skipped")}
    names = ("tests", "failures", "errors", "skipped")
    assert [int(it.get(name)) for name in names] == [*count.values()]
    assert min(count["failure"], count["error"]) >= 1


def test_what_xml_forbids_is_made_visible():
    said = problem(what=NASTY)
    it = report(problems=[said], notes=[NASTY], versions={NASTY: NASTY}, partial=NASTY)
    it.koans.append(KoanProof(FILE, NASTY, "cpu", "waiting", NASTY))
    found = suite(it)
    assert r"\x1b[31m\x00 \ud800 ]]> 빈칸" in found.find(".//failure").text
    waiting = [one.get("message") for one in found.iter("skipped")]
    assert waiting[-1] == wording.visible(NASTY)


@pytest.mark.parametrize("letter", ["\x00", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufffe"])
def test_no_letter_garbles_a_page_or_ends_a_line(letter):
    assert wording.visible(f"a{letter}b") == f"a{ascii(letter)[1:-1]}b"
    assert wording.visible("a\tb\n빈칸 𝕏") == "a\tb\n빈칸 𝕏"


def test_versions_and_devices_are_properties():
    it = {one.get("name"): one.get("value") for one in suite(report()).iter("property")}
    assert it["torch"] == "2.13.0+cpu"
    assert it["device simgpu (simulated)"] == "1 koan executed, 1 passed, 0 waiting"
    assert it["device cuda"].endswith("1 waiting (torch 2.13.0+cpu is a build without CUDA)")
    assert it["verdict"].startswith("PROVEN.")


def test_disagreements_and_notes_are_told_beside_the_cases():
    said = Disagreement(MOVES, "answer", {"cpu": "passed", "cuda": "failed"})
    out = suite(report(disagreements=[said], notes=["slow"])).find("system-out").text
    assert out == f"{MOVES}: answer: passed on cpu, failed on cuda\nslow"


THEIRS = """
import pytest
def test_a(record_testsuite_property):
    record_testsuite_property("a", "b")
    print("said")
def test_b(): assert 0
def test_c(): pytest.skip("c")
@pytest.fixture
def d(): assert 0
def test_d(d): pass
"""


def attributes(root):
    """Element to the names of its attributes."""
    found = {}
    for one in root.iter():
        found.setdefault(one.tag, set()).update(one.attrib)
    return found


def test_the_xml_has_no_element_and_no_attribute_that_pytest_would_not_write(tmp_path):
    (tmp_path / "test_it.py").write_text(THEIRS, encoding="utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-o", "junit_logging=all", "--junitxml=theirs.xml"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "--rootdir=.", *options]
    subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, timeout=60)
    theirs = attributes(ET.parse(tmp_path / "theirs.xml").getroot())
    ours = attributes(
        ET.fromstring(junit.encoded(report(problems=LOST[:-1], partial="x", notes=["y"]), WHEN))
    )
    assert all(names <= theirs[tag] for tag, names in ours.items())
    for needed in ("testsuite", "testcase", "failure", "error", "skipped", "property"):
        assert ours[needed] >= theirs[needed] - {"hostname"}  # that is nobody's business


# -- summary -------------------------------------------------------------------------------------


def tables(text):
    """Title to rows, as a reader of markdown shows them."""
    found, title = {}, ""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            title = shown(tokens[number + 1])
        elif token.type == "tr_open":
            found.setdefault(title, []).append([])
        elif token.type in ("th_open", "td_open"):
            found[title][-1].append(shown(tokens[number + 1]))
    return found


def shown(token):
    """The text of an inline token; anything but text and emphasis of our own stays visible."""
    plain = ("text", "text_special")
    return "".join(
        one.content if one.type in plain else f"<{one.type}>" for one in token.children or ()
    )


def test_the_page_begins_with_the_verdict_and_where_it_ran():
    begin = summary.as_markdown(report(), WHEN).splitlines()[:8]
    verdict = next(line for line in begin if line.startswith("**"))
    assert verdict.startswith("**PROVEN**. Ran on cpu, and on simgpu, which is a simulation")
    assert "Never ran on cuda (torch 2.13.0+cpu is a build without CUDA)." in verdict


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"problems": [problem()]}, "**NOT TRUE**: 1 problem."),
        ({"partial": "CUDA is required"}, "**PARTIAL**: CUDA is required."),
        ({"chosen": ("cpu",)}, "**PROVEN**, as far as was asked"),
    ],
)
def test_the_verdict_is_what_one_sees_first(changes, said):
    assert summary.as_markdown(report(**changes), WHEN).splitlines()[3].startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"problems": [problem()]}, "NOT TRUE: 1 problem. Ran on cpu"),
        (
            {"partial": "stopped by Ctrl-C", "problems": [problem()]},
            "PARTIAL: stopped by Ctrl-C. Nothing is proven, with 1 problem until then.",
        ),
        ({"partial": "the disk is full."}, "PARTIAL: the disk is full. Nothing is proven. Ran"),
        (
            {"lessons": ("17_moving.py",), "answers_only": True, "audit": None},
            "PROVEN, as far as was asked: lessons 17_moving alone and answers alone. Ran",
        ),
        ({"chosen": ("cpu",)}, "PROVEN, as far as was asked: devices cpu alone. Ran"),
        ({"audit": None}, "PROVEN, as far as was asked: no sample was held against plain"),
        ({"devices": {}}, "PROVEN. Nothing ran on any device. Never ran on cpu, simgpu and cuda."),
    ],
)
def test_the_verdict_says_no_more_than_was_proven(changes, said):
    assert wording.verdict(report(**changes)).startswith(said)


def test_a_gpu_that_ran_is_told_with_what_it_is():
    gpu = {"name": "NVIDIA H100", "count": 2, "memory_mb": 81559, "driver": "550.54"}
    devices = {"cuda": DeviceProof("cuda", True, False, facts=gpu, executed=2, passed=2, checks=9)}
    it = report(devices=devices)
    row = tables(summary.as_markdown(it, WHEN))["Devices"][1]
    assert row == [
        "cuda",
        "2",
        "2",
        "0",
        "9",
        "NVIDIA H100, count 2, memory 81,559 MiB, driver 550.54",
    ]
    assert "Ran on cuda. Never ran on cpu and simgpu." in wording.verdict(it)


def test_the_devices_say_which_is_simulated_and_which_never_ran():
    rows = tables(summary.as_markdown(report(), WHEN))["Devices"]
    assert [row[:2] for row in rows[1:]] == [
        ["cpu", "2"],
        ["simgpu (simulated)", "1"],
        ["cuda", "never ran"],
    ]


def test_problems_come_before_everything_but_the_totals():
    said = Disagreement(MOVES, "answer", {"cpu": "passed", "cuda": "failed"})
    it = report(problems=[problem()], disagreements=[said], notes=["slow"])
    page = summary.as_markdown(it, WHEN)
    titles = re.findall(r"^### (.+)$", page, re.MULTILINE)
    disagree = "Where cpu and cuda disagree"
    assert titles == ["Problems", "Devices", "Checks", "Promises", disagree, "Notes", "Versions"]
    assert tables(page)[disagree][1] == [MOVES, "answer", "passed", "failed"]
    assert "44 lessons, 2 koans, 1 kata, 9 claims total, 9 claims taught" in page
    assert page.index("1,000 checks, 0 failed") < page.index("### Problems")


def test_what_comes_from_code_is_shown_as_it_is_written():
    page = summary.as_markdown(report(problems=[problem(variant=NASTY)], notes=[NASTY]), WHEN)
    said = " ".join(wording.visible(NASTY).split())
    found = tables(page)
    assert found["Problems"][1] == [f"{FILE}:41", MOVES, "cpu", said, "the trap passes"]
    assert found["Notes"][1:] == [[said]]


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)


def test_no_code_becomes_html_or_a_formula():
    it = report(problems=[problem(what="<script>x</script> <!-- $\\alpha$ @me #1 ~~a~~ ![a](b)")])
    page = summary.as_markdown(it, WHEN)
    html = MarkdownIt("commonmark").enable(["table"]).render(page)
    assert not Tags(html).found & {"script", "img", "a", "s"}
    assert not set("$@~") & set(page)
    assert "&lt;script&gt;x" in html


def test_twenty_thousand_problems_fit_and_the_page_says_how_many_more_there_are():
    it = report(problems=[problem(what=f"빈칸 {number}: {NASTY}") for number in range(20_000)])
    page = summary.as_markdown(it, WHEN)
    assert 512 * 1024 < len(page.encode()) < 1024 * 1024
    shown = page.count(f"| {MOVES} |")
    assert f"{20_000 - shown:,} more of problems are not shown here; the report that" in page
    assert all(f"### {title}\n" in page for title in ("Devices", "Checks", "Promises", "Versions"))


@pytest.mark.parametrize("room", [summary.LEAST, summary.LEAST + 1, 40_000, summary.LIMIT])
def test_a_page_keeps_to_its_room_whatever_is_in_it(room):
    many = [
        problem(what="𝕏" * 5000, koan="<" * 5000 + str(number), variant="빈" * 5000)
        for number in range(500)
    ]
    it = report(
        problems=many,
        notes=["𝕏" * 5000] * 500,
        promises=[Promise("*" * 5000, "[" * 5000)] * 500,
        disagreements=[Disagreement("&" * 500, "|" * 500, {"cpu": "<" * 500, "cuda": ""})] * 500,
        partial="|" * 100_000,
        versions={f"{n} {'|' * 400}": "|" * 400 for n in range(100)},
    )
    page = summary.as_markdown(it, WHEN, room)
    assert len(page.encode()) <= room
    assert "**PARTIAL**" in page
    assert " more of problems are not shown here" in page
    assert " more of notes are not shown here" in page


# -- annotations ---------------------------------------------------------------------------------


def unescaped(line):
    """A workflow command taken apart as GitHub's runner does it."""
    command, data = re.fullmatch(r"::(.*?)::(.*)", line).groups()
    name, _, properties = command.partition(" ")
    pairs = dict(one.split("=", 1) for one in properties.split(",") if one)
    back = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
    for code, letter in back:
        pairs = {key: value.replace(code, letter) for key, value in pairs.items()}
        data = data if code in ("%3A", "%2C") else data.replace(code, letter)
    return name, pairs, data


def test_a_problem_is_an_error_at_its_line():
    (line,) = annotations.commands(report(problems=[problem()]))
    title = f"{MOVES} on cpu"
    assert line == f"::error file={FILE},line=41,title={title}::trap 1: the trap passes"


def test_nothing_is_annotated_where_all_is_well():
    assert annotations.commands(report()) == []


def test_what_would_end_a_command_is_escaped():
    said = "50%: a, b\r\nc::d %0A"
    it = problem(koan="a::b, c%\n", what=said, variant="", file="answers/a,b:c.py")
    (line,) = annotations.commands(report(problems=[it]))
    assert "\n" not in line
    place = {"file": "answers/a,b:c.py", "line": "41", "title": "a::b, c%\n on cpu"}
    assert unescaped(line) == ("error", place, said)


def test_a_problem_without_a_place_has_none_in_its_annotation():
    it = problem("", "", "no claim is taught", file="", line=3, variant="")
    assert annotations.commands(report(problems=[it])) == [
        "::error title=verify::no claim is taught"
    ]


@pytest.mark.parametrize(
    ("count", "lines", "more"), [(10, 10, 0), (11, 10, 2), (100_000, 10, 99_991)]
)
def test_there_are_ten_annotations_at_the_most_and_the_last_tells_of_the_rest(count, lines, more):
    said = annotations.commands(report(problems=problems(count)))
    assert len(said) == lines
    assert said[-1].startswith(
        f"::error title=verify::{more:,} more problems" if more else "::error f"
    )


def test_a_partial_run_is_annotated_first():
    said = annotations.commands(report(partial="stopped by Ctrl-C", problems=problems(11)))
    assert said[0] == "::error title=verify%3A partial::stopped by Ctrl-C: nothing is proven"
    assert len(said) == 10
    assert "3 more problems" in said[-1]


# -- before the work -----------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    """A folder that is laid out as a course is; nothing is run."""
    for name in ("answers", "koans", "scripts", "tests", "docs", ".git"):
        (tmp_path / "course" / name).mkdir(parents=True)
    (tmp_path / "course" / "README.md").write_text("# Read me\n", encoding="utf-8")
    return tmp_path / "course"


@pytest.fixture(autouse=True)
def _no_step(monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def refused(course, **paths):
    with pytest.raises(CourseError) as caught:
        Reports(**paths).refuse(course)
    said = str(caught.value)
    assert "\n" not in said
    return said


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_paths_that_can_be_written_are_not_refused_and_nothing_is_left_there(course, tmp_path):
    before = files(tmp_path)
    Reports(tmp_path / "a.json", course / "b.xml", tmp_path / "c.md").refuse(course)
    assert files(tmp_path) == before


def test_a_folder_is_refused(course, tmp_path):
    assert "it is a folder: name a file" in refused(course, json=tmp_path)


def test_a_missing_folder_is_refused_and_not_made(course, tmp_path):
    said = refused(course, junit=tmp_path / "reports" / "a.xml")
    assert "the folder reports is not there: make it" in said
    assert not (tmp_path / "reports").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(course):
    said = refused(course, summary=course / "README.md" / "a.md")
    assert "the folder README.md is a file" in said


def test_a_name_that_no_disk_takes_is_refused(course, tmp_path):
    assert "it cannot be written" in refused(course, json=tmp_path / ("a" * 300))


@pytest.mark.skipif(os.name == "nt", reason="there is no such device")
def test_what_is_no_file_is_not_replaced_by_one(course):
    assert "it is no regular file" in refused(course, json=Path(os.devnull))


def test_a_file_that_is_read_only_is_refused(course, tmp_path):
    path = tmp_path / "a.json"
    Reports(json=path).write(report(), WHEN)
    path.chmod(0o444)
    assert "it is read-only" in refused(course, json=path)


def test_a_file_that_the_system_refuses_is_refused(course, tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "it is read-only" in refused(course, json=path)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_folder_in_which_nothing_can_be_written_is_refused(course, tmp_path, monkeypatch, code):
    def no_file(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("tempfile.NamedTemporaryFile", no_file)
    said = refused(course, json=tmp_path / "a.json")
    assert said.endswith(f"it cannot be written: {os.strerror(code)}; name another file")


def test_one_file_for_two_reports_is_refused(course, tmp_path):
    said = refused(course, json=tmp_path / "a", summary=tmp_path / "course" / ".." / "a")
    assert "--json and --summary both name it" in said


@pytest.mark.parametrize("folder", ["answers", "koans", "scripts", "tests", "docs", ".git"])
def test_no_report_goes_into_a_folder_of_the_course(course, folder):
    said = refused(course, json=course / folder / "new.json")
    assert f"{folder}/ belongs to the course" in said


def test_a_way_round_leads_into_the_course_as_well(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course / "koans")
    assert "koans/ belongs to the course" in refused(course, json=Path("new.json"))
    if os.name != "nt":
        (tmp_path / "link").symlink_to(course / "answers")
        assert "answers/ belongs" in refused(course, json=tmp_path / "link" / "new.json")


def test_a_file_that_verify_did_not_write_is_refused(course, tmp_path):
    (tmp_path / "mine.json").write_text('{"mine": 1}', encoding="utf-8")
    (tmp_path / "empty.json").touch()
    for path in (course / "README.md", tmp_path / "mine.json"):
        assert "verify did not write this file" in refused(course, json=path)
    Reports(json=tmp_path / "empty.json").refuse(course)


def test_a_report_takes_the_place_of_one_of_its_kind_and_of_no_other(course, tmp_path):
    every = Reports(tmp_path / "a.json", tmp_path / "b.xml", tmp_path / "c.md")
    assert every.write(report(), WHEN) == []
    every.refuse(course)
    for kind in ("json", "junit", "summary"):
        own = getattr(every, kind)
        for other in {"json", "junit", "summary"} - {kind}:
            assert "verify did not write" in refused(course, **{other: own})


# -- after the work ------------------------------------------------------------------------------


def test_all_reports_are_written(tmp_path):
    every = Reports(tmp_path / "a.json", tmp_path / "b.xml", tmp_path / "c.md")
    every.write(report(notes=["old"] * 99), WHEN)
    assert every.write(report(), WHEN) == []
    assert json.loads((tmp_path / "a.json").read_bytes())["notes"] == []
    assert ET.parse(tmp_path / "b.xml").getroot().tag == "testsuites"
    assert (tmp_path / "c.md").read_text(encoding="utf-8") == summary.as_markdown(report(), WHEN)
    assert files(tmp_path) == {"a.json", "b.xml", "c.md"}


def test_nothing_is_written_that_was_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Reports().write(report(), WHEN) == []
    assert files(tmp_path) == set()


def test_a_full_disk_is_said_and_leaves_the_old_report_or_none(tmp_path, monkeypatch):
    every = Reports(tmp_path / "a.json", tmp_path / "b.xml", tmp_path / "c.md")
    Reports(json=every.json).write(report(), WHEN)
    old = every.json.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    said = every.write(report(notes=["new"]), WHEN)
    assert [error.path.name for error in said] == ["a.json", "b.xml", "c.md"]
    assert all("No space left" in str(error) for error in said)
    assert files(tmp_path) == {"a.json"}
    assert every.json.read_bytes() == old


def test_one_report_that_cannot_be_written_does_not_keep_back_the_others(tmp_path):
    (tmp_path / "a.json").mkdir()
    every = Reports(tmp_path / "a.json", tmp_path / "b.xml", tmp_path / "c.md")
    (error,) = every.write(report(), WHEN)
    assert error.path.name == "a.json"
    assert files(tmp_path) == {"b.xml", "c.md"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_one(tmp_path):
    (tmp_path / "latest").symlink_to(tmp_path / "a.json")
    Reports(json=tmp_path / "latest").write(report(), WHEN)
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "a.json").is_file()


# -- the summary of a step -----------------------------------------------------------------------


@pytest.fixture
def step(tmp_path, monkeypatch):
    """The file that GitHub gives a step for its summary."""
    path = tmp_path / "step_summary_1"
    path.touch()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    return path


def test_a_step_keeps_what_it_said_in_its_summary_before(course, step):
    step.write_text("# Earlier", encoding="utf-8")
    Reports(summary=step).refuse(course)
    Reports(summary=step).write(report(), WHEN)
    page = summary.as_markdown(report(), WHEN)
    assert step.read_text(encoding="utf-8") == f"# Earlier\n\n{page}"
    Reports(summary=step).write(report(), WHEN)
    assert step.read_text(encoding="utf-8").count("# Earlier") == 1
    assert step.read_text(encoding="utf-8").count("PROVEN") == 2


def test_the_summary_of_a_step_that_is_empty_or_gone_begins_with_the_page(step):
    for prepare in (step.touch, step.unlink):
        prepare()
        assert Reports(summary=step).write(report(), WHEN) == []
        assert step.read_text(encoding="utf-8") == summary.as_markdown(report(), WHEN)


def test_other_files_are_not_added_to_in_a_step(step, tmp_path):
    mine = Reports(summary=tmp_path / "c.md")
    mine.write(report(), WHEN)
    mine.write(report(), WHEN)
    assert mine.summary.read_text(encoding="utf-8").count("PROVEN") == 1
    assert step.read_bytes() == b""


def test_only_a_summary_is_added_to_the_summary_of_a_step(course, step):
    step.write_text("# Earlier", encoding="utf-8")
    assert "verify did not write" in refused(course, json=step)


def test_what_stands_in_the_summary_of_a_step_counts_towards_its_limit(course, step):
    step.write_bytes(b"x" * 900_000)
    Reports(summary=step).refuse(course)
    Reports(summary=step).write(report(problems=problems(20_000, what=NASTY)), WHEN)
    text = step.read_bytes()
    assert len(text) < 1024 * 1024
    assert text.startswith(b"x" * 900_000)
    assert b"more of problems are not shown here" in text


def test_the_summary_of_a_step_that_is_full_is_refused_and_left_as_it_is(course, step):
    step.write_bytes(b"x" * 1_040_000)
    assert "nearly the 1 MiB that GitHub allows" in refused(course, summary=step)
    (error,) = Reports(summary=step).write(report(), WHEN)
    assert "give verify a step of its own" in str(error)
    assert step.read_bytes() == b"x" * 1_040_000

"""docs/claims.md: every row has a koan or a home, and the last column says which."""

from collections import Counter

import blank
import pytest

from torchkoans import proving
from torchkoans.claims import FILE, Claims
from torchkoans.course import Course
from torchkoans.source import CourseError

TABLE = """# Claims

| row | often said | true | shown by |
|---|---|---|---|

## 01 Numbers

| row | often said | true | shown by |
|---|---|---|---|
| X001 | Digits are put side by side. | **False.** They are added up: `1 \\| 2` is 3. | |

## 02 Doubling

| X002 | Twice is double. | **True.** So it is. | |
| X003 | Doubling is fun. | **Advice.** Mostly. | |

## Elsewhere

| X004 | Half of it is false. | **Half true.** Not all of it. | |
"""


@pytest.fixture
def table(toy):
    """Write docs/claims.md of the toy course, whose koans know X001 and X002; give the Claims."""
    (toy.root / "docs").mkdir()
    (toy.root / "README.md").write_text("Halves.\n<!-- claims: X004 -->\n", encoding="utf-8")
    (answer,) = toy.answers.glob("02_*.py")
    text = answer.read_text(encoding="utf-8")
    answer.write_text(text.replace("import pytest", "# claims: X003\n\nimport pytest"))

    def write(text: str = TABLE) -> Claims:
        (toy.root / FILE).write_text(text, encoding="utf-8")
        return Claims(Course(toy.root))

    return write


def test_the_last_column_is_filled_in(table):
    claims = table()
    text = claims.refreshed.text
    link = "[01 a sum is a tensor](../koans/01_numbers.py)"
    assert f"added up: `1 \\| 2` is 3. | {link} |\n" in text
    assert "[02 kata double](../koans/02_doubling.py) |" in text
    assert "[02 the opening words](../koans/02_doubling.py) |" in text
    assert "[README](../README.md) |" in text
    assert table(text).refreshed.text == text


def test_what_is_in_order_has_no_problem(table):
    claims = table(table().refreshed.text)
    assert claims.problems() == []
    wanted = "4 claims (1 false, 1 half true): 3 in lessons, 1 in documents"
    assert claims.summary() == wanted


def test_an_old_column_is_a_problem(table):
    (problem,) = table().problems()
    assert problem == "docs/claims.md: its last column is out of date: python3 scripts/blank.py"


def test_a_row_that_nothing_shows_is_named(table):
    text = TABLE.replace("## Elsewhere", "| X009 | Zero is one. | **False.** No. | |\n## Elsewhere")
    problem = next(p for p in table(text).problems() if "X009" in p)
    assert problem == "docs/claims.md:17: no koan shows X009, and no document is its home"


def test_a_koan_that_names_an_unknown_row_is_named(table):
    problem = next(
        p for p in table(TABLE.replace("| X001 |", "| X008 |")).problems() if "X001" in p
    )
    assert problem == "answers/01_numbers.py:11: X001 is no row of docs/claims.md"


def test_a_row_stands_where_it_is_first_shown(table):
    text = TABLE.replace("## 02 Doubling", "").replace("## Elsewhere", "## 02 Doubling")
    said = [problem for problem in table(text).problems() if "first shown" in problem]
    assert said == [
        "docs/claims.md:14: X002 is first shown in answers/02_doubling.py:27: ## 02",
        "docs/claims.md:15: X003 is first shown in answers/02_doubling.py:1: ## 02",
        "docs/claims.md:19: X004 is first shown in README.md: the last section",
    ]


@pytest.mark.parametrize(
    "row",
    [
        "| X001 | said | **True.** true |",
        "| X001 | | **True.** true | |",
        "| X0011 | a | **b.** | |",
    ],
)
def test_a_row_that_is_none_is_refused(table, row):
    with pytest.raises(CourseError, match=r"docs/claims.md:4: a row is \| A001 \|"):
        table(f"# Claims\n\n\n{row}\n").problems()


def test_a_truth_without_its_word_is_refused(table):
    with pytest.raises(CourseError, match=r"the truth begins with a word in \*\*bold\.\*\*"):
        table("| X001 | said | true | |\n").problems()


def test_a_row_that_stands_there_twice_is_refused(table):
    with pytest.raises(CourseError, match="X001 stands on line 1 already"):
        table("| X001 | a | **True.** | |\n" * 2).problems()


def test_check_says_so(table, toy):
    table()
    proof = proving.claims_are_shown(Course(toy.root))
    assert not proof.holds
    table(table().refreshed.text)
    assert proving.claims_are_shown(Course(toy.root)).holds


def test_blank_brings_the_column_up_to_date(table, toy, capsys):
    table()
    arguments = ["--course", str(toy.root), "--yes"]
    assert blank.main([*arguments, "--check"]) == 1
    assert "docs/claims.md: which koan shows what has changed" in capsys.readouterr().out
    assert blank.main(arguments) == 0
    assert "docs/claims.md: which koan shows what" in capsys.readouterr().out
    assert Claims(Course(toy.root)).problems() == []
    assert blank.main([*arguments, "--check"]) == 0


def test_the_claims_of_the_opening_words_are_cut_away(table, toy):
    blank.main(["--course", str(toy.root), "--yes"])
    (path,) = toy.koans.glob("02_*.py")
    assert path.read_text(encoding="utf-8").startswith('"""Doubling.\n\nA koan that only')
    assert '"""\n\nimport pytest\n' in path.read_text(encoding="utf-8")


def test_the_introduction_of_the_real_one_counts_right():
    """docs/claims.md says how many rows are true, half true, false ...; each number is counted."""
    claims = Claims(Course())
    introduction = claims.source.text.split("\n## ")[0].replace("\n", " ")
    counted = Counter(claim.verdict for claim in claims.rows)
    for verdict, said in {
        "True": "{} are true",
        "Half true": "{} half true",
        "False": "{} false",
        "On a GPU": "{} were to be seen on a GPU only",
        "Depends on the version": "{} depend on the version",
        "Advice": "{} are advice",
        "A question": "{} questions",
    }.items():
        assert said.format(counted.pop(verdict)) in introduction
    assert f"Of {len(claims.rows)} rows" in introduction
    assert not counted

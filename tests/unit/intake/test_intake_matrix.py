"""A matrix of themes by cases, as NVivo exports it, is a table of counts; what it cannot be is said at once."""

import pytest

from cpis_analysis.intake.files.read_file import read_file
from cpis_analysis.plan.schema import Source

ROWS = [
    ["", "A : North, new", "B : North, usual", "C : South, new", "D : North, second group"],
    ["1 : High caseload", 5, 3, None, 2],
    ["2 : Crisis work", 0, 4, 1, 0],
]
CASES = {
    "North, new": {"trust": "N", "arm": "new"},
    "North, usual": {"trust": "N", "arm": "usual"},
    "South, new": {"trust": "S", "arm": "new"},
    "North, second group": {"trust": "N", "arm": "new"},
}


def delivered(folder, rows=ROWS, ending="xlsx", **settings):
    path = folder / f"matrix.{ending}"
    if ending == "csv":
        lines = (",".join(f'"{"" if cell is None else cell}"' for cell in row) for row in rows)
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    source = Source(file=path.name, holds="themes", **{"cases": CASES} | settings)
    return read_file(path, source, frozenset({"theme", "trust", "arm", "n_mentions"}))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_matrix_becomes_counts_by_theme_and_place(tmp_path, ending):
    found, problems = delivered(tmp_path, ending=ending)
    assert problems == []
    assert found.header == ("theme", "n_mentions", "trust", "arm")
    rows = list(zip(*(column.tolist() for column in found.columns), strict=True))
    assert rows == [
        ("High caseload", "7", "N", "new"),
        ("High caseload", "3", "N", "usual"),
        ("High caseload", "0", "S", "new"),
        ("Crisis work", "0", "N", "new"),
        ("Crisis work", "4", "N", "usual"),
        ("Crisis work", "1", "S", "new"),
    ]
    assert found.lines.tolist() == [2, 2, 2, 3, 3, 3]
    assert found.remarks[-1] == "a matrix of 2 themes by 4 cases"


def test_matrix_leaves_out_totals_that_the_plan_names(tmp_path):
    rows = [[*row, 99] for row in ROWS]
    rows[0][-1] = "E : Total"
    rows.append(["3 : Total", *[9] * 5])
    found, problems = delivered(tmp_path, rows, ignore=["Total"])
    assert problems == []
    assert set(found.columns[0]) == {"High caseload", "Crisis work"}


def test_matrix_lists_everything_that_is_wrong(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[0][1] = "A : Nort, new"
    rows[1][2] = "33%"
    rows[2][4] = -1
    rows.append(["3 : High caseload", 1, 1, 1, 1])
    found, problems = delivered(tmp_path, rows)
    assert found is None
    said = [(one.message, one.line, one.variable or one.value) for one in problems]
    assert said == [
        ("the plan does not say whose this column is", None, "Nort, new"),
        ("the matrix has no such case", None, "North, new"),
        ("the theme stands twice", 4, "High caseload"),
        ("is no number of codings", 2, "North, usual"),
        ("is no number of codings", 3, "North, second group"),
    ]
    assert "North, new" in problems[0].hint


def test_names_of_a_study_keep_a_beginning_that_not_all_of_them_have(tmp_path):
    rows = [["", "UK : North", "Usual"], ["1 : 1 goals", 1, 2], ["Crisis", 3, 4]]
    cases = {"UK : North": {"trust": "N", "arm": "new"}, "Usual": {"trust": "N", "arm": "usual"}}
    found, problems = delivered(tmp_path, rows, cases=cases)
    assert problems == []
    assert set(found.columns[0]) == {"1 : 1 goals", "Crisis"}


def test_numbers_before_rows_are_left_out_however_the_colon_is_spaced(tmp_path):
    rows = [ROWS[0], *([row[0].replace(" : ", ": "), *row[1:]] for row in ROWS[1:])]
    found, problems = delivered(tmp_path, rows)
    assert problems == []
    assert set(found.columns[0]) == {"High caseload", "Crisis work"}

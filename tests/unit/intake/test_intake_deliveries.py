"""Structural faults: one clear message each, all files at once, with file and line."""

import hashlib

import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.text_files.text_rows import read_rows
from intake_study import DESIGN, FILES, SOURCES, VARIABLES, clean_study, value_of, write_study

HEADER, FIRST, *REST = FILES["baseline"].splitlines()
BODY = "\n".join([FIRST, *REST]) + "\n"


def _fault(tmp_path, files=None, **more):
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, files, **more)
    return caught.value


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (None, "no such file", None),
        ("", "the file is empty", None),
        ("  \n\n", "the file is empty", None),
        (HEADER + "\n", "a header and no rows", None),
        (FILES["baseline"].encode().replace(b"P03", b"P\x003"), "NUL bytes", 4),
        (FILES["baseline"].encode().replace(b"P03", b"P\xe93").replace(b"P02", "Pé2".encode()), "is not utf-8 text", 4),
        (FILES["baseline"].encode("utf-16"), "UTF-16", None),
        (b"PK\x03\x04" + b"x" * 50, "damaged workbook", None),
        (HEADER.replace("age", "aeg") + "\n" + BODY, "the column 'age' is missing", 1),
        (HEADER.replace(",score", ",age") + "\n" + BODY, "the column 'age' stands 2 times", 1),
        (HEADER.replace(",score", ",") + "\n" + BODY, "column 7 has no name", 1),
        (HEADER + "\n" + BODY + "P09,2018-03-01,A\n", "the row has 3 cells where the header has 7", 7),
        (HEADER + "\n" + FIRST + ",more\n", "the row has 8 cells where the header has 7", 2),
        (HEADER + "\n" + FIRST + '\nP02,"2018\n', "never closed", 3),
        (HEADER + "\n" + FIRST + '\nP02,"2018"-03-02,A,South,male,41,51.5\n', "quotes inside a cell", 3),
    ],
)
def test_structural_fault_names_file_and_line(tmp_path, content, message, line):
    error = _fault(tmp_path, {"baseline": content})
    found = [problem for problem in error.problems if message in problem.message]
    assert len(found) == 1
    assert (found[0].file, found[0].line) == ("raw/baseline.csv", line)
    assert {problem.file for problem in error.problems} == {"raw/baseline.csv"}


def test_declared_separator_that_is_not_the_files_is_a_fault(tmp_path):
    source = SOURCES | {"baseline": SOURCES["baseline"] | {"delimiter": ","}}
    error = _fault(tmp_path, {"baseline": FILES["baseline"].replace(",", ";")}, sources=source)
    assert "the columns are separated by ';', not by ','" in str(error)


def test_declared_utf8_that_is_windows_text_is_a_fault(tmp_path):
    source = SOURCES | {"baseline": SOURCES["baseline"] | {"encoding": "utf-8"}}
    error = _fault(tmp_path, {"baseline": FILES["baseline"].encode().replace(b"P03", b"P\xe93")}, sources=source)
    assert "may be windows-1252" in str(error)


def test_misspelt_column_says_what_was_meant(tmp_path):
    problems = _fault(tmp_path, {"baseline": FILES["baseline"].replace("gender", "gendre")}).problems
    assert [problem.hint for problem in problems] == [
        "did you mean 'gendre'? If it is the same, write under the source rename: {gendre: gender}",
        "did you mean 'gender'?",
    ]


def test_faults_of_all_files_stand_in_one_message(tmp_path):
    files = {
        "baseline": "",
        "six_months": None,
        "teams": FILES["teams"].replace("fidelity", "fidelty"),
        "participants": FILES["participants"] + "P09,A\n",
    }
    text = str(_fault(tmp_path, files))
    for part in ("raw/baseline.csv", "raw/six_months.csv", "raw/teams.csv", "raw/participants.csv, line 8"):
        assert part in text


def test_column_of_another_file_says_where_it_belongs(tmp_path):
    text = FILES["baseline"].replace(",score", ",supported")
    assert "'supported' does not belong in this file: in the dictionary it is of wave 6m" in str(
        _fault(tmp_path, {"baseline": text})
    )


def test_many_cut_rows_are_one_line_of_the_message(tmp_path):
    [problem] = _fault(tmp_path, {"baseline": FILES["baseline"] + "P01,2018\n" * 500}).problems
    assert (problem.line, problem.count) == (7, 500)


def test_quoted_line_breaks_count_as_lines():
    rows, problems = read_rows('a,b\n1,"x\ny\nz"\n2,w\n\n3,v\n', "f.csv")
    assert problems == []
    assert [line for line, _ in rows.rows] == [2, 5, 6, 7]


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    content = b"\xef\xbb\xbf" + FILES["baseline"].replace("\n", "\r\n").encode()
    result = clean_study(tmp_path, {"baseline": content})
    assert value_of(result, "P02", "0m", "score") == 51.5
    assert len(result.audit) == 0


def test_delimiter_encoding_and_renamed_columns_of_the_plan(tmp_path):
    text = FILES["baseline"].replace("51.5", "51,5").replace("score", "Wert").splitlines()
    text = "\n".join([text[0].replace(",", ";"), *(line.replace(",", ";", 6) for line in text[1:])]) + "\n"
    source = SOURCES["baseline"] | {"delimiter": ";", "encoding": "windows-1252", "rename": {"Wert": "score"}}
    result = clean_study(tmp_path, {"baseline": text.encode("cp1252")}, sources=SOURCES | {"baseline": source})
    assert value_of(result, "P02", "0m", "score") == 51.5
    assert result.audit["rule"].tolist() == ["decimal_comma"]


def test_rename_of_no_column_is_a_fault(tmp_path):
    source = SOURCES["baseline"] | {"rename": {"Scor": "score"}}
    assert "the plan renames 'Scor'" in str(_fault(tmp_path, sources=SOURCES | {"baseline": source}))


def test_declared_windows_text_that_is_utf8_is_a_fault(tmp_path):
    source = SOURCES["six_months"] | {"encoding": "windows-1252"}
    files = {"six_months": FILES["six_months"].replace("moved", "zurück").encode()}
    assert "the text is UTF-8" in str(_fault(tmp_path, files, sources=SOURCES | {"six_months": source}))


def _sums(folder, names):
    lines = [f"{hashlib.sha256((folder / 'raw' / n).read_bytes()).hexdigest()}  {n}" for n in names]
    (folder / "raw/SHA256SUMS").write_text("\n".join(lines) + "\n")


def test_checksums_agree_and_differ(tmp_path):
    write_study(tmp_path)
    names = ["dictionary.csv", *(f"{name}.csv" for name in SOURCES)]
    _sums(tmp_path, names)
    assert len(clean_study(tmp_path, checksums="raw/SHA256SUMS").interviews) == 9
    error = _fault(tmp_path, {"baseline": FILES["baseline"].replace("51.5", "51.4")}, checksums="raw/SHA256SUMS")
    [problem] = error.problems
    assert (problem.file, "not the file that was delivered" in problem.message) == ("raw/baseline.csv", True)


def test_checksums_missing_line_or_list_is_a_fault(tmp_path):
    write_study(tmp_path)
    assert "raw/SHA256SUMS: there is no such file" in str(_fault(tmp_path, checksums="raw/SHA256SUMS"))
    _sums(tmp_path, ["dictionary.csv", "baseline.csv", "participants.csv", "teams.csv"])
    assert "raw/six_months.csv: has no checksum" in str(_fault(tmp_path, checksums="raw/SHA256SUMS"))
    (tmp_path / "raw/SHA256SUMS").write_text("not a checksum\n")
    assert "is not a line that sha256sum writes" in str(_fault(tmp_path, checksums="raw/SHA256SUMS"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"design": {"levels": [{"variable": "trust"}, {"variable": "tea"}]}}, "did you mean 'team'"),
        ({"design": {"arm": {"variable": "arm", "reference": "control"}}}, "reference arm is not among"),
        ({"design": {"arm": {"variable": "age", "reference": "1"}}}, "the arm must be a category"),
        ({"design": {"interview_date": "recruited_on"}}, "must be one that is asked at the waves"),
        ({"design": {"waves": [DESIGN["waves"][0], {"name": "9m", "label": "Nine", "months": 9}]}}, "not in the plan"),
        ({"cleaning": {"constant": ["gendr"]}}, "did you mean 'gender'"),
        ({"cleaning": {"constant": ["age"]}}, "not asked at both waves"),
        ({"sources": SOURCES | {"baseline": SOURCES["baseline"] | {"wave": None}}}, "must say of which wave"),
        ({"sources": {k: v for k, v in SOURCES.items() if k != "six_months"}}, "no source holds the interviews"),
        ({"sources": SOURCES | {"all": {"file": "raw/all.csv", "holds": "wide"}}}, "use one or the other"),
    ],
)
def test_plan_that_does_not_fit_the_dictionary_is_a_fault(tmp_path, change, message):
    assert message in str(_fault(tmp_path, **change))


def test_cells_never_raise_whatever_stands_in_them(tmp_path):
    strange = ["'; DROP TABLE", "=1+1", "\u202e123", "9" * 400, "😀", "-", "1e309", "--", "0x10", "½"]
    rows = [f"P0{at},{text},{text},{text},{text},{text},{text}" for at, text in enumerate(strange)]
    result = clean_study(tmp_path, {"baseline": HEADER + "\n" + "\n".join(rows) + "\n"})
    assert result.interviews.loc[result.interviews["wave"] == "0m", "score"].isna().all()


def test_a_column_that_the_plan_ignores_is_not_called_missing(tmp_path):
    source = SOURCES | {"baseline": SOURCES["baseline"] | {"ignore": ["age"]}}
    [problem] = _fault(tmp_path, sources=source).problems
    assert problem.message == "the plan ignores the column 'age', which the dictionary wants in this file"
    assert "take 'age' out of ignore:" in problem.hint


def test_a_column_ignored_under_another_spelling_is_not_called_missing(tmp_path):
    source = SOURCES | {"baseline": SOURCES["baseline"] | {"ignore": ["Age"]}}
    [problem] = _fault(tmp_path, {"baseline": HEADER.replace("age", "Age") + "\n" + BODY}, sources=source).problems
    assert "ignores the column 'Age'" in problem.message


def test_a_column_that_the_plan_reads_as_another_is_not_called_missing(tmp_path):
    source = SOURCES | {"baseline": SOURCES["baseline"] | {"rename": {"age": "score"}}}
    error = _fault(
        tmp_path, {"baseline": HEADER.replace(",score", "") + "\n" + FIRST.removesuffix(",50") + "\n"}, sources=source
    )
    assert [problem.message for problem in error.problems] == [
        "the plan reads the column 'age' as 'score', and the dictionary wants 'age' in this file too"
    ]


LONG = """\
participant_id,visit,trust,team,arm,recruited_on,status,loss_reason,interview_date,gender,age,score,supported,help,\
explained,note
P01,Baseline,A,North,implementation,2018-02-01,completed,,2018-03-01,female,40,50,,,,
P01,Six months,A,North,implementation,2018-02-01,completed,,2018-09-01,female,,60,yes,yes,no,
"""


def test_a_column_that_says_the_wave_is_not_called_missing(tmp_path):
    visit = ("visit", "interview", "text", "Visit", "", "", "", "", "", "", "0m;6m")
    sources = {"all": {"file": "raw/all.csv", "holds": "long"}}
    error = _fault(
        tmp_path,
        {"all": LONG},
        sources=sources,
        variables=[*VARIABLES[:-1], visit],
        design={"team_characteristics": []},
    )
    assert ["the column 'visit' says of which wave" in problem.message for problem in error.problems] == [True]
    assert "wave_column" in error.problems[0].hint


def test_a_wave_column_that_the_plan_renames_is_found_under_both_names(tmp_path):
    for named in ("visit", "when"):
        sources = {"all": {"file": "raw/all.csv", "holds": "long", "rename": {"visit": "when"}, "wave_column": named}}
        result = clean_study(tmp_path, {"all": LONG}, sources=sources, variables=VARIABLES[:-1])
        assert list(result.interviews["wave"]) == ["0m", "6m"]

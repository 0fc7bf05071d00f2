"""All waves in one row a person: with and without a recruitment log."""

import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from intake_study import aside_of, audit_of, clean_study, queries_of

WIDE = """\
pid,clinic,group,age,black,pd_bl,pd_v5,bop_bl,bop_v5
1,NY,C,25,No,2.696,2.929,48.2,86.3
2,NY,T,21,Yes,2.685,,79.8,
3,KY,C,30,No,3.1,2.5,,20
4,KY,T,31,No,3.2,"2,6",30,21
"""
VARIABLES = [
    ("pid", "opt", "text", "Person", "", "", "", "", "", "", ""),
    ("clinic", "opt", "radio", "Clinic", "NY, New York | KY, Kentucky", "", "", "", "", "", ""),
    ("group", "opt", "radio", "Group", "C, Control | T, Treatment", "", "", "", "", "", ""),
    ("age", "opt", "text", "Age", "", "integer", "16", "60", "", "", ""),
    ("black", "opt", "radio", "Black", "No, No | Yes, Yes", "", "", "", "", "", ""),
    ("pd", "opt", "text", "Pocket depth", "", "number", "0", "15", "", "", "bl;v5"),
    ("bop", "opt", "text", "Bleeding", "", "number", "0", "100", "", "-1, Missing", "bl;v5"),
]
DESIGN = {
    "participant": "pid",
    "arm": {"variable": "group", "reference": "C"},
    "levels": [{"variable": "clinic"}],
    "interview_date": None,
    "waves": [{"name": "bl", "label": "Baseline", "months": 0}, {"name": "v5", "label": "Visit 5", "months": 5}],
}
NONE = dict.fromkeys(("participants", "baseline", "six_months", "teams"))


def _clean(tmp_path, wide=WIDE, sources=None, files=None, cleaning=None):
    sources = sources or {"opt": {"file": "raw/opt.csv", "holds": "wide"}}
    return clean_study(
        tmp_path,
        {**NONE, "opt": wide, **(files or {})},
        VARIABLES,
        sources=sources,
        design=DESIGN,
        cleaning=cleaning or {},
    )


def test_wide_becomes_people_and_interviews(tmp_path):
    result = _clean(tmp_path)
    assert result.participants.columns.tolist() == ["pid", "clinic", "group", "age", "black", "source", "line"]
    assert result.participants["pid"].tolist() == ["1", "2", "3", "4"]
    talks = result.interviews
    assert talks.columns.tolist() == ["pid", "wave", "pd", "bop", "source", "line"]
    assert talks[talks["wave"] == "v5"]["pid"].tolist() == ["1", "3", "4"]
    assert talks.loc[(talks["pid"] == "4") & (talks["wave"] == "v5"), "pd"].item() == 2.6
    assert result.teams is None
    assert result.themes is None
    assert audit_of(result, "pd_v5") == [("4", "2,6", "2.6", "decimal_comma")]
    assert result.reconciliation["rows_out"].tolist() == [4]


def test_wide_interview_exists_where_anything_was_answered(tmp_path):
    result = _clean(tmp_path, WIDE.replace("3,KY,C,30,No,3.1,2.5,,20", "3,KY,C,30,No,,2.5,-1,20"))
    assert result.interviews["pid"].tolist() == ["1", "2", "4", "1", "4"]
    assert queries_of(result) == [("3", "", "followup_without_baseline")]
    assert audit_of(result, "pd_v5")[0] == ("3", "2.5", "", "followup_without_baseline")
    assert len(result.participants) == 4


def test_wide_duplicate_person_conflicts_cell_by_cell(tmp_path):
    result = _clean(tmp_path, WIDE + "1,NY,C,25,No,2.7,2.929,48.20,86.3\n")
    assert aside_of(result) == [("opt", 6, "1", "conflicting_duplicate")]
    assert queries_of(result) == [("1", "pd_bl", "conflicting_duplicate")]


def test_wide_missing_and_unknown_columns(tmp_path):
    with pytest.raises(DataError) as caught:
        _clean(tmp_path, WIDE.replace("pd_v5", "pd_v6").replace("age", "agee"))
    text = str(caught.value)
    assert "the column 'pd_v5' is missing; did you mean 'pd_v6'?" in text
    assert "the column 'age' is missing; did you mean 'agee'?" in text


def test_wide_beside_a_recruitment_log(tmp_path):
    log = "pid,clinic,group\n1,NY,C\n2,NY,T\n3,KY,C\n5,KY,T\n"
    sources = {"log": {"file": "raw/log.csv", "holds": "participants"}, "opt": {"file": "raw/opt.csv", "holds": "wide"}}
    result = _clean(tmp_path, WIDE.replace("1,NY,C", "1,KY,C"), sources, {"log": log})
    assert result.participants["pid"].tolist() == ["1", "2", "3", "5"]
    assert result.participants["age"].tolist()[:3] == [25, 21, 30]
    assert pd.isna(result.participants["age"].tolist()[3])
    assert aside_of(result) == [("opt", 5, "4", "not_in_log")]
    assert queries_of(result) == [("1", "clinic", "clinic_of_log"), ("4", "", "not_in_log")]


def test_no_log_people_are_those_interviewed_at_baseline(tmp_path):
    long = {
        wave: f"pid,pd,bop{extra}\n{rows}"
        for wave, extra, rows in [
            ("bl", ",clinic,group,age,black", "1,2.5,40,NY,C,25,No\n2,2.6,41,KY,T,26,Yes\n"),
            ("v5", "", "1,2.1,30\n3,2.2,31\n"),
        ]
    }
    sources = {wave: {"file": f"raw/{wave}.csv", "holds": "interviews", "wave": wave} for wave in long}
    result = _clean(tmp_path, None, sources, long)
    assert result.participants[["pid", "age"]].to_numpy().tolist() == [["1", 25.0], ["2", 26.0]]
    assert result.interviews["pid"].tolist() == ["1", "2", "1"]
    assert aside_of(result) == [("v5", 3, "3", "not_in_log")]


NAMELESS = "\n".join(line.split(",", 1)[1] for line in WIDE.splitlines()) + "\n"


def _numbered(tmp_path, wide=NAMELESS, more=None, **source):
    opt = {"file": "raw/opt.csv", "holds": "wide", "number_rows": True, **source}
    return _clean(tmp_path, wide, {"opt": opt, **(more or {})})


def test_wide_rows_that_name_nobody_are_people_called_by_file_and_line(tmp_path):
    result, named = _numbered(tmp_path / "a"), _clean(tmp_path / "b")
    assert result.participants["pid"].tolist() == ["opt-2", "opt-3", "opt-4", "opt-5"]
    for frame in ("participants", "interviews"):
        pd.testing.assert_frame_equal(
            getattr(result, frame).drop(columns="pid"), getattr(named, frame).drop(columns="pid")
        )
    assert audit_of(result, "pd_v5") == [("opt-5", "2,6", "2.6", "decimal_comma")]
    assert result.sources["found"].tolist() == ["names nobody: people are called by source and line"]
    assert result.sources["columns"].tolist() == [8]


def test_wide_rows_are_not_numbered_where_a_column_names_people_or_several_files_do(tmp_path):
    with pytest.raises(DataError, match="the plan numbers the rows, but the column 'pid' names people"):
        _numbered(tmp_path / "a", WIDE)
    log = {"log": {"file": "raw/opt.csv", "holds": "participants"}}
    with pytest.raises(DataError, match="several files are about people, as nothing links their rows"):
        _numbered(tmp_path / "b", more=log)
    with pytest.raises(DataError, match="so interviews of one person would never meet"):
        _numbered(tmp_path / "c", holds="long")


def test_wide_row_names_of_r_are_not_read_and_other_nameless_columns_are_refused(tmp_path):
    lines = WIDE.splitlines()
    numbered = "\n".join([f",{lines[0]}", *(f"{at},{line}" for at, line in enumerate(lines[1:], start=1))])
    result, plain = _clean(tmp_path / "a", numbered), _clean(tmp_path / "b")
    pd.testing.assert_frame_equal(result.participants, plain.participants)
    assert result.sources["found"].tolist() == ["the first column has no name and numbers the rows; it is not read"]
    other = "\n".join([f",{lines[0]}", *(f"7,{line}" for line in lines[1:])])
    with pytest.raises(DataError, match="column 1 has no name"):
        _clean(tmp_path / "c", other)

"""The account: columns of the four lists, and proof that an unexplained change is noticed."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.reconciliation import check_frame, reconcile, rows_left_out
from cpis_analysis.intake.account.working_tables import Part, Stack, Table
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.final_check import check_clean
from intake_study import FILES, changed, clean_study, plan_parts, study_dictionary, write_study

pytestmark = pytest.mark.thorough

DIRTY = changed("baseline", ("P01,2018-03-01,A,North,female,40,50", 'P01,01/03/2018, A,Nort,Female,999,"50,5"'))


def _texts(*items):
    return np.array(items, dtype=object)


def _table():
    return Table(
        "s",
        "s.csv",
        "interviews",
        "0m",
        np.array([2, 3, 5]),
        {"id": _texts("a", "b", "c"), "x": _texts("1", "2", "")},
        {"id": Variable("id", "f", "Id"), "x": Variable("x", "f", "X", "number")},
    )


def test_audit_columns_are_exactly_those_promised(tmp_path):
    result = clean_study(tmp_path, DIRTY)
    assert result.audit.columns.tolist() == [
        "source",
        "line",
        "participant",
        "variable",
        "before",
        "after",
        "rule",
        "reason",
    ]
    assert result.set_aside.columns.tolist() == ["source", "line", "participant", "rule", "reason"]
    assert result.queries.columns.tolist() == [
        "query_id",
        "source",
        "line",
        "participant",
        "variable",
        "value",
        "rule",
        "question",
        "meanwhile",
    ]


def test_audit_empty_has_the_same_columns_and_types(tmp_path):
    full = clean_study(tmp_path / "a", DIRTY | {"six_months": FILES["six_months"] + "\n"})
    empty = clean_study(tmp_path / "b")
    for name in ("audit", "set_aside"):
        assert getattr(full, name).dtypes.tolist() == getattr(empty, name).dtypes.tolist()
    assert empty.queries.columns.tolist() == full.queries.columns.tolist()


def test_audit_one_line_per_change_in_order(tmp_path):
    audit = clean_study(tmp_path, DIRTY).audit
    assert audit[["variable", "before", "after", "rule", "reason"]].to_numpy().tolist() == [
        ["interview_date", "01/03/2018", "2018-03-01", "date_format", "the date was written day/month/year"],
        ["trust", " A", "A", "white_space", "white space was taken away"],
        ["team", "Nort", "North", "team_spelling", "only 'North' is alike among those of trust A (likeness 0.89)"],
        ["gender", "Female", "female", "code_spelling", "the code was written in another case or spacing"],
        ["age", "999", "", "missing_code", "Missing"],
        ["score", "50,5", "50.5", "decimal_comma", "a decimal comma was typed"],
    ]
    assert set(audit["line"]) == {2}


def test_reconciliation_counts_by_hand(tmp_path):
    files = DIRTY | {"participants": FILES["participants"] + "\n"}
    account = clean_study(tmp_path, files).reconciliation.set_index("source")
    assert account.loc["baseline"].to_dict() == {
        "file": "raw/baseline.csv",
        "rows_in": 5,
        "rows_out": 5,
        "rows_set_aside": 0,
        "cells_in": 35,
        "cells_set_aside": 0,
        "cells_unchanged": 29,
        "cells_changed": 5,
        "cells_set_missing": 1,
        "cells_filled": 0,
        "cells_out": 34,
    }
    assert account.loc["participants", ["rows_in", "rows_out", "rows_set_aside"]].tolist() == [7, 6, 1]


def test_reconciliation_change_without_audit_line_stops():
    table = _table()
    table.write("x", np.array([1]), _texts("7"))
    journal = Journal([table], "id")
    with pytest.raises(DataError, match=r"s\.csv, line 3, variable x: the cell was changed without an audit line"):
        reconcile([table], journal.audit(), journal.rows_set_aside())


def test_reconciliation_audit_line_that_does_not_lead_to_the_value_stops():
    table = _table()
    journal = Journal([table], "id")
    journal.change(table, np.array([1]), "x", "7", "rule", "reason")
    table.write("x", np.array([1]), _texts("8"))
    with pytest.raises(DataError, match="do not lead from the raw to the clean value"):
        reconcile([table], journal.audit(), journal.rows_set_aside())


def test_reconciliation_row_lost_without_reason_stops():
    table = _table()
    table.kept[0] = False
    journal = Journal([table], "id")
    with pytest.raises(DataError, match="3 rows in, 2 out, 0 set aside"):
        reconcile([table], journal.audit(), journal.rows_set_aside())


def test_typing_that_loses_a_value_is_noticed():
    stack = Stack([Part(_table(), {"id": "id", "x": "x"})], "id")
    good = pd.DataFrame({"id": ["a", "b", "c"], "x": [1.0, 2.0, np.nan]})
    assert check_frame(good, stack) == []
    [problem] = check_frame(good.assign(x=[1.0, np.nan, np.nan]), stack)
    assert problem.variable == "x"


def test_gate_finds_all_that_the_dictionary_forbids(tmp_path):
    result = clean_study(tmp_path)
    frame = result.interviews.copy()
    frame.loc[0, "score"] = 101
    frame.loc[1, "age"] = 40.5
    frame.loc[2, "participant_id"] = "P02"
    with pytest.raises(DataError) as caught:
        check_clean({"interviews": frame}, {"interviews": ["participant_id", "wave"]}, study_dictionary(tmp_path))
    assert {problem.variable for problem in caught.value.problems} >= {"score", "age", "participant_id"}


def test_query_numbers_stay_when_other_queries_come(tmp_path):
    first = changed("baseline", ("female,42", "female,420"))
    more = {"baseline": first["baseline"].replace("male,41", "male,410")}
    one, two = (clean_study(tmp_path / name, files).queries for name, files in (("a", first), ("b", more)))
    assert set(one["query_id"]) < set(two["query_id"])
    assert two["query_id"].is_unique


def test_raw_files_are_never_touched(tmp_path):
    write_study(tmp_path, DIRTY)
    before = {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}
    data, design, cleaning = plan_parts()
    clean(data, design, cleaning, study_dictionary(tmp_path), tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()} == before


def test_shuffled_rows_give_the_same_clean_data(tmp_path):
    one = clean_study(tmp_path / "a", DIRTY)
    header, *rows = DIRTY["baseline"].splitlines()
    two = clean_study(tmp_path / "b", {"baseline": "\n".join([header, *reversed(rows)]) + "\n"})
    frames = [
        result.interviews.drop(columns="line").sort_values(["participant_id", "wave"]).reset_index(drop=True)
        for result in (one, two)
    ]
    pd.testing.assert_frame_equal(*frames)


def test_rows_left_out_are_counted_by_rule_with_their_reason(tmp_path):
    header, *rows = FILES["six_months"].splitlines(keepends=True)
    other = "".join(row.replace("P0", "P9") if row.startswith("P0") else row for row in rows)
    # P9.. are in the log, and nobody asked them at baseline; X1 is not in the log
    log = FILES["participants"] + "".join(f"P9{i},A,North,implementation,2018-02-01,completed,\n" for i in range(1, 5))
    result = clean_study(
        tmp_path, {"participants": log, "six_months": header + other + "X1,2018-09-09,A,North,male,1,,,,\n"}
    )
    assert rows_left_out(result.set_aside, result.queries) == (
        "4 rows by the rule followup_without_baseline: there is no interview of the wave 'Baseline'",
        "1 row by the rule not_in_log: the participant is not in the recruitment log",
    )


def test_rows_left_out_name_no_line_of_a_row():
    aside = pd.DataFrame({"rule": ["conflicting_duplicate"], "reason": ["another version of line 103 of a.csv"]})
    nothing = pd.DataFrame({"rule": [], "meanwhile": []})
    assert rows_left_out(aside, nothing) == ("1 row by the rule conflicting_duplicate",)


def test_rows_left_out_of_a_wide_file_are_its_follow_ups_without_answers(tmp_path):
    queries = pd.DataFrame(
        {
            "rule": ["followup_without_baseline"] * 3 + ["out_of_range"],
            "meanwhile": ["answers set missing"] * 3 + ["set missing"],
        }
    )
    nothing = pd.DataFrame({"rule": [], "reason": []})
    assert rows_left_out(nothing, queries) == (
        "3 follow-ups by the rule followup_without_baseline: its answers were set missing",
    )

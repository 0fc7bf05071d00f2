"""Files that are corrupted at random: a clear refusal or a closed account, never anything else.

Where the account closes, what came out is written as raw files and cleaned again: nothing may change.
"""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from cpis_analysis.errors import DataError
from cpis_analysis.intake.clean import CleanData
from intake_study import FILES, clean_study

pytestmark = pytest.mark.thorough

NAMES = ("participants", "baseline", "six_months", "teams")
KNOWN = [
    "",
    " ",
    "-9",
    "-8",
    "999",
    "9",
    "0",
    "1",
    "50",
    "101",
    "-1",
    "1,5",
    "1,234",
    "36,0",
    "seventy",
    "about 5",
    "1e999",
    "nan",
    "yes",
    "Yes",
    "NO",
    "no ",
    "y",
    "unsure",
    "female",
    "Male",
    " Female",
    "North",
    "NORTH ",
    "Nort",
    "Nouth",
    "North team",
    "East",
    "team",
    "A",
    "a",
    "Trust B",
    "Turst A",
    "F",
    "P01",
    "p 02",
    "P06",
    "P99",
    "P1",
    "completed",
    "Lost before baseline",
    "comparison",
    "New practice",
    "2018-03-01",
    "01/03/2018",
    "2018-02-30",
    "31.12.2018",
    "1 May 2019",
    "2018-09-01 10:00",
    "2017-01-01",
    "withdrew",
    "x\ny",
    "\u00a0",
    "\u200b",
    "1.0",
    "=1+1",
    '"',
    "'",
]
CELL = st.one_of(
    st.sampled_from(KNOWN), st.text(max_size=6).filter(lambda text: "\x00" not in text and "\r" not in text)
)
CELL_EDIT = st.tuples(st.just("cell"), st.sampled_from(NAMES), st.integers(0, 200), st.integers(0, 20), CELL)
ROW_EDIT = st.tuples(
    st.sampled_from(["drop", "double", "blank", "move"]),
    st.sampled_from(NAMES),
    st.integers(0, 200),
    st.integers(0, 200),
    st.just(""),
)
BYTE_EDIT = st.tuples(
    st.sampled_from(["cut", "insert", "delete"]),
    st.sampled_from(NAMES),
    st.integers(0, 2000),
    st.integers(0, 40),
    st.binary(min_size=1, max_size=3),
)


def _rows(text):
    return list(csv.reader(io.StringIO(text)))


def _text(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _edited(edits):
    files = {name: _rows(FILES[name]) for name in NAMES}
    for kind, name, one, two, cell in edits:
        rows = files[name]
        if len(rows) < 2:
            continue
        at = 1 + one % (len(rows) - 1)
        if kind == "cell":
            rows[at][two % len(rows[at])] = cell
        elif kind == "drop":
            del rows[at]
        elif kind == "double":
            rows.insert(1 + two % len(rows), list(rows[at]))
        elif kind == "blank":
            rows.insert(at, [""] * len(rows[0]))
        else:
            rows.insert(1 + two % (len(rows) - 1), rows.pop(at))
    return {name: _text(rows) for name, rows in files.items()}


def _closes(result: CleanData):
    account = result.reconciliation
    assert (account["rows_in"] == account["rows_out"] + account["rows_set_aside"]).all()
    spent = account[["cells_set_aside", "cells_unchanged", "cells_changed", "cells_set_missing"]].sum(axis=1)
    assert (account["cells_in"] == spent).all()
    assert (account["cells_out"] == account[["cells_unchanged", "cells_changed", "cells_filled"]].sum(axis=1)).all()
    assert result.participants["participant_id"].is_unique
    assert not result.interviews.duplicated(["participant_id", "wave"]).any()
    assert result.queries["query_id"].is_unique


def _as_raw(result: CleanData):
    frames = {"participants": result.participants, "teams": result.teams} | {
        name: result.interviews[result.interviews["source"] == name] for name in ("baseline", "six_months")
    }
    return {
        name: frame[_rows(FILES[name])[0]].to_csv(index=False, date_format="%Y-%m-%d") for name, frame in frames.items()
    }


def _check(files):
    with TemporaryDirectory() as folder:
        refusal = None
        try:
            result = clean_study(Path(folder), files)
        except DataError as error:
            refusal = error
        if refusal is not None:
            assert "fault of the program" not in str(refusal)
            assert refusal.problems
            return
        _closes(result)
        raw = _as_raw(result)
        if any(text.count("\n") < 2 for text in raw.values()):
            return
        again = clean_study(Path(folder), raw)
        assert again.audit.to_numpy().tolist() == []
        assert again.set_aside.to_numpy().tolist() == []


@settings(max_examples=10, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(CELL_EDIT, CELL_EDIT, CELL_EDIT, ROW_EDIT), min_size=1, max_size=12))
@example(
    [
        ("drop", "participants", 0, 0, ""),
        ("double", "baseline", 0, 70, ""),
        ("cell", "teams", 33, 0, ""),
        ("cell", "baseline", 157, 2, ""),
    ]
)
def test_corrupted_cells_and_rows_are_accounted_for(edits):
    _check(_edited(edits))


@settings(max_examples=10, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BYTE_EDIT, min_size=1, max_size=3))
def test_corrupted_bytes_are_refused_or_accounted_for(edits):
    files = {name: FILES[name].encode() for name in NAMES}
    for kind, name, at, length, new in edits:
        content = files[name]
        at %= len(content) + 1
        files[name] = {
            "cut": content[:at],
            "insert": content[:at] + new + content[at:],
            "delete": content[:at] + content[at + length :],
        }[kind]
    _check(files)


@pytest.mark.slow
@settings(max_examples=1000, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(CELL_EDIT, CELL_EDIT, CELL_EDIT, ROW_EDIT), min_size=1, max_size=25))
def test_corrupted_cells_and_rows_thousands_of_cases(edits):
    _check(_edited(edits))

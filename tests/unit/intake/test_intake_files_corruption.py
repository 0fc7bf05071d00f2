"""Files of every program corrupted at random: a refusal that says why, or an account that closes.

Errors of known kinds (`intake_fuzz`) are held against the truth, cell by cell.
"""

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import intake_fuzz
import intake_vendors as vendors
from cpis_analysis.errors import DataError
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.privacy.scan import kinds_in
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from intake_study import FILES, clean_study, study_dictionary, value_of

pytestmark = pytest.mark.thorough

LAYOUTS = {
    "redcap raw": "redcap.csv",
    "redcap label": "redcap.csv",
    "qualtrics": "second.csv",
    "spss": "first.sav",
    "spss long": "all.zsav",
    "stata wide": "all.dta",
    "excel": "book.xlsx",
    "csv windows semicolons": "second.csv",
}
EDIT = st.tuples(
    st.sampled_from(["cut", "flip", "insert", "delete", "zero"]),
    st.floats(0, 1),
    st.integers(1, 60),
    st.binary(min_size=1, max_size=4),
)
QUICK = settings(max_examples=12, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(max_examples=1500, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))


def corrupted(content, edits):
    for kind, where, length, new in edits:
        at = int(where * len(content))
        if kind == "cut":
            content = content[:at]
        elif kind == "flip" and content:
            at = min(at, len(content) - 1)
            content = content[:at] + bytes([content[at] ^ (1 << length % 8)]) + content[at + 1 :]
        elif kind == "insert":
            content = content[:at] + new + content[at:]
        elif kind == "delete":
            content = content[:at] + content[at + length :]
        else:
            content = content[:at] + b"\x00" * min(length, len(content) - at) + content[at + length :]
    return content


def check(layout, edits):
    with TemporaryDirectory() as name:
        folder = Path(name)
        vendors.write_dictionary(folder)
        sources = vendors.VENDORS[layout](folder)
        path = folder / "raw" / LAYOUTS[layout]
        path.write_bytes(corrupted(path.read_bytes(), edits))
        data = Data(dictionary="raw/dictionary.csv", sources=sources)
        result, refusal = None, None
        try:
            result = clean(data, Design(**vendors.DESIGN), Cleaning(), study_dictionary(folder), folder)
        except DataError as error:
            refusal = error
        if result is None:
            assert refusal.problems
            assert "fault of the program" not in str(refusal)
            return
        account = result.reconciliation
        assert (account["rows_in"] == account["rows_out"] + account["rows_set_aside"]).all()
        assert result.participants["participant_id"].is_unique
        assert not result.interviews.duplicated(["participant_id", "wave"]).any()


@QUICK
@given(st.sampled_from(list(LAYOUTS)), st.lists(EDIT, min_size=1, max_size=3))
def test_corrupted_bytes_of_any_layout_are_refused_or_accounted_for(layout, edits):
    check(layout, edits)


@pytest.mark.slow
@LONG
@given(st.sampled_from(list(LAYOUTS)), st.lists(EDIT, min_size=1, max_size=4))
def test_corrupted_bytes_of_any_layout_thousands_of_cases(layout, edits):
    check(layout, edits)


NUMBERS = st.one_of(
    st.text("0123456789.,-+ eE", max_size=8),
    st.floats(-200, 200).map(str),
    st.integers(-20, 120).map(str),
    st.sampled_from(
        ["-9", "-8", "1,5", "12,345", "seventy", "5O", "½", "１２", "1e1", "0x10", "nan", "50%", "12,5 %", "1e-400"]
    ),
)


def meant(text):
    """What a careful reader can take a text for, by other means than the intake's: the possible numbers."""
    words = {"seventy": 70.0}
    bare = text.strip().removesuffix("%").strip()  # the score goes to 100, so 50% is 50
    texts = {bare, bare.replace(",", "."), bare.replace(",", "")}
    found = {words[one] for one in texts if one in words}
    for one in texts:
        try:
            found.add(float(one))
        except ValueError:
            continue
    return found


def check_number(text):
    if "\x00" in text:
        return
    with TemporaryDirectory() as name:
        line = FILES["baseline"].replace("male,41,51.5", f'male,41,"{text}"')
        if kinds_in(text):
            # ".EE13ee" for a number could be a postcode: nothing is written until somebody has looked
            with pytest.raises(DataError, match="variable score"):
                clean_study(Path(name), {"baseline": line})
            return
        result = clean_study(Path(name), {"baseline": line})
        value = value_of(result, "P02", "0m", "score")
        if math.isnan(value):
            kept = text.strip() == "" or set(result.audit["variable"]) == {"score"}
            assert kept
        else:
            assert 0 <= value <= 100
            assert value in meant(text)
        others = result.interviews[result.interviews["participant_id"] != "P02"]["score"].tolist()
        assert others == [50.0, 52.0, 53.0, 54.0, 60.0, 62.0, 63.0]


@QUICK
@example(".EE13ee")
@given(NUMBERS)
def test_number_is_never_another_than_was_typed(text):
    check_number(text)


@pytest.mark.slow
@LONG
@given(NUMBERS)
def test_number_is_never_another_than_was_typed_thousands_of_cases(text):
    check_number(text)


CORPUS = (*range(22), 1736, 3750, 4196)
"""Cases of every test run: two of each layout, and those that found a fault."""
CASES, AT_ONCE = 5000, 100


@pytest.mark.parametrize("seed", CORPUS)
def test_errors_of_known_kinds_make_no_silent_difference(seed):
    assert intake_fuzz.faults(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, CASES, AT_ONCE))
def test_errors_of_known_kinds_make_no_silent_difference_thousands_of_cases(first):
    found = {seed: faults for seed in range(first, first + AT_ONCE) if (faults := intake_fuzz.faults(seed))}
    assert found == {}


@pytest.mark.parametrize(
    ("frame", "column", "value"),
    [
        ("interviews", "score", 1.0),
        ("interviews", "score", float("nan")),
        ("interviews", "age", 99.0),
        ("participants", "arm", None),
        ("participants", "participant_id", "P99"),
        ("interviews", "note", "changed"),
    ],
)
def test_oracle_sees_a_cell_that_was_changed_in_silence(frame, column, value):
    """Cases with one error each; the planted difference stands in another cell."""

    def with_difference(*arguments):
        result = clean(*arguments)
        cells = getattr(result, frame)[column]
        at = 2 if column == "age" else len(cells) - 1
        getattr(result, frame)[column] = [value if row == at else cell for row, cell in enumerate(cells)]
        return result

    case = intake_fuzz.Case("csv with byte-order mark", *vendors.truth())
    assert intake_fuzz.faults_of(case) == []
    with mock.patch.object(intake_fuzz, "clean", with_difference):
        assert len(intake_fuzz.faults_of(case)) >= 1


def test_cases_hold_every_kind_of_error_in_every_layout():
    drawn = [intake_fuzz.case_of(seed) for seed in range(CASES)]
    assert {case.layout for case in drawn} == set(vendors.VENDORS)
    kinds = {kind for case in drawn for kind in case.kinds}
    assert kinds > set(intake_fuzz.UNDECIDABLE)
    assert len(kinds) >= 30


def test_year_in_a_date_column_of_a_workbook_is_asked_about():
    """It would be the day number of a day in 1905."""
    people, talks = vendors.truth()
    people[1]["recruited_on"] = "2018"
    result = intake_fuzz.cleaned(intake_fuzz.Case("excel", people, talks))
    assert result.participants["recruited_on"].isna().tolist() == [False, True] + [False] * 10
    asked = result.queries[result.queries["variable"] == "recruited_on"]
    assert asked[["participant", "rule"]].to_numpy().tolist() == [["P02", "unreadable_date"]]


@pytest.mark.parametrize("layout", ["csv long", "csv wide", "redcap raw", "redcap label", "spss long", "stata wide"])
def test_interview_of_which_nothing_can_be_read_was_held(layout):
    """The only two answers of a follow-up are asked about: the person was followed up all the same."""
    people, talks = vendors.truth()
    late = next(row for row in talks["6m"] if not row["note"])
    late |= {"interview_date": "soon", "score": "about 50"}
    result = intake_fuzz.cleaned(intake_fuzz.Case(layout, people, talks))
    own = result.interviews[result.interviews["participant_id"] == late["participant_id"]]
    assert own["wave"].tolist() == ["0m", "6m"]
    assert own["score"].isna().tolist()[1]
    asked = result.queries[result.queries["participant"] == late["participant_id"]]
    assert sorted(asked["rule"]) == ["unreadable_date", "unreadable_number"]

"""Checkboxes that are not known, several answers in one cell, and texts that stand for no answer."""

import csv

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import intake_vendors as vendors
from cpis_analysis.errors import DataError
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.deliveries import read_sources
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.intake.dictionary.variable import Box, Variable
from cpis_analysis.intake.files.checkboxes import Checkbox, split_answers
from cpis_analysis.intake.preview import preview
from cpis_analysis.plan.dictionary_columns import COLUMNS
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from intake_study import FILES, aside_of, audit_of, clean_study, dictionary_text, queries_of, study_dictionary, value_of

pytestmark = pytest.mark.thorough

CODES = "UNK, Unknown | ASKU, Asked but unknown"
BOXES = ("act___help", "act___sport")


def with_codes(missing=CODES, choices=None):
    return [
        (*row[:4], choices or row[4], *row[5:9], missing, row[10]) if row[0] == "act" else row
        for row in vendors.VARIABLES
    ]


def table(path):
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def cleaned(folder, write, edit, variables=None, source=None, columns=None):
    """A vendor's files with the rows of one file changed; ``columns`` are added to its header."""
    vendors.write_dictionary(folder)
    (folder / "raw/dictionary.csv").write_text(dictionary_text(variables or with_codes()), encoding="utf-8")
    sources = write(folder)
    name = next(name for name in sources if name in ("redcap", "second", "all"))
    path = folder / sources[name]["file"]
    rows = table(path)
    header = [*rows[0], *(columns or ())]
    header = edit(rows, header) or header
    path.write_text(vendors.csv_text(rows, header), encoding="utf-8")
    sources[name] = sources[name] | (source or {})
    data = Data(dictionary="raw/dictionary.csv", sources=sources)
    return clean(data, Design(**vendors.DESIGN), Cleaning(), study_dictionary(folder), folder)


def refusal(*arguments, **more):
    with pytest.raises(DataError) as caught:
        cleaned(*arguments, **more)
    assert "fault of the program" not in str(caught.value)
    return str(caught.value)


def marked(person="P01", column="act___unk", one="1", none="0", boxes="0"):
    """REDCap's column of the missing code, ticked for one person, whose boxes are all exported as not ticked."""

    def edit(rows, header):
        for row in rows:
            there = row["participant_id"] == person and row["act___help"] and row["redcap_event_name"].startswith("six")
            row[column] = one if there else none
            if there:
                row["act___help"] = row["act___sport"] = boxes

    return edit


# missing codes of checkboxes


@pytest.mark.parametrize(("one", "none"), [("1.0", "0.0"), ("Checked", "")])
def test_boxes_of_a_missing_code_are_missing_with_its_reason(tmp_path, one, none):
    result = cleaned(tmp_path, vendors.redcap_raw, marked(one=one, none=none), columns=["act___unk"])
    for box in BOXES:
        assert value_of(result, "P01", "6m", box) != value_of(result, "P01", "6m", box)
        assert audit_of(result, box)[-1] == ("P01", "no", "", "missing_code")
    assert set(result.audit.loc[result.audit["variable"].isin(BOXES), "reason"]) >= {"Unknown"}
    assert result.queries.empty
    assert "'act___unk' says that the boxes of act are not known" in result.sources["found"].item()
    known = result.interviews[result.interviews["wave"] == "6m"].set_index("participant_id")["act___help"]
    assert known.drop("P01").notna().all()


def test_box_that_is_ticked_beside_a_missing_code_is_asked(tmp_path):
    def edit(rows, header):
        marked()(rows, header)
        for row in rows:
            if row["act___unk"] == "1":
                row["act___sport"] = "1"

    result = cleaned(tmp_path, vendors.redcap_raw, edit, columns=["act___unk"])
    assert queries_of(result) == [("", "act___sport", "ticked_and_unknown")]
    assert "and deliver the file anew. (1 cell: line " in result.queries["question"].item()
    assert audit_of(result, "act___help")[-1][3] == "missing_code"


def test_ignoring_a_missing_code_does_not_make_no_of_unknown(tmp_path):
    ignore = {"ignore": ["act___unk"]}
    text = refusal(tmp_path / "a", vendors.redcap_raw, marked(), columns=["act___unk"], source=ignore)
    assert "the plan ignores 'act___unk', which says that the boxes of 'act' are not known" in text
    text = refusal(tmp_path / "b", vendors.redcap_raw, marked(), vendors.VARIABLES, ignore, ["act___unk"])
    assert "give the checkbox the missing code 'UNK' in the dictionary" in text
    nobody = cleaned(tmp_path / "c", vendors.redcap_raw, marked("nobody"), columns=["act___unk"], source=ignore)
    assert nobody.queries.empty


def test_missing_code_that_is_not_declared_is_refused_with_what_to_do(tmp_path):
    text = refusal(tmp_path / "a", vendors.redcap_raw, marked(), vendors.VARIABLES, columns=["act___unk"])
    assert "the column 'act___unk' is not in the dictionary" in text
    assert "give the checkbox the missing code 'UNK' in the dictionary" in text
    text = refusal(tmp_path / "b", vendors.redcap_raw, marked(one="maybe"), columns=["act___unk"])
    assert "does not say whether boxes are ticked" in text


def test_missing_code_in_a_wide_file_belongs_to_its_wave(tmp_path):
    def edit(rows, header):
        for row in rows:
            row["act___unk_6m"] = "1" if row["participant_id"] == "P01" else "0"

    result = cleaned(tmp_path, vendors.wide_csv, edit, columns=["act___unk_6m"])
    assert value_of(result, "P01", "6m", "act___help") != value_of(result, "P01", "6m", "act___help")


def test_missing_code_in_a_label_export_is_known_by_its_label(tmp_path):
    def edit(rows, header):
        for row in rows:
            there = row["Participant"] == "P01" and row["Event Name"].startswith("Six")
            row["Activities (choice=Unknown)"] = "Checked" if there else "Unchecked"
            if there:
                row.update(
                    dict.fromkeys((name for name in row if "choice=" in name and "Unknown" not in name), "Unchecked")
                )

    result = cleaned(tmp_path, vendors.redcap_label, edit, columns=["Activities (choice=Unknown)"])
    assert [line for line in audit_of(result, "act___help") if line[3] == "missing_code"] == [
        ("P01", "no", "", "missing_code")
    ]


def test_dictionary_with_odd_missing_codes_of_a_checkbox(tmp_path):
    path = tmp_path / "dictionary.csv"
    path.write_text(dictionary_text(with_codes(" | UNK, Unknown")), encoding="utf-8")
    assert read_dictionary(path)["act___help"].missing == {"UNK": "Unknown"}
    path.write_text(dictionary_text(with_codes("0, Not asked")), encoding="utf-8")
    with pytest.raises(DataError, match="it can't be a missing code"):
        read_dictionary(path)
    path.write_text(dictionary_text(with_codes("help, Unknown")), encoding="utf-8")
    with pytest.raises(DataError, match="is a choice and a missing code at once"):
        read_dictionary(path)


# numbers with a decimal comma


@pytest.mark.parametrize("kind", ["number_comma_decimal", "number_1dp_comma_decimal"])
def test_bounds_and_values_with_a_decimal_comma(tmp_path, kind):
    variables = [(*row[:5], kind, "0,5", "100,5", *row[8:]) if row[0] == "score" else row for row in vendors.VARIABLES]

    def edit(rows, header):
        for row in rows:
            row["score"] = {"P02": "1,250", "P06": "0,4"}.get(row["participant_id"], row["score"].replace(".", ","))

    result = cleaned(tmp_path, vendors.redcap_raw, edit, variables)
    variable = study_dictionary(tmp_path)["score"]
    assert (variable.low, variable.high, variable.type) == (0.5, 100.5, "number")
    assert value_of(result, "P02", "0m", "score") == 1.25
    assert [line for line in queries_of(result) if line[0] == "P06"] == [("P06", "score", "out_of_range")] * 2


def test_bound_with_a_comma_is_no_number_where_commas_are_not_decimal(tmp_path):
    variables = [(*row[:6], "0,5", *row[7:]) if row[0] == "score" else row for row in vendors.VARIABLES]
    (tmp_path / "dictionary.csv").write_text(dictionary_text(variables), encoding="utf-8")
    with pytest.raises(DataError, match="Text Validation Min is not a number"):
        read_dictionary(tmp_path / "dictionary.csv")
    assert len(COLUMNS) == 20


# several answers in one cell

GIVEN = {"P01": {"help", "sport"}, "P02": {"help"}, "P06": {"sport"}}
LABELS = {"help": "Self-help", "sport": "Sport, exercise; and more"}
CHOICES = "help, Self-help | sport, Sport, exercise; and more"


def joined(write, between, blank=("P07",), column="act"):
    """All answers in one column, as Qualtrics writes them unless it is told to split them."""

    def edit(rows, header):
        for row in rows:
            person = row["participant_id"]
            picked = sorted(GIVEN.get(person, {"help"}))
            row[column] = "" if person in blank else between.join(write(code) for code in picked)
            for box in BOXES:
                row.pop(box, None)
        return [name for name in header if name not in BOXES] + [column]

    return edit


@pytest.mark.parametrize(("write", "between"), [(str, ","), (str.upper, " | "), (LABELS.get, "; ")])
def test_several_answers_in_one_cell_are_split(tmp_path, write, between):
    result = cleaned(tmp_path, vendors.plain, joined(write, between), with_codes(choices=CHOICES))
    for person, picked in GIVEN.items():
        for code in ("help", "sport"):
            assert value_of(result, person, "6m", f"act___{code}") == ("yes" if code in picked else "no")
    raw = between.join(write(code) for code in ("help", "sport"))
    assert ("P01", raw, "yes", "several_answers") in audit_of(result, "act___sport")
    assert value_of(result, "P07", "6m", "act___help") != value_of(result, "P07", "6m", "act___help")
    assert result.queries.empty
    assert "'act' holds several answers in one cell" in " ".join(result.sources["found"])
    assert result.translations.empty


def test_numbered_answers_in_one_cell_are_no_decimal_numbers(tmp_path):
    variables = [
        (*row[:4], "0, Self-help | 1, Sport | 2, Music", *row[5:]) if row[0] == "act" else row
        for row in vendors.VARIABLES
    ]

    def edit(rows, header):
        header = joined(str, ",")(rows, header)
        for row in rows:
            row["act"] = {"P01": "1,2", "P02": "1,0", "P06": "2.0", "P07": "0,1,2"}.get(row["participant_id"], "1")
        return header

    result = cleaned(tmp_path, vendors.plain, edit, variables)
    found = {
        person: "".join(str(value_of(result, person, "6m", f"act___{code}"))[0] for code in range(3))
        for person in ("P01", "P02", "P06", "P07")
    }
    assert found == {"P01": "nyy", "P02": "yyn", "P06": "nny", "P07": "yyy"}


LABEL = st.text("ab1,; -", min_size=1, max_size=6).map(str.strip).filter(lambda text: text.strip(",; -"))


@settings(max_examples=150, derandomize=True, database=None)
@given(
    st.lists(LABEL, min_size=2, max_size=5, unique=True), st.integers(1, 31), st.sampled_from([",", ", ", ";", " | "])
)
@example(["11", "1", "1;"], 6, ",")
@example(["11", "1", "a", "1;a"], 6, ",")
def test_joined_labels_are_split_into_those_that_were_joined_or_not_at_all(labels, picks, between):
    boxes = {
        f"act___{at}": Variable(
            f"act___{at}",
            "f",
            label,
            "yesno",
            choices={"yes": "Yes", "no": "No"},
            box=Box("act", "Activities", f"c{at}", label),
        )
        for at, label in enumerate(labels)
    }
    picked = [at for at in range(len(labels)) if picks >> at & 1] or [0]
    cell = between.join(labels[at] for at in picked)
    delivered = Delivered("csv", ("act",), (as_column([cell, "c0", "c1"]),), np.arange(2, 5), ("",))
    _, notices, problems = split_answers(delivered, 0, Checkbox("act", "Activities", boxes), "f.csv")
    assert not problems
    read = {
        column: notice.after[0] for column, notice in notices if notice.rule == "several_answers" and notice.rows[0]
    }
    assert read in ({}, {f"act___{at}": "yes" if at in picked else "no" for at in range(len(labels))})


def test_answers_that_cannot_be_told_are_missing_and_asked_once(tmp_path):
    def edit(rows, header):
        header = joined(str, ",")(rows, header)
        for row in rows:
            row["act"] = {"P01": "help,swimming", "P02": "UNK"}.get(row["participant_id"], row["act"])
        return header

    result = cleaned(tmp_path, vendors.plain, edit)
    assert queries_of(result) == [("", "act___help", "unknown_code")]
    assert audit_of(result, "act___sport")[0] == ("P01", "help,swimming", "", "unknown_code")
    assert ("P02", "UNK", "", "missing_code") in audit_of(result, "act___help")


def test_answers_that_cannot_be_split_name_the_export_option(tmp_path):
    text = refusal(tmp_path, vendors.plain, joined(lambda code: f"the {code}", " and "))
    assert "Split multi-value fields into columns" in text
    assert "help (Self-help)" in text
    assert "is missing" not in text


def test_several_answers_known_by_the_label_of_the_question(tmp_path):
    def write(folder):
        return {
            name: one | ({"format": "redcap"} if name == "second" else {})
            for name, one in vendors.plain(folder).items()
        }

    result = cleaned(tmp_path, write, joined(LABELS.get, ",", column="Activities"), with_codes(choices=CHOICES))
    assert value_of(result, "P01", "6m", "act___sport") == "yes"


def test_boxes_beside_a_column_of_all_answers_leave_that_column_unknown(tmp_path):
    def edit(rows, header):
        for row in rows:
            row["act"] = "help"

    assert "the column 'act' is not in the dictionary" in refusal(tmp_path, vendors.plain, edit, columns=["act"])


def test_answers_in_one_cell_and_totals_are_seen_before_cleaning(tmp_path):
    def edit(rows, header):
        header = joined(str, ";")(rows, header)
        for row in rows:
            row["act"] = "help;sport"
        rows.append(dict.fromkeys(header, "") | {"participant_id": "Total"})
        return header

    result = cleaned(tmp_path, vendors.plain, edit)
    assert result.set_aside["rule"].tolist() == ["total_row"]
    sources = {
        name: {"file": f"raw/{name}.csv", "holds": holds, **({"wave": wave} if wave else {})}
        for name, (holds, wave, _, _) in vendors.TABLES.items()
    }
    data = Data(dictionary="raw/dictionary.csv", sources=sources)
    plan = (data, Design(**vendors.DESIGN), Cleaning())
    dictionary = study_dictionary(tmp_path)
    reading = read_sources(*plan, dictionary, tmp_path)
    seen = preview(reading, dictionary, *plan, fewest=2)
    assert {("act___help", "6m"), ("act___sport", "6m")} <= seen.answered
    assert seen.problems == seen.remarks == ()


# texts that stand for no answer


def test_texts_for_no_answer_are_missing_in_all_kinds_of_variables(tmp_path):
    text = FILES["baseline"].replace("2018-03-01,A,North,female,40,50", "NA,A,North,NULL,n/a,.")
    text = text.replace("2018-03-02,A,South,male,41,51.5", "#N/A,NA,NULL,null,-,NaN")
    result = clean_study(tmp_path, {"baseline": text + "NA,2018-03-06,B,North,female,44,50\n"})
    assert set(queries_of(result)) == {("", "", "no_participant")}
    first = result.interviews[result.interviews["wave"] == "0m"].set_index("participant_id")
    assert first.loc[["P01", "P02"], ["interview_date", "gender", "age", "score"]].isna().all().all()
    assert first.loc["P02", "trust"] == "A"  # filled from the log
    assert (
        len(
            [
                line
                for name in ("interview_date", "gender", "age", "score")
                for line in audit_of(result, name)
                if line[3] == "missing_text"
            ]
        )
        == 8
    )
    assert aside_of(result) == [("baseline", 7, "", "no_participant")]


def test_texts_for_no_answer_are_one_list_of_the_plan(tmp_path):
    text = FILES["baseline"].replace(",50\n", ",k.A.\n").replace(",51.5\n", ",NA\n")
    result = clean_study(tmp_path, {"baseline": text}, cleaning={"missing_texts": ["K.A.", "53"]})
    assert queries_of(result) == [("P02", "score", "unreadable_number")]
    assert [line for line in audit_of(result, "score") if line[3] == "missing_text"] == [
        ("P01", "k.A.", "", "missing_text"),
        ("P04", "53", "", "missing_text"),
    ]


def test_text_for_no_answer_that_is_a_code_or_free_text_stays(tmp_path):
    variables = [
        (*row[:4], "NA, Namibia | female, Female | male, Male", *row[5:]) if row[0] == "gender" else row
        for row in vendors.VARIABLES
    ]

    def edit(rows, header):
        for row in rows:
            row["gender"] = "na" if row["gender"] else ""
            row["note"] = "NA" if row["note"] else ""

    result = cleaned(tmp_path, vendors.redcap_raw, edit, variables)
    assert set(result.interviews["gender"].dropna()) == {"NA"}
    assert "NA" in set(result.interviews["note"].dropna())
    assert "missing_text" not in set(result.audit["rule"])

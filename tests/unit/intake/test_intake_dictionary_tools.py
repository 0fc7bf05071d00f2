"""Drafted dictionaries, Table Schema, the codebook page, and the commands around them."""

import csv
import io
import json
import re
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

import intake_vendors as vendors
from cpis_analysis.commands import dictionary as dictionary_command
from cpis_analysis.files import csv_text
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.codebook import describe_variables
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.intake.dictionary_draft import draft_rows, draft_text
from cpis_analysis.intake.files.read_file import read_file
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.table_schema import data_schemas
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.plan.dictionary_columns import COLUMNS
from cpis_analysis.plan.schema import Cleaning, Source, Study
from cpis_analysis.report.codebook_page import codebook_page
from intake_study import FILES, clean_study, plan_parts, study_dictionary, write_study

pytestmark = pytest.mark.thorough


def drafted(path, **more):
    delivered, problems = read_file(path, Source(file=str(path), holds="interviews", **more))
    assert not problems
    return {row["Variable / Field Name"]: row for row in draft_rows(delivered, "form", "0m")}


def test_draft_of_spss_keeps_labels_and_missing_codes(tmp_path):
    vendors.write_dictionary(tmp_path)
    vendors.spss(tmp_path)
    rows = drafted(tmp_path / "raw/first.sav")
    assert rows["gender"]["Choices, Calculations, OR Slider Labels"] == "1, Female | 2, Male | 3, Other"
    assert rows["gender"]["Missing Codes"] == "-9, Missing"
    assert rows["score"]["Missing Codes"] == "-8, Missing"
    assert rows["age"]["Text Validation Type OR Show Slider Number"] == "integer"
    assert rows["interview_date"]["Text Validation Type OR Show Slider Number"] == "date_ymd"


def test_draft_of_redcap_joins_checkboxes_and_can_be_read(tmp_path):
    vendors.write_dictionary(tmp_path)
    vendors.redcap_raw(tmp_path)
    rows = drafted(tmp_path / "raw/redcap.csv")
    assert rows["act"]["Field Type"] == "checkbox"
    assert rows["act"]["Choices, Calculations, OR Slider Labels"] == "help, help | sport, sport"
    assert "redcap_event_name" not in rows
    (tmp_path / "draft.csv").write_text(draft_text(list(rows.values())), encoding="utf-8")
    assert "act___help" in read_dictionary(tmp_path / "draft.csv")


def test_draft_sees_through_dirt_and_marks_identifiers(tmp_path):
    cells = ["yes,3,Anna,-9", "Yes,4,Ben,female", "no,5,Cem,Female", "no,-9,Dee,male", "no,6,Eli,male"] * 8
    (tmp_path / "f.csv").write_text("a,b,first_name,g\n" + "\n".join(cells) + "\nno,n/k,Flo,male\n", encoding="utf-8")
    rows = drafted(tmp_path / "f.csv")
    assert rows["a"]["Field Type"] == "yesno"
    assert rows["b"]["Text Validation Type OR Show Slider Number"] == "integer"
    assert rows["b"]["Missing Codes"].startswith("-9")
    assert (
        rows["g"]["Choices, Calculations, OR Slider Labels"] == "Female, Female | male, male"
        or rows["g"]["Choices, Calculations, OR Slider Labels"] == "female, female | male, male"
    )
    assert rows["first_name"]["Identifier?"] == "y"
    assert "Anna" not in draft_text(list(rows.values()))


def test_table_schema_says_what_the_dictionary_says(tmp_path):
    clean_study(tmp_path)
    data, design, _ = plan_parts()
    schemas = data_schemas(study_dictionary(tmp_path), data, design)
    assert schemas["measurements"]["primaryKey"] == ["participant_id", "wave"]
    fields = {field["name"]: field for field in schemas["measurements"]["fields"]}
    assert fields["age"]["constraints"] == {"minimum": 16, "maximum": 110}
    assert fields["gender"]["categories"][0] == {"value": "female", "label": "Female"}
    assert fields["interview_date"]["constraints"]["minimum"] == "2018-01-01"
    assert fields["help"]["askedOnlyIf"] == "[supported] = 'yes'"
    assert json.loads(json.dumps(schemas)) == schemas


def test_codebook_counts_add_up_and_say_why_values_are_missing(tmp_path):
    files = {"baseline": FILES["baseline"].replace("female,42,52", "female,999,-8")}
    result = clean_study(tmp_path, files)
    _, design, _ = plan_parts()
    described = describe_variables(
        result.participants, result.interviews, result.audit, study_dictionary(tmp_path), design
    )
    by_name = {(one.variable.name, one.wave): one for one in described}
    assert by_name["age", "0m"].missing == {"Missing": 1}
    assert by_name["score", "0m"].missing == {"Refused": 1}
    assert by_name["gender", "0m"].values == {"female": 3, "male": 2}
    for one in described:
        if one.values:
            assert sum(one.values.values()) + sum(one.missing.values()) == one.rows


def test_codebook_page_hides_small_counts_and_shows_no_rows(tmp_path):
    result = clean_study(tmp_path)
    _, design, _ = plan_parts()
    described = describe_variables(
        result.participants, result.interviews, result.audit, study_dictionary(tmp_path), design
    )
    study = Study(name="A <study>", short_name="S", synthetic=True, randomised=False, notice="SYNTHETIC")
    page = codebook_page(described, study, design, 5)
    assert "A &lt;study&gt;" in page
    assert "SYNTHETIC" in page
    assert "&lt;5" in page
    assert "P01" not in page
    assert ">3<" not in page.split('id="gender"')[1].split("</section>")[0]
    open_page = codebook_page(described, study, design, 0)
    assert ">3<" in open_page.split('id="gender"')[1].split("</section>")[0]


def test_command_drafts_and_does_not_overwrite(tmp_path):
    (tmp_path / "f.csv").write_text("a,b\n1,x\n2,y\n")
    run = CliRunner().invoke
    arguments = ["draft", str(tmp_path / "f.csv"), "--out", str(tmp_path / "d.csv"), "--json"]
    first = run(dictionary_command.app, arguments)
    assert json.loads(first.stdout)["variables"] == 2
    assert run(dictionary_command.app, arguments).exit_code == 1
    assert pd.read_csv(tmp_path / "d.csv").columns.tolist() == list(COLUMNS)


def draft_of(folder, text, name="f.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return drafted(folder / name)


def stata(folder, frame, labels, special):
    import pyreadstat

    path = folder / "f.dta"
    pyreadstat.write_dta(frame, str(path), version=14, variable_value_labels=labels, missing_user_values=special)
    return drafted(path)


def test_draft_of_stata_numbers_whose_missing_values_are_labelled(tmp_path):
    """Labels of .a and .b only, of which .b does not occur: age was a category of one."""
    age = [float(20 + at) if at % 5 else "a" for at in range(30)]
    frame = pd.DataFrame({"age": pd.Series(age, dtype=object), "sex": [1.0, 2.0] * 15})
    labels = {"age": {"a": "Refused", "b": "Not asked"}, "sex": {1.0: "Female", 2.0: "Male"}}
    rows = stata(tmp_path, frame, labels, {"age": ["a", "b"]})
    assert (rows["age"]["Field Type"], rows["age"]["Text Validation Type OR Show Slider Number"]) == ("text", "integer")
    assert rows["age"]["Missing Codes"] == ".a, Refused | .b, Not asked"
    assert rows["age"]["Field Note"] == "observed 21 to 49"
    assert rows["sex"]["Choices, Calculations, OR Slider Labels"] == "1, Female | 2, Male"


def test_draft_of_a_number_of_which_some_points_are_labelled(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"pain": [float(at % 11) for at in range(44)], "sex": [1.0, 2.0, 1.0, -9.0] * 11})
    labels = {"pain": {0.0: "None", 10.0: "Worst", -9.0: "Refused"}, "sex": {1.0: "F", 2.0: "M", -9.0: "Refused"}}
    pyreadstat.write_sav(frame, str(tmp_path / "f.sav"), variable_value_labels=labels)
    rows = drafted(tmp_path / "f.sav")
    assert rows["pain"]["Text Validation Type OR Show Slider Number"] == "integer"
    assert "0 is called 'None'" in rows["pain"]["Field Note"]
    assert rows["sex"]["Choices, Calculations, OR Slider Labels"] == "1, F | 2, M"
    assert rows["sex"]["Missing Codes"] == "-9, Refused - to be checked"


def test_draft_of_decimal_commas_is_a_number_that_reads_its_own_data(tmp_path):
    body = "".join(f"P{at};{at % 7},{at % 10};1,{at:03d};{at}%\n" for at in range(40))
    rows = draft_of(tmp_path, "id;score;ratio;share\n" + body.replace("P3;3,3", "P3;NA"))
    kinds = {name: row["Text Validation Type OR Show Slider Number"] for name, row in rows.items()}
    assert kinds == {"id": "", "score": "number_comma_decimal", "ratio": "number_comma_decimal", "share": "integer"}
    assert rows["score"]["Field Note"] == "observed 0 to 6.7"
    path = tmp_path / "draft.csv"
    path.write_text(draft_text(list(rows.values())), encoding="utf-8")
    score = read_dictionary(path)["score"]
    assert score.decimal_comma
    steps = steps_for("1,250", score, rules_for(score), ValueSettings(Cleaning()))
    assert [step.after for step in steps] == ["1.250"]


def test_draft_of_commas_that_separate_thousands_and_of_texts_for_no_answer(tmp_path):
    body = "".join(f'"{at + 1},{at * 17 % 1000:03d}",{["a", "b", "NA", "."][at % 4]}\n' for at in range(40))
    rows = draft_of(tmp_path, "cost,group\n" + body)
    assert rows["cost"]["Text Validation Type OR Show Slider Number"] == "integer"
    assert rows["group"]["Choices, Calculations, OR Slider Labels"] == "a, a | b, b"


def test_draft_of_qualtrics_answers_in_one_cell_is_a_checkbox(tmp_path):
    header = (
        'Status,Q1,Q2\nResponse Type,Activities,Days\n"{""ImportId"":""s""}","{""ImportId"":""QID1""}",'
        '"{""ImportId"":""QID2""}"\n'
    )
    body = "".join(f'IP Address,"{["1,2", "1", "2,10", "1,2,10"][at % 4]}",{at % 7}\n' for at in range(20))
    rows = draft_of(tmp_path, header + body)
    assert (rows["Q1"]["Field Type"], rows["Q1"]["Choices, Calculations, OR Slider Labels"]) == (
        "checkbox",
        "1, 1 | 2, 2 | 10, 10",
    )
    assert rows["Q2"]["Text Validation Type OR Show Slider Number"] == "integer"


def test_draft_of_redcap_takes_missing_codes_out_of_the_options(tmp_path):
    rows = draft_of(tmp_path, "pid,redcap_event_name,act___1,act___2,act___unk\n1,a,1,0,0\n2,a,0,0,1\n")
    assert rows["act"]["Choices, Calculations, OR Slider Labels"] == "1, 1 | 2, 2"
    assert rows["act"]["Missing Codes"] == "UNK, UNK - to be checked"


# Table Schema against the data: a reading of the standard's rules that shares nothing with the exporter


def cell_fits(text, field):
    """Whether the text of a cell is a value of a field (Table Schema, Data Package 2.0)."""
    rules = field.get("constraints", {})
    if text == "":
        return not rules.get("required", False)
    kind = field["type"]
    if kind == "integer" and not re.fullmatch(r"[-+]?\d+", text):
        return False
    if kind == "number" and not re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", text):
        return False
    if kind == "boolean":
        return text in ("true", "True", "TRUE", "1", "false", "False", "FALSE", "0")
    if kind == "date":
        date.fromisoformat(text)
    value = float(text) if kind in ("integer", "number") else text
    within = rules.get("minimum", value) <= value <= rules.get("maximum", value)
    named = {one["value"] for one in field.get("categories", [])}
    return within and text in rules.get("enum", [text]) and (not named or text in named)


def misfits(schema, frame):
    """Columns that a schema does not describe, and cells that it does not allow."""
    names = [field["name"] for field in schema["fields"]]
    rows = list(csv.DictReader(io.StringIO(csv_text(frame))))
    exact = schema.get("fieldsMatch", "exact") == "exact"
    found = [] if (names == list(rows[0]) if exact else set(names) <= set(rows[0])) else [("columns", names)]
    found += [
        (field["name"], row[field["name"]])
        for row in rows
        for field in schema["fields"]
        if not cell_fits(row[field["name"]], field)
    ]
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
    return found + ([] if len(set(keys)) == len(keys) else [("primaryKey", keys)])


def test_table_schema_fits_its_data_column_by_column(tmp_path):
    marked = {"interview_date", "recruited_on"}  # required fields that are missing in the data all the same
    files = {"baseline": FILES["baseline"].replace("2018-03-02", "").replace("51.5", "0.00001")}
    write_study(tmp_path, files)
    text = (tmp_path / "raw/dictionary.csv").read_text()
    header = next(csv.reader([text.splitlines()[0]]))
    rows = [
        row | {"Required Field?": "y"} if row["Variable / Field Name"] in marked else row
        for row in csv.DictReader(io.StringIO(text))
    ]
    (tmp_path / "raw/dictionary.csv").write_text(vendors.csv_text(rows, header))
    data, design, cleaning = plan_parts()
    result = clean(data, design, cleaning, study_dictionary(tmp_path), tmp_path)
    frames = {"participants": result.participants, "measurements": result.interviews}
    columns = {name: list(frame) for name, frame in frames.items()}
    for known in (columns, None):
        schemas = data_schemas(study_dictionary(tmp_path), data, design, known)
        for name, frame in frames.items():
            assert misfits(schemas[name], frame) == [], name
            described = {field["name"] for field in schemas[name]["fields"] if field["type"] != "any"}
            assert described >= set(frame) - ({"trust", "team"} if known is None else set())
    fields = {field["name"]: field for field in schemas["measurements"]["fields"]}
    assert fields["age"]["wholeNumbers"] is True
    assert fields["interview_date"]["requiredWhenAsked"] is True
    broken = result.interviews.assign(age=result.interviews["age"] + 200)
    assert ("age", "240.0") in misfits(schemas["measurements"], broken)

"""Drafted dictionaries, Table Schema, the codebook page, and the commands around them."""

import json

import intake_vendors as vendors
import pandas as pd
from intake_study import FILES, clean_study, plan_parts, study_dictionary
from typer.testing import CliRunner

from cpis_analysis.commands import dictionary as dictionary_command
from cpis_analysis.intake.codebook import describe_variables
from cpis_analysis.intake.dictionary import COLUMNS, read_dictionary
from cpis_analysis.intake.drafting import draft_rows, draft_text
from cpis_analysis.intake.formats.read_file import read_file
from cpis_analysis.intake.table_schema import data_schemas
from cpis_analysis.plan.schema import Source, Study
from cpis_analysis.report.codebook_page import codebook_page


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
    assert rows["g"]["Choices, Calculations, OR Slider Labels"] == "Female, Female | male, male" or \
        rows["g"]["Choices, Calculations, OR Slider Labels"] == "female, female | male, male"
    assert rows["first_name"]["Identifier?"] == "y"
    assert "Anna" not in draft_text(list(rows.values()))


def test_table_schema_says_what_the_dictionary_says(tmp_path):
    clean_study(tmp_path)
    data, design, _ = plan_parts()
    schemas = data_schemas(study_dictionary(tmp_path), data, design)
    assert schemas["interviews"]["primaryKey"] == ["participant_id", "wave"]
    fields = {field["name"]: field for field in schemas["interviews"]["fields"]}
    assert fields["age"]["constraints"] == {"minimum": 16, "maximum": 110}
    assert fields["gender"]["categories"][0] == {"value": "female", "label": "Female"}
    assert fields["interview_date"]["constraints"]["minimum"] == "2018-01-01"
    assert fields["help"]["askedOnlyIf"] == "[supported] = 'yes'"
    assert json.loads(json.dumps(schemas)) == schemas


def test_codebook_counts_add_up_and_say_why_values_are_missing(tmp_path):
    files = {"baseline": FILES["baseline"].replace("female,42,52", "female,999,-8")}
    result = clean_study(tmp_path, files)
    _, design, _ = plan_parts()
    described = describe_variables(result.participants, result.interviews, result.audit, study_dictionary(tmp_path),
                                   design)
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
    described = describe_variables(result.participants, result.interviews, result.audit, study_dictionary(tmp_path),
                                   design)
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



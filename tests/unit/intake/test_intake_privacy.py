"""Identifiers: none goes further, what is derived from them is right, messages never show them."""

import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.privacy.ages_and_pseudonyms import full_years, pseudonym_of
from cpis_analysis.intake.privacy.scan import check_for_identifiers, is_nhs_number, kinds_in
from intake_study import FILES, VARIABLES, clean_study, queries_of, value_of

pytestmark = pytest.mark.thorough

SECRET = "a secret of many characters"
IDENTIFIERS = [
    ("nhs_number", "participants", "text", "NHS number", "", "", "", "", "", "", ""),
    ("birth", "participants", "text", "Date of birth", "", "date_ymd", "", "", "", "", ""),
]
NUMBERS = ["943 476 5919", "4010232137", "9434765870", "", "1234567881", "1234567881"]
BIRTHS = ["01/03/1978", "1977-03-03", "1976-03-04", "1975-12-31", "not known", "1970-01-01"]


def dictionary_with_identifiers():
    return [*VARIABLES, *IDENTIFIERS]


def log_with_identifiers():
    head, *rows = FILES["participants"].splitlines()
    lines = [f"{row},{number},{birth}" for row, number, birth in zip(rows, NUMBERS, BIRTHS, strict=True)]
    return {"participants": "\n".join([f"{head},nhs_number,birth", *lines, ""])}


@pytest.fixture
def marked(monkeypatch):
    """The dictionary with the new variables marked as identifiers."""
    import intake_study

    plain = intake_study.dictionary_text

    def text(variables=VARIABLES):
        lines = plain(variables).splitlines()
        for at, line in enumerate(lines):
            if line.split(",")[0] in ("nhs_number", "birth"):
                cells = line.split(",")
                cells[10] = "y"
                lines[at] = ",".join(cells)
        return "\n".join([*lines, ""])

    monkeypatch.setattr(intake_study, "dictionary_text", text)


def cleaned(folder, files=None, privacy=None):
    return clean_study(
        folder, log_with_identifiers() | (files or {}), dictionary_with_identifiers(), privacy=privacy or {}
    )


def everything(result):
    return "\n".join(frame.astype(str).to_csv() for frame in result.frames().values())


def test_identifiers_never_reach_the_clean_data(tmp_path, marked):
    result = cleaned(tmp_path)
    assert not {"nhs_number", "birth"} & set(result.participants.columns)
    for value in ("943", "4010232137", "1978", "01/03", "not known"):
        assert value not in everything(result)
    assert result.sources["identifiers_left_out"].tolist() == ["nhs_number; birth", "", "", ""]


def test_age_comes_from_the_date_of_birth_at_interview(tmp_path, marked):
    baseline = FILES["baseline"].replace(",age,", ",").replace(",40,", ",").replace(",41,", ",")
    baseline = baseline.replace(",42,", ",").replace(",43,", ",").replace(",44,", ",")
    result = cleaned(tmp_path, {"baseline": baseline}, {"age": {"age": {"born": "birth", "at": "interview_date"}}})
    first = result.interviews[result.interviews["wave"] == "0m"].set_index("participant_id")["age"]
    # interviews of 1 to 5 March 2018; the fifth date of birth can't be read
    assert first.fillna(-1).to_dict() == {"P01": 40, "P02": 40, "P03": 41, "P04": 42, "P05": -1}
    assert set(result.audit["rule"]) == {"derived_age"}
    assert "1978" not in everything(result)


def test_age_that_contradicts_the_date_of_birth_is_asked_without_the_date(tmp_path, marked):
    files = {"baseline": FILES["baseline"].replace("male,41,", "male,51,")}
    result = cleaned(tmp_path, files, {"age": {"age": {"born": "birth", "at": "interview_date"}}})
    assert queries_of(result) == [("P02", "age", "age_differs")]
    assert "51 was entered, the date of birth gives 40" in result.queries["question"].item()
    assert value_of(result, "P02", "0m", "age") == 51


def test_full_years_by_hand():
    day = pd.Timestamp
    assert full_years(day("2000-02-29"), day("2018-02-28")) == 17
    assert full_years(day("2000-02-29"), day("2018-03-01")) == 18
    assert full_years(day("2000-05-05"), day("2018-05-05")) == 18


def test_pseudonym_links_by_identifier_and_needs_its_salt(tmp_path, marked, monkeypatch):
    privacy = {"pseudonym": {"of": ["nhs_number"], "salt_variable": "TEST_SALT"}}
    monkeypatch.delenv("TEST_SALT", raising=False)
    with pytest.raises(DataError, match="TEST_SALT"):
        cleaned(tmp_path, privacy=privacy)
    monkeypatch.setenv("TEST_SALT", SECRET)
    people = cleaned(tmp_path, privacy=privacy).participants.set_index("participant_id")["pseudonym"]
    assert people["P01"] == pseudonym_of(["9434765919"], SECRET.encode())
    assert people["P05"] == people["P06"]
    assert pd.isna(people["P04"])
    monkeypatch.setenv("TEST_SALT", SECRET[::-1])
    again = cleaned(tmp_path, privacy=privacy).participants.set_index("participant_id")["pseudonym"]
    assert not set(people.dropna()) & set(again.dropna())


def test_salt_file_inside_the_project_is_refused(tmp_path, marked):
    with pytest.raises(DataError, match="inside the project"):
        cleaned(tmp_path, privacy={"pseudonym": {"of": ["nhs_number"], "salt_file": "raw/salt.txt"}})


def test_salt_file_outside_the_project_is_used(tmp_path, marked, monkeypatch):
    monkeypatch.delenv("CPIS_SALT", raising=False)
    (tmp_path / "salt.txt").write_text(SECRET + "\n")
    study = tmp_path / "study"
    result = cleaned(study, privacy={"pseudonym": {"of": ["nhs_number"], "salt_file": "../salt.txt"}})
    assert result.participants["pseudonym"].notna().sum() == 5


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("his number is 943 476 5919", "health-service number"),
        ("write to jo.bloggs@example.org", "e-mail address"),
        ("lives at SW1A 1AA now", "postcode"),
        ("ring 07700 900123", "telephone number"),
        ("ring +44 20 7946 0958", "telephone number"),
    ],
)
def test_scan_stops_the_run_and_names_the_column_only(tmp_path, note, kind):
    files = {"six_months": FILES["six_months"].replace("yes,yes,no,\n", f"yes,yes,no,{note}\n")}
    with pytest.raises(DataError) as caught:
        clean_study(tmp_path, files)
    text = str(caught.value)
    assert kind in text
    assert "variable note" in text
    assert note not in text
    assert "P01" not in text
    assert len(clean_study(tmp_path, files, privacy={"known_harmless": ["note"]}).interviews) == 9


def test_scan_sees_the_audit_trail_and_numbers():
    audit = pd.DataFrame({"variable": ["age", "age"], "before": ["x@example.org", "40"], "after": ["", "41"]})
    with pytest.raises(DataError, match="audit, variable age: holds what looks like an e-mail"):
        check_for_identifiers({"audit": audit}, [])
    with pytest.raises(DataError, match="health-service"):
        check_for_identifiers({"people": pd.DataFrame({"number": [1.0, 9434765919.0]})}, [])
    check_for_identifiers({"people": pd.DataFrame({"number": [1.0, 9434765918.0]})}, [])


@pytest.mark.parametrize(
    "text",
    [
        "9434765918",
        "P01 2018-03-01",
        "score 12345 of 99999",
        "03/04/2018 10:15:00",
        "1111111111",
        "E10",
        "0.1234567890",
        "a@b",
        "CP001 lines 12, 45, 678",
        "Trust A1 1",
    ],
)
def test_scan_leaves_ordinary_text_alone(text):
    assert kinds_in(text) == ()


def test_nhs_check_digit_by_hand():
    # weights 10 to 2: 9*10+4*9+3*8+4*7+7*6+6*5+5*4+9*3+1*2 = 299; 299 mod 11 = 2; 11 - 2 = 9
    assert is_nhs_number("9434765919")
    assert not any(is_nhs_number(f"943476591{digit}") for digit in range(9))

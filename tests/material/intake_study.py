"""A study of six people in two trusts, small enough to say what cleaning must make of it."""

from __future__ import annotations

from pathlib import Path

from cpis_analysis.intake.clean import CleanData, clean
from cpis_analysis.intake.dictionary.dictionary import Dictionary, read_dictionary
from cpis_analysis.plan.dictionary_columns import COLUMNS
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design

YES_NO = "yes, Yes | no, No"

# name, form, type, label, choices, validation, min, max, branching, missing codes, waves
VARIABLES = [
    ("participant_id", "participants", "text", "Participant", "", "", "", "", "", "", ""),
    ("trust", "participants", "radio", "Trust", "A, Trust A | B, Trust B", "", "", "", "", "", ""),
    ("team", "participants", "radio", "Team", "North, North team | South, South team", "", "", "", "", "", ""),
    (
        "arm",
        "participants",
        "radio",
        "Arm",
        "comparison, Usual practice | implementation, New practice",
        "",
        "",
        "",
        "",
        "",
        "",
    ),
    ("recruited_on", "participants", "text", "Recruited on", "", "date_ymd", "", "", "", "", ""),
    (
        "status",
        "participants",
        "radio",
        "Status",
        "completed, Completed | lost_before_baseline, Lost before baseline | lost_after_baseline, Lost after baseline",
        "",
        "",
        "",
        "",
        "",
        "",
    ),
    (
        "loss_reason",
        "participants",
        "radio",
        "Reason for loss",
        "withdrew, Withdrew | other, Other",
        "",
        "",
        "",
        "",
        "-9, Not recorded",
        "",
    ),
    (
        "interview_date",
        "interview",
        "text",
        "Date of interview",
        "",
        "date_ymd",
        "2018-01-01",
        "2019-12-31",
        "",
        "",
        "0m;6m",
    ),
    ("gender", "interview", "radio", "Gender", "female, Female | male, Male", "", "", "", "", "-9, Missing", "0m;6m"),
    ("age", "baseline", "text", "Age", "", "integer", "16", "110", "", "999, Missing", "0m"),
    ("score", "interview", "text", "Score", "", "number", "0", "100", "", "-9, Missing | -8, Refused", "0m;6m"),
    ("supported", "six_months", "radio", "Support received", YES_NO, "", "", "", "", "-9, Missing", "6m"),
    ("help", "six_months", "radio", "Support helped", YES_NO, "", "", "", "[supported] = 'yes'", "", "6m"),
    (
        "explained",
        "six_months",
        "radio",
        "Materials explained",
        YES_NO,
        "",
        "",
        "",
        "[arm] = 'implementation'",
        "",
        "6m",
    ),
    ("note", "six_months", "text", "Note", "", "", "", "", "", "", "6m"),
    ("fidelity", "teams", "text", "Fidelity", "", "number", "0", "100", "", "", ""),
]

FILES = {
    "participants": """\
participant_id,trust,team,arm,recruited_on,status,loss_reason
P01,A,North,implementation,2018-02-01,completed,
P02,A,South,comparison,2018-02-02,completed,
P03,B,North,comparison,2018-02-03,completed,
P04,B,South,implementation,2018-02-04,completed,
P05,B,South,implementation,2018-02-05,lost_after_baseline,withdrew
P06,B,North,comparison,2018-02-06,lost_before_baseline,other
""",
    "baseline": """\
participant_id,interview_date,trust,team,gender,age,score
P01,2018-03-01,A,North,female,40,50
P02,2018-03-02,A,South,male,41,51.5
P03,2018-03-03,B,North,female,42,52
P04,2018-03-04,B,South,male,43,53
P05,2018-03-05,B,South,female,44,54
""",
    "six_months": """\
participant_id,interview_date,trust,team,gender,score,supported,help,explained,note
P01,2018-09-01,A,North,female,60,yes,yes,no,
P02,2018-09-02,A,South,male,61.5,no,,,
P03,2018-09-03,B,North,female,62,yes,no,,"moved,
then came back"
P04,2018-09-04,B,South,male,63,,,yes,
""",
    "teams": """\
trust,team,arm,fidelity
A,North,implementation,70
A,South,comparison,20
B,North,comparison,30
B,South,implementation,60
""",
}

SOURCES = {
    "participants": {"file": "raw/participants.csv", "holds": "participants"},
    "baseline": {"file": "raw/baseline.csv", "holds": "interviews", "wave": "0m"},
    "six_months": {"file": "raw/six_months.csv", "holds": "interviews", "wave": "6m"},
    "teams": {"file": "raw/teams.csv", "holds": "teams"},
}

DESIGN = {
    "participant": "participant_id",
    "arm": {"variable": "arm", "reference": "comparison"},
    "levels": [{"variable": "trust"}, {"variable": "team"}],
    "interview_date": "interview_date",
    "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}],
}

CLEANING = {"constant": ["gender"]}


def dictionary_text(variables=VARIABLES) -> str:
    """A dictionary as REDCap would export it."""
    rows = []
    for name, form, kind, label, choices, validation, low, high, branching, missing, waves in variables:
        cells = [
            name,
            form,
            "",
            kind,
            label,
            choices,
            "",
            validation,
            low,
            high,
            "",
            branching,
            "",
            "",
            "",
            "",
            "",
            "",
            missing,
            waves,
        ]
        rows.append(",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in cells))
    header = ",".join(f'"{column}"' if "," in column else column for column in COLUMNS)
    return "\n".join([header, *rows, ""])


def write_study(folder: Path, files=None, variables=VARIABLES) -> None:
    """Write dictionary and raw files; ``files`` replace or add to those of the study (None: left out)."""
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "dictionary.csv").write_text(dictionary_text(variables), encoding="utf-8")
    for name, text in {**FILES, **(files or {})}.items():
        if text is not None:
            content = text if isinstance(text, bytes) else text.encode("utf-8")
            (raw / f"{name}.csv").write_bytes(content)


def plan_parts(sources=SOURCES, design=None, cleaning=None, **data) -> tuple[Data, Design, Cleaning]:
    """The sections of the plan."""
    return (
        Data(dictionary="raw/dictionary.csv", sources=sources, **data),
        Design(**{**DESIGN, **(design or {})}),
        Cleaning(**(CLEANING if cleaning is None else cleaning)),
    )


def clean_study(folder: Path, files=None, variables=VARIABLES, **plan) -> CleanData:
    """Write a study and clean it."""
    write_study(folder, files, variables)
    data, design, cleaning = plan_parts(**plan)
    return clean(data, design, cleaning, study_dictionary(folder), folder)


def study_dictionary(folder: Path) -> Dictionary:
    return read_dictionary(folder / "raw/dictionary.csv", "raw/dictionary.csv")


def changed(name: str, *replacements: tuple[str, str]) -> dict[str, str]:
    """One file of the study with some texts replaced; each must be there once."""
    text = FILES[name]
    for old, new in replacements:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in {name}")
        text = text.replace(old, new)
    return {name: text}


def audit_of(result: CleanData, variable: str) -> list[tuple[str, str, str, str]]:
    """participant, before, after, rule of a variable's audit lines."""
    lines = result.audit[result.audit["variable"] == variable]
    return list(lines[["participant", "before", "after", "rule"]].itertuples(index=False, name=None))


def queries_of(result: CleanData) -> list[tuple[str, str, str]]:
    """participant, variable, rule of all queries."""
    return list(result.queries[["participant", "variable", "rule"]].itertuples(index=False, name=None))


def aside_of(result: CleanData) -> list[tuple[str, int, str, str]]:
    """source, line, participant, rule of the rows set aside."""
    return list(result.set_aside[["source", "line", "participant", "rule"]].itertuples(index=False, name=None))


def value_of(result: CleanData, participant: str, wave: str, variable: str):
    """A clean value."""
    frame = result.interviews
    return frame.loc[(frame["participant_id"] == participant) & (frame["wave"] == wave), variable].item()

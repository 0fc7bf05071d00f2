"""One small study, written in the layout of each program that field teams use."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import pandas as pd

from intake_study import dictionary_text

CHOICES = {
    "trust": "A, Trust A | B, Trust B",
    "team": "North, North team | South, South team",
    "arm": "comparison, Usual practice | implementation, New practice",
    "status": "completed, Completed | lost_before_baseline, Lost before | lost_after_baseline, Lost after",
    "gender": "female, Female | male, Male | other, Other",
    "act": "help, Self-help | sport, Sport and exercise",
}
# name, form, type, label, choices, validation, min, max, branching, missing codes, waves
VARIABLES = [
    ("participant_id", "log", "text", "Participant", "", "", "", "", "", "", ""),
    ("trust", "log", "radio", "Trust", CHOICES["trust"], "", "", "", "", "", ""),
    ("team", "log", "radio", "Team", CHOICES["team"], "", "", "", "", "", ""),
    ("arm", "log", "radio", "Arm", CHOICES["arm"], "", "", "", "", "", ""),
    ("recruited_on", "log", "text", "Recruited on", "", "date_ymd", "", "", "", "", ""),
    ("status", "log", "radio", "Status", CHOICES["status"], "", "", "", "", "", ""),
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
    ("gender", "baseline", "radio", "Gender", CHOICES["gender"], "", "", "", "", "-9, Missing", "0m"),
    ("age", "baseline", "text", "Age in years", "", "integer", "16", "110", "", "999, Not stated", "0m"),
    ("alone", "baseline", "yesno", "Lives alone", "", "", "", "", "", "", "0m"),
    ("score", "interview", "text", "Score", "", "number", "0", "100", "", "-9, Missing | -8, Refused", "0m;6m"),
    ("act", "followup", "checkbox", "Activities", CHOICES["act"], "", "", "", "", "", "6m"),
    ("note", "followup", "notes", "Note", "", "", "", "", "", "", "6m"),
]
PERSON = ["participant_id", "trust", "team", "arm", "recruited_on", "status"]
ASKED = {
    "0m": ["interview_date", "gender", "age", "alone", "score"],
    "6m": ["interview_date", "score", "act___help", "act___sport", "note"],
}
DATES = ("recruited_on", "interview_date")
DESIGN = {
    "participant": "participant_id",
    "arm": {"variable": "arm", "reference": "comparison"},
    "levels": [{"variable": "trust"}, {"variable": "team"}],
    "interview_date": "interview_date",
    "waves": [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}],
}
CODES = {name: dict(part.strip().split(", ", 1) for part in text.split("|")) for name, text in CHOICES.items()} | {
    "alone": {"yes": "Yes", "no": "No"}
}
MISSING = {"gender": {"-9": "Missing"}, "age": {"999": "Not stated"}, "score": {"-9": "Missing", "-8": "Refused"}}
_NOTES = ["", 'a café, £5; "yes"', "two\nlines", "none", "", "Sioned’s club"]


def truth() -> tuple[list[dict[str, str]], dict[str, list[dict[str, str]]]]:
    """The recruitment log and the interviews of each wave, in the dictionary's codes; missing codes as typed."""
    people, talks = [], {"0m": [], "6m": []}
    for at in range(1, 13):
        trust, team = "AB"[at % 2], ["North", "South"][at // 2 % 2]
        arm = "implementation" if (trust == "A") == (team == "North") else "comparison"
        status = "lost_before_baseline" if at == 5 else "lost_after_baseline" if at in (3, 8) else "completed"
        person = f"P{at:02d}"
        people.append(dict(zip(PERSON, (person, trust, team, arm, f"2018-01-{at + 1:02d}", status), strict=True)))
        if status != "lost_before_baseline":
            answers = (
                f"2018-02-{at + 3:02d}",
                ["female", "male", "other", "-9"][at % 4],
                "999" if at == 7 else str(20 + 3 * at),
                ["yes", "no", ""][at % 3],
                "-8" if at == 4 else f"{40 + at * 1.25:g}",
            )
            talks["0m"].append({"participant_id": person, **dict(zip(ASKED["0m"], answers, strict=True))})
        if status == "completed":
            answers = (
                f"2018-08-{at + 5:02d}",
                "-9" if at == 9 else f"{45 + at * 0.5:g}",
                ["yes", "no"][at % 2],
                ["no", "yes", "no"][at % 3],
                _NOTES[at % 6],
            )
            talks["6m"].append({"participant_id": person, **dict(zip(ASKED["6m"], answers, strict=True))})
    return people, talks


def long_rows() -> list[dict[str, str]]:
    """All waves in one: a row a person and wave; people never interviewed have a baseline row of the log only."""
    people, talks = truth()
    held = {wave: {row["participant_id"]: row for row in rows} for wave, rows in talks.items()}
    rows = []
    for person in people:
        key = person["participant_id"]
        rows.append({"wave": "0m", **person, **held["0m"].get(key, {})})
        if key in held["6m"]:
            rows.append({"wave": "6m", **person, **held["6m"][key]})
    return rows


def wide_rows() -> list[dict[str, str]]:
    """All waves in one: a row a person."""
    people, talks = truth()
    rows = {person["participant_id"]: dict(person) for person in people}
    for wave, interviews in talks.items():
        for row in interviews:
            rows[row["participant_id"]] |= {f"{name}_{wave}": row[name] for name in ASKED[wave]}
    return list(rows.values())


LONG_COLUMNS = ["wave", *PERSON, *dict.fromkeys([*ASKED["0m"], *ASKED["6m"]])]
WIDE_COLUMNS = [*PERSON, *(f"{name}_{wave}" for wave, names in ASKED.items() for name in names)]
TABLES = {
    "log": ("participants", None, PERSON, lambda: truth()[0]),
    "first": ("interviews", "0m", ["participant_id", *ASKED["0m"]], lambda: truth()[1]["0m"]),
    "second": ("interviews", "6m", ["participant_id", *ASKED["6m"]], lambda: truth()[1]["6m"]),
}


def csv_text(rows: list[dict[str, str]], columns: list[str], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if delimiter == ";" else "\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


def write_dictionary(folder: Path) -> None:
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    (folder / "raw/dictionary.csv").write_text(dictionary_text(VARIABLES), encoding="utf-8")


def plain(folder: Path, encoding: str = "utf-8") -> dict:
    """CSV, one file a wave."""
    sources = {}
    for name, (holds, wave, columns, rows) in TABLES.items():
        (folder / f"raw/{name}.csv").write_bytes(csv_text(rows(), columns).encode(encoding))
        sources[name] = _source(f"raw/{name}.csv", holds, wave)
    return sources


def with_mark(folder: Path) -> dict:
    return plain(folder, "utf-8-sig")


def european(folder: Path) -> dict:
    """Windows-1252, semicolons, decimal commas."""
    sources = {}
    for name, (holds, wave, columns, rows) in TABLES.items():
        changed = [
            {key: value.replace(".", ",") if key == "score" else value for key, value in row.items()} for row in rows()
        ]
        (folder / f"raw/{name}.csv").write_bytes(csv_text(changed, columns, ";").encode("cp1252"))
        sources[name] = _source(f"raw/{name}.csv", holds, wave)
    return sources


def long_csv(folder: Path) -> dict:
    (folder / "raw/all.csv").write_text(csv_text(long_rows(), LONG_COLUMNS), encoding="utf-8")
    return {"all": {"file": "raw/all.csv", "holds": "long"}}


def wide_csv(folder: Path) -> dict:
    (folder / "raw/all.csv").write_text(csv_text(wide_rows(), WIDE_COLUMNS), encoding="utf-8")
    return {"all": {"file": "raw/all.csv", "holds": "wide"}}


def redcap_raw(folder: Path) -> dict:
    """REDCap, raw: people and baseline in one event, 1 and 0 for yes and no, survey timestamps."""
    asked = [name for name in LONG_COLUMNS if name not in ("wave", "participant_id")]
    columns = [
        "participant_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "redcap_survey_identifier",
        "baseline_timestamp",
        *asked,
        "baseline_complete",
        "followup_complete",
    ]
    rows = []
    for row in long_rows():
        first = row["wave"] == "0m"
        coded = {key: _one_zero(key, value) for key, value in row.items()}
        if not first:
            coded = {key: value for key, value in coded.items() if key not in PERSON[1:]}
        if first:
            coded |= {"act___help": "0", "act___sport": "0"}
        event = "baseline_arm_1" if first else "six_months_arm_1"
        rows.append(
            coded
            | {
                "redcap_event_name": event,
                "baseline_timestamp": "2018-02-05 10:11:12" if first else "",
                "baseline_complete": "2" if first else "",
                "followup_complete": "" if first else "2",
            }
        )
    (folder / "raw/redcap.csv").write_text(csv_text(rows, columns), encoding="utf-8")
    return {"redcap": {"file": "raw/redcap.csv", "holds": "long"}}


def redcap_label(folder: Path) -> dict:
    """REDCap, labels: headers are field labels, answers are labels, people stand in an event of their own."""
    titles = {name: label for name, _, _, label, *_ in VARIABLES} | {
        f"act___{code}": f"Activities (choice={label})" for code, label in CODES["act"].items()
    }
    interview = [name for name in LONG_COLUMNS if name not in ("wave", *PERSON)]
    columns = ["participant_id", "event", *PERSON[1:], *interview, "complete"]
    people, talks = truth()
    rows = [{**person, "event": "Enrolment (Arm 1: All)"} for person in people]
    for wave, event in (("0m", "Baseline (Arm 1: All)"), ("6m", "Six months (Arm 1: All)")):
        blank = {name: "no" for name in interview if "___" in name and name not in ASKED[wave]}
        rows += [{**blank, **row, "event": event, "complete": "Complete"} for row in talks[wave]]
    labelled = [{key: _label(key, value) for key, value in row.items()} for row in rows]
    text = csv_text(labelled, columns)
    head = [{"event": "Event Name", "complete": "Complete?"}.get(name, titles.get(name, name)) for name in columns]
    body = text.split("\n", 1)[1]
    (folder / "raw/redcap.csv").write_text(csv_text([], head) + body, encoding="utf-8")
    waves = {"Enrolment (Arm 1: All)": None, "Baseline (Arm 1: All)": "0m", "Six months (Arm 1: All)": "6m"}
    return {"redcap": {"file": "raw/redcap.csv", "holds": "long", "waves": waves}}


def qualtrics(folder: Path) -> dict:
    """Qualtrics, choice text: three header rows, session columns, a preview that is no answer."""
    session = ["StartDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "ResponseId"]
    titles = {name: label for name, _, _, label, *_ in VARIABLES}
    sources = {}
    for name, (holds, wave, columns, rows) in TABLES.items():
        if name == "log":
            continue
        every = [*session, *columns]
        given = dict(
            zip(session, ["2018-02-01 09:00:00", "IP Address", "192.0.2.1", "100", "600", "True", "R_1"], strict=True)
        )
        body = [{**given, **{key: _label(key, value, ("Yes", "No")) for key, value in row.items()}} for row in rows()]
        body.insert(1, {**given, "Status": "Survey Preview", "participant_id": "P01"})
        second = {column: titles.get(column, column) for column in every}
        third = {column: f'{{"ImportId":"QID{at}"}}' for at, column in enumerate(every)}
        (folder / f"raw/{name}.csv").write_text(csv_text([second, third, *body], every), encoding="utf-8")
        sources[name] = _source(f"raw/{name}.csv", holds, wave)
    holds, wave, columns, rows = TABLES["log"]
    (folder / "raw/log.csv").write_text(csv_text(rows(), columns), encoding="utf-8")
    return {"log": _source("raw/log.csv", holds, wave), **sources}


def spss(folder: Path) -> dict:
    """SPSS, one file a wave: numbers with value labels, user-missing codes and a user-missing range."""
    import pyreadstat

    sources = {}
    for name, (holds, wave, columns, rows) in TABLES.items():
        frame, labels = numeric_frame(rows(), columns)
        ranges = {"gender": [-9], "age": [999], "score": [{"lo": -9, "hi": -8}]}
        pyreadstat.write_sav(
            frame,
            str(folder / f"raw/{name}.sav"),
            variable_value_labels=labels,
            missing_ranges={
                key: value for key, value in ranges.items() if key in columns and frame[key].dtype.kind == "f"
            },
            column_labels={column: column.title() for column in columns},
        )
        sources[name] = _source(f"raw/{name}.sav", holds, wave)
    return sources


def spss_long(folder: Path) -> dict:
    """SPSS, all waves in one compressed file."""
    import pyreadstat

    frame, labels = numeric_frame(long_rows(), LONG_COLUMNS)
    pyreadstat.write_sav(frame, str(folder / "raw/all.zsav"), variable_value_labels=labels, compress=True)
    return {"all": {"file": "raw/all.zsav", "holds": "long"}}


def stata_wide(folder: Path) -> dict:
    """Stata, wide: value labels and the missing values .a and .b."""
    import pyreadstat

    frame, labels = numeric_frame(wide_rows(), WIDE_COLUMNS)
    special = {}
    for column in ("score_0m", "score_6m", "gender_0m", "age_0m"):
        if frame[column].dtype.kind != "f":
            continue
        codes = {-9.0: "a", -8.0: "b", 999.0: "c"}
        frame[column] = frame[column].astype(object).map(lambda value, codes=codes: codes.get(value, value))
        special[column] = ["a", "b", "c"]
        labels[column] = {key: text for key, text in labels.get(column, {}).items() if key >= 0}
        labels[column] |= {"a": "Missing", "b": "Refused", "c": "Not stated"}
    pyreadstat.write_dta(
        frame, str(folder / "raw/all.dta"), version=14, variable_value_labels=labels, missing_user_values=special
    )
    return {"all": {"file": "raw/all.dta", "holds": "wide"}}


def excel(folder: Path) -> dict:
    """Excel: a sheet a table, true dates and numbers, one date typed as a day number."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["exported by hand"])
    sources = {}
    for name, (holds, wave, columns, rows) in TABLES.items():
        sheet = book.create_sheet(name)
        sheet.append([column.replace("_", " ").title() if column == "interview_date" else column for column in columns])
        for row in rows():
            sheet.append([_excel(column, row.get(column, "")) for column in columns])
            for cell in sheet[sheet.max_row]:
                cell.data_type = "s" if cell.data_type == "f" else cell.data_type  # typed as text, not as a formula
        if name == "first":
            cell = sheet.cell(2, columns.index("interview_date") + 1)
            if isinstance(cell.value, date):
                cell.value, cell.number_format = (cell.value - date(1899, 12, 30)).days, "General"
        sources[name] = _source("raw/book.xlsx", holds, wave) | {"sheet": name}
    book.save(folder / "raw/book.xlsx")
    return sources


VENDORS = {
    "csv with byte-order mark": with_mark,
    "csv windows semicolons": european,
    "csv long": long_csv,
    "csv wide": wide_csv,
    "redcap raw": redcap_raw,
    "redcap label": redcap_label,
    "qualtrics": qualtrics,
    "spss": spss,
    "spss long": spss_long,
    "stata wide": stata_wide,
    "excel": excel,
}


def numeric_frame(rows: list[dict[str, str]], columns: list[str]) -> tuple[pd.DataFrame, dict[str, dict]]:
    """Values as statistics programs hold them: numbers with labels, dates, text."""
    frame, labels = {}, {}
    for column in columns:
        base = column.rsplit("_", 1)[0] if column.endswith(("_0m", "_6m")) else column
        texts = [row.get(column, "") for row in rows]
        codes = CODES["alone"] if "___" in base else CODES.get(base)
        if codes is not None and base != "trust":
            number = {code: float(at) for at, code in enumerate(codes, start=1)}
            missing = MISSING.get(base, {})
            if not all(text in number or text in missing or not text for text in texts):
                frame[column] = texts  # typed as text: the program keeps a column of text
                continue
            frame[column] = [number[text] if text in number else float(text or "nan") for text in texts]
            labels[column] = {number[code]: label for code, label in codes.items()} | {
                float(code): label for code, label in missing.items()
            }
        elif base in DATES and all(_is_day(text) for text in texts):
            frame[column] = pd.Series([date.fromisoformat(text) if text else None for text in texts], dtype=object)
        elif base in ("age", "score") and all(_is_number(text) for text in texts):
            frame[column] = [float(text) if text else float("nan") for text in texts]
        else:
            frame[column] = texts
    return pd.DataFrame(frame), labels


def _source(file: str, holds: str, wave: str | None) -> dict:
    return {"file": file, "holds": holds, **({"wave": wave} if wave else {})}


def _one_zero(column: str, value: str) -> str:
    return {"yes": "1", "no": "0"}.get(value, value) if column == "alone" or "___" in column else value


def _label(column: str, value: str, ticked: tuple[str, str] = ("Checked", "Unchecked")) -> str:
    if "___" in column:
        return {"yes": ticked[0], "no": ticked[1]}.get(value, value)
    return CODES.get(column, {}).get(value, MISSING.get(column, {}).get(value, value))


def _excel(column: str, value: str):
    if not value:
        return None
    if column in DATES and _is_day(value):
        return date.fromisoformat(value)
    return float(value) if column in ("age", "score") and _is_number(value) else value


def _is_day(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    """Whether a program that holds numbers would hold this as one; white space and the like make a text."""
    return not text or re.fullmatch(r"-?\d+(\.\d+)?", text) is not None

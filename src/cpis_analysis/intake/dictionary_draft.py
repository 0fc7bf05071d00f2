"""A first dictionary from a data file: what can be told from it, for a person to check."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.intake.files.checkboxes import REDCAP_MISSING_CODES
from cpis_analysis.intake.files.qualtrics import SESSION_COLUMNS
from cpis_analysis.intake.files.redcap import EVENT_COLUMNS, INSTANCE_COLUMNS, INSTRUMENT_COLUMNS
from cpis_analysis.intake.privacy.scan import kinds_in
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import dictionary_code, folded, usual_spellings
from cpis_analysis.intake.values.column_numbers import numbers_in, several_codes
from cpis_analysis.intake.values.dates import date_rule
from cpis_analysis.intake.values.written_numbers import is_plain_number, plain_text
from cpis_analysis.plan.dictionary_columns import CHOICES, COLUMNS, NOTE, VALIDATION
from cpis_analysis.plan.schema import Cleaning

IDENTIFYING_NAMES = (
    "name",
    "surname",
    "forename",
    "initials",
    "nhs",
    "dob",
    "birth",
    "postcode",
    "address",
    "email",
    "phone",
    "telephone",
    "mobile",
    "contact",
    "ipaddress",
    "latitude",
    "longitude",
    "signature",
)
_MOST_CATEGORIES = 12
_MOST = 0.9
_MOST_NAMED = 4
_USUAL_MISSING = ("-9", "-8", "-7", "-99", "-88", "-999", "99", "88", "999", "9999")
_CHECKBOX = re.compile(r"(.+)___([A-Za-z0-9_]+)\Z")
_CALLED_MISSING = re.compile(
    r"(missing|refused|unknown|no answer|don.?t know|not (stated|known|recorded|applicable|asked|answered))\b",
    re.IGNORECASE,
)
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")


def draft_rows(delivered: Delivered, form: str, wave: str = "") -> list[dict[str, str]]:
    """Rows of a dictionary in the layout of `COLUMNS`.

    Parameters
    ----------
    delivered : Delivered
        A file of any layout.
    form : str
        Name of the form.
    wave : str
        Wave of the file; empty for variables about people.

    Notes
    -----
    1. Value labels make a category if most cells hold a labelled value; declared missing values become missing codes.
    2. Otherwise the values decide: whole numbers, numbers (with decimal commas too), dates, yes and no, few different
       texts (a category), or text; texts that stand for no answer (NA, a lone dot) tell nothing. Ranges are a decision
       of the study, so the observed range stands in the note only. It is left out for identifiers, as are their values.
    3. Columns that are called like an identifier, or hold what looks like one, are marked.
    """
    own = {folded(name) for name in (*EVENT_COLUMNS, *INSTANCE_COLUMNS, *INSTRUMENT_COLUMNS)}
    own |= set(SESSION_COLUMNS) if delivered.format == "qualtrics" else set()
    rows: dict[str, dict[str, str]] = {}
    for at, name in enumerate(delivered.header):
        if not name or folded(name) in own:
            continue
        match = _CHECKBOX.match(name)
        if match:
            base, code = match.groups()
            row = rows.setdefault(base, _row(base, form, "checkbox", base, wave))
            if code.upper() in REDCAP_MISSING_CODES:
                code = f"{code.upper()}, {code.upper()} - to be checked"
                row["Missing Codes"] = f"{row['Missing Codes']} | {code}".removeprefix(" | ")
                continue
            choices = row[CHOICES]
            row[CHOICES] = f"{choices} | {code}, {code}".removeprefix(" | ")
            continue
        row = _column(delivered, at, name, form, wave)
        rows.setdefault(row["Variable / Field Name"], row)
    return list(rows.values())


def draft_row(places: Sequence[tuple[Delivered, int]], name: str, form: str) -> dict[str, str]:
    """One row of a dictionary for a variable that stands in one column or, at several waves, in several.

    Parameters
    ----------
    places : sequence of (Delivered, int)
        Its columns: file and position. Label, value labels and declared missing values are those of the first.
    name, form : str
    """
    delivered, first = places[0]
    whole = replace(
        delivered,
        header=(delivered.header[first],),
        columns=(np.concatenate([file.columns[at] for file, at in places]),),
        labels=(delivered.labels[first],),
        value_labels={0: delivered.value_labels[first]} if first in delivered.value_labels else {},
        missing={0: delivered.missing[first]} if first in delivered.missing else {},
    )
    return _column(whole, 0, whole.header[0], form, "") | {"Variable / Field Name": name}


def draft_text(rows: list[dict[str, str]]) -> str:
    """The dictionary as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _column(delivered: Delivered, at: int, name: str, form: str, wave: str) -> dict[str, str]:
    texts = pd.Series(delivered.columns[at]).map(str.strip)
    counts = texts[texts != ""].value_counts()
    labels = delivered.value_labels.get(at, {})
    declared = delivered.missing.get(at)
    missing = {
        text: labels.get(text, "Missing")
        for text in [*counts.index, *labels]
        if declared is not None and declared.holds(text)
    }
    values = [text for text in counts.index if text not in missing and text.casefold() not in _SETTINGS.missing_texts]
    row = _row(_as_name(name), form, "text", delivered.labels[at] or name, wave)
    words = {word for word in re.split(r"[^a-z]+", name.lower()) if word}
    hidden = bool(words & set(IDENTIFYING_NAMES)) or any(kinds_in(text) for text in values[:2000])
    if hidden:
        row["Identifier?"] = "y"
        if values and all(_date(text) for text in values):
            row[VALIDATION] = "date_ymd"
        return row
    choices = {code: label for code, label in labels.items() if code not in missing}
    cells = {text: int(counts[text]) for text in values}
    if are_labelled(cells, choices):
        missing |= {
            code: f"{label} - to be checked"
            for code, label in choices.items()
            if code in _USUAL_MISSING and _CALLED_MISSING.match(label)
        }
        row |= _category({code: label for code, label in choices.items() if code not in missing})
    elif values:
        row |= _by_values(cells, missing, choices, delivered)
    if missing:
        row["Missing Codes"] = choice_pairs(missing)
    return row


def _by_values(
    counts: dict[str, int], missing: dict[str, str], labels: Mapping[str, str], delivered: Delivered
) -> dict[str, str]:
    """Type by what most cells hold; misspellings and missing codes are no types of their own.

    Labels of a few values (0 'not at all', 10 'extremely', -9 'refused') make no category of a number.
    """
    cells = sum(counts.values())
    if delivered.format == "qualtrics" and (codes := several_codes(counts)):
        return {"Field Type": "checkbox", CHOICES: choice_pairs({code: code for code in codes})}
    numbers = [text for text in counts if is_plain_number(text)]
    known = numbers_in(counts, delivered.decimal_comma)
    if known is not None:
        read, commas = known
        found = _number(read, len(counts) - len(read), missing, labels)
        return found | ({VALIDATION: "number_comma_decimal"} if commas and found[VALIDATION] == "number" else {})
    if sum(counts[text] for text in counts if _date(text)) >= _MOST * cells:
        return {VALIDATION: "date_ymd"}
    suspects = [text for text in numbers if plain_text(float(text)) in _USUAL_MISSING]
    named = sorted(set(usual_spellings({text: n for text, n in counts.items() if text not in suspects}).values()))
    if len(named) > _MOST_CATEGORIES or cells < 3 * len(named) or max(map(len, named), default=99) > 60:
        return {}
    if any(sign in text for text in named for sign in ",|"):
        return {}
    missing |= {text: "Missing - to be checked" for text in suspects}
    if set(map(folded, named)) == {"yes", "no"}:
        return {"Field Type": "yesno"}
    return _category({text: text for text in named})


def are_labelled(counts: Mapping[str, int], choices: Mapping[str, str]) -> bool:
    """Whether labels name the values of a category, and not some points of a number (0 'not at all', 10 'extremely').

    Parameters
    ----------
    counts : mapping of str to int
        Number of cells by what stands in them.
    choices : mapping of str to str
        Labels by value, without those of missing values.
    """
    without = [text for text in counts if text not in choices]
    share = 1 - sum(counts[text] for text in without) / max(sum(counts.values()), 1)
    return bool(choices) and (share >= _MOST or (share >= 0.5 and len(without) <= 2))


def _number(
    values: Mapping[str, str], others: int, missing: dict[str, str], labels: Mapping[str, str]
) -> dict[str, str]:
    """A numeric variable; ``values`` are the numbers by what is written."""
    number = {text: float(read) for text, read in values.items()}
    suspects = [text for text, value in number.items() if plain_text(value) in _USUAL_MISSING]
    rest = np.array(sorted(value for text, value in number.items() if text not in suspects))
    outside = [text for text in suspects if rest.size and not rest[0] <= number[text] <= rest[-1]]
    missing |= {text: labels.get(text, "Missing") + " - to be checked" for text in outside}
    kept = np.array([value for text, value in number.items() if text not in outside])
    whole = bool((kept == np.round(kept)).all())
    note = f"observed {plain_text(float(kept.min()))} to {plain_text(float(kept.max()))}"
    named = [f"{code} is called '{label}'" for code, label in labels.items() if code not in outside][:_MOST_NAMED]
    return {
        VALIDATION: "integer" if whole else "number",
        NOTE: "; ".join([note, *([f"{others} other texts"] if others else []), *named]),
    }


def _category(choices: Mapping[str, str]) -> dict[str, str]:
    return {"Field Type": "radio", CHOICES: choice_pairs(choices)}


def choice_pairs(pairs: Mapping[str, str]) -> str:
    """Codes and their labels as a dictionary writes them: ``1, Yes | 0, No``."""
    return " | ".join(f"{dictionary_code(code)}, {label.replace('|', '/')}" for code, label in pairs.items())


def _date(text: str) -> bool:
    step = date_rule(text, _ANY_DATE, _SETTINGS)
    return step is None or step.rule in ("date_format", "time_of_day", "ambiguous_date")


_SETTINGS = ValueSettings(Cleaning())
_ANY_DATE = Variable("day", "", "day", type="date")


def _as_name(name: str) -> str:
    text = _NOT_IN_NAMES.sub("_", name.strip()).strip("_") or "column"
    return text if text[0].isalpha() else f"v_{text}"


def _row(name: str, form: str, kind: str, label: str, wave: str) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "")
    return row | {
        "Variable / Field Name": name,
        "Form Name": form,
        "Field Type": kind,
        "Field Label": " ".join(label.split()),
        "Waves": wave,
    }

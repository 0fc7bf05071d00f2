"""The data dictionary of the raw files, in the column layout of a REDCap project."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.plan.dictionary_columns import CHOICES, COLUMNS, NOTE, VALIDATION
from cpis_analysis.synthetic.parameters import Design
from cpis_analysis.synthetic.variable_rows import Variable, variables


def dictionary(design: Design | None = None) -> pd.DataFrame:
    """One row a variable, text only. A section header stands on the first variable of its section."""
    rows, section = [], ""
    for variable in variables(design):
        header = variable.section if variable.section != section else ""
        section = variable.section
        rows.append(_row(variable, header))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def _row(variable: Variable, header: str) -> dict[str, str]:
    validation = {"date": "date_ymd", "integer": "integer"}.get(variable.kind, "")
    cells = dict.fromkeys(COLUMNS, "")
    cells.update(
        {
            "Variable / Field Name": variable.name,
            "Form Name": variable.form,
            "Section Header": header,
            "Field Type": "radio" if variable.kind == "category" else "text",
            "Field Label": variable.label,
            CHOICES: _pairs(variable.choices),
            NOTE: variable.note,
            VALIDATION: validation,
            "Text Validation Min": "" if variable.low is None else str(variable.low),
            "Text Validation Max": "" if variable.high is None else str(variable.high),
            "Branching Logic (Show field only if...)": variable.branching,
            "Required Field?": "y" if variable.required else "",
            "Missing Codes": _pairs(variable.missing),
            "Waves": ";".join(variable.waves),
        }
    )
    return cells


def _pairs(pairs: tuple[tuple[object, str], ...]) -> str:
    return " | ".join(f"{code}, {label}" for code, label in pairs)

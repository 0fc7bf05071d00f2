"""Means of clusters as R, SAS and Stata make them: over people, before those without a variable of the model go."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.formula.parse import ClusterPart
from cpis_analysis.translate.notation.r_syntax import name_text, quoted
from cpis_analysis.translate.notation.sas_contrasts import sas_text
from cpis_analysis.translate.notation.translation import ExplainedModel, column_name

_ONE_ROW = "one_row_"
"""In SAS and Stata, which of a person's interviews counts in means of clusters."""
_YES = '"yes", "true", "1"'


def needed_of_people(model: ExplainedModel) -> list[str]:
    """Variables of people without an interview, who count in means of clusters: what is averaged, and their place."""
    spec, averaged = model.spec, [part.variable for part in model.formula.cluster_parts]
    return [*averaged, spec.arm, *spec.levels] if averaged else []


def r_columns(model: ExplainedModel, frame: str) -> Iterator[str]:
    """Lines that add the columns to a frame with one row a person, whose columns are text."""
    for part in model.formula.cluster_parts:
        value = f"{frame}${name_text(part.variable)}"
        number = f"as.numeric({value})"
        if part.variable == model.spec.arm:
            number = f"as.numeric({value} != {quoted(model.spec.reference)})"
        elif model.variables.is_factor(part.variable):
            number = f"ifelse(is.na({value}), NA, tolower({value}) %in% c({_YES}))"
        places = ", ".join(f"{frame}${name_text(key)}" for key in _keys(model, part))
        mean = f"ave({number}, {places}, FUN = function(v) mean(v, na.rm = TRUE))"
        less = f"{number} - " if part.kind == "within" else ""
        yield f"{frame}${column_name(str(part))} <- {less}{mean}"


def stata_columns(model: ExplainedModel) -> list[str]:
    """Commands that make the variables; of several interviews of a person one counts."""
    parts = model.formula.cluster_parts
    lines = [f"egen {_ONE_ROW} = tag({model.spec.participant})"] if parts and model.is_long else []
    for part in parts:
        number = part.variable
        if part.variable == model.spec.arm:
            number = f'cond({part.variable} == "", ., {part.variable} != "{model.spec.reference}")'
        elif model.variables.is_factor(part.variable):
            number = f'cond({part.variable} == "", ., inlist(lower({part.variable}), {_YES}))'
        counted = f"cond({_ONE_ROW}, {number}, .)" if model.is_long else number
        name = column_name(str(part))
        lines.append(f"egen double {name} = mean({counted}), by({' '.join(_keys(model, part))})")
        if part.kind == "within":
            lines.append(f"replace {name} = {number} - {name}")
    return lines


def sas_columns(model: ExplainedModel) -> list[str]:
    """Steps that add the variables to the data set rows; of several interviews of a person one counts."""
    parts = model.formula.cluster_parts
    lines = []
    if parts and model.is_long:
        person = model.spec.participant
        lines = [
            f"proc sort data=rows; by {person}; run;",
            f"data rows; set rows; by {person}; {_ONE_ROW} = first.{person}; run;",
        ]
    for part in parts:
        number = part.variable
        if part.variable == model.spec.arm:
            number = f"case when missing({number}) then . else ({number} ne {sas_text(model.spec.reference)}) end"
        elif model.variables.is_factor(part.variable):
            number = f"case when missing({number}) then . else (lowcase({number}) in ({_YES})) end"
        counted = f"case when {_ONE_ROW} then {number} else . end" if model.is_long else number
        less = f"{number} - " if part.kind == "within" else ""
        by = ", ".join(_keys(model, part))
        lines.append(
            f"proc sql; create table rows as select *, {less}mean({counted}) as {column_name(str(part))} from rows "
            f"group by {by}; quit;"
        )
    return lines


def _keys(model: ExplainedModel, part: ClusterPart) -> tuple[str, ...]:
    spec, level = model.spec, part.groups[-1]
    return spec.keys_of(level) if level in spec.levels else part.groups

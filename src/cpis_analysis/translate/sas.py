"""The same analysis in SAS: its rows, then what the estimator's translation makes of them."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.plan.specification import MONTHS
from cpis_analysis.translate.conditions_in_code import sas_condition, selecting_variables
from cpis_analysis.translate.notation.cluster_columns import needed_of_people, sas_columns
from cpis_analysis.translate.notation.sas_contrasts import sas_text
from cpis_analysis.translate.notation.translation import ExplainedModel, column_name
from cpis_analysis.translate.parts import missing_note, part_of

_FUNCTIONS = {
    "log": "log({})",
    "log1p": "log(1 + {})",
    "sqrt": "sqrt({})",
    "exp": "exp({})",
    "square": "{0} * {0}",
    "cube": "{0} * {0} * {0}",
}
_LONGEST_NAME = 32


def sas_code(model: ExplainedModel) -> str:
    """A SAS program; notes say where SAS cannot do the same."""
    spec = model.spec
    # (model) -> procedures that use the data set `rows`; without them (model) -> why there are none
    body, why = part_of(model, "sas_lines"), part_of(model, "sas_missing")
    if body is None:
        return f"/* {why(model) if why else missing_note(model, 'SAS')} */"
    return "\n".join([f"/* {spec.name} */", *_rows(model), *body(model)])


def _rows(model: ExplainedModel) -> list[str]:
    spec = model.spec
    first = "measurements" if model.is_long else "participants"
    lines = [
        f'proc import datafile="data/processed/{first}.csv" out=rows dbms=csv replace;',
        "  guessingrows=max;",
        "run;",
    ]
    parts = model.formula.cluster_parts
    joined = sorted(set(model.formula.sources) & model.variables.joined) if model.is_long else []
    derived, selecting = [name for name, _ in spec.derived], selecting_variables(model)
    if model.is_long and (selecting or joined or parts):
        own = [name for name in (*joined, *needed_of_people(model)) if name not in derived]
        wanted = dict.fromkeys([*own, *selecting])
        keep = " ".join([spec.participant, *wanted])
        lines += [
            'proc import datafile="data/processed/participants.csv" out=people dbms=csv replace;',
            "  guessingrows=max;",
            "run;",
            f"proc sort data=rows; by {spec.participant}; run;",
            f"proc sort data=people(keep={keep}); by {spec.participant}; run;",
            f"data rows; merge rows(in=talked) people; by {spec.participant};{' if talked;' * (not parts)} run;",
        ]
    needed = list(dict.fromkeys([*map(column_name, model.formula.variables), spec.arm, *spec.levels]))
    lines += ["data rows;", "  set rows;"]
    left_out = model.wave_left_out
    drop = [f"  if wave ne {sas_text(left_out)};"] if left_out else []
    lines += [] if parts else drop
    if model.spec.months:
        lines += [f"  if wave = {sas_text(wave)} then {MONTHS} = {at:g};" for wave, at in model.months.items()]
    for name, text in spec.derived:
        lines += [
            f"  length {name} $ 3;",
            f'  if {sas_condition(text, model)} then {name} = "yes";',
            f'  else if {sas_condition(text, model, False)} then {name} = "no";',
        ]
    if spec.condition:
        lines.append(f"  if {sas_condition(spec.condition, model)};")
    for name, codes in spec.where:
        lines.append(f"  if {name} in ({', '.join(sas_text(code) for code in codes)});")
    if parts:
        lines += ["run;", *sas_columns(model), "data rows;", "  set rows;", *drop]
    lines.append(f"  if cmiss(of {' '.join(needed)}) = 0;")
    lines.append("run;")
    for operand in model.operands:
        lines += _derived(operand)
    longest = [name for name in needed if len(name) > _LONGEST_NAME]
    if longest:
        lines.insert(0, f"/* names longer than {_LONGEST_NAME} characters are cut by SAS: {', '.join(longest)} */")
    return lines


def _derived(operand: Operand) -> list[str]:
    """Steps that make a transformed variable, the innermost transform first."""
    lines, name = [], column_name(operand.variable)
    for function in operand.transforms:
        if function in ("factor", "C"):
            continue
        new = f"{function}_{name}"
        if function in ("center", "scale"):
            lines.append(f"data rows; set rows; {new} = {name}; run;")
            spread = " std=1" if function == "scale" else ""
            lines.append(f"proc standard data=rows out=rows mean=0{spread}; var {new}; run;")
        else:
            lines.append(f"data rows; set rows; {new} = {_FUNCTIONS[function].format(name)}; run;")
        name = new
    return lines

"""The same analysis in Stata: its rows, then what the estimator's translation makes of them."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.plan.specification import MONTHS
from cpis_analysis.translate.conditions_in_code import selecting_variables, stata_condition
from cpis_analysis.translate.notation.cluster_columns import needed_of_people, stata_columns
from cpis_analysis.translate.notation.stata_syntax import fixed_factors
from cpis_analysis.translate.notation.translation import ExplainedModel, column_name
from cpis_analysis.translate.parts import missing_note, part_of

_FUNCTIONS = {
    "log": "ln({})",
    "log1p": "ln(1 + {})",
    "sqrt": "sqrt({})",
    "exp": "exp({})",
    "square": "({})^2",
    "cube": "({})^3",
}


def stata_code(model: ExplainedModel) -> str:
    """A do-file; notes say where Stata cannot do the same."""
    # (model) -> commands that use the data in memory
    body = part_of(model, "stata_lines")
    if body is None:
        return f"* {missing_note(model, 'Stata')}"
    return "\n".join([f"* {model.spec.name}", *_rows(model), *body(model)])


def _rows(model: ExplainedModel) -> list[str]:
    spec = model.spec
    first = "measurements" if model.is_long else "participants"
    parts = model.formula.cluster_parts
    joined = sorted(set(model.formula.sources) & model.variables.joined) if model.is_long else []
    load = 'import delimited using "data/processed/{}.csv", varnames(1) case(preserve) stringcols(_all) clear'
    lines = []
    derived, selecting = [name for name, _ in spec.derived], selecting_variables(model)
    if model.is_long and (selecting or joined or parts):
        own = [name for name in (*joined, *needed_of_people(model)) if name not in derived]
        wanted = dict.fromkeys([*own, *selecting])
        keep = " ".join([spec.participant, *wanted])
        lines += [
            load.format("participants"),
            f"keep {keep}",
            "tempfile people",
            "save `people'",
            load.format(first),
            # people without an interview count in means of clusters, and lack the outcome afterwards
            f"merge m:1 {spec.participant} using `people', keep(match{' using' if parts else ''}) nogenerate",
        ]
    else:
        lines.append(load.format(first))
    left_out = model.wave_left_out
    drop = [f"drop if wave == {_text(left_out)}"] if left_out else []
    lines += [] if parts else drop
    if model.spec.months:
        lines.append(f"generate double {MONTHS} = .")
        lines += [f"replace {MONTHS} = {at:g} if wave == {_text(wave)}" for wave, at in model.months.items()]
    needed = list(dict.fromkeys([*map(column_name, model.formula.variables), spec.arm, *spec.levels]))
    averaged = [part.variable for part in parts]
    compared = [name for name in (*selecting, *averaged) if not model.variables.is_factor(name) and name != spec.arm]
    made = {str(part) for part in parts}
    numbers = dict.fromkeys([*(name for name in model.numbers if name not in {spec.participant, *made}), *compared])
    lines.append(f"destring {' '.join(numbers)}, replace")
    for name, text in spec.derived:
        lines += [
            f'generate {name} = "yes" if {stata_condition(text, model)}',
            f'replace {name} = "no" if {stata_condition(text, model, False)}',
        ]
    lines += [f"keep if inlist({name}, {', '.join(_text(code) for code in codes)})" for name, codes in spec.where]
    lines += [f"keep if {stata_condition(spec.condition, model)}"] if spec.condition else []
    lines += [*stata_columns(model), *(drop if parts else [])]
    lines += [f"egen missing_ = rowmiss({' '.join(needed)})", "keep if missing_ == 0"]
    for name in fixed_factors(model):
        levels = model.ordered_levels(name)
        if not levels:
            lines.append(f"encode {name}, generate({name}_)")
            continue
        lines.append(f"label define {name}_ " + " ".join(f"{i} {_text(code)}" for i, code in enumerate(levels, 1)))
        lines.append(f"encode {name}, generate({name}_) label({name}_) noextend")
    for operand in model.operands:
        lines += _derived(operand)
    return lines


def _derived(operand: Operand) -> list[str]:
    lines, name = [], column_name(operand.variable)
    for function in operand.transforms:
        if function in ("factor", "C"):
            continue
        new = f"{function}_{name}"
        if function in ("center", "scale"):
            spread = " / r(sd)" if function == "scale" else ""
            lines += [f"summarize {name}", f"generate double {new} = ({name} - r(mean)){spread}"]
        else:
            lines.append(f"generate double {new} = {_FUNCTIONS[function].format(name)}")
        name = new
    return lines


def _text(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'

"""The same analysis in Stata: `mixed`, `regress`, `xtgee` or `ttest`."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand, RandomTerm
from cpis_analysis.translate.conditions_in_code import selecting_variables, stata_condition
from cpis_analysis.translate.stata_contrasts import coefficient, contrast_commands, operand_name
from cpis_analysis.translate.translation import ExplainedModel

__all__ = ["stata_code"]

_DDF = {
    "kenward-roger": "dfmethod(kroger)",
    "satterthwaite": "dfmethod(satterthwaite)",
    "between-within": "dfmethod(repeated)",
    "residual": "dfmethod(residual)",
    "z": "",
}
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
    body = {
        "mixed": _mixed,
        "ols_cr2": _cluster_robust,
        "cluster_summary": _cluster_means,
        "gee": _estimating_equations,
    }[model.spec.estimator]
    return "\n".join([f"* {model.spec.name}", *_rows(model), *body(model)])


def _rows(model: ExplainedModel) -> list[str]:
    spec = model.spec
    first = "interviews" if model.is_long else "participants"
    joined = sorted(set(model.formula.variables) & model.variables.joined) if model.is_long else []
    load = 'import delimited using "data/processed/{}.csv", varnames(1) case(preserve) stringcols(_all) clear'
    lines = []
    derived, selecting = [name for name, _ in spec.derived], selecting_variables(model)
    if model.is_long and (selecting or joined):
        wanted = dict.fromkeys([*(name for name in joined if name not in derived), *selecting])
        keep = " ".join([spec.participant, *wanted])
        lines += [
            load.format("participants"),
            f"keep {keep}",
            "tempfile people",
            "save `people'",
            load.format(first),
            f"merge m:1 {spec.participant} using `people', keep(match) nogenerate",
        ]
    else:
        lines.append(load.format(first))
    needed = list(dict.fromkeys([*model.formula.variables, spec.arm, spec.trust, *([spec.team] if spec.team else [])]))
    compared = [name for name in selecting if not model.variables.is_factor(name)]
    numbers = dict.fromkeys([*(name for name in model.numbers if name != spec.participant), *compared])
    lines.append(f"destring {' '.join(numbers)}, replace")
    for name, text in spec.derived:
        lines += [
            f'generate {name} = "yes" if {stata_condition(text, model)}',
            f'replace {name} = "no" if {stata_condition(text, model, False)}',
        ]
    lines += [f"keep if inlist({name}, {', '.join(_text(code) for code in codes)})" for name, codes in spec.where]
    lines += [f"keep if {stata_condition(spec.condition, model)}"] if spec.condition else []
    lines += [f"egen missing_ = rowmiss({' '.join(needed)})", "keep if missing_ == 0"]
    for name in _fixed_factors(model):
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
    lines, name = [], operand.variable
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


def _mixed(model: ExplainedModel) -> list[str]:
    spec, formula = model.spec, model.formula
    groups, levels, notes = [], [], []
    for term in sorted(formula.random_terms, key=lambda random: _depth(model, random)):
        made, text, note = _level(model, term)
        groups += [line for line in made if line not in groups]
        levels.append(text)
        notes += note
    if () not in formula.fixed_terms:
        notes.append("* the model has no intercept: add noconstant before the first ||")
    options = " ".join(part for part in ("reml", _DDF[spec.df_method], f"level({100 * spec.level:g})") if part)
    # options of the command follow those of the last level, behind one comma
    command = f"mixed {operand_name(formula.response)} {_fixed(model)} {' '.join(levels)}"
    lines = [*groups, f"{command}{'' if ',' in levels[-1] else ','} {options}"]
    if model.effect is not None:
        small = "" if spec.df_method == "z" else ", small"
        lines.append(f"lincom {coefficient(model, model.columns[model.effect])}{small}")
    lines += contrast_commands(model)
    if spec.df_method == "kenward-roger":
        notes.append(
            "* Stata estimates logarithms of standard deviations: where a variance is zero it shows a tiny "
            "number or does not converge, and the df are not those of policy "
            f"{spec.boundary}"
        )
    if spec.df_method == "between-within":
        notes.append("* Stata's repeated is between-within for one grouping level only; compare the df")
    return [*lines, *notes]


def _depth(model: ExplainedModel, term: RandomTerm) -> tuple[int, int]:
    spec, groups = model.spec, set(term.groups)
    order = [
        {spec.trust},
        {spec.trust, "wave"},
        {spec.trust, spec.team},
        {spec.trust, spec.team, "wave"},
        {spec.participant},
    ]
    return (order.index(groups) if groups in order else -1, len(groups))


def _level(model: ExplainedModel, term: RandomTerm) -> tuple[list[str], str, list[str]]:
    """Commands that make the level's identifier, its part of `mixed`, and notes."""
    spec, groups = model.spec, [name for name in term.groups if name != "wave"]
    identifier = "_".join(groups) + "_"
    made = _grouped(model, identifier, groups) if groups else []
    inner = ["" if not part else "#".join(operand_name(operand) for operand in part) for part in term.terms]
    notes = [
        f"* {term}: Stata takes factors in a random part only as R.factor"
        for part in term.terms
        if any(operand.variable in model.factors for operand in part)
    ]
    if "wave" in term.groups:
        if "wave" not in _fixed_factors(model):
            made.append("encode wave, generate(wave_)")
        return made, f"|| {identifier if groups else '_all'}: R.wave_", notes
    known = [{spec.trust}, {spec.trust, spec.team}, {spec.participant}]
    if set(groups) not in known:
        return made, f"|| _all: R.{identifier}", notes
    slopes = " ".join(part for part in inner if part)
    options = "" if () in term.terms else ", noconstant"
    if len(term.terms) > 1:
        options = ", covariance(unstructured)" + ("" if () in term.terms else " noconstant")
    return made, f"|| {identifier}: {slopes}{options}".rstrip(), notes


def _grouped(model: ExplainedModel, identifier: str, groups: list[str]) -> list[str]:
    """Command that numbers the clusters; none where the model has the factor, whose numbers have the same name."""
    if len(groups) == 1 and groups[0] in _fixed_factors(model):
        return []
    return [f"egen {identifier} = group({' '.join(groups)})"]


def _cluster_robust(model: ExplainedModel) -> list[str]:
    spec = model.spec
    groups = [spec.trust] if spec.cluster == "trust" else [spec.trust, str(spec.team)]
    identifier = "_".join(groups) + "_"
    return [
        *_grouped(model, identifier, groups),
        f"regress {operand_name(model.formula.response)} {_fixed(model)}, vce(hc2 {identifier}, dfadjust) "
        f"level({100 * spec.level:g})",
        "* Stata 18 or later: bias-reduced standard errors of Bell and McCaffrey (CR2) with their df",
        *contrast_commands(model),
    ]


def _estimating_equations(model: ExplainedModel) -> list[str]:
    spec = model.spec
    groups = [spec.trust] if spec.cluster == "trust" else [spec.trust, str(spec.team)]
    identifier, level = "_".join(groups) + "_", f"level({100 * spec.level:g})"
    family = "family(binomial) link(logit)" if spec.link == "logit" else "family(gaussian) link(identity)"
    return [
        *_grouped(model, identifier, groups),
        f"xtset {identifier}",
        f"xtgee {operand_name(model.formula.response)} {_fixed(model)}, {family} corr({spec.correlation}) vce(robust) "
        f"{level}",
        f"margins r.{spec.arm}_, {level}",
        "* not run; margins averages the predicted risks over the people analysed, as the plan does",
        f"* what differs: vce(robust) has no correction for few clusters (the plan: {spec.correction}) and the normal",
        "* distribution stands in for t on clusters less two, so Stata's interval is too narrow with few clusters",
    ]


def _cluster_means(model: ExplainedModel) -> list[str]:
    spec, formula = model.spec, model.formula
    right = ["#".join(_factor(model, o) for o in term) for term in formula.fixed_terms if term]
    paired = [f"i.{spec.trust}_"] if spec.pairs and f"i.{spec.trust}_" not in right else []
    by = spec.trust if spec.cluster == "trust" else f"{spec.trust} {spec.team}"
    level = f"level({100 * spec.level:g})"
    lines = [
        *([f"encode {spec.trust}, generate({spec.trust}_)"] if paired else []),
        f"regress {operand_name(formula.response)} {' '.join([*right, *paired])}",
        "predict double residual, residuals",
        "* the arm's own coefficient is put back, so that the covariates alone are taken out",
        f"replace residual = residual + _b[2.{spec.arm}_] if {spec.arm}_ == 2",
        f"collapse (mean) residual, by({by} {spec.arm} {spec.arm}_)",
        "* covariates that are constant within clusters: the plan leaves them in the means and regresses these on",
        "* the arm and on them, at one degree of freedom a column; the t-test below is for none of these",
    ]
    if not spec.pairs:
        return [*lines, f"ttest residual, by({spec.arm}_) reverse {level}"]
    return [
        *lines,
        f"collapse (mean) residual, by({spec.trust} {spec.arm}_)",
        f"reshape wide residual, i({spec.trust}) j({spec.arm}_)",
        f"ttest residual2 == residual1, {level}",
    ]


def _fixed_factors(model: ExplainedModel) -> list[str]:
    used = {operand.variable for term in model.formula.fixed_terms for operand in term} | {model.spec.arm}
    return [name for name in dict.fromkeys([*model.factors, model.spec.arm]) if name in used]


def _fixed(model: ExplainedModel) -> str:
    return " ".join("#".join(_factor(model, operand) for operand in term) for term in model.formula.fixed_terms if term)


def _factor(model: ExplainedModel, operand: Operand) -> str:
    if operand.variable in model.factors:
        return f"i.{operand.variable}_"
    return f"c.{operand_name(operand)}"


def _text(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'

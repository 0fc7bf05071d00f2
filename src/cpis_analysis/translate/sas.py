"""The same analysis in SAS: PROC MIXED, PROC GLIMMIX, or the two stages of a comparison of cluster means."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand, RandomTerm
from cpis_analysis.translate.conditions_in_code import sas_condition, selecting_variables
from cpis_analysis.translate.sas_contrasts import contrast_statements, operand_name, sas_text
from cpis_analysis.translate.translation import ExplainedModel

__all__ = ["sas_code"]

_DDF = {
    "kenward-roger": "ddfm=kr",
    "satterthwaite": "ddfm=satterth",
    "between-within": "ddfm=bw",
    "residual": "ddfm=residual",
    "z": "chisq",
}
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
    if spec.estimator == "ols_cr2":
        return "\n".join(
            [
                f"/* {spec.name}: SAS has no CR2 with Satterthwaite degrees of freedom in its mixed procedures;",
                "   EMPIRICAL=FIRORES of PROC GLIMMIX is a relative, not the same. Use the R code. */",
            ]
        )
    body = {"mixed": _mixed, "cluster_summary": _cluster_means, "gee": _estimating_equations}[spec.estimator]
    return "\n".join([f"/* {spec.name} */", *_rows(model), *body(model)])


def _rows(model: ExplainedModel) -> list[str]:
    spec = model.spec
    first = "interviews" if model.is_long else "participants"
    lines = [
        f'proc import datafile="data/processed/{first}.csv" out=rows dbms=csv replace;',
        "  guessingrows=max;",
        "run;",
    ]
    joined = sorted(set(model.formula.variables) & model.variables.joined) if model.is_long else []
    derived, selecting = [name for name, _ in spec.derived], selecting_variables(model)
    if model.is_long and (selecting or joined):
        wanted = dict.fromkeys([*(name for name in joined if name not in derived), *selecting])
        keep = " ".join([spec.participant, *wanted])
        lines += [
            'proc import datafile="data/processed/participants.csv" out=people dbms=csv replace;',
            "  guessingrows=max;",
            "run;",
            f"proc sort data=rows; by {spec.participant}; run;",
            f"proc sort data=people(keep={keep}); by {spec.participant}; run;",
            f"data rows; merge rows(in=talked) people; by {spec.participant}; if talked; run;",
        ]
    needed = list(dict.fromkeys([*model.formula.variables, spec.arm, spec.trust, *([spec.team] if spec.team else [])]))
    lines += ["data rows;", "  set rows;"]
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
    lines, name = [], operand.variable
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


def _mixed(model: ExplainedModel) -> list[str]:
    spec, formula = model.spec, model.formula
    fixed_terms = _fixed(model)
    statements, notes = contrast_statements(model)
    options = "" if () in formula.fixed_terms else " noint"
    lines = [
        "proc mixed data=rows method=reml;",
        f"  class {' '.join(_classes(model))};",
        f"  model {operand_name(formula.response)} = {fixed_terms} / solution cl alpha={_alpha(spec.level)} "
        f"{_DDF[spec.df_method]}{options};",
        *(
            f"  random {_inner(term)} / subject={_subject(model, term)}{' type=un' if len(term.terms) > 1 else ''};"
            for term in formula.random_terms
        ),
        *statements,
        "run;",
        *notes,
    ]
    if model.effect is not None:
        column = model.columns[model.effect]
        lines.append(
            f"/* reported: the row {' '.join(_cell(o, code) for o, code in column.parts)} of Solution for "
            "Fixed Effects */"
        )
    if spec.df_method == "kenward-roger":
        policy = (
            "that is this plan's policy (drop)"
            if spec.boundary == "drop"
            else ("this plan keeps it, so df and standard error differ there")
        )
        lines.append(f"/* where a variance is estimated as zero, SAS leaves it out of Kenward-Roger: {policy} */")
    if spec.df_method == "between-within":
        lines.append("/* SAS divides degrees of freedom between and within subjects by its own rule; compare the df */")
    if spec.df_method == "z":
        lines.append("/* the chi-square tests are those of the normal distribution; the t tests are not */")
    return lines


def _estimating_equations(model: ExplainedModel) -> list[str]:
    spec = model.spec
    logit = spec.link == "logit"
    empirical = {"mancl-derouen": "firores", "kauermann-carroll": "root"}[spec.correction]
    subject = spec.trust if spec.cluster == "trust" else f"{spec.team}({spec.trust})"
    names = dict.fromkeys([*model.factors, spec.trust, *([str(spec.team)] if spec.cluster == "team" else [])])
    structure = "cs" if spec.correlation == "exchangeable" else "vc"
    response = operand_name(model.formula.response)
    event = '(event="1")' if logit else ""
    distribution = "dist=binary link=logit" if logit else "dist=normal link=identity"
    lines = [
        f"proc glimmix data=rows empirical={empirical};",
        f"  class {' '.join(_classes(model, tuple(names)))};",
        f"  model {response}{event} = {_fixed(model)} / {distribution} solution;",
        f"  random _residual_ / subject={subject} type={structure};",
        f"  lsmeans {spec.arm} / diff cl alpha={_alpha(spec.level)}{' ilink' if logit else ''};",
        "run;",
        "/* not run; what differs: the plan takes t on clusters less two, PROC GLIMMIX its own degrees of freedom */",
    ]
    if logit:
        lines.append(
            "/* the plan reports the difference of the mean predicted risks with everyone in either arm;\n"
            "   LSMEANS predicts for one average person, so use the macro %Margins of SAS for the same */"
        )
    return lines


def _classes(model: ExplainedModel, names: tuple[str, ...] = ()) -> list[str]:
    """The CLASS statement: the reference where a factor is in the fixed part."""
    classes = []
    for name in names or model.factors:
        levels = model.ordered_levels(name)
        fixed = any(operand.variable == name for term in model.formula.fixed_terms for operand in term)
        classes.append(f"{name}(ref={sas_text(levels[0])})" if levels and fixed else name)
    return classes


def _fixed(model: ExplainedModel) -> str:
    return " ".join("*".join(operand_name(o) for o in term) for term in model.formula.fixed_terms if term)


def _cluster_means(model: ExplainedModel) -> list[str]:
    spec, formula = model.spec, model.formula
    terms = [term for term in formula.fixed_terms if term]
    factors = sorted({o.variable for term in terms for o in term if o.variable in model.factors})
    names = dict.fromkeys([spec.arm, *factors, *([spec.trust] if spec.pairs else [])])
    right = ["*".join(operand_name(o) for o in term) for term in terms]
    right += [spec.trust] if spec.pairs and spec.trust not in right else []
    by = spec.trust if spec.cluster == "trust" else f"{spec.trust} {spec.team}"
    lines = [
        "ods output ParameterEstimates=slopes;",
        "proc glm data=rows;",
        f"  class {' '.join(_classes(model, tuple(names)))};",
        f"  model {operand_name(formula.response)} = {' '.join(right)} / solution;",
        "  output out=stage1 r=residual;",
        "run; quit;",
        "/* the arm's own coefficient is put back, so that the covariates alone are taken out */",
        f'proc sql noprint; select Estimate into :arm from slopes where scan(Parameter, 1, " ") = "{spec.arm}"',
        f'  and scan(Parameter, 2, " ") = {sas_text(model.other_arm)}; quit;',
        f"data stage1; set stage1; if {spec.arm} = {sas_text(model.other_arm)} then residual = residual + &arm; run;",
        f"proc means data=stage1 noprint nway; class {by} {spec.arm}; var residual; "
        "output out=means mean=residual; run;",
        "/* covariates that are constant within clusters: the plan leaves them in the means and regresses these on",
        "   the arm and on them (proc glm), at one degree of freedom a column; the t-test is for none of these */",
    ]
    alpha = f"alpha={_alpha(spec.level)}"
    if not spec.pairs:
        return [
            *lines,
            f"proc ttest data=means {alpha}; class {spec.arm}; var residual; run;",
            "/* reported: the pooled line; check the sign, SAS subtracts in the order of the codes */",
        ]
    return [
        *lines,
        f"proc means data=means noprint nway; class {spec.trust} {spec.arm}; var residual; "
        "output out=sides mean=residual; run;",
        f"proc transpose data=sides out=pairs; by {spec.trust}; id {spec.arm}; var residual; run;",
        f"proc ttest data=pairs {alpha}; paired {model.other_arm} * {spec.reference}; run;",
    ]


def _inner(term: RandomTerm) -> str:
    parts = ["intercept" if not part else "*".join(operand_name(operand) for operand in part) for part in term.terms]
    return " ".join(parts)


def _subject(model: ExplainedModel, term: RandomTerm) -> str:
    spec, groups = model.spec, list(term.groups)
    if spec.team and set(groups) == {spec.trust, spec.team}:
        return f"{spec.team}({spec.trust})"
    return "*".join(groups)


def _cell(operand: Operand, code: str | None) -> str:
    return operand_name(operand) if code is None else f"{operand_name(operand)} {code}"


def _alpha(level: float) -> str:
    return f"{1 - level:.10g}"

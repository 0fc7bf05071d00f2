"""The two stages of a comparison of cluster means in base R, SAS and Stata."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import operand_text, quoted, vector
from cpis_analysis.translate.notation.sas_contrasts import operand_name, sas_text
from cpis_analysis.translate.notation.translation import ExplainedModel, with_terms
from cpis_analysis.translate.notation.two_stages import (
    r_arms_of_clusters,
    r_first_terms,
    r_second_stage,
    r_varying_within,
    sas_first_terms,
    sas_second_stage,
    stata_first_terms,
    stata_second_stage,
)


def equation(text: EquationText) -> list[str]:
    """Both stages: the slopes from everybody, then the means of clusters."""
    spec, formula = text.model.spec, text.model.formula
    trust = (Operand(spec.trust),)
    terms = formula.fixed_terms + ((trust,) if spec.pairs and trust not in formula.fixed_terms else ())
    stage1 = type(text)(with_terms(text.model, terms))
    row, cluster = text.subscript(text.row), text.below(str(spec.cluster))
    first = text.plus.join([*stage1.fixed_parts(terms), text.residual()])
    lines = [f"stage 1 (everybody):  {text.name(formula.response)} = {first}"]
    mean = f"r̄{text.subscript(cluster)}"
    lines.append(
        f"stage 2:  r{row} = {text.name(formula.response)} less the terms of stage 1 that vary within a "
        f"{spec.cluster}; {mean} = its mean over the {PEOPLE} of {spec.cluster} {cluster}"
    )
    if spec.pairs:
        d = f"d{text.subscript('k')}"
        lines.append(
            f"          {d} = mean of {mean} in {text.model.other_arm} less mean in {spec.reference}, "
            f"for each {spec.trust}; difference = mean of {d}, a paired t-test"
        )
        lines.append(_covariates_of_clusters(text, f"{d} is regressed on their differences"))
    else:
        lines.append(
            f"          difference = mean of {mean} in {text.model.other_arm} less mean in "
            f"{spec.reference}, every {spec.cluster} counting once, Student's t"
        )
        lines.append(_covariates_of_clusters(text, f"{mean} is regressed on the arm and on them"))
    return lines


def _covariates_of_clusters(text: EquationText, what: str) -> str:
    unit = text.model.spec.cluster
    return f"          with covariates that are constant within a {unit}: {what}, at one degree of freedom a column"


def reported(text: EquationText) -> list[str]:
    """The second stage says it."""
    return []


def r_lines(model: ExplainedModel) -> list[str]:
    """Both stages by least squares."""
    spec, formula = model.spec, model.formula
    if spec.pairs:
        remark = (
            f"# difference between the arms in each {spec.trust}, on those of covariates of clusters (without any, a "
            "paired t)"
        )
    else:
        remark = "# cluster means on the arm and on covariates of clusters (without any, Student's t)"
    return [
        *r_arms_of_clusters(model),
        f"first <- lm({operand_text(formula.response)} ~ {r_first_terms(model)}, data = rows)",
        *r_varying_within(model),
        "# cluster means of the outcome less the slopes of what varies within clusters",
        "rows$adjusted <- model.response(model.frame(first)) -",
        "  drop(scale(X[, within, drop = FALSE], scale = FALSE) %*% coef(first)[within])",
        f'level <- setdiff(colnames(X), c("(Intercept)", {quoted(spec.arm + model.other_arm)}, within))',
        "means <- aggregate(data.frame(adjusted = rows$adjusted, X[, level, drop = FALSE], check.names = FALSE),",
        f"                   rows[{vector([*spec.cluster_keys, spec.arm])}], mean)",
        remark,
        *r_second_stage(model, "adjusted"),
    ]


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC GLM, then PROC TTEST of the means."""
    spec, formula = model.spec, model.formula
    classes, right = sas_first_terms(model)
    by = " ".join(spec.cluster_keys)
    return [
        "ods output ParameterEstimates=slopes;",
        "proc glm data=rows;",
        f"  class {classes};",
        f"  model {operand_name(formula.response)} = {right} / solution;",
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
        *sas_second_stage(
            model,
            "means",
            "residual",
            "reported: the pooled line; check the sign, SAS subtracts in the order of the codes",
        ),
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`regress`, then `ttest` of the means."""
    spec, formula = model.spec, model.formula
    encoded, right = stata_first_terms(model)
    by = " ".join(spec.cluster_keys)
    return [
        *encoded,
        f"regress {operand_name(formula.response)} {right}",
        "predict double residual, residuals",
        "* the arm's own coefficient is put back, so that the covariates alone are taken out",
        f"replace residual = residual + _b[2.{spec.arm}_] if {spec.arm}_ == 2",
        f"collapse (mean) residual, by({by} {spec.arm} {spec.arm}_)",
        "* covariates that are constant within clusters: the plan leaves them in the means and regresses these on",
        "* the arm and on them, at one degree of freedom a column; the t-test below is for none of these",
        *stata_second_stage(model, "residual"),
    ]

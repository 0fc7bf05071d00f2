"""The two stages of a comparison of log cluster rates in base R, SAS and Stata."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import name_text, operand_text, quoted, vector
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
    """Both stages: the slopes from everybody, then the logarithms of cluster rates."""
    spec, formula = text.model.spec, text.model.formula
    trust = (Operand(spec.trust),)
    terms = formula.fixed_terms + ((trust,) if spec.pairs and trust not in formula.fixed_terms else ())
    stage1 = type(text)(with_terms(text.model, terms))
    time = f"log({text.variable(spec.exposure)}){text.plus}" if spec.exposure else ""
    cluster = text.below(str(spec.cluster))
    rate = f"r{text.subscript(cluster)}"
    expected = f"{spec.exposure} times the" if spec.exposure else "the"
    lines = [
        f"stage 1 (everybody):  log E({text.name(formula.response)}) = {time}"
        f"{text.plus.join(stage1.fixed_parts(terms))}",
        f"stage 2:  {rate} = log of the sum of {text.name(formula.response)} over the sum of {expected} exponential of "
        f"the terms of stage 1 that vary within a {spec.cluster}, of {spec.cluster} {cluster}",
    ]
    if spec.pairs:
        lines.append(
            f"          difference = mean over {spec.trust} of {rate} in {text.model.other_arm} less {spec.reference}, "
            "a paired t-test"
        )
    else:
        lines.append(
            f"          difference = mean of {rate} in {text.model.other_arm} less mean in {spec.reference}, every "
            f"{spec.cluster} counting once, Student's t"
        )
    return [*lines, "          rate ratio = its exponential"]


def reported(text: EquationText) -> list[str]:
    """The second stage says it."""
    return []


def r_lines(model: ExplainedModel) -> list[str]:
    """A Poisson model for the slopes, then least squares of the log rates."""
    spec, formula = model.spec, model.formula
    if spec.exposure:
        time = f"rows${name_text(spec.exposure)}"
        lines = [f"rows$time <- suppressWarnings(as.numeric({time}))", "rows <- rows[!is.na(rows$time), ]"]
    else:
        lines = ["rows$time <- 1"]
    groups = vector([*spec.cluster_keys, spec.arm])
    return [
        *lines,
        *r_arms_of_clusters(model),
        f"first <- glm({operand_text(formula.response)} ~ {r_first_terms(model)} + offset(log(time)), "
        "family = poisson,",
        "             data = rows, control = list(epsilon = 1e-14, maxit = 100))",
        *r_varying_within(model),
        "# counted, and expected from what varies within clusters",
        "rows$counted <- model.response(model.frame(first))",
        "rows$expected <- rows$time * exp(drop(scale(X[, within, drop = FALSE], scale = FALSE) %*% "
        "coef(first)[within]))",
        f'level <- setdiff(colnames(X), c("(Intercept)", {quoted(spec.arm + model.other_arm)}, within))',
        f'sums <- aggregate(rows[c("counted", "expected")], rows[{groups}], sum)',
        "means <- aggregate(data.frame(none = 0, X[, level, drop = FALSE], check.names = FALSE),",
        f"                   rows[{groups}], mean)",
        "half <- if (any(sums$counted == 0)) 0.5 else 0",
        "means$value <- log((sums$counted + half) / sums$expected)",
        *r_second_stage(model, "value"),
    ]


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC GENMOD, sums by cluster, then PROC TTEST of the logarithms."""
    spec, formula = model.spec, model.formula
    classes, right = sas_first_terms(model)
    by, response = " ".join(spec.cluster_keys), operand_name(formula.response)
    time = spec.exposure or "1"
    return [
        f"data rows; set rows; time = {time}; log_time = log(time); run;",
        "ods output ParameterEstimates=slopes;",
        "proc genmod data=rows;",
        f"  class {classes};",
        f"  model {response} = {right} / dist=poisson link=log offset=log_time;",
        "  output out=stage1 xbeta=linear;",
        "run;",
        "/* the arm's own coefficient and the intercept are taken out: covariates alone make what is expected */",
        f"proc sql noprint; select Estimate into :arm from slopes where Parameter = {sas_text(spec.arm)}",
        f"  and Level1 = {sas_text(model.other_arm)}; select Estimate into :base from slopes where Parameter = "
        '"Intercept"; quit;',
        f"data stage1; set stage1; expected = exp(linear - &base - &arm * ({spec.arm} = {sas_text(model.other_arm)})); "
        "run;",
        f"proc means data=stage1 noprint nway; class {by} {spec.arm}; var {response} expected; "
        "output out=sums sum(" + response + ")=counted sum(expected)=expected; run;",
        "/* where a cluster counts nothing the plan adds 0.5 to the count of every cluster; covariates that vary not",
        "   within clusters it leaves out here and regresses the logarithms on the arm and on them (proc glm) */",
        "data sums; set sums; value = log(counted / expected); run;",
        *sas_second_stage(
            model,
            "sums",
            "value",
            "reported: the pooled line and its exponential; check the sign, SAS subtracts in the codes' order",
        ),
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`poisson`, sums by cluster, then `ttest` of the logarithms."""
    spec, formula = model.spec, model.formula
    encoded, right = stata_first_terms(model)
    by, response = " ".join(spec.cluster_keys), operand_name(formula.response)
    time = [f"destring {spec.exposure}, replace", f"keep if {spec.exposure} < ."] if spec.exposure else []
    return [
        *encoded,
        *time,
        f"poisson {response} {right}{f', exposure({spec.exposure})' if spec.exposure else ''}",
        "predict double linear, xb",
        "* the arm's own coefficient and the intercept are taken out: covariates alone make what is expected",
        f"generate double expected = exp(linear - _b[_cons] - _b[2.{spec.arm}_] * ({spec.arm}_ == 2))",
        f"collapse (sum) {response} expected, by({by} {spec.arm} {spec.arm}_)",
        "* where a cluster counts nothing the plan adds 0.5 to the count of every cluster; covariates that vary not",
        "* within clusters it leaves out here and regresses the logarithms on the arm and on them",
        f"generate double value = log({response} / expected)",
        *stata_second_stage(model, "value"),
    ]

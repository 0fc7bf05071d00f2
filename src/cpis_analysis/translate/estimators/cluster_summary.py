"""The two stages of a comparison of cluster means in base R, SAS and Stata."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import operand_text, quoted, vector
from cpis_analysis.translate.notation.sas_contrasts import operand_name, sas_text
from cpis_analysis.translate.notation.sas_syntax import alpha_of, class_names
from cpis_analysis.translate.notation.stata_syntax import factor_name
from cpis_analysis.translate.notation.translation import ExplainedModel, with_terms

__all__ = ["equation", "r_lines", "reported", "sas_lines", "stata_lines"]


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
        f"{spec.cluster}; {mean} = its mean over the people of {spec.cluster} {cluster}"
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
    by = list(spec.cluster_keys)
    arm, other, reference = f"rows${spec.arm}", quoted(model.other_arm), quoted(spec.reference)
    right = [":".join(operand_text(o) for o in term) for term in formula.fixed_terms if term]
    right += [spec.trust] if spec.pairs and spec.trust not in right else []
    places = ", ".join(f"rows${name}" for name in by)
    lines = []
    if not spec.pairs:
        lines += [
            "# everybody counts with the arm of most of their cluster",
            f"most <- tapply(as.character({arm}), list({places}), function(a) names(which.max(table(a))))",
            f"{arm} <- factor(most[cbind({', '.join(f'as.character(rows${name})' for name in by)})], "
            f"levels = levels({arm}))",
        ]
    lines += [
        f"first <- lm({operand_text(formula.response)} ~ {' + '.join(right)}, data = rows)",
        "X <- model.matrix(first)[, !is.na(coef(first)), drop = FALSE]",
        f"cluster <- interaction({places}, {arm}, drop = TRUE)",
        "varies <- function(x) any(tapply(x, cluster, function(v) diff(range(v))) > 1e-9 * diff(range(x)))",
        "within <- colnames(X)[apply(X, 2, varies)]",
        "# cluster means of the outcome less the slopes of what varies within clusters",
        "rows$adjusted <- model.response(model.frame(first)) -",
        "  drop(scale(X[, within, drop = FALSE], scale = FALSE) %*% coef(first)[within])",
        f'level <- setdiff(colnames(X), c("(Intercept)", {quoted(spec.arm + model.other_arm)}, within))',
        "means <- aggregate(data.frame(adjusted = rows$adjusted, X[, level, drop = FALSE], check.names = FALSE),",
        f"                   rows[{vector([*by, spec.arm])}], mean)",
    ]
    if spec.pairs:
        lines += [
            f"# difference between the arms in each {spec.trust}, on those of covariates of clusters (without any, a "
            "paired t)",
            "difference <- function(v) {",
            f"  sides <- tapply(v, list(means${spec.trust}, means${spec.arm}), mean)",
            f"  sides[, {other}] - sides[, {reference}]",
            "}",
            "y <- difference(means$adjusted)",
            "M <- matrix(1, length(y), 1)",
            "for (name in level) M <- cbind(M, difference(means[[name]]))",
        ]
    else:
        lines += [
            "# cluster means on the arm and on covariates of clusters (without any, Student's t)",
            "y <- means$adjusted",
            f"M <- cbind(1, means${spec.arm} == {other}, as.matrix(means[level]))",
        ]
    at = 1 if spec.pairs else 2
    return [
        *lines,
        "second <- lm(y ~ 0 + M)",
        "print(summary(second))",
        f"estimate <- unname(coef(second)[{at}])",
        f"se <- coef(summary(second))[{at}, 2]",
        "df <- df.residual(second)",
    ]


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC GLM, then PROC TTEST of the means."""
    spec, formula = model.spec, model.formula
    terms = [term for term in formula.fixed_terms if term]
    factors = sorted({o.variable for term in terms for o in term if o.variable in model.factors})
    names = dict.fromkeys([spec.arm, *factors, *([spec.trust] if spec.pairs else [])])
    right = ["*".join(operand_name(o) for o in term) for term in terms]
    right += [spec.trust] if spec.pairs and spec.trust not in right else []
    by = " ".join(spec.cluster_keys)
    lines = [
        "ods output ParameterEstimates=slopes;",
        "proc glm data=rows;",
        f"  class {' '.join(class_names(model, tuple(names)))};",
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
    alpha = f"alpha={alpha_of(spec.level)}"
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


def stata_lines(model: ExplainedModel) -> list[str]:
    """`regress`, then `ttest` of the means."""
    spec, formula = model.spec, model.formula
    right = ["#".join(factor_name(model, o) for o in term) for term in formula.fixed_terms if term]
    paired = [f"i.{spec.trust}_"] if spec.pairs and f"i.{spec.trust}_" not in right else []
    by = " ".join(spec.cluster_keys)
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

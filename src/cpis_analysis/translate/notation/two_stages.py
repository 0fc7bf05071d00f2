"""What comparisons of clusters in two stages share in R, SAS and Stata, whether a cluster gives a mean or a rate."""

from __future__ import annotations

from cpis_analysis.translate.notation.r_syntax import operand_text, quoted
from cpis_analysis.translate.notation.sas_contrasts import operand_name
from cpis_analysis.translate.notation.sas_syntax import alpha_of, class_names
from cpis_analysis.translate.notation.stata_syntax import factor_name
from cpis_analysis.translate.notation.translation import ExplainedModel


def r_first_terms(model: ExplainedModel) -> str:
    """Right side of the first stage, with the trusts where they are compared each with itself."""
    spec = model.spec
    right = [":".join(operand_text(o) for o in term) for term in model.formula.fixed_terms if term]
    return " + ".join(right + ([spec.trust] if spec.pairs and spec.trust not in right else []))


def _r_places(model: ExplainedModel) -> str:
    return ", ".join(f"rows${name}" for name in model.spec.cluster_keys)


def r_arms_of_clusters(model: ExplainedModel) -> list[str]:
    """Everybody's arm is that of their cluster, but where arms are compared within trusts."""
    spec = model.spec
    if spec.pairs:
        return []
    arm = f"rows${spec.arm}"
    return [
        "# everybody counts with the arm of most of their cluster",
        f"most <- tapply(as.character({arm}), list({_r_places(model)}), function(a) names(which.max(table(a))))",
        f"{arm} <- factor(most[cbind({', '.join(f'as.character(rows${name})' for name in spec.cluster_keys)})], "
        f"levels = levels({arm}))",
    ]


def r_varying_within(model: ExplainedModel) -> list[str]:
    """Columns of the first stage that vary within a cluster."""
    return [
        "X <- model.matrix(first)[, !is.na(coef(first)), drop = FALSE]",
        f"cluster <- interaction({_r_places(model)}, rows${model.spec.arm}, drop = TRUE)",
        "varies <- function(x) any(tapply(x, cluster, function(v) diff(range(v))) > 1e-9 * diff(range(x)))",
        "within <- colnames(X)[apply(X, 2, varies)]",
    ]


def r_second_stage(model: ExplainedModel, value: str) -> list[str]:
    """Least squares of a column of ``means`` on the arm and on covariates of clusters, or on differences of pairs."""
    spec, other, reference = model.spec, quoted(model.other_arm), quoted(model.spec.reference)
    if spec.pairs:
        lines = [
            "difference <- function(v) {",
            f"  sides <- tapply(v, list(means${spec.trust}, means${spec.arm}), mean)",
            f"  sides[, {other}] - sides[, {reference}]",
            "}",
            f"y <- difference(means${value})",
            "M <- matrix(1, length(y), 1)",
            "for (name in level) M <- cbind(M, difference(means[[name]]))",
        ]
    else:
        lines = [f"y <- means${value}", f"M <- cbind(1, means${spec.arm} == {other}, as.matrix(means[level]))"]
    at = 1 if spec.pairs else 2
    return [
        *lines,
        "second <- lm(y ~ 0 + M)",
        "print(summary(second))",
        f"estimate <- unname(coef(second)[{at}])",
        f"se <- coef(summary(second))[{at}, 2]",
        "df <- df.residual(second)",
    ]


def sas_first_terms(model: ExplainedModel) -> tuple[str, str]:
    """Variables of the class statement, and the right side of the first stage."""
    spec = model.spec
    terms = [term for term in model.formula.fixed_terms if term]
    factors = sorted({o.variable for term in terms for o in term if o.variable in model.factors})
    names = dict.fromkeys([spec.arm, *factors, *([spec.trust] if spec.pairs else [])])
    right = ["*".join(operand_name(o) for o in term) for term in terms]
    right += [spec.trust] if spec.pairs and spec.trust not in right else []
    return " ".join(class_names(model, tuple(names))), " ".join(right)


def sas_second_stage(model: ExplainedModel, data: str, value: str, remark: str) -> list[str]:
    """The t-test of a value of clusters, or of differences of pairs; `remark` is of the former."""
    spec, alpha = model.spec, f"alpha={alpha_of(model.spec.level)}"
    if not spec.pairs:
        return [f"proc ttest data={data} {alpha}; class {spec.arm}; var {value}; run;", f"/* {remark} */"]
    return [
        f"proc means data={data} noprint nway; class {spec.trust} {spec.arm}; var {value}; "
        f"output out=sides mean={value}; run;",
        f"proc transpose data=sides out=pairs; by {spec.trust}; id {spec.arm}; var {value}; run;",
        f"proc ttest data=pairs {alpha}; paired {model.other_arm} * {spec.reference}; run;",
    ]


def stata_first_terms(model: ExplainedModel) -> tuple[list[str], str]:
    """What is encoded before the first stage, and its right side."""
    spec = model.spec
    right = ["#".join(factor_name(model, o) for o in term) for term in model.formula.fixed_terms if term]
    paired = [f"i.{spec.trust}_"] if spec.pairs and f"i.{spec.trust}_" not in right else []
    encoded = [f"encode {spec.trust}, generate({spec.trust}_)"] if paired else []
    return encoded, " ".join([*right, *paired])


def stata_second_stage(model: ExplainedModel, value: str) -> list[str]:
    """The t-test of a value of clusters, or of differences of pairs."""
    spec, level = model.spec, f"level({100 * model.spec.level:g})"
    if not spec.pairs:
        return [f"ttest {value}, by({spec.arm}_) reverse {level}"]
    return [
        f"collapse (mean) {value}, by({spec.trust} {spec.arm}_)",
        f"reshape wide {value}, i({spec.trust}) j({spec.arm}_)",
        f"ttest {value}2 == {value}1, {level}",
    ]

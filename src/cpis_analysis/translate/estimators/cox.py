"""Proportional hazards with robust standard errors: R's survival, `stcox`, PROC PHREG."""

from __future__ import annotations

from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import clusters_text, fixed_text, name_text, term_line
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

__all__ = ["equation", "r_lines", "sas_missing", "stata_lines"]


def equation(text: EquationText) -> list[str]:
    """The hazard, then what is taken of clusters."""
    spec = text.model.spec
    parts = text.fixed_parts(text.model.formula.fixed_terms)[1:]
    return [
        f"log hazard at t = log baseline hazard at t{text.plus}{text.plus.join(parts)}",
        f"t = {text.variable(spec.exposure)}; robust to whatever makes people of one {spec.cluster} alike",
    ]


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return (
        f"{model.spec.name}: PROC PHREG with COVSANDWICH(AGGREGATE) has the estimate and the standard error, and tests "
        "by\n   the normal distribution. Use the R code, which takes t on clusters less arms."
    )


def r_lines(model: ExplainedModel) -> list[str]:
    """`coxph` with clusters, and t."""
    spec = model.spec
    response, fixed = fixed_text(model).split(" ~ ", 1)
    time = name_text(spec.exposure)
    return [
        "library(survival)",
        f"rows${time} <- as.numeric(rows${time})",
        f"rows <- rows[!is.na(rows${time}), ]",
        f"rows$cluster <- {clusters_text(model)}",
        f'fit <- coxph(Surv({time}, {response}) ~ {fixed}, data = rows, cluster = cluster, ties = "efron")',
        "b <- coef(fit)",
        term_line(model),
        "estimate <- unname(b[term])",
        "se <- sqrt(vcov(fit)[term, term])",
        f"df <- nlevels(rows$cluster) - nlevels(rows${name_text(spec.arm)})",
        "# do the hazard ratios stay the same over time?",
        "print(cox.zph(fit))",
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`stcox` with clusters."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    return [
        *numbering,
        f"destring {spec.exposure}, replace",
        f"stset {spec.exposure}, failure({operand_name(model.formula.response)})",
        f"stcox {fixed_effects(model)}, efron vce(cluster {identifier}) level({100 * spec.level:g})",
        "* what differs: Stata multiplies the variance by clusters over clusters less one, and takes the normal "
        "distribution for t",
    ]

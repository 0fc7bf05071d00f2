"""The wild cluster bootstrap in base R, with the packages that have it: fwildclusterboot, and boottest of Stata."""

from __future__ import annotations

from cpis_analysis.translate.estimators.ols_cr2 import equation
from cpis_analysis.translate.notation.r_inversion import inversion_lines
from cpis_analysis.translate.notation.r_syntax import clusters_text, fixed_text, term_line
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

__all__ = ["equation", "r_lines", "sas_missing", "stata_lines"]

_BOOTSTRAP = """\
X <- model.matrix(fit); y <- model.response(model.frame(fit))
X <- X[, !is.na(coef(fit)), drop = FALSE]; place <- match(term, colnames(X))
inverse <- function(rows) solve(crossprod(X[rows, ]), t(X[rows, ]))[place, ]
# what a response adds to the coefficient of all rows, and to that without each cluster
own <- inverse(rep(TRUE, length(y)))
without <- sapply(levels(cluster), function(g) replace(numeric(length(y)), cluster != g, inverse(cluster != g)))
left <- function(v) lm.fit(X[, -place, drop = FALSE], v)$residuals
summed <- function(weights, residual) rowsum(weights * residual, cluster)
estimate <- sum(own * y)
cv3 <- function(changes) sqrt((nlevels(cluster) - 1) / nlevels(cluster) * colSums(changes^2))
se <- cv3(crossprod(without - own, y))
share <- function(d) {
  # residuals with the coefficient held at d, by cluster; each resample multiplies those of a cluster by its weight
  residual <- left(y - d * X[, place])
  effect <- drop(V %*% summed(own, residual))
  change <- t(V %*% apply(without - own, 2, function(w) summed(w, residual)))
  mean(abs(effect) / cv3(change) >= abs(estimate - d) / se * (1 - 1e-9))
}"""
_WEIGHTS = {
    "rademacher": "c(-1, 1)",
    "webb": "c(-1, 1) %o% sqrt(c(0.5, 1, 1.5))",
}


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return f"{model.spec.name}: SAS has no wild cluster bootstrap. Use the R code."


def r_lines(model: ExplainedModel) -> list[str]:
    """All weights where there are few, else as many random ones as the plan draws; and the package."""
    spec = model.spec
    return [
        f"fit <- lm({fixed_text(model)}, data = rows)",
        f"cluster <- {clusters_text(model)}",
        term_line(model),
        *_BOOTSTRAP.splitlines(),
        f"points <- as.vector({_WEIGHTS[spec.weights]})",
        "# all weights, or random ones: other draws than the plan's, so the p-value differs by chance",
        "V <- if (length(points)^nlevels(cluster) <= 20000) {",
        "  as.matrix(expand.grid(rep(list(points), nlevels(cluster))))",
        "} else rbind(1, matrix(sample(points, 9999 * nlevels(cluster), TRUE), 9999))",
        *inversion_lines(model),
        "# library(fwildclusterboot); rows$cluster <- cluster; fit <- lm(formula(fit), data = rows)",
        f'# boottest(fit, clustid = "cluster", param = term, B = 9999, type = "{spec.weights}", bootstrap_type = "11")',
        "# is the same with CV1 in the place of the jackknife standard error",
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`boottest`, which has CV1 standard errors."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    return [
        *numbering,
        f"regress {operand_name(model.formula.response)} {fixed_effects(model)}, vce(cluster {identifier})",
        "* boottest (ssc install boottest): null hypothesis imposed; its standard error is CV1, not the jackknife",
        f"boottest 2.{spec.arm}_, weighttype({spec.weights}) reps(9999) level({100 * spec.level:g}) nograph",
    ]

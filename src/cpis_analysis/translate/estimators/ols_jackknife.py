"""Least squares with a jackknife over clusters: R without a package, and `regress` of Stata."""

from __future__ import annotations

from cpis_analysis.methods.ols_jackknife import kind_of
from cpis_analysis.translate.estimators.ols_cr2 import equation
from cpis_analysis.translate.notation.r_syntax import clusters_text, fixed_text, term_line
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

__all__ = ["equation", "r_lines", "sas_missing", "stata_lines"]

_JACKKNIFE = """\
X <- model.matrix(fit); y <- model.response(model.frame(fit)); b <- coef(fit)
# what a row adds to the coefficients without each cluster, less those of all rows
inverse <- function(A) { s <- svd(A); s$v %*% (t(s$u) * ifelse(s$d > 1e-9 * s$d[1], 1 / s$d, 0)) }
influence <- lapply(levels(cluster), function(g) {
  out <- -inverse(X)
  out[, cluster != g] <- out[, cluster != g] + inverse(X[cluster != g, , drop = FALSE])
  out
})
change <- sapply(influence, function(L) L %*% y)
rownames(change) <- names(b)"""


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return f"{model.spec.name}: SAS has no jackknife over clusters in its regression procedures. Use the R code."


def r_lines(model: ExplainedModel) -> list[str]:
    """Least squares, and coefficients without each cluster."""
    spec = model.spec
    lines = [
        f"fit <- lm({fixed_text(model)}, data = rows)",
        f"cluster <- {clusters_text(model)}",
        *_JACKKNIFE.splitlines(),
        term_line(model),
        "estimate <- unname(b[term])",
    ]
    if kind_of(spec.df_method) == "V5":
        return [
            *lines,
            "se <- sqrt(sum(change[term, ]^2))",
            "h <- sapply(influence, function(L) L[match(term, names(b)), ])",
            "df <- sum(diag(crossprod(h)))^2 / sum(crossprod(h)^2)",
        ]
    return [
        *lines,
        "se <- sqrt(sum(change[term, ]^2) * (nlevels(cluster) - 1) / nlevels(cluster))",
        "df <- nlevels(cluster) - 1",
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`regress` with the jackknife over clusters, about the estimate of all rows."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    lines = [
        *numbering,
        f"regress {operand_name(model.formula.response)} {fixed_effects(model)}, "
        f"vce(jackknife, cluster({identifier}) mse nodots) level({100 * spec.level:g})",
        "* this is CV3: clusters less one over clusters times the sum of squares, t on clusters less one",
    ]
    if kind_of(spec.df_method) == "V5":
        lines.append(
            "* what differs: the plan takes the sum of squares itself (V5) and Satterthwaite degrees of freedom"
        )
    return lines

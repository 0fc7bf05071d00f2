"""Proportional hazards with robust standard errors: R's survival, `stcox`, PROC PHREG."""

from __future__ import annotations

from cpis_analysis.methods import degrees_of
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import clusters_text, fixed_text, name_text, term_line
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

_CORRECTED = """\
# Kauermann and Carroll's correction, Satterthwaite's degrees of freedom: each cluster's part of the information
plain <- coxph(formula(fit), data = rows, ties = "efron")
V <- vcov(plain)
X <- model.matrix(plain)
risk <- exp(drop(X %*% coef(plain)))
at <- plain$y[, "time"]
happened <- plain$y[, "status"] == 1
W <- array(0, c(nlevels(rows$cluster), ncol(X), ncol(X)))
for (t in sort(unique(at[happened]))) {
  died <- happened & at == t
  for (step in seq_len(sum(died)) - 1) {
    w <- risk * (at >= t) * ifelse(died, 1 - step / sum(died), 1)
    z <- sweep(X, 2, colSums(w * X) / sum(w))
    for (i in which(w > 0)) W[rows$cluster[i], , ] <- W[rows$cluster[i], , ] + w[i] / sum(w) * tcrossprod(z[i, ])
  }
}
scores <- rowsum(as.matrix(residuals(plain, "score")), rows$cluster)
root <- t(chol(V))
A <- lapply(seq_len(nrow(scores)), function(j) {
  parted <- eigen(diag(ncol(X)) - t(root) %*% W[j, , ] %*% root, symmetric = TRUE)
  root %*% parted$vectors %*% (t(parted$vectors) / sqrt(parted$values)) %*% t(root)
})
l <- as.numeric(names(b) == term)
g <- t(sapply(A, function(a) drop(a %*% l)))
U <- t(sapply(seq_along(A), function(j) drop(W[j, , ] %*% g[j, ])))
se <- sqrt(sum(rowSums(g * scores)^2))
P <- diag(rowSums(g * U)) - U %*% V %*% t(U)
df <- sum(diag(P))^2 / sum(P^2)"""


def equation(text: EquationText) -> list[str]:
    """The hazard, then what is taken of clusters."""
    spec = text.model.spec
    parts = text.fixed_parts(text.model.formula.fixed_terms)[1:]
    return [
        f"log hazard at t = log baseline hazard at t{text.plus}{text.plus.join(parts)}",
        f"t = {text.variable(spec.exposure)}; robust to whatever makes {PEOPLE} of one {spec.cluster} alike",
    ]


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return (
        f"{model.spec.name}: PROC PHREG with COVSANDWICH(AGGREGATE) has the estimate and the standard error, and tests "
        f"by\n   the normal distribution. Use the R code, which takes t on {_on(model)}."
    )


def _on(model: ExplainedModel) -> str:
    return "Satterthwaite's degrees of freedom" if degrees_of(model.spec).estimated else "clusters less arms"


def r_lines(model: ExplainedModel) -> list[str]:
    """`coxph` with clusters, and t."""
    spec = model.spec
    response, fixed = fixed_text(model).split(" ~ ", 1)
    time = name_text(spec.exposure)
    inference = (
        _CORRECTED.splitlines()
        if degrees_of(spec).estimated
        else [
            "se <- sqrt(vcov(fit)[term, term])",
            f"df <- nlevels(rows$cluster) - nlevels(rows${name_text(spec.arm)})",
        ]
    )
    return [
        "library(survival)",
        f"rows${time} <- as.numeric(rows${time})",
        f"rows <- rows[!is.na(rows${time}), ]",
        f"rows$cluster <- {clusters_text(model)}",
        f'fit <- coxph(Surv({time}, {response}) ~ {fixed}, data = rows, cluster = cluster, ties = "efron")',
        "b <- coef(fit)",
        term_line(model),
        "estimate <- unname(b[term])",
        *inference,
        "# do the hazard ratios stay the same over time?",
        "print(cox.zph(fit))",
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`stcox` with clusters."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    more = ", has no correction for few clusters," if degrees_of(spec).estimated else ""
    return [
        *numbering,
        f"destring {spec.exposure}, replace",
        f"stset {spec.exposure}, failure({operand_name(model.formula.response)})",
        f"stcox {fixed_effects(model)}, efron vce(cluster {identifier}) level({100 * spec.level:g})",
        f"* what differs: Stata multiplies the variance by clusters over clusters less one{more or ','} and takes "
        "the normal distribution for t",
    ]

"""Permutation of clusters in base R, both stages made again for every allocation; Stata's own command is a relative."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_inversion import inversion_lines
from cpis_analysis.translate.notation.r_syntax import operand_text, quoted
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects
from cpis_analysis.translate.notation.translation import ExplainedModel

_STATISTIC = """\
varies <- function(x) any(tapply(x, unit, function(v) diff(range(v))) > 1e-9 * diff(range(x)))
X <- X[, qr(X)$pivot[seq_len(qr(X)$rank)], drop = FALSE]
inside <- colnames(X)[apply(X, 2, varies)]
level <- apply(X[, setdiff(colnames(X), c("(Intercept)", inside)), drop = FALSE], 2, function(x) tapply(x, unit, mean))
level <- matrix(level, nlevels(unit))
both <- tapply(observed, place, function(s) any(s) && !all(s))
apart <- function(v, s) sapply(names(which(both)), function(k) mean(v[place == k & s]) - mean(v[place == k & !s]))
# estimate and standard error (HC2) of an allocation s of a response
statistic <- function(response, s) {
  b <- lm.fit(cbind(X, s[as.integer(unit)]), response)$coefficients
  m <- tapply(response - drop(X[, inside, drop = FALSE] %*% b[inside]), unit, mean)
  if (pairs) {
    m <- apart(m, s); M <- cbind(rep(1, length(m)), apply(level, 2, apart, s = s))
    M <- M[, c(TRUE, colSums(abs(M[, -1, drop = FALSE])) > 1e-9 * max(abs(level), 1)), drop = FALSE]
  } else M <- cbind(s, 1, level)
  M <- M[, qr(M)$pivot[seq_len(qr(M)$rank)], drop = FALSE]
  G <- solve(crossprod(M), t(M)); r <- m - drop(M %*% (G %*% m)); h <- rowSums(M * t(G))
  c(drop(G %*% m)[1], sqrt(sum((G[1, ]^2 * r^2 / (1 - h))[h < 1 - 1e-8])))
}
# as many clusters of each place have the arm as had it; beyond 20000 allocations the plan draws 9999 of them
within <- split(seq_along(observed), if (pairs) place else rep(1, length(observed)))
ways <- lapply(within, function(i) combn(length(i), sum(observed[i]), function(k) i[k], simplify = FALSE))
picked <- function(k) unlist(Map(function(way, j) way[[j]], ways, k))
chosen <- apply(expand.grid(lapply(ways, seq_along)), 1, picked, simplify = FALSE)
share <- function(d) {
  left <- y - d * observed[as.integer(unit)]
  t <- sapply(chosen, function(i) { found <- statistic(left, seq_along(observed) %in% i); abs(found[1] / found[2]) })
  found <- statistic(left, observed)
  mean(t >= abs(found[1] / found[2]) * (1 - 1e-9))
}
estimate <- unname(statistic(y, observed)[1])
se <- statistic(y, observed)[2]"""


def equation(text: EquationText) -> list[str]:
    """The statistic, and what it is compared with."""
    spec = text.model.spec
    where = (
        f"every {spec.team or spec.trust}, whatever its {spec.trust}"
        if spec.across
        else "the clusters that have the arm within each cluster of the next level above, else the largest as a whole"
        if len(spec.levels) > 2
        else f"the clusters of each {spec.trust} where the arm varies there, else of each {spec.trust} as a whole"
    )
    return [
        "T(arms) = difference of cluster means, adjusted by least squares with these arms, over its standard error",
        "p(d) = share of the allocations with |T(allocation)| >= |T(observed)|, of "
        f"{text.name(text.model.formula.response)} less d in {text.model.other_arm}",
        f"allocations: the arms change places among {where}",
    ]


def reported(text: EquationText) -> list[str]:
    """What p-value and interval are."""
    return ["reported: the observed difference; p = p(0); the interval holds the d with p(d) above 1 less its level"]


def r_lines(model: ExplainedModel) -> list[str]:
    """All allocations in base R; slow, as every one is fitted."""
    spec, formula = model.spec, model.formula
    arm, trust = f"rows${spec.arm}", f"rows${spec.trust}"
    terms = [term for term in formula.fixed_terms if term and term != (Operand(spec.arm),)]
    right = [":".join(operand_text(o) for o in term) for term in terms]
    team = f"interaction({trust}, rows${spec.team}, drop = TRUE)" if spec.team else f"factor({trust})"
    above = trust
    units = [
        f"allocated_within <- any(tapply(as.character({arm}), {trust}, function(a) length(unique(a))) > 1)",
        f"unit <- if (allocated_within) {team} else factor({trust})",
    ]
    more = f"if (pairs) X <- cbind(X, model.matrix(~ {spec.trust}, rows)[, -1])"
    if len(spec.levels) > 2:
        units, above = units_of_the_arm(model), "above"
        more = "if (pairs) X <- cbind(X, model.matrix(~ above)[, -1])"
    return [
        *units,
        f"pairs <- {'FALSE' if spec.across else 'allocated_within'}",
        "# everybody counts with the arm of most of their cluster",
        f"observed <- tapply(as.character({arm}), unit, function(a) names(which.max(table(a)))) == "
        f"{quoted(model.other_arm)}",
        f"place <- tapply(as.character({above}), unit, function(a) a[1])",
        f"y <- with(rows, {operand_text(formula.response)})",
        f"X <- model.matrix(~ {' + '.join(right) or '1'}, rows)",
        *([] if spec.across else [more]),
        *_STATISTIC.splitlines(),
        *inversion_lines(model),
    ]


def units_of_the_arm(model: ExplainedModel) -> list[str]:
    """Lines that find, of several levels, the one of which every cluster has one arm, and the next above it."""
    spec = model.spec
    places = [", ".join(f"rows${name}" for name in spec.keys_of(level)) for level in spec.levels]
    return [
        f"places <- list({', '.join(f'interaction({keys}, drop = TRUE)' for keys in places)})",
        f"own <- ave(as.character(rows${spec.arm}), places[[{len(places)}]], "
        "FUN = function(a) names(which.max(table(a))))",
        "depth <- which(sapply(places, function(p) all(tapply(own, p, function(a) length(unique(a))) == 1)))[1]",
        "unit <- places[[depth]]",
        "allocated_within <- depth > 1",
        "above <- places[[max(depth - 1, 1)]]",
    ]


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return f"{model.spec.name}: SAS permutes people and not clusters with covariates of people. Use the R code."


def stata_lines(model: ExplainedModel) -> list[str]:
    """`ritest` with the first stage as it was observed."""
    spec = model.spec
    strata = "" if spec.across else f" strata({spec.trust}_)"
    return [
        "* ritest (ssc install ritest) permutes the arms of clusters and tests a coefficient that is not studentised",
        "* and whose covariates are adjusted for by people: a relative of the plan's test. The same is in the R code.",
        f"* Where the arm belongs to the {spec.trust}: cluster({spec.trust}_), without strata.",
        f"egen cluster_ = group({' '.join(filter(None, (spec.trust, spec.team)))})",
        *([] if spec.across else [f"capture encode {spec.trust}, generate({spec.trust}_)"]),
        f"ritest {spec.arm}_ _b[2.{spec.arm}_], reps(9999) cluster(cluster_){strata}: "
        f"regress {operand_name(model.formula.response)} {fixed_effects(model)}",
    ]

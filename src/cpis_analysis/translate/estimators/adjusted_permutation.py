"""Hagemann's adjusted permutation of clusters in base R."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.formula.parse import Operand
from cpis_analysis.lmm.resampling.adjusted_levels import TABLE
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.translate.estimators.permutation import units_of_the_arm
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import operand_text, quoted
from cpis_analysis.translate.notation.translation import ExplainedModel

_TEST = """\
varies <- function(x) any(tapply(x, unit, function(v) diff(range(v))) > 1e-9 * diff(range(x)))
X <- X[, qr(X)$pivot[seq_len(qr(X)$rank)], drop = FALSE]
inside <- colnames(X)[apply(X, 2, varies)]
b <- lm.fit(cbind(X, observed[as.integer(unit)]), y)$coefficients
own <- tapply(y - drop(X[, inside, drop = FALSE] %*% b[inside]), unit, mean)
has <- sum(observed)
lacks <- sum(!observed)
estimate <- mean(own[observed]) - mean(own[!observed])
se <- sqrt(var(own[observed]) / has + var(own[!observed]) / lacks)
# where each other allocation becomes as extreme; beyond 20000 allocations the plan draws 9999 of them
ways <- combn(has + lacks, has)
places <- apply(ways, 2, function(i) mean(own[setdiff(which(observed), i)]) - mean(own[setdiff(i, which(observed))]))
places <- sort(places[!is.nan(places)])
rank_at <- function(level) {
  share <- adjusted[[level]][[max(has, lacks) - 3]][min(has, lacks) - 3] / min(ncol(ways), 1500)
  max(1, ncol(ways) - ceiling(round((1 - share) * ncol(ways), 4)))
}
ranks <- sapply(names(adjusted), rank_at)
ranks <- ranks[!is.na(ranks)]
at <- as.numeric(names(ranks))
held <- at[min(1 + sum(places <= 0), 1 + sum(places >= 0)) <= ranks]
p_value <- if (length(held)) min(held) else 1"""


def equation(text: EquationText) -> list[str]:
    """The statistic, and what it is compared with."""
    model = text.model
    return [
        f"T = difference of cluster means, less the slopes of covariates among {PEOPLE}",
        f"R(d) = allocations of as many clusters with T(allocation) >= T(observed), of "
        f"{text.name(model.formula.response)} less d in {model.other_arm}, or with <=, whichever are fewer",
        "rejected at a level: R(d) no larger than Hagemann (2023, Table 1) has it for these numbers of clusters",
    ]


def reported(text: EquationText) -> list[str]:
    """What p-value and interval are."""
    return [
        "reported: T; p = smallest of .01, .02, .05, .1 and .2 at which d = 0 is rejected, else 1; the interval holds "
        "the d that are not rejected at 1 less its level"
    ]


def _listed(level: float) -> str:
    def entry(value: float | None) -> str:
        return "NA" if value is None else f"{value:g}"

    def row(values: Sequence[float | None]) -> str:
        return f"c({', '.join(map(entry, values))})"

    return f'  "{level:g}" = list({", ".join(map(row, TABLE[level]))})'


def r_lines(model: ExplainedModel) -> list[str]:
    """All allocations in base R, with the table."""
    spec, formula = model.spec, model.formula
    terms = [term for term in formula.fixed_terms if term and term != (Operand(spec.arm),)]
    right = [":".join(operand_text(o) for o in term) for term in terms]
    return [
        *units_of_the_arm(model)[:-2],
        "# everybody counts with the arm of most of their cluster",
        f"observed <- tapply(as.character(rows${spec.arm}), unit, function(a) names(which.max(table(a)))) == "
        f"{quoted(model.other_arm)}",
        f"y <- with(rows, {operand_text(formula.response)})",
        f"X <- model.matrix(~ {' + '.join(right) or '1'}, rows)",
        "# of the largest statistics those at which one side rejects, by two-sided level and, from four clusters, by",
        "# the larger number (a vector each) and the smaller: Hagemann 2023, Rev Econ Stat, Table 1",
        "adjusted <- list(",
        *(_listed(level) + "," for level in list(TABLE)[:-1]),
        _listed(list(TABLE)[-1]),
        ")",
        *_TEST.splitlines(),
        f"usable <- ranks[at <= {1 - spec.level:.15g} * (1 + 1e-9)]",
        "ci_low <- if (length(usable)) places[usable[1]] else -Inf",
        "ci_high <- if (length(usable)) places[length(places) + 1 - usable[1]] else Inf",
    ]


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return f"{model.spec.name}: SAS has no adjusted permutation of clusters. Use the R code."


def stata_lines(model: ExplainedModel) -> list[str]:
    """Stata has no command; where to find the same."""
    return ["* Stata has no adjusted permutation of clusters (Hagemann 2023). Use the R code."]

"""Sign changes of clusters' own estimates in base R and Stata."""

from __future__ import annotations

from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_inversion import inversion_lines
from cpis_analysis.translate.notation.r_syntax import clusters_text, fixed_text, term_line
from cpis_analysis.translate.notation.stata_contrasts import operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

_SIGNS = """\
X <- model.matrix(fit); y <- model.response(model.frame(fit))
# the coefficient in each cluster; none where it can't be told or there are no more people than coefficients
own <- sapply(levels(cluster), function(g) {
  found <- lm.fit(X[cluster == g, , drop = FALSE], y[cluster == g])
  if (found$df.residual < 1) NA else found$coefficients[term]
})
own <- own[!is.na(own)]
S <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(own))))  # beyond 14 clusters the plan draws 9999 of them
estimate <- mean(own)
se <- sd(own) / sqrt(length(own))
# the sum of squares stays, so Student's t is as extreme where the sum is
share <- function(d) mean(abs(S %*% (own - d)) >= abs(sum(own - d)) * (1 - 1e-9))"""


def equation(text: EquationText) -> list[str]:
    """The equation, of which each cluster has its own coefficients."""
    spec = text.model.spec
    return [
        text.main(),
        f"in each {spec.cluster} by itself; the reported coefficient is the mean over them",
        "p(d) = share of the changes of their signs with |t| as large, of the coefficients less d",
    ]


def reported(text: EquationText) -> list[str]:
    """What p-value and interval are."""
    return ["reported: the mean; p = p(0); the interval holds the d with p(d) above 1 less its level"]


def r_lines(model: ExplainedModel) -> list[str]:
    """All changes of signs."""
    return [
        f"fit <- lm({fixed_text(model)}, data = rows)",
        f"cluster <- {clusters_text(model)}",
        term_line(model),
        *_SIGNS.splitlines(),
        *inversion_lines(model),
    ]


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return f"{model.spec.name}: SAS has no test by sign changes. Use the R code."


def stata_lines(model: ExplainedModel) -> list[str]:
    """The clusters' estimates by `statsby`, their signs changed in Mata."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    return [
        *numbering,
        f"statsby own = _b[2.{spec.arm}_], by({identifier}) clear: "
        f"regress {operand_name(model.formula.response)} {fixed_effects(model)}",
        "* all changes of signs of the sum; the interval is in the R code",
        "mata:",
        'own = st_data(., "own"); q = rows(own); extreme = 0',
        "for (k = 0; k < 2^q; k++) {",
        "  total = 0",
        "  for (j = 1; j <= q; j++) total = total + (mod(floor(k / 2^(j - 1)), 2) ? -1 : 1) * own[j]",
        "  extreme = extreme + (abs(total) >= abs(sum(own)) * (1 - 1e-9))",
        "}",
        "mean(own), extreme / 2^q",
        "end",
    ]

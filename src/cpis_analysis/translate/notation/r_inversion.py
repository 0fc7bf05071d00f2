"""p-value and interval of a resampling test in R, from a function that gives the share as extreme at a value."""

from __future__ import annotations

from cpis_analysis.translate.notation.translation import ExplainedModel

_SEARCH = """\
# the farthest values on either side that are not rejected, by halving; without ends where none is rejected
limit <- function(side) {
  far <- 1
  while (share(estimate + side * far * se) > alpha) if ((far <- 2 * far) > 1e6) return(side * Inf)
  near <- 0
  for (i in 1:45) {
    middle <- (near + far) / 2
    if (share(estimate + side * middle * se) > alpha) near <- middle else far <- middle
  }
  estimate + side * near * se
}
ci_low <- limit(-1)
ci_high <- limit(1)"""


def inversion_lines(model: ExplainedModel) -> list[str]:
    """Lines that use ``share``, ``estimate`` and ``se`` and give ``p_value``, ``ci_low`` and ``ci_high``."""
    return ["p_value <- share(0)", f"alpha <- {1 - model.spec.level:.15g} * (1 + 1e-9)", *_SEARCH.splitlines()]

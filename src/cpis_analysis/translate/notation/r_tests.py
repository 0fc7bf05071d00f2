"""Tests of contrasts in R from the coefficients and the covariance of a fit."""

from __future__ import annotations

_PLAIN_TESTS = """\
V <- as.matrix(vcov(fit))
one <- function(name, weights) {{
  estimate <- sum(weights * b); se <- sqrt(drop(weights %*% V %*% weights)); df <- {one}
  data.frame(contrast = name, estimate, se, num_df = NA, df, statistic = estimate / se,
             p_value = 2 * pt(-abs(estimate / se), df))
}}
joint <- function(name, weights) {{
  values <- drop(weights %*% b); df <- {joint}
  F <- drop(values %*% solve(weights %*% V %*% t(weights), values)) / nrow(weights)
  data.frame(contrast = name, estimate = NA, se = NA, num_df = nrow(weights), df, statistic = F,
             p_value = pf(F, nrow(weights), df, lower.tail = FALSE))
}}"""


def plain_tests(one: str, joint: str) -> list[str]:
    """The functions `one` and `joint` from the covariance of a fit, with degrees of freedom by these expressions."""
    return _PLAIN_TESTS.format(one=one, joint=joint).splitlines()

"""Further contrasts in R: predictions for the people analysed, averaged with some variables held, and their tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpis_analysis.translate.r_syntax import name_text, quoted, vector
from cpis_analysis.translate.translation import ExplainedModel
from cpis_analysis.translate.wanted_contrasts import Asked, asked_contrasts

__all__ = ["contrast_lines"]

_AVERAGE = """\
# further contrasts: what the model predicts for the people analysed, averaged, with some variables held
b <- {coefficients}
average <- function(...) {{
  frame <- rows
  held <- list(...)
  for (name in names(held)) {{
    known <- levels(rows[[name]])
    frame[[name]] <- if (is.null(known)) held[[name]] else factor(held[[name]], levels = known)
  }}
  colMeans(model.matrix(delete.response(terms(fit)), frame))[names(b)]
}}"""

_TERMS = """\
of_terms <- function(...) {
  labels <- strsplit(attr(terms(fit), "term.labels"), ":", fixed = TRUE)
  chosen <- which(sapply(labels, function(label) any(sapply(list(...), setequal, label))))
  diag(length(b))[attr(model.matrix(fit), "assign") %in% chosen, , drop = FALSE]
}"""

_LMER_TESTS = """\
one <- function(name, weights) {{
  found <- contest(fit, weights, joint = FALSE, ddf = "{ddf}")
  data.frame(contrast = name, estimate = found[1, "Estimate"], se = found[1, "Std. Error"], num_df = NA,
             df = found[1, "df"], statistic = found[1, "t value"], p_value = found[1, "Pr(>|t|)"])
}}
joint <- function(name, weights) {{
  found <- contest(fit, weights, joint = TRUE, ddf = "{ddf}")
  data.frame(contrast = name, estimate = NA, se = NA, num_df = found[1, "NumDF"], df = found[1, "DenDF"],
             statistic = found[1, "F value"], p_value = found[1, "Pr(>F)"])
}}"""

_ROBUST_TESTS = """\
one <- function(name, weights) {
  found <- linear_contrast(fit, vcov = "CR2", cluster = cluster, contrasts = matrix(weights, 1), p_values = TRUE)
  data.frame(contrast = name, estimate = found$Est, se = found$SE, num_df = NA, df = found$df,
             statistic = found$Est / found$SE, p_value = found$p_val)
}
joint <- function(name, weights) {
  found <- Wald_test(fit, constraints = weights, vcov = "CR2", cluster = cluster, test = "HTZ")
  data.frame(contrast = name, estimate = NA, se = NA, num_df = found$df_num, df = found$df_denom,
             statistic = found$Fstat, p_value = found$p_val)
}"""

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

_PLAIN_DF = {
    "z": ("Inf", "Inf"),
    "residual": ("nrow(rows) - length(b)",) * 2,
    "between-within": (
        "min(sapply(which(weights != 0), count))",
        "min(sapply(which(colSums(abs(weights)) != 0), count))",
    ),
}


def contrast_lines(model: ExplainedModel) -> list[str]:
    """Lines that give the data frame ``contrasts``, one row as in results/estimates.csv.

    They follow the lines of the fit, and use its ``fit``, ``rows`` and, for CR2, ``cluster``.
    """
    asked = asked_contrasts(model)
    if not asked:
        return ["# further contrasts: the codes of the moderator are not known beforehand"]
    mixed = model.spec.estimator == "mixed"
    own = 'if (inherits(fit, "lm")) coef(fit) else fixef(fit)' if model.spec.boundary == "drop" else "fixef(fit)"
    lines = _AVERAGE.format(coefficients=own if mixed else "coef(fit)").splitlines()
    lines += _arms(model)
    if any(one.terms for one in asked):
        lines += _TERMS.splitlines()
    lines += _tests(model)
    lines += ["contrasts <- rbind(", *_joined(list(_calls(asked))), ")", "print(contrasts, digits = 6)"]
    return lines


def _tests(model: ExplainedModel) -> Iterator[str]:
    spec = model.spec
    if spec.estimator == "ols_cr2":
        yield from _ROBUST_TESTS.splitlines()
        return
    if spec.df_method in _PLAIN_DF:
        one, joint = _PLAIN_DF[spec.df_method]
        yield from _PLAIN_TESTS.format(one=one, joint=joint).splitlines()
        return
    tests = _LMER_TESTS.format(ddf="Kenward-Roger" if spec.df_method == "kenward-roger" else "Satterthwaite")
    if spec.boundary != "drop":
        yield from tests.splitlines()
        return
    # without any variance left the fit is one of least squares, which has residual degrees of freedom
    plain = _PLAIN_TESTS.format(one="df.residual(fit)", joint="df.residual(fit)")
    yield 'if (inherits(fit, "lm")) {'
    yield from (f"  {line}" for line in plain.splitlines())
    yield "} else {"
    yield from (f"  {line}" for line in tests.splitlines())
    yield "}"


def _arms(model: ExplainedModel) -> list[str]:
    """The difference between the arms; over time where the effect is one of change."""
    spec = model.spec
    arm = name_text(spec.arm)

    def at(wave: str) -> str:
        when = f", wave = {quoted(wave)}" if wave else ""
        return (
            f"average({arm} = {quoted(model.other_arm)}{when}, ...) - "
            f"average({arm} = {quoted(spec.reference)}{when}, ...)"
        )

    if not model.is_long:
        return [f"difference <- function(...) {at('')}"]
    if "wave" not in spec.effect:
        return [f"difference <- function(...) {at(spec.followup_wave)}"]
    return [f"difference <- function(...) {at(spec.followup_wave)} -", f"  ({at(spec.baseline_wave)})"]


def _calls(asked: list[Asked]) -> Iterator[str]:
    for one in asked:
        if one.terms:
            yield f"joint({quoted(one.name)}, of_terms({', '.join(vector(term.split(':')) for term in one.terms)}))"
            continue
        rows = [
            " ".join(_held(weight, held, first=not place) for place, (weight, held) in enumerate(parts))
            for parts in one.held
        ]
        if one.is_joint:
            yield f"joint({quoted(one.name)}, rbind({', '.join(rows)}))"
        else:
            yield f"one({quoted(one.name)}, {rows[0]})"


def _held(weight: float, held: Mapping[str, str | float], *, first: bool) -> str:
    values = ", ".join(
        f"{name_text(name)} = {quoted(value) if isinstance(value, str) else format(value, 'g')}"
        for name, value in held.items()
    )
    sign = ("" if first else "+ ") if weight > 0 else "- "
    return f"{sign}difference({values})"


def _joined(calls: list[str]) -> list[str]:
    return [f"  {call}{',' * (place < len(calls) - 1)}" for place, call in enumerate(calls)]

"""Further contrasts in R: predictions for the people analysed, averaged with some variables held, and their tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.plan.specification import MONTHS
from cpis_analysis.translate.notation.r_syntax import name_text, quoted, vector
from cpis_analysis.translate.notation.translation import ExplainedModel, column_name
from cpis_analysis.translate.notation.wanted_contrasts import Asked, asked_contrasts
from cpis_analysis.translate.parts import part_of

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


def contrast_lines(model: ExplainedModel) -> list[str]:
    """Lines that give the data frame ``contrasts``, one row as in results/estimates.csv.

    They follow the lines of the fit, and use its ``fit``, ``rows`` and, for CR2, ``cluster``.
    """
    asked = asked_contrasts(model)
    if not asked:
        return ["# further contrasts: the codes of the moderator are not known beforehand"]
    # (model) -> lines that define the functions `one` and `joint`, (name, weights) -> a row
    tests = part_of(model, "r_tests")
    if tests is None:
        return ["# further contrasts: there is no code for them here"]
    # (model) -> the coefficients of `fit`
    own = part_of(model, "r_coefficients")
    lines = _AVERAGE.format(coefficients=own(model) if own else "coef(fit)").splitlines()
    lines += _arms(model)
    if any(one.terms for one in asked):
        lines += _TERMS.splitlines()
    lines += tests(model)
    lines += ["contrasts <- rbind(", *_joined(list(_calls(asked, model))), ")", "print(contrasts, digits = 6)"]
    return lines


def _arms(model: ExplainedModel) -> list[str]:
    """The difference between the arms; over time where the effect is one of change."""
    spec = model.spec
    arm = name_text(spec.arm)

    def at(wave: str) -> str:
        when = f", wave = {wave}" if wave else ""
        if wave and spec.months:
            when += f", {MONTHS} = {MONTHS}_of[[{wave}]]"
        return (
            f"average({arm} = {quoted(model.other_arm)}{when}, ...) - "
            f"average({arm} = {quoted(spec.reference)}{when}, ...)"
        )

    if not model.is_long:
        return [f"difference <- function(...) {at('')}"]
    last, first = quoted(spec.followup_wave), f"  ({at(quoted(spec.baseline_wave))})"
    changes = "wave" in effect_variables(spec.effect)
    if not spec.waves:
        return [f"difference <- function(...) {at(last)}" + " -" * changes, *([first] if changes else [])]
    months = ", ".join(f"{quoted(wave)} = {month:g}" for wave, month in model.months.items())
    return [
        *([f"{MONTHS}_of <- c({months})"] if months else []),
        f"difference <- function(wave = {last}, ...) {at('wave')}" + " -" * changes,
        *([first] if changes else []),
    ]


def _calls(asked: list[Asked], model: ExplainedModel) -> Iterator[str]:
    for one in asked:
        if one.terms:
            yield f"joint({quoted(one.name)}, of_terms({', '.join(map(_of_term, one.terms))}))"
            continue
        rows = [
            " ".join(_held(weight, held, model, first=not place) for place, (weight, held) in enumerate(parts))
            for parts in one.held
        ]
        if one.is_joint:
            yield f"joint({quoted(one.name)}, rbind({', '.join(rows)}))"
        else:
            yield f"one({quoted(one.name)}, {rows[0]})"


def _of_term(term: str) -> str:
    """Variables of a term, as the formula has them."""
    return vector(map(column_name, term.split(":")))


def _held(weight: float, held: Mapping[str, str | float], model: ExplainedModel, *, first: bool) -> str:
    # the function itself knows the months of a wave
    held = {name: value for name, value in held.items() if not (name == MONTHS and model.spec.months)}
    values = ", ".join(
        f"{name_text(name)} = {quoted(value) if isinstance(value, str) else format(value, 'g')}"
        for name, value in held.items()
    )
    sign = ("" if first else "+ ") if weight > 0 else "- "
    size = "" if abs(weight) == 1 else f"{abs(weight):.15g} * "
    return f"{sign}{size}difference({values})"


def _joined(calls: list[str]) -> list[str]:
    return [f"  {call}{',' * (place < len(calls) - 1)}" for place, call in enumerate(calls)]

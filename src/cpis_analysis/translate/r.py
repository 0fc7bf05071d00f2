"""The same analysis in R: its rows, then what the estimator's translation makes of them."""

from __future__ import annotations

from cpis_analysis.methods import degrees_of
from cpis_analysis.plan.specification import MONTHS
from cpis_analysis.translate.conditions_in_code import r_condition, selecting_variables
from cpis_analysis.translate.notation.cluster_columns import r_columns
from cpis_analysis.translate.notation.r_syntax import quoted, vector
from cpis_analysis.translate.notation.translation import ExplainedModel, column_name
from cpis_analysis.translate.parts import missing_note, part_of
from cpis_analysis.translate.r_contrasts import contrast_lines


def r_code(model: ExplainedModel) -> str:
    """A script that gives the reported contrast as the data frame ``result``, and further ones as ``contrasts``.

    It is to be run in the study's folder; it reads the analysis data set that the workflow wrote.
    """
    spec = model.spec
    # (model) -> lines that use `rows` and give the numbers `estimate`, `se` and `df`; of resampling tests p-value and
    # interval in the place of `df`
    body = part_of(model, "r_lines")
    if body is None:
        return f"# {missing_note(model, 'R')}"
    lines = [f"# {spec.name}", *_rows(model), *body(model), *_result(model)]
    if spec.contrasts:
        lines += contrast_lines(model)
    return "\n".join(lines)


def _rows(model: ExplainedModel) -> list[str]:
    spec = model.spec
    first = "measurements" if model.is_long else "participants"
    needed = list(dict.fromkeys([*map(column_name, model.formula.variables), spec.arm, *spec.levels]))
    lines = [f'rows <- read.csv("data/processed/{first}.csv", na.strings = "", colClasses = "character")']
    lines += _waves(model)
    made = [column_name(str(part)) for part in model.formula.cluster_parts]
    joined = [*sorted(set(model.formula.variables) & model.variables.joined), *made] if model.is_long else []
    frame = "people" if model.is_long and (selecting_variables(model) or joined) else "rows"
    if frame == "people":
        lines.append('people <- read.csv("data/processed/participants.csv", na.strings = "", colClasses = "character")')
    lines += [
        f'{frame}${name} <- ifelse({r_condition(text, model, frame)}, "yes", "no")' for name, text in spec.derived
    ]
    lines += [f"{frame} <- {frame}[{frame}${name} %in% {vector(codes)}, ]" for name, codes in spec.where]
    if spec.condition:
        lines.append(f"{frame} <- {frame}[which({r_condition(spec.condition, model, frame)}), ]")
    lines += r_columns(model, frame)
    if frame == "people":
        lines.append(
            f"rows <- merge(rows, people[{vector([spec.participant, *joined])}], by = {quoted(spec.participant)})"
        )
    lines.append(f"rows <- rows[complete.cases(rows[{vector(needed)}]), ]")
    numbers = [name for name in map(column_name, model.numbers) if name not in (spec.participant, *made)]
    lines += [f"rows${name} <- as.numeric(rows${name})" for name in numbers]
    for name in dict.fromkeys([*model.factors, spec.arm, *spec.levels]):
        levels = model.ordered_levels(name)
        text = f", levels = {vector(levels)}" if levels else ""
        lines.append(f"rows${name} <- factor(rows${name}{text})")
    lines.append("rows <- droplevels(rows)")
    return lines


def _waves(model: ExplainedModel) -> list[str]:
    """Which interviews are rows, and the months of their waves, where the study has others than two."""
    left_out = model.wave_left_out
    lines = [f"rows <- rows[rows$wave != {quoted(left_out)}, ]"] if left_out else []
    if model.spec.months:
        months = ", ".join(f"{quoted(wave)} = {at:g}" for wave, at in model.months.items())
        lines.append(f"rows${MONTHS} <- c({months})[rows$wave]")
    return lines


def _result(model: ExplainedModel) -> list[str]:
    if degrees_of(model.spec).resampled:
        return [
            "result <- data.frame(estimate, se, p_value, ci_low, ci_high)",
            "print(result, digits = 8)",
        ]
    return [
        f"t <- qt({0.5 + model.spec.level / 2:.15g}, df)",
        "result <- data.frame(estimate, se, df, statistic = estimate / se, p_value = 2 * pt(-abs(estimate / se), df),",
        "                     ci_low = estimate - t * se, ci_high = estimate + t * se)",
        "print(result, digits = 8)",
    ]

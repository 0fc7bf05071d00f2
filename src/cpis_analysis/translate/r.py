"""The same analysis in R: lme4 with lmerTest and pbkrtest, clubSandwich, or base R."""

from __future__ import annotations

from cpis_analysis.formula.parse import RandomTerm
from cpis_analysis.translate.conditions_in_code import r_condition, selecting_variables
from cpis_analysis.translate.r_contrasts import contrast_lines
from cpis_analysis.translate.r_gee import estimating_equations
from cpis_analysis.translate.r_syntax import fixed_text, name_text, operand_text, quoted, vector
from cpis_analysis.translate.translation import ExplainedModel

__all__ = ["r_code"]

_DDF = {"kenward-roger": "Kenward-Roger", "satterthwaite": "Satterthwaite"}

_BETWEEN_WITHIN = """\
# between-within degrees of freedom, which lme4 does not have: clusters less what is constant within them
X <- getME(fit, "X")
groups <- getME(fit, "flist")
groups <- groups[order(sapply(groups, nlevels))]
constant <- sapply(groups, function(g) apply(X, 2, function(x) all(tapply(x, g, function(v) diff(range(v))) < 1e-9)))
count <- function(j) {
  level <- which(constant[j, ])[1]
  if (!is.na(level)) return(nlevels(groups[[level]]) - sum(constant[, level]))
  nrow(X) - nlevels(groups[[length(groups)]]) - sum(!constant[, length(groups)])
}
df <- count(match(term, colnames(X)))"""

_DROP = """\
# boundary drop: variances that were estimated as zero leave the model before Kenward-Roger
random <- c({random})
estimated <- sapply(VarCorr(fit), function(v) v[1, 1])[names(random)]
kept <- random[estimated > 1e-8 * sigma(fit)^2]
if (length(kept)) {{
  fit <- lmer(as.formula(paste({fixed}, "+", paste(kept, collapse = " + "))), data = rows)
  table <- coef(summary(fit, ddf = "Kenward-Roger"))
}} else {{
  fit <- lm({plain}, data = rows)
  table <- cbind(coef(summary(fit))[, 1:2], df = df.residual(fit))
}}"""


def r_code(model: ExplainedModel) -> str:
    """A script that gives the reported contrast as the data frame ``result``, and further ones as ``contrasts``.

    It is to be run in the study's folder; it reads the analysis data set that the workflow wrote.
    """
    spec = model.spec
    body = {
        "mixed": _mixed,
        "ols_cr2": _cluster_robust,
        "cluster_summary": _cluster_means,
        "gee": estimating_equations,
    }[spec.estimator]
    lines = [f"# {spec.name}", *_rows(model), *body(model), *_result(model)]
    if spec.contrasts:
        lines += contrast_lines(model)
    return "\n".join(lines)


def _rows(model: ExplainedModel) -> list[str]:
    spec = model.spec
    first = "interviews" if model.is_long else "participants"
    needed = list(dict.fromkeys([*model.formula.variables, spec.arm, spec.trust, *([spec.team] if spec.team else [])]))
    lines = [f'rows <- read.csv("data/processed/{first}.csv", na.strings = "", colClasses = "character")']
    joined = sorted(set(model.formula.variables) & model.variables.joined) if model.is_long else []
    frame = "people" if model.is_long and (selecting_variables(model) or joined) else "rows"
    if frame == "people":
        lines.append('people <- read.csv("data/processed/participants.csv", na.strings = "", colClasses = "character")')
    lines += [
        f'{frame}${name} <- ifelse({r_condition(text, model, frame)}, "yes", "no")' for name, text in spec.derived
    ]
    lines += [f"{frame} <- {frame}[{frame}${name} %in% {vector(codes)}, ]" for name, codes in spec.where]
    if spec.condition:
        lines.append(f"{frame} <- {frame}[which({r_condition(spec.condition, model, frame)}), ]")
    if frame == "people":
        lines.append(
            f"rows <- merge(rows, people[{vector([spec.participant, *joined])}], by = {quoted(spec.participant)})"
        )
    lines.append(f"rows <- rows[complete.cases(rows[{vector(needed)}]), ]")
    lines += [f"rows${name} <- as.numeric(rows${name})" for name in model.numbers if name != spec.participant]
    for name in dict.fromkeys([*model.factors, spec.arm, spec.trust, *([spec.team] if spec.team else [])]):
        levels = model.ordered_levels(name)
        text = f", levels = {vector(levels)}" if levels else ""
        lines.append(f"rows${name} <- factor(rows${name}{text})")
    lines.append("rows <- droplevels(rows)")
    return lines


def _mixed(model: ExplainedModel) -> list[str]:
    spec = model.spec
    random = [_random(term) for term in model.formula.random_terms]
    lines = [
        "library(lmerTest)  # lme4, with pbkrtest for Kenward-Roger",
        f"fit <- lmer({fixed_text(model)} + {' + '.join(random)}, data = rows, REML = TRUE)",
    ]
    ddf = _DDF.get(spec.df_method, "lme4")
    lines += [f'table <- coef(summary(fit, ddf = "{ddf}"))']
    if spec.df_method == "kenward-roger" and spec.boundary == "drop":
        named = ", ".join(
            f"`{term.group_name}` = {quoted(text)}"
            for term, text in zip(model.formula.random_terms, random, strict=True)
        )
        lines += _DROP.format(random=named, fixed=quoted(fixed_text(model)), plain=fixed_text(model)).splitlines()
    lines.append("print(summary(fit))")
    lines += [_term(model), "estimate <- table[term, 1]", "se <- table[term, 2]"]
    counted = {"z": "df <- Inf", "residual": "df <- nrow(rows) - nrow(table)", "between-within": _BETWEEN_WITHIN}
    lines += counted.get(spec.df_method, 'df <- table[term, "df"]').splitlines()
    return lines


def _cluster_robust(model: ExplainedModel) -> list[str]:
    spec = model.spec
    cluster = (
        f"rows${spec.trust}"
        if spec.cluster == "trust"
        else (f"interaction(rows${spec.trust}, rows${spec.team}, drop = TRUE)")
    )
    return [
        "library(clubSandwich)",
        f"fit <- lm({fixed_text(model)}, data = rows)",
        f"cluster <- {cluster}",
        'table <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")',
        "print(table)",
        "rownames(table) <- names(coef(fit))",
        _term(model),
        'estimate <- table[term, "beta"]',
        'se <- table[term, "SE"]',
        'df <- table[term, "df_Satt"]',
    ]


def _cluster_means(model: ExplainedModel) -> list[str]:
    spec, formula = model.spec, model.formula
    by = [spec.trust] if spec.cluster == "trust" else [spec.trust, str(spec.team)]
    arm, other, reference = f"rows${spec.arm}", quoted(model.other_arm), quoted(spec.reference)
    right = [":".join(operand_text(o) for o in term) for term in formula.fixed_terms if term]
    right += [spec.trust] if spec.pairs and spec.trust not in right else []
    places = ", ".join(f"rows${name}" for name in by)
    lines = []
    if not spec.pairs:
        lines += [
            "# everybody counts with the arm of most of their cluster",
            f"most <- tapply(as.character({arm}), list({places}), function(a) names(which.max(table(a))))",
            f"{arm} <- factor(most[cbind({', '.join(f'as.character(rows${name})' for name in by)})], "
            f"levels = levels({arm}))",
        ]
    lines += [
        f"first <- lm({operand_text(formula.response)} ~ {' + '.join(right)}, data = rows)",
        "X <- model.matrix(first)[, !is.na(coef(first)), drop = FALSE]",
        f"cluster <- interaction({places}, {arm}, drop = TRUE)",
        "varies <- function(x) any(tapply(x, cluster, function(v) diff(range(v))) > 1e-9 * diff(range(x)))",
        "within <- colnames(X)[apply(X, 2, varies)]",
        "# cluster means of the outcome less the slopes of what varies within clusters",
        "rows$adjusted <- model.response(model.frame(first)) -",
        "  drop(scale(X[, within, drop = FALSE], scale = FALSE) %*% coef(first)[within])",
        f'level <- setdiff(colnames(X), c("(Intercept)", {quoted(spec.arm + model.other_arm)}, within))',
        "means <- aggregate(data.frame(adjusted = rows$adjusted, X[, level, drop = FALSE], check.names = FALSE),",
        f"                   rows[{vector([*by, spec.arm])}], mean)",
    ]
    if spec.pairs:
        lines += [
            "# difference between the arms in each trust, on those of covariates of clusters (without any, a paired t)",
            "difference <- function(v) {",
            f"  sides <- tapply(v, list(means${spec.trust}, means${spec.arm}), mean)",
            f"  sides[, {other}] - sides[, {reference}]",
            "}",
            "y <- difference(means$adjusted)",
            "M <- matrix(1, length(y), 1)",
            "for (name in level) M <- cbind(M, difference(means[[name]]))",
        ]
    else:
        lines += [
            "# cluster means on the arm and on covariates of clusters (without any, Student's t)",
            "y <- means$adjusted",
            f"M <- cbind(1, means${spec.arm} == {other}, as.matrix(means[level]))",
        ]
    at = 1 if spec.pairs else 2
    return [
        *lines,
        "second <- lm(y ~ 0 + M)",
        "print(summary(second))",
        f"estimate <- unname(coef(second)[{at}])",
        f"se <- coef(summary(second))[{at}, 2]",
        "df <- df.residual(second)",
    ]


def _result(model: ExplainedModel) -> list[str]:
    return [
        f"t <- qt({0.5 + model.spec.level / 2:.15g}, df)",
        "result <- data.frame(estimate, se, df, statistic = estimate / se, p_value = 2 * pt(-abs(estimate / se), df),",
        "                     ci_low = estimate - t * se, ci_high = estimate + t * se)",
        "print(result, digits = 8)",
    ]


def _random(term: RandomTerm) -> str:
    inner = [":".join(operand_text(operand) for operand in part) for part in term.terms if part]
    inner.insert(0, "1" if () in term.terms else "0")
    return f"({' + '.join(inner)} | {':'.join(map(name_text, term.groups))})"


def _term(model: ExplainedModel) -> str:
    """The reported coefficient as R names it; R writes the factors of an interaction in the formula's order."""
    if model.effect is None:
        return f"term <- {quoted(model.spec.effect)}"
    parts = [operand_text(operand) + (code or "") for operand, code in model.columns[model.effect].parts]
    if len(parts) == 1:
        return f"term <- {quoted(parts[0])}"
    both = [":".join(parts), ":".join(reversed(parts))]
    return f"term <- intersect({vector(both)}, rownames(table))"

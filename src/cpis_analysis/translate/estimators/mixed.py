"""Linear mixed models: lme4 with lmerTest and pbkrtest, PROC MIXED, and `mixed`."""

from __future__ import annotations

from cpis_analysis.formula.parse import Operand
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import fixed_text, quoted, term_line
from cpis_analysis.translate.notation.r_tests import plain_tests
from cpis_analysis.translate.notation.random_parts import r_random, sas_random, stata_levels
from cpis_analysis.translate.notation.sas_contrasts import contrast_statements, operand_name
from cpis_analysis.translate.notation.sas_syntax import alpha_of, class_names
from cpis_analysis.translate.notation.sas_syntax import fixed_effects as sas_fixed
from cpis_analysis.translate.notation.stata_contrasts import coefficient, contrast_commands
from cpis_analysis.translate.notation.stata_syntax import fixed_effects as stata_fixed
from cpis_analysis.translate.notation.translation import ExplainedModel

_R_DDF = {"kenward-roger": "Kenward-Roger", "satterthwaite": "Satterthwaite"}
SAS_DDF = {
    "kenward-roger": "ddfm=kr",
    "satterthwaite": "ddfm=satterth",
    "between-within": "ddfm=bw",
    "residual": "ddfm=residual",
    "z": "chisq",
}
STATA_DDF = {
    "kenward-roger": "dfmethod(kroger)",
    "satterthwaite": "dfmethod(satterthwaite)",
    "between-within": "dfmethod(repeated)",
    "residual": "dfmethod(residual)",
    "z": "",
}


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


_PLAIN_DF = {
    "z": ("Inf", "Inf"),
    "residual": ("nrow(rows) - length(b)",) * 2,
    "between-within": (
        "min(sapply(which(weights != 0), count))",
        "min(sapply(which(colSums(abs(weights)) != 0), count))",
    ),
}


def equation(text: EquationText) -> list[str]:
    """The equation, then the distributions of random effects and residuals."""
    return [text.main(), *text.distributions()]


def r_lines(model: ExplainedModel) -> list[str]:
    """The fit by lme4, with the degrees of freedom of lmerTest or pbkrtest, or counted."""
    spec = model.spec
    random = [r_random(term) for term in model.formula.random_terms]
    lines = [
        "library(lmerTest)  # lme4, with pbkrtest for Kenward-Roger",
        f"fit <- lmer({fixed_text(model)} + {' + '.join(random)}, data = rows, REML = TRUE)",
    ]
    ddf = _R_DDF.get(spec.df_method, "lme4")
    lines += [f'table <- coef(summary(fit, ddf = "{ddf}"))']
    if spec.df_method == "kenward-roger" and spec.boundary == "drop":
        named = ", ".join(
            f"`{term.group_name}` = {quoted(text)}"
            for term, text in zip(model.formula.random_terms, random, strict=True)
        )
        lines += _DROP.format(random=named, fixed=quoted(fixed_text(model)), plain=fixed_text(model)).splitlines()
    lines.append("print(summary(fit))")
    lines += [term_line(model), "estimate <- table[term, 1]", "se <- table[term, 2]"]
    counted = {"z": "df <- Inf", "residual": "df <- nrow(rows) - nrow(table)", "between-within": _BETWEEN_WITHIN}
    lines += counted.get(spec.df_method, 'df <- table[term, "df"]').splitlines()
    return lines


def r_coefficients(model: ExplainedModel) -> str:
    """The fixed effects; without any variance left the fit is one of least squares."""
    return 'if (inherits(fit, "lm")) coef(fit) else fixef(fit)' if model.spec.boundary == "drop" else "fixef(fit)"


def r_tests(model: ExplainedModel) -> list[str]:
    """Tests of combinations, by lmerTest or from the covariance with counted degrees of freedom."""
    spec = model.spec
    if spec.df_method in _PLAIN_DF:
        return plain_tests(*_PLAIN_DF[spec.df_method])
    ddf = "Kenward-Roger" if spec.df_method == "kenward-roger" else "Satterthwaite"
    tests = _LMER_TESTS.format(ddf=ddf).splitlines()
    if spec.boundary != "drop":
        return tests
    # without any variance left the fit is one of least squares, which has residual degrees of freedom
    return [
        'if (inherits(fit, "lm")) {',
        *(f"  {line}" for line in plain_tests("df.residual(fit)", "df.residual(fit)")),
        "} else {",
        *(f"  {line}" for line in tests),
        "}",
    ]


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC MIXED, and notes on where its degrees of freedom differ."""
    spec, formula = model.spec, model.formula
    fixed_terms = sas_fixed(model)
    statements, notes = contrast_statements(model)
    options = "" if () in formula.fixed_terms else " noint"
    lines = [
        "proc mixed data=rows method=reml;",
        f"  class {' '.join(class_names(model))};",
        f"  model {operand_name(formula.response)} = {fixed_terms} / solution cl alpha={alpha_of(spec.level)} "
        f"{SAS_DDF[spec.df_method]}{options};",
        *sas_random(model),
        *statements,
        "run;",
        *notes,
    ]
    if model.effect is not None:
        column = model.columns[model.effect]
        lines.append(
            f"/* reported: the row {' '.join(_cell(o, code) for o, code in column.parts)} of Solution for "
            "Fixed Effects */"
        )
    if spec.df_method == "kenward-roger":
        policy = (
            "that is this plan's policy (drop)"
            if spec.boundary == "drop"
            else ("this plan keeps it, so df and standard error differ there")
        )
        lines.append(f"/* where a variance is estimated as zero, SAS leaves it out of Kenward-Roger: {policy} */")
    if spec.df_method == "between-within":
        lines.append("/* SAS divides degrees of freedom between and within subjects by its own rule; compare the df */")
    if spec.df_method == "z":
        lines.append("/* the chi-square tests are those of the normal distribution; the t tests are not */")
    return lines


def _cell(operand: Operand, code: str | None) -> str:
    return operand_name(operand) if code is None else f"{operand_name(operand)} {code}"


def stata_lines(model: ExplainedModel) -> list[str]:
    """`mixed`, and notes on where its degrees of freedom differ."""
    spec, formula = model.spec, model.formula
    groups, levels, notes = stata_levels(model)
    if () not in formula.fixed_terms:
        notes.append("* the model has no intercept: add noconstant before the first ||")
    options = " ".join(part for part in ("reml", STATA_DDF[spec.df_method], f"level({100 * spec.level:g})") if part)
    # options of the command follow those of the last level, behind one comma
    command = f"mixed {operand_name(formula.response)} {stata_fixed(model)} {' '.join(levels)}"
    lines = [*groups, f"{command}{'' if ',' in levels[-1] else ','} {options}"]
    if model.effect is not None:
        small = "" if spec.df_method == "z" else ", small"
        lines.append(f"lincom {coefficient(model, model.columns[model.effect])}{small}")
    lines += contrast_commands(model, small=spec.df_method != "z")
    if spec.df_method == "kenward-roger":
        notes.append(
            "* Stata estimates logarithms of standard deviations: where a variance is zero it shows a tiny "
            "number or does not converge, and the df are not those of policy "
            f"{spec.boundary}"
        )
    if spec.df_method == "between-within":
        notes.append("* Stata's repeated is between-within for one grouping level only; compare the df")
    return [*lines, *notes]

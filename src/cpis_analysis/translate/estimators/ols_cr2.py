"""Least squares with CR2 standard errors: clubSandwich, and `regress` of Stata 18."""

from __future__ import annotations

from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import fixed_text, term_line
from cpis_analysis.translate.notation.stata_contrasts import contrast_commands, operand_name
from cpis_analysis.translate.notation.stata_syntax import fixed_effects, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

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


def equation(text: EquationText) -> list[str]:
    """The equation, then what is taken of the residuals."""
    spec = text.model.spec
    by = str(spec.cluster)
    return [
        text.main(),
        f"{text.residual()}: mean 0; independent between {plural(noun_of(by))}, anything within them",
    ]


def r_tests(model: ExplainedModel) -> list[str]:
    """Tests of combinations by clubSandwich."""
    return _ROBUST_TESTS.splitlines()


def sas_missing(model: ExplainedModel) -> str:
    """Why there is no code for SAS."""
    return (
        f"{model.spec.name}: SAS has no CR2 with Satterthwaite degrees of freedom in its mixed procedures;\n"
        "   EMPIRICAL=FIRORES of PROC GLIMMIX is a relative, not the same. Use the R code."
    )


def r_lines(model: ExplainedModel) -> list[str]:
    """Least squares, with the covariance and degrees of freedom of clubSandwich."""
    spec = model.spec
    places = [f"rows${name}" for name in spec.cluster_keys]
    cluster = places[0] if len(places) == 1 else f"interaction({', '.join(places)}, drop = TRUE)"
    return [
        "library(clubSandwich)",
        f"fit <- lm({fixed_text(model)}, data = rows)",
        f"cluster <- {cluster}",
        'table <- coef_test(fit, vcov = "CR2", cluster = cluster, test = "Satterthwaite")',
        "print(table)",
        "rownames(table) <- names(coef(fit))",
        term_line(model),
        'estimate <- table[term, "beta"]',
        'se <- table[term, "SE"]',
        'df <- table[term, "df_Satt"]',
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`regress` with the bias-reduced standard errors of Stata 18."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    return [
        *numbering,
        f"regress {operand_name(model.formula.response)} {fixed_effects(model)}, vce(hc2 {identifier}, dfadjust) "
        f"level({100 * spec.level:g})",
        "* Stata 18 or later: bias-reduced standard errors of Bell and McCaffrey (CR2) with their df",
        *contrast_commands(
            model,
            note="* lincom and test take the degrees of freedom of the command, not those of the combination: "
            "compare the df",
        ),
    ]

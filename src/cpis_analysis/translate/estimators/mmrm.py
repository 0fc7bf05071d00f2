"""Mixed models with a covariance of residuals: mmrm and nlme, PROC MIXED with REPEATED, `mixed` with residuals()."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cpis_analysis.formula.parse import RandomTerm
from cpis_analysis.methods.mmrm import INDEPENDENT
from cpis_analysis.study_words import PERSON
from cpis_analysis.translate.estimators.mixed import SAS_DDF, STATA_DDF
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import fixed_text, name_text, quoted, term_line
from cpis_analysis.translate.notation.r_tests import plain_tests
from cpis_analysis.translate.notation.random_parts import sas_random, stata_levels
from cpis_analysis.translate.notation.sas_contrasts import contrast_statements, operand_name, sas_text
from cpis_analysis.translate.notation.sas_syntax import alpha_of, class_names
from cpis_analysis.translate.notation.sas_syntax import fixed_effects as sas_fixed
from cpis_analysis.translate.notation.stata_contrasts import coefficient, contrast_commands
from cpis_analysis.translate.notation.stata_syntax import fixed_effects as stata_fixed
from cpis_analysis.translate.notation.stata_syntax import fixed_factors, numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

_MMRM = {
    "unstructured": "us",
    "ar1": "ar1",
    "heterogeneous-ar1": "ar1h",
    "compound-symmetry": "cs",
    "toeplitz": "toep",
}
_MMRM_DF = {
    "kenward-roger": 'method = "Kenward-Roger", vcov = "Kenward-Roger{linear}"',
    "satterthwaite": 'method = "Satterthwaite"',
    "between-within": 'method = "Between-Within"',
    "residual": 'method = "Residual"',
    "z": 'method = "Residual"',
}
_NLME = {
    "unstructured": ("corSymm", True),
    "ar1": ("corAR1", False),
    "heterogeneous-ar1": ("corAR1", True),
    "compound-symmetry": ("corCompSymm", False),
}
_SAS = {
    "unstructured": "un",
    "ar1": "ar(1)",
    "heterogeneous-ar1": "arh(1)",
    "compound-symmetry": "cs",
    "toeplitz": "toep",
}
_STATA = {
    "unstructured": "unstructured",
    "ar1": "ar 1",
    "compound-symmetry": "exchangeable",
    "toeplitz": "toeplitz {order}",
}


def _over_waves(model: ExplainedModel) -> bool:
    return bool(model.spec.covariance != INDEPENDENT)


def equation(text: EquationText) -> list[str]:
    """The equation, the distributions of random effects, and that of a person's residuals."""
    spec = text.model.spec
    own = f", for each {spec.arm} its own" if spec.residual_by else ""
    if not _over_waves(text.model):
        last = f"{text.residual()} {text.normal}(0, {text.sigma(text.variable(spec.arm))}), all independent{own}"
    else:
        last = f"{text.residual()}: of one {PERSON} over the waves {text.normal}(0, Σ), Σ {spec.covariance}{own}"
    return [text.main(), *text.distributions()[:-1], last]


# -- R --------------------------------------------------------------------------------------------------


def r_lines(model: ExplainedModel) -> list[str]:
    """Mmrm where people are the only level; nlme with random effects of clusters, or with a variance for each arm."""
    if _by_mmrm(model):
        return _mmrm_lines(model)
    missing = _not_in_nlme(model)
    return [f"stop({quoted(missing)})"] if missing else list(_nlme_lines(model))


def _by_mmrm(model: ExplainedModel) -> bool:
    return not model.formula.random_terms and _over_waves(model)


def _mmrm_lines(model: ExplainedModel) -> list[str]:
    spec = model.spec
    groups = f"{name_text(spec.arm)} / " if spec.residual_by else ""
    # what SAS and this engine call Kenward-Roger: V is linear in the covariances of these structures
    linear = "-Linear" if spec.covariance in ("unstructured", "compound-symmetry", "toeplitz") else ""
    lines = [
        "library(mmrm)",
        f"rows${name_text(spec.participant)} <- factor(rows${name_text(spec.participant)})",
        "rows$wave <- factor(rows$wave, levels = c(" + ", ".join(map(quoted, spec.waves_of_rows)) + "))",
        f"fit <- mmrm({fixed_text(model)} + {_MMRM[spec.covariance]}(wave | {groups}{name_text(spec.participant)}),",
        f"            data = rows, reml = TRUE, {_MMRM_DF[spec.df_method].format(linear=linear)})",
        "table <- coef(summary(fit))",
        term_line(model),
        "estimate <- table[term, 1]",
        "se <- table[term, 2]",
        "df <- Inf" if spec.df_method == "z" else 'df <- table[term, "df"]',
    ]
    if spec.covariance in ("ar1", "heterogeneous-ar1") and spec.df_method == "kenward-roger":
        lines.insert(
            1,
            "# mmrm takes second derivatives by other parameters than SAS and this engine: compare the standard error",
        )
    return lines


def _not_in_nlme(model: ExplainedModel) -> str:
    """Why nlme has no code for a model; empty if it has."""
    spec = model.spec
    if _over_waves(model) and (spec.covariance not in _NLME or spec.residual_by):
        return "nlme has no such covariance of residuals beside random effects"
    parts = [set(term.groups) for term in _nested(model)]
    if any(not one < other for one, other in pairwise(parts)):
        return "nlme has no crossed random effects beside a covariance of residuals"
    return ""


def _nested(model: ExplainedModel) -> list[RandomTerm]:
    return sorted(model.formula.random_terms, key=lambda term: len(term.groups))


def _nlme_lines(model: ExplainedModel) -> Iterator[str]:
    spec = model.spec
    yield "library(nlme)  # it has no Kenward-Roger: estimates and standard errors before its adjustment, df counted"
    levels = []
    for number, term in enumerate(_nested(model), start=1):
        columns = ", ".join(f"rows${name_text(name)}" for name in term.groups)
        yield f"rows$level{number} <- interaction({columns}, drop = TRUE)"
        inner = [":".join(operand_name(operand) for operand in part) for part in term.terms if part]
        inner.insert(0, "1" if () in term.terms else "0")
        levels.append((f"level{number}", f"~ {' + '.join(inner)}"))
    options = []
    if levels:
        options.append("random = list(" + ", ".join(f"{name} = {text}" for name, text in levels) + ")")
    if _over_waves(model):
        waves = ", ".join(map(quoted, spec.waves_of_rows))
        yield f"rows$occasion <- match(rows$wave, c({waves}))"
        correlation, by_wave = _NLME[spec.covariance]
        within = "/".join([*(name for name, _ in levels), name_text(spec.participant)])
        options.append(f"correlation = {correlation}(form = ~ occasion | {within})")
        if by_wave:
            options.append("weights = varIdent(form = ~ 1 | occasion)")
    else:
        options.append(f"weights = varIdent(form = ~ 1 | {name_text(spec.arm)})")
    kind, control = ("lme", "lmeControl") if levels else ("gls", "glsControl")
    yield f"fit <- {kind}({fixed_text(model)}, data = rows,"
    yield from (f"  {option}," for option in options)
    yield f'  method = "REML", control = {control}(tolerance = 1e-10, msTol = 1e-12, msMaxIter = 1000, maxIter = 500))'
    yield "table <- summary(fit)$tTable"
    yield term_line(model)
    yield "estimate <- table[term, 1]"
    yield "se <- table[term, 2]"
    yield ("df <- Inf" if spec.df_method == "z" else 'df <- if ("DF" %in% colnames(table)) table[term, "DF"] else '
        "nrow(rows) - nrow(table)")  # fmt: skip


def r_coefficients(model: ExplainedModel) -> str:
    """The fixed effects of mmrm, gls or lme."""
    return 'if (inherits(fit, "lme")) fixef(fit) else coef(fit)'


def r_tests(model: ExplainedModel) -> list[str]:
    """Tests of combinations by mmrm, or from the covariance with the degrees of freedom of the effect."""
    if not _by_mmrm(model):
        kind = "lme" if model.formula.random_terms else "gls"
        own = f"model.matrix.{kind} <- function(object, ...) model.matrix(formula(object), data = rows)"
        return [own, *plain_tests("df", "df")]
    if model.spec.df_method == "z":
        return plain_tests("df", "df")
    return [
        "one <- function(name, weights) {",
        "  found <- df_1d(fit, weights)",
        "  data.frame(contrast = name, estimate = found$est, se = found$se, num_df = NA, df = found$df,",
        "             statistic = found$t_stat, p_value = found$p_val)",
        "}",
        "joint <- function(name, weights) {",
        "  found <- df_md(fit, weights)",
        "  data.frame(contrast = name, estimate = NA, se = NA, num_df = found$num_df, df = found$denom_df,",
        "             statistic = found$f_stat, p_value = found$p_val)",
        "}",
    ]


# -- SAS and Stata ----------------------------------------------------------------------------------------


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC MIXED with REPEATED."""
    spec, formula = model.spec, model.formula
    statements, notes = contrast_statements(model)
    classes = class_names(model)
    classes += [name for name in (spec.participant, *(["occasion"] if _over_waves(model) else []), spec.arm)
                if not any(one.partition("(")[0] == name for one in classes)]  # fmt: skip
    group = f" group={spec.arm}" if spec.residual_by else ""
    lines, repeated = [], f"repeated / group={spec.arm}"
    if _over_waves(model):
        # the reference of wave comes last among its levels, so the order of time needs a variable of its own
        repeated = f"repeated occasion / subject={spec.participant} type={_SAS[spec.covariance]}{group}"
        times = [
            f"  if wave = {sas_text(wave)} then occasion = {at};" for at, wave in enumerate(spec.waves_of_rows, start=1)
        ]
        lines += ["data rows;", "  set rows;", *times, "run;"]
    return [
        *lines,
        "proc mixed data=rows method=reml;",
        f"  class {' '.join(classes)};",
        f"  model {operand_name(formula.response)} = {sas_fixed(model)} / solution cl alpha={alpha_of(spec.level)} "
        f"{SAS_DDF[spec.df_method]}{'' if () in formula.fixed_terms else ' noint'};",
        *sas_random(model),
        f"  {repeated};",
        *statements,
        "run;",
        *notes,
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """`mixed` with residuals()."""
    spec, formula = model.spec, model.formula
    made, levels, notes = stata_levels(model)
    by = f"by({spec.arm}_)" if spec.residual_by else ""
    if not _over_waves(model):
        residuals = f"residuals(independent, {by})"
    elif spec.covariance not in _STATA:
        return [f"* Stata's mixed has no {spec.covariance} residuals; nearest: residuals(ar 1, t(occasion_) by())"]
    else:
        kind = _STATA[spec.covariance].format(order=max(len(spec.waves_of_rows) - 1, 1))
        residuals = f"residuals({kind}, t(occasion_){' ' + by if by else ''})"
        # numbered in the order of time
        made.append("generate occasion_ = .")
        made += [f'replace occasion_ = {at} if wave == "{wave}"' for at, wave in enumerate(spec.waves_of_rows, start=1)]
        made += numbered_groups(model, [spec.participant])[1]
        levels.append(f"|| {spec.participant}_: , noconstant")
    if spec.residual_by and spec.arm not in fixed_factors(model):
        made.append(f"encode {spec.arm}, generate({spec.arm}_)")
    options = [residuals, "reml", STATA_DDF[spec.df_method], f"level({100 * spec.level:g})"]
    command = f"mixed {operand_name(formula.response)} {stata_fixed(model)} {' '.join(levels)}"
    comma = "" if levels and "," in levels[-1] else ","
    lines = [*made, f"{command}{comma} {' '.join(part for part in options if part)}"]
    if model.effect is not None:
        small = "" if spec.df_method == "z" else ", small"
        lines.append(f"lincom {coefficient(model, model.columns[model.effect])}{small}")
    return [*lines, *contrast_commands(model, small=spec.df_method != "z"), *notes]

"""Generalised linear mixed models: lme4, ordinal and glmmTMB, PROC GLIMMIX, `melogit` and its relatives."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.methods import degrees_of
from cpis_analysis.plan.naming import in_arms_of
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import fixed_text, name_text, operand_text, term_line
from cpis_analysis.translate.notation.r_tests import plain_tests
from cpis_analysis.translate.notation.random_parts import r_random, sas_random, stata_levels
from cpis_analysis.translate.notation.sas_contrasts import contrast_statements, operand_name
from cpis_analysis.translate.notation.sas_syntax import alpha_of, class_names
from cpis_analysis.translate.notation.sas_syntax import fixed_effects as sas_fixed
from cpis_analysis.translate.notation.stata_contrasts import coefficient, contrast_commands
from cpis_analysis.translate.notation.stata_syntax import fixed_effects as stata_fixed
from cpis_analysis.translate.notation.translation import ExplainedModel

_R_FAMILY = {
    "binomial": "binomial",
    "poisson": "poisson",
    "negative_binomial": "nbinom2",
    "beta_binomial": "betabinomial",
}
_SAS = {
    "binomial": "dist=binomial link=logit",
    "ordinal": "dist=multinomial link=cumlogit",
    "poisson": "dist=poisson link=log",
    "negative_binomial": "dist=negbin link=log",
}
_STATA = {"binomial": "melogit", "ordinal": "meologit", "poisson": "mepoisson", "negative_binomial": "menbreg"}

_COUNTED = """\
# degrees of freedom: clusters (or people) less parameters at the level at which the arm varies
X <- model.matrix(~ {fixed}, rows)
groups <- list({groups})
{some}groups <- groups[order(sapply(groups, nlevels))]
constant <- sapply(groups, function(g) apply(X, 2, function(x) all(tapply(x, g, function(v) diff(range(v))) < 1e-9)))
level <- which(constant[match(term, colnames(X)), ])[1]
df <- if (is.na(level)) nrow(X) - nlevels(groups[[length(groups)]]) - sum(!constant[, length(groups)]) else
  {counted}"""

_ALL = "nlevels(groups[[level]]) - sum(constant[, level])"
_SOME = """\
nlevels(droplevels(groups[[level]][some[[level]]])) -
    qr(X[some[[level]], constant[, level], drop = FALSE])$rank"""
_OF_SOME = """\
# single people have no effect of a cluster, so they are no replicates of clusters
some <- list({rows})[order(sapply(groups, nlevels))]
"""


def equation(text: EquationText) -> list[str]:
    """The linear predictor on the scale of the link, and the distributions of the random effects."""
    spec, formula = text.model.spec, text.model.formula
    name = text.name(formula.response)
    left = {
        "binomial": f"log(P({name} = 1) / P({name} = 0))",
        "ordinal": f"log(P({name} > c) / P({name} ≤ c))",
        "poisson": f"log(mean of {name})",
        "negative_binomial": f"log(mean of {name})",
        "beta_binomial": f"log(p / (1 - p)), p the expected share of the largest possible {name}",
    }[spec.family]
    parts = text.fixed_parts(formula.fixed_terms)
    parts += [one for at, random in enumerate(formula.random_terms) for one in text.random_parts(at, random)]
    offset = f"log({text.variable(spec.exposure)}){text.plus}" if spec.exposure else ""
    first = f"{text.beta(0)}(c){text.plus}" if spec.family == "ordinal" else ""
    right = text.plus.join(parts[1:] if first and () in formula.fixed_terms else parts)
    return [f"{left} = {offset}{first}{right}", *text.distributions()[:-1]]


def reported(text: EquationText) -> list[str]:
    """The arm's coefficient, whose exponential is the ratio."""
    return [f"{line}; its exponential is the ratio" for line in text.reported()]


def r_lines(model: ExplainedModel) -> list[str]:
    """The fit by maximum likelihood, with counted degrees of freedom or none."""
    spec, formula = model.spec, model.formula
    lines = list(_r_outcome(model))
    fixed, random = fixed_text(model), " + ".join(r_random(term) for term in formula.random_terms)
    if spec.exposure:
        fixed += f" + offset(log(rows${name_text(spec.exposure)}))"
    if degrees_of(spec).by_pseudo_likelihood:
        lines += [
            "# R has no restricted pseudo-likelihood with these degrees of freedom: this is maximum likelihood with",
            "# the normal distribution; PROC GLIMMIX does what the plan asks for",
        ]
    if spec.family == "ordinal":
        lines += _clmm(model)
    elif _by_lme4(model):
        lines += [
            "library(lme4)",
            f"fit <- glmer({fixed} + {random}, data = rows, family = {spec.family}, nAGQ = {spec.quadrature},",
            '             control = glmerControl("bobyqa", tolPwrss = 1e-10, optCtrl = list(rhoend = 1e-8)))',
            "table <- coef(summary(fit))",
        ]
    else:
        left = f"cbind(points, largest - points) ~ {fixed.partition(' ~ ')[2]}" if _bounded(model) else fixed
        lines += [
            "library(glmmTMB)",
            f"fit <- glmmTMB({left} + {random}, data = rows, family = {_R_FAMILY[spec.family]})",
            "table <- coef(summary(fit))$cond",
        ]
    lines += ["print(summary(fit))", term_line(model), "estimate <- table[term, 1]", "se <- table[term, 2]"]
    return [*lines, *_r_degrees(model)]


def _r_outcome(model: ExplainedModel) -> Iterator[str]:
    """The outcome as R takes it: an ordered factor, points above the lowest, rows with an exposure."""
    spec, response = model.spec, operand_text(model.formula.response)
    if spec.exposure:
        name = name_text(spec.exposure)
        yield f"rows${name} <- as.numeric(rows${name})"
        yield f"rows <- rows[!is.na(rows${name}), ]"
    if spec.family == "ordinal":
        yield f"rows${response} <- factor(rows${response}, ordered = TRUE)"
    if _bounded(model):
        low, high = spec.low or 0.0, spec.high or 0.0
        yield f"rows$points <- rows${response} - {low:g}"
        yield f"rows$largest <- {high - low:g}"


def _by_lme4(model: ExplainedModel) -> bool:
    return model.spec.family in ("binomial", "poisson") and not _bounded(model)


def _bounded(model: ExplainedModel) -> bool:
    return model.spec.outcome_type == "bounded_count"


def _clmm(model: ExplainedModel) -> list[str]:
    """`ordinal::clmm`, which wants each grouping factor as one variable."""
    lines, terms = ["library(ordinal)"], []
    for term in model.formula.random_terms:
        name = "_".join(term.groups)
        if len(term.groups) > 1:
            groups = ", ".join(f"rows${name_text(group)}" for group in term.groups)
            lines.append(f"rows${name_text(name)} <- interaction({groups}, drop = TRUE)")
        terms.append(r_random(term).partition(" | ")[0] + f" | {name_text(name)})")
    points = f", nAGQ = {model.spec.quadrature}" if model.spec.quadrature > 1 else ""
    return [
        *lines,
        f"fit <- clmm({fixed_text(model)} + {' + '.join(terms)}, data = rows{points},",
        "            control = clmm.control(gradTol = 1e-8))",
        "table <- coef(summary(fit))",
    ]


def _r_degrees(model: ExplainedModel) -> list[str]:
    spec = model.spec
    degrees = degrees_of(spec)
    if not degrees.counts_clusters or degrees.by_pseudo_likelihood:
        return ["df <- Inf"]
    groups = ", ".join(
        f"interaction({', '.join(f'rows${name_text(name)}' for name in term.groups)}, drop = TRUE)"
        if len(term.groups) > 1
        else f"factor(rows${name_text(term.groups[0])})"
        for term in model.formula.random_terms
    )
    fixed = fixed_text(model).partition(" ~ ")[2]
    own = [in_arms_of(term.groups[-1]) for term in model.formula.random_terms]
    slopes = [[operand.variable for part in term.terms for operand in part] for term in model.formula.random_terms]
    kept = [name if slope == [name] else "" for name, slope in zip(own, slopes, strict=True)]
    rows = ", ".join(f"rows${name_text(name)} == 1" if name else "rep(TRUE, nrow(rows))" for name in kept)
    some = _OF_SOME.format(rows=rows) if any(kept) else ""
    return _COUNTED.format(fixed=fixed, groups=groups, some=some, counted=_SOME if some else _ALL).splitlines()


def r_coefficients(model: ExplainedModel) -> str:
    """Coefficients of the fixed part; of ordered answers without the thresholds, with a zero for the intercept."""
    if model.spec.family == "ordinal":
        return 'c("(Intercept)" = 0, fit$beta)'
    return "fixef(fit)" if _by_lme4(model) else "fixef(fit)$cond"


def r_tests(model: ExplainedModel) -> list[str]:
    """Tests of combinations from the covariance of the fit, with the degrees of freedom of the arm."""
    if model.spec.family == "ordinal":
        own = ["own <- names(fit$beta)", "V <- rbind(0, cbind(0, vcov(fit)[own, own]))"]
    else:
        own = ["V <- as.matrix(vcov(fit))" if _by_lme4(model) else "V <- as.matrix(vcov(fit)$cond)"]
    return [*own, *plain_tests("df", "df")[1:]]


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC GLIMMIX; there is no beta-binomial distribution with random effects."""
    spec, formula = model.spec, model.formula
    if spec.family not in _SAS:
        return [f"/* PROC GLIMMIX has no {spec.family.replace('_', '-')} distribution: use the R code */"]
    degrees = degrees_of(spec)
    method = (
        "rspl"
        if degrees.by_pseudo_likelihood
        else f"quad(qpoints={spec.quadrature})"
        if spec.quadrature > 1
        else "laplace"
    )
    ddfm = "ddfm=kr2" if degrees.estimated else "ddfm=bw" if degrees.counts_clusters else "ddfm=none"
    response = operand_name(formula.response)
    event = {"binomial": '(event="1")', "ordinal": "(descending)"}.get(spec.family, "")
    lines = []
    if _bounded(model):
        low, high = spec.low or 0.0, spec.high or 0.0
        lines.append(f"data rows; set rows; points = {response} - {low:g}; largest = {high - low:g}; run;")
        response, event = "points/largest", ""
    offset = ""
    if spec.exposure:
        lines.append(f"data rows; set rows; if {spec.exposure} > 0; log_exposure = log({spec.exposure}); run;")
        offset = " offset=log_exposure"
    statements, notes = contrast_statements(model)
    lines += [
        f"proc glimmix data=rows method={method};",
        f"  class {' '.join(class_names(model))};",
        f"  model {response}{event} = {sas_fixed(model)} / {_SAS[spec.family]}{offset} solution cl "
        f"alpha={alpha_of(spec.level)} {ddfm};",
        *sas_random(model),
        *statements,
        "run;",
        *notes,
        "/* reported: the arm's row of Solutions for Fixed Effects, and its exponential */",
    ]
    if not degrees.estimated and degrees.counts_clusters:
        lines.append("/* not run; SAS divides degrees of freedom by its own rule; compare the df */")
    return lines


def stata_lines(model: ExplainedModel) -> list[str]:
    """`melogit`, `meologit`, `mepoisson` or `menbreg`; the normal distribution in the place of t."""
    spec, formula = model.spec, model.formula
    if spec.family not in _STATA:
        return [f"* Stata has no mixed {spec.family.replace('_', '-')} model: use the R code"]
    groups, levels, notes = stata_levels(model)
    response, extra = operand_name(formula.response), ""
    lines = []
    if _bounded(model):
        low, high = spec.low or 0.0, spec.high or 0.0
        lines.append(f"generate points = {response} - {low:g}")
        response, extra = "points", f" binomial({high - low:g})"
    if spec.exposure:
        lines += [f"destring {spec.exposure}, replace", f"keep if {spec.exposure} < ."]
        extra += f" exposure({spec.exposure})"
    points = f"intmethod(mvaghermite) intpoints({spec.quadrature})" if spec.quadrature > 1 else "intmethod(laplace)"
    before = f",{extra}" if extra else ""
    command = f"{_STATA[spec.family]} {response} {stata_fixed(model)}{before} {' '.join(levels)}"
    lines += [*groups, f"{command}{'' if ',' in levels[-1] else ','} {points} level({100 * spec.level:g})"]
    if model.effect is not None:
        lines.append(f"lincom {coefficient(model, model.columns[model.effect])}, eform")
    lines += contrast_commands(model)
    if spec.family == "binomial":
        lines.append(f"margins r.{spec.arm}_, level({100 * spec.level:g})")
        lines.append("* not run; margins averages over the people and over the random effects, as the plan does")
    if degrees_of(spec).counts_clusters:
        lines.append(
            "* Stata takes the normal distribution: with few clusters its interval is too narrow (the plan: t)"
        )
    return [*lines, *notes]

"""Generalised estimating equations: geepack with the small-sample covariance written out, PROC GLIMMIX, `xtgee`."""

from __future__ import annotations

from cpis_analysis.methods import degrees_of
from cpis_analysis.methods.gee import by_arm
from cpis_analysis.study_words import PEOPLE
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import clusters_text, fixed_text, name_text, quoted, term_line
from cpis_analysis.translate.notation.sas_contrasts import operand_name
from cpis_analysis.translate.notation.sas_syntax import alpha_of, class_names
from cpis_analysis.translate.notation.sas_syntax import fixed_effects as sas_fixed
from cpis_analysis.translate.notation.stata_syntax import fixed_effects as stata_fixed
from cpis_analysis.translate.notation.stata_syntax import numbered_groups
from cpis_analysis.translate.notation.translation import ExplainedModel

_COVARIANCE = """\
# covariance with the correction for few clusters ({words})
b <- coef(fit)
rho <- {rho}
mu <- as.vector(fitted(fit))
spread <- {spread}
D <- model.matrix(fit) * {slope}
parts <- split(seq_along(mu), rows$cluster)
inverse <- lapply(parts, function(i)
  solve((rho + (1 - rho) * diag(length(i))) * outer(sqrt(spread[i]), sqrt(spread[i]))))
M <- solve(Reduce(`+`, Map(function(i, W) crossprod(D[i, , drop = FALSE], W %*% D[i, , drop = FALSE]), parts, inverse)))
scores <- mapply(function(i, W) {{
  d <- D[i, , drop = FALSE]; e <- fit$y[i] - mu[i]
  left <- diag(length(i)) - d %*% M %*% t(d) %*% W
  {corrected}
}}, parts, inverse)
covariance <- M %*% tcrossprod(scores) %*% M"""

_CORRECTED = {
    "mancl-derouen": "as.vector(t(d) %*% W %*% solve(left, e))",
    "kauermann-carroll": """\
root <- chol(W)
  parted <- eigen(root %*% left %*% solve(root), symmetric = TRUE)
  half <- parted$vectors %*% (t(parted$vectors) / sqrt(parted$values))
  as.vector(t(d) %*% W %*% solve(root, half %*% root %*% e))""",
    "fay-graubard": "as.vector(t(d) %*% W %*% e) / sqrt(1 - pmin(0.75, diag(t(d) %*% W %*% d %*% M)))",
    "morel-bokossa-neerchal": "as.vector(t(d) %*% W %*% e)",
}
_WORDS = {
    "mancl-derouen": "Mancl and DeRouen",
    "kauermann-carroll": "Kauermann and Carroll",
    "fay-graubard": "Fay and Graubard",
    "morel-bokossa-neerchal": "Morel, Bokossa and Neerchal",
}
_EMPIRICAL = {
    "mancl-derouen": "firores",
    "kauermann-carroll": "root",
    "fay-graubard": "firoeeq",
    "morel-bokossa-neerchal": "mbn",
}
_ADDED = """\
n <- length(mu); K <- length(parts); p <- length(b)
covariance <- covariance * (n - 1) * K / ((n - p) * (K - 1)) +
  min(0.5, p / max(K - p, p)) * max(1, sum(diag(M %*% tcrossprod(scores))) / p) * M"""

_SATTERTHWAITE = """\
# Satterthwaite's degrees of freedom (Bell and McCaffrey)
G <- t(mapply(function(i, W) {{
  d <- D[i, , drop = FALSE]
  root <- chol(W)
  parted <- eigen(root %*% (diag(length(i)) - d %*% M %*% t(d) %*% W) %*% solve(root), symmetric = TRUE)
  half <- parted$vectors %*% (t(parted$vectors) / sqrt(parted$values))
  g <- t(solve(root, half %*% root)) %*% W %*% d %*% M %*% weights
  c(drop(t(g) %*% solve(W, g)), t(d) %*% g)
}}, parts, inverse))
P <- diag(G[, 1]) - G[, -1] %*% M %*% t(G[, -1])
df <- sum(diag(P))^2 / sum(P^2)"""

_BY_ARM = """\
# each arm's clusters have a variance of their own, and the two are put together as Welch did
part <- rows${arm}[sapply(parts, `[`, 1)]
V <- tapply(drop(t(scores) %*% M %*% weights)^2, part, sum)
nu <- sapply(names(V), function(a) sum(diag(P)[part == a])^2 / sum(P[part == a, part == a, drop = FALSE]^2))
df <- sum(V)^2 / sum(V^2 / nu)"""

_RATE = """\
weights <- as.numeric(names(b) == term)
estimate <- unname(b[term])
se <- sqrt(drop(weights %*% covariance %*% weights))"""

_STANDARDISED = """\
# mean predicted risk of the people analysed with everyone in either arm
risk <- function(code) {{
  frame <- rows
  frame${arm} <- factor(code, levels = levels(rows${arm}))
  X <- model.matrix(delete.response(terms(fit)), frame)
  value <- {predicted}
  list(mean = mean(value), slope = colMeans({gradient}))
}}
higher <- risk({other}); lower <- risk({reference})
estimate <- higher$mean - lower$mean
weights <- higher$slope - lower$slope
se <- sqrt(drop(weights %*% covariance %*% weights))"""


def equation(text: EquationText) -> list[str]:
    """The risk or its log odds, or the logarithm of the mean count, then the working correlation."""
    spec = text.model.spec
    by = spec.cluster
    working = f"working correlation of {PEOPLE} of one {by}: {spec.correlation}"
    if _counts(text.model):
        offset = f"log({text.variable(spec.exposure)}){text.plus}" if spec.exposure else ""
        right = text.plus.join(text.fixed_parts(text.model.formula.fixed_terms))
        return [f"log(mean of {text.name(text.model.formula.response)}) = {offset}{right}", working]
    event = f"P({text.name(text.model.formula.response)} = 1)"
    left = event if spec.link == "identity" else f"log({event} / (1 - {event}))"
    return [f"{left} = {text.plus.join(text.fixed_parts(text.model.formula.fixed_terms))}", working]


def _counts(model: ExplainedModel) -> bool:
    return model.spec.family == "poisson"


def reported(text: EquationText) -> list[str]:
    """The difference of mean risks, or the arm's coefficient in a linear probability or a log-linear model."""
    spec = text.model.spec
    if _counts(text.model):
        return [f"{line}; its exponential is the ratio" for line in text.reported()]
    if spec.link == "identity":
        return text.reported()
    return [
        f"reported: mean predicted risk with everybody in {text.model.other_arm} less that with everybody in "
        f"{spec.reference}"
    ]


def r_lines(model: ExplainedModel) -> list[str]:
    """Lines that solve the equations and give ``estimate``, ``se`` and ``df`` of the difference of risks.

    geepack and the engine divide the sum behind an exchangeable working correlation by different counts, so there
    the two agree to three or four figures; under independence they agree fully.
    """
    spec = model.spec
    counts, exchangeable = _counts(model), spec.correlation == "exchangeable"
    logit = spec.link == "logit" and not counts
    family = "poisson" if counts else "binomial" if logit else "gaussian"
    fixed = fixed_text(model)
    lines = ["library(geepack)"]
    if spec.exposure:
        name = name_text(spec.exposure)
        lines += [f"rows${name} <- as.numeric(rows${name})", f"rows <- rows[!is.na(rows${name}), ]"]
        fixed += f" + offset(log({name}))"
    lines += [
        f"rows$cluster <- {clusters_text(model)}",
        "rows <- rows[order(rows$cluster), ]",
        f'fit <- geeglm({fixed}, id = cluster, data = rows, family = {family}, corstr = "{spec.correlation}")',
        "print(summary(fit))  # robust covariance without a correction",
    ]
    if exchangeable:
        lines.append("# the working correlation differs a little from the engine's, which divides by another count")
    lines += _COVARIANCE.format(
        words=_WORDS[spec.correction],
        rho="unname(fit$geese$alpha)" if exchangeable else "0",
        spread="mu" if counts else "mu * (1 - mu)" if logit else "rep(1, length(mu))",
        slope="mu" if counts else "(mu * (1 - mu))" if logit else "1",
        corrected=_CORRECTED[spec.correction],
    ).splitlines()
    if spec.correction == "morel-bokossa-neerchal":
        lines += _ADDED.splitlines()
    if counts:
        lines += [term_line(model), *_RATE.splitlines()]
    else:
        lines += _STANDARDISED.format(
            arm=name_text(spec.arm),
            other=quoted(model.other_arm),
            reference=quoted(spec.reference),
            predicted="as.vector(plogis(X %*% b))" if logit else "as.vector(X %*% b)",
            gradient="value * (1 - value) * X" if logit else "X",
        ).splitlines()
    if degrees_of(spec).estimated:
        own = _BY_ARM.format(arm=name_text(spec.arm)).splitlines() if by_arm(spec) else []
        return [*lines, *_SATTERTHWAITE.format().splitlines(), *own]
    return [*lines, f"df <- nlevels(rows$cluster) - {len(model.ordered_levels(spec.arm))}"]


def sas_lines(model: ExplainedModel) -> list[str]:
    """PROC GLIMMIX with an empirical covariance."""
    spec = model.spec
    counts = _counts(model)
    logit = spec.link == "logit" and not counts
    *outer, inner = spec.cluster_keys
    subject = f"{inner}({' '.join(outer)})" if outer else inner
    names = dict.fromkeys([*model.factors, *spec.cluster_keys])
    structure = "cs" if spec.correlation == "exchangeable" else "vc"
    response = operand_name(model.formula.response)
    event = '(event="1")' if logit else ""
    distribution = (
        "dist=poisson link=log" if counts else "dist=binary link=logit" if logit else "dist=normal link=identity"
    )
    lines = []
    if spec.exposure:
        lines.append(f"data rows; set rows; if {spec.exposure} > 0; log_exposure = log({spec.exposure}); run;")
        distribution += " offset=log_exposure"
    lines += [
        f"proc glimmix data=rows empirical={_EMPIRICAL[spec.correction]};",
        f"  class {' '.join(class_names(model, tuple(names)))};",
        f"  model {response}{event} = {sas_fixed(model)} / {distribution} solution;",
        f"  random _residual_ / subject={subject} type={structure};",
        f"  lsmeans {spec.arm} / diff cl alpha={alpha_of(spec.level)}{' ilink' if logit else ''};",
        "run;",
        f"/* not run; what differs: the plan takes t on {_on(model)}, PROC GLIMMIX its own degrees of freedom */",
    ]
    if logit:
        lines.append(
            "/* the plan reports the difference of the mean predicted risks with everyone in either arm;\n"
            "   LSMEANS predicts for one average person, so use the macro %Margins of SAS for the same */"
        )
    return lines


def stata_lines(model: ExplainedModel) -> list[str]:
    """`xtgee` and `margins`."""
    spec = model.spec
    identifier, numbering = numbered_groups(model, spec.cluster_keys)
    level = f"level({100 * spec.level:g})"
    counts = _counts(model)
    family = (
        "family(poisson) link(log)"
        if counts
        else "family(binomial) link(logit)"
        if spec.link == "logit"
        else "family(gaussian) link(identity)"
    )
    exposed = [f"destring {spec.exposure}, replace", f"keep if {spec.exposure} < ."] if spec.exposure else []
    over = f" exposure({spec.exposure})" if spec.exposure else ""
    margins = [
        f"margins r.{spec.arm}_, {level}",
        "* not run; margins averages the predicted risks over the people analysed, as the plan does",
    ]
    return [
        *exposed,
        *numbering,
        f"xtset {identifier}",
        f"xtgee {operand_name(model.formula.response)} {stata_fixed(model)}, {family} corr({spec.correlation}) "
        f"vce(robust) {level}{over}{' eform' if counts else ''}",
        *([] if counts else margins),
        f"* what differs: vce(robust) has no correction for few clusters (the plan: {spec.correction}) and the normal",
        f"* distribution stands in for t on {_on(model)}, so Stata's interval is too narrow with few clusters",
    ]


def _on(model: ExplainedModel) -> str:
    return "Satterthwaite's degrees of freedom" if degrees_of(model.spec).estimated else "clusters less arms"

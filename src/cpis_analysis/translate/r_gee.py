"""Generalised estimating equations in R: geepack's solution, with the small-sample covariance written out."""

from __future__ import annotations

from cpis_analysis.translate.r_syntax import fixed_text, name_text, quoted
from cpis_analysis.translate.translation import ExplainedModel

__all__ = ["estimating_equations"]

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
}

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
se <- sqrt(drop(weights %*% covariance %*% weights))
df <- nlevels(rows$cluster) - 2"""


def estimating_equations(model: ExplainedModel) -> list[str]:
    """Lines that solve the equations and give ``estimate``, ``se`` and ``df`` of the difference of risks.

    geepack and the engine divide the sum behind an exchangeable working correlation by different counts, so there
    the two agree to three or four figures; under independence they agree fully.
    """
    spec = model.spec
    keys = [spec.trust] if spec.cluster == "trust" else [spec.trust, str(spec.team)]
    cluster = (
        f"interaction({', '.join(f'rows${name_text(key)}' for key in keys)}, drop = TRUE)"
        if len(keys) > 1
        else (f"factor(rows${name_text(keys[0])})")
    )
    logit, exchangeable = spec.link == "logit", spec.correlation == "exchangeable"
    family = "binomial" if logit else "gaussian"
    lines = [
        "library(geepack)",
        f"rows$cluster <- {cluster}",
        "rows <- rows[order(rows$cluster), ]",
        f"fit <- geeglm({fixed_text(model)}, id = cluster, data = rows, family = {family}, "
        f'corstr = "{spec.correlation}")',
        "print(summary(fit))  # robust covariance without a correction",
    ]
    if exchangeable:
        lines.append("# the working correlation differs a little from the engine's, which divides by another count")
    lines += _COVARIANCE.format(
        words={"mancl-derouen": "Mancl and DeRouen", "kauermann-carroll": "Kauermann and Carroll"}[spec.correction],
        rho="unname(fit$geese$alpha)" if exchangeable else "0",
        spread="mu * (1 - mu)" if logit else "rep(1, length(mu))",
        slope="(mu * (1 - mu))" if logit else "1",
        corrected=_CORRECTED[spec.correction],
    ).splitlines()
    lines += _STANDARDISED.format(
        arm=name_text(spec.arm),
        other=quoted(model.other_arm),
        reference=quoted(spec.reference),
        predicted="as.vector(plogis(X %*% b))" if logit else "as.vector(X %*% b)",
        gradient="value * (1 - value) * X" if logit else "X",
    ).splitlines()
    return lines

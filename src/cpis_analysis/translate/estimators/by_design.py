"""The test that the allocation asks for: both, and what decides between them."""

from __future__ import annotations

from dataclasses import replace

from cpis_analysis.translate.estimators import cluster_summary, ols_cr2
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import name_text
from cpis_analysis.translate.notation.translation import ExplainedModel

__all__ = ["equation", "r_lines", "reported", "sas_lines", "stata_lines"]


def _of(model: ExplainedModel, cluster: str) -> ExplainedModel:
    return replace(model, spec=replace(model.spec, cluster=cluster))


def equation(text: EquationText) -> list[str]:
    """Cluster means where the arm varies within the upper clusters, least squares where it does not."""
    spec, kind = text.model.spec, type(text)
    means, people = (kind(_of(text.model, cluster)) for cluster in ("team", "trust"))
    return [
        f"where the arm varies within a {spec.trust}:",
        *cluster_summary.equation(means),
        f"where it belongs to the {spec.trust}:",
        *ols_cr2.equation(people),
    ]


def reported(text: EquationText) -> list[str]:
    """The second stage, or the arm's coefficient."""
    return text.reported()


def r_lines(model: ExplainedModel) -> list[str]:
    """Both in R, of which one runs."""
    spec = model.spec
    arm, trust = name_text(spec.arm), name_text(spec.trust)
    return [
        f"if (any(tapply(as.character(rows${arm}), rows${trust}, function(a) length(unique(a))) > 1)) {{",
        *(f"  {line}" for line in cluster_summary.r_lines(_of(model, "team"))),
        "} else {",
        *(f"  {line}" for line in ols_cr2.r_lines(_of(model, "trust"))),
        "}",
    ]


def sas_lines(model: ExplainedModel) -> list[str]:
    """The comparison of cluster means, and where it is not the right one."""
    return [
        f"/* where the arm belongs to the {model.spec.trust} the plan takes CR2, which SAS does not have: use R */",
        *cluster_summary.sas_lines(_of(model, "team")),
    ]


def stata_lines(model: ExplainedModel) -> list[str]:
    """Both in Stata, the one that the allocation does not ask for as a comment."""
    spec = model.spec
    return [
        f"* where the arm belongs to the {spec.trust}, run these in the place of what follows them:",
        *(f"* {line}" for line in ols_cr2.stata_lines(_of(model, "trust"))),
        *cluster_summary.stata_lines(_of(model, "team")),
    ]

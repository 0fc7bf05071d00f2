"""The test that the allocation asks for: each that it may be, and what decides between them.

With one level of clusters, and without any, there is one: least squares by the clusters, or by the person.
"""

from __future__ import annotations

from dataclasses import replace

from cpis_analysis.translate.estimators import cluster_summary, ols_cr2
from cpis_analysis.translate.notation.equation_text import EquationText
from cpis_analysis.translate.notation.r_syntax import name_text
from cpis_analysis.translate.notation.translation import ExplainedModel


def _of(model: ExplainedModel, cluster: str) -> ExplainedModel:
    return replace(model, spec=replace(model.spec, cluster=cluster))


def _means(model: ExplainedModel) -> list[tuple[str, ExplainedModel]]:
    """Level within which the arm varies -> comparison of means of the next smaller one, the smallest first."""
    levels = model.spec.levels
    return [(outer, _of(model, inner)) for outer, inner in zip(levels[-2::-1], levels[:0:-1], strict=True)]


def equation(text: EquationText) -> list[str]:
    """Cluster means where the arm varies within the upper clusters, least squares where it does not."""
    spec, kind = text.model.spec, type(text)
    people = ols_cr2.equation(kind(_of(text.model, spec.trust)))
    lines = []
    for outer, model in _means(text.model):
        lines += [f"where the arm varies within a {outer}:", *cluster_summary.equation(kind(model))]
    return [*lines, f"where it belongs to the {spec.trust}:", *people] if lines else people


def reported(text: EquationText) -> list[str]:
    """The second stage, or the arm's coefficient."""
    return text.reported()


def r_lines(model: ExplainedModel) -> list[str]:
    """All in R, of which one runs."""
    spec = model.spec
    people = ols_cr2.r_lines(_of(model, spec.trust))
    lines: list[str] = []
    for outer, means in _means(model):
        keys = [f"rows${name_text(key)}" for key in spec.keys_of(outer)]
        places = keys[0] if len(keys) == 1 else f"interaction({', '.join(keys)}, drop = TRUE)"
        asked = f"any(tapply(as.character(rows${name_text(spec.arm)}), {places}, function(a) length(unique(a))) > 1)"
        lines += [
            f"{'} else if' if lines else 'if'} ({asked}) {{",
            *(f"  {line}" for line in cluster_summary.r_lines(means)),
        ]
    return [*lines, "} else {", *(f"  {line}" for line in people), "}"] if lines else people


def sas_lines(model: ExplainedModel) -> list[str]:
    """The comparisons of cluster means, and where they are not the right ones."""
    lines = [
        f"/* where the arm belongs to the {model.spec.trust} the plan takes CR2, which SAS does not have: use R */"
    ]
    found = _means(model)
    for outer, means in found:
        lines += [f"/* where the arm varies within a {outer}: */"] if len(found) > 1 else []
        lines += cluster_summary.sas_lines(means)
    return lines


def stata_lines(model: ExplainedModel) -> list[str]:
    """All in Stata, those that the allocation does not ask for as comments."""
    spec = model.spec
    people = ols_cr2.stata_lines(_of(model, spec.trust))
    found = _means(model)
    if not found:
        return people
    lines = [f"* where the arm belongs to the {spec.trust}, run these in the place of what follows them:"]
    lines += [f"* {line}" for line in people]
    for outer, means in found[1:]:
        lines.append(f"* where it varies within a {outer} and not below, these:")
        lines += [f"* {line}" for line in cluster_summary.stata_lines(means)]
    return [*lines, *cluster_summary.stata_lines(found[0][1])]

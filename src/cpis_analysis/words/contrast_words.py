"""What a contrast of arms is called, made of its record at the very end."""

from __future__ import annotations

from cpis_analysis.methods.method import listed
from cpis_analysis.plan.contrast import SLOPE, STANDARDISED, STANDARDISED_RATIO, Between, Contrast
from cpis_analysis.publish.format import lower_first
from cpis_analysis.words.labels import Labels

_KINDS = {
    SLOPE: ", difference in change a month",
    "average": ", averaged over everybody analysed",
    STANDARDISED: ", standardised to everybody analysed",
    STANDARDISED_RATIO: ", standardised to everybody analysed, ratio of risks",
}


def words_of_contrast(contrast: Contrast, labels: Labels) -> str:
    """Words for a contrast of arms, or of their changes."""
    if contrast.kind == "joint":
        return "Joint test of " + listed(
            " × ".join(lower_first(labels.variable(name)) for name in term.split(":")) for term in contrast.terms
        )
    words = f"{labels.arm(contrast.arm)} − {labels.arm(contrast.reference)}"
    over = [lower_first(labels.wave(wave)) for wave in contrast.over]
    last = f"the average of {listed(over)}" if over else ""
    if contrast.last:
        last = lower_first(labels.wave(contrast.last))
    if contrast.first:
        words += f", difference in change from {lower_first(labels.wave(contrast.first))} to {last}"
    elif last:
        words += f", at {last}" if contrast.last else f", {last.removeprefix('the ')}"
    for one in contrast.between:
        words += f": by how much it differs with {lower_first(labels.variable(one.variable))}, {_levels(one, labels)}"
    for name, value in contrast.held:
        words += f", where {lower_first(labels.variable(name))} is {labels.choice(name, value)}"
    words += _KINDS.get(contrast.kind, "")
    return words + (f", by {contrast.beside}" if contrast.beside else "")


def _levels(one: Between, labels: Labels) -> str:
    if one.first is None:
        return one.last
    return f"{labels.choice(one.variable, one.last)} against {labels.choice(one.variable, one.first)}"

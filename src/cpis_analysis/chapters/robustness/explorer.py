"""All analyses with the choices that they made, for the part of the page in which readers pick among them."""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.outcomes.table import outcome_digits
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.choices import choices_of
from cpis_analysis.publish.format import level_words, p_value
from cpis_analysis.words.order_of_analyses import arm_differences
from cpis_analysis.words.scales import one_scale, shown_cell

__all__ = ["explorer"]

_FEWEST = 3


def explorer(page: Page) -> dict[str, Any] | None:
    """Rows of the explorer, in the plan's order; nothing where no outcome has several analyses.

    Returns
    -------
    dict or None
        ``questions`` (in which analyses differ), ``level``, ``absent`` (analyses that are not estimable), ``elsewhere``
        (those on another scale than the headline of their outcome), ``rows``:
        each with the unrounded numbers that the drawing needs, and the words of the table.
    """
    labels = page.labels
    rows, absent, elsewhere = [], [], []
    for name, results in page.results.items():
        found, others = one_scale(arm_differences(results, estimated=True), labels)
        if len(found) < _FEWEST:
            continue
        absent += [
            f"{labels.outcome_short(name)}, {labels.model(result.spec.model)}"
            for result in results
            if not result.estimable
        ]
        elsewhere += [
            f"{labels.outcome_short(name)}, {labels.model(result.spec.model)} ({result.scale.difference})"
            for result in others
        ]
        for result in found:
            e = result.estimate
            decimals = outcome_digits(name, labels, None, result).difference
            rows.append(
                {
                    "outcome": name,
                    "label": labels.outcome_short(name)
                    + labels.mark(name)
                    + ("" if result.scale.natural else f" ({result.scale.difference})"),
                    "scale": "" if result.scale.natural else result.scale.name,
                    "model": labels.model(result.spec.model),
                    "headline": result is results[0],
                    "choices": choices_of(result, labels),
                    "estimate": repr(float(e.estimate)),
                    "low": repr(float(e.ci_low)),
                    "high": repr(float(e.ci_high)),
                    "text": shown_cell(e, result.scale, decimals),
                    "p": p_value(e.p_value),
                }
            )
    if not rows:
        return None
    questions = [question for question in rows[0]["choices"] if len({row["choices"][question] for row in rows}) > 1]
    level = level_words(page.primary[0].spec.level if page.primary else 0.95)
    return {
        "questions": questions,
        "rows": rows,
        "level": level,
        "absent": absent,
        "elsewhere": elsewhere,
        "contrast": labels.contrast(page.headlines[0].estimate.contrast),
    }

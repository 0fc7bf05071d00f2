"""All summaries through disclosure control at once, so that tables, figures and text hide the same numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cpis_analysis.present.disclosure import (
    LOG_COLUMNS,
    Protected,
    protect_characteristics,
    protect_experience,
    protect_means,
)
from cpis_analysis.present.labels import Labels

__all__ = ["panel_question", "protect_summaries"]


def protect_summaries(summaries: Mapping[str, pd.DataFrame], labels: Labels) -> Protected:
    """Put every summary that counts or averages people through disclosure control.

    Parameters
    ----------
    summaries : mapping
        As `study.describe.summaries` gives them.
    labels : Labels

    Returns
    -------
    Protected
        The same frames: those about people with a column ``state``; counts of teams, of people by stage, of missing
        values and of mentions as they are. The log names what was hidden, without counts.
    """
    minimum = labels.minimum
    question = panel_question(summaries, labels)
    parts = [
        protect_characteristics({name: summaries[name] for name in ("baseline", "retention")}, minimum),
        protect_experience(summaries["experience"], minimum, [question] if question else []),
        protect_means(summaries["outcomes"], minimum, "outcomes"),
        protect_means(summaries["team_means"], minimum, "team_means"),
    ]
    frames = dict(summaries)
    for part in parts:
        frames |= part.frames
    logs = [part.log for part in parts if len(part.log)]
    log = pd.concat(logs, ignore_index=True) if logs else pd.DataFrame(columns=list(LOG_COLUMNS))
    return Protected(frames, log)


def panel_question(summaries: Mapping[str, pd.DataFrame], labels: Labels) -> str | None:
    """The experience question that is shown by trust too: the first of the plan, where there are several trusts."""
    frame = summaries["experience"]
    asked = [name for name in labels.content.report.experience if name in set(frame["variable"])]
    return asked[0] if asked and frame["trust"].nunique() > 2 else None

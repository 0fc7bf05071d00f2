"""All summaries at once, fit to leave: tables, figures and text show the same numbers and hide the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cpis_analysis.present.disclosure import (
    LOG_COLUMNS,
    protect_characteristics,
    protect_experience,
    protect_means,
)
from cpis_analysis.present.disclosure_curves import protect_observed_means, protect_spreads

__all__ = ["protect_summaries"]


def protect_summaries(
    summaries: Mapping[str, pd.DataFrame], minimum: int, panels: Sequence[str] = ()
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Hide small counts in every summary that holds any.

    Parameters
    ----------
    summaries : mapping
        As `study.describe.summaries` gives them.
    minimum : int
        Counts of people below this are hidden.
    panels : sequence of str
        Experience questions that are shown by trust.

    Returns
    -------
    summaries : dict of str to DataFrame
        With a column ``state`` where numbers of people may be hidden.
    log : DataFrame
        What was hidden and why, without counts.
    """
    result = dict(summaries)
    log = []
    # Retention describes the same people as baseline, so the two are protected together.
    people = {name: summaries[name] for name in ("baseline", "retention") if len(summaries[name])}
    for part in (
        protect_characteristics(people, minimum),
        protect_experience(summaries["experience"], minimum, panels),
        *(protect_means(summaries[name], minimum, name) for name in ("outcomes", "team_means")),
    ):
        result |= part.frames
        log.append(part.log)
    if "spreads" in summaries:
        for part in (
            protect_observed_means(summaries["observed_means"], result["team_means"], minimum),
            protect_spreads(summaries["spreads"], minimum),
        ):
            result |= part.frames
            log.append(part.log)
    log = [part for part in log if len(part)]
    return result, pd.concat(log, ignore_index=True) if log else pd.DataFrame(columns=list(LOG_COLUMNS))

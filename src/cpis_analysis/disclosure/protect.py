"""All summaries at once, fit to leave: tables, figures and text show the same numbers and hide the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from cpis_analysis.disclosure.bands import protect_singled_out
from cpis_analysis.disclosure.counts import (
    LOG_COLUMNS,
    Protected,
    protect_characteristics,
    protect_means,
)
from cpis_analysis.disclosure.curves import protect_observed_means, protect_spreads
from cpis_analysis.disclosure.differences import protect_differences
from cpis_analysis.disclosure.fit_to_leave import fit_to_release
from cpis_analysis.disclosure.question_counts import Asked, protect_experience
from cpis_analysis.disclosure.risks import Answers, follow_risks, protect_risks, protect_team_risks
from cpis_analysis.disclosure.rounded_counts import rounded_counts
from cpis_analysis.study.coding import ALL


def protect_summaries(
    summaries: Mapping[str, pd.DataFrame],
    minimum: int,
    asked: Asked | None = None,
    waves: Sequence[str] = ("", ""),
    answers: Answers | None = None,
    round_to: int = 1,
    bands: Sequence[float] = (),
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Hide small counts in every summary that holds any, and round averages (`release.fit_to_release`).

    Parameters
    ----------
    summaries : mapping
        As `study.describe.summaries` gives them; ``differences`` (of `analyses.proportions`) and the figures'
        ``observed_means`` and ``spreads`` where there are any.
    minimum : int
        Counts of people below this are hidden.
    asked : Asked, optional
        How the experience questions are told.
    waves : (str, str)
        Baseline and follow-up.
    answers : mapping, optional
        What binary outcomes are made of; see `disclosure_risks.Answers`.
    round_to : int
        Multiple to which what is left of the counts is rounded; see `rounding.rounded_counts`.
    bands : sequence of float
        Where shares of teams that are singled out are parted; none tells nothing of them.

    Returns
    -------
    summaries : dict of str to DataFrame
        With a column ``state`` where numbers of people may be hidden.
    log : DataFrame
        What was hidden and why, without counts.
    """
    result = dict(summaries)
    log: list[pd.DataFrame] = []

    def take(part: Protected) -> None:
        result.update(part.frames)
        log.append(part.log)

    # Retention describes the same people as baseline, so the two are protected together.
    take(
        protect_characteristics(
            {name: summaries[name] for name in ("baseline", "retention") if len(summaries[name])}, minimum
        )
    )
    asked = asked or Asked()
    take(protect_experience(summaries["experience"], minimum, asked))
    for name in ("outcomes", "team_means"):
        take(protect_means(summaries[name], minimum, name))
    banded: list[str] = []
    single = summaries.get("singled_out", pd.DataFrame())
    if len(single) and bands:
        banded = [str(name) for name in single["variable"].unique()]
    _protect_binary(take, result, minimum, asked.panels, waves, answers or {}, banded)
    take(protect_singled_out(single if banded else single.iloc[:0], result["experience"], minimum, bands))
    if "differences" in summaries:
        take(protect_differences(summaries["differences"], result["experience"]))
    if "spreads" in summaries:
        take(protect_observed_means(summaries["observed_means"], result["team_means"], minimum))
        take(protect_spreads(summaries["spreads"], minimum))
    log = [part for part in log if len(part)]
    result = fit_to_release(rounded_counts(result, round_to), summaries)
    return result, pd.concat(log, ignore_index=True) if log else pd.DataFrame(columns=list(LOG_COLUMNS))


def _protect_binary(
    take: Callable[[Protected], None],
    result: dict[str, pd.DataFrame],
    minimum: int,
    panels: Sequence[str],
    waves: Sequence[str],
    answers: Answers,
    banded: Sequence[str],
) -> None:
    """Binary outcomes, beside the tables that hold the same answers."""
    baseline, followup = waves
    characteristics = result["baseline"]
    elsewhere = {followup: result["experience"][result["experience"]["trust"] == ALL]}
    if len(characteristics):
        asked = characteristics[characteristics["kind"] == "category"]
        elsewhere[baseline] = pd.concat([elsewhere[baseline], asked]) if baseline == followup else asked
    take(protect_risks(result["outcomes"], minimum, answers, elsewhere))
    take(follow_risks(result["experience"], result["outcomes"], followup, answers))
    together = follow_risks(result["pooled"], result["outcomes"], followup, answers)
    take(Protected({"pooled": together.frames["experience"]}, together.log.assign(table="pooled")))
    answered = result["experience"]
    by_trust = {
        name: part
        for name in panels
        if len(part := answered[(answered["variable"] == name) & (answered["trust"] != ALL)])
    }
    take(protect_team_risks(result["team_risks"], minimum, result["outcomes"], by_trust, followup, answers, banded))


def require_protected(frame: pd.DataFrame) -> pd.DataFrame:
    """Refuse a frame that has not passed disclosure control.

    Raises
    ------
    ValueError
        If there is no column ``state``.
    """
    if "state" not in frame:
        raise ValueError("the frame has not passed disclosure control: it has no column 'state'")
    return frame

"""Answers and counts drawn for people of an analysis: as frequent as they were, as alike in clusters as is asked."""

from __future__ import annotations

import numpy as np

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.plan.specification import AnalysisSpec


def draw_answers(spec: AnalysisSpec, rows: AnalysisRows, latent: np.ndarray) -> np.ndarray:
    """Answers (people, n) with the distribution of those given, both arms together, by the rank of a normal variable.

    Parameters
    ----------
    spec : AnalysisSpec
        Of an event, an answer in order, a bounded sum or a count.
    rows : AnalysisRows
        Whose outcome gives the distribution.
    latent : (people, n) float
        Standard normal, alike in clusters (`drawn_outcomes.draw_outcomes`): a person whose value is higher than that
        of a share q of all people has the answer that lies above a share q of those given.

    Notes
    -----
    Counts of different lengths of time are drawn as rates and made whole numbers again.
    """
    from scipy import special

    frame = rows.frame
    given = frame[rows.formula.response.variable].to_numpy(dtype=float)
    time = frame[spec.exposure].to_numpy(dtype=float) if spec.exposure else np.ones(len(given))
    ordered = np.sort(given / time)
    place = np.minimum((special.ndtr(latent) * len(ordered)).astype(np.intp), len(ordered) - 1)
    return np.round(ordered[place] * time[:, None]) if spec.exposure else ordered[place]

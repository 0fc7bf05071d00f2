"""Whether one odds ratio describes ordered answers: the odds ratio at each cut, beside the common one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer
from cpis_analysis.plan.specification import AnalysisSpec


def cuts_of(spec: AnalysisSpec, rows: AnalysisRows, frame: pd.DataFrame, minimum: int = 0) -> list[dict[str, Any]]:
    """Fit the same formula to "above this cut or not", once a cut.

    Parameters
    ----------
    spec : AnalysisSpec
    rows : AnalysisRows
    frame : DataFrame
        Rows analysed.
    minimum : int
        A cut that leaves fewer people than this, or nobody, on a side of an arm is left out: its odds would tell how
        many, or have no finite estimate.

    Returns
    -------
    list of dict
        cut (place of the answer above which), log_odds_ratio, std_error; cuts of which the model can't be fitted are
        left out.

    Notes
    -----
    Where the odds are proportional the ratios differ by chance alone (McCullagh 1980, J R Stat Soc B 42:109). With few
    clusters a test of it has hardly any power, and none is made: the ratios are shown.
    """
    response = rows.formula.response.variable
    values, arms = frame[response].to_numpy(float), frame[spec.arm].astype(str)
    found = []
    for cut in sorted(set(values))[:-1]:
        above = pd.Series((values > cut).astype(float), index=frame.index)
        sides = pd.concat([above, 1.0 - above], axis=1).groupby(arms.to_numpy()).sum().to_numpy()
        if sides.min() < max(minimum, 1):
            continue
        try:
            fit = glmer(rows.formula, frame.assign(**{response: above}), family="binomial",
                        reference=references(spec, rows))  # fmt: skip
        except ModelError:
            continue
        term = effect_term(spec, rows.other_arm, fit.design, list(fit.terms))
        found.append(
            {
                "cut": float(cut),
                "log_odds_ratio": float(fit.coefficients[term]),
                "std_error": float(np.sqrt(fit.vcov.loc[term, term])),
            }
        )
    return found

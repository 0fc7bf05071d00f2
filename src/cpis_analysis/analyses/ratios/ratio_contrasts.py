"""Ratios at the levels of moderators, and which of them may leave the study."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc  # not scipy.stats, which takes most of a second to load

from cpis_analysis.analyses.leaving.small_risks import tells_of_few
from cpis_analysis.analyses.model_contrasts import Inference
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

FEW_AT_A_LEVEL = (
    f"Ratios at the levels of {{}} are not given: in an arm fewer than {{}} {PEOPLE} of a level had, or had not, the "
    f"event or gave one of the answers, and beside a difference of the same {PEOPLE} they would tell how many."
)


def told_moderators(spec: AnalysisSpec, rows: AnalysisRows, minimum: int) -> tuple[AnalysisSpec, tuple[str, ...]]:
    """The analysis with those contrasts that may leave the study, and what is said of the others."""
    response, kept, said = rows.formula.response.variable, [], []
    for part in spec.contrasts:
        name = part.moderator
        # a number has no people of its own at a value
        levels = () if not name or pd.api.types.is_float_dtype(rows.frame[name]) else (name,)
        if levels and tells_of_few(spec, rows.frame, response, minimum, levels):
            said.append(FEW_AT_A_LEVEL.format(name, minimum))
        else:
            kept.append(part)
    return replace(spec, contrasts=tuple(kept)), tuple(dict.fromkeys(said))


def inference_of(spec: AnalysisSpec, fit: GeneralisedMixedFit, df: float) -> Inference:
    """Tests of combinations of coefficients, by the covariance of the fit and the degrees of freedom of the arm."""
    names = list(fit.design.term_names)
    places = [names.index(name) for name in fit.terms]
    beta = fit.coefficients.to_numpy()
    V = fit.vcov.loc[list(fit.terms), list(fit.terms)].to_numpy()

    def one(row: np.ndarray) -> pd.DataFrame:
        weights = row[places]
        error = np.array([math.sqrt(max(float(weights @ V @ weights), 0.0))])
        return inference_frame(["contrast"], np.array([weights @ beta]), error, np.array([df]), spec.level, "contrast")

    def joint(rows: np.ndarray) -> pd.DataFrame:
        weights = np.atleast_2d(rows)[:, places]
        values, q = weights @ beta, len(weights)
        wald = float(values @ np.linalg.solve(weights @ V @ weights.T, values))
        p = chdtrc(q, wald) if math.isinf(df) else fdtrc(q, df, wald / q)
        return pd.DataFrame({"statistic": [wald / q], "df1": [float(q)], "df2": [df], "p_value": [float(p)]})

    return Inference(one, joint)

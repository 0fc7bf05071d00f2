"""Proportional against partial proportional odds, by ordinal (data/glmm/make_proportional.R).

The references know no random effects: groups here differ less than chance would have them differ, so their variance is
estimated as zero, and the models are the same.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer, proportional_odds
from cpis_analysis.lmm.generalised.outcome import Observed
from cpis_analysis.lmm.generalised.partial_odds import _PartialOrdinal

DATA = Path(__file__).parents[1] / "data" / "glmm"
EXPECTED = json.loads((DATA / "proportional.json").read_text())


@pytest.mark.parametrize(
    ("file", "outcome", "terms"), [("wine", "rating", ["contact"]), ("ordinal", "better", ["arm", "age"])]
)
def test_partial_proportional_odds_equal_the_reference(file, outcome, terms):
    fixed = ["temp", "contact"] if file == "wine" else terms
    frame = pd.read_csv(DATA / f"{file}.csv").sort_values([outcome, *fixed])
    frame["half"] = [f"h{place % 2}" for place in range(len(frame))]
    fit = glmer(f"{outcome} ~ {' + '.join(fixed)} + (1 | half)", frame, family="ordinal")
    assert fit.is_singular
    found = proportional_odds(fit)
    for term in terms:
        expected = EXPECTED[f"{file}_{term}"]
        assert found.loc[term, "df"] == expected["df"]
        assert found.loc[term, "statistic"] == pytest.approx(expected["statistic"], abs=1e-5)
        assert found.loc[term, "p_value"] == pytest.approx(expected["p_value"], abs=1e-6)
        assert found.loc[term, "log_likelihood"] == pytest.approx(expected["log_likelihood"], abs=1e-6)
    # a model that has no maximum: nobody of the cold wines in the highest category
    assert found["p_value"].isna().tolist() == ([True, False] if file == "wine" else [False, False])


def test_derivatives_with_coefficients_at_every_threshold_equal_differences():
    rng = np.random.default_rng(2)
    n, h = 40, 1e-6
    family = _PartialOrdinal(rng.normal(size=(n, 2)))
    data = Observed(rng.integers(0, 4, n).astype(float), np.ones(n), rng.uniform(0.5, 2.0, n), 4)
    psi = family.start(data) + np.concatenate([np.zeros(3), rng.normal(0, 0.05, 4)])
    eta = rng.normal(0, 1, n)
    for column, step in enumerate(np.eye(len(psi)) * h):
        ahead, behind = family.at(data, eta, psi + step), family.at(data, eta, psi - step)
        for found, name in zip(family.own(data, eta, psi), ("log", "first", "second"), strict=True):
            by_differences = (getattr(ahead, name) - getattr(behind, name)) / (2 * h)
            assert found[:, column] == pytest.approx(by_differences, abs=1e-6)


def test_proportional_odds_are_of_ordered_categories():
    frame = pd.read_csv(DATA / "nested.csv")
    with pytest.raises(ModelError, match="three or more"):
        proportional_odds(glmer("event ~ arm + (1 | team)", frame, family="ordinal"))

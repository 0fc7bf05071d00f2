"""Imputed categories without an order against mice, polytomous regression; data/imputation/nominal.R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.chained import impute
from cpis_analysis.seeds import generator

FOLDER = Path(__file__).parent / "data" / "imputation"
EXPECTED = json.loads((FOLDER / "nominal.json").read_text())


def test_imputed_shares_of_categories_are_those_of_mice():
    """By thirds of the outcome within 0.04: mice has logits without drawn parameters, here are probits with them."""
    assert EXPECTED["program"].startswith("R 4")
    frame = pd.read_csv(FOLDER / "nominal.csv", dtype={"place": "str"})
    frame["place"] = pd.Categorical(frame["place"])
    random = generator(1, "nominal")
    found = impute(frame, parse_formula("y ~ x + place"), m=200, random=random)
    (place,) = found.variables
    y = frame["y"].to_numpy()[place.missing]
    assert (place.kind, len(y)) == ("nominal", EXPECTED["lost"])
    third = np.digitize(y, np.quantile(y, [1 / 3, 2 / 3]), right=True)
    shares = [[(found.drawn["place"][:, third == k] == code).mean() for code in range(3)] for k in range(3)]
    np.testing.assert_allclose(shares, EXPECTED["shares"], atol=0.04)
    # what complete cases would say of everybody is farther off than that
    alone = frame["place"].value_counts(normalize=True).reindex(["city", "town", "village"])
    assert np.abs(np.array(shares) - alone.to_numpy()).max() > 0.15

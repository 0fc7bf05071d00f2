"""Rubin's rules, imputed categories without an order, and imputed items, against R's mice (data/imputation/*.R)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.item_score import ItemScore
from cpis_analysis.imputation.rubin import pool
from cpis_analysis.seeds import generator

pytestmark = pytest.mark.thorough

FOLDER = Path(__file__).parent / "data" / "imputation"
EXPECTED = json.loads((FOLDER / "nominal.json").read_text())
ITEMS = json.loads((FOLDER / "items.json").read_text())


Q = np.array([1.21, 0.84, 1.50, 1.02, 0.67, 1.33, 0.95, 1.18, 0.74, 1.40])
SE = np.array([0.96, 0.91, 1.02, 0.88, 0.94, 1.05, 0.99, 0.90, 0.93, 1.01])


@pytest.mark.parametrize(("complete", "df"), [(np.inf, 1157.85111863), (3.9, 2.5198911099154), (8.0, 5.9377688723115)])
def test_pool_estimate_variance_and_df_match_mice(complete, df):
    found = pool(Q, SE, complete)
    assert (found.estimate, found.within) == (pytest.approx(1.084), pytest.approx(0.92257))
    assert found.between == pytest.approx(0.0810933333333, rel=1e-11)
    assert found.se**2 == pytest.approx(1.01177266666667, rel=1e-11)
    assert found.df == pytest.approx(df, rel=1e-11)


def test_pool_missing_information_matches_mice_where_clusters_are_many():
    assert pool(Q, SE, np.inf).missing_information == pytest.approx(0.0897357097666, rel=1e-11)


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


@pytest.mark.parametrize("kind", ["binary", "number"])
def test_scores_of_imputed_items_have_the_coefficients_and_the_spread_of_mice(kind):
    """Within four Monte Carlo errors of both; logits there and probits here differ by less than these."""
    assert ITEMS["program"].startswith("R 4")
    expected = {name: np.array(values) for name, values in ITEMS[kind].items()}
    frame = pd.read_csv(FOLDER / f"items_{kind}.csv")
    items = tuple(f"i{k}" for k in range(1, 7))
    ends = (0.0, 1.0) if kind == "binary" else (-20.0, 20.0)
    score = ItemScore("y", items, *((end,) * 6 for end in ends), (1.0,) * 6)
    frame["y"] = frame[list(items)].sum(axis=1).where(frame[list(items)].notna().all(axis=1))
    m, design = 100, np.column_stack([np.ones(len(frame)), frame[["arm", "x"]]])
    found = impute(frame, parse_formula("y ~ arm + x"), m=m, random=generator(1, "items", kind), scores=[score])
    assert {part.item(0).kind for part in found.scored} == {"binary" if kind == "binary" else "continuous"}
    outcomes = np.column_stack([found.frame(i)["y"] for i in range(m)])
    estimates = np.linalg.lstsq(design, outcomes, rcond=None)[0]
    residual = outcomes - design @ estimates
    inverse = np.linalg.inv(design.T @ design)
    within = ((residual**2).sum(axis=0) / (len(frame) - 3)).mean() * np.diag(inverse)
    between = estimates.var(axis=1, ddof=1)
    error = np.sqrt(between / m + expected["between"] / ITEMS["m"])
    assert (np.abs(estimates.mean(axis=1) - expected["estimate"]) < 4 * error).all()
    # 100 draws tell a variance to 14%, 400 to 7%
    np.testing.assert_allclose(between, expected["between"], rtol=0.5)
    np.testing.assert_allclose(within, expected["within"], rtol=0.02)
    # those who answered all say something else, by more than that
    whole = frame.dropna()
    alone = np.linalg.lstsq(design[whole.index], whole["y"].to_numpy(), rcond=None)[0]
    assert (np.abs(alone - expected["estimate"]) > 4 * error).any()

"""The step that simulates error rates: it finds the headline's correlations itself, and leaves refusals to the fits."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.files import write_parquet
from cpis_analysis.operating.choice import estimated_cell
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.steps import simulate_error_rates
from made_up_study import PAIRED, spec, study

MIXED = spec("y_6m ~ arm + (1 | trust) + (1 | trust:team)")


@pytest.fixture
def rates(tmp_path, monkeypatch):
    """What the step writes for some analyses of a study."""
    monkeypatch.chdir(tmp_path)

    def run(specs, data) -> pd.DataFrame:
        write_parquet(tmp_path / "participants.parquet", data.participants)
        write_parquet(tmp_path / "interviews.parquet", data.interviews)
        asked = {"analyses": json.loads(specs_to_json(specs)), "answers": [], "replicates": 20, "seed": 1}
        asked |= {"minimum_cell": 5, "levels": list(specs[0].levels)}
        simulate_error_rates.main(asked, "participants.parquet", "interviews.parquet", "fits", "rates.csv")
        return pd.read_csv("rates.csv")

    return run


def test_rates_stand_at_the_correlations_of_the_headline(rates):
    data = study(seed=3, team_sd=2.0)
    found = rates([MIXED], data)
    estimate = run_analysis(MIXED, data).estimate
    own = estimated_cell(estimate.icc_trust, estimate.icc_team)
    at = found[found["correlations"] == "estimated"].iloc[0]
    assert (at["icc_trust"], at["icc_team"]) == pytest.approx((own.icc_trust, own.icc_team))
    assert own.icc_team > 0
    assert set(found["correlations"]) == {"estimated", "assumed"}


def test_nothing_is_simulated_where_the_headline_is_refused(rates, capsys):
    one_arm = study(teams=[team for team in PAIRED if team.endswith("/c")])
    with pytest.raises(ModelError):
        run_analysis(MIXED, one_arm)
    assert rates([MIXED], one_arm).empty
    assert "nothing was simulated" in capsys.readouterr().out


def test_an_error_that_is_not_of_the_headline_is_said(rates, monkeypatch):
    def failing(*_, **__):
        raise ModelError("no")

    monkeypatch.setattr(simulate_error_rates, "same_fits", failing)
    with pytest.raises(ModelError):
        rates([replace(MIXED, name="y.other")], study())

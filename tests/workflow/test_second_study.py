"""A real trial through the same Snakefile, without a line of Python of its own, against lme4."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from project_copy import ROOT
from result_names import names_in

pytestmark = pytest.mark.workflow

EXPECTED = json.loads((ROOT / "tests/golden/data/periodontal/expected.json").read_text(encoding="utf-8"))
CASES = {"ancova_pd": "pd.ancova", "ancova_bop": "bop.ancova", "ancova_pd_adjusted": "pd.adjusted"}


@pytest.fixture(scope="module")
def estimates(periodontal) -> pd.DataFrame:
    return pd.read_csv(periodontal.study / "results" / "estimates.csv").set_index("analysis")


@pytest.mark.parametrize("case", CASES)
def test_second_study_estimates_match_lme4_and_pbkrtest(estimates, case):
    row, gold = estimates.loc[CASES[case]], EXPECTED[case]
    at = gold["terms"].index("groupT")
    inference = gold["kenward_roger"]
    wanted = {
        "estimate": gold["estimate"][at],
        "se": inference["se"][at],
        "df": inference["df"][at],
        "statistic": inference["t"][at],
        "p_value": inference["p"][at],
        "reml_loglik": gold["reml_loglik"],
    }
    found = {name: row[name] for name in wanted}
    assert found == pytest.approx(wanted, rel=1e-6)
    assert row["n_obs"] == row["n_participants"] == gold["n"]
    assert row["n_clinics"] == 4
    assert bool(row["singular"]) is gold["singular"]
    variance = gold["variance"]
    assert row["icc_clinic"] == pytest.approx(variance["clinic"] / sum(variance.values()), rel=1e-5)


def test_second_study_files_have_its_own_names_and_none_of_the_first(periodontal):
    found = list(names_in(periodontal.study / "results"))
    assert not [pair for pair in found if re.search("trust|team|interview", pair[1], re.IGNORECASE)][:5]
    assert {name for file, name in found if file == "flow.json"} >= {"by_arm", "by_clinic"}


def test_second_study_has_people_and_follow_up_as_published(periodontal):
    flow = json.loads((periodontal.study / "results" / "flow.json").read_text(encoding="utf-8"))
    assert flow["overall"] | {"analysed": 0} == {
        "recruited": EXPECTED["rows"],
        "baseline": EXPECTED["rows"],
        "followup": EXPECTED["followed_up"],
        "analysed": 0,
    }
    assert {arm: counts["recruited"] for arm, counts in flow["by_arm"].items()} == {"C": 410, "T": 413}


def test_second_study_cleaning_changes_nothing(periodontal):
    """The file is clean: an audit trail with lines would mean that a rule invents mistakes."""
    folder = periodontal.study / "data" / "processed"
    for name in ("audit", "queries", "set_aside"):
        assert len(pd.read_csv(folder / f"{name}.csv")) == 0


def test_second_study_values_are_those_of_the_raw_file(periodontal):
    raw = pd.read_csv(periodontal.study / "data" / "raw" / "opt.csv", dtype={"pid": str}).set_index("pid").sort_index()
    people = pd.read_parquet(periodontal.study / "data" / "processed" / "participants.parquet")
    people = people.set_index("pid").sort_index()
    for name in ("age", "pd_bl", "pd_v5", "bop_bl", "bop_v5"):
        pd.testing.assert_series_equal(people[name], raw[name], check_dtype=False)
    for name in ("clinic", "group", "black", "tobacco"):
        assert (
            people[name]
            .astype(object)
            .where(people[name].notna(), None)
            .equals(raw[name].astype(object).where(raw[name].notna(), None))
        )


def test_second_study_design_is_recognised_as_individual(periodontal):
    audit = json.loads((periodontal.study / "results" / "design_audit.json").read_text(encoding="utf-8"))
    assert audit["level"] == "individual"


def test_second_study_report_is_real_and_randomised(periodontal):
    report = periodontal.study / "results" / "report"
    text = "".join((report / f"{name}.html").read_text(encoding="utf-8") for name in ("findings", "annex"))
    assert "SYNTHETIC" not in text
    assert "Obstetrics and Periodontal Therapy" in text
    for name in ("RG-UK", "CPIS", "Connecting People", "NHS"):
        assert name not in text, name
    # code and plan keys have names of their own
    visible = re.sub(r"<(style|script|svg|code|pre)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    assert re.findall(r"\b(?:trusts?|teams?)\b", visible, flags=re.IGNORECASE) == []


def test_second_study_second_run_does_nothing(periodontal):
    assert periodontal.planned() == set()


def test_second_study_needs_no_python_of_its_own():
    assert list((ROOT / "examples" / "periodontal").rglob("*.py")) == []

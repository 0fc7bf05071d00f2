"""What other tools read: names, columns and counts of the shipped study's outputs."""

from __future__ import annotations

import hashlib
import json
import re

import pandas as pd
import pytest

from cpis_analysis.plan.level_names import BESIDE, names_of
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study_words import is_marked
from project_copy import ROOT
from result_names import stand_beside_levels, with_marked_words

pytestmark = pytest.mark.workflow

COLUMNS = [
    "analysis",
    "outcome",
    "model",
    "population",
    "contrast",
    "estimate",
    "se",
    "df",
    "df_method",
    "statistic",
    "p_value",
    "ci_low",
    "ci_high",
    "n_obs",
    "n_participants",
    "n_teams",
    "n_trusts",
    "icc_trust",
    "icc_team",
    "singular",
    "converged",
    "reml_loglik",
    "warnings",
]
PEOPLE = {"recruited": 159, "baseline": 151, "followup": 127}


@pytest.fixture(scope="module")
def estimates(finished) -> pd.DataFrame:
    return pd.read_csv(finished.study / "results" / "estimates.csv")


def load(finished, name: str):
    return json.loads((finished.study / name).read_text(encoding="utf-8"))


def test_no_output_holds_marks_of_words(finished):
    """Fits are kept with them, so that no fit depends on what people are called."""
    assert with_marked_words(finished.study) == []
    kept = (finished.study / "data" / "processed" / "fits" / "rguk.ancova.json").read_text(encoding="utf-8")
    assert is_marked(kept)


def test_estimates_begin_with_the_promised_columns_in_order(estimates):
    assert list(estimates.columns[: len(COLUMNS)]) == COLUMNS


def test_estimates_hold_every_analysis_of_the_plan_in_its_order(estimates):
    plan = load_plan(ROOT / "config.yaml")
    assert estimates["analysis"].drop_duplicates().tolist() == [spec.name for spec in plan.specifications()]
    assert not estimates.duplicated(["analysis", "contrast"]).any()


def test_estimates_are_complete_and_agree_with_themselves(estimates):
    numbers = estimates[["estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high"]]
    joint = estimates["measure"] == "joint test"
    assert numbers[joint].drop(columns=["df", "statistic", "p_value"]).isna().all().all()
    assert (estimates.loc[joint, "num_df"] >= 1).all()
    estimates, numbers = estimates[~joint], numbers[~joint]
    # a test by resampling refers to its own draws, and to no t distribution
    resampled = estimates["resamples"].notna()
    assert numbers[resampled].drop(columns=["df", "statistic"]).notna().all().all()
    assert (estimates.loc[resampled, "smallest_p"] <= estimates.loc[resampled, "p_value"]).all()
    assert numbers[~resampled].notna().all().all()
    assert (estimates["se"] > 0).all()
    assert (estimates.loc[~resampled, "df"] > 0).all()
    assert ((estimates["ci_low"] < estimates["estimate"]) & (estimates["estimate"] < estimates["ci_high"])).all()
    plain = estimates[~resampled]
    assert (plain["statistic"] - plain["estimate"] / plain["se"]).abs().max() < 1e-9
    mixed = estimates["reml_loglik"].notna()
    assert mixed.sum() > len(estimates) / 3
    assert estimates.loc[mixed, "converged"].astype(str).eq("True").all()
    headlines = estimates.drop_duplicates("outcome").set_index("outcome")
    scores = headlines.index.isin(["rguk", "qpr", "gas", "wemwbs", "scope", "eq5d", "eq_vas"])
    assert set(headlines.loc[scores, "df_method"]) == {"kenward-roger"}
    assert set(headlines.loc[~scores, "df_method"]) <= {"kenward-roger", "satterthwaite", "between-within"}
    assert estimates["df_method"].iloc[0] == "kenward-roger"
    assert "z" not in set(estimates["df_method"])


def test_estimates_are_written_in_full_precision(finished):
    text = (finished.study / "results" / "estimates.csv").read_text(encoding="utf-8").splitlines()
    at = text[0].split(",").index("estimate")
    digits = [len(re.sub(r"e.*|[-.]", "", line.split(",")[at]).lstrip("0")) for line in text[1:]]
    assert sorted(digits)[len(digits) // 2] >= 15


def test_estimates_count_no_more_than_were_followed_up(estimates):
    assert estimates["n_participants"].max() <= PEOPLE["baseline"]
    wide = estimates[(estimates["n_obs"] == estimates["n_participants"]) & (estimates["imputations"].isna())]
    assert wide["n_participants"].max() <= PEOPLE["followup"]
    everyone = estimates[estimates["population"] == "available"]
    assert set(everyone["n_teams"]) == {10}
    assert set(everyone["n_trusts"]) == {5}
    assert set(estimates.loc[estimates["population"] == "without_trained_trust", "n_trusts"]) == {4}


def test_estimates_of_the_trained_team_are_an_interaction_with_few_df_and_a_warning(estimates):
    """Oracle: differences at the two levels differ by the interaction; five pairs of teams leave three df."""
    rows = estimates[estimates["analysis"] == "rguk.trained_team"].set_index("measure")
    assert rows.index.tolist() == ["interaction", "mean difference", "mean difference", "joint test"]
    interaction, elsewhere, there, joint = rows.to_dict("records")
    assert abs(there["estimate"] - elsewhere["estimate"] - interaction["estimate"]) < 1e-9
    assert interaction["df"] < 4
    assert (joint["num_df"], joint["df"] < 4) == (2, True)
    assert "one team is compared with one team" in interaction["warnings"]


def test_estimates_state_their_estimand_and_the_smallest_margin(estimates):
    first = estimates.drop_duplicates("analysis")
    assert first["estimand"].str.match(r"Population: .* Variable: .* Contrast: .* Loss: .* Average: .*").all()
    differences = estimates[estimates["measure"].str.endswith("difference")]
    limits = differences[["tost_ci_low", "tost_ci_high"]].abs().max(axis=1)
    assert (limits - differences["smallest_margin"]).abs().max() < 1e-9


def test_flow_reconciles_to_the_numbers_of_the_fieldwork(finished):
    flow = load(finished, "results/flow.json")
    for stage, people in PEOPLE.items():
        assert flow["overall"][stage] == people
        assert sum(arm[stage] for arm in flow["by_arm"].values()) == people
        assert sum(team[stage] for team in flow["by_team"].values()) == people
    assert len(flow["by_arm"]) == 2
    assert len(flow["by_team"]) == 10
    assert 0 < flow["overall"]["analysed"] <= PEOPLE["followup"]


def test_names_beside_those_of_levels_can_be_those_of_no_level(finished):
    home, plan = names_of(("trust", "team")), load_plan(ROOT / "config.yaml").content
    known = {*home.columns, *home.frames, *home.values, *plan.design.team_characteristics}
    assert stand_beside_levels(finished.study / "results") - known <= BESIDE


def test_flow_analysed_is_the_headline_of_the_primary_outcome(finished, estimates):
    flow = load(finished, "results/flow.json")
    assert flow["overall"]["analysed"] == estimates["n_participants"].iloc[0]
    assert sum(team["analysed"] for team in flow["by_team"].values()) == estimates["n_participants"].iloc[0]


def test_data_hold_everyone_once_and_every_interview(finished):
    folder = finished.study / "data" / "processed"
    people, talks = (pd.read_parquet(folder / f"{name}.parquet") for name in ("participants", "measurements"))
    assert len(people) == people["participant_id"].nunique() == PEOPLE["recruited"]
    assert people["has_0m"].sum() == PEOPLE["baseline"]
    assert people["has_6m"].sum() == PEOPLE["followup"]
    assert talks.groupby("wave", observed=True).size().to_dict() == {"0m": 151, "6m": 127}
    for name, frame in (("participants", people), ("measurements", talks)):
        assert pd.read_csv(folder / f"{name}.csv").shape == frame.shape


def test_audit_trail_has_a_line_for_every_change(finished):
    audit = pd.read_csv(finished.study / "data" / "processed" / "audit.csv", dtype=str, keep_default_na=False)
    assert list(audit.columns[:8]) == ["source", "line", "participant", "variable", "before", "after", "rule", "reason"]
    assert len(audit) > 100
    assert (audit["before"] != audit["after"]).all()
    assert (audit["reason"] != "").all()


def test_audit_trail_quotes_the_raw_files_as_they_are(finished):
    """Oracle: the cell of the raw file at the line that the trail names."""
    audit = pd.read_csv(finished.study / "data" / "processed" / "audit.csv", dtype=str, keep_default_na=False)
    plan = load_plan(ROOT / "config.yaml")
    raw = {
        name: pd.read_csv(finished.study / source.file, dtype=str, keep_default_na=False)
        for name, source in plan.content.data.sources.items()
    }
    first = audit.drop_duplicates(["source", "line", "variable"])
    checked = 0
    for row in first.itertuples():
        if row.source in raw and row.variable in raw[row.source] and row.line.isdigit():
            assert raw[row.source].loc[int(row.line) - 2, row.variable].strip() == row.before.strip()
            checked += 1
    assert checked > 50


def test_reconciliation_rows_in_equal_rows_out_and_set_aside(finished):
    folder = finished.study / "data" / "processed"
    table = pd.read_csv(folder / "reconciliation.csv")
    aside = pd.read_csv(folder / "set_aside.csv")
    assert set(table["source"]) == set(load_plan(ROOT / "config.yaml").content.data.sources)
    assert (table["rows_in"] == table["rows_out"] + table["rows_set_aside"]).all()
    assert (
        table["cells_in"]
        == table["cells_out"] + table["cells_set_aside"] + table["cells_set_missing"] - table["cells_filled"]
    ).all()
    counted = aside.groupby("source").size().reindex(table["source"], fill_value=0)
    assert counted.tolist() == table["rows_set_aside"].tolist()


def test_manifest_names_versions_plan_and_seed(finished):
    manifest = load(finished, "results/manifest.json")
    assert manifest["plan_sha256"] == load_plan(ROOT / "config.yaml").digest()
    assert manifest["seed"] == 20180214
    assert {"python", "cpis-analysis", "numpy", "scipy", "pandas"} <= set(manifest["versions"])
    assert set(manifest["inputs"]) == {"data/raw/dictionary.csv"}
    assert "data/raw/baseline.csv" in manifest["private_inputs"]
    assert {"results/estimates.csv", "results/flow.json"} <= set(manifest["outputs"])
    private = load(finished, "data/processed/manifest.json")
    assert set(private["inputs"]) == set(manifest["private_inputs"])
    assert {"data/processed/audit.csv", "data/processed/participants.parquet"} <= set(private["outputs"])


def test_results_hold_no_hash_of_a_file_about_people(finished):
    """Whoever can make up such a file, with one answer changed, could tell by its hash whether it was this one."""
    people = [
        path
        for folder in ("data/raw", "data/processed")
        for path in sorted((finished.study / folder).rglob("*"))
        if path.is_file() and path.name != "dictionary.csv"
    ]
    assert len(people) > 30
    hashes = {
        f(path.read_bytes()).hexdigest().encode(): path.name
        for path in people
        for f in (hashlib.sha256, hashlib.md5, hashlib.sha1)
    }
    wrong = [
        f"{path.relative_to(finished.study)}: {name}"
        for path in sorted((finished.study / "results").rglob("*"))
        if path.is_file() and path.suffix not in (".png", ".pdf", ".docx", ".xlsx")
        for name in _hashes_in(path.read_bytes(), hashes)
    ]
    assert wrong == []


def _hashes_in(content: bytes, hashes: dict[bytes, str]) -> list[str]:
    return [hashes[found] for found in set(re.findall(rb"\b[0-9a-f]{32,64}\b", content)) if found in hashes]


def test_logs_stand_with_the_private_files(finished):
    """A message may name a participant."""
    assert list((finished.study / "results").rglob("*.log")) == []
    assert (finished.study / "data/processed/logs/clean_data.log").is_file()


def test_results_hold_no_path_of_this_machine(finished):
    homes = {str(finished.folder), str(ROOT), str(finished.folder.parent), str(finished.folder.resolve())}
    wrong = [
        f"{path.relative_to(finished.study)}: {home}"
        for folder in ("results", "data/processed")
        for path in sorted((finished.study / folder).rglob("*"))
        if path.is_file() and "logs" not in path.parts
        for home in homes
        if home.encode() in path.read_bytes()
    ]
    assert wrong == []


def test_results_hold_no_row_of_a_person(finished):
    """Identifiers of participants stand in data/processed only."""
    pattern = re.compile(rb"\bCP\d{3}\b")
    wrong = [
        path.relative_to(finished.study).as_posix()
        for path in sorted((finished.study / "results").rglob("*"))
        if path.is_file() and pattern.search(path.read_bytes())
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["findings", "annex"])
def test_report_says_synthetic_and_needs_no_network(finished, name):
    text = (finished.study / "results" / "report" / f"{name}.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" in text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", re.sub(r'<a [^>]*href="https?://[^"]*"', "<a", text))
    assert "<script src" not in text
    assert "@import" not in text


def test_figures_are_vectors_with_alt_text_and_say_synthetic(finished):
    folder = finished.study / "results" / "figures"
    figures = sorted(folder.glob("*.svg"))
    assert len(figures) >= 5
    for figure in figures:
        text = figure.read_text(encoding="utf-8")
        assert "<svg" in text
        assert "<image" not in text, figure.name
    for entry in load(finished, "results/figures/figures.json"):
        assert all((folder / name).is_file() for name in entry["files"])


@pytest.mark.slow
def test_cross_check_second_opinion_agrees_where_it_converges(copied):
    done = copied.run("cross_check")
    assert "cross_check" in done.jobs
    table = pd.read_csv(copied.study / "results" / "cross_check.csv")
    plan = load_plan(ROOT / "config.yaml")
    fitted_once = {spec.name for spec in plan.specifications() if spec.estimator == "mixed" and not spec.imputation}
    assert set(table["analysis"]) == fitted_once
    assert copied.planned() == set()

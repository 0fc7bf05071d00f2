"""The estimates frame: columns, order, families, and the file that comes of it."""

from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.analyses.checked_estimates import check_estimates
from cpis_analysis.analyses.collect import ESTIMATE_COLUMNS, collect_estimates
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.multiplicity import adjust_p_values
from cpis_analysis.errors import DataError
from cpis_analysis.files import write_csv
from cpis_analysis.plan.naming import PERSON, Noun
from cpis_analysis.plan.schema import Family
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.runs.stored_frames import read_estimates
from cpis_analysis.study_words import PEOPLE
from made_up_study import spec, study


@pytest.fixture(scope="module")
def results():
    data = study()
    for name, seed in (("a", 2), ("b", 3), ("d", 4)):
        other = study(seed=seed).participants
        for wave in ("0m", "6m"):
            data.participants[f"{name}_{wave}"] = other[f"y_{wave}"]
    made = []
    for outcome in ("a", "b", "d"):
        names = {"outcome": outcome, "baseline": f"{outcome}_0m", "followup": f"{outcome}_6m"}
        made += [
            run_analysis(
                spec(
                    f"{outcome}_6m ~ arm + (1 | trust:team)",
                    name=f"{outcome}.mixed",
                    model="mixed",
                    df_method="z" if outcome == "d" else "kenward-roger",
                    **names,
                ),
                data,
            ),
            run_analysis(
                spec(f"{outcome}_6m ~ arm", "cluster_summary", cluster="team", name=f"{outcome}.t", model="t", **names),
                data,
            ),
        ]
    return made


def test_collect_columns_are_those_that_other_tools_read(results):
    frame = collect_estimates(results, {})
    assert list(frame.columns) == list(ESTIMATE_COLUMNS)
    assert ESTIMATE_COLUMNS[:23] == tuple(
        "analysis outcome model population contrast estimate se df df_method statistic p_value ci_low ci_high n_obs "
        "n_participants n_teams n_trusts icc_trust icc_team singular converged reml_loglik warnings".split()
    )
    assert ESTIMATE_COLUMNS[23:32] == tuple(
        "family p_adjusted adjustment standardised std_ci_low std_ci_high std_sd std_sd_source formula".split()
    )


def test_collect_texts_have_the_word_of_the_study_for_a_person(results):
    told = replace(
        results[1].estimate, warnings=(f"10 {PEOPLE} of one person of People.",), reason=f"a model of {PEOPLE} (people)"
    )
    made = [results[0], replace(results[1], estimate=told)]
    plain, pupils = (collect_estimates(made, {}, person=noun) for noun in (PERSON, Noun("pupil")))
    assert pupils.loc[1, ["warnings", "reason"]].tolist() == [
        "10 pupils of one person of People.",
        "a model of pupils (people)",
    ]
    assert plain.loc[1, ["warnings", "reason"]].tolist() == [
        "10 people of one person of People.",
        "a model of people (people)",
    ]
    assert pupils.loc[0, "estimand"].count("pupils") == plain.loc[0, "estimand"].count("people") > 0
    texts = ["warnings", "reason", "estimand", "assumes"]
    assert not pupils.loc[0, texts].str.contains("people|person").any()
    pd.testing.assert_frame_equal(pupils.drop(columns=texts), plain.drop(columns=texts))


def test_collect_adjusts_the_headline_of_each_member(results):
    family = {"secondary": Family(outcomes=["a", "d"], method="holm")}
    order = [result.spec.name for result in results]
    frame = collect_estimates(results[::-1], family, order)
    assert frame["analysis"].tolist() == order
    members = frame["analysis"].isin(["a.mixed", "d.mixed"])
    assert frame["family"].notna().tolist() == members.tolist()
    assert (
        frame.loc[members, "p_adjusted"].tolist()
        == adjust_p_values(frame.loc[members, "p_value"].tolist(), "holm").tolist()
    )
    assert frame.loc[~members, "p_adjusted"].isna().all()


def test_collect_csv_keeps_full_precision(results, tmp_path):
    frame = collect_estimates(results, {})
    write_csv(tmp_path / "estimates.csv", frame)
    back = pd.read_csv(tmp_path / "estimates.csv")
    for column in ("estimate", "se", "df", "p_value", "ci_low"):
        assert back[column].tolist() == frame[column].tolist()
    text = (tmp_path / "estimates.csv").read_text().splitlines()
    assert text[5].split(",")[7] == "inf"
    assert back["singular"].isna().tolist() == [False, True] * 3
    assert text[1].split(",")[15] == "10"


def test_collect_missing_repeated_and_unknown_analyses_are_refused(results):
    with pytest.raises(DataError) as caught:
        collect_estimates([*results[1:], results[1]], {"f": Family(outcomes=["nothing"])}, ["a.mixed", "a.t"])
    text = str(caught.value)
    for piece in (
        "no result of this analysis (found 'a.mixed')",
        "two results of one analysis (found 'a.t')",
        "does not ask for (found 'b.t')",
        "no result of this outcome",
    ):
        assert piece in text


def test_collect_rows_of_contrasts_follow_their_analysis_and_margins_test_them():
    data = study(size=12)
    result = run_analysis(
        spec(
            "y_6m ~ arm * gender + (1 | trust:team)",
            contrasts=(ContrastSpec("moderator", moderator="gender"), ContrastSpec("joint", ("arm", "arm:gender"))),
        ),
        data,
    )
    families = {"f": Family(outcomes=["y"], method="hochberg")}
    frame = collect_estimates([result], families, margins={"y": {"points": (-1.0, 2.0)}})
    assert frame["measure"].tolist() == ["mean difference at one level", "interaction", "mean difference", "joint test"]
    assert frame["p_adjusted"].notna().tolist() == [True, False, False, False]
    assert frame["tost_p"].notna().tolist() == [False, False, True, False]
    assert frame["estimand"].notna().tolist() == [True, False, False, False]
    row = frame.iloc[2]
    assert (row["equivalence_low"], row["equivalence_high"]) == (-1.0, 2.0)
    assert row["smallest_margin"] == max(abs(row["tost_ci_low"]), abs(row["tost_ci_high"]))
    assert (row["tost_p"] < 0.05) == (row["tost_ci_low"] > -1 and row["tost_ci_high"] < 2)


@pytest.fixture
def kept(results, tmp_path):
    path = tmp_path / "estimates.csv"
    write_csv(path, collect_estimates(results, {}))
    return path


def test_check_estimates_those_of_the_fits_pass(kept, results):
    check_estimates(read_estimates(kept, ("trust", "team")), results, "estimates.csv")


@pytest.mark.parametrize("column", ["estimate", "se", "df", "p_value", "ci_low", "ci_high", "n_participants"])
def test_check_estimates_a_number_changed_by_hand_is_named(kept, results, column):
    frame = read_estimates(kept, ("trust", "team"))
    frame[column] = frame[column].astype(float)
    frame.loc[frame["analysis"] == "b.mixed", column] *= 1.001
    with pytest.raises(DataError) as stopped:
        check_estimates(frame, results, "estimates.csv")
    assert len(stopped.value.problems) == 2
    assert f"estimates.csv: {column} of b.mixed is not that of its fit" in str(stopped.value)


def test_check_estimates_rows_that_came_or_went_are_named(kept, results):
    frame = read_estimates(kept, ("trust", "team"))
    with pytest.raises(DataError, match=r"no row of this estimate.*a\.mixed"):
        check_estimates(frame.iloc[1:], results, "estimates.csv")
    with pytest.raises(DataError, match=r"an estimate without a fit.*d\.t"):
        check_estimates(frame, results[:-1], "estimates.csv")

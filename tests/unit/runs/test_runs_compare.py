"""Two runs side by side: shifts in standard errors, what entered and left, and the causes."""

import math

import pytest

from cpis_analysis.report.comparison_page import comparison_page, sentences
from cpis_analysis.runs.compare import compare_runs
from cpis_analysis.runs.conclusions import conclusions
from cpis_analysis.runs.plan_changes import plan_changes, touches
from cpis_analysis.runs.record import Run
from cpis_analysis.runs.result_cells import changed_files

PLAN = {
    "study": {"seed": 1, "name": "S"},
    "data": {"dictionary": "d.csv"},
    "outcomes": {"y": {"label": "Y", "models": ["ancova", "change"]}, "z": {"label": "Z", "models": ["ancova"]}},
    "models": {
        "ancova": {"formula": "{outcome}_6m ~ arm + {outcome}_0m", "label": "A"},
        "change": {"formula": "{outcome}_change ~ arm", "label": "C"},
    },
    "scoring": {"y": {"max_missing": 0.2}},
    "report": {"title": "T"},
}


def row(analysis, estimate=1.0, se=0.5, df=8.0, p=0.05, n=100.0, contrast="i - c"):
    return {
        "analysis": analysis,
        "contrast": contrast,
        "estimate": estimate,
        "se": se,
        "df": df,
        "p_value": p,
        "ci_low": estimate - se,
        "ci_high": estimate + se,
        "n_obs": n,
        "n_participants": n,
        "n_teams": 10.0,
        "n_trusts": 5.0,
        "p_adjusted": None,
    }


def spec(name, formula):
    outcome, model = name.split(".")
    return {"name": name, "outcome": outcome, "model": model, "population": "available", "formula": formula}


def run(name, rows, plan=PLAN, inputs=None, versions=None):
    specs = {key: spec(key, plan["models"].get(key.split(".")[1], {"formula": "gone"})["formula"]) for key in rows}
    return Run(
        name,
        name,
        {(key, value["contrast"]): value for key, value in rows.items()},
        {"inputs": inputs or {"data/raw/a.csv": "1"}, "versions": versions or {"numpy": "2.0"}},
        plan,
        None,
        specs,
    )


def changed(**parts):
    new = {key: dict(value) for key, value in PLAN.items()}
    for path, value in parts.items():
        top, key, leaf = path.split("__")
        new[top] = new[top] | {key: {**new[top].get(key, {}), leaf: value}}
    return new


BOTH = {"y.ancova": row("y.ancova"), "y.change": row("y.change"), "z.ancova": row("z.ancova")}


def test_compare_identical_runs_move_nothing():
    found = compare_runs(run("a", BOTH), run("b", BOTH))
    assert [change.status for change in found.analyses] == ["same"] * 3
    assert found.causes == ()


def logs(analysis, **more):
    return row(analysis, 0.22, se=0.1) | {"scale": "log1p", "formula": "log1p(y_6m) ~ arm", **more}


def points(analysis, **more):
    return row(analysis) | {"scale": "points", "formula": "y_6m ~ arm", **more}


@pytest.mark.parametrize(
    "before",
    [
        points("y.ancova"),
        points("y.ancova", scale=None),
        {key: value for key, value in points("y.ancova").items() if key != "scale"},
    ],
)
def test_compare_never_subtracts_logarithms_from_points(before):
    found = compare_runs(run("a", BOTH | {"y.ancova": before}), run("b", BOTH | {"y.ancova": logs("y.ancova")}))
    (change,) = found.of("scale")
    assert (change.shift, change.in_se, change.scales) == (None, None, ("points", "log1p"))
    assert found.of("moved") == []
    assert found.differs
    assert (
        "y.ancova: the scale changed from points to log1p (logarithm of (value plus one) of the outcome), so the "
        "two estimates can't be compared."
    ) in sentences(found)
    page = comparison_page(found)
    assert "On another scale" in page
    assert "<svg" not in page


def test_compare_two_runs_on_one_other_scale_subtract_as_ever():
    rows = [BOTH | {"y.ancova": logs("y.ancova", estimate=value)} for value in (0.2, 0.3)]
    (change,) = compare_runs(run("a", rows[0]), run("b", rows[1])).of("moved")
    assert change.in_se == pytest.approx(1.0)


def test_conclusions_judge_logarithms_by_what_the_plan_gives_for_logarithms():
    plan = changed(outcomes__y__minimal_important_difference=0.1)
    ratio = {
        **plan,
        "outcomes": {
            **plan["outcomes"],
            "y": {**plan["outcomes"]["y"], "on_scale": {"log1p": {"minimal_important_difference": 1.25}}},
        },
    }
    runs = [
        run(name, {"y.ancova": logs("y.ancova", ci_low=0.12, ci_high=high)}, plan=of)
        for name, of, high in (("a", plan, 0.32), ("b", ratio, 0.32), ("c", ratio, 0.2))
    ]
    assert compare_runs(runs[0], runs[0]).concluded == []
    (change,) = compare_runs(runs[0], runs[1]).concluded
    assert change.concluded["importance"] == ("no answer", "an important difference is possible")
    (change,) = compare_runs(runs[1], runs[2]).concluded
    assert change.concluded["importance"][1] == "important differences are ruled out"


def test_compare_shift_is_in_standard_errors_of_the_earlier_run():
    found = compare_runs(run("a", BOTH), run("b", BOTH | {"y.ancova": row("y.ancova", 1.25, se=2.0)}))
    (moved,) = found.of("moved")
    assert moved.shift == pytest.approx(0.25)
    assert moved.in_se == pytest.approx(0.5)
    assert "se" in moved.differs


def test_compare_rounding_of_sums_is_no_shift():
    found = compare_runs(run("a", BOTH), run("b", BOTH | {"y.ancova": row("y.ancova", 1.0 + 1e-12)}))
    assert found.of("moved") == []


def test_compare_inference_alone_is_told_apart():
    found = compare_runs(run("a", BOTH), run("b", BOTH | {"y.ancova": row("y.ancova", df=math.inf, p=0.04)}))
    (other,) = found.of("inference")
    assert other.differs == ("df", "p_value")


def test_compare_entered_and_left_are_named():
    fewer = {key: value for key, value in BOTH.items() if key != "z.ancova"}
    assert [change.analysis for change in compare_runs(run("a", BOTH), run("b", fewer)).of("left")] == ["z.ancova"]
    assert [change.analysis for change in compare_runs(run("a", fewer), run("b", BOTH)).of("entered")] == ["z.ancova"]


def test_compare_changed_model_is_the_cause_of_its_own_analyses_only():
    plan = changed(models__ancova__formula="{outcome}_6m ~ arm")
    rows = {"y.ancova": row("y.ancova", 2.0), "y.change": row("y.change", 3.0), "z.ancova": row("z.ancova", 2.0)}
    found = {change.analysis: change.causes for change in compare_runs(run("a", BOTH), run("b", rows, plan)).analyses}
    assert "models.ancova.formula" in found["y.ancova"][0].text
    assert "models.ancova.formula" in found["z.ancova"][0].text
    assert [cause.kind for cause in found["y.change"]] == ["code"]


def test_compare_data_and_versions_are_causes_of_all_that_moved():
    rows = BOTH | {"z.ancova": row("z.ancova", 2.0)}
    later = run("b", rows, inputs={"data/raw/a.csv": "2", "data/raw/b.csv": "1"}, versions={"numpy": "2.1"})
    found = compare_runs(run("a", BOTH), later)
    texts = [cause.text for cause in found.of("moved")[0].causes]
    assert texts == ["data/raw/a.csv changed", "data/raw/b.csv new", "numpy: 2.0 -> 2.1"]


def test_compare_labels_are_no_cause():
    plan = changed(models__ancova__label="Other")
    found = compare_runs(run("a", BOTH), run("b", BOTH, plan))
    assert [cause.text for cause in found.causes] == ["models.ancova.label: A -> Other (presentation only)"]
    assert found.of("moved") == []


def test_compare_unknown_plan_is_said():
    later = Run("b", "b", run("b", BOTH).estimates, {"inputs": {}, "versions": {}}, None)
    assert any("not known any more" in remark for remark in compare_runs(run("a", BOTH), later).remarks)


@pytest.mark.parametrize(
    ("path", "touched"),
    [
        ("scoring__y__max_missing", {"y.ancova", "y.change"}),
        ("data__dictionary__x", {"y.ancova", "y.change", "z.ancova"}),
        ("outcomes__z__low", {"z.ancova"}),
        ("models__change__df", {"y.change"}),
        ("report__title__x", set()),
    ],
)
def test_touches_by_part_of_the_plan(path, touched):
    top, key, leaf = path.split("__")
    before = {top: {key: {leaf: 1}}}
    (change,) = plan_changes(before, {top: {key: {leaf: 2}}})
    specs = {
        "y.ancova": spec("y.ancova", "y_6m ~ arm + y_0m"),
        "y.change": spec("y.change", "y_change ~ arm"),
        "z.ancova": spec("z.ancova", "z_6m ~ arm + z_0m"),
    }
    assert {name for name, record in specs.items() if touches(change, record)} == touched


def test_touches_of_a_family_are_its_outcomes_only():
    family = {"families": {"secondary": {"outcomes": ["z"], "method": "holm"}}}
    (method,) = plan_changes(family, {"families": {"secondary": {"outcomes": ["z"], "method": "hochberg"}}})
    (members,) = plan_changes(family, {"families": {"secondary": {"outcomes": [], "method": "holm"}}})
    (gone,) = plan_changes(family, {"families": {}})
    (none,) = plan_changes(family, {})
    for change in (method, members, gone, none):
        assert not touches(change, spec("y.ancova", "y_6m ~ arm"))
        assert touches(change, spec("z.ancova", "z_6m ~ arm"))


def compared(**study):
    plan = changed(models__ancova__formula="<script>alert(1)</script>") | {"study": PLAN["study"] | study}
    rows = {"y.ancova": row("y.ancova", 2.0), "y.change": row("y.change"), "z.ancova": row("z.ancova", se=0.6)}
    return comparison_page(compare_runs(run("a", BOTH), run("<b>", rows, plan)))


def test_comparison_page_escapes_and_stands_alone():
    page = compared()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http:" not in page
    assert "https:" not in page
    assert page.count("<table") == page.count("</table>") == 4
    assert "Content-Security-Policy" in page


def test_comparison_page_draws_shifts_and_names_causes_once():
    page = compared()
    assert '<desc id="shift-desc">Shifts in standard errors of the earlier run: y.ancova +2.00.</desc>' in page
    assert page.count('id="cause-1"') == 1
    assert '<a href="#cause-1">1</a>' in page
    assert "<code>models.ancova.formula</code>" in page
    assert "The largest shift is +2.00 standard errors (y.ancova)." in page
    assert "No conclusion changed" in page


def test_comparison_page_leads_with_changed_conclusions():
    crossed = compare_runs(run("a", BOTH), run("b", BOTH | {"y.ancova": row("y.ancova", 0.25)}))
    first = sentences(crossed)[0]
    assert first == ("Another conclusion on y.ancova: difference from zero: above zero before, zero not excluded now.")
    assert first in comparison_page(crossed)


EQUIVALENCE = {
    "equivalence_low": -4.0,
    "equivalence_high": 4.0,
    "tost_ci_low": -1.0,
    "tost_ci_high": 3.0,
    "tost_p": 0.01,
}


def test_compare_margins_alone_are_other_inference_and_another_conclusion():
    old = BOTH | {"y.ancova": row("y.ancova") | EQUIVALENCE}
    new = BOTH | {
        "y.ancova": row("y.ancova") | EQUIVALENCE | {"equivalence_low": -2.0, "equivalence_high": 2.0, "tost_p": 0.2}
    }
    found = compare_runs(run("a", old), run("b", new))
    (change,) = found.of("inference")
    assert change.differs == ("equivalence_low", "equivalence_high", "tost_p")
    assert change.concluded == {"equivalence": ("within the margins", "not shown")}
    assert found.differs
    assert found.concluded == [change]


@pytest.mark.parametrize(
    "column",
    ["icc_team", "n_trusts", "df_method", "singular", "smallest_margin", "std_sd", "warnings", "measure", "statistic"],
)
def test_compare_looks_at_every_column(column):
    old, new = ({"y.ancova": row("y.ancova") | {column: value}} for value in ("0.25", "0.5"))
    found = compare_runs(run("a", old), run("b", new))
    assert [change.differs for change in found.of("inference")] == [(column,)]


def test_compare_important_difference_that_moved_is_another_conclusion():
    plans = [changed(outcomes__y__minimal_important_difference=value) for value in (4.0, 1.2)]
    runs = [run(name, BOTH, plan) for name, plan in zip("ab", plans, strict=True)]
    found = {change.analysis: change.concluded for change in compare_runs(*runs).concluded}
    shift = ("important differences are ruled out", "an important difference is possible")
    assert found == {name: {"importance": shift} for name in ("y.ancova", "y.change")}


@pytest.mark.parametrize("lost", [True, False])
def test_compare_an_analysis_that_stopped_or_began_to_be_estimable(lost):
    numbers = ("estimate", "se", "df", "p_value", "ci_low", "ci_high", "n_obs", "n_participants", "n_teams", "n_trusts")
    known = row("y.change", 3.0) | {"status": "estimated", "reason": ""}
    refused = known | dict.fromkeys(numbers) | {"status": "not estimable", "reason": "one team <an arm>"}
    runs = [run(name, BOTH | {"y.change": one}) for name, one in (("a", known), ("b", refused))]
    found = compare_runs(*runs if lost else reversed(runs))
    change = next(one for one in found.analyses if one.analysis == "y.change")
    assert change.status == "moved"
    assert change.shift is None
    assert {"status", "reason"} <= set(change.differs)
    assert "not estimable" in change.concluded["difference"]
    page = comparison_page(found)
    assert "not estimable" in page
    assert "nan" not in page


def test_compare_headlines_lead_the_changed_conclusions():
    moved = {name: row(name, 0.25) for name in BOTH}
    moved = {"y.change": moved["y.change"]} | moved
    found = compare_runs(run("a", BOTH), run("b", moved))
    assert [change.analysis for change in found.concluded] == ["y.ancova", "z.ancova", "y.change"]


def test_compare_a_column_of_one_version_only_is_said_and_not_compared():
    later = BOTH | {name: row(name) | {"scale": "identity"} for name in BOTH}
    found = compare_runs(run("a", BOTH), run("b", later))
    assert not found.differs
    assert found.remarks == ("Only one of the runs has these columns, which were not compared: scale.",)


def test_compare_other_files_cell_by_cell():
    old = {"tipping.csv": "analysis,delta\ny.ancova,1.0\n", "flow.json": '{"n": [1, 2]}', "tables/a.csv": "x\n1\n"}
    new = {"tipping.csv": "analysis,delta\ny.ancova,1.5\n", "flow.json": '{"n": [1, 3, 4]}', "tables/b.csv": "x\n1\n"}
    assert [(file.file, file.kind, file.n_cells) for file in changed_files(old, new)] == [
        ("flow.json", "changed", 2),
        ("tables/a.csv", "left", 1),
        ("tables/b.csv", "entered", 1),
        ("tipping.csv", "changed", 1),
    ]
    rounded = old | {"tipping.csv": old["tipping.csv"].replace("1.0", "1.0000000000001")}
    assert changed_files(old, rounded) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ci_low": 0.1, "ci_high": 2.0}, {"difference": "above zero"}),
        ({"ci_low": -2.0, "ci_high": -0.1}, {"difference": "below zero"}),
        ({"ci_low": -2.0, "ci_high": 0.0}, {"difference": "zero not excluded"}),
        ({"ci_low": None, "ci_high": None, "p_value": 0.04}, {"difference": "shown"}),
        ({"ci_low": math.nan, "ci_high": math.nan, "p_value": None}, {"difference": "not estimable"}),
        ({"ci_low": 0.1, "ci_high": 2.0, "p_adjusted": 0.2}, {"difference": "above zero", "adjusted": "not shown"}),
    ],
)
def test_conclusions_of_a_row(values, said):
    assert conclusions({"ci_low": None, "ci_high": None, "p_value": None} | values) == said


def test_comparison_page_of_synthetic_data_says_so():
    assert "SYNTHETIC" not in compared()
    assert compared(synthetic=True).count("SYNTHETIC DATA") >= 3
    assert "Only &lt;b&gt;made up" in compared(synthetic=True, notice="Only <b>made up</b> and synthetic")

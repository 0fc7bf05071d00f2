"""The keys of missing values in a plan: what they become, and every mistake with its line and remedy."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import spec_from_record, spec_record
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.words import explanation_sentences

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
KEY = "    missing: multiple_imputation\n"
SETTINGS = "    imputation: {auxiliary: [qpr_0m, wemwbs_0m, scope_0m]}\n"


def load(tmp_path, *pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    return load_plan(tmp_path / "config.yaml")


def imputed_spec(plan):
    return next(one for one in plan.specifications() if one.imputation or one.predictors)


def test_plan_imputation_becomes_a_specification(tmp_path):
    settings = (
        "    imputation: {auxiliary: ['{outcome}_0m', age, age], by_arm: true, completes: covariates, fewest: 20}\n"
    )
    spec = imputed_spec(load(tmp_path, (SETTINGS, settings + "    estimand: hypothetical\n")))
    assert (spec.imputation.auxiliary, spec.imputation.by_arm) == (("rguk_0m", "age"), True)
    assert (spec.imputation.covariates_only, spec.imputation.fewest) == (True, 20)
    assert "Events after baseline: hypothetical" in estimand_of(spec).text()


def test_plan_others_say_nothing_of_events_after_baseline(tmp_path):
    assert not any("Events after" in estimand_of(spec).text() for spec in load(tmp_path).specifications())


def problems(tmp_path, *pairs):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, *pairs)
    return [(problem.message, problem.line) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([(KEY, "")], "only missing: multiple_imputation has the key imputation"),
        ([(SETTINGS, "    imputation: {fewest: 200, most: 100}\n")], "fewer imputations at most than in any case"),
        (
            [(SETTINGS, "    df: nearly-optimal\n")],
            "Rubin's rules need a standard error, and nearly optimal test has none",
        ),
        (
            [(SETTINGS, "    contrasts: [{kind: joint, terms: [gender]}]\n")],
            "joint tests are not put together over imputations",
        ),
        (
            [(KEY, "    missing: inverse_probability\n"), (SETTINGS, "    weighting: {predictors: [age]}\n")],
            "a mixed model takes no weights of this kind",
        ),
        (
            [("    effect: arm:wave\n", "    effect: arm:wave\n    missing: multiple_imputation\n")],
            "a model of all measurements uses what is there of everybody; nothing is imputed or weighted",
        ),
        (
            [("models: [ancova, cr2_trust]}", "models: [ancova, ancova_imputed]}")],
            "no tipping point for this model: its missing values are handled already",
        ),
    ],
)
def test_plan_mistakes_of_missing_values_are_said_with_their_line(tmp_path, pairs, message):
    found = problems(tmp_path, *pairs)
    assert [text for text, _ in found] == [message]
    assert found[0][1]


def test_plan_transformed_outcome_that_can_not_be_imputed_is_refused(tmp_path):
    lines = TEXT[TEXT.index("  ancova_imputed:\n") :].splitlines(keepends=True)
    formula = next(line for line in lines if "formula:" in line)
    changed = "".join(lines[:4]).replace('"{outcome}_6m', '"sqrt({outcome}_6m)')
    assert formula in "".join(lines[:4])
    (found,) = problems(tmp_path, ("".join(lines[:4]), changed))
    assert found[0] == "an outcome can't be imputed on this scale"


def test_plan_weights_need_what_they_are_made_of(tmp_path):
    cr2 = '    cluster: team\n    formula: "{outcome}_6m ~ arm + {outcome}_0m + age + gender"\n'
    ((found, line),) = problems(tmp_path, (cr2, cr2 + "    missing: inverse_probability\n"))
    assert (found, bool(line)) == ("inverse_probability needs the key weighting", True)


@pytest.mark.parametrize(("said", "by_arm"), [("", True), (", by_arm: true", True), (", by_arm: false", False)])
def test_plan_weights_become_a_specification(tmp_path, said, by_arm):
    cr2 = '    cluster: team\n    formula: "{outcome}_6m ~ arm + {outcome}_0m + age + gender"\n'
    keys = f"    missing: inverse_probability\n    weighting: {{predictors: ['{{outcome}}_0m', age]{said}}}\n"
    plan = load(tmp_path, (cr2, cr2 + keys))
    spec = next(one for one in plan.specifications() if one.predictors)
    assert (spec.predictors, spec.predictors_by_arm) == (("rguk_0m", "age"), by_arm)
    assert ("one for each arm" in estimand_of(spec).text()) is by_arm
    assert spec_from_record(spec_record(spec)) == spec
    variables = Variables({"arm": ("comparison", "implementation"), "gender": ("female", "male")})
    text = " ".join(explanation_sentences(explained_model(spec, variables), plan.content))
    made_of = "rguk_0m, age, each arm apart" if by_arm else "arm, rguk_0m, age"
    assert "people count by their weights (inverse-probability weights)" in text
    assert f"is predicted from {made_of}. In other programs: rows are weighted" in text

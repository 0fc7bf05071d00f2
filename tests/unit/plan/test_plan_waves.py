"""Plans with one wave, several waves and a primary one: what they give, and what they refuse."""

import shutil

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.checks.plan_check import load_and_check
from wave_studies import STUDIES, wave_plan, wave_specs


def read(folder, study, *changes):
    text = (STUDIES / study / "config.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load_plan(folder / "config.yaml")


def test_one_wave_has_no_baseline_anywhere():
    design, specs = wave_plan("one_wave").design, wave_specs("one_wave")
    assert (design.baseline_wave, design.followup_wave, design.stages) == (None, "post", {"followup": "post"})
    assert design.changes_of("reading") == {}
    assert {(one.rows, one.baseline, one.baseline_wave, one.followup) for one in specs.values()} == {
        ("wide", None, "", "reading_post"),
        ("wide", None, "", "likes_reading_post"),
    }


def test_three_waves_say_of_each_model_when_it_is_about():
    specs = {name.partition(".")[2]: one for name, one in wave_specs("three_waves").items()}
    assert {name: (one.rows, one.followup_wave, one.primary_wave) for name, one in specs.items()} == {
        "ancova": ("wide", "6m", True),
        "all": ("long", "6m", True),
        "after": ("long", "6m", True),
        "lines": ("long", "6m", True),
        "ancova_12m": ("wide", "12m", False),
        "change_12m": ("wide", "12m", False),
    }
    assert specs["all"].waves_of_rows == ("0m", "6m", "12m")
    assert specs["after"].waves_of_rows == ("6m", "12m"), "a model that adjusts for baseline has no rows of it"
    assert [part.kind for part in specs["all"].contrasts] == ["by_wave", "average"]
    assert specs["lines"].months == (0, 6, 12)
    assert wave_plan("three_waves").design.stages == {"baseline": "0m", "followup": "6m", "wave_12m": "12m"}


def test_primary_wave_is_the_last_unless_named(tmp_path):
    changes = [
        ("  primary_wave: 6m\n", ""),
        ("models: [ancova, ", "models: [ancova_12m, "),
        ("ancova_12m, change_12m]", "ancova, change_12m]"),
        ("{outcome}_change_12m ~", "{outcome}_change ~"),
    ]
    assert read(tmp_path, "three_waves", *changes).content.design.followup_wave == "12m"


WITHOUT = ("  primary_wave: 6m\n", "  primary_wave: 6m\n  baseline: false\n")


@pytest.mark.parametrize(
    ("study", "changes", "said"),
    [
        ("one_wave", [("{recruited: 162,", "{baseline: 162,")], "the study has no baseline"),
        ("one_wave", [('"{outcome}_post ~ programme + sex"', '"{outcome} ~ programme * wave + sex"')], "one wave"),
        ("one_wave", [('"{outcome}_post ~ programme + sex"', '"{outcome}_change ~ programme"')], "not the outcome"),
        ("one_wave", [('"{outcome}_post ~ programme + sex"', '"{outcome} ~ programme + sex"')], "of which wave"),
        ("three_waves", [("primary_wave: 6m", "primary_wave: 5m")], "no wave of this name"),
        ("three_waves", [("primary_wave: 6m", "primary_wave: 0m")], "the primary wave is baseline"),
        ("three_waves", [("months: 12}", "months: 6}")], "not after the one before it"),
        ("three_waves", [("{name: 12m", "{name: 0m")], "two waves have the same name"),
        ("three_waves", [("primary_wave: 6m", "primary_wave: 12m")], "about another wave than the primary one"),
        ("three_waves", [WITHOUT], "there is no change from baseline to compare: the study has none"),
        (
            "three_waves",
            [("{outcome}_0m + age + (1 | site:team) + (1 | pid)\"", '{outcome}_0m + (1 | pid)"\n    effect: arm:wave')],
            "the model adjusts for it",
        ),
        ("three_waves", [("models: [ancova, all,", "models: [lines, all,")], "its effect is an interaction"),
        ("three_waves", [("  chara", "  expected: {waves: {6m: 3}}\n  chara")], "a key of its own: followup"),
        ("three_waves", [("  chara", "  expected: {waves: {9m: 3}}\n  chara")], "no wave of this name"),
        ("three_waves", [("contrasts: [{kind: by_wave}]", "contrasts: [{kind: by_wave, at: [1]}]")], "moderator"),
    ],
)  # fmt: skip
def test_mistakes_about_waves_are_told_with_what_to_do(tmp_path, study, changes, said):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, study, *changes)
    assert said in str(caught.value)


@pytest.mark.parametrize(("asked", "told"), [("6m", False), ("12m", True)])
def test_time_of_a_count_is_asked_at_the_primary_wave_not_at_the_last(tmp_path, asked, told):
    shutil.copytree(STUDIES / "three_waves", tmp_path, dirs_exist_ok=True)
    dictionary = tmp_path / "data" / "raw" / "dictionary.csv"
    rows = dictionary.read_text(encoding="utf-8").splitlines()
    score = next(row for row in rows if row.startswith("score,"))
    days = score.replace("score,", "days,").replace("0m;6m;12m", asked)
    dictionary.write_text("\n".join([*rows, score.replace("score,", "falls,"), days, ""]), encoding="utf-8")
    plan = tmp_path / "config.yaml"
    text = plan.read_text(encoding="utf-8")
    count = "  falls: {label: Falls, role: secondary, type: count, exposure: days, models: [often]}\n"
    often = '  often: {label: Rates, estimator: glmm, formula: "{outcome}_6m ~ arm + (1 | site:team)"}\n'
    text = text.replace("models:\n  ancova:", f"{count}models:\n{often}  ancova:", 1)
    plan.write_text(text, encoding="utf-8")
    if not told:
        load_and_check(plan)
        return
    with pytest.raises(PlanError) as caught:
        load_and_check(plan)
    assert "the variable is not asked at follow-up" in str(caught.value)

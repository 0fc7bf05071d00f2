"""The plan against the dictionary: conditions, events, contrasts and overrides, each mistake with line and remedy."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.study.checks.plan_check import load_and_check

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
WHERE = "where: has_0m and has_6m"
MODERATOR = "{kind: moderator, moderator: in_trained_trust}"


def checked(folder, *pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load_and_check(folder / "config.yaml")[0]


def test_plan_shipped_is_valid_and_remarks_what_stands_ready(folder):
    assert [problem.value for problem in checked(folder).remarks()] == ["trained_trust"]


def test_plan_variable_that_many_outcomes_lack_is_one_mistake(folder):
    with pytest.raises(PlanError) as caught:
        checked(
            folder, ("age + gender + (1 | trust) + (1 | trust:team)", "age + gendre + (1 | trust) + (1 | trust:team)")
        )
    (problem,) = caught.value.problems
    assert "for the outcomes rguk, qpr, wemwbs, scope, eq5d, eq_vas the formula uses" in str(problem)
    assert "did you mean 'gender'?" in str(problem)


def test_plan_that_contradicts_itself_is_told_what_the_data_do_not_have_too(folder):
    with pytest.raises(PlanError) as caught:
        checked(
            folder,
            ("    cluster: trust\n", "    cluster: turst\n"),
            ("age + gender + (1 | trust) + (1 | trust:team)", "age + gendre + (1 | truts) + (1 | trust:team)"),
        )
    said = {(one.value, one.hint) for one in caught.value.problems}
    assert ("turst", "did you mean 'trust'?") in said
    assert ("gendre", "did you mean 'gender'?") in said
    # what the plan's own checks have named stands once
    assert [one.value for one in caught.value.problems].count("truts") == 1


def test_plan_auxiliary_variable_that_nobody_has_is_named(folder):
    with pytest.raises(PlanError) as caught:
        checked(folder, ("auxiliary: [qpr_0m,", "auxiliary: [qrp_0m,"))
    (problem,) = caught.value.problems
    assert (problem.value, problem.line) == ("qrp_0m", 1 + TEXT[: TEXT.index("auxiliary: [qpr_0m")].count("\n"))
    assert "did you mean 'qpr_0m'?" in str(problem)


@pytest.mark.parametrize("waves", ["0m 6m", "bl;fu"])
def test_plan_whose_dictionary_names_other_waves_is_told_so(folder, waves):
    path = folder / "data" / "raw" / "dictionary.csv"
    kept = path.read_text(encoding="utf-8")
    line = next(line for line in kept.splitlines() if line.startswith("leisure_7d,"))
    try:
        path.write_text(kept.replace(line, line.removesuffix("0m") + waves), encoding="utf-8", newline="")
        with pytest.raises(PlanError) as caught:
            checked(
                folder,
                ("  wemwbs:\n    label: Mental", "  leisure_7d:\n    label: Mental"),
                ("outcomes: [qpr, gas, wemwbs,", "outcomes: [qpr, gas, leisure_7d,"),
                ("    - leisure_7d\n", ""),
            )
        said = [str(problem) for problem in caught.value.problems]
        assert len(said) == 1, said
        assert "names the waves" in said[0]
        assert "those of the plan are 0m, 6m, written 0m;6m there" in said[0]
    finally:
        path.write_text(kept, encoding="utf-8", newline="")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("where: has_0m and has_6m", "where: has_0m and has_6", "did you mean 'has_6m'?"),
        (
            'label: Without the trust of the team that organised its training\n    where: trust != "C"',
            "label: Without\n    where: trust != C",
            'a code stands in quotes: "C"',
        ),
        ("where: has_0m and has_6m", 'where: materials_explained_6m == "yess"', "did you mean 'yes'?"),
        ("where: has_0m and has_6m", 'where: trust < "C"', "only numbers and dates"),
        ("where: has_0m and has_6m", 'where: age == "40"', "without quotes"),
        ("where: has_0m and has_6m", "where: gender and has_6m", "no truth value"),
        ("where: has_0m and has_6m", "where: {has_6m: yes_}", "allowed: true, false"),
        ("where: has_0m and has_6m", "where: has_0m &&", "write and"),
        ("where: has_0m and has_6m", "where: {trust: [1]}", "text or a list of texts"),
        ('event: ["yes"]', 'event: ["ja"]', "allowed: yes, no"),
        ('event: ["yes"]', 'event: ["yes", "no"]', "every answer is the event"),
        ("variable: support_received", "variable: suport_received", "did you mean 'support_received'?"),
        ("variable: support_received", "variable: age", "only a variable with choices"),
        ("    type: binary\n", "    type: bounded_count\n", "needs the key low"),
        ("    type: binary\n", "    type: binry\n", "did you mean 'binary'?"),
        (
            "odds, risk, risk_gee]",
            "odds, risk, risk_gee, ancova]",
            "supported_0m",
        ),
        (
            "models: [post, post_trust_fixed,",
            "models: [post, risk_gee, post_trust_fixed,",
            "gee is for binary and count outcomes",
        ),
        (MODERATOR, "{kind: moderator, moderator: in_traned_trust}", "did you mean 'in_trained_trust'?"),
        (MODERATOR, "{kind: moderator, moderator: gender}", "write arm * gender in the formula"),
        (MODERATOR, "{kind: moderator}", "needs the key moderator"),
        (MODERATOR, "{kind: moderator, moderator: in_trained_trust, at: [1]}", "has levels, not values"),
        (MODERATOR, "{kind: joint}", "needs terms"),
        (MODERATOR, "{kind: joint, terms: [arm:age]}", "the term is not in the formula"),
        (MODERATOR, "{kind: moderater}", "did you mean 'moderator'?"),
        (
            "arm * in_trained_trust + {outcome}_0m + {covariates}",
            "arm * in_trained_trust + {outcome}_0m + {covariate}",
            "the only templates are",
        ),
        ("covariates: person\n    effect: arm:in", "effect: arm:in", "the model names no list"),
        ("covariates: person\n    effect: arm:in", "covariates: persn\n    effect: arm:in", "did you mean 'person'?"),
        ("person: [age, gender]", "person: [age, gendr]", "did you mean 'gender'?"),
        ("person: [age, gender]", "person: [age, (1 | trust)]", "takes no random part"),
        ("person: [age, gender]", "person: [age, os.system(gender)]", "not known"),
        ("  in_trained_trust:\n    label", "  gender:\n    label", "of this name already"),
        (
            "odds, risk, risk_gee]",
            "odds, risk, risk_gee]\n    overrides: {ris: {df: z}}",
            "did you mean 'risk'?",
        ),
        (
            "odds, risk, risk_gee]",
            "odds, risk, risk_gee]\n    overrides: {risk: {label: x}}",
            "unknown key",
        ),
        (
            "odds, risk, risk_gee]",
            "odds, risk, risk_gee]\n    overrides: {risk: {population: al}}",
            "no population of this name",
        ),
        (
            "odds, risk, risk_gee]",
            'odds, risk, risk_gee]\n    overrides: {risk: {formula: "{outcome}_6m ~ '
            'arm + ag + (1 | trust)", covariates: null}}',
            "did you mean 'age'?",
        ),
        (
            '    cluster: team\n    formula: "{outcome}_6m ~ arm + {covariates}"',
            '    cluster: team\n    effect: arm:age\n    formula: "{outcome}_6m ~ arm * age + {covariates}"',
            "gee reports the difference",
        ),
    ],
)
def test_plan_mistake_is_found_with_its_remedy(folder, old, new, said):
    with pytest.raises(PlanError) as caught:
        checked(folder, (old, new))
    assert said in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  in_trained_trust:\n    label", "  has_0m:\n    label", "whether there is an interview of wave 0m"),
        ("  in_trained_trust:\n    label", "  wave:\n    label", "the wave of an interview"),
        ("  in_trained_trust:\n    label", "  rguk:\n    label", "this name is taken"),
        ("  in_trained_trust:\n    label", "  rguk_domestic:\n    label", "this name already: a score"),
        ("  in_trained_trust:\n    label", "  rguk_0m:\n    label", "this name already: rguk at 0m"),
        ("  in_trained_trust:\n    label", "  rguk_change:\n    label", "this name already: the change of rguk"),
        ("  supported:\n", "  wave:\n", "the name is taken by the wave of an interview"),
        ("  scope: {instrument: scope}", "  wave: {instrument: scope}", "the score has the name of the wave"),
        (
            "  gas: {instrument: gas}",
            "  gas: {instrument: gas}\n  support_received: {instrument: scope}",
            "the score has the name of a variable of the dictionary",
        ),
        ("  checksums: data/raw/SHA256SUMS", "  checksums: results/manifest.json", "names what the workflow writes"),
        ("file: data/raw/teams.csv", "file: ./data//Processed/teams.csv", "names what the workflow writes"),
        (
            "  dictionary: data/raw",
            "  corrections: data/processed/queries.xlsx\n  dictionary: data/raw",
            "what the workflow writes",
        ),
        ("  dictionary: data/raw", "  corrections: ../answers.csv\n  dictionary: data/raw", "leads out of the project"),
        (
            "arm: {variable: arm, reference: comparison}",
            "arm: {variable: age, reference: comparison}",
            "the arm must be a variable with choices",
        ),
        ("interview_date: interview_date", "interview_date: age", "must be one that is asked at the waves"),
        ("recruited_on: recruited_on", "recruited_on: interview_date", "must be a date of the recruitment log"),
        ("constant: [gender]", "constant: [age]", "not asked at both waves"),
        ("    - leisure_7d", "    - support_received", "asked later than baseline"),
        ("[trained, fidelity]", "[trained, gender]", "it describes no cluster"),
        ("    - support_received\n", "    - support_received\n    - leisure\n", "did you mean 'leisure_7d'?"),
        (
            "  changes: [change_mental",
            "  experience_by_trust: [suport_received]\n  changes: [change_mental",
            "did you mean 'support_received'?",
        ),
        ("    - leisure_7d", "    - leisure_7d\n    - age", "the variable stands twice"),
        (
            "expected: {recruited: 159, baseline: 151",
            "expected: {recruited: 159, baseline: 160",
            "more people are expected than at the stage before",
        ),
        (
            "{outcome}_6m ~ arm + {outcome}_0m + age + gender + (1 | trust) +",
            "{outcome}_6m ~ arm + {outcome}_6m + age + gender + (1 | trust) +",
            "the outcome is also on the right-hand side",
        ),
        (
            "{outcome}_6m ~ arm + {outcome}_0m + age + gender + (1 | trust) +",
            "age ~ arm + {outcome}_0m + gender + (1 | trust) +",
            "the left side is not the outcome",
        ),
        ("minimal_important_difference: 4\n", "minimal_important_difference: 1e308\n", "less than or equal to 1"),
        ("  duplicates: query", "  recode: {gendr: {a: female}}\n  duplicates: query", "did you mean 'gender'?"),
        ("  duplicates: query", "  match: {age: {threshold: 0.9}}\n  duplicates: query", "it is no category"),
        (
            "  duplicates: query",
            '  consistent: [{holds: "[agee] > 1", question: x}]\n  duplicates: query',
            "did you mean 'age'?",
        ),
        (
            "  dictionary: data/raw",
            "  stages: {consented: consentd}\n  dictionary: data/raw",
            "names no variable about",
        ),
        (f"      - {MODERATOR}", f"      - {MODERATOR}\n      - {MODERATOR}", "the contrast stands twice"),
        ('event: ["yes"]', 'event: ["yes", "yes"]', "the code stands twice"),
        (
            "    cluster: trust\n",
            "    cluster: trust\n    df: satterthwaite\n",
            "only a mixed model, mmrm, ols_jackknife, gee, a generalised mixed model and cox have the key df",
        ),
        (
            "    short_label: GAS T\n",
            "    short_label: GAS T\n    minimal_important_difference_source: a paper\n",
            "a source of no important",
        ),
        (
            "file: data/raw/teams.csv, holds: teams",
            "file: data/raw/teams.csv, wave_column: wave, holds: teams",
            "only a long file has the key wave_column",
        ),
        (
            "file: data/raw/teams.csv, holds: teams",
            "file: data/raw/teams.csv, cases: {X: {trust: A}}, holds: teams",
            "only a file of themes has the key cases",
        ),
        (
            "holds: themes}",
            "holds: themes, cases: {X: {trust: A, arm: comparison}, Y: {trust: A}}}",
            "the case lacks a value that others have",
        ),
        (
            "  dictionary: data/raw",
            "  privacy: {known_harmless: [nte]}\n  dictionary: data/raw",
            "known_harmless names it",
        ),
        (
            "    models: [answer, answer_paired, answer_cr2, odds, risk, risk_gee]",
            "    modles: [answer, odds, risk]",
            "did you mean 'models'?",
        ),
        ("    effect: arm:wave", "    efect: arm:wave", "did you mean 'effect'?"),
        ("holds: teams}", "hold: teams}", "did you mean 'holds'?"),
        ("  scope: {instrument: scope}", "  SCOPE: {instrument: scope}", "did you mean 'SCOPE'?"),
        ("  seed: 20180214", "  seed: many", "allowed: a whole number"),
        ("  synthetic: true", "  synthetic: maybe", "allowed: true or false"),
        (WHERE, "where: age < interview_date_0m", "variables of different kinds"),
        (WHERE, "where: recruited_on < 40", "a date is compared with something else"),
        (WHERE, 'where: recruited_on < "31/12/2018"', 'write the date as "2014-05-31"'),
    ],
)
def test_plan_mistake_that_a_run_would_find_late_is_found_with_its_line(folder, old, new, said):
    with pytest.raises(PlanError) as caught:
        checked(folder, (old, new))
    found = [problem for problem in caught.value.problems if said in str(problem)]
    assert found, str(caught.value)
    text = (folder / "config.yaml").read_text(encoding="utf-8").splitlines()
    first = next(i for i, (a, b) in enumerate(zip(text, TEXT.splitlines(), strict=False), 1) if a != b)
    assert found[0].file == "config.yaml"
    referring = "SCOPE" in new
    assert referring or first <= found[0].line <= first + new.count("\n")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("source,participants,text,Source", "the file of a row"),
        ("has_6m,participants,text,Has", "whether there is an interview of wave 6m"),
        ("qpr_6m,participants,text,QPR", "qpr at 6m"),
    ],
)
def test_dictionary_that_takes_a_name_of_the_analysis_data_is_named_with_its_line(folder, row, said):
    path = folder / "data" / "raw" / "dictionary.csv"
    before = path.read_bytes()
    name, form, kind, label = row.split(",")
    path.write_bytes(before.rstrip(b"\n") + f"\n{name},{form},,{kind},{label}{',' * 15}\n".encode())
    try:
        with pytest.raises(PlanError) as caught:
            checked(folder)
    finally:
        path.write_bytes(before)
    [problem] = [problem for problem in caught.value.problems if problem.variable == name]
    assert said in problem.message
    assert problem.line == before.decode("utf-8").count("\n") + 1


def test_plan_override_changes_one_analysis_alone(folder):
    before = {spec.name: spec for spec in checked(folder).specifications()}
    after = {
        spec.name: spec
        for spec in checked(
            folder,
            (
                "odds, risk, risk_gee]",
                "odds, risk, risk_gee]\n    overrides: {risk: {df: satterthwaite}}",
            ),
        ).specifications()
    }
    assert [name for name in before if before[name] != after[name]] == ["supported.risk"]
    assert after["supported.risk"].df_method == "satterthwaite"


def test_plan_list_of_covariates_changes_what_uses_it_and_nothing_else(folder):
    before = {spec.name: spec for spec in checked(folder).specifications()}
    after = {spec.name: spec for spec in checked(folder, ("person: [age, gender]", "person: []")).specifications()}
    changed = {spec.split(".")[1] for spec in before if before[spec] != after[spec]}
    assert changed == {
        "complete_answers",
        "longitudinal_complete",
        "without_trained_trust",
        "materials_explained",
        "trained_team",
        "answer",
        "answer_paired",
        "answer_cr2",
        "odds",
        "risk",
        "risk_gee",
    }
    assert after["supported.risk"].formula == "supported_6m ~ arm + 1 + (1 | trust) + (1 | trust:team)"


def test_plan_margins_and_labels_stay_out_of_specifications(folder):
    before = checked(folder).specifications()
    after = checked(
        folder,
        ("minimal_important_difference: 4", "equivalence: {low: -4, high: 4}\n    minimal_important_difference: 5"),
    ).specifications()
    assert after == before


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("corrections: data/raw/round1.xlsx", "data/raw/round1.xlsx"),
        ("corrections: [data/raw/participants.csv, data/raw/round2.xlsx]", "data/raw/round2.xlsx"),
    ],
)
def test_file_of_answers_that_is_missing_is_named_with_its_line(folder, key, name):
    with pytest.raises(PlanError) as caught:
        checked(folder, ("data:\n", f"data:\n  {key}\n"))
    [problem] = caught.value.problems
    assert (problem.message, problem.value) == ("there is no such file", name)
    assert problem.line == TEXT[: TEXT.index("data:\n")].count("\n") + 2


def test_file_of_answers_may_not_lead_out_of_the_project(folder):
    with pytest.raises(PlanError, match="leads out of the project"):
        checked(folder, ("data:\n", "data:\n  corrections: [../answers.xlsx]\n"))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            "mean({outcome}_0m | teem)",
            "mean() takes a level of the design behind the bar (found 'teem')",
        ),
        ("mean({outcome}_0m | teem)", "did you mean 'team'?"),
        ("mean({outcome}_0m | trust:team)", "write mean(outcome_0m | team): the plan knows what a team lies in"),
        (
            "within(gender | team)",
            "only numbers, and yes and no, have a mean (found 'within(gender | team)')",
        ),
        ("mean(participant_id | team)", "only numbers, and yes and no, have a mean"),
        ("mean({outcome} | team)", "the formula uses a variable that the data do not have (found 'rguk')"),
        ("mean(agee | team)", "did you mean 'age'?"),
        ("mean(age | )", "a grouping variable is missing here"),
        ("mean(age)", "the clusters are missing here (found ')'); write mean(age | cluster)"),
    ],
)
def test_plan_mean_of_clusters_that_can_not_be_is_named(folder, new, said):
    with pytest.raises(PlanError) as caught:
        checked(folder, ("{outcome}_0m + age + gender + (1", f"{new} + age + gender + (1"))
    assert any(said in str(problem) for problem in caught.value.problems), caught.value.problems


def test_plan_mean_of_clusters_of_a_longitudinal_model_is_over_people(folder):
    with pytest.raises(PlanError) as caught:
        checked(
            folder, ("{outcome} ~ arm * wave + age", "{outcome} ~ arm * wave + mean(rguk_items_missing | team) + age")
        )
    assert "each row of a wave has a value of its own" in str(caught.value)
    assert "write rguk_items_missing_0m or rguk_items_missing_6m" in str(caught.value)


def test_plan_means_of_clusters_are_taken(folder):
    means = "mean({outcome}_0m | team) + within(age | team) + mean(arm | trust) + mean(in_trained_trust | trust)"
    plan = checked(folder, ("{outcome}_0m + age + gender + (1", f"{means} + gender + (1"))
    assert "mean(rguk_0m | team)" in plan.specifications()[0].formula

"""The registry of estimators: one that only this file knows goes the whole way, and no other module names any."""

import ast
import sys
from dataclasses import replace
from pathlib import Path
from subprocess import run
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

import cpis_analysis
from cpis_analysis import methods
from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitted import ContrastTest, Fitted
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.chapters.models.sentences import method_sentences
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.chapters.robustness.choices import choices_of
from cpis_analysis.errors import PlanError
from cpis_analysis.methods.method import Degrees, Method
from cpis_analysis.plan.documentation import json_schema
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.translate.explain import Variables, explain
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import method_notes
from cpis_analysis.words.wording import Wording
from made_up_study import PLAN as STUDY_PLAN
from made_up_study import study
from report_material import TEAM_WORDS

pytestmark = pytest.mark.thorough

PACKAGE = Path(cpis_analysis.__file__).parent
PLAN = (
    STUDY_PLAN
    + """outcomes:
  y: {label: Score, role: primary, models: [plain]}
models:
  plain: {label: Plain, estimator: toy, formula: "{outcome}_6m ~ arm"MORE}
"""
)

METHOD = Method(
    name="toy",
    about="Welch's test of people",
    words="Welch's test, which knows no clusters",
    short="Welch's test",
    article="a ",
    fit="toy_fit:fit",
    degrees=(Degrees("welch", "Welch-Satterthwaite", "Welch: from the variance of either arm", counts_clusters=False),),
    explained=lambda spec, around: ["Model: two means.", *METHOD.degrees[0].explained(spec)],
    of_cluster=lambda fixed: "ignored",
)


def fit(spec, rows, around):
    """Welch's test of the people of the arms."""
    name, arm = rows.formula.response.variable, rows.frame[spec.arm].astype(str)
    parts = [rows.frame.loc[arm == code, name].to_numpy(float) for code in (spec.reference, rows.other_arm)]
    found = stats.ttest_ind(parts[1], parts[0], equal_var=False)
    interval = found.confidence_interval(spec.level)
    estimate = parts[1].mean() - parts[0].mean()
    test = (estimate, estimate / found.statistic, found.df, found.statistic, found.pvalue, *interval)
    return Fitted(ContrastTest(*map(float, test)), coefficients=[], adjusted_means=[])


@pytest.fixture
def toy(monkeypatch):
    for name, content in (("toy_method", {"METHOD": METHOD}), ("toy_fit", {"fit": fit})):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(methods.METHODS, "toy", "toy_method")


def planned(folder, more=""):
    path = folder / "config.yaml"
    path.write_text(PLAN.replace("MORE", more), encoding="utf-8")
    return load_plan(path)


def test_registry_a_new_estimator_goes_from_the_plan_to_the_words(toy, tmp_path):
    plan = planned(tmp_path)
    (spec,) = specs_from_json(specs_to_json(plan.specifications()))
    assert (spec.estimator, spec.df_method, spec.boundary, spec.link) == ("toy", "welch", "keep", "")

    data = study(team_sd=0.0)
    ahead = forecast(spec, data)
    assert not ahead.refused
    assert ahead.n_obs == 60

    result = run_analysis(spec, data)
    row = collect_estimates([result], {}).iloc[0]
    wide = data.participants
    expected = stats.ttest_ind(*(wide.loc[wide["arm"] == code, "y_6m"] for code in "ic"), equal_var=False)
    np.testing.assert_allclose([row["p_value"], row["df"]], [expected.pvalue, expected.df], rtol=1e-12)
    assert (row["contrast"], row["df_method"]) == ("i - c", "welch")
    assert "Average: over people, each counting once." in row["estimand"]

    said = explain(spec, plan.content, Variables({"arm": ("c", "i")}))
    assert said.summary == "the difference between arms (i less c); Welch's test"
    assert "Inference: Welch: from the variance of either arm." in said.words
    assert said.equation[0] == "y_6mᵢⱼₖ = β₀ + β₁·arm[i]ᵢⱼₖ + εᵢⱼₖ"
    assert said.r == "# y.plain: there is no code for R here (Welch's test)"

    labels = Labels(plan.content, TEAM_WORDS)
    notes = method_notes([result], labels)
    assert notes[1:] == [
        "Plain: Welch's test, which knows no clusters, y_6m ~ arm; degrees of freedom: Welch-Satterthwaite."
    ]
    assert choices_of(result, labels)["Estimator"] == "Welch's test"
    assert "was analysed by a Welch's test" in method_sentences([result], Wording(labels))[0]
    assert "Welch's test, which knows no clusters" in " ".join(map(str, model_table(result, labels).notes))


def test_registry_a_new_estimator_refuses_what_it_does_not_take(toy, tmp_path):
    more = ", df: z, contrasts: [{kind: difference}]"
    with pytest.raises(PlanError) as caught:
        planned(tmp_path, more)
    said = {problem.message for problem in caught.value.problems}
    assert said == {
        "only a mixed model, mmrm, ols_jackknife, gee, a generalised mixed model and cox have the key df",
        "toy reports the difference between the arms alone",
    }


def test_registry_a_key_that_an_estimator_takes_resolves_by_its_name(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["toy_method"], "METHOD", replace(METHOD, keys=("correlation",)))
    (spec,) = planned(tmp_path, ", correlation: independence").specifications()
    assert (spec.correlation, spec.correction, spec.cluster, spec.pairs) == ("independence", "", None, False)


def test_registry_an_unknown_estimator_is_named_with_those_there_are(tmp_path):
    with pytest.raises(PlanError) as caught:
        planned(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.value, problem.allowed) == (
        "toy",
        "mixed, mmrm, cluster_summary, cluster_rates, ols_cr2, ols_jackknife, gee, glmm, by_design, permutation, "
        "adjusted_permutation, wild_bootstrap, sign_changes or cox",
    )


def test_registry_a_new_estimator_is_in_the_schema_of_editors(toy):
    assert '"toy"' in json_schema()


@pytest.mark.parametrize("name", methods.METHODS)
def test_registry_every_estimator_has_its_parts(name):
    method = methods.method_named(name)
    assert method.name == name
    names = [one.name for one in method.degrees]
    assert len(names) == len(set(names))
    assert set(method.needs) <= set(method.keys)
    assert not set(method.refuses) & set(method.keys)
    for part, folder in ((method.fit.partition(":")[0], "analyses"), (method.translation, "translate")):
        assert (PACKAGE / folder / "estimators" / f"{part.removeprefix('.')}.py").is_file()


NAMES = {*methods.METHODS, *(one.name for method in methods.methods() for one in method.degrees)} - {"residual"}
OWN = ("methods", "lmm", "analyses/estimators", "translate/estimators")


def test_registry_no_other_module_asks_for_an_estimator_or_its_degrees_by_name():
    """Comparisons with such a name, and mappings by such names, outside the files of the estimators themselves."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        shown = path.relative_to(PACKAGE).as_posix()
        if shown.startswith(OWN):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = (
                node.comparators if isinstance(node, ast.Compare) else node.keys if isinstance(node, ast.Dict) else []
            )
            texts = {text.value for part in parts if part for text in ast.walk(part) if isinstance(text, ast.Constant)}
            wrong += [f"{shown}:{node.lineno} {text}" for text in texts & NAMES]
    assert wrong == []


def test_registry_describes_without_libraries():
    """Descriptions are read whenever a plan is, so they load none of what the fits need."""
    code = (
        "import sys, cpis_analysis.methods as m; m.methods(); print({'numpy', 'pandas', 'pydantic'} & set(sys.modules))"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

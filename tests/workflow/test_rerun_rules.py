"""What Snakemake does again after a change: no more and no less than what depends on it."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.workflow

SHOWN = {
    "collect_estimates",
    "simulate_error_rates",
    "make_tables",
    "draw_figures",
    "build_report",
    "build_documents",
    "write_manifest",
}
"""What shows an estimate, and the error rates of the headlines."""
NO_HEADLINE = SHOWN - {"simulate_error_rates"}
"""What is done again where the estimate is no headline's, nor that of an estimator beside it."""

FORMULA = '"{outcome}_6m ~ arm + {outcome}_0m + age + gender + trust + (1 | trust:team)"'


def analyses(jobs: set[str]) -> set[str]:
    """Those of some jobs that are fits of analyses."""
    return {job for job in jobs if job.startswith("fit ")}


def test_rerun_first_run_does_every_rule_once(finished):
    before = {"clean_data", "build_dataset", "write_codebook", "audit_design", "describe_data"}
    assert finished.first.jobs == SHOWN | before | {"fit_models"}
    models = [path.stem for path in (finished.study / "results" / "models").glob("*.json")]
    assert finished.fits(*models) == finished.fitted() | {"fit_models"}


def test_rerun_second_run_does_nothing(finished):
    before = finished.hashes()
    run = finished.snakemake()
    assert run.code == 0
    assert "Nothing to be done" in run.text
    assert finished.hashes() == before


def test_rerun_changed_formula_fits_its_model_and_redraws(finished):
    with finished.edited("config.yaml", (FORMULA, FORMULA.replace(" + gender", ""))):
        assert finished.planned() == NO_HEADLINE | finished.fits("trust_fixed")
    assert finished.planned() == set()


@pytest.mark.slow
def test_rerun_changed_formula_and_dropped_model_really_run(copied):
    """The edited model alone is fitted; what belonged to the dropped one stays, and the manifest names it as stale."""
    before = copied.hashes()
    listed = "post_cr2_trust, post_cluster_t]"
    block = re.search(r"  post_cluster_t:\n(?:    .*\n)+", (copied.study / "config.yaml").read_text(encoding="utf-8"))
    pairs = [(FORMULA, FORMULA.replace(" + gender", "")), (listed, "post_cr2_trust]"), (block.group(0), "")]
    with copied.edited("config.yaml", *pairs):
        assert copied.run().jobs == NO_HEADLINE | {"fit_models"}
        assert copied.fitted() | {"fit_models"} == copied.fits("trust_fixed")
        after = copied.hashes()
        assert copied.planned() == set()
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    assert {name for name in before.keys() ^ after.keys() if not re.search("post.cluster.t", name)} == set()
    assert [name for name in changed if name.startswith("results/models/")] == ["results/models/trust_fixed.json"]
    assert [name for name in changed if re.match(r"data/(?!processed/(records|fits)/)", name)] == []
    assert {"results/estimates.csv", "results/report/findings.html", "results/manifest.json"} <= changed
    drawn = {name.split("/")[-1].split(".")[0] for name in changed if name.startswith("results/figures/")}
    # only charts of the report show the edited model: the index has other keys, the drawings are as they were
    assert drawn == {"figures"}
    said = (copied.study / "data" / "processed" / "logs" / "draw_figures.log").read_text(encoding="utf-8")
    # figures of the outcome that lost a model are ordered anew too, and come out as they were
    assert 2 <= int(re.search(r"(\d+) to draw", said).group(1)) < 12
    manifest = json.loads((copied.study / "results" / "manifest.json").read_text(encoding="utf-8"))
    assert "results/models/post_cluster_t.json" in manifest["stale"]
    assert all(re.search("post.cluster.t", name) for name in manifest["stale"])
    assert set(manifest["stale"]) <= set(after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("label: ANCOVA, trust and team random", "label: Main model", marks=pytest.mark.long),
        pytest.param("label: Access to social capital (RG-UK total)", "label: Social capital", marks=pytest.mark.long),
        ("title: Findings report", "title: Findings"),
    ],
    ids=["model", "outcome", "title"],
)
def test_rerun_changed_label_fits_nothing(finished, old, new):
    with finished.edited("config.yaml", (old, new)):
        planned = finished.planned()
    assert "build_report" in planned
    assert {job for job in planned if job.startswith("fit") or job in ("clean_data", "build_dataset")} == set()


@pytest.mark.long
@pytest.mark.parametrize(
    ("pair", "fits"),
    [
        (
            (
                'label: Without the trust of the team that organised its training\n    where: trust != "C"',
                'label: Without the trust of the team that organised its training\n    where: trust != "D"',
            ),
            {"without_trained_trust"},
        ),
        (('training\n    where: trust == "C"', 'training\n    where: trust == "D"'), {"trained_team"}),
        (("where: has_0m and has_6m", "where: (has_0m  and (has_6m))"), set()),
        (
            (
                "minimal_important_difference: 4\n",
                "minimal_important_difference: 4\n    equivalence: {low: -4, high: 4}\n",
            ),
            set(),
        ),
    ],
    ids=["population", "derived variable", "brackets", "margins"],
)
def test_rerun_changed_definition_fits_what_uses_it(finished, pair, fits):
    with finished.edited("config.yaml", pair):
        assert analyses(finished.planned()) == analyses(finished.fits(*fits))


def test_rerun_comments_and_order_rerun_nothing(finished):
    gas = "  gas: {instrument: gas}\n"
    scope = "  scope: {instrument: scope}\n"
    pairs = [
        ("study:\n", "# a remark\nstudy:\n"),
        (gas + scope, scope + gas),
        ("synthetic: true", "synthetic: True"),
        ("duplicates: query\n", "duplicates: query   # ask\n"),
    ]
    with finished.edited("config.yaml", *pairs):
        assert finished.planned() == set()


def test_rerun_new_model_of_an_outcome_fits_it_alone(finished):
    gas = "models: [post, post_trust_fixed, post_team_only, post_cr2_trust, post_cluster_t]"
    model = '  post_crude:\n    label: Crude\n    formula: "{outcome}_6m ~ arm + (1 | trust:team)"\n'
    with finished.edited(
        "config.yaml", (gas, gas.replace("[post,", "[post, post_crude,")), ("\nmodels:\n", "\nmodels:\n" + model)
    ):
        assert finished.planned() == NO_HEADLINE | finished.fits("post_crude")


def test_rerun_changed_engine_module_fits_everything_and_cleans_nothing(finished):
    with finished.edited("src/cpis_analysis/lmm/fits/kenward_roger.py", ("\n\n\ndef ", "\n\n_ADDED = 1\n\n\ndef ")):
        planned = finished.planned()
    assert analyses(planned) == finished.fitted()
    assert {"clean_data", "build_dataset", "audit_design"} & planned == set()


def test_rerun_remark_in_engine_module_fits_nothing(finished):
    pairs = [('"""', '"""More precisely: '), ("\n\n", "\n# a remark\n\n")]
    with finished.edited("src/cpis_analysis/lmm/fits/kenward_roger.py", *pairs):
        planned = finished.planned()
    assert planned == SHOWN | {"fit_models"}


@pytest.mark.long
def test_rerun_outcome_dropped_or_added_or_of_another_role_fits_no_other(copied):
    """Really run, as the data set is made again with other columns in another order."""
    target = "results/estimates.csv"
    plan = (copied.study / "config.yaml").read_text(encoding="utf-8")
    block = re.search(r"\n  scope:\n(?:    .*\n)+", plan).group(0)
    with copied.edited("config.yaml", (block, "\n"), (" wemwbs, scope,", " wemwbs,")):
        copied.run(target)
        assert copied.fitted() == set()
    copied.run(target)
    assert {job.split(".")[0] for job in copied.fitted()} == {"fit scope"}
    with copied.edited("config.yaml", ("role: primary", "role: secondary"), ("role: secondary", "role: primary")):
        assert "fit_models" not in copied.run(target).jobs or copied.fitted() == set()


def test_rerun_changed_figure_module_draws_and_fits_nothing(finished):
    with finished.edited("src/cpis_analysis/publish/pen/forest.py", ("\n\n", "\n# a remark\n\n")):
        planned = finished.planned()
    assert planned == {"draw_figures", "build_report", "build_documents", "write_manifest"}


@pytest.mark.long
def test_rerun_changed_word_module_leaves_the_page_alone(finished):
    with finished.edited("src/cpis_analysis/publish/forms/word_table.py", ("\n\n", "\n# a remark\n\n")):
        planned = finished.planned()
    assert planned == {"build_documents", "write_manifest"}


@pytest.mark.parametrize("name", ["page.html", pytest.param("style.css", marks=pytest.mark.long)])
def test_rerun_changed_template_writes_the_report_only(finished, name):
    path = f"src/cpis_analysis/report/templates/{name}"
    with finished.edited(path, ("\n", "\n\n")):
        planned = finished.planned()
    assert {"build_report", "build_documents", "write_manifest"} <= planned
    assert planned & {"draw_figures", "make_tables", "describe_data", "collect_estimates", "clean_data"} == set()
    assert {job for job in planned if job.startswith("fit")} == set()


@pytest.mark.long
def test_rerun_changed_generator_of_synthetic_data_reruns_nothing(finished):
    with finished.edited("src/cpis_analysis/synthetic/dirt.py", ("\n\n", "\n# a remark\n\n")):
        assert finished.planned() == set()


def test_rerun_touched_files_rerun_nothing(finished):
    for name in ("data/raw/baseline.csv", "src/cpis_analysis/lmm/fits/model.py"):
        (finished.folder / name).touch()
    assert finished.planned() == set()


def test_rerun_changed_raw_file_reruns_the_road(copied):
    """Redelivered raw data with its new checksum: everything that is made of it is planned again."""
    with copied.edited("data/raw/SHA256SUMS", ("  baseline.csv", " *baseline.csv")):
        planned = copied.planned()
    assert {"clean_data", "build_dataset", "audit_design", "describe_data"} | SHOWN <= planned
    assert len(analyses(planned)) == len(copied.fitted())

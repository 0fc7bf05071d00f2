"""A dry run of Snakemake in terms of analyses."""

import json
from dataclasses import asdict, replace

from cpis_analysis.runs.pending import pending_work, read_dry_run
from made_up_study import spec

DRY_RUN = """
Building DAG of jobs...
Job stats:
job                  count
-----------------  -------
fit_model                1

[Mon Feb  5 12:45:30 2018]
Job 1: Fitting ancova
Reason: Params have changed since last execution: Union of exclusive params before and now across all output: x
[Mon Feb  5 12:45:30 2018]
Job 0: Collecting the estimates
Reason: Input files updated by another job: results/models/ancova.json
Job 7: Cleaning the raw interviews
Reason: Updated input files: data/raw/baseline.csv, src/cpis_analysis/intake/clean.py
Reasons:
    (check individual jobs above for details)
"""


def specs():
    base = spec("y_6m ~ arm + y_0m + (1 | trust)")
    return [
        replace(
            base,
            name=f"{outcome}.ancova",
            outcome=outcome,
            model="ancova",
            formula=f"{outcome}_6m ~ arm + {outcome}_0m + (1 | trust)",
        )
        for outcome in ("y", "z")
    ]


def recorded(changed=()):
    found = {item.name: json.loads(json.dumps(asdict(item))) for item in specs()}
    for name in changed:
        found[name]["formula"] = found[name]["formula"].replace(" + (1", " + age + (1")
    return found


def test_dry_run_jobs_and_reasons_are_read():
    jobs = read_dry_run(DRY_RUN)
    messages = [job.message for job in jobs]
    assert messages == ["Fitting ancova", "Collecting the estimates", "Cleaning the raw interviews"]
    assert jobs[0].reason.startswith("Params have changed")


def test_pending_changed_formula_is_shown_as_the_template():
    work = pending_work(read_dry_run(DRY_RUN), specs(), recorded(("y.ancova", "z.ancova")))
    assert [item.analysis for item in work.analyses] == ["y.ancova", "z.ancova"]
    assert work.analyses[0].why == work.analyses[1].why
    assert work.analyses[0].why[0].endswith("-> {outcome}_6m ~ arm + {outcome}_0m + (1 | trust)")


def test_pending_unchanged_analysis_of_a_changed_model_is_told_apart():
    work = pending_work(read_dry_run(DRY_RUN), specs(), recorded(("y.ancova",)))
    assert [(item.analysis, item.changed) for item in work.analyses] == [("y.ancova", True), ("z.ancova", False)]


def test_pending_new_and_leaving_analyses_are_named():
    known = recorded()
    known["w.ancova"] = known.pop("z.ancova")
    work = pending_work(read_dry_run(DRY_RUN), specs(), known)
    assert work.leaving == ("w.ancova",)
    assert work.analyses[1].why == ("new: there is no earlier fit",)


def test_pending_stages_say_why_in_words():
    work = pending_work(read_dry_run(DRY_RUN), specs(), recorded())
    assert [(item.stage, item.why) for item in work.stages] == [
        ("Collecting the estimates", "what it is made from is done again"),
        ("Cleaning the raw interviews", "changed: data/raw/baseline.csv; code changed: cpis_analysis/intake/clean.py"),
    ]


def test_pending_nothing_is_nothing():
    work = pending_work(read_dry_run("Building DAG of jobs...\nNothing to be done."), specs(), recorded())
    assert (work.analyses, work.stages, work.leaving) == ((), (), ())


def test_pending_output_that_was_edited_is_the_reason():
    said = DRY_RUN.replace(
        "Reason: Input files updated by another job: results/models/ancova.json", "Reason: Forced execution"
    )
    said += (
        "To be made again: results/estimates.csv, results/flow.json: changed since it was written "
        "[Collecting the estimates]\n"
    )
    work = pending_work(read_dry_run(said), specs(), recorded())
    assert work.stages[0].why == "results/estimates.csv, results/flow.json: changed since it was written"

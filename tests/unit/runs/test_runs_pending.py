"""A dry run of Snakemake in terms of analyses."""

from cpis_analysis.runs.pending import pending_work, planned_rules, read_dry_run

DRY_RUN = """
Building DAG of jobs...
Job stats:
job                  count
-----------------  -------
fit_models               1
collect_estimates        1
total                    2

[Mon Feb  5 12:45:30 2018]
Job 1: Fitting the models
Reason: Params have changed since last execution: Union of exclusive params before and now across all output: x
[Mon Feb  5 12:45:30 2018]
Job 0: Collecting the estimates
Reason: Input files updated by another job: results/models/ancova.json
Job 7: Cleaning the raw data
Reason: Updated input files: data/raw/baseline.csv, src/cpis_analysis/intake/clean.py
Reasons:
    (check individual jobs above for details)
"""


ORDER = ("y.ancova", "z.ancova", "y.post")
CHANGED = {"z.ancova": ("formula: a -> b",), "y.ancova": ("formula: a -> b",)}


def work(text=DRY_RUN, recorded=ORDER, reasons=CHANGED):
    return pending_work(text, ORDER, recorded, lambda data_made_again: reasons)


def test_dry_run_jobs_and_reasons_are_read():
    jobs = read_dry_run(DRY_RUN)
    messages = [job.message for job in jobs]
    assert messages == ["Fitting the models", "Collecting the estimates", "Cleaning the raw data"]
    assert jobs[0].reason.startswith("Params have changed")
    assert planned_rules(DRY_RUN) == {"fit_models", "collect_estimates"}


def test_pending_analyses_stand_in_the_order_of_the_plan_and_in_place_of_their_job():
    found = work()
    assert [(item.analysis, item.why) for item in found.analyses] == [(name, CHANGED[name]) for name in ORDER[:2]]
    assert [item.stage for item in found.stages] == ["Collecting the estimates", "Cleaning the raw data"]


def test_pending_job_that_fits_nothing_again_is_a_stage():
    found = work(reasons={})
    assert found.analyses == ()
    assert (found.stages[0].stage, found.stages[0].why) == ("Fitting the models", "the plan changed")


def test_pending_reasons_are_asked_for_the_fitting_job_alone_and_told_of_new_data():
    told = []
    for text in (DRY_RUN, DRY_RUN.replace("fit_models ", "build_dataset 1\nfit_models "), ""):
        pending_work(text, ORDER, ORDER, lambda data_made_again: told.append(data_made_again) or {})
    assert told == [False, True]


def test_pending_leaving_analyses_are_named():
    assert work(recorded=("w.ancova", "y.ancova")).leaving == ("w.ancova",)


def test_pending_stages_say_why_in_words():
    assert [(item.stage, item.why) for item in work().stages] == [
        ("Collecting the estimates", "what it is made from is done again"),
        ("Cleaning the raw data", "changed: data/raw/baseline.csv; code changed: cpis_analysis/intake/clean.py"),
    ]


def test_pending_nothing_is_nothing():
    found = work("Building DAG of jobs...\nNothing to be done.")
    assert (found.analyses, found.stages, found.leaving) == ((), (), ())


def test_pending_output_that_was_edited_is_the_reason():
    said = DRY_RUN.replace(
        "Reason: Input files updated by another job: results/models/ancova.json", "Reason: Forced execution"
    )
    said += (
        "To be made again: results/estimates.csv, results/flow.json: changed since it was written "
        "[Collecting the estimates]\n"
    )
    assert work(said).stages[0].why == "results/estimates.csv, results/flow.json: changed since it was written"

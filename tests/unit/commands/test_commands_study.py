"""The commands on a small study: exit codes, plain messages, JSON, no colour, no rows of data."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis import cli
from cpis_analysis.files import write_parquet
from made_up_study import study

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
PLAN = """\
version: 2
study: {name: Made-up study, short_name: MUS, synthetic: true, randomised: false}
data:
  dictionary: data/raw/dictionary.csv
  sources:
    people: {file: data/raw/people.csv, holds: wide}
design:
  participant: participant_id
  arm: {variable: arm, reference: c}
  levels:
    - {variable: trust, label: trust}
    - {variable: team, label: team}
  waves:
    - {name: 0m, label: Before, months: 0}
    - {name: 6m, label: After, months: 6}
  characteristics: [age, gender]
outcomes:
  y: {label: Outcome Y, role: primary, models: [ancova, cluster_t]}
models:
  ancova: {label: ANCOVA, formula: "{outcome}_6m ~ arm + {outcome}_0m + age + (1 | trust) + (1 | trust:team)"}
  cluster_t: {label: t-test, estimator: cluster_summary, cluster: team, formula: "{outcome}_6m ~ arm + {outcome}_0m"}
report: {title: Report}
"""
COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Text Validation Type OR Show Slider Number",
    "Missing Codes",
    "Waves",
)
VARIABLES = [
    ("participant_id", "people", "text", "Person", "", "", "", ""),
    ("arm", "people", "radio", "Arm", "c, Control | i, Intervention", "", "", ""),
    ("trust", "people", "radio", "Trust", " | ".join(f"{t}, {t}" for t in "ABCDE"), "", "", ""),
    ("team", "people", "radio", "Team", "North, North | South, South", "", "", ""),
    ("age", "people", "text", "Age", "", "number", "", ""),
    ("gender", "people", "radio", "Gender", "f, Female | m, Male", "", "", ""),
    ("y", "interview", "text", "Y", "", "number", "", "0m;6m"),
]


def cpis(capfd, *arguments):
    """Exit code, output and error output of a command."""
    code = 0
    sys.argv = ["cpis", *arguments]
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capfd.readouterr()
    return code, out, err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    quoted = [",".join(f'"{cell}"' for cell in row) for row in (COLUMNS, *VARIABLES)]
    (raw / "dictionary.csv").write_text("\n".join(quoted) + "\n")
    people = study(seed=5).participants
    columns = ["participant_id", "arm", "trust", "team", "age", "gender", "y_0m", "y_6m"]
    people[columns].to_csv(raw / "people.csv", index=False)
    (tmp_path / "config.yaml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def cleaned(folder):
    data = study(seed=5)
    (folder / "data" / "processed").mkdir()
    for name, frame in (("participants", data.participants), ("measurements", data.interviews)):
        write_parquet(folder / "data" / "processed" / f"{name}.parquet", frame)
    return folder


def with_results(folder, **changes):
    """A finished run, as the workflow leaves it: estimates, fits, manifest."""
    from cpis_analysis.analyses.collect import collect_estimates
    from cpis_analysis.analyses.fitting.run import run_analysis
    from cpis_analysis.analyses.result_records import result_to_record
    from cpis_analysis.files import sha256, write_csv, write_json
    from cpis_analysis.plan.reading.load import load_plan

    plan = load_plan(folder / "config.yaml")
    results = [run_analysis(spec, study(**{"seed": 5} | changes)) for spec in plan.specifications()]
    for result in results:
        write_json(folder / "results" / "models" / f"{result.spec.model}.json", [result_to_record(result)])
    write_csv(folder / "results" / "estimates.csv", collect_estimates(results, {}))
    outputs = {
        f"results/{name}": sha256(folder / "results" / name)
        for name in ("estimates.csv", *(f"models/{r.spec.model}.json" for r in results))
    }
    write_json(
        folder / "results" / "manifest.json",
        {
            "plan_sha256": plan.digest(),
            "seed": 1,
            "versions": {"numpy": "2"},
            "inputs": {"data/raw/people.csv": "1"},
            "outputs": outputs,
            "stale": [],
        },
    )
    return folder


def test_check_without_data_says_what_is_not_known_yet(folder, capfd):
    code, out, _ = cpis(capfd, "check")
    assert code == 0
    assert "config.yaml is a valid plan: 1 outcome, 2 models, 2 analyses." in out
    assert "To be known after cleaning" in out


def test_check_without_data_lists_raw_files(folder, capfd):
    code, out, _ = cpis(capfd, "check", "--json")
    assert code == 0
    assert json.loads(out)["sources"] == [
        {"file": "data/raw/people.csv", "format": "delimited text", "rows": 60, "columns": 8}
    ]


def test_check_of_raw_files_that_do_not_fit_says_what_a_run_would_stop_at(folder, capfd):
    before = sorted(folder.rglob("*"))
    path = folder / "data" / "raw" / "people.csv"
    path.write_text(path.read_text().replace("gender", "sex", 1))
    code, out, err = cpis(capfd, "check")
    assert code == 1
    assert "is a valid plan" in out
    assert "a run would stop" in err
    assert "data/raw/people.csv, line 1: the column 'gender' is missing" in err
    assert sorted(folder.rglob("*")) == before


def test_check_warns_of_a_population_that_is_chosen_by_the_outcome(cleaned, capfd):
    (cleaned / "config.yaml").write_text(
        PLAN.replace("cluster_t: {", "cluster_t: {population: well, ")
        + "populations: {well: {label: Well, where: y_6m > 5}}\n"
    )
    code, out, _ = cpis(capfd, "check")
    assert code == 0
    assert "chosen by the outcome that is analysed" in " ".join(out.split())


def test_check_without_follow_up_names_the_rule_that_left_it_out(cleaned, capfd):
    data = study(seed=5)
    data.participants["has_6m"] = False
    write_parquet(cleaned / "data" / "processed" / "participants.parquet", data.participants)
    (cleaned / "data" / "processed" / "set_aside.csv").write_text(
        "source,line,participant,rule,reason\n"
        + "".join(f"people,{n},P{n},followup_without_baseline,there is no baseline\n" for n in range(1200))
    )
    (cleaned / "data" / "processed" / "queries.csv").write_text("rule,meanwhile\n")
    code, out, _ = cpis(capfd, "check")
    assert code == 1
    assert "cleaning left out 1,200 rows by the rule followup_without_baseline" in " ".join(out.split())


def test_check_with_data_shows_design_and_analyses(cleaned, capfd):
    code, out, _ = cpis(capfd, "check")
    assert code == 0
    assert "can be compared within trusts" in out
    assert re.search(r"y\.ancova +mixed +60 +60/60 +5 \+ 5 +8 +1\.\d\d +ok", out)


def test_check_of_data_without_a_record_says_that_a_run_might_make_others(cleaned, capfd):
    for arguments in (["check"], ["fit", "y.ancova"]):
        code, out, err = cpis(capfd, *arguments)
        assert code == 0
        assert "There is no record of what the cleaned data were made from." in " ".join((out + err).split())


def test_check_names_what_would_be_refused_and_fails(cleaned, capfd):
    (cleaned / "config.yaml").write_text(PLAN.replace("+ age + (1 | trust)", "+ age + (1 | team)"))
    code, out, _ = cpis(capfd, "check")
    assert code == 1
    assert "Would stop the run" in out
    assert "y.ancova: labels of team occur in more than one trust" in out
    assert "write trust:team instead of team" in out


def test_an_analysis_beside_the_headline_that_is_refused_stops_nothing(cleaned, capfd):
    plan = PLAN.replace("models: [ancova", "models: [ancova, inner")
    inner = '  inner: {label: Inner, formula: "{outcome}_6m ~ arm + {outcome}_0m + (1 | team)"}\n'
    (cleaned / "config.yaml").write_text(plan.replace("models:\n  ancova:", f"models:\n{inner}  ancova:"))
    code, out, _ = cpis(capfd, "check")
    assert code == 0
    assert "Would stop the run" not in out
    assert "y.inner: labels of team occur in more than one trust" in out.split("Not estimable: rows with the reason")[1]
    code, out, _ = cpis(capfd, "fit", "y")
    assert code == 0
    assert "Not estimable: labels of team occur in more than one trust" in out
    assert "Fixed part" in out
    code, _, err = cpis(capfd, "fit", "y.inner")
    assert code == 1
    assert "write trust:team instead of team" in err


def test_check_shows_no_estimate(cleaned, capfd):
    _, _, _ = cpis(capfd, "check")
    _, out, _ = cpis(capfd, "check", "--json")
    record = json.loads(out)
    assert record["forecasts"][0]["df"] == 8
    assert not {"estimate", "p_value", "ci_low"} & set(record["forecasts"][0])


def test_mistakes_end_in_their_message_and_code_one(folder, capfd):
    (folder / "config.yaml").write_text(PLAN.replace("role: primary", "role: primry"))
    code, _, err = cpis(capfd, "check")
    assert code == 1
    assert "did you mean 'primary'?" in err
    assert "Traceback" not in err


def test_mistakes_are_json_where_json_is_asked_for(folder, capfd):
    (folder / "config.yaml").write_text("version: 1\n")
    code, out, _ = cpis(capfd, "check", "--json")
    assert code == 1
    assert json.loads(out)["problems"]


@pytest.mark.parametrize("command", [["explain"], ["fit", "y.ancova"], ["lock"], ["clean"], ["plan"], ["archive"]])
def test_commands_without_a_plan_say_so(tmp_path, monkeypatch, capfd, command):
    monkeypatch.chdir(tmp_path)
    code, _, err = cpis(capfd, *command)
    assert code == 1
    assert "There is no plan config.yaml" in err


def test_run_beside_data_without_a_plan_says_where_plans_are_and_how_to_run_them(folder, monkeypatch, capfd):
    (folder / "data" / "mine").mkdir()
    (folder / "data" / "mine" / "config.yaml").write_text(PLAN)
    monkeypatch.chdir(folder / "data")
    code, _, err = cpis(capfd, "run")
    assert code == 1
    assert "cpis run --directory mine" in err
    assert "cpis run --directory .." in cpis(capfd, "run")[2]
    (folder / "data" / "study.yaml").write_text("version: 1\n")
    assert "cpis run --plan study.yaml" in cpis(capfd, "run")[2]


def test_run_without_any_plan_says_how_to_begin_one(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    _, _, err = cpis(capfd, "run")
    assert "docs/plan.md" in err
    assert "cpis dictionary draft FILE" in err


@pytest.mark.parametrize(("target", "option"), [("..", "--directory .."), ("../config.yaml", "--plan ../config.yaml")])
def test_run_of_a_study_named_without_an_option_names_the_option(folder, monkeypatch, capfd, target, option):
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    code, _, err = cpis(capfd, "run", target)
    assert code == 1
    assert f"cpis run {option}" in err


def test_run_beside_ones_own_data_takes_the_workflow_of_the_project(folder, monkeypatch):
    """The study lies outside the project: no Snakefile beside it or above it."""
    from cpis_analysis.runs.snakemake import snakemake_command

    command = snakemake_command(Path("config.yaml"), "--cores", "2")
    assert (folder / command[command.index("--snakefile") + 1]).resolve() == ROOT / "Snakefile"
    assert (folder / command[command.index("--directory") + 1]).resolve() == folder


def test_explain_lists_all_and_explains_one(folder, capfd):
    _, out, _ = cpis(capfd, "explain")
    assert [line.split()[0] for line in out.splitlines()[1:3]] == ["y.ancova", "y.cluster_t"]
    code, out, _ = cpis(capfd, "explain", "y.ancova")
    assert code == 0
    assert "β₁·arm[i]" in out
    assert "proc mixed" in out
    assert "To be known after cleaning" in out


def test_explain_counts_rows_in_the_cleaned_data_where_results_hold_none_by_cluster(cleaned, capfd):
    with_results(cleaned)
    _, out, _ = cpis(capfd, "explain", "y.ancova", "--code", "none")
    assert "from the cleaned data" in out
    assert re.search(r"c +5 +5 +30 +30", out)


def test_explain_unknown_name_suggests(folder, capfd):
    code, _, err = cpis(capfd, "explain", "y.ancvoa")
    assert code == 1
    assert "did you mean 'y.ancova'?" in err


def test_fit_prints_what_a_statistician_reads(cleaned, capfd):
    code, out, _ = cpis(capfd, "fit", "y.ancova")
    assert code == 0
    for part in ("Contrast: i - c", "Fixed part", "Random part", "ICC: trust", "Adjusted means", "Diagnostics"):
        assert part in out
    assert "EXPLORATORY" not in out
    assert "P001" not in out


def test_fit_numbers_are_those_of_the_run(cleaned, capfd):
    with_results(cleaned)
    _, out, _ = cpis(capfd, "fit", "y.ancova", "--json")
    stored = json.loads((cleaned / "results" / "models" / "ancova.json").read_text())[0]
    assert json.loads(out)["estimate"] == stored["estimate"]


def test_fit_formula_is_exploratory_and_writes_nothing(cleaned, capfd):
    before = sorted(path.as_posix() for path in cleaned.rglob("*"))
    code, out, _ = cpis(capfd, "fit", "y_6m ~ arm + gender + (1 | trust:team)")
    assert code == 0
    assert "EXPLORATORY" in out
    assert sorted(path.as_posix() for path in cleaned.rglob("*")) == before
    _, out, _ = cpis(capfd, "fit", "y ~ arm * wave + (1 | trust:team) + (1 | participant_id)", "--json")
    record = json.loads(out)
    assert record["exploratory"] is True
    assert record["spec"]["effect"] == "arm:wave"


def test_fit_formula_without_random_part_is_cluster_robust(cleaned, capfd):
    _, out, _ = cpis(capfd, "fit", "y_6m ~ arm + age", "--cluster", "team")
    assert "CR2 by team" in out


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("y_6m ~ age", "no effect to report"),
        ("y_6m ~ arm * wave", "write y ~ ... instead of y_6m"),
        ("y_6m ~ arm + agee", "did you mean 'age'?"),
        ("y_6m ~ __import__('os')", "has no meaning in a formula"),
    ],
)
def test_fit_formula_mistakes_are_explained(cleaned, capfd, formula, message):
    code, _, err = cpis(capfd, "fit", formula)
    assert code == 1
    assert message in err


def test_fit_without_data_says_what_to_run(folder, capfd):
    code, _, err = cpis(capfd, "fit", "y.ancova")
    assert code == 1
    assert "cpis run results/design_audit.json" in err


@pytest.fixture
def current(monkeypatch):
    """The workflow has nothing to do: whether it has is told with real runs in tests/workflow."""
    monkeypatch.setattr("cpis_analysis.runs.pending.dry_run", lambda plan: "Nothing to be done.")


def test_archive_keeps_a_run_once_and_diff_finds_nothing(cleaned, capfd, current):
    with_results(cleaned)
    code, out, _ = cpis(capfd, "archive", "--note", "first", "--json")
    name = json.loads(out)["run"]
    assert code == 0
    assert {path.name for path in (cleaned / "runs" / name).iterdir()} >= {
        "estimates.csv",
        "manifest.json",
        "plan.json",
        "config.yaml",
        "specs.json",
        "run.json",
    }
    assert json.loads(cpis(capfd, "archive", "--json")[1])["new"] is False
    assert json.loads(cpis(capfd, "archive", "--list", "--json")[1])[0]["note"] == "first"
    code, out, _ = cpis(capfd, "diff", name[:5], "results", "--exit-code")
    assert code == 0
    assert "0 estimates moved" in out


def test_archive_warns_of_an_earlier_run_that_differs_by_one_person(cleaned, capfd, current):
    """Oracle: one row less, in a run of its own; of the runs themselves, what is theirs is left alone."""
    with_results(cleaned)
    first = json.loads(cpis(capfd, "archive", "--json")[1])
    assert first["close_to"] == []
    path = cleaned / "data" / "processed" / "participants.parquet"
    frame = pd.read_parquet(path)
    write_parquet(path, frame.iloc[1:])
    manifest = cleaned / "results" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"stale": ["x"]}))
    code, out, _ = cpis(capfd, "archive")
    assert code == 0
    said = " ".join(out.split())
    assert f"differ from those of run {first['run']} by 1 of the people (1 removed)" in said
    assert json.loads(cpis(capfd, "archive", "--json")[1])["close_to"] == [
        {"run": first["run"], "added": 0, "removed": 1, "changed": 0}
    ]


def test_archive_refuses_what_a_run_would_do_again(cleaned, capfd, monkeypatch):
    with_results(cleaned)
    monkeypatch.setattr(
        "cpis_analysis.runs.pending.dry_run",
        lambda plan: (
            "fit_models 1\nJob 1: Fitting the models\nReason: Params have changed since last execution\n"
            "Job 2: Collecting the estimates\nReason: Input files updated by another job: results/models/ancova.json\n"
        ),
    )
    code, _, err = cpis(capfd, "archive")
    assert code == 1
    assert "not current; nothing was archived" in err
    assert "y.ancova among them: new: there is no earlier fit" in err
    assert "Collecting the estimates: what it is made from is done again" in err
    assert not (cleaned / "runs").exists()


def test_archive_refuses_results_of_another_plan(cleaned, capfd):
    with_results(cleaned)
    (cleaned / "config.yaml").write_text(PLAN.replace("+ age", ""))
    code, _, err = cpis(capfd, "archive")
    assert code == 1
    assert "the plan was changed after this run" in err


def test_diff_names_the_line_of_the_plan(cleaned, capfd, current):
    with_results(cleaned)
    name = json.loads(cpis(capfd, "archive", "--json")[1])["run"]
    (cleaned / "config.yaml").write_text(PLAN.replace("+ age", "+ gender"))
    with_results(cleaned)
    code, out, _ = cpis(capfd, "diff", name, "--html", "page.html", "--exit-code")
    assert code == 1
    line = next(i for i, text in enumerate(PLAN.splitlines(), 1) if "ancova: {label" in text)
    flat = " ".join(out.split())
    assert "models.ancova.formula" in flat
    assert f"(line {line} before, line {line} now) -> y.ancova" in flat
    assert "1 estimates moved, 0 have other inference, 1 are the same" in out
    page = (cleaned / "page.html").read_text(encoding="utf-8")
    assert "models.ancova.formula" in page


def test_diff_of_margins_alone_ends_with_code_one(cleaned, capfd, current):
    """The estimates are the same; what is claimed of equivalence is not."""
    with_results(cleaned)
    name = json.loads(cpis(capfd, "archive", "--json")[1])["run"]
    assert cpis(capfd, "diff", name, "--exit-code")[0] == 0
    path = cleaned / "results" / "estimates.csv"
    pd.read_csv(path).assign(equivalence_low=-4.0, equivalence_high=4.0, tost_p=0.03).to_csv(path, index=False)
    code, out, _ = cpis(capfd, "diff", name, "--exit-code")
    assert code == 1
    assert "0 estimates moved, 2 have other inference, 0 are the same" in out


def test_diff_of_a_git_revision_and_of_nothing(cleaned, capfd):
    with_results(cleaned)

    def git(*arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=cleaned, check=True, capture_output=True)

    git("init", "-q")
    git("add", "config.yaml", "results")
    git("commit", "-qm", "run")
    with_results(cleaned, effect=2.0)
    code, out, _ = cpis(capfd, "diff", "HEAD", "results", "--json")
    assert code == 0
    record = json.loads(out)
    assert record["before"]["source"] == "git revision HEAD"
    assert [change["status"] for change in record["analyses"]] == ["moved", "moved"]
    code, _, err = cpis(capfd, "diff", "nowhere", "results")
    assert code == 1
    assert "no results folder, archived run or git revision" in err


def test_lock_then_status_lists_deviations(folder, capfd):
    code, out, _ = cpis(capfd, "lock", "--date", "2018-02-01")
    assert code == 0
    assert "Locked 2 analyses on 2018-02-01 in plan.lock.json" in out
    assert "Nothing differs from what was locked" in cpis(capfd, "lock")[1]
    (folder / "config.yaml").write_text(
        PLAN.replace("+ age", "") + "deviations:\n  - {key: models.ancova, reason: Age was not asked.}\n"
    )
    out = cpis(capfd, "lock", "--status")[1]
    assert "models.ancova.formula" in out
    assert "reason: Age was not asked." in out


def test_lock_status_tells_of_a_lock_that_was_deleted(folder, capfd):
    user = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    cpis(capfd, "lock", "--date", "2018-02-01")
    for arguments in (("init", "--quiet"), ("add", "plan.lock.json"), (*user, "commit", "--quiet", "-m", "locked")):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    (folder / "plan.lock.json").unlink()
    code, _, err = cpis(capfd, "lock", "--status")
    assert code == 1
    assert "A lock of the plan came into version control on " in err
    assert "and is not there any more" in err


def test_lock_keeps_an_earlier_lock(folder, capfd):
    cpis(capfd, "lock", "--date", "2018-02-01")
    before = (folder / "plan.lock.json").read_bytes()
    cpis(capfd, "lock", "--date", "2019-01-01")
    assert (folder / "plan.lock.json").read_bytes() == before
    _, out, _ = cpis(capfd, "lock", "--date", "2019-01-01", "--force")
    assert "This lock replaces earlier ones (2018-02-01)." in out
    record = json.loads((folder / "plan.lock.json").read_text())
    assert [one["locked_on"] for one in record["replaces"]] == ["2018-02-01"]
    assert "replaces an earlier one, dated 2018-02-01" in cpis(capfd, "lock", "--status")[1]


def test_lock_that_was_edited_can_be_replaced_but_stays_on_record(folder, capfd):
    cpis(capfd, "lock", "--date", "2018-02-01")
    path = folder / "plan.lock.json"
    path.write_text(path.read_text().replace("2018-02-01", "2017-02-01"))
    code, _, err = cpis(capfd, "lock", "--status")
    assert code != 0
    assert "edited after it was made" in err
    cpis(capfd, "lock", "--date", "2018-03-01", "--force")
    assert "replaces an earlier one, dated 2017-02-01" in " ".join(cpis(capfd, "lock", "--status")[1].split())


@pytest.mark.parametrize("date", ["01.02.2018", "2018-02-30", ""])
def test_lock_refuses_a_date_that_is_none(folder, capfd, date):
    code, _, err = cpis(capfd, "lock", "--date", date)
    assert code == 1
    assert "2018-02-14" in err


def test_lock_notices_a_raw_file_that_changed_and_holds_no_plain_hash_of_it(folder, capfd):
    cpis(capfd, "lock", "--date", "2018-02-01")
    lock = (folder / "plan.lock.json").read_text()
    raw = next(folder / name for name, digest in json.loads(lock)["raw"].items() if digest)
    assert hashlib.sha256(raw.read_bytes()).hexdigest() not in lock
    raw.write_bytes(raw.read_bytes() + b"\n")
    assert "raw file that was there when the plan was locked was changed" in " ".join(
        cpis(capfd, "lock", "--status")[1].split()
    )
    (folder / "data" / "archived" / "plan.lock.key").unlink()
    assert "the key of their checksums is not with" in " ".join(cpis(capfd, "lock", "--status")[1].split())


def test_lock_refuses_a_date_in_the_future(folder, capfd):
    code, _, err = cpis(capfd, "lock", "--date", "2099-01-01")
    assert code == 1
    assert "2099-01-01" in err
    assert not (folder / "plan.lock.json").exists()


def test_clean_removes_stale_files_only(cleaned, capfd):
    with_results(cleaned)
    manifest = json.loads((cleaned / "results" / "manifest.json").read_text())
    (cleaned / "results" / "old.csv").write_text("old")
    manifest["stale"] = [
        "results/old.csv",
        "data/raw/people.csv",
        "../outside.csv",
        "results/estimates.csv",
        "results/../data/raw/dictionary.csv",
        "config.yaml",
        "/etc/hostname",
    ]
    (cleaned / "results" / "manifest.json").write_text(json.dumps(manifest))
    (cleaned.parent / "outside.csv").write_text("x")
    code, out, _ = cpis(capfd, "clean", "--dry-run")
    assert (cleaned / "results" / "old.csv").exists()
    code, out, _ = cpis(capfd, "clean", "--yes", "--json")
    assert code == 0
    assert json.loads(out)["removed"] == ["results/old.csv"]
    for kept in (
        "data/raw/people.csv",
        "data/raw/dictionary.csv",
        "results/estimates.csv",
        "config.yaml",
        "../outside.csv",
    ):
        assert (cleaned / kept).exists()


def test_clean_names_the_analyses_of_a_removed_model(cleaned, capfd):
    with_results(cleaned)
    (cleaned / "config.yaml").write_text(
        re.sub(r"\n  cluster_t: .*", "", PLAN).replace("[ancova, cluster_t]", "[ancova]")
    )
    _, out, _ = cpis(capfd, "clean", "-n")
    assert "results/models/cluster_t.json  (y.cluster_t)" in out


def test_output_has_no_colour_off_a_terminal(cleaned, capfd, monkeypatch):
    for command in (["check"], ["fit", "y.ancova"], ["explain", "y.ancova"]):
        assert "\x1b[" not in cpis(capfd, *command)[1]


def test_colour_appears_when_forced_and_respects_no_color(cleaned, capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in cpis(capfd, "check")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[(3|9)\dm", cpis(capfd, "check")[1])


def test_help_of_every_command_names_its_options(capfd):
    for command in cli.app.registered_commands:
        name = command.name or command.callback.__name__
        code, out, _ = cpis(capfd, name, "--help")
        assert code == 0
        assert command.callback.__doc__.strip().split(".")[0].split("\n")[0][:30] in " ".join(out.split())


def test_start_of_help_and_explain_imports_no_heavy_library():
    code = (
        "import sys; from cpis_analysis import cli; import cpis_analysis.plan.reading.load; "
        "import cpis_analysis.translate.explain; "
        "print([name for name in ('pandas', 'scipy', 'matplotlib', 'statsmodels') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


OVER_TIME = [
    "power", "--upper", "6", "--people", "10", "--cv", "0.3", "--icc-upper", "0", "--icc-lower", "0.05",
    "--waves", "3", "--autocorrelation", "0.5", "--cluster-autocorrelation", "0.8",
]  # fmt: skip


def test_power_over_time_is_told_by_options_alone(tmp_path, monkeypatch, capfd):
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "config.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(folder)
    asked = [*OVER_TIME, "--difference", "last", "--difference", "average", "--effect", "0.4"]
    code, shown, _ = cpis(capfd, *asked, "--json")
    assert code == 0
    last, average = json.loads(shown)
    assert [last["difference"], average["difference"]] == ["last", "average"]
    assert average["standard_error"] < last["standard_error"]
    assert last["power_0.4"] < average["power_0.4"] < 1
    # whoever is lost is missed at the end, more than on average; neighbours that tell less of each other tell more
    code, shown, _ = cpis(capfd, *asked, "--loss", "0", "--loss", "0.2", "--loss", "0.4", "--decay")
    assert code == 0
    assert "120 people, of whom 120, 96, 71 are seen at waves 1 to 3" in shown
    assert "0.5, and from the first to the last: 0.25" in shown
    code, shown, _ = cpis(capfd, *asked, "--outcomes", "100", "--json")
    assert code == 0
    assert all(row["simulated"]["replicates"] == 100 for row in json.loads(shown))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--loss", "0.3", "--loss", "0.2", "--loss", "0.4"], "shares can't fall (found '0.3, 0.2, 0.4')"),
        (["--loss", "0.3", "--loss", "0.2"], "allowed: 1 or 3"),
        (["--autocorrelation", "1"], "the correlation of --autocorrelation (found '1'); allowed: from 0 to 0.95"),
        (["--icc-upper", "0.6", "--icc-lower", "0.6"], "leave nothing for people"),
        (["--waves", "1"], "--waves (found '1'); allowed: two or more"),
        (["--model", "ancova"], "--model names no model over time"),
        (["--people", "1"], "people in a cluster"),
    ],
)
def test_power_over_time_refuses_what_is_no_design(tmp_path, monkeypatch, capfd, more, said):
    (tmp_path / "config.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, _, shown = cpis(capfd, *OVER_TIME, *more)
    assert code == 1
    assert said in " ".join(shown.split())
    assert "Traceback" not in shown


def test_power_over_time_names_what_nobody_has_said(tmp_path, monkeypatch, capfd):
    (tmp_path / "config.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, _, shown = cpis(capfd, "power", "--waves", "3", "--upper", "6", "--people", "10")
    assert code == 1
    assert "--autocorrelation, --icc-upper, --cluster-autocorrelation, --icc-lower" in " ".join(shown.split())
    code, _, shown = cpis(capfd, "power", "--difference", "average")
    assert code == 1
    assert "give --waves and --autocorrelation" in shown
    code, _, shown = cpis(capfd, "power", "--loss", "0.1", "--loss", "0.2")
    assert code == 1
    assert "this is one wave" in shown


def test_power_over_time_of_this_study_has_the_standard_error_of_its_model(cleaned, capfd):
    formula = "{outcome} ~ arm * wave + (1 | trust) + (1 | trust:team) + (1 | participant_id)"
    over = f"  over: {{label: Both waves, formula: '{formula}', effect: 'arm:wave'}}\nreport: {{title"
    text = PLAN.replace("[ancova, cluster_t]", "[ancova, cluster_t, over]").replace("report: {title", over)
    (cleaned / "config.yaml").write_text(text)
    code, shown, _ = cpis(capfd, "power", "--model", "over", "--difference", "change", "--json")
    assert code == 0
    (row,) = json.loads(shown)
    code, fitted, _ = cpis(capfd, "fit", "y.over", "--json")
    assert code == 0
    estimate = json.loads(fitted)["estimate"]
    code, shown, _ = cpis(capfd, "power", "--model", "over", "--difference", "change")
    unit = float(re.search(r"SD at the last wave: (\d+\.\d+)", shown)[1])
    assert row["standard_error"] * unit == pytest.approx(estimate["se"], rel=0.02)
    assert row["df"] == pytest.approx(estimate["df"], rel=1e-6)
    # another study with what this one has found
    code, shown, _ = cpis(capfd, "power", "--upper", "40", "--model", "over", "--difference", "change", "--json")
    assert code == 0
    assert json.loads(shown)[0]["standard_error"] < row["standard_error"]


def test_power_of_the_next_study_is_told_without_data(tmp_path, monkeypatch, capfd):
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "config.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr("cpis_analysis.lmm.optimal_test.training.DRAWS", 3000)
    asked = ["--upper", "6", "--people", "10", "--cv", "0.3", "--icc-upper", "0", "--icc-lower", "0.05"]
    code, shown, _ = cpis(capfd, "power", *asked, "--outcomes", "100", "--effect", "0.4", "--json")
    assert code == 0
    rows = json.loads(shown)
    assert {row["comparator"] for row in rows} >= {"", "people as if independent"}
    assert all(row["replicates"] == 100 and 0 <= row["power_0.4"] <= 1 for row in rows)
    code, _, said = cpis(capfd, "power", *asked[:-4], "--icc-upper", "-1", "--icc-lower", "1.5")
    assert code == 1
    assert "a share of the variance" in said
    assert said.count("\n  - ") == 2
    # neither correlations nor sizes are given, and nothing was run here
    code, _, said = cpis(capfd, "power", "--upper", "6")
    assert code == 1
    assert "Traceback" not in said

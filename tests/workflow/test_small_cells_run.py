"""No small count of an answer stands in any file under results/, whatever it is called there."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.leaving.small_populations import answers_behind
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.plan.level_names import names_of
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.stored_frames import read_data
from cpis_analysis.study.populations import in_population, truth_of, with_derived
from leaving_files import KINDS, allowed_by_cluster, counts_by_cluster, kind_of
from project_copy import ROOT

pytestmark = pytest.mark.workflow

MOST_CODES = 12


@pytest.fixture(scope="module", params=["finished", "periodontal"])
def study(request):
    """A finished run with its plan and its private data."""
    project = request.getfixturevalue(request.param)
    folder = project.study / "data" / "processed"
    data = read_data(str(folder / "participants.parquet"), str(folder / "measurements.parquet"))
    return project.study / "results", load_plan(project.study / "config.yaml"), data


def clusters_of(plan, people) -> dict[str, str]:
    """Every way in which a file may write a cluster."""
    design = plan.content.design
    names = {str(trust): str(trust) for trust in people[design.trust].dropna().unique()}
    if design.team:
        pairs = people[[design.trust, design.team]].dropna().astype(str).drop_duplicates()
        names |= {f"{trust} / {team}": f"{trust} / {team}" for trust, team in pairs.itertuples(index=False)}
    return names


def small_counts(plan, data) -> dict[str, dict[str, int]]:
    """Where a code, a derived variable or a population that an answer makes has few people: its counts by cluster.

    Each is counted among everybody, those followed up, and the people of every analysis.
    """
    design, minimum = plan.content.design, plan.content.report.minimum_cell
    people = data.participants
    who = {"all": pd.Series(True, index=people.index), "followed": people[f"has_{design.waves[-1].name}"].astype(bool)}
    for spec in plan.specifications():
        ids = analysis_rows(spec, data).frame[spec.participant]
        who[spec.name] = people[spec.participant].isin(ids)
    stages = {design.arm.variable, design.trust, design.team, *(f"has_{wave.name}" for wave in design.waves)}
    answers = {}
    for name in people.columns.difference(list(stages)):
        kept = people[name].dropna()
        if 1 < kept.nunique() <= MOST_CODES and not pd.api.types.is_float_dtype(kept):
            answers |= {f"{name} = {code}": people[name].astype(object) == code for code in kept.unique()}
    for name, part in plan.content.derived.items():
        answers[f"{name}"] = truth_of(part.where, people)[0]
    for name, part in plan.content.populations.items():
        if isinstance(part.where, str):
            answers[f"population {name}"] = in_population(people, (), part.where)
    said = np.column_stack([np.asarray(true, dtype=bool) for true in answers.values()])
    groups = {np.asarray(chosen, dtype=bool).tobytes(): whom for whom, chosen in who.items()}
    found = {}
    for keys in ([design.trust], [design.trust, design.team] if design.team else [design.trust]):
        cluster = people[keys].astype(str).agg(" / ".join, axis=1)
        belongs = pd.get_dummies(cluster).astype(int)
        varies = ((belongs.T.to_numpy() @ said) % belongs.sum().to_numpy()[:, None] > 0).any(axis=0)
        for mask, whom in groups.items():
            counts = belongs.T.to_numpy() @ (said & np.frombuffer(mask, dtype=bool)[:, None])
            for what, column, own in zip(answers, counts.T, varies, strict=True):
                if own and ((column > 0) & (column < minimum)).any():
                    found[f"{what} among {whom}"] = dict(zip(belongs.columns, map(int, column), strict=True))
    return found


def test_every_file_of_the_results_is_of_a_kind_that_may_leave(study):
    results, *_ = study
    names = [path.relative_to(results).as_posix() for path in sorted(results.rglob("*")) if path.is_file()]
    assert [name for name in names if kind_of(name) is None] == []
    assert {kind_of(name) for name in names} >= set(KINDS) - {"record"}


def test_counts_by_cluster_stand_only_where_they_are_stages_or_protected(study):
    results, plan, data = study
    names = names_of(plan.content.design.clusters)
    seen, allowed = (
        list(counts_by_cluster(results, clusters_of(plan, data.participants), names)),
        allowed_by_cluster(names),
    )
    assert seen
    wrong = {
        f"{name}: {field}"
        for name, field, _ in seen
        if not any(re.fullmatch(file, name) and re.fullmatch(fields, field) for file, fields in allowed.items())
    }
    assert wrong == set(), wrong


def test_no_small_count_of_an_answer_by_cluster_is_in_any_file(study):
    """Oracle: the private data, counted anew; a file gives a count away if its numbers are that answer's."""
    results, plan, data = study
    clusters = clusters_of(plan, data.participants)
    secret = small_counts(plan, data)
    assert secret or not plan.content.design.team
    escaped = set()
    for name, field, numbers in counts_by_cluster(results, clusters, names_of(plan.content.design.clusters)):
        by_cluster: dict[str, float] = {}
        for cluster, n in numbers.items():
            place = cluster.split(", ")[0]
            by_cluster[place] = by_cluster.get(place, 0) + n
        for what, counts in secret.items():
            shared = by_cluster.keys() & counts
            told = any(0 < counts[place] < plan.content.report.minimum_cell for place in shared)
            if told and len(shared) > 2 and all(by_cluster[place] == counts[place] for place in shared):
                escaped.add(f"{name} {field}: {what}")
    assert escaped == set(), escaped


def test_hidden_cells_hold_no_number(study):
    results, *_ = study
    frames = json.loads((results / "summaries.json").read_text(encoding="utf-8"))
    hidden = 0
    for name, frame in frames.items():
        columns = {key: column["values"] for key, column in frame["columns"].items()}
        for at, state in enumerate(columns.get("state", ())):
            if state != "shown":
                hidden += 1
                for key in {"count", "mean", "sd", "se", "median", "q1", "q3"} & set(columns):
                    if key != "mean" or name != "observed_means":
                        assert columns[key][at] is None, (name, key, at)
    assert hidden or results.parents[1].name == "examples"


def test_averages_that_leave_have_no_digits_that_tell_of_one_person(study):
    """Oracle: the private summaries, which hold all digits."""
    results, plan, _ = study
    means = names_of(plan.content.design.clusters).frames["team_means"]
    private = results.parent / "data" / "processed" / "summaries.json"
    longest = {}
    for path in (results / "summaries.json", private):
        frames = json.loads(path.read_text(encoding="utf-8"))
        longest[path] = max(
            len(repr(value).replace("-", "").replace(".", "").strip("0"))
            for name in ("baseline", "outcomes", means, "observed_means")
            for column in {"mean", "sd", "se", "ci_low"} & frames[name]["columns"].keys()
            for value in frames[name]["columns"][column]["values"]
            if isinstance(value, float)
        )
    assert longest[results / "summaries.json"] <= 5
    assert longest[private] >= 15


def test_numbers_analysed_by_arm_are_none_or_at_least_the_minimum(study):
    results, plan, _ = study
    smallest = plan.content.report.minimum_cell
    flow = json.loads((results / "flow.json").read_text(encoding="utf-8"))
    models = [
        record
        for path in sorted((results / "models").glob("*.json"))
        for record in json.loads(path.read_text(encoding="utf-8"))
    ]
    for record in models:
        assert {key for row in record["groups"] for key in row} <= {"arm", "n_participants", "n_obs"}
        assert all(row["n_participants"] >= smallest for row in record["groups"]), record["spec"]["name"]
    for name, counts in flow["analyses"].items():
        assert set(counts) == {"overall", "by_arm"}
        assert all(n >= smallest for n in counts["by_arm"].values()), name


def test_printed_numbers_come_from_files_that_are_read_here(study):
    """What page, Word, PDF, workbook and figures print is in numbers.json, with its source."""
    results, *_ = study
    numbers = json.loads((results / "report" / "numbers.json").read_text(encoding="utf-8"))["numbers"]
    sources = {entry["source"]["file"] for entry in numbers if entry.get("source", {}).get("file")}
    leaving = {name.removeprefix("results/") for name in sources if name.startswith("results/")}
    assert leaving
    assert {kind_of(name) for name in leaving} <= {"json", "csv", "record"}
    private = {name for name in sources if name.startswith("data/processed/")}
    assert private <= {
        f"data/processed/{name}.csv" for name in ("audit", "queries", "reconciliation", "scoring", "set_aside")
    }, "counts of the cleaning, not of people"


def test_analyses_of_populations_that_answers_make_name_no_cluster(study):
    results, plan, data = study
    with (results / "estimates.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    clusters = [name for name in clusters_of(plan, data.participants) if "/" in name]
    made = {
        spec.name
        for spec in plan.specifications()
        if answers_behind(spec, with_derived(data.participants, spec.derived))
    }
    named = {
        row["analysis"] for row in rows if row["analysis"] in made and any(name in row["warnings"] for name in clusters)
    }
    assert named == set()


def test_kinds_know_the_files_of_other_plans():
    """Of each kind one that a run of the shipped plan does not have, and one that nobody has decided on."""
    assert kind_of("cross_check.csv") == "csv"
    assert kind_of("models/people.csv") is None
    assert kind_of("participants.csv") is None
    assert Path(ROOT, "docs", "privacy.md").is_file()

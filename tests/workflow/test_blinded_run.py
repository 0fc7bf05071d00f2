"""A study, its blinded copy and the unblinding: the same numbers, no word that tells, and what the report says."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from project_copy import Project, environment

pytestmark = [pytest.mark.workflow, pytest.mark.long]

COMPARED = ("se", "df", "statistic", "p_value", "n_obs", "n_participants", "icc_trust", "reml_loglik", "std_sd")


def cpis(project, *arguments, folder=None):
    """A command with the project's own copy of the package: exit code, and all that it said."""
    code = "from cpis_analysis.cli import main; import sys; sys.argv[0] = 'cpis'; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder or project.study,
        env=environment() | {"PYTHONPATH": str(project.folder / "src")},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def study(finished, tmp_path_factory):
    """A finished run with a blinded copy, which holds no results yet."""
    project = finished.copy(tmp_path_factory.mktemp("blinded") / "project")
    code, said = cpis(project, "blind", "copy", "--json")
    assert code == 0, said
    project.told = json.loads(said)
    return project


def run_copy(project, *wanted):
    """Run the blinded copy through the project's own workflow."""
    copy = Project(project.folder, "copy")
    done = copy.snakemake(*wanted, "--quiet", "host")
    assert done.code == 0, done.text[-4000:]
    return copy.study


def same_up_to_the_sign(project, copy):
    """Estimates that both have, without the imputed ones, which are drawn anew."""
    frames = []
    for folder, groups in ((project.study, "implementation - comparison"), (copy, "B - A")):
        frame = pd.read_csv(folder / "results" / "estimates.csv")
        frame["contrast"] = frame["contrast"].str.replace(groups, "groups", regex=False)
        frames.append(frame[frame["missing"] != "multiple_imputation"])
    opened, blinded = frames
    both = blinded.merge(opened, on=["analysis", "contrast"], suffixes=("", "_open"), validate="one_to_one")
    assert len(both) == len(blinded)
    # a generalised model is found by a search that stops within 1e-6 of its optimum
    searched = both["analysis"].str.endswith(".odds")
    # weights of a wild bootstrap are drawn cluster by cluster, and the copy has its clusters in another order
    drawn = both["df_method"].eq("wild bootstrap")
    letters = json.loads((project.study / "data" / "archived" / "blinding.json").read_text(encoding="utf-8"))["groups"]
    sign = 1 if letters["comparison"] == "A" else -1
    for column in ("estimate", *COMPARED):
        turned = sign if column in ("estimate", "statistic") else 1
        mine, theirs = turned * both[column].to_numpy(float), both[f"{column}_open"].to_numpy(float)
        exact = ~searched & ~(drawn & (column == "p_value"))
        np.testing.assert_allclose(mine[exact], theirs[exact], rtol=1e-8, atol=1e-8, err_msg=column)
        if column in ("se", "p_value"):
            np.testing.assert_allclose(mine[searched], theirs[searched], rtol=1e-5, atol=1e-6, err_msg=column)
        if column == "p_value":
            error = np.sqrt(2 * theirs * (1 - theirs) / both["resamples"].to_numpy(float))
            assert (np.abs(mine - theirs)[drawn] < 4 * error[drawn]).all()
    return set(both["analysis"])


def test_blind_refuses_a_folder_that_holds_something_and_a_study_without_clean_data(study, tmp_path):
    code, said = cpis(study, "blind", "copy")
    assert (code, "it is not an empty folder" in said) == (1, True)
    with study.edited("config.yaml", ("match_threshold: 0.8", "match_threshold: 0.9")):
        code, said = cpis(study, "blind", str(tmp_path / "other"))
    assert (code, "not those that a run would make now" in said) == (1, True)
    assert not (tmp_path / "other").exists()


def test_blind_again_gives_the_same_bytes_and_the_key_stays_at_home(study, tmp_path):
    key = study.study / "data" / "archived" / "blinding.json"
    assert key.stat().st_mode & 0o077 == 0
    code, said = cpis(study, "blind", str(tmp_path / "again"))
    assert code == 0, said
    again, first = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "again", study.study / "copy")
    )
    first = {name: content for name, content in first.items() if name in again}
    assert again == first
    secret = json.loads(key.read_text(encoding="utf-8"))["key"]
    assert not any(secret.encode() in content for content in again.values())
    assert not any(str(study.folder).encode() in content for content in again.values())


def test_blinded_estimates_are_those_of_the_study_up_to_the_sign(study, tmp_path):
    """A few models of the primary outcome, as an analyst may cut the plan; the slow test has all."""
    own = study.copy(tmp_path / "project")
    path = own.study / "copy" / "config.yaml"
    plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    models = ["ancova", "trust_fixed", "longitudinal", "cr2_trust", "cluster_t_paired"]
    plan["outcomes"] = {"rguk": plan["outcomes"]["rguk"] | {"models": models}}
    del plan["outcomes"]["rguk"]["tipping_point"], plan["families"], plan["covariates"], plan["populations"]
    plan["models"] = {name: plan["models"][name] for name in models}
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    copy = run_copy(own, "results/estimates.csv")
    assert same_up_to_the_sign(own, copy) == {f"rguk.{model}" for model in models}

    # without lock and without a finished run nothing is told; with --force the record says what was missing
    code, said = cpis(own, "unblind", "copy")
    assert code == 1
    assert "this is missing: a lock" in said
    assert "this is missing: finished results of the blinded analysis" in said
    assert not (own.study / "plan.unblinded.json").exists()
    code, said = cpis(own, "unblind", "copy", "--force", "--by", "Committee <i>", "--json")
    record = json.loads(said)
    assert (code, record["without"]) == (0, ["a lock", "finished results of the blinded analysis"])
    assert record["blinded"]["plan_changed"]
    assert not record["blinded"]["data_changed"]
    assert set(record["groups"].values()) == {"comparison", "implementation"}
    assert own.planned() >= {"build_report", "build_documents"}


@pytest.mark.slow
def test_blinded_run_tells_no_group_and_its_record_stands_in_the_report(study, tmp_path):
    own = study.copy(tmp_path / "project")
    copy = run_copy(own)
    assert len(same_up_to_the_sign(own, copy)) > 90
    code, said = cpis(own, "blind", "copy", "--check")
    assert code == 0, said
    page = (copy / "results" / "report" / "findings.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "people in the B group" in text
    assert "BLINDED" in text
    assert "implementation group" not in text
    # the search finds what somebody writes in afterwards
    (copy / "results" / "note.txt").write_text("fewer in the implementation zebra\n", encoding="utf-8")
    code, said = cpis(own, "blind", "copy", "--check")
    assert (code, "results/note.txt, line 1" in said) == (1, True)

    assert cpis(own, "lock")[0] == 0
    code, said = cpis(own, "unblind", "copy", "--by", "Committee")
    assert code == 0, said
    assert "had been run to its end by then" in said
    assert ("Group A is Comparison (comparison)." in said) != ("Group B is Comparison (comparison)." in said)
    assert "was unblinded on" in " ".join(cpis(own, "lock", "--status")[1].split())
    own.run("results/report/annex.html", "results/report/annex.pdf")
    assert "at the request of Committee" in (own.study / "results/report/annex.html").read_text(encoding="utf-8")

"""What a change of the plan changes in the parameters of the rules, and so what Snakemake does again."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.runs.fit_store import specification_digest
from cpis_analysis.study_words import StudyWords
from cpis_analysis.workflow.marks import NOTE, STOPPED
from cpis_analysis.workflow.messages import failure_messages, notes_of_run
from cpis_analysis.workflow.rule_parameters import Workflow, open_plan

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
RULES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")))

LATE = {
    "make_tables",
    "draw_figures",
    "build_report",
    "build_documents",
    "write_manifest",
    "collect_estimates",
    "write_codebook",
}
"""Rules that come after the fits."""


def expressions() -> dict[str, str]:
    """Expression of the parameter ``spec`` by rule, as the rule files have it."""
    blocks = re.split(r"^rule (\w+):", RULES, flags=re.MULTILINE)[1:]
    found = {}
    for name, block in zip(blocks[::2], blocks[1::2], strict=True):
        match = re.search(r"^ {8}spec=(.*),$", block, flags=re.MULTILINE)
        if match:
            found[name] = match.group(1)
    return found


def specs(tmp_path: Path, text: str) -> dict[str, str]:
    """Parameter of every job of the plan."""
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    flow = Workflow(load_plan(path), ROOT / "src")
    result = {}
    for rule, expression in expressions().items():
        value = eval(expression, {"FLOW": flow, "PLAN": flow.plan})
        result[rule] = value(SimpleNamespace()) if callable(value) else value
    return result


def fits(tmp_path: Path, text: str) -> dict[str, str]:
    """What the plan says of every analysis, as the fitting job has it."""
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    spec = json.loads(Workflow(load_plan(path), ROOT / "src").fits_spec())
    return {
        one.name: specification_digest(one, spec["seed"], spec["minimum_cell"].get(one.model, 0))
        for one in specs_from_json(json.dumps(spec["analyses"]))
    }


def refitted(tmp_path: Path, *pairs: tuple[str, str]) -> set[str]:
    """Models of the analyses that are new or have other specifications."""
    before, after = fits(tmp_path, TEXT), fits(tmp_path, edited(*pairs))
    return {name.split(".")[1] for name in after if before.get(name) != after[name]}


def edited(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text


def changed(tmp_path: Path, *pairs: tuple[str, str]) -> set[str]:
    before, after = specs(tmp_path, TEXT), specs(tmp_path, edited(*pairs))
    return {job for job in before.keys() | after.keys() if before.get(job) != after.get(job)}


def test_workflow_every_rule_passes_one_spec():
    rules = set(re.findall(r"^rule (\w+):", RULES, flags=re.MULTILINE))
    # this one only names what the others make
    assert set(expressions()) == rules - {"operating_characteristics"}
    assert "config[" not in RULES.replace('config.get("plan"', "")


def test_workflow_version_of_the_package_reaches_what_names_it_and_no_fit():
    blocks = re.split(r"^rule (\w+):", RULES, flags=re.MULTILINE)[1:]
    named = {name for name, block in zip(blocks[::2], blocks[1::2], strict=True) if "version=FLOW.version" in block}
    assert named == {"build_report", "build_documents", "write_manifest"}


def test_workflow_specs_are_canonical_json(tmp_path):
    for job, text in specs(tmp_path, TEXT).items():
        assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=True) == text, job


def test_workflow_templates_are_all_files_of_the_page(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(TEXT, encoding="utf-8")
    listed = Workflow(load_plan(path), ROOT / "src").templates()
    assert {"page.html", "style.css"} <= {Path(name).name for name in listed}
    assert listed == sorted(listed)
    assert "templates=FLOW.templates()" in RULES


def test_workflow_specs_hold_no_path_of_this_machine(tmp_path):
    everything = "".join(specs(tmp_path, TEXT).values())
    assert str(ROOT) not in everything
    assert str(tmp_path) not in everything


@pytest.mark.parametrize(
    "pair",
    [
        ("label: ANCOVA, trust and team random", "label: Main model"),
        ("label: Access to social capital (RG-UK total)", "label: Social capital"),
        ("short_label: RG-UK total", "short_label: RG-UK"),
        ("name: Connecting People Implementation Study", "name: Another name"),
        ("minimal_important_difference: 4", "minimal_important_difference: 5"),
    ],
    ids=lambda pair: pair[0].split(":")[0] + " " + pair[1].split(": ")[1],
)
def test_workflow_label_changes_no_data_and_no_fit(tmp_path, pair):
    assert changed(tmp_path, pair) <= LATE


def test_workflow_what_people_are_called_is_written_anew_and_fits_nothing(tmp_path):
    pair = ("  participant: participant_id\n", "  participant: participant_id\n  people: {one: client}\n")
    assert refitted(tmp_path, pair) == set()
    usual, said = (json.loads(specs(tmp_path, text)["fit_models"]) for text in (TEXT, TEXT.replace(*pair)))
    words = said.pop("words")
    assert said == usual
    assert StudyWords(**words) == StudyWords("client", "clients")


def test_workflow_report_option_changes_description_and_no_fit(tmp_path):
    assert changed(tmp_path, ("title: Findings report", "title: A {title}")) <= LATE | {"describe_data"}


def test_workflow_minimum_cell_refits_binary_outcomes_and_populations_only(tmp_path):
    """What their results may tell of depends on it."""
    pair = ("minimum_cell: 5", "minimum_cell: 8")
    tells = {"answer", "answer_paired", "answer_cr2", "odds", "risk", "risk_gee"}
    tells |= {"complete_answers", "longitudinal_complete", "without_trained_trust", "materials_explained"}
    tells |= {"ancova"}  # made again without each cluster
    assert refitted(tmp_path, pair) == tells
    # answers of few people are not simulated
    assert changed(tmp_path, pair) <= LATE | {"describe_data", "fit_models", "simulate_error_rates"}


def test_workflow_formula_changes_its_own_model_only(tmp_path):
    formula = '"{outcome}_6m ~ arm + {outcome}_0m + age + gender + trust + (1 | trust:team)"'
    pair = (formula, formula.replace(" + gender", ""))
    assert refitted(tmp_path, pair) == {"trust_fixed"}
    assert changed(tmp_path, pair) - LATE == {"fit_models", "cross_check", "simulate_cell"}


@pytest.mark.parametrize("option", ["df: satterthwaite", "boundary: drop", "level: 0.9"])
def test_workflow_option_of_a_model_changes_its_own_fits_only(tmp_path, option):
    pair = ("    label: ANCOVA, team random\n", f"    label: ANCOVA, team random\n    {option}\n")
    assert refitted(tmp_path, pair) == {"team_only"}
    assert changed(tmp_path, pair) - LATE == {"fit_models", "cross_check", "simulate_cell"}


def test_workflow_cleaning_rule_changes_cleaning_only(tmp_path):
    assert {job for job in changed(tmp_path, ("duplicates: query", "duplicates: first")) if job not in LATE} == {
        "clean_data"
    }


def test_workflow_model_dropped_changes_no_other_fit(tmp_path):
    listed = "models: [post, post_trust_fixed, post_team_only, post_cr2_trust, post_cluster_t]"
    block = re.search(r"  post_cluster_t:\n(?:    .*\n)+", TEXT).group(0)
    pairs = [(listed, listed.replace(", post_cluster_t", "")), (block, "")]
    assert refitted(tmp_path, *pairs) == set()
    assert changed(tmp_path, *pairs) - LATE == {"fit_models"}


def test_workflow_seed_reaches_every_fit(tmp_path):
    assert refitted(tmp_path, ("seed: 20180214", "seed: 1")) == {name.split(".")[1] for name in fits(tmp_path, TEXT)}


def test_workflow_order_comments_quotes_and_written_defaults_change_nothing(tmp_path):
    assert changed(tmp_path, ("study:\n", "# a remark\nstudy:   # another\n")) == set()
    assert changed(tmp_path, ("synthetic: true", "synthetic: True")) == set()
    assert changed(tmp_path, ("short_name: CPIS", "short_name: 'CPIS'")) == set()
    assert (
        changed(
            tmp_path, ("    label: ANCOVA, team random\n", "    label: ANCOVA, team random\n    df: kenward-roger\n")
        )
        == set()
    )


def test_workflow_reordered_mappings_change_nothing(tmp_path):
    blocks = re.split(r"^(?=[a-z]+:)", TEXT, flags=re.MULTILINE)
    assert len(blocks) > 8
    text = blocks[0] + "".join(reversed([block if block.endswith("\n") else block + "\n" for block in blocks[1:]]))
    head, tail = text.split("models:\n  ancova:", 1)
    models = "  ancova:" + tail.split("\noutcomes:", 1)[0].split("\n\n# ", 1)[0]
    parts = re.split(r"^(?=  [a-z]\w*:)", models.rstrip("\n") + "\n", flags=re.MULTILINE)
    reordered = head + "models:\n" + "".join(reversed(parts)) + ("  ancova:" + tail)[len(models) :]
    assert reordered != TEXT
    before, after = specs(tmp_path, TEXT), specs(tmp_path, reordered)
    assert before == after


def test_workflow_raw_files_are_all_inputs():
    flow = Workflow(load_plan(ROOT / "config.yaml"), ROOT / "src")
    named = set(re.findall(r"data/raw/[\w.]+", TEXT))
    assert set(flow.raw_files()) == named


def test_workflow_refuses_the_package_of_another_folder(tmp_path, capsys):
    with pytest.raises(SystemExit):
        Workflow(load_plan(ROOT / "config.yaml"), tmp_path / "src")
    assert "belongs to the package in" in capsys.readouterr().err


def test_open_plan_prints_every_mistake_and_stops(tmp_path, capsys):
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    text = TEXT.replace("characteristics:", "characteristica:", 1).replace("role: primary", "role: main", 1)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        open_plan(tmp_path / "config.yaml")
    said = capsys.readouterr().err
    assert stopped.value.code == 1
    assert "characteristica" in said
    assert "did you mean 'characteristics'?" in said
    assert "line" in said
    assert "role" in said
    assert "Traceback" not in said


def test_failure_messages_show_what_steps_say_and_where_programs_fail(tmp_path):
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "ancova.log").write_text(f"{STOPPED}\nThese analyses can't be carried out.\n")
    (tmp_path / "clean_data.log").write_text("12 changes, 3 queries.\n")
    (tmp_path / "report.log").write_text("Traceback (most recent call last):\n  File\nKeyError: 'a'\n")
    said = failure_messages(str(tmp_path))
    assert "These analyses can't be carried out." in said
    assert "KeyError: 'a'" in said
    assert "12 changes" not in said
    assert said.endswith("Files of earlier runs are as they were.")


def test_failure_messages_of_earlier_runs_are_not_repeated(tmp_path):
    old, new = tmp_path / "fit_models.log", tmp_path / "clean_data.log"
    old.write_text(f"{STOPPED}\nA model can't be fitted.\n")
    os.utime(old, (1000, 1000))
    new.write_text(f"{STOPPED}\nThe file is empty.\n")
    os.utime(new, (3000, 3000))
    said = failure_messages(str(tmp_path), since=2000)
    assert "The file is empty." in said
    assert "A model can't be fitted." not in said


def test_failure_messages_without_logs_point_to_snakemake(tmp_path):
    said = failure_messages(str(tmp_path / "absent"))
    assert "Snakemake's own log has the command that failed" in said
    assert said.endswith("The run stopped. Files of earlier runs are as they were.")


def test_notes_of_this_run_are_repeated_at_its_end(tmp_path):
    (tmp_path / "old.log").write_text(f"{NOTE}old\n")
    os.utime(tmp_path / "old.log", (0, 0))
    (tmp_path / "new.log").write_text(f"read.csv: 3 rows\n{NOTE}2 answers are stale.\n")
    assert notes_of_run(str(tmp_path), 1.0) == [f"{NOTE}2 answers are stale."]

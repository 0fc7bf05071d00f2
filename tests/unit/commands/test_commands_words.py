"""What commands print of a study's clusters has the plan's own words."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import levelled_trial
from cpis_analysis import cli
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.commands import check, explain
from cpis_analysis.commands.terminal import Terminal, cluster_heads
from cpis_analysis.files import write_parquet
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.design_audit import audit_design
from report_material import team_plan
from wave_studies import one_wave, wave_plan, wave_specs

STUDY = Path(__file__).resolve().parents[2] / "material/studies/one_wave"


def test_tables_of_check_and_explain_count_clusters_by_the_names_of_the_plan(capsys):
    design, data, terminal = wave_plan("one_wave").design, one_wave(), Terminal()
    spec = wave_specs("one_wave")["reading.mixed"]
    check._show_design(terminal, audit_design(data, design), design)
    check._show_forecasts(terminal, [spec], [forecast(spec, data)], 162, (), design)
    explain._show_groups(terminal, spec, analysis_rows(spec, data), "the data", design)
    said = capsys.readouterr().out
    assert [
        said.count(head) for head in ("arm  schools  recruited", "  schools by arm  df", "arm  schools  people")
    ] == [1] * 3
    assert "trust" not in said
    assert "team" not in said


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_heads_count_the_levels_that_there_are(levels):
    design = team_plan().design
    kept = design.model_copy(update={"levels": design.levels[:levels]})
    assert cluster_heads(kept) == ["trusts", "teams"][:levels]


def test_design_in_the_terminal_has_a_column_and_rows_for_every_level(capsys):
    frame = levelled_trial.people(("district", "school", "class"), (4, 2, 2, 3), "school")
    frame = frame.assign(has_t0=True, has_t1=frame["after"].notna())
    plan = levelled_trial.plan(("district", "school", "class"), {})
    three = Design.model_validate(plan["design"])
    check._show_design(Terminal(), audit_design(AnalysisData(frame, frame.iloc[:0]), three), three)
    said = " ".join(capsys.readouterr().out.split())
    assert "arm districts schools classes recruited baseline follow-up usual 4 4 8 24 24" in said
    assert "schools new 4 6 6 6" in said
    assert "classes new 8 3 3 3" in said


@pytest.mark.parametrize("command", [["check"], ["explain", "reading.mixed"], ["fit", "reading.mixed"]])
def test_json_of_commands_has_the_names_of_the_plan(command, tmp_path, monkeypatch):
    shutil.copytree(STUDY, tmp_path / "study", ignore=shutil.ignore_patterns("results", "processed"))
    data, folder = one_wave(), tmp_path / "study/data/processed"
    for name, frame in (("participants", data.participants), ("measurements", data.interviews)):
        write_parquet(folder / f"{name}.parquet", frame)
    monkeypatch.chdir(tmp_path / "study")
    done = CliRunner().invoke(cli.app, [*command, "--json"], catch_exceptions=False)
    # these data lack the second outcome, which the check says and ends with 1
    assert done.exit_code == (command == ["check"]), done.output
    record = json.loads(done.stdout)
    assert not [key for key in _keys(record) if "trust" in key or "team" in key]
    assert {"school", "n_schools"} & set(_keys(record))


def _keys(record):
    if isinstance(record, dict):
        yield from record
        record = list(record.values())
    for part in record if isinstance(record, list) else ():
        yield from _keys(part)

"""What commands print of a study's clusters has the plan's own words."""

import pytest

from cpis_analysis.analyses.analysis_rows import analysis_rows
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.commands import check, explain
from cpis_analysis.commands.terminal import Terminal, cluster_heads
from cpis_analysis.study.design_audit import audit_design
from report_material import team_plan
from wave_studies import one_wave, wave_plan, wave_specs


def test_tables_of_check_and_explain_count_clusters_by_the_names_of_the_plan(capsys):
    design, data, terminal = wave_plan("one_wave").design, one_wave(), Terminal()
    spec = wave_specs("one_wave")["reading.mixed"]
    check._show_design(terminal, audit_design(data, design), design)
    check._show_forecasts(terminal, [spec], [forecast(spec, data)], 162, (), design)
    explain._show_groups(terminal, spec, analysis_rows(spec, data).groups(spec), "the data", design)
    said = capsys.readouterr().out
    assert [said.count(head) for head in ("arm  schools  recruited", "schools by arm", "arm  schools  people")] == [
        1
    ] * 3
    assert "trust" not in said
    assert "team" not in said


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_heads_count_the_levels_that_there_are(levels):
    design = team_plan().design
    kept = design.model_copy(update={"levels": design.levels[:levels]})
    assert cluster_heads(kept) == ["trusts", "teams"][:levels]

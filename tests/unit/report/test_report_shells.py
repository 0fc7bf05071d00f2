"""Table shells: every table that the plan gives, without a number, before there are data."""

import re
import shutil
from pathlib import Path

import pytest

from cpis_analysis.methods import degrees_of
from cpis_analysis.publish.blocks import DataTable, blocks_in
from cpis_analysis.report.shells import EMPTY, shells_document, shells_page
from cpis_analysis.study.checks.plan_check import load_and_check

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
STUDIES = {"cpis": ROOT, "periodontal": ROOT / "examples" / "periodontal"}


@pytest.fixture(scope="module", params=STUDIES)
def study(request, tmp_path_factory):
    """Plan and dictionary alone: nothing else is there that could be read."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "data" / "raw").mkdir(parents=True)
    shutil.copy(STUDIES[request.param] / "config.yaml", folder)
    shutil.copy(STUDIES[request.param] / "data" / "raw" / "dictionary.csv", folder / "data" / "raw")
    plan, dictionary = load_and_check(folder / "config.yaml", data=False)
    return plan, dictionary, shells_document(plan, dictionary)


def test_shells_have_every_analysis_and_characteristic_and_no_number(study):
    plan, dictionary, document = study
    tables = {table.id: table for table in blocks_in(document, DataTable)}
    for name, part in plan.content.outcomes.items():
        if len(part.models) > 1:
            rows = [row.cells[0].text for row in tables[f"table-robustness-{name.replace('_', '-')}"].rows]
            # analyses that moderate something, and tests by resampling, stand in tables of their own
            resampled = [one for one in plan.specifications() if one.outcome == name and degrees_of(one).resampled]
            assert len(rows) >= len(part.models) - len(resampled) - 2
            if resampled:
                panel = {row.cells[0].text for row in tables[f"table-panel-{name}"].rows}
                assert {plan.content.models[one.model].label for one in resampled} <= panel
    labels = " ".join(row.cells[0].text for row in tables["table-baseline"].rows)
    for name in plan.content.design.characteristics:
        assert dictionary.label(name) in labels
    for table in tables.values():
        if table.id == "table-measures":
            continue
        for row in table.rows:
            for cell in row.cells[1:]:
                assert not re.search(r"\d", re.sub(r"\d+ ?% CI", "", cell.text)), (table.id, cell.text)
    cells = [cell.text for row in tables["table-outcomes"].rows for cell in row.cells]
    assert EMPTY in cells


def test_shells_page_says_that_no_data_were_read_and_has_no_headline_of_results(study):
    page = shells_page(study[2])
    assert "No data were read" in page
    assert "<script" not in page
    for words in ("higher in the", "interval includes", "were recruited in"):
        assert words not in page


def test_shells_need_no_raw_file_and_say_what_is_wrong_with_a_plan(tmp_path):
    from typer.testing import CliRunner

    from cpis_analysis.cli import app

    (tmp_path / "data" / "raw").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "raw" / "dictionary.csv", tmp_path / "data" / "raw")
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["shells", "--plan", str(tmp_path / "config.yaml")])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "shells").iterdir()) == ["shells.docx", "shells.html", "shells.pdf"]
    assert {path.name for path in tmp_path.iterdir()} == {"config.yaml", "data", "shells"}
    (tmp_path / "config.yaml").write_text(text.replace("    - age\n", "    - agee\n"), encoding="utf-8")
    wrong = CliRunner().invoke(app, ["shells", "--plan", str(tmp_path / "config.yaml")])
    assert wrong.exit_code == 1
    assert "agee" in str(wrong.exception)

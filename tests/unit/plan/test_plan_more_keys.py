"""One more key: its line in the schema is all that the plan needs to read, check and describe it."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

from pydantic import Field

from cpis_analysis.plan import documentation, schema
from cpis_analysis.plan.reading import load
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_record, specs_to_json

TEXT = (Path(__file__).parents[3] / "config.yaml").read_text(encoding="utf-8")


class Report(schema.Report):
    """The report with a key that no other file knows."""

    horizon: int = Field(12, ge=1, description="Months that the summary looks ahead.")


class Whole(schema.PlanFile):
    """A plan with such a report."""

    report: Report


def read(folder, line):
    (folder / "config.yaml").write_text(TEXT.replace("\nreport:\n", f"\nreport:\n{line}", 1), encoding="utf-8")
    return load.load_plan(folder / "config.yaml")


def test_a_key_of_the_report_is_read_described_and_refits_nothing(tmp_path, monkeypatch):
    before = specs_to_json(read(tmp_path, "").specifications())
    monkeypatch.setattr(load, "PlanFile", Whole)
    monkeypatch.setattr(documentation, "PlanFile", Whole)
    found = read(tmp_path, "  horizon: 24\n")
    assert (found.content.report.horizon, read(tmp_path, "").content.report.horizon) == (24, 12)
    assert specs_to_json(found.specifications()) == before
    assert "Months that the summary looks ahead." in documentation.json_schema()
    assert "Months that the summary looks ahead." in documentation.reference_page()


@dataclass(frozen=True)
class OneMoreSetting(AnalysisSpec):
    """A specification with a setting that no other file knows."""

    horizon: int = 12


def test_a_setting_of_a_model_is_no_part_of_records_that_do_not_use_it(tmp_path):
    spec = read(tmp_path, "").specifications()[0]
    more, record = OneMoreSetting(**{one.name: getattr(spec, one.name) for one in fields(spec)}), spec_record(spec)
    assert spec_record(more) == record
    assert spec_record(replace(more, horizon=24)) == record | {"horizon": 24}

"""Whether the design can answer the question: clusters, level of allocation, degrees of freedom."""

from __future__ import annotations

from typing import Any

from cpis_analysis.files import write_json
from cpis_analysis.intake.account.reconciliation import rows_left_out
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.runs.stored_frames import read_account, read_data
from cpis_analysis.runs.stored_levels import audit_levels
from cpis_analysis.steps.command import run_step
from cpis_analysis.study.design_audit import audit_design


def main(spec: dict[str, Any], participants: str, interviews: str, set_aside: str, queries: str, out: str) -> None:
    left_out = rows_left_out(read_account(set_aside), read_account(queries))
    design = Design.model_validate(spec["design"])
    audit = audit_design(read_data(participants, interviews), design, left_out)
    write_json(out, audit_levels(audit.to_record(), design.clusters))
    print(audit.description)
    for warning in audit.warnings:
        print(f"warning: {warning}")


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "set_aside", "queries", "out")

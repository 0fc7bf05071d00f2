"""Whether the design can answer the question: clusters, level of allocation, degrees of freedom."""

from __future__ import annotations

from typing import Any

from cpis_analysis.files import write_json
from cpis_analysis.plan.schema import Design
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.frames import read_data
from cpis_analysis.study.design_audit import audit_design


def main(spec: dict[str, Any], participants: str, interviews: str, out: str) -> None:
    audit = audit_design(read_data(participants, interviews), Design.model_validate(spec["design"]))
    write_json(out, audit.to_record())
    print(audit.description)
    for warning in audit.warnings:
        print(f"warning: {warning}")


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "out")

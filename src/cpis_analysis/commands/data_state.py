"""Whether the cleaned data are those that a run would make now; what `cpis check` and `cpis fit` say of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpis_analysis.commands.terminal import Terminal
    from cpis_analysis.plan.reading.load import Plan

_JOBS = ("clean_data", "build_dataset")


def data_remarks(plan: Plan) -> list[str]:
    """Why the cleaned and scored data are not what a run would make now; empty if they are, or if there are none."""
    from cpis_analysis import __file__ as package
    from cpis_analysis.runs.making import Digests, changed_outputs, read_making, text_digest
    from cpis_analysis.runs.processed import data_is_there
    from cpis_analysis.workflow.rule_parameters import Workflow

    if not data_is_there(plan.root):
        return []
    digests, flow = Digests(plan.root), Workflow(plan, Path(package).resolve().parents[1])
    specs = {"clean_data": flow.cleaning_spec(), "build_dataset": flow.dataset_spec()}
    read = {job: read_making(plan.root, job) for job in _JOBS}
    known = {job: making for job, making in read.items() if making is not None}
    if len(known) < len(read):
        return ["There is no record of what the cleaned data were made from."]
    remarks: list[str] = []
    changed: set[str] = set()
    for job, making in known.items():
        remarks += [f"{name}: {why}." for name, why in changed_outputs(making, digests).items()]
        changed |= {name for name, digest in making.inputs.items() if digests(name) != digest}
        if making.params.get("spec") != text_digest(specs[job]):
            remarks.append(
                "The plan's keys on data, design, cleaning or scoring are not those that the cleaned data were made by."
            )
    code = {name for name in changed if name.endswith(".py")}
    made = {name for making in known.values() for name in making.outputs}
    remarks += [f"{name}: not the file that the cleaned data were made from." for name in sorted(changed - code - made)]
    if code:
        remarks.append("The code that cleans and scores has changed since.")
    return list(dict.fromkeys(remarks))


def warn_of_data(terminal: Terminal, remarks: list[str]) -> None:
    """Say why what follows is not about the data that a run would make."""
    for remark in remarks[:5]:
        terminal.warning(remark)
    if remarks:
        more = f"{len(remarks) - 5} more remarks of this kind. " if len(remarks) > 5 else ""
        terminal.warning(
            f"{more}What follows is about the data as they are. To make them again: cpis run results/design_audit.json"
        )

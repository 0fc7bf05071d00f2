"""What the Snakefile asks of the plan: files, code and parameters of each rule.

Parameters are canonical JSON of just the keys that a rule depends on, so that
reordering or commenting config.yaml reruns nothing and a changed label refits nothing.
"""

from __future__ import annotations

import csv
import json
import logging
import re
import sys
from dataclasses import asdict
from pathlib import Path
from shutil import disk_usage
from typing import Any, NoReturn

from cpis_analysis import __file__ as package_file
from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.errors import CpisError, FileError
from cpis_analysis.instruments import input_files
from cpis_analysis.plan.load import Plan
from cpis_analysis.plan.scale import POINTS, RISK, judged_on, scale_named
from cpis_analysis.plan.schema import Outcome
from cpis_analysis.plan.specification import specs_to_json
from cpis_analysis.provenance import module_sources
from cpis_analysis.runs.lock import LOCK
from cpis_analysis.runs.lock_history import lock_history
from cpis_analysis.runs.workflow import no_plan
from cpis_analysis.study.plan_check import load_and_check

__all__ = ["Workflow", "failure_messages", "leave_failures_to_messages", "notes_of_run", "open_plan", "stop",
           "success_message"]

STEPS = "cpis_analysis.steps"


def open_plan(path: str) -> Plan:
    """Load and check the plan; on mistakes print them all and stop Snakemake without a traceback."""
    try:
        if not Path(path).is_file():
            raise no_plan(Path(path))
        plan, _ = load_and_check(path)
    except CpisError as error:
        stop(str(error))
    return plan


def stop(message: str) -> NoReturn:
    """End Snakemake before it does anything, with a message in place of a traceback."""
    print(f"\n{message}\n\nNothing was run; earlier results are as they were.", file=sys.stderr)
    sys.exit(1)


class Workflow:
    """Answers for the rule files.

    Parameters
    ----------
    plan : Plan
    source : Path
        The folder ``src`` beside the Snakefile; the package must come from there.
    """

    def __init__(self, plan: Plan, source: Path) -> None:
        if not Path(package_file).resolve().is_relative_to(source.resolve()):
            stop(
                f"This Snakefile belongs to the package in {source}, but Python imports the one in "
                f"{Path(package_file).parent}. Install this checkout: pip install -e ."
            )
        self.plan = plan
        self.source = source
        self.content: dict[str, Any] = plan.content.model_dump(mode="json")
        self.specs = plan.specifications()

    def code(self, step: str) -> list[str]:
        """Source files that a step depends on."""
        return module_sources(f"{STEPS}.{step}", self.source)

    def templates(self) -> list[str]:
        """Files that the page is made of and that no module imports: templates, style, scripts."""
        return self._report_files("templates")

    def document_templates(self) -> list[str]:
        """Files that the documents are made of: templates of the page, and those of Word and PDF."""
        return [*self._report_files("templates"), *self._report_files("documents")]

    def _report_files(self, name: str) -> list[str]:
        folder = self.source / "cpis_analysis" / "report" / name
        return sorted(str(path) for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))

    def raw_files(self) -> list[str]:
        """Every raw file of the plan, with dictionary and checksums."""
        data = self.plan.content.data
        files = [source.file for source in data.sources.values()] + [data.dictionary]
        more = [file for file in (data.checksums, *data.correction_files, data.withdrawn) if file]
        return list(dict.fromkeys(files)) + more + self.value_set_files()

    def value_set_files(self) -> list[str]:
        """Files that scoring reads, such as a value set that the user supplies."""
        return sorted(input_files(self.plan.content.scoring_settings()).values())

    def public_files(self) -> list[str]:
        """Input files that hold nothing of people: dictionary and value sets."""
        return [self.plan.content.data.dictionary, *self.value_set_files()]

    def models(self) -> list[str]:
        """Models that have analyses, by name."""
        return sorted({spec.model for spec in self.specs})

    def spec(self, *keys: str, **more: Any) -> str:
        """Canonical JSON of some keys of the plan."""
        return _canonical({key: self.content[key] for key in keys} | more)

    def cleaning_spec(self, wildcards: Any = None) -> str:
        """What cleaning depends on. Functions, all of them, for the reason that stands at `whole_spec`."""
        return self.spec("data", "design", "cleaning")

    def design_spec(self, wildcards: Any = None) -> str:
        """The design alone."""
        return self.spec("design")

    def dataset_spec(self, wildcards: Any = None) -> str:
        """What the analysis data set is made of: design, instruments, and the names and events of the outcomes."""
        outcomes = self.plan.content.outcomes
        events = {name: [part.variable, part.event] for name, part in outcomes.items() if part.variable}
        return self.spec("data", "design", "scoring", outcomes=list(outcomes), **({"events": events} if events else {}))

    def model_spec(self, wildcards: Any) -> str:
        """Analyses of one model, with the master seed."""
        specs = [spec for spec in self.specs if spec.model == wildcards.model]
        # results of binary outcomes tell how many people had the event, those of populations how many gave an answer
        tells = any(spec.outcome_type == "binary" or spec.where or spec.condition for spec in specs)
        more: dict[str, Any] = {"minimum_cell": self.plan.content.report.minimum_cell} if tells else {}
        # a headline that can't be fitted stops the run before anything is written of it
        first = {name: part.models[0] for name, part in self.plan.content.outcomes.items()}
        headlines = sorted(spec.name for spec in specs if first[spec.outcome] == spec.model)
        return self._analyses(specs, **more, **({"headlines": headlines} if headlines else {}))

    def mixed_spec(self, wildcards: Any = None) -> str:
        """Analyses by mixed models. A function, for the same reason as `whole_spec`."""
        return self._analyses([spec for spec in self.specs if spec.estimator == "mixed"])

    def collect_spec(self, wildcards: Any = None) -> str:
        """Order of the analyses, families, headline of the primary outcome, margins, shifts of tipping points."""
        outcomes = self.plan.content.outcomes
        primary = next(name for name, part in outcomes.items() if part.role == "primary")
        headline = f"{primary}.{outcomes[primary].models[0]}"
        return self.spec(
            "families",
            order=[spec.name for spec in self.specs],
            primary=json.loads(specs_to_json([spec for spec in self.specs if spec.name == headline])),
            margins={name: found for name, part in outcomes.items() if (found := _margins(part))},
            tipping={name: {"deltas": part.tipping_point.deltas, "important": part.minimal_important_difference}
                     for name, part in outcomes.items() if part.tipping_point},
            design=self.content["design"],
            report={"minimum_cell": self.plan.content.report.minimum_cell},
        )

    def all_code(self) -> list[str]:
        """Source files of every step, each once."""
        steps = sorted(path.stem for path in (self.source / "cpis_analysis" / "steps").glob("*.py"))
        return sorted({file for step in steps if not step.startswith("_") for file in self.code(step)})

    def lock_files(self) -> list[str]:
        """The locked plan, where there is one: deviations from it stand in the report."""
        return [LOCK] if (self.plan.root / LOCK).is_file() else []

    def lock_history(self, wildcards: Any = None) -> str:
        """What version control knows of the lock, which is no file that could be an input."""
        return _canonical(asdict(lock_history(self.plan.root)))

    def manifest_spec(self, wildcards: Any = None) -> str:
        """The plan as resolved, its hash, and the files that its steps write."""
        models = [f"results/models/{name}.json" for name in self.models()]
        study, report = self.plan.content.study, self.plan.content.report
        named = {"name": f"{study.name}: {report.title}", "authors": report.authors,
                 "description": " ".join(filter(None, [study.notice, study.description]))}
        return _canonical(
            {"digest": self.plan.digest(), "plan": self.content, "models": models, "study": named,
             "public": self.public_files()}
        )

    def codebook_spec(self, wildcards: Any = None) -> str:
        """What the codebook page depends on. A function, for the same reason as `whole_spec`."""
        return self.spec("data", "design", "study", minimum_cell=self.plan.content.report.minimum_cell)

    def description_spec(self, wildcards: Any = None) -> str:
        """What is described, without the models."""
        outcomes = self.plan.content.outcomes
        # what a binary outcome is made of tells which other tables hold the same answers
        binary = {name: [part.variable, part.event] for name, part in outcomes.items() if part.type == "binary"}
        scales = {name: [part.low, part.high] for name, part in outcomes.items() if name not in binary}
        return self.spec("design", "scoring", "report", outcomes=list(outcomes), scales=scales,
                         **({"binary": binary} if binary else {}))

    def whole_spec(self, wildcards: Any = None) -> str:
        """The whole plan. A function, because Snakemake would take ``{outcome}`` in a text for a wildcard."""
        return _canonical(self.content)

    def _analyses(self, specs: list[Any], **more: Any) -> str:
        seed = self.plan.content.study.seed
        return _canonical({"analyses": json.loads(specs_to_json(specs)), "seed": seed} | more)


def _margins(outcome: Outcome) -> dict[str, list[float | None]]:
    """Margins of equivalence of an outcome by scale, as its models have it."""
    scales = [RISK if outcome.type == "binary" else POINTS, *map(scale_named, outcome.on_scale)]
    judged = {scale.name: judged_on(outcome, scale) for scale in scales}
    return {name: [one.low, one.high] for name, one in judged.items() if one.low is not None}


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


_NO_ROOM = 64 * 1024
"""Bytes; with less than this a step can't even say what stopped it."""


def failure_messages(folder: str, since: float = 0.0) -> str:
    """What the steps that stopped have to say, ready to print.

    Parameters
    ----------
    folder : str
        Folder of the logs.
    since : float
        Start of the run, in seconds since the epoch; logs of earlier runs have nothing to say.
    """
    from cpis_analysis.steps.command import STOPPED

    logs = sorted(path for path in Path(folder).rglob("*.log") if path.stat().st_mtime >= since)
    said, unexpected = [], []
    for path in logs:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        if STOPPED in text:
            said.append(text.split(STOPPED, 1)[1].strip())
        elif "Traceback (most recent call last)" in text:
            unexpected.append(f"{path.as_posix()}: {text.splitlines()[-1]}")
    lines = ["", *said]
    if unexpected:
        lines += ["A step failed in a way that is a fault of the program. Please report the end of:", *unexpected]
    if not said and not unexpected and disk_usage(folder if Path(folder).is_dir() else ".").free < _NO_ROOM:
        lines.append(f"{folder}: the disk is full; make room on it and run again.")
    elif not said and not unexpected:
        lines.append("No step left a message. Snakemake's own log has the command that failed and its exit code.")
    return "\n".join([*lines, "", "The run stopped. Files of earlier runs are as they were."])


def success_message(report: str, estimates: str) -> str:
    """What a finished run has to say, ready to print: where the report is, and which analyses have no estimate.

    Parameters
    ----------
    report, estimates : str
        Paths; either file may be absent where a run was asked for something else.
    """
    lines = ["", f"Done. Open {report} in a browser." if Path(report).exists() else "Done."]
    if Path(estimates).exists():
        with open(estimates, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        refused = [row for row in rows if row.get("status") == NOT_ESTIMABLE]
        if refused:
            total = len({row["analysis"] for row in rows})
            lines.append(f"{len(refused)} of {total} analyses could not be estimated; tables and report say so:")
            lines += [f"  {row['analysis']}: {row['reason']}" for row in refused]
    return "\n".join(lines)


def notes_of_run(folder: str, since: float = 0.0) -> list[str]:
    """What steps of this run asked to be repeated at its end."""
    from cpis_analysis.steps.command import NOTE

    logs = sorted(path for path in Path(folder).rglob("*.log") if path.stat().st_mtime >= since)
    lines = [line for path in logs for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return [line for line in lines if line.startswith(NOTE)]


def leave_failures_to_messages() -> None:
    """Keep Snakemake's own account of a failed step, command line and all, out of the terminal.

    `failure_messages` says it in the step's words; Snakemake's log file keeps everything. Where the disk refuses a file
    of Snakemake's own, its traceback becomes a message.
    """
    from snakemake.logging import logger

    # a log that can't be written on a full disk is no reason for tracebacks
    logging.raiseExceptions = False
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(_is_for_users)


_NOT_FOR_USERS = (
    "CalledProcessError in file", "Cannot restore ", "At least one job did not complete", "Shutting down, this might",
    "Exiting because a job execution failed", "Removing output files of failed job",
)


_REFUSED = re.compile(
    r"^\w*Error: \[Errno (?P<number>\d+)\] (?P<words>[^:\n]*)(?:: '(?P<file>[^']*)')?\s*$", re.MULTILINE)


def _is_for_users(record: logging.LogRecord) -> bool:
    text = record.getMessage()
    refused = _REFUSED.search(text)
    if refused and "Traceback (most recent call last)" in text:
        error = OSError(int(refused["number"]), refused["words"], refused["file"] or str(Path.cwd()))
        record.msg = f"{FileError.of(error)}\nThe run stopped. Files of earlier runs are as they were."
        record.args = ()
    elif text.startswith("WorkflowError:"):
        record.msg = "\n".join(line for line in text.splitlines() if not line.startswith('  File "'))
        record.args = ()
    return not any(part in text for part in _NOT_FOR_USERS)

"""All models of the plan, each fitted to every outcome that uses it.

A fit of an earlier run stays where all that it is made from is the same: specification, data, code and libraries. Each
new one is kept as soon as it is done, so a run that is killed or that fails has not fitted in vain. Where there are
many, a second process does every other one and keeps them in the same place; which one did a fit changes nothing of it.

An analysis that the estimator refuses becomes a result that says why. A headline that is refused stops the step, so
that files of earlier runs stay; so does anything that is no refusal: a fault of data or program.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.analyses.known_names import KnownNames
from cpis_analysis.analyses.refusal import refused_headlines
from cpis_analysis.analyses.result_records import record_said, result_from_record
from cpis_analysis.files import write_json
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.runs.fit_store import MANY
from cpis_analysis.runs.fitting import Fitting
from cpis_analysis.runs.stored_frames import read_data
from cpis_analysis.runs.stored_levels import result_levels
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.study_words import StudyWords
from cpis_analysis.workflow import step


@quick_texts
def main(
    spec: dict[str, Any],
    participants: str,
    interviews: str,
    store: str,
    out: list[str],
    processes: str,
    share: str | None = None,
) -> None:
    specs, data = specs_from_json(json.dumps(spec["analyses"])), read_data(participants, interviews)
    fitting = Fitting(specs, data, spec["seed"], spec["minimum_cell"], Path(store))
    if share:
        named = set(json.loads(share))
        fitting.fit([one for one in fitting.left if one.name in named])
        return
    left = fitting.left
    print(f"{len(specs)} analyses: {len(left)} to fit, {len(fitting.kept)} as they were.", flush=True)
    n = int(processes) if len(left) >= MANY else 1
    with _others([[one.name for one in left[start::n]] for start in range(1, n)]):
        fitting.fit(left[::n])
    fitting.look_again()
    # what another process did not come to is done here, with whatever there is to say of it
    fitting.fit(fitting.left)
    _write(spec, fitting, out)


@contextmanager
def _others(shares: list[list[str]]) -> Iterator[None]:
    """Start the other processes, each with the names of its analyses, and wait for them at the end."""
    # forked from the process that has the libraries, where there is one
    command = [sys.executable, "-IS", step.__file__, "cpis_analysis.steps.fit_models", *sys.argv[1:]]
    with ExitStack() as stack:
        for names in shares:
            # where one of them fails, the first process meets the same and says so
            stack.enter_context(subprocess.Popen([*command, "--share", json.dumps(names)], stderr=subprocess.DEVNULL))
        yield


def _write(spec: dict[str, Any], fitting: Fitting, out: list[str]) -> None:
    words = StudyWords(**spec.get("words", {}))
    records = {one.name: record_said(fitting.fits[one.name].record, words) for one in fitting.specs}
    for name, record in records.items():
        if name in fitting.kept:
            print(f"{name}: as it was")
        for message in record["messages"]:
            print(f"{name}: {message}")
    refused = [
        result_from_record(records[one.name], KnownNames(fitting.data).of(one))
        for one in fitting.specs
        if one.name in spec["headlines"] and records[one.name]["estimate"]["status"] == NOT_ESTIMABLE
    ]
    if refused:
        raise refused_headlines(refused)
    for path in map(Path, out):
        write_json(path, [result_levels(records[one.name]) for one in fitting.specs if one.model == path.stem])
    fitting.settle()


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "store", "out*", "processes", "share?")

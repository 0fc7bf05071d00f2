"""All models of the plan, each fitted to every outcome that uses it.

A fit of an earlier run stays where all that it is made from is the same: specification, data, code and libraries. Each
new one is kept as soon as it is done, so a run that is killed or that fails has not fitted in vain. Where several are
left, a second process does every other one and keeps them in the same place; which one did a fit changes nothing of it.

An analysis that the estimator refuses becomes a result that says why. A headline that is refused stops the step, so
that files of earlier runs stay; so does anything that is no refusal: a fault of data or program.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import cpis_analysis
from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.analyses.known_names import KnownNames
from cpis_analysis.analyses.refusal import refused_headlines
from cpis_analysis.analyses.result_records import record_said, result_from_record
from cpis_analysis.files import write_json
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.provenance import bytes_digest, module_sources
from cpis_analysis.runs.fit_store import json_digest
from cpis_analysis.runs.fitting import Fitting
from cpis_analysis.runs.stored_frames import read_data
from cpis_analysis.runs.stored_levels import result_levels
from cpis_analysis.runs.written_models import WrittenModels
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.study_words import StudyWords

SHARED = 8
"""Fits from which on another process is worth its start."""


@quick_texts
def main(spec: dict[str, Any], participants: str, interviews: str, store: str, out: list[str], processes: str) -> None:
    specs, data = specs_from_json(json.dumps(spec["analyses"])), read_data(participants, interviews)
    fitting = Fitting(specs, data, spec["seed"], spec["minimum_cell"], Path(store))
    left = fitting.left
    print(f"{len(specs)} analyses: {len(left)} to fit, {len(fitting.kept)} as they were.", flush=True)
    n = int(processes) if len(left) >= SHARED else 1
    with _others(fitting, [left[start::n] for start in range(1, n)]):
        fitting.fit(left[::n])
    fitting.look_again()
    # what another process did not come to is done here, with whatever there is to say of it
    fitting.fit(fitting.left)
    _write(spec, fitting, out)


@contextmanager
def _others(fitting: Fitting, shares: list[list[AnalysisSpec]]) -> Iterator[None]:
    """Start the other processes, each with its analyses, and wait for them at the end."""
    others = [_started(fitting, share) for share in shares]
    try:
        yield
    finally:
        for other in others:
            other.join()


def _started(fitting: Fitting, share: list[AnalysisSpec]) -> BaseProcess:
    # forked, where that is safe, it has all that was read and loaded
    context: Any = get_context("fork" if platform.system() == "Linux" else "spawn")
    process: BaseProcess = context.Process(target=_fit_share, args=(fitting, share))
    process.start()
    return process


@quick_texts
def _fit_share(fitting: Fitting, share: list[AnalysisSpec]) -> None:
    # where this fails, the first process meets the same and says so
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    fitting.fit(share)


def _write(spec: dict[str, Any], fitting: Fitting, out: list[str]) -> None:
    words = StudyWords(**spec.get("words", {}))
    for one in fitting.specs:
        if one.name in fitting.kept:
            print(f"{one.name}: as it was")
        else:
            for message in fitting.fits[one.name].record["messages"]:
                print(f"{one.name}: {words(message)}")
    headlines = [one for one in fitting.specs if one.name in spec["headlines"]]
    records = {one.name: record_said(fitting.fits[one.name].record, words) for one in headlines}
    refused = [
        result_from_record(records[one.name], KnownNames(fitting.data).of(one))
        for one in headlines
        if records[one.name]["estimate"]["status"] == NOT_ESTIMABLE
    ]
    if refused:
        raise refused_headlines(refused)
    source = Path(cpis_analysis.__file__).parents[1]
    code = bytes_digest(module_sources("cpis_analysis.steps.fit_models", source), source)
    written = WrittenModels(fitting.folder, json_digest([code, asdict(words)]))
    for path in map(Path, out):
        fits = [fitting.fits[one.name] for one in fitting.specs if one.model == path.stem]
        if not written.stands(path, fits):
            write_json(path, [result_levels(record_said(fit.record, words)) for fit in fits])
            written.note(path, fits)
    written.settle()
    fitting.settle()


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "store", "out*", "processes")

"""All models of the plan, each fitted to every outcome that uses it.

A fit of an earlier run stays where all that it is made from is the same: specification, data, code and libraries. Each
new one is kept as soon as it is done, so a run that is killed or that fails has not fitted in vain. Where several are
left, a second process helps and keeps its own in the same place; each takes the next one when it is done with the last,
and which of them did a fit changes nothing of it.

An analysis that the estimator refuses becomes a result that says why. A headline that is refused stops the step, so
that files of earlier runs stay; so does anything that is no refusal: a fault of data or program.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing import get_context
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

SHARED = 3
"""Fits from which on another process is worth its start."""


@quick_texts
def main(spec: dict[str, Any], participants: str, interviews: str, store: str, out: list[str], processes: str) -> None:
    specs, data = specs_from_json(json.dumps(spec["analyses"])), read_data(participants, interviews)
    fitting = Fitting(specs, data, spec["seed"], spec["minimum_cell"], Path(store))
    # what takes longest first, or one process would wait for another at the end
    left = sorted(fitting.left, key=lambda one: not one.tipping_point)
    print(f"{len(specs)} analyses: {len(left)} to fit, {len(fitting.kept)} as they were.", flush=True)
    with _shared(fitting, left, int(processes) - 1 if len(left) >= SHARED else 0) as own:
        fitting.fit(own)
    fitting.look_again()
    # what another process did not come to is done here, with whatever there is to say of it
    fitting.fit(fitting.left)
    _write(spec, fitting, out)


@contextmanager
def _shared(fitting: Fitting, left: Sequence[AnalysisSpec], helpers: int) -> Iterator[Iterable[AnalysisSpec]]:
    """What this process is to fit while others do the rest; they are waited for at the end."""
    if not helpers:
        yield left
        return
    # forked, where that is safe, they have all that was read and loaded
    context: Any = get_context("fork" if platform.system() == "Linux" else "spawn")
    turn = context.Value("l", 0)
    started = [context.Process(target=_help, args=(fitting, left, turn)) for _ in range(helpers)]
    for helper in started:
        helper.start()
    try:
        yield _in_turn(left, turn)
    finally:
        for helper in started:
            helper.join()


@quick_texts
def _help(fitting: Fitting, left: Sequence[AnalysisSpec], turn: Any) -> None:
    # where this fails, the first process meets the same and says so
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    fitting.fit(_in_turn(left, turn))


def _in_turn(left: Sequence[AnalysisSpec], turn: Any) -> Iterator[AnalysisSpec]:
    """Those that no other process has taken; `turn` is the number of the next one, which the processes share."""
    while True:
        with turn.get_lock():
            at, turn.value = turn.value, turn.value + 1
        if at >= len(left):
            return
        yield left[at]


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

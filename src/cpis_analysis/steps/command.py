"""The command line that all steps share."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from cpis_analysis.errors import CpisError, FileError
from cpis_analysis.runs.occupancy import join_steps
from cpis_analysis.workflow.marks import NOTE, STOPPED


def note(text: str) -> None:
    """Say something that a run repeats at its end, so that it is not buried in the step's log."""
    print(f"{NOTE}{text}")


def run_step(main: Callable[..., None], *arguments: str) -> None:
    """Run one step with named arguments, each given as ``--name value``.

    An argument whose name ends in ``*`` takes several values, and one that ends in ``?`` may be left out. ``spec`` is
    read as JSON. A `CpisError`, the system's refusal of a file, or Ctrl-C ends the step with its message and exit code
    1; anything else is a fault of the program and keeps its traceback.
    """
    parser = argparse.ArgumentParser(prog=sys.argv[0])
    for argument in arguments:
        name = argument.rstrip("*?")
        parser.add_argument(
            f"--{name.replace('_', '-')}", dest=name, required=argument == name, nargs="*" if "*" in argument else None
        )
    values: dict[str, Any] = vars(parser.parse_args())
    # a step ends soon, and to look for circles among hundreds of thousands of cells took a fifth of the longest ones
    gc.set_threshold(50_000, 20, 20)
    if "spec" in values:
        values["spec"] = json.loads(values["spec"])
    _let_progress_be_seen()
    at_work = join_steps(Path(".snakemake"))
    try:
        main(**values)
    except CpisError as error:
        _stop(error)
    except OSError as error:
        _stop(FileError.of(error))
    except KeyboardInterrupt:
        _stop(CpisError("The run was stopped by hand. Fits that were done are kept: the next run goes on from there."))
    finally:
        if at_work is not None:
            at_work.close()


def _stop(error: CpisError) -> NoReturn:
    try:
        # with marked words, as a step may know no plan: `workflow.failure_messages` puts the study's in
        print(f"{STOPPED}\n{error if sys.stderr.isatty() else error.text}", file=sys.stderr, flush=True)
    except OSError:
        # the log is on the disk that is full; `workflow.failure_messages` says so
        os._exit(1)
    sys.exit(1)


def _let_progress_be_seen() -> None:
    """What takes long says so in the step's log; other packages keep their notes to themselves."""
    log = logging.getLogger("cpis_analysis")
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler(sys.stdout))
    log.propagate = False

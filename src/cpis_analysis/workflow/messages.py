"""What a run says at its end, read from the logs of its steps."""

from __future__ import annotations

import csv
import io
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import disk_usage
from types import TracebackType

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.errors import FileError
from cpis_analysis.study_words import plain
from cpis_analysis.workflow.marks import NOTE, STOPPED

_NO_ROOM = 64 * 1024


def failure_messages(folder: str, since: float = 0.0, says: Callable[[str], str] = plain) -> str:
    """What the steps that stopped have to say, ready to print.

    Parameters
    ----------
    folder : str
        Folder of the logs.
    since : float
        Start of the run, in seconds since the epoch; logs of earlier runs have nothing to say.
    says : callable
        Puts the words of the study into a text; steps write without them.
    """
    logs = sorted(path for path in Path(folder).rglob("*.log") if path.stat().st_mtime >= since)
    said, unexpected = [], []
    for path in logs:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        if STOPPED in text:
            said.append(says(text.split(STOPPED, 1)[1].strip()))
        elif "Traceback (most recent call last)" in text:
            unexpected.append(f"{path.as_posix()}: {text.splitlines()[-1]}")
    # page and documents are made of the same files, and stop with the same words
    lines = ["", *dict.fromkeys(said)]
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
        text = Path(estimates).read_text(encoding="utf-8")
        # to read a thousand rows takes longer than to see that none says so
        rows = list(csv.DictReader(io.StringIO(text, newline=""))) if NOT_ESTIMABLE in text else []
        refused = [row for row in rows if row.get("status") == NOT_ESTIMABLE]
        if refused:
            total = len({row["analysis"] for row in rows})
            lines.append(f"{len(refused)} of {total} analyses could not be estimated; tables and report say so:")
            lines += [f"  {row['analysis']}: {row['reason']}" for row in refused]
    return "\n".join(lines)


def notes_of_run(folder: str, since: float = 0.0) -> list[str]:
    """What steps of this run asked to be repeated at its end."""
    logs = sorted(path for path in Path(folder).rglob("*.log") if path.stat().st_mtime >= since)
    lines = [line for path in logs for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return [line for line in lines if line.startswith(NOTE)]


def leave_failures_to_messages() -> None:
    """Keep Snakemake's own account of a failed step, command line and all, out of the terminal.

    `failure_messages` says it in the step's words; Snakemake's log file keeps everything. Where the disk refuses a file
    of Snakemake's own, its traceback becomes a message, and so does that of Ctrl-C before the first step.
    """
    from snakemake.logging import logger

    sys.excepthook = _stopped_by_hand
    # a log that can't be written on a full disk is no reason for tracebacks
    logging.raiseExceptions = False
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(_is_for_users)


def _stopped_by_hand(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("\nStopped by hand before any step began. Files of earlier runs are as they were.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


_NOT_FOR_USERS = (
    "CalledProcessError in file",
    "Cannot restore ",
    "At least one job did not complete",
    "Shutting down, this might",
    "Exiting because a job execution failed",
    "Removing output files of failed job",
)


_REFUSED = re.compile(
    r"^\w*Error: \[Errno (?P<number>\d+)\] (?P<words>[^:\n]*)(?:: '(?P<file>[^']*)')?\s*$", re.MULTILINE
)


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

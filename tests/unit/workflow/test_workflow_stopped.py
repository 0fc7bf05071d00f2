"""Ctrl-C: what a step says, what the run says of it, and what is said where no step had begun."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cpis_analysis.workflow.messages import failure_messages

# a shell lets what it starts in the background pass over the signal, and so does all that is started there
STEP = """
import os, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from cpis_analysis.steps.command import run_step

def main():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)

run_step(main)
"""
START = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from cpis_analysis.workflow.messages import leave_failures_to_messages
leave_failures_to_messages()
{}
"""


def said(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_step_that_is_stopped_by_hand_is_no_fault_of_the_program(tmp_path):
    done = said(STEP, tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (tmp_path / "logs").mkdir()
    for name in ("fit_models.log", "simulate_error_rates.log"):
        (tmp_path / "logs" / name).write_text(done.stdout + done.stderr, encoding="utf-8")
    lines = failure_messages(str(tmp_path / "logs")).split("\n")
    assert lines == [
        "",
        "The run was stopped by hand. Fits that were done are kept: the next run goes on from there.",
        "",
        "The run stopped. Files of earlier runs are as they were.",
    ]


@pytest.mark.parametrize(
    ("what", "begins", "traceback"),
    [
        ("os.kill(os.getpid(), signal.SIGINT)", "\nStopped by hand before any step began.", False),
        ("raise ValueError('a fault')", "Traceback", True),
    ],
)
def test_a_run_that_is_stopped_before_its_first_step_says_so_and_a_fault_keeps_its_traceback(
    tmp_path, what, begins, traceback
):
    done = said(START.format(what), tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith(begins)
    assert ("Traceback" in done.stderr) == traceback

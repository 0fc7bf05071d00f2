"""Dirt in what answers mean: missing codes, and answers that contradict each other or the other files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.synthetic.bench import Bench
from cpis_analysis.synthetic.sheets import as_text


def missing_codes(bench: Bench) -> None:
    """Enter a missing code for some unanswered questions that were asked."""
    complete = bench.truth["complete"]
    for file, wave in (("baseline", "0m"), ("six_months", "6m")):
        sheet = bench.sheets[file]
        rng = bench.rng("missing codes", file)
        rows = list(sheet.rows)
        theirs = np.array([(file, row) not in bench.log.reserved for row in rows])
        answers = as_text(complete[complete["wave"] == wave].set_index("participant_id"))
        # rows that do not belong have no complete answers of their own
        answers = answers.reindex(sheet.column("participant_id"), fill_value="")
        for variable in (bench.known[c] for c in sheet.columns):
            if not variable.missing:
                continue
            uniform = rng.random((len(rows), 2))
            gap = (sheet.column(variable.name) == "") & (answers[variable.name] != "").to_numpy()
            if "support_received" in variable.branching:
                # details of support are asked of those who said yes
                gap &= sheet.column("support_received") == "yes"
            entered = theirs & gap & (uniform[:, 0] < bench.parameters.dirt.missing_code)
            for at in np.flatnonzero(entered):
                # the first code is the usual one
                code = str(variable.missing[0 if uniform[at, 1] < 0.85 else -1][0])
                sheet.rows[rows[at]][variable.name] = code
                bench.log.note("missing_code", sheet, rows[at], variable.name, raw=code)


def outside_window(bench: Bench) -> None:
    """Record the interviews that were truly held too early or too late; nothing is changed."""
    sheet = bench.sheets["six_months"]
    baseline = {cells["participant_id"]: cells["interview_date"] for cells in bench.sheets["baseline"].rows.values()}
    low, high = bench.parameters.schedule.followup_range
    for row in sheet.order():
        person = sheet.rows[row]["participant_id"]
        if (sheet.name, row) in bench.log.reserved:
            continue
        value = sheet.rows[row]["interview_date"]
        days = (pd.Timestamp(value) - pd.Timestamp(baseline[person])).days
        if not low <= days <= high:
            bench.log.note("outside_window", sheet, row, "interview_date", value, value, value)


def arm_mismatch(bench: Bench) -> None:
    """The log gives a person the other arm of the trust."""
    sheet = bench.sheets["participants"]
    rows = bench.rows(sheet, bench.rng("arm mismatch"))
    for row in rows[: bench.count("arm_mismatch", "participants")]:
        true = sheet.rows[row]["arm"]
        wrong = "comparison" if true == "implementation" else "implementation"
        bench.change("arm_mismatch", sheet, row, "arm", wrong, clean=true)


def gender_changed(bench: Bench) -> None:
    """The six-month interview has another gender than the baseline interview."""
    sheet, first = bench.sheets["six_months"], bench.sheets["baseline"]
    at_baseline = {cells["participant_id"]: row for row, cells in first.rows.items()}
    rows = [row for row in bench.rows(sheet, bench.rng("gender")) if sheet.rows[row]["gender"] in ("female", "male")]
    for row in rows[: bench.count("gender_changed", "six_months")]:
        true = sheet.rows[row]["gender"]
        wrong = "male" if true == "female" else "female"
        bench.change("gender_changed", sheet, row, "gender", wrong, clean=true)
        # the answer that decides must itself stay as it is
        bench.log.touched.add((first.name, at_baseline[sheet.rows[row]["participant_id"]], "gender"))


def before_baseline(bench: Bench) -> None:
    """The year before is typed."""
    sheet = bench.sheets["six_months"]
    rows = [
        row
        for row in bench.rows(sheet, bench.rng("before baseline"))
        if bench.log.is_free(sheet.name, row, "interview_date")
    ]
    for row in rows[: bench.count("followup_before_baseline", "six_months")]:
        true = sheet.rows[row]["interview_date"]
        wrong = f"{int(true[:4]) - 1}{true[4:]}"
        bench.change("followup_before_baseline", sheet, row, "interview_date", wrong)


def contradiction(bench: Bench) -> None:
    """The materials were explained to people whose arm has none."""
    sheet = bench.sheets["six_months"]
    rng = bench.rng("contradiction")
    arm = bench.truth["participants"].set_index("participant_id")["arm"]
    rows = [row for row in bench.rows(sheet, rng) if arm[sheet.rows[row]["participant_id"]] == "comparison"]
    for row in rows[: bench.count("branching_contradiction", "six_months")]:
        answer = ("yes", "no", "unsure")[int(rng.integers(0, 3))]
        bench.change("branching_contradiction", sheet, row, "materials_explained", answer)

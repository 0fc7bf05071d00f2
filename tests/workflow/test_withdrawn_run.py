"""A whole run after somebody withdrew consent: no file that it leaves, of whatever kind, names the person."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from cpis_analysis.intake.privacy.earlier_files import texts_of

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_second_run_leaves_no_trace_of_who_withdrew(copied):
    """The finished study first, which names the person in data/processed; then a list with one number of the log."""
    study = copied.study
    people = pd.read_parquet(study / "data/processed/participants.parquet")["participant_id"]
    person = people.iloc[2]
    pattern = re.compile(rf"(?<![^\W_]){re.escape(person)}(?![^\W_])", re.IGNORECASE)

    def naming() -> list[str]:
        folders = ("data/processed", "results", ".snakemake")
        files = [path for folder in folders for path in sorted((study / folder).rglob("*")) if path.is_file()]
        return [path.relative_to(study).as_posix() for path in files if any(map(pattern.search, texts_of(path)))]

    assert "data/processed/participants.parquet" in naming()
    (study / "data/raw/withdrawn.csv").write_text(f"id,date\n{person.lower()} ,2019-01-31\n", encoding="utf-8")
    plan = (study / "config.yaml").read_text(encoding="utf-8")
    plan = re.sub(r"expected: \{.*\}", "expected: {}", plan)
    (study / "config.yaml").write_text(
        plan.replace("\ndata:\n", "\ndata:\n  withdrawn: data/raw/withdrawn.csv\n", 1), encoding="utf-8"
    )
    run = copied.run()
    assert naming() == []
    assert person.lower() not in run.text.lower()
    again = pd.read_parquet(study / "data/processed/participants.parquet")["participant_id"]
    assert sorted(again) == sorted(set(people) - {person})

"""Clean interviews -> scores and the analysis data set, with its codebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.files import read_parquet, write_csv, write_parquet
from cpis_analysis.instruments import required_items, score_infos, score_interviews
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.plan.naming import counted_noun
from cpis_analysis.plan.schema import Data
from cpis_analysis.plan.schema_design import Design, occasion_of
from cpis_analysis.runs.stored_frames import read_optional
from cpis_analysis.steps.command import run_step
from cpis_analysis.study.dataset import build_dataset, unplaced
from cpis_analysis.study.events import of_people, with_answers_of_people, with_events, with_places
from cpis_analysis.study.score_codebook import codebook
from cpis_analysis.study.single_answers import described_answers, with_answers


def main(spec: dict[str, Any], participants: str, interviews: str, teams: str, folder: str) -> None:
    root, out = Path.cwd(), Path(folder)
    data, design = Data.model_validate(spec["data"]), Design.model_validate(spec["design"])
    dictionary = read_dictionary(root / data.dictionary, data.dictionary)
    settings, outcomes = spec["scoring"], spec["outcomes"]
    talks = read_parquet(interviews)
    scored = score_interviews(
        talks.rename(columns={design.participant: "participant_id"}), settings, list(design.wave_names), root
    )
    scored_talks = scored.interviews.rename(columns={"participant_id": design.participant})
    people, events, places = read_parquet(participants), spec.get("events", {}), spec.get("places", {})
    once = of_people(scored_talks, people, events | places)
    scored_talks = with_events(scored_talks, {name: one for name, one in events.items() if name not in once})
    scored_talks = with_places(scored_talks, {name: one for name, one in places.items() if name not in once})
    outcomes = [name for name in outcomes if name not in once]
    items = {item for names in required_items(settings).values() for item in names} - set(outcomes)
    dataset = build_dataset(people, scored_talks, read_optional(teams), design, outcomes, items=sorted(items))
    if once:
        known, ordered = ({name: made[name] for name in made if name in once} for made in (events, places))
        added = with_answers_of_people(dataset.participants, known, ordered, design.followup_wave)
        dataset = replace(dataset, participants=added)
    instruments = {
        column: part["instrument"] for name, part in settings.items() for column in score_infos({name: part})
    }
    described = codebook(dataset, dictionary, score_infos(settings), design, instruments, occasion_of(data, design))
    if kept := spec.get("answers", {}):
        dataset = with_answers(dataset, talks, kept, settings, design.participant)
        more = described_answers(dataset, dictionary, kept, settings)
        described = pd.concat([described, more.reindex(columns=described.columns)], ignore_index=True).astype(
            described.dtypes
        )
    for name, frame in (("participants", dataset.participants), ("measurements", dataset.interviews)):
        write_parquet(out / f"{name}.parquet", frame)
        write_csv(out / f"{name}.csv", neutral_frame(frame))
    write_csv(out / "scoring.csv", neutral_frame(scored.report))
    write_csv(out / "codebook.csv", neutral_frame(described))
    held, n = occasion_of(data, design), len(dataset.interviews)
    person, taking = design.people.noun, len(dataset.participants)
    print(f"{taking} {counted_noun(taking, person)}, {n} {counted_noun(n, held)}.")
    left_out = unplaced(dataset.participants, design)
    if left_out:
        who = counted_noun(left_out, person)
        print(f"{left_out} {who} without arm or cluster stay out of every analysis; see queries.csv.")


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "teams", "folder")

"""The numbers behind the descriptive tables and figures: all of them (private), and those fit to leave."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.proportions import answer_differences
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.disclosure.question_counts import Asked
from cpis_analysis.files import read_parquet, write_csv
from cpis_analysis.instruments import required_items, score_infos
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.schema import PlanFile, Report, Scoring
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.runs.stored_frames import read_optional, write_summaries
from cpis_analysis.runs.stored_levels import log_levels
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.distribution import distribution_summaries


@quick_texts
def main(
    spec: dict[str, Any], participants: str, interviews: str, themes: str, private: str, protected: str, log: str
) -> None:
    # Only the parts of the plan that describe: a changed model describes nothing anew.
    construct: Any = PlanFile.model_construct
    content = construct(
        design=Design.model_validate(spec["design"]),
        scoring={name: Scoring.model_validate(settings) for name, settings in spec["scoring"].items()},
        outcomes=dict.fromkeys(spec["outcomes"]),
        report=Report.model_validate(spec["report"]),
    )
    people = read_parquet(participants)
    binary = spec.get("binary", {})
    described = summaries(
        content,
        people,
        themes=read_optional(themes),
        interviews=read_parquet(interviews),
        items=required_items(content.scoring_settings()),
        binary=binary,
        seed=spec["seed"],
        occasion=spec.get("occasion", "interview"),
    )
    design, report = content.design, content.report
    waves = (design.wave_names[0], design.followup_wave)
    described["differences"] = answer_differences(
        people, report.experience, design.arm.variable, design.arm.reference, waves[-1], design.clusters
    )
    described |= distribution_summaries(content, people, _scales(spec["scales"], content))
    write_summaries(private, described, design.clusters)
    done = report.implementation
    asked = Asked(
        panels=tuple(report.experience_by_trust),
        pooled=(*done.details, *done.activities),
        only_pooled=tuple(name for name in (*done.details, *done.activities) if name not in report.experience),
        shown_first=tuple(report.shown_first),
        best_first=tuple(report.changes),
    )
    bands = done.singled_out.bands if done.singled_out else ()
    safe, hidden = protect_summaries(
        described, report.minimum_cell, asked, waves, binary, report.round_counts_to, bands
    )
    write_summaries(protected, safe, design.clusters)
    write_csv(log, neutral_frame(log_levels(hidden, design.clusters)))
    print(f"{len(hidden)} numbers of few {plural(design.people.noun)} are hidden in tables, figures and text.")


def _scales(given: dict[str, list[float | None]], content: PlanFile) -> dict[str, tuple[float | None, float | None]]:
    """Ends of each outcome's scale: the plan's, else the instrument's."""
    scores = score_infos(content.scoring_settings()) if content.scoring else {}
    return {
        name: (
            getattr(scores.get(name), "low", None) if low is None else low,
            getattr(scores.get(name), "high", None) if high is None else high,
        )
        for name, (low, high) in given.items()
    }


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "themes", "private", "protected", "log")

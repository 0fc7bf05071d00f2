"""How many people were recruited and interviewed, where, and why others were not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import OUR_FAULT, DataError, Problem
from cpis_analysis.intake.account.reconciliation import rows_left_out
from cpis_analysis.intake.clean import CleanData
from cpis_analysis.intake.flow_stages import NOT_KNOWN, losses_of
from cpis_analysis.intake.rules.contradictions import LOST_REASON
from cpis_analysis.intake.rules.screening import BEFORE
from cpis_analysis.plan.naming import ALONE, EVERYWHERE, code_of, natural_order
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.schema_intake import Stages
from cpis_analysis.study_words import PARTICIPANT, PEOPLE


@dataclass(frozen=True)
class Flow:
    """Numbers of people.

    Attributes
    ----------
    overall : mapping
        recruited, allocated (where the plan names a variable for it), and the stages of the design: baseline and
        followup, and wave_NAME for other waves.
    by_arm, by_team, by_trust : mapping of mapping
        The same by arm, team and trust; the name of a team is ``trust / team``, or the trust where the
        study has no teams. People whose arm or team is missing stand under ``not known``.
    losses : tuple of mapping
        stage (before_baseline, after_baseline; after_recruitment in a study without baseline), arm, team, reason
        (code, or None if none is recorded), n: people who were not seen at baseline, or not at the primary wave.
    screening : mapping or None
        People approached, eligible, consented and recruited, ``overall``, ``by_trust`` and ``by_team``, and those
        ``not_recruited`` by trust, team and reason; None where the plan names no such stages.
    not_placed : mapping
        People at each stage whose arm, trust or team is not known: they are in no analysis.
    withdrawn : int or None
        People who withdrew consent to the use of their data, and are in none of the other numbers; None where the
        plan has no list of them.
    """

    overall: Mapping[str, int]
    by_trust: Mapping[str, Mapping[str, int]]
    by_arm: Mapping[str, Mapping[str, int]]
    by_team: Mapping[str, Mapping[str, int]]
    losses: tuple[Mapping[str, Any], ...]
    screening: Mapping[str, Any] | None = None
    not_placed: Mapping[str, int] = field(default_factory=dict)
    withdrawn: int | None = None

    def to_record(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        groups = ("by_arm", "by_team", "by_trust")
        return {
            "overall": dict(self.overall),
            **{by: {name: dict(counts) for name, counts in getattr(self, by).items()} for by in groups},
            "losses": [dict(loss) for loss in self.losses],
            **({"screening": dict(self.screening)} if self.screening is not None else {}),
            **({"not_placed": dict(self.not_placed)} if any(self.not_placed.values()) else {}),
            **({"withdrawn": self.withdrawn} if self.withdrawn is not None else {}),
        }


def participant_flow(clean: CleanData, design: Design, stages: Stages | None = None) -> Flow:
    """Count people at each stage.

    Parameters
    ----------
    clean : CleanData
    design : Design
        Also holds the counts that the fieldwork reported.
    stages : Stages, optional
        Variables of the log for stages before the first interview.

    Raises
    ------
    DataError
        If the counts are not those that the fieldwork reported, or do not add up.
    """
    people = _people(clean, design)
    counted: tuple[str, ...] = ("recruited", *design.stages)
    if stages is not None and stages.allocated is not None:
        people["allocated"] = _yes(clean.participants[stages.allocated])
        counted = ("recruited", "allocated", *design.stages)
    nowhere = (people[["arm", "team", "trust"]].astype(str) == NOT_KNOWN).any(axis=1)
    flow = Flow(
        overall={stage: int(people[stage].sum()) for stage in counted},
        by_arm=_counts(people, "arm", counted),
        by_team=_counts(people, "team", counted),
        by_trust=_counts(people, "trust", counted),
        losses=_losses(people, design),
        screening=_screening(clean.screening, design),
        not_placed={stage: int(people.loc[nowhere, stage].sum()) for stage in counted},
        withdrawn=None if clean.withdrawal is None else clean.withdrawal.people,
    )
    left_out = rows_left_out(clean.set_aside, clean.queries)
    if flow.withdrawn:
        left_out = (*left_out, f"{PEOPLE} who withdrew consent (data.withdrawn), who are in no number")
    problems = [*_sums(flow, design), *check_expected(flow, design, left_out)]
    if problems:
        raise DataError(f"The {PARTICIPANT} flow cannot be reported.", problems)
    return flow


def check_expected(flow: Flow, design: Design, left_out: Sequence[str] = ()) -> list[Problem]:
    """Counts that differ from what the fieldwork reported, with what cleaning left out."""
    known = {
        ("recruited", "recruited", "recruited"): design.expected.recruited,
        ("baseline", "baseline", "at baseline"): design.expected.baseline,
        ("followup", "followup", "at follow-up"): design.expected.followup,
    }
    stage_of = {wave: stage for stage, wave in design.stages.items()}
    known |= {(f"waves.{wave}", stage_of[wave], f"at wave {wave}"): n for wave, n in design.expected.waves.items()}
    return [
        Problem(
            f"the data have {flow.overall[stage]} {PEOPLE} {word}, the plan expects {expected}",
            variable=f"design.expected.{key}",
            hint="look into the files, or correct the number in the plan: "
            + (f"cleaning left out {'; '.join(left_out)}" if left_out else "no row was set aside"),
        )
        for (key, stage, word), expected in known.items()
        if expected is not None and expected != flow.overall[stage]
    ]


def _people(clean: CleanData, design: Design) -> pd.DataFrame:
    """One row a person: arm, team, reason, and whether at each stage."""
    log, talks = clean.participants, clean.interviews
    ids = log[design.participant]
    levels = [_text(log, name) for name in design.clusters]
    if design.one_sided is not None:
        arms = _text(log, design.arm.variable)
        levels[-1] = levels[-1].mask((arms != NOT_KNOWN) & ~arms.isin(design.one_sided.arms), ALONE)
    trust, team = _places(levels, log.index)
    reason = log[LOST_REASON].astype(object) if LOST_REASON in log else pd.Series([None] * len(log), dtype=object)
    seen = {
        stage: ids.isin(talks.loc[talks["wave"] == wave, design.participant]) for stage, wave in design.stages.items()
    }
    return pd.DataFrame(
        {
            "arm": _ordered(log, design.arm.variable),
            "team": pd.Categorical(team, categories=_in_order(team)),
            "trust": pd.Categorical(trust, categories=_in_order(trust)),
            "reason": reason.where(reason.notna(), None),
            "recruited": True,
            **seen,
        }
    )


def _places(levels: Sequence[pd.Series], index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Largest and smallest cluster of each person; a study without clusters is one place."""
    if not levels:
        everywhere = pd.Series(EVERYWHERE, index=index, dtype=object)
        return everywhere, everywhere
    team = levels[0]
    for inner in levels[1:]:
        team = (team + " / " + inner).where((team != NOT_KNOWN) & (inner != NOT_KNOWN), NOT_KNOWN)
    return levels[0], team


def _yes(values: pd.Series) -> np.ndarray:
    reached = values.notna() if pd.api.types.is_datetime64_any_dtype(values) else values.astype(object) == "yes"
    return reached.to_numpy(dtype=bool)


def _screening(people: pd.DataFrame | None, design: Design) -> dict[str, Any] | None:
    if people is None:
        return None
    stages = [stage for stage in BEFORE if stage in people]
    trust, team = _places([people[name].replace("", NOT_KNOWN) for name in design.clusters], people.index)
    named = people.assign(
        trust=pd.Categorical(trust, categories=_in_order(trust)), team=pd.Categorical(team, categories=_in_order(team))
    )
    lost = named[~named["recruited"]]
    return {
        "overall": {stage: int(people[stage].sum()) for stage in stages},
        **{f"by_{by}": _counts(named, by, stages) for by in ("trust", "team")},
        "not_recruited": [
            {"trust": a, "team": b, "reason": reason or None, "n": int(n)}
            for (a, b, reason), n in lost.groupby(["trust", "team", "reason"], sort=True, observed=True).size().items()
        ],
    }


def _counts(people: pd.DataFrame, by: str, stages: Sequence[str]) -> dict[str, dict[str, int]]:
    table = people.groupby(by, observed=by != "arm")[list(stages)].sum()
    found = {str(name): {stage: int(row[stage]) for stage in stages} for name, row in table.iterrows()}
    return {name: counts for name, counts in found.items() if name != NOT_KNOWN or any(counts.values())}


def _losses(people: pd.DataFrame, design: Design) -> tuple[dict[str, Any], ...]:
    losses = []
    for stage, (before, after) in losses_of(design.stages).items():
        part = people.loc[people[before] & ~people[after], ["arm", "team", "reason"]]
        grouped = part.groupby(["arm", "team", "reason"], observed=True, dropna=False).size()
        losses += [
            {
                "stage": stage,
                "arm": str(arm),
                "team": str(team),
                "reason": None if pd.isna(reason) else str(reason),
                "n": int(n),
            }
            for (arm, team, reason), n in grouped.items()
        ]
    return tuple(losses)


def _sums(flow: Flow, design: Design) -> list[Problem]:
    problems = []
    for name, groups in (("arms", flow.by_arm), ("teams", flow.by_team), ("trusts", flow.by_trust)):
        for stage in ("recruited", *design.stages):
            total = sum(counts[stage] for counts in groups.values())
            if total != flow.overall[stage]:
                problems.append(
                    Problem(
                        f"{stage}: the {name} add up to {total}, not {flow.overall[stage]}",
                        hint=OUR_FAULT,
                    )
                )
    for stage, (before, after) in losses_of(design.stages).items():
        lost = sum(loss["n"] for loss in flow.losses if loss["stage"] == stage)
        if flow.overall[before] - flow.overall[after] != lost:
            found = f"{flow.overall[before]} less {lost} lost is not {flow.overall[after]}"
            problems.append(
                Problem(
                    f"{before} to {after}: {found}",
                    hint=OUR_FAULT,
                )
            )
    return problems


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    values = frame[name].astype(object)
    return values.where(values.notna(), NOT_KNOWN).map(code_of)


def _in_order(names: pd.Series) -> list[str]:
    return [*sorted(set(names) - {NOT_KNOWN}, key=natural_order), NOT_KNOWN]


def _ordered(frame: pd.DataFrame, name: str) -> pd.Categorical:
    codes = [str(code) for code in frame[name].cat.categories]
    return pd.Categorical(_text(frame, name), categories=[*codes, NOT_KNOWN])

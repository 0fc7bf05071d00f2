"""The clean study: what is true, in the values that clean data hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.synthetic.experience_answers import experience_answers, focus_groups
from cpis_analysis.synthetic.latent import Standing, draw_standing
from cpis_analysis.synthetic.losses import fates, unanswered
from cpis_analysis.synthetic.parameters import Design, Parameters
from cpis_analysis.synthetic.scale_answers import characteristics, instrument_answers
from cpis_analysis.synthetic.simulated_people import People, recruit
from cpis_analysis.synthetic.variable_rows import WAVES, columns_of, variables

_FORMS = {"0m": "baseline", "6m": "six_months"}


def clean_types(frame: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Numbers as float64, categories as Categorical of codes, dates as datetime64, numbers of people as text."""
    known = {v.name: v for v in variables(design)}
    typed = {}
    for column in frame.columns:
        values = frame[column]
        kind = known[column].kind if column in known else "wave"
        if kind == "integer":
            typed[column] = pd.to_numeric(values).astype("float64")
        elif kind == "date":
            typed[column] = pd.to_datetime(values)
        elif kind == "category":
            typed[column] = pd.Categorical(values, categories=known[column].codes)
        elif column == "wave":
            typed[column] = pd.Categorical(values, categories=WAVES)
        else:
            typed[column] = values.astype("str")
    return pd.DataFrame(typed, index=frame.index)


def follow_branching(frame: pd.DataFrame, arm: pd.Series) -> pd.DataFrame:
    """Empty what the branching logic would not have asked."""
    frame = frame.copy()
    for variable in variables():
        if not variable.branching or variable.name not in frame:
            continue
        parent, value = variable.branching.replace("[", "").replace("'", "").split("] = ")
        holds = (arm if parent == "arm" else frame[parent]) == value
        frame[variable.name] = frame[variable.name].where(holds.to_numpy())
    return frame


def _interviews(
    parameters: Parameters, people: People, standing: Standing, traits: pd.DataFrame, seed: int, wave: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All answers of all recruits at a wave, and the same with non-response."""
    index = WAVES.index(wave)
    file = _FORMS[wave]
    answers = instrument_answers(parameters, standing, seed, index)
    frame = people.log[["participant_id", "trust", "team"]].copy()
    frame["interview_date"] = people.log[f"date_{wave}"]
    extra = traits if index == 0 else experience_answers(parameters, people, standing, seed)
    frame = pd.concat([frame, extra, answers], axis=1)
    if index == 1:
        frame["gender"] = traits["gender"]
    frame = frame[list(columns_of(file, parameters.design))]
    asked = tuple(v for v in variables(parameters.design) if v.name in frame and v.form in (file, "interview"))
    gaps = unanswered(parameters, asked, len(frame), seed, wave)
    given = frame.copy()
    for column in gaps.columns:
        given[column] = given[column].where(~gaps[column].to_numpy(dtype=bool))
    given = follow_branching(given, people.log["arm"])
    frame.insert(1, "wave", wave)
    given.insert(1, "wave", wave)
    return frame, given


def make_truth(parameters: Parameters, seed: int) -> dict[str, pd.DataFrame]:
    """All frames of the clean study.

    Returns
    -------
    dict
        ``participants`` (one row a recruit), ``interviews`` (one row a person and wave held),
        ``teams``, ``themes``, ``effects`` (the true difference of means between the arms in each
        outcome, and whom it touches) and ``complete`` (both interviews of every recruit with every
        question answered, which no fieldwork delivers).
    """
    design = parameters.design
    people = recruit(parameters, seed)
    standing = draw_standing(parameters, people, seed)
    traits = characteristics(parameters, people, standing, seed)
    fate = fates(parameters, people, standing, traits, seed)
    participants = pd.concat([people.log, fate], axis=1)[list(columns_of("participants", design))]
    both = [_interviews(parameters, people, standing, traits, seed, wave) for wave in WAVES]
    held = {
        "0m": (fate["status"] != "lost_before_baseline").to_numpy(),
        "6m": (fate["status"] == "completed").to_numpy(),
    }
    order = ["participant_id", "wave", *dict.fromkeys(c for w in WAVES for c in columns_of(_FORMS[w], design))]
    order = list(dict.fromkeys(order))
    complete = _long([full for full, _ in both], order)
    interviews = _long([given[held[w]] for w, (_, given) in zip(WAVES, both, strict=True)], order)
    teams = people.teams.assign(trained=np.where(people.teams["trained"], "yes", "no"))
    frames = {
        "participants": participants,
        "interviews": interviews,
        "teams": teams[list(columns_of("teams", design))],
        "themes": focus_groups(parameters, seed),
        "complete": complete,
    }
    typed = {name: clean_types(frame, design) for name, frame in frames.items()}
    typed["effects"] = _effects(parameters)
    return typed


def _long(frames: list[pd.DataFrame], order: list[str]) -> pd.DataFrame:
    """Stack waves, sorted by person and wave; questions of the other wave are missing."""
    whole = pd.concat([f.astype(object).reindex(columns=order) for f in frames])
    return whole.sort_values(["participant_id", "wave"], kind="stable").reset_index(drop=True)


def _effects(parameters: Parameters) -> pd.DataFrame:
    scenario = parameters.scenario
    rows = [(o.name, 0.0 if scenario.treated == "nobody" else o.effect, scenario.treated) for o in parameters.outcomes]
    return pd.DataFrame(rows, columns=["outcome", "effect", "treated"])

"""What every variable of the analysis data means, where it comes from and how complete it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cpis_analysis.instruments import ITEMS_MISSING, ScoreInfo
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.dataset import AnalysisData


def codebook(
    data: AnalysisData,
    dictionary: Mapping[str, Variable],
    scores: Mapping[str, ScoreInfo],
    design: Design,
    instruments: Mapping[str, str] | None = None,
    occasion: str = "interview",
) -> pd.DataFrame:
    """Describe the variables, participants' first and then interviews', in the order of the data.

    Interview variables stand once, under the name that they have in the long data; in the wide data they have the
    wave as suffix.

    Parameters
    ----------
    data : AnalysisData
    dictionary : mapping of name to Variable
    scores : mapping of name to ScoreInfo
        Scores take their label, range and mark of verification from the instrument.
    design : Design
    instruments : mapping of score to str, optional
        Which instrument a score belongs to.
    occasion : str
        What people have at a wave: an interview, or a measurement.

    Returns
    -------
    DataFrame
        variable, label, type, level (participant, or `occasion`), waves (``0m;6m``), low, high, codes
        (``code, label | ...``), missing (people, for participant variables), missing_{wave} (interviews of the wave
        without a value; empty where the variable is not asked), source, verified, note.
    """
    instruments = instruments or {}
    waves = [wave.name for wave in design.waves]
    wide, long = data.participants, data.interviews
    interview = [c for c in long if c not in wide and c != "wave"]
    derived = {
        f"has_{wave.name}": f"{'Interviewed' if occasion == 'interview' else 'Seen'}: {wave.label}"
        for wave in design.waves
    }
    if design.one_sided is not None:
        arms = ", ".join(design.one_sided.arms)
        derived[design.one_sided.indicator] = (
            f"1 in the arms whose {plural(design.people.noun)} have a {design.one_sided.cluster}: {arms}"
        )
    suffixed = {f"{name}_{wave}" for name in interview for wave in waves}
    rows = []
    for name in wide:
        if name in suffixed:
            continue
        row = _described(name, wide[name], dictionary, scores, instruments, derived, "participant")
        rows.append(row | {"missing": int(wide[name].isna().sum())})
    for name in interview:
        row = _described(name, long[name], dictionary, scores, instruments, derived, occasion)
        by_wave = {wave: long.loc[long["wave"] == wave, name] for wave in waves}
        asked = [wave for wave in waves if by_wave[wave].notna().any()]
        row["waves"] = ";".join(asked)
        rows.append(row | {f"missing_{wave}": int(by_wave[wave].isna().sum()) for wave in asked})
    columns = [
        "variable",
        "label",
        "type",
        "level",
        "waves",
        "low",
        "high",
        "codes",
        "missing",
        *(f"missing_{wave}" for wave in waves),
        "source",
        "verified",
        "note",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    counts = ["missing", *(f"missing_{wave}" for wave in waves)]
    return frame.astype({name: "Int64" for name in counts} | {"low": float, "high": float, "verified": "boolean"})


def _described(
    name: str,
    values: pd.Series,
    dictionary: Mapping[str, Variable],
    scores: Mapping[str, ScoreInfo],
    instruments: Mapping[str, str],
    derived: Mapping[str, str],
    level: str,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "variable": name,
        "label": name,
        "type": _type(values),
        "level": level,
        "waves": "",
        "low": None,
        "high": None,
        "codes": "",
        "source": "data",
        "verified": None,
        "note": "",
    }
    if name in scores:
        info = scores[name]
        return row | {
            "label": info.label,
            "low": info.low,
            "high": info.high,
            "verified": info.verified,
            "note": info.note,
            "source": f"score of {instruments[name]}" if name in instruments else "score",
        }
    if name in dictionary:
        variable = dictionary[name]
        numeric = variable.type in ("integer", "number")
        return row | {
            "label": variable.label,
            "type": variable.type,
            "note": variable.note,
            "source": "dictionary",
            "low": variable.low if numeric else None,
            "high": variable.high if numeric else None,
            "codes": " | ".join(f"{code}, {label}" for code, label in variable.choices.items()),
        }
    if name in derived:
        return row | {"label": derived[name], "source": "derived"}
    for ending, text in ((ITEMS_MISSING, "Items missing of"), ("_change", "Follow-up minus baseline:")):
        of = name.removesuffix(ending)
        if of != name and (of in scores or of in dictionary):
            label = scores[of].label if of in scores else dictionary[of].label
            return row | {"label": f"{text} {label}", "source": "derived"}
    return row


def _type(values: pd.Series) -> str:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "category"
    if pd.api.types.is_bool_dtype(values):
        return "yesno"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    return "date" if pd.api.types.is_datetime64_any_dtype(values) else "text"

"""Which variables of the analysis data enter a model as factors, with their codes in order."""

from __future__ import annotations

from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.variables import known_variables
from cpis_analysis.translate.notation.translation import Variables


def explained_variables(content: PlanFile, dictionary: Dictionary) -> Variables:
    """What `plan.explain` has to know of the data, from the dictionary alone.

    Text, choices and truth values are factors, as in the engine; the codes of text are not known beforehand.
    """
    known = known_variables(content, dictionary)
    levels: dict[str, tuple[str, ...]] = {}
    for name, kind in (known.long | known.wide).items():
        if kind in ("integer", "number", "date"):
            continue
        base = name if name in dictionary else name.rpartition("_")[0]
        if name.startswith("has_") and name not in dictionary:
            levels[name] = ("False", "True")
        else:
            levels[name] = tuple(dictionary[base].choices) if base in dictionary else ()
    levels["wave"] = tuple(wave.name for wave in content.design.waves)
    fixed = set(content.design.characteristics)
    return Variables(
        levels=levels,
        repeated=frozenset(name for name in known.measured if name not in fixed),
        joined=frozenset(known.wide) - frozenset(known.long),
    )

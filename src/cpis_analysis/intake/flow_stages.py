"""Names of the stages at which people are lost: what counts them and what draws them share these and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping

BEFORE_BASELINE, AFTER_BASELINE, AFTER_RECRUITMENT = "before_baseline", "after_baseline", "after_recruitment"
NOT_KNOWN = "not known"
_LOSSES = {BEFORE_BASELINE: ("recruited", "baseline"), AFTER_BASELINE: ("baseline", "followup")}
_LOSSES_WITHOUT_BASELINE = {AFTER_RECRUITMENT: ("recruited", "followup")}


def losses_of(stages: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Stages of losses, each with the stage of the flow before it and that after it.

    Parameters
    ----------
    stages : collection of str
        Stages of the flow; without ``baseline`` for a study that has none.
    """
    return _LOSSES if "baseline" in stages else _LOSSES_WITHOUT_BASELINE

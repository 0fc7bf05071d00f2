"""The parametric bootstrap of a mixed model, in the place of its degrees of freedom."""

from __future__ import annotations

from cpis_analysis.methods.degrees import KENWARD_ROGER, Degrees, Settings

_WHAT = (
    "New responses are drawn from the model in which the contrast has the tested value, with the variances estimated "
    "there, and analysed in the same way; p is the share of them whose t is as large, and the interval holds the "
    "values that are not rejected"
)


def _note(spec: Settings) -> str:
    return (
        f"p-value and interval by parametric bootstrap. {_WHAT}. Kenward-Roger stands beside it and makes joint tests, "
        "coefficients and adjusted means"
    )


PARAMETRIC_BOOTSTRAP = Degrees(
    name="parametric bootstrap",
    key="parametric-bootstrap",
    words="parametric bootstrap",
    explanation=f"parametric bootstrap. {_WHAT}. The variances are taken for known once they are estimated, so with "
    "few clusters it can reject too often",
    policy=True,
    resampled=True,
    beside=KENWARD_ROGER.name,
    elsewhere="this fits the same model with Kenward-Roger; PBmodcomp of pbkrtest bootstraps the likelihood ratio",
    unmoved="the parametric bootstrap has no interval that moves with the estimate alone",
    note=_note,
    after=lambda spec: ", with Kenward-Roger beside it",
)

"""The nearly optimal test of one contrast, in the place of the degrees of freedom of a mixed model."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.methods.degrees import KENWARD_ROGER, Degrees, Refused, Settings

_LOWEST_LEVEL = 0.75


def _check(model: Settings) -> Sequence[Refused]:
    if model.level >= _LOWEST_LEVEL:
        return ()
    message = "the nearly optimal test needs another level, as the interval of equivalence has twice its error"
    return (Refused("level", message, f"{model.level:g}", f"{_LOWEST_LEVEL:g} or more"),)


def _what(spec: Settings) -> str:
    """What the test is, in two sentences."""
    return (
        "Of all tests that reject a true null hypothesis at most as often as the level says for every pair of variance "
        f"ratios up to {spec.optimal.largest_ratio:g}, it is the one with (nearly) the most power, averaged over "
        "likely ratios. It weighs how probable the data are with an effect against how probable they are without one, "
        "both averaged over the ratios, so that no estimate of the variances has to be right."
    )


def _note(spec: Settings) -> str:
    return (
        f"p-value and interval by the nearly optimal test. {_what(spec)} Kenward-Roger stands "
        "beside it and makes joint tests, coefficients and adjusted means"
    )


def _after(spec: Settings) -> str:
    return (
        f" (it holds its size for variance ratios up to {spec.optimal.largest_ratio:g}), with Kenward-Roger beside it"
    )


def _sentence(spec: Settings) -> str:
    return (
        f"the nearly optimal test of one contrast. {_what(spec)} R, SAS and Stata have no such test: their code gives "
        "the fit with Kenward-Roger, which stands beside it and makes joint tests."
    )


def _terminal(spec: Settings) -> str:
    return (
        f"nearly optimal test (variance ratios up to {spec.optimal.largest_ratio:g}); coefficients and means by "
        f"{KENWARD_ROGER.name}, boundary {spec.boundary}"
    )


NEARLY_OPTIMAL = Degrees(
    name="nearly optimal",
    key="nearly-optimal",
    words="nearly optimal test",
    explanation="the nearly optimal test of one contrast",
    policy=True,
    of_contrast=True,
    beside=KENWARD_ROGER.name,
    elsewhere="there is no nearly optimal test here: this fits the same model with Kenward-Roger",
    unmoved="the nearly optimal test has no interval that moves with the estimate alone",
    check=_check,
    note=_note,
    after=_after,
    sentence=_sentence,
    terminal=_terminal,
)

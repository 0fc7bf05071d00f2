"""The estimators of an analysis: one file says all about each, and this registry says where it stands.

A module is loaded when its estimator is first asked for. What fits it stands in `analyses.estimators`, its code in
other programs in `translate.estimators`; neither is loaded by reading a description.
"""

from __future__ import annotations

import sys
from importlib import import_module

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.methods.method import Degrees, Method, Settings

METHODS: dict[str, str] = {
    "mixed": "cpis_analysis.methods.mixed",
    "mmrm": "cpis_analysis.methods.mmrm",
    "cluster_summary": "cpis_analysis.methods.cluster_summary",
    "cluster_rates": "cpis_analysis.methods.cluster_rates",
    "ols_cr2": "cpis_analysis.methods.ols_cr2",
    "ols_jackknife": "cpis_analysis.methods.ols_jackknife",
    "gee": "cpis_analysis.methods.gee",
    "glmm": "cpis_analysis.methods.glmm",
    "by_design": "cpis_analysis.methods.by_design",
    "permutation": "cpis_analysis.methods.permutation",
    "adjusted_permutation": "cpis_analysis.methods.adjusted_permutation",
    "wild_bootstrap": "cpis_analysis.methods.wild_bootstrap",
    "sign_changes": "cpis_analysis.methods.sign_changes",
    "cox": "cpis_analysis.methods.cox",
}
"""Estimator -> module with its `METHOD`, in the order in which the plan's documentation names them."""


def method_named(estimator: str) -> Method:
    """The method that the key ``estimator`` names.

    Raises
    ------
    ModelError
        If there is none of this name; a loaded plan has none such.
    """
    if estimator not in METHODS:
        raise ModelError(
            "The estimator is not known.",
            Problem(
                "unknown estimator",
                value=estimator,
                allowed=", ".join(METHODS),
                hint=did_you_mean(estimator, list(METHODS)),
            ),
        )
    module = METHODS[estimator]
    # asked for thousands of times; to find out that it is loaded takes the import ten times as long
    found: Method = (sys.modules.get(module) or import_module(module)).METHOD
    return found


def method_of(spec: Settings) -> Method:
    """The method of an analysis or of a model of the plan."""
    return method_named(spec.estimator)


def methods() -> list[Method]:
    """Every method, in the order of the registry."""
    return [method_named(name) for name in METHODS]


def degrees_named(name: str) -> Degrees | None:
    """Degrees of freedom by the name that results give them; None for those of no estimator."""
    return next((one for method in methods() for one in method.degrees if one.name == name), None)


def degrees_of(spec: Settings) -> Degrees:
    """Degrees of freedom of an analysis."""
    method = method_of(spec)
    return next((one for one in method.degrees if one.name == spec.df_method), method.degrees[0])


def averages_over_people(spec: Settings) -> bool:
    """Whether a difference averaged over people is reported, whatever the arm interacts with."""
    return method_of(spec).averages_over_people(spec)

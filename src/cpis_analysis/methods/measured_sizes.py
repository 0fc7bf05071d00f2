"""How often tests of answers and counts rejected a true null hypothesis in simulated studies with ten teams.

Ten teams in five trusts, as `benchmarks/error_rates_answers.py` simulates them: risks of 0.5 and 0.15, latent
intraclass correlations of teams of 0.05 and 0.20; without covariates and with two, sizes 10:1. A size is that over
the cells of an allocation, the higher of the two settings, from 4000 data sets each; those of ordered answers by a
mixed model and of Kauermann and Carroll's correction from 400. They are read from the kept tables
(`methods/simulated_rates.py`), which docs/error_rates.md shows. That of the nearly optimal test is the highest of the
cells of `benchmarks/optimal_answers.py`. What was not measured well enough to be told from 5% has no size here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cpis_analysis.methods.degrees import Settings
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.methods.simulated_rates import TABLES, rates_of, rows_of_table

NOMINAL = 0.05
TOO_OFTEN = 0.06
"""Size at nominal 5% from which a test is warned of."""

_STAGES, _BY_TRUST = "two-stage t on team proportions (C: of trusts)", "least squares, CR2 by trust"
_SCORES = "ordered answers: two-stage t on mean scores"
_RATES, _LOG_RATES = (
    "counts: two-stage t on team means of rates",
    "counts: two-stage t on log team rates (`cluster_rates`)",
)
_WITHIN, _BETWEEN, _EVERYWHERE = "AB", "C", "ABC"
_LINEAR, _LOGISTIC = "linear probability mixed model, trust + team", "logistic mixed model (Laplace), trust + team"
_ORDERED, _POISSON = "ordered answers: cumulative logit, trust + team", "counts: Poisson mixed model, trust + team"
_T = "t(clusters - parameters)"
_ROWS: Mapping[str, Mapping[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    "binary": {
        ("cluster_summary", "team"): ((_STAGES, _WITHIN),),
        ("cluster_summary", "trust"): ((_STAGES, _BETWEEN),),
        ("cluster_summary", "pairs"): (("two-stage t, paired within trusts", _WITHIN),),
        ("by_design", ""): ((_STAGES, _WITHIN), (_BY_TRUST, _BETWEEN)),
        ("ols_cr2", "trust"): ((_BY_TRUST, _EVERYWHERE),),
        ("ols_cr2", "team"): (("least squares, CR2 by team", _EVERYWHERE),),
        ("mixed", "kenward-roger"): ((f"{_LINEAR}, Kenward-Roger", _EVERYWHERE),),
        ("mixed", "z"): ((f"{_LINEAR}, z", _EVERYWHERE),),
        ("gee", "kauermann-carroll"): (("logistic GEE by team, Kauermann-Carroll, t(K - 2) *", _EVERYWHERE),),
        ("glmm", "between-within"): ((f"{_LOGISTIC}, {_T}", _EVERYWHERE),),
        ("glmm", "z"): ((f"{_LOGISTIC}, z", _EVERYWHERE),),
    },
    "ordinal": {
        ("cluster_summary", "team"): ((_SCORES, _WITHIN),),
        ("cluster_summary", "trust"): ((_SCORES, _BETWEEN),),
        ("by_design", ""): ((_SCORES, _WITHIN),),
        ("glmm", "between-within"): ((f"{_ORDERED}, {_T} *", _EVERYWHERE),),
        ("glmm", "z"): ((f"{_ORDERED}, z *", _EVERYWHERE),),
    },
    "count": {
        ("cluster_summary", "team"): ((_RATES, _WITHIN),),
        ("cluster_summary", "trust"): ((_RATES, _BETWEEN),),
        ("cluster_rates", "team"): ((_LOG_RATES, _WITHIN),),
        ("cluster_rates", "trust"): ((_LOG_RATES, _BETWEEN),),
        ("cluster_rates", "pairs"): (("counts: the same, paired within trusts", _WITHIN),),
        ("by_design", ""): ((_RATES, _WITHIN),),
        ("glmm", "between-within"): ((f"{_POISSON}, {_T}", _EVERYWHERE),),
        ("glmm", "z"): ((f"{_POISSON}, z", _EVERYWHERE),),
    },
}
"""By kind of outcome, and by what decides the size of its test: rows of the kept table, and the allocations of each."""


def measured_size(spec: Settings, regime: str) -> float | None:
    """Size of the test of an analysis of an answer or a count, at nominal 5%.

    Parameters
    ----------
    spec : Settings
    regime : str
        Of the allocation: ``A``, ``B`` or ``C``.

    Returns
    -------
    float or None
        None where it was not measured.
    """
    of_kind = _ROWS.get(spec.outcome_type, {})
    asked = (spec.estimator, _detail(spec))
    if spec.outcome_type == "binary" and asked == ("mixed", NEARLY_OPTIMAL.name):
        return _nearly_optimal().get(regime)
    row = next((row for row, regimes in of_kind.get(asked, ()) if regime in regimes), None)
    return None if row is None else _higher(row, regime)


def _higher(row: str, regime: str) -> float:
    """The size in an allocation, the higher of that without and that with covariates."""
    table = rows_of_table("answers")
    heads = table["method"]
    sizes = [rates_of(cell)[0] for head, cell in zip(heads, table[row], strict=True) if head.startswith(f"{regime},")]
    return max(sizes) / 100


@cache
def _nearly_optimal() -> dict[str, float]:
    """The highest size of the nearly optimal test in any cell of an allocation."""
    highest: dict[str, float] = {}
    for line in TABLES["optimal answers"].splitlines():
        regime, _, cells = line.removeprefix("| ").partition(", ")
        if len(regime) == 1:
            found = [rates_of(cell)[0] for cell in cells.strip("| ").split(" | ")[2:]]
            highest[regime] = max([*found, 100 * highest.get(regime, 0.0)]) / 100
    return highest


def _detail(spec: Settings) -> str:
    """What of its settings decides the size of a test."""
    of_cluster = "pairs" if spec.pairs else "trust" if spec.cluster == spec.levels[0] else "team"
    by = dict.fromkeys(("cluster_summary", "cluster_rates", "ols_cr2"), of_cluster)
    by |= {"by_design": "", "gee": spec.correction}
    return str(by.get(spec.estimator, spec.df_method))

"""How long a hundred imputations of every score of the shipped plan take, with their analyses pooled.

    python benchmarks/imputation.py

Needs the analysis data set of a run (`cpis run`) in the project's folder. Prints processor seconds.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import ImputationSpec
from cpis_analysis.runs.processed import read_analysis_data

ROOT = Path(__file__).parents[1]
AUXILIARY = ("qpr_0m", "wemwbs_0m", "scope_0m")


def main() -> None:
    """Time the headline of each outcome, imputed."""
    data = read_analysis_data(ROOT)
    headlines = {}
    for spec in load_plan(ROOT / "config.yaml").specifications():
        if spec.outcome_type == "continuous":
            headlines.setdefault(spec.outcome, spec)
    asked = ImputationSpec(auxiliary=AUXILIARY, most=100)
    total = 0.0
    for outcome, spec in headlines.items():
        wanted = replace(spec, tipping_point=False, missing="multiple_imputation", imputation=asked)
        start = time.process_time()
        result = run_analysis(wanted, data, 1)
        spent = time.process_time() - start
        total += spent
        print(
            f"{outcome:10} {spent:6.2f} s  difference {result.estimate.estimate:8.3f}  "
            f"missing information {result.imputation['missing_information']:.2f}"
        )
    print(f"{'all':10} {total:6.2f} s")


if __name__ == "__main__":
    main()

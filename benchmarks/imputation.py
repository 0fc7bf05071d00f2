"""How long a hundred imputations of every score of the shipped plan take, with their analyses pooled.

    python benchmarks/imputation.py [--items]

With --items those scores alone whose items can be imputed, with their items imputed at both waves. Needs the analysis
data set of a run (`cpis run`) in the project's folder. Prints processor seconds.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.files import read_parquet
from cpis_analysis.plan.reading.imputed_items import item_scores
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import ImputationSpec
from cpis_analysis.runs.processed import read_analysis_data
from cpis_analysis.study.single_answers import with_answers

ROOT = Path(__file__).parents[1]
AUXILIARY = ("qpr_0m", "wemwbs_0m", "scope_0m")


def main() -> None:
    """Time the headline of each outcome, imputed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", action="store_true")
    items = parser.parse_args().items
    plan = load_plan(ROOT / "config.yaml")
    data = read_analysis_data(ROOT)
    headlines, scores = {}, {}
    for spec in plan.specifications():
        if spec.outcome_type == "continuous" and spec.outcome not in headlines:
            headlines[spec.outcome] = spec
            scores[spec.outcome] = item_scores(plan.content, spec.outcome, spec.formula, ())
    if items:
        headlines = {outcome: spec for outcome, spec in headlines.items() if scores[outcome]}
        kept = {outcome: plan.content.design.wave_names for outcome in headlines}
        talks = read_parquet(ROOT / "data/processed/clean/measurements.parquet")
        data = with_answers(data, talks, kept, plan.content.scoring_settings(), plan.content.design.participant)
    total = 0.0
    for outcome, spec in headlines.items():
        auxiliary = tuple(name for name in AUXILIARY if name != f"{outcome}_0m")
        asked = ImputationSpec(auxiliary=auxiliary, most=100, scores=scores[outcome] if items else ())
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

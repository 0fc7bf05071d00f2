"""Seeded generator of study-like raw files with known truth.

>>> from cpis_analysis.synthetic import simulate, write_raw
>>> study = simulate("null", seed=20180214)
>>> sorted(study.raw)
['baseline.csv', 'focus_groups.csv', 'participants.csv', 'six_months.csv', 'teams.csv']
"""

from cpis_analysis.synthetic.dictionary_rows import dictionary
from cpis_analysis.synthetic.dirt_kinds import DIRT_KINDS
from cpis_analysis.synthetic.parameters import DEFAULT_SEED, SCENARIOS, Design, parameter_table
from cpis_analysis.synthetic.study import SyntheticStudy, simulate
from cpis_analysis.synthetic.writing import write_raw, write_truth

__all__ = [
    "DEFAULT_SEED",
    "DIRT_KINDS",
    "SCENARIOS",
    "Design",
    "SyntheticStudy",
    "dictionary",
    "parameter_table",
    "simulate",
    "write_raw",
    "write_truth",
]

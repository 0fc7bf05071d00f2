"""Adjusted permutation of clusters against R code that tests every value by itself (data/adjusted/make_reference.R)."""

import json
from pathlib import Path

import numpy as np
import pytest

from cpis_analysis.lmm.resampling.adjusted import adjusted_permutation
from cpis_analysis.lmm.resampling.allocations import allocations

EXPECTED = json.loads((Path(__file__).parent / "data" / "adjusted" / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("gold", EXPECTED["designs"], ids=["6-6", "5-7", "7-8", "8-8"])
def test_adjusted_permutation_rejects_what_it_rejects_in_r(gold):
    treated = np.repeat([True, False], [len(gold["with"]), len(gold["without"])])
    every = allocations(np.zeros(len(treated)), treated, np.random.default_rng())
    found = adjusted_permutation(np.array(gold["with"] + gold["without"]), treated, every)
    for level, rejected in gold["rejected"].items():
        test = found.test(1 - float(level))
        inside = [test.ci_low <= value <= test.ci_high for value in gold["values"]]
        assert inside == [not one for one in rejected]
        p = [found.test(null=value).p_value for value in gold["values"]]
        assert [one <= float(level) for one in p] == rejected
    assert any(any(one) and not all(one) for one in gold["rejected"].values())

"""Equations and the code of SAS and Stata against texts that were read line by line (explain_reference.py --texts)."""

import json

import pytest

from cpis_analysis.translate.equation import equation_lines
from cpis_analysis.translate.notation.translation import explained_model
from cpis_analysis.translate.sas import sas_code
from cpis_analysis.translate.stata import stata_code
from explain_cases import CASES, FOLDER, VARIABLES, case_spec

STORED = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_explain_texts_match_snapshot(name):
    model = explained_model(case_spec(name), VARIABLES)
    assert equation_lines(model) == STORED[name]["equation"]
    assert equation_lines(model, "latex") == STORED[name]["latex"]
    assert sas_code(model).splitlines() == STORED[name]["sas"]
    assert stata_code(model).splitlines() == STORED[name]["stata"]

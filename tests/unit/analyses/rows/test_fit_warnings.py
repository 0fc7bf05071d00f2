"""Warnings that others ask for are known by their keys, in memory and through files, never by their words."""

import copy
import json
import pickle
from dataclasses import replace

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.result_records import Names, result_from_record, result_to_record
from cpis_analysis.analyses.rows.fit_warnings import (
    FEW_CLUSTERS,
    NOBODY_ANALYSED,
    ONE_ANALYSED,
    SEEN_TO_FAIL,
    TOO_OPTIMISTIC,
    KeyedWarning,
    key_of,
)
from cpis_analysis.plan.specification import ContrastSpec
from made_up_study import PAIRED, spec, study

RANDOM = " + (1 | trust) + (1 | trust:team)"


def of_trusts():
    return study([f"{t}/{n}/{a}" for t, a in zip("ABCDEF", "cccicI".lower(), strict=True) for n in "12"])


def unlucky(**losses):
    """The made-up study, in which teams of trust B have so many people with an outcome."""
    data = study(PAIRED, size=8)
    people = data.participants
    for arm, left in losses.items():
        there = people.index[(people["trust"].astype(str) == "B") & (people["arm"].astype(str) == arm)]
        people = people.assign(y_6m=people["y_6m"].mask(people.index.isin(there[left:])))
    return replace(data, participants=people)


@pytest.fixture(scope="module")
def moderated():
    derived = (("in_c", 'trust == "C"'),)
    contrasts = (ContrastSpec("moderator", moderator="in_c"),)
    formula = "y_6m ~ arm * in_c + y_0m" + RANDOM
    return run_analysis(spec(formula, effect="arm:in_c", derived=derived, contrasts=contrasts), study(size=12))


@pytest.mark.parametrize(
    ("key", "data", "formula", "more"),
    [
        (NOBODY_ANALYSED, lambda: unlucky(i=0), "y_6m ~ arm + (1 | trust:team)", {}),
        (ONE_ANALYSED, lambda: unlucky(i=1), "y_6m ~ arm + (1 | trust:team)", {}),
        (TOO_OPTIMISTIC, of_trusts, "y_6m ~ arm + (1 | trust:team)", {}),
        (TOO_OPTIMISTIC, of_trusts, "y_6m ~ arm", {"estimator": "ols_cr2", "cluster": "team"}),
        (TOO_OPTIMISTIC, lambda: study(size=8), "y_6m ~ arm + (1 | trust:team)", {"df_method": "z"}),
    ],
)
def test_warnings_of_a_fit_have_their_keys(key, data, formula, more):
    assert key in map(key_of, run_analysis(spec(formula, **more), data()).estimate.warnings)
    assert key not in map(key_of, run_analysis(spec("y_6m ~ arm + y_0m" + RANDOM), study(size=8)).estimate.warnings)


def test_a_test_that_was_seen_to_fail_has_its_key():
    data = study(size=8)
    wide = data.participants.assign(e_6m=(data.participants["y_6m"] > 11).astype(float))
    risk = spec("e_6m ~ arm" + RANDOM, outcome="e", outcome_type="binary", df_method="z")
    texts = run_analysis(risk, replace(data, participants=wide)).estimate.warnings
    assert [text for text in texts if "of simulated studies" in text] == [
        text for text in texts if key_of(text) == SEEN_TO_FAIL
    ]
    assert SEEN_TO_FAIL in map(key_of, texts)


def test_keys_and_values_come_back_from_files(moderated):
    names = Names({str(one.contrast): one.contrast for one in (moderated.estimate, *moderated.contrasts)}, {})
    record = json.loads(json.dumps(result_to_record(moderated)))
    # texts are where they were; what is said of them stands beside
    assert record["estimate"]["warnings"] == list(moderated.estimate.warnings)
    read = result_from_record(record, names)
    assert read.messages == moderated.messages
    for was, now in zip(moderated.messages, read.messages, strict=True):
        assert (key_of(now), getattr(now, "values", None)) == (key_of(was), getattr(was, "values", None))
    (few,) = {one for one in read.estimate.warnings if key_of(one) == FEW_CLUSTERS}
    assert few.values == {"moderator": "in_c", "level": "yes", "unit": "team", "fewest": 0}
    assert result_to_record(read) == record


def test_files_of_versions_without_keys_are_read_as_they_are(moderated):
    record = result_to_record(moderated)
    del record["warning_keys"]
    names = Names({str(one.contrast): one.contrast for one in (moderated.estimate, *moderated.contrasts)}, {})
    read = result_from_record(record, names)
    assert read.estimate.warnings == moderated.estimate.warnings
    assert not any(map(key_of, read.estimate.warnings))


def test_a_result_without_such_warnings_has_no_part_of_its_record():
    assert "warning_keys" not in result_to_record(run_analysis(spec("y_6m ~ arm + y_0m" + RANDOM), study(size=8)))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_keep_the_key(copied):
    one = KeyedWarning("A text.", FEW_CLUSTERS, level="yes")
    again = copied(one)
    assert (again, again.key, again.values) == ("A text.", FEW_CLUSTERS, {"level": "yes"})

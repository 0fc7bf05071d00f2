"""Themes: what was asked and not mentioned is none, what was not asked is not there; agreement of coders."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.plan.schema import FocusGroups
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.themes import (
    coder_agreement,
    counted_codings,
    krippendorff_alpha,
    passages,
    theme_counts,
    theme_summaries,
)

DESIGN = Design.model_validate(
    {
        "participant": "id",
        "arm": {"variable": "arm", "reference": "usual"},
        "levels": [{"variable": "trust"}],
        "waves": [{"name": "a", "label": "A", "months": 0}, {"name": "b", "label": "B", "months": 6}],
    }
)


def codings(*rows):
    frame = pd.DataFrame(rows, columns=["document", "segment", "coder", "theme"])
    place = frame["document"].map({f"g{n}": ("AB"[n % 2], ("usual", "new")[n // 2 % 2]) for n in range(20)})
    return frame.assign(trust=place.str[0], arm=place.str[1])


def test_theme_of_a_count_file_has_no_row_where_it_was_not_asked():
    frame = pd.DataFrame(
        [("load", "A", "usual", 2), ("load", "A", "new", 0), ("guide", "A", "new", 3)],
        columns=["theme", "trust", "arm", "n_mentions"],
    )
    found = theme_counts(frame)
    assert set(map(tuple, found[["theme", "arm", "n_mentions"]].to_numpy())) == {
        ("load", "usual", 2),
        ("load", "new", 0),
        ("guide", "new", 3),
    }


def test_theme_of_codings_is_none_where_asked_and_absent_where_not():
    frame = codings(("g0", "0-5", "x", "load"), ("g2", "0-5", "x", "guide"), ("g3", "0-5", "x", "load"))
    plain = {(row.theme, row.trust, row.arm): row.n_mentions for row in theme_counts(frame).itertuples()}
    assert plain == {
        ("load", "A", "usual"): 1,
        ("load", "A", "new"): 0,
        ("load", "B", "new"): 1,
        ("guide", "A", "usual"): 0,
        ("guide", "A", "new"): 1,
        ("guide", "B", "new"): 0,
    }
    asked = theme_counts(frame, asked_of={"guide": ["new"]})
    assert ("guide", "usual") not in set(zip(asked["theme"], asked["arm"], strict=True))
    assert asked["n_mentions"].sum() == 3


def test_codings_of_two_coders_are_counted_once_and_tell_groups():
    rows = [
        ("g0", "0-9", "x", "load"),
        ("g0", "2-9", "y", "load"),
        ("g1", "0-9", "y", "load"),
        ("g1", "3-4", "y", "guide"),
    ]
    frame = codings(*rows)
    assert counted_codings(frame)["coder"].unique().tolist() == ["y"]
    found = theme_summaries(frame, DESIGN, FocusGroups(people=12), 1)
    assert dict(found["focus_groups"].to_numpy().tolist()) == {"groups": 2, "people": 12, "coders": 2}
    assert found["themes"]["n_mentions"].sum() == 3
    assert found["theme_pairs"].to_numpy().tolist() == [["guide", "load", 1]]


def test_passages_join_what_overlaps_and_nothing_else():
    frame = codings(
        ("g0", "0-10", "x", "load"),
        ("g0", "8-20", "y", "load"),
        ("g0", "20-25", "x", "load"),
        ("g0", "30-40", "x", "load"),
        ("g1", "0-10", "x", "load"),
        ("g1", "line 4", "x", "load"),
        ("g1", None, "x", "load"),
    )
    found = passages(frame).tolist()
    assert found[:4] == ["g0|0", "g0|0", "g0|20", "g0|30"]
    assert found[4:6] == ["g1|0", "g1|line 4"]
    assert pd.isna(found[6])


def test_alpha_is_that_of_krippendorff_2011():
    # "Computing Krippendorff's alpha-reliability" (2011), part C: four observers, twelve units, nominal: 0.743
    none = float("nan")
    ratings = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, none, none, none],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, none, 3],
        [none, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, none],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, none],
    ]
    assert krippendorff_alpha(np.array(ratings).T) == pytest.approx(0.743, abs=5e-4)
    # part B: two observers, ten units, binary: 0.095
    binary = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert krippendorff_alpha(np.array(binary, dtype=float).T) == pytest.approx(0.095, abs=5e-4)
    assert np.isnan(krippendorff_alpha(np.ones((4, 2))))


def test_kappa_and_its_interval_are_those_of_the_formula():
    # 20 passages with the theme by both, 5 by the first alone, 10 by the second alone, 15 by neither: kappa 0.4
    rows = []
    for number in range(50):
        place = (f"g{number % 10}", f"{100 * number}-{100 * number + 50}")
        first, second = number < 25, number < 20 or 25 <= number < 35
        rows += [(*place, "x", "load")] * first + [(*place, "y", "load")] * second
        rows += [(*place, "x", "other"), (*place, "y", "other")]
    found = coder_agreement(codings(*rows), 1).set_index(["measure", "theme"])
    row = found.loc[("kappa", "load")]
    p = np.array([[20, 5], [10, 15]]) / 50
    row_sum, column_sum = p.sum(axis=1), p.sum(axis=0)
    agreed, expected = np.trace(p), row_sum @ column_sum
    kappa = (agreed - expected) / (1 - expected)
    inner = sum(p[i, i] * (1 - (row_sum[i] + column_sum[i]) * (1 - kappa)) ** 2 for i in (0, 1))
    outer = (1 - kappa) ** 2 * sum(
        p[i, j] * (column_sum[i] + row_sum[j]) ** 2 for i in (0, 1) for j in (0, 1) if i != j
    )
    error = np.sqrt((inner + outer - (kappa - expected * (1 - kappa)) ** 2) / (1 - expected) ** 2 / 50)
    assert kappa == pytest.approx(0.4)
    assert row["estimate"] == pytest.approx(kappa)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([kappa - 1.959964 * error, kappa + 1.959964 * error])
    assert found.loc[("kappa", "other"), "estimate"] != found.loc[("kappa", "other"), "estimate"]
    alpha = found.loc[("alpha", "")]
    assert (alpha["passages"], alpha["documents"]) == (50, 10)
    assert alpha["ci_low"] < alpha["estimate"] < alpha["ci_high"]
    assert coder_agreement(codings(*rows), 1).equals(coder_agreement(codings(*rows[::-1]), 1))


def test_agreement_needs_groups_that_all_coders_read():
    apart = codings(("g0", "0-5", "x", "load"), ("g1", "0-5", "y", "load"))
    assert coder_agreement(apart, 1).empty
    assert theme_summaries(None, DESIGN, FocusGroups(), 1)["themes"].empty

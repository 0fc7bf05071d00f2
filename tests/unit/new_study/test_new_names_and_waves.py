"""Names of columns: which of them tell of waves, and what a plan can call them."""

import pytest

from cpis_analysis.new_study.names import Names, wave_name
from cpis_analysis.new_study.wide_waves import distinct_parts, months_of, order_of, wide_outcomes


@pytest.mark.parametrize(
    ("names", "waves", "columns"),
    [
        (
            ["drug", "bdi.pre", "bdi.2m", "bdi.4m", "bdi.8m"],
            ["pre", "2m", "4m", "8m"],
            {"bdi": ["bdi.pre", "bdi.2m", "bdi.4m", "bdi.8m"]},
        ),
        (
            ["BL.PD.avg", "V5.PD.avg", "BL..BOP", "V5..BOP", "Use.Tob"],
            ["BL", "V5"],
            {"PD.avg": ["BL.PD.avg", "V5.PD.avg"], "BOP": ["BL..BOP", "V5..BOP"]},
        ),
        (["Treat", "Prewt", "Postwt"], ["Pre", "Post"], {"wt": ["Prewt", "Postwt"]}),
        (["depress2", "depress1", "age"], ["1", "2"], {"depress": ["depress1", "depress2"]}),
        (
            ["baseline", "number3m", "number12m"],
            ["baseline", "3m", "12m"],
            {"number": ["baseline", "number3m", "number12m"]},
        ),
        (["pd_bl", "pd_v5", "bop_bl", "bop_v5"], ["bl", "v5"], {"pd": ["pd_bl", "pd_v5"], "bop": ["bop_bl", "bop_v5"]}),
        (
            ["score t1", "score t2", "score t10"],
            ["t1", "t2", "t10"],
            {"score": ["score t1", "score t2", "score t10"]},
        ),
    ],
)
def test_waves_stand_in_names_of_columns(names, waves, columns):
    found = wide_outcomes(names)
    assert list(found.waves) == waves
    assert {title: [of[wave] for wave in found.waves] for title, of in found.columns.items()} == columns


@pytest.mark.parametrize(
    "names", [["age", "sex", "score"], ["item1", "item2", *(f"item{n}" for n in range(3, 12))], []]
)
def test_no_waves_where_names_tell_of_none(names):
    assert wide_outcomes(names) is None


@pytest.mark.parametrize(
    ("written", "months"),
    [
        ("pre", 0),
        ("Baseline", 0),
        ("6m", 6),
        ("12 months", 12),
        ("month 3", 3),
        ("2y", 24),
        ("4 weeks", 0.92),
        ("post", None),
    ],
)
def test_months_are_those_that_a_wave_is_called_after(written, months):
    assert months_of(written) == months


def test_waves_stand_in_the_order_of_time():
    assert sorted(["post", "6m", "pre", "2m", "4 weeks"], key=order_of) == ["pre", "4 weeks", "2m", "6m", "post"]


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["pacu30min_pain", "pacu90min_pain", "pod1am_pain"], ["pacu30min", "pacu90min", "pod1am"]),
        (["t1_pain", "t2_pain"], ["t1", "t2"]),
        (["pain", "hurt"], ["pain", "hurt"]),
    ],
)
def test_listed_columns_are_told_apart_by_whole_words(names, parts):
    assert distinct_parts(names) == parts


def test_names_are_those_of_a_plan_and_none_stands_twice():
    names = Names(["has_6m"])
    given = [
        names.of(text, at)
        for at, text in enumerate(
            ["\u00c2ge", "bdi.2m", "bdi 2m", "\u0412\u043e\u0437\u0440\u0430\u0441\u0442", "2nd", "wave", "y"]
        )
    ]
    assert given == ["Age", "bdi_2m", "bdi_2m_2", "column_4", "v_2nd", "wave_2", "v_y"]
    assert names.of("bdi 2m") == "bdi_2m_2"
    assert len(Names().of("x" * 200)) <= 40


def test_wave_names_hold_letters_and_digits_only():
    assert [wave_name("6 months", 1), wave_name("\u043f\u043e\u0441\u043b\u0435", 1), wave_name("0", 1, ["0"])] == [
        "6months",
        "w2",
        "w2",
    ]

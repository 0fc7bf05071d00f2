"""Every number as it is printed, against what a person would write."""

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.publish import format as shown


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (2.675, 2, "2.68"),
        (0.125, 2, "0.13"),
        (1.005, 2, "1.01"),
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-0.125, 2, "−0.13"),
        (-2.5, 0, "−3"),
        (0.285, 2, "0.29"),
        (1e-12, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (0.1 + 0.2, 1, "0.3"),
        (1234567.891, 1, "1,234,567.9"),
        (999.95, 1, "1,000.0"),
        (1e22, 0, "10,000,000,000,000,000,000,000"),
        (np.float64(2.675), 2, "2.68"),
        (np.int64(5), 0, "5"),
        (np.float32(0.5), 1, "0.5"),
        (math.inf, 2, "∞"),
        (-math.inf, 2, "−∞"),
        (math.nan, 2, "–"),
        (None, 2, "–"),
        (pd.NA, 2, "–"),
        (7, 2, "7.00"),
    ],
)
def test_number_rounding_as_by_hand(value, decimals, text):
    assert shown.number(value, decimals) == text


def test_number_minus_is_the_minus_sign():
    assert shown.number(-1.5)[0] == "\u2212"
    assert shown.number(1.5, sign=True) == "+1.5"
    assert shown.number(0.001, sign=True) == "0.0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "<0.001"),
        (1e-300, "<0.001"),
        (0.0009999, "<0.001"),
        (0.001, "0.001"),
        (0.0014999, "0.001"),
        (0.0015, "0.002"),
        (0.0495, "0.050"),
        (0.04949, "0.049"),
        (0.05, "0.050"),
        (0.5, "0.500"),
        (0.99, "0.990"),
        (0.9994, ">0.99"),
        (1.0, ">0.99"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_p_value_never_zero(value, text):
    assert shown.p_value(value) == text


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_p_value_outside_is_refused(value):
    with pytest.raises(ValueError, match="probability"):
        shown.p_value(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8, "8"),
        (8.0, "8"),
        (8 - 1e-9, "8"),
        (7.26, "7.3"),
        (7.96, "8.0"),
        (105.987, "106.0"),
        (math.inf, "∞"),
        (math.nan, "–"),
        (1234.0, "1,234"),
    ],
)
def test_degrees_whole_and_fractional(value, text):
    assert shown.degrees(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "decimals", "text"),
    [
        (23, 40, 0, "58%"),
        (23, 40, 1, "57.5%"),
        (1, 8, 0, "13%"),
        (1, 3, 0, "33%"),
        (0, 7, 0, "0%"),
        (7, 7, 0, "100%"),
        (1, 823, 0, "<1%"),
        (822, 823, 0, ">99%"),
        (1, 823, 1, "0.1%"),
        (1, 9000, 1, "<0.1%"),
        (3, 0, 0, "–"),
        (math.nan, 5, 0, "–"),
    ],
)
def test_percent_in_whole_numbers(part, whole, decimals, text):
    assert shown.percent(part, whole, decimals) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.084, 1, "8.4%"),
        (0.0, 1, "0.0%"),
        (1.0, 0, "100%"),
        (0.0125, 1, "1.3%"),
        (float("nan"), 1, "–"),
    ],
)
def test_share_is_printed_in_per_cent(value, decimals, text):
    assert shown.share(value, decimals) == text


def test_compound_forms_are_british():
    assert shown.interval(-1.7, 3.06, 2) == "−1.70 to 3.06"
    assert shown.with_interval(0.678, -1.7, 3.06, 2) == "0.68 (−1.70 to 3.06)"
    assert shown.mean_sd(13.25, 6.5) == "13.3 (6.5)"
    assert shown.mean_sd(13.25, math.nan) == "13.3 (–)"
    assert shown.count_percent(1200, 2400) == "1,200 (50%)"
    assert shown.interval(None, 1) == "–"
    assert shown.level_words(0.95) == "95%"
    assert shown.level_words(0.975) == "97.5%"


@pytest.mark.parametrize(
    ("low", "high", "sd", "digits"),
    [
        (-0.594, 1, None, (3, 3)),
        (1, 5, None, (2, 2)),
        (0, 27, None, (1, 2)),
        (0, 100, None, (1, 2)),
        (0, 10000, None, (0, 0)),
        (None, None, 0.3, (3, 3)),
        (None, None, 6.5, (1, 2)),
        (None, None, 3500, (0, 0)),
        (None, None, None, (1, 2)),
        (0, None, 0.0, (1, 2)),
        (None, None, math.nan, (1, 2)),
    ],
)
def test_scale_digits_by_width(low, high, sd, digits):
    found = shown.scale_digits(low, high, sd)
    assert (found.level, found.difference) == digits


def test_one_line_folds_space_and_drops_control_characters():
    assert shown.one_line(" a\n b\t\x00c\x1b ") == "a b c"
    assert shown.lower_first("Six months") == "six months"
    assert shown.lower_first("NHS trust") == "NHS trust"
    assert shown.capital("nHS") == "NHS"

"""Many clusters are drawn as a distribution, few as rows."""

from __future__ import annotations

import pandas as pd
import pytest

from chapter_material import labels
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.outcomes.figure_many import MANY, draw_many, draw_many_risks, many_clusters
from cpis_analysis.chapters.outcomes.figure_teams import figures


def means(clusters: int) -> pd.DataFrame:
    """Clusters numbered from 1, the mean of each its number, in two arms by turns."""
    return pd.DataFrame(
        {
            "outcome": "rguk",
            "trust": [str(place) for place in range(1, clusters + 1)],
            "team": "x",
            "arm": ["comparison" if place % 2 else "implementation" for place in range(1, clusters + 1)],
            "wave": "6m",
            "n": 12,
            "mean": [float(place) for place in range(1, clusters + 1)],
            "sd": 2.0,
            "state": "shown",
        }
    )


def test_distribution_names_the_lowest_and_the_highest_of_each_arm():
    figure = draw_many(means(120), "rguk", labels())
    assert "60 teams" in figure.alt
    for end in ("1 / x: 1.0", "119 / x: 119.0", "2 / x: 2.0", "120 / x: 120.0"):
        assert end in figure.alt
    assert figure.id == "team-means-rguk"
    # one panel an arm, however many clusters there are
    assert float(figure.svg.split('height="')[1].split("pt")[0]) < 400


def test_many_begin_beyond_forty_rows_of_clusters_and_heads():
    """Each cluster of `means` lies in one of its own, which has a row for its head."""
    assert not many_clusters(means(MANY // 2))
    assert many_clusters(means(MANY // 2 + 1))
    alone = means(MANY + 1).assign(team=None)
    assert not many_clusters(alone.head(MANY))
    assert many_clusters(alone)
    assert not many_clusters(means(0))


@pytest.mark.parametrize(("clusters", "words"), [(MANY // 2, "Dot plot"), (MANY // 2 + 1, "Distribution")])
def test_figure_of_clusters_follows_their_number(clusters, words):
    (one,) = figures(Material(labels(), {"team_means": means(clusters)}, []))
    assert one.make().alt.startswith(words)


def test_nothing_is_drawn_of_many_clusters_that_are_all_withheld():
    """Three hundred clusters of one or two people."""
    hidden = means(60).assign(state="small", mean=None, n=2)
    assert list(figures(Material(labels(), {"team_means": hidden}, []))) == []


def test_risks_of_many_clusters_are_spread_too_and_those_withheld_are_counted():
    frame = means(60).assign(outcome="supported", count=lambda made: made["mean"] % 12)
    frame.loc[[5, 7, 9], "state"] = "small"
    figure = draw_many_risks(frame, "supported", labels())
    assert figure.id == "team-risks-supported"
    # clusters 1, 3, 5 ... 59 have 1, 3, 5, 7, 9 or 11 of 12 people
    assert "30 teams, from 1 / x: 8% to 59 / x: 92%" in figure.alt
    assert "27 teams, from 12 / x: 0% to 58 / x: 83%" in figure.alt
    assert "Not drawn: 3 teams with fewer than 5 people" in figure.alt

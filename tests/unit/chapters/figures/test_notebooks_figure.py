"""The notebook's figure of every model shows differences between arms for everybody, and nothing else."""

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

NOTEBOOK = Path(__file__).parents[4] / "notebooks" / "next_steps.ipynb"


def drawn(estimates):
    """The axes that the figure's cell draws."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    cells = ["".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]]
    (code,) = [code for code in cells if "plt.subplots" in code]
    names = {"estimates": estimates, "plt": plt, "pd": pd}
    exec(compile(code, str(NOTEBOOK), "exec"), names)
    axes = names["axes"]
    points = next(line for line in axes.lines if line.get_marker() == "o")
    shown = dict(zip((label.get_text() for label in axes.get_yticklabels()), points.get_xdata(), strict=True))
    plt.close(names["figure"])
    return shown


def row(model, measure, estimate, outcome="mood", scale="points"):
    return {
        "analysis": f"{outcome}.{model}",
        "outcome": outcome,
        "model": model,
        "measure": measure,
        "scale": scale,
        "estimate": estimate,
        "ci_low": estimate - 1,
        "ci_high": estimate + 1,
    }


@pytest.fixture
def estimates():
    return pd.DataFrame(
        [
            row("ancova", "mean difference", 1.0),
            row("ancova", "joint test", np.nan),
            row("change", "mean difference", 2.0),
            row("by_gender", "interaction", 7.0),
            row("by_gender", "mean difference", 8.0),
            row("by_age", "mean difference at one level", 9.0),
            row("logarithms", "mean difference", 0.2, scale="log"),
            row("not_fitted", "mean difference", np.nan),
            row("ancova", "mean difference", 5.0, outcome="sleep"),
        ]
    )


def test_notebook_figure_draws_no_interaction_as_a_difference(estimates):
    assert drawn(estimates) == {"ancova": 1.0, "change": 2.0}


def test_notebook_figure_of_a_risk_draws_its_differences(estimates):
    assert drawn(estimates.replace({"measure": {"mean difference": "risk difference"}})) == {
        "ancova": 1.0,
        "change": 2.0,
    }

"""Error rates on designs of the study's size: the anchors hold theirs, and what should fail does."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

PATH = Path(__file__).parents[2] / "benchmarks" / "error_rates.py"


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("error_rates", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("regime", ["A", "C"])
def test_error_rates_of_the_anchors_hold_and_those_of_the_negative_controls_do_not(simulation, regime):
    """400 responses: the Monte Carlo standard error of a size of 5% is 1.1 points, and the gates are three of them."""
    found = simulation.rates(regime, (0.05, 0.10), designs=16, n=25)
    size = found["size"]
    assert (found["failed"] == 0).all()
    assert size["mixed kenward-roger"] < 0.083
    assert 0.005 < size["cr2 trust"] < 0.083
    # people as replicates: without this the suite could not see an error of its own
    assert size["ols"] > 0.12
    assert size["mixed z"] > size["mixed kenward-roger"] + 0.03
    assert (found["power"] > size).all()


def test_error_rates_come_out_the_same_again(simulation):
    one, two = (simulation.rates("B", (0.0, 0.0), designs=2, n=5) for _ in range(2))
    assert one.equals(two)

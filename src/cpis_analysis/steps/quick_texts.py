"""How a step holds the texts of its tables."""

from __future__ import annotations

import pandas as pd

quick_texts = pd.option_context("mode.string_storage", "python")
"""For the functions of steps: a few hundred texts are asked quicker as Python has them than as Arrow has them."""

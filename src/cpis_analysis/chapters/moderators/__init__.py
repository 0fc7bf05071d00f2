"""Effects by subgroup, and every contrast of a model."""

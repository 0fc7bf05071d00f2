"""From config.yaml to a checked plan: text with its lines, filled formulas, and what is wrong or remarkable in it."""

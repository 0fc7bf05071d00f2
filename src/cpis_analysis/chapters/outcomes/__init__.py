"""Differences in outcomes between the groups."""

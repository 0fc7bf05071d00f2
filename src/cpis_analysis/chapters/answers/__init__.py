"""Answers and counts beside each other: absolute and relative differences."""

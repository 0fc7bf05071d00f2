"""A locked plan: the lock, its history, deviations from it, and when the groups of a blinded copy were told."""

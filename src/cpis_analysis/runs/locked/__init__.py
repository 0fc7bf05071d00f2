"""What became of a locked plan: deviations from it, and when the groups of a blinded copy were told."""

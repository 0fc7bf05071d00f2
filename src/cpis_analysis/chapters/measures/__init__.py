"""What was measured: names in full, questions, ranges, directions, differences that matter."""

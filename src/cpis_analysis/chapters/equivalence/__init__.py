"""Whether a difference that matters can be ruled out."""

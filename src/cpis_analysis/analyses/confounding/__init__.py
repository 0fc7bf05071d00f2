"""What could be behind a difference but the intervention: weights that make arms alike, how alike, E-values."""

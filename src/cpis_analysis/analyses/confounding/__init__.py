"""What could be behind a difference but the intervention: weights that make arms alike, and how alike they are then."""

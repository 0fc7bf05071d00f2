"""Who took part, at baseline and at follow-up."""

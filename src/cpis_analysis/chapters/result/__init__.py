"""What one result says: sentences that every chapter on differences is made of."""

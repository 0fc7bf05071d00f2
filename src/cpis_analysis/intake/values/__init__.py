"""What one written cell means: numbers, dates, codes; and the rules that make it so."""

"""The same question answered by other analyses."""

"""What stands beside a ratio of a generalised mixed model."""

"""What cleaning did to the raw files."""

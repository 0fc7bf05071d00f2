"""What of an analysis may leave the folder: small populations and counts."""

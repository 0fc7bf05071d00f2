"""What was done of the intervention, and whom it reached."""

"""What the authors say themselves, from the plan."""

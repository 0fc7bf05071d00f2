"""The design: teams, trusts, what it can show."""

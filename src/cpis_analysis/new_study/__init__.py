"""From raw files to a first plan and dictionary: what can be told from them, with the reason, and what can't."""

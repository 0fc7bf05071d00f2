"""How often the analyses find a difference where there is none, and one that is there, on the study's own design."""

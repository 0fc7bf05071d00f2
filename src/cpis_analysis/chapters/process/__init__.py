"""How the analysis was done: lock, deviations, checklists, limitations."""

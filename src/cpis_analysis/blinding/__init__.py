"""A copy of a study in which nobody can tell the groups, for an analysis that is finished before they are told."""

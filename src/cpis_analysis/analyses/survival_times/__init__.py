"""Times to an event: covariance for clusters, check of proportional hazards, curves."""

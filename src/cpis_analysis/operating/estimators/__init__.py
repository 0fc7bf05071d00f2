"""Many responses to one design by each estimator, one file each, named by the estimator's record in `methods`."""

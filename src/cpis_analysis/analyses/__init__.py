"""One file per estimator, each: data set + specification -> result."""

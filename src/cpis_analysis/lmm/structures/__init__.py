"""Covariance structures of the random effects, one file each."""

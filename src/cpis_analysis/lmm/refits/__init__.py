"""Many responses on one design: refits, simulation, bootstrap, intervals."""

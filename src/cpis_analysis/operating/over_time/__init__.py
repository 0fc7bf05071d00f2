"""Power of models over several waves, from a design and its covariances, and by simulation."""

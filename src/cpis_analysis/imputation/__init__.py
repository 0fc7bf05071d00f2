"""Multilevel multiple imputation: chained equations with drawn effects of clusters; Rubin's rules for few clusters.

Knows nothing of any study; imports `formula` and `lmm`. `chained.impute` completes a data frame many times,
`rubin.pool` puts the analyses of the completed frames together.
"""

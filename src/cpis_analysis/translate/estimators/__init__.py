"""The same analysis in other programs and as an equation, one file an estimator. Loaded when first used."""

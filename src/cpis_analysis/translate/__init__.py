"""A model of the plan in words, as an equation, and as code of R, SAS and Stata."""

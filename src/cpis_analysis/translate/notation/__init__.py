"""An analysis as its parts, and how an equation, R, SAS and Stata write them."""

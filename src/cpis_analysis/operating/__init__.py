"""How often the analyses of a plan are wrong, and how often they find what is there: by simulation on the design."""

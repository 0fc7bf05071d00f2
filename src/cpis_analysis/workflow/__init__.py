"""What Snakemake is told: parameters of rules, what is current, messages of failed steps."""

"""From a formula and data to matrices: columns, grouping, what can be estimated, contrasts and marginal means."""

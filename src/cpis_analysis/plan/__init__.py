"""config.yaml to checked, resolved specifications of analyses."""

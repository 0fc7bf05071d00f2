"""What has an analysis fitted: one of the plan, a quick look, a forecast of its rows, a second opinion."""

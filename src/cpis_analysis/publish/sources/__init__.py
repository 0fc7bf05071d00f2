"""Numbers that know where they come from, from the cell of a file to the printed character."""

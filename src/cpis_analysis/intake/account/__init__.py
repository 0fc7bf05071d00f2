"""The account of every row and cell: audit trail, questions, working tables, reconciliation."""

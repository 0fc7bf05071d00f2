"""The account of every row and cell: delivered and working tables, audit trail, notices, reconciliation."""

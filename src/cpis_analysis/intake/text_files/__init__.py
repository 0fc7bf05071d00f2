"""Delimited text, read and written: rows that know their line, and cells that no spreadsheet takes for formulas."""

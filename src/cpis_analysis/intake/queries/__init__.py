"""Questions for the data manager as a workbook, and the answers as corrections."""

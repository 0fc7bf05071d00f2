"""One folder a subject of the report: its tables, figures, sentences and section."""

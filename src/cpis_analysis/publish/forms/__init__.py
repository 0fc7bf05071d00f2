"""The forms in which a document is written: Word, by python-docx, and PDF, by Typst."""

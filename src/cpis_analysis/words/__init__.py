"""The words of the field that tables, figures and sentences share."""

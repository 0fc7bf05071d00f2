"""Numbers -> what people read: formatting, disclosure control, tables, figures."""

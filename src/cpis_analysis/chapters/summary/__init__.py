"""The study on two pages: a summary in plain English and a scientific abstract."""

"""Coursewatch at 1,000 to 1,000,000 patients on one PostgreSQL: the database, and what is measured on it."""

"""Writes docs/reference from the tables and the protocols."""

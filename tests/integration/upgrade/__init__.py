"""Upgrades of running processes, and of the database that the first release left."""

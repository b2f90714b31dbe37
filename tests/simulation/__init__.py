"""Seeded runs of the production code through time and faults."""

"""Checks on the house, arranged as the house is."""

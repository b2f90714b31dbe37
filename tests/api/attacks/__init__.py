"""Planted attacks: whatever is sent, nothing breaks, nothing is told that should not be, nothing is done twice."""

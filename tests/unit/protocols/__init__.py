"""Protocols as data: reading, checking, examples, diagrams."""

"""Copies of a whole database: made while processes write, and put back into an empty one."""

"""Tests of the clock's work."""

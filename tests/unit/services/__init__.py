"""Tests of use cases without a database."""

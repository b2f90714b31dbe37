"""Tests of the second fence: what PostgreSQL shows and takes, whatever a query asks."""

"""Tests of the room that makes cohorts up."""

"""Tables of worked examples that are test, documentation and specification at once."""

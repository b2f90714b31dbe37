"""What the shipped protocols state, against the table of timing rules."""

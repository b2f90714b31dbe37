"""What callers of the HTTP interface meet, good input and bad."""

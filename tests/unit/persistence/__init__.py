"""What storage computes without a database."""

"""The published clinical knowledge as decision tables, each row with its source."""

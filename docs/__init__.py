"""Documentation; what runs in it is checked like the rest of the code."""

"""What the program does where the sources contradict each other, one example at a time."""

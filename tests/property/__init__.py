"""Laws that hold for every history, tried on generated ones."""

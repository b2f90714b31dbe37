"""What the ward's words mean: facts, patients, windows and refusals, as plain immutable values."""

"""Facts: immutable records of what happened, their payloads, their order, and how they are read."""

"""The ways a notice can leave the house, one file a channel."""

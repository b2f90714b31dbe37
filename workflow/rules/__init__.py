"""The pure rules that turn facts, protocols and an instant into states, windows and verdicts."""

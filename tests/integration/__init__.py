"""The house against real databases, real files and the real command line."""

"""Notices on their way: from the queue through a channel to the log of attempts."""

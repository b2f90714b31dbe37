"""The ticker beside the house: it wakes use cases up and hands notices to their channels."""

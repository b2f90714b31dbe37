"""The channels against real counterparts, well and badly behaved."""

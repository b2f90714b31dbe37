"""Asks whether a package that we pin is known to be vulnerable, and says plainly where nobody could be asked."""

"""The words of the domain, each on its own."""

"""The laws of alerts, tried through the services on real databases against a slow reading of what was known when."""

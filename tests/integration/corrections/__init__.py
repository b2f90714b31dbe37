"""The laws of corrections, tried through the services on real databases against a slow reference."""

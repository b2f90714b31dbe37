"""Where facts are kept and what is cached beside them, on SQLite and PostgreSQL alike."""

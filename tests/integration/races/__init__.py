"""Races: many people, several processes, lost connections, and one history that everybody agrees on."""

"""Backup, restore and the drill, on both databases."""

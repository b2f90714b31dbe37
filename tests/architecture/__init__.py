"""Checks that the house keeps its own order: size, names, imports, packaging."""

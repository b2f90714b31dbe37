"""Protocols and the chart in words and pictures."""

"""The command line: what an administrator and a ward's data manager do by hand."""

from workflow.cli.program import main

__all__ = ["main"]

"""What can go wrong with a backup; no message quotes a row, whatever the tools of a database said."""

from workflow.persistence.errors import PersistenceError


class BackupError(PersistenceError):
    """No backup was made; nothing stands under its name."""


class UnsoundBackupError(PersistenceError):
    """A backup is not what its manifest says, or has none: nothing was restored."""


class RestoreError(PersistenceError):
    """Nothing was restored; the database is as it was."""


class TakenError(RestoreError):
    """Something stands already where a backup was to be restored."""


class ToolError(PersistenceError):
    """A program of PostgreSQL is missing, of the wrong release, or has failed."""

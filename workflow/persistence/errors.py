"""What can go wrong in storage, in words of the house; no message carries patient data."""

from workflow.domain.errors import CoursewatchError


class PersistenceError(CoursewatchError):
    """Something about storage; every error of this package derives from this one."""


class StaleVersionError(PersistenceError):
    """The patient was changed by somebody else since it was read; read it again."""


class DuplicatePseudonymError(PersistenceError):
    """The pseudonym is registered at this site already."""


class IdempotencyKeyTakenError(PersistenceError):
    """Another transaction stored an answer under this actor and key first; look the answer up anew."""


class AlreadyCorrectedError(PersistenceError):
    """The version of the fact was superseded or voided already; correct the newest one."""


class ImportKeyTakenError(PersistenceError):
    """A fact with this identity is recorded for this patient already."""


class NameTakenError(PersistenceError):
    """An actor of this name exists already."""


class PartSignedError(PersistenceError):
    """The release of a protocol has this part signed already."""


class SignedByThemError(PersistenceError):
    """The release of a protocol takes two different people, and this one has signed the other part."""


class ProtocolHashMismatchError(PersistenceError):
    """A protocol version (`ref`, id@version) is stored with another body: a changed body needs a new version."""

    def __init__(self, message: str, ref: str) -> None:
        self.ref = ref
        super().__init__(message)


class WrongRevisionError(PersistenceError):
    """The database's tables are not those that this release works with."""


class EarlierRevisionError(WrongRevisionError):
    """The database's tables are of an earlier release, or there are none yet: an upgrade makes them this one's."""


class UnsupportedServerError(PersistenceError):
    """The database server is older than the oldest that this release works on."""


class WrongSecretError(PersistenceError):
    """The secret file is not the one that this database's chain was made with."""


class DatabaseUrlError(PersistenceError):
    """The database URL names no database that Coursewatch can use."""


class DatabaseBusyError(PersistenceError):
    """A lock or a statement took longer than its limit; nothing was stored, try again."""


class DatabaseUnavailableError(PersistenceError):
    """The database cannot be reached, or its disk is full; nothing was stored, unless it was lost at the commit."""


class PermissionDeniedError(PersistenceError):
    """The role that Coursewatch connects as may not do this."""


class OutOfReachError(PersistenceError):
    """Row-level security refused a row of another site, or in another's name: a mistake in the program."""


class UnknownFactError(CoursewatchError, ValueError):
    """A stored fact cannot be read: a newer release recorded it, or it was altered behind the program's back."""


class UnreadableTextError(PersistenceError, ValueError):
    """A stored text cannot be read: it was altered behind the program's back."""


class BrokenConstraintError(PersistenceError):
    """The database refused a row that the program should never have sent; nothing was stored."""

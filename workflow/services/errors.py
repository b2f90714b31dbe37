"""What a use case answers instead of an outcome; every message is safe to show to whoever asked."""

from workflow.domain.errors import CoursewatchError, Refusal


class ServiceError(CoursewatchError):
    """A use case could not be carried out; `code` is stable, `status` the HTTP status that says the same."""

    code = "error"
    title = "Error"
    status = 500


class NotFoundError(ServiceError):
    """Nothing there, or nothing there for you: both look alike from outside."""

    code = "not_found"
    title = "Not found"
    status = 404


class NotAllowedError(ServiceError):
    """The actor's role does not reach this."""

    code = "role_needed"
    title = "Another role is needed"
    status = 403


class StalePatientError(ServiceError):
    """The patient has changed since the version that If-Match names."""

    code = "stale_version"
    title = "Stale version"
    status = 412


class IdempotencyMismatchError(ServiceError):
    """The idempotency key was used before with another request."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"
    status = 422


class AlreadyExistsError(ServiceError):
    """What is to be made is there already."""

    code = "already_exists"
    title = "Already there"
    status = 409


class OutdatedProcessError(ServiceError):
    """The database holds protocols that were stored after this process had started; restart it."""

    code = "restart_needed"
    title = "Restart needed"
    status = 503


class RefusedError(ServiceError):
    """A well-formed fact is refused by state, gate, order or date; `refusal` says why and the way out."""

    code = "refused"
    title = "Refused"
    status = 409

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal
        self.code = refusal.code
        self.title = refusal.title
        self.status = refusal.status

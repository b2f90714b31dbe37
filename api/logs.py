"""One JSON line a happening, on one stream; what a line may hold is named in `api.log_fields`."""

import logging
import sys
from typing import Any, TextIO

import structlog

from api.log_fields import OnlyKnownFields, only_heard

# Uvicorn's own access log has whole URLs; ours stands in its place.
SILENCED = ("uvicorn.access",)


def configure_logs(stream: TextIO | None = None, *, least: int = logging.INFO, strict: bool = False) -> None:
    """Send structlog's and the standard library's lines as JSON to `stream` (default: stderr), from a level on.

    What a line may not hold is left out; with `strict`, which is for tests, it raises UnknownLogFieldError.
    """
    target = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, OnlyKnownFields(strict=strict), structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_traceback,
                only_heard,
                OnlyKnownFields(strict=strict),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Other libraries tell whole addresses at INFO; only the server says more than warnings.
    root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(least)
    for name in SILENCED:
        logging.getLogger(name).disabled = True


def _without_traceback(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave an exception's text out: a database's message quotes the row it stumbled over."""
    exception = event.pop("exc_info", None)
    if isinstance(exception, tuple) and exception[0] is not None:
        event["error"] = exception[0].__name__
    return event

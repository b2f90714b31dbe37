"""Traces for whoever wants them (COURSEWATCH_TRACES_URL): where time went, by route and job, never of whom."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from fastapi.telemetry import TelemetryConfig
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import SpanContext, Status
from requests import Session
from starlette.types import Scope

from api.addresses import own_path
from workflow.settings import Settings

# Everything else that a library puts into a span is left out: paths with ids, queries, addresses, texts of errors.
TOLD: Final = frozenset(
    {
        *("http.request.method", "http.route", "http.response.status_code", "url.scheme", "network.protocol.version"),
        *("error.type", "coursewatch.job", "coursewatch.channel", "coursewatch.use_case"),
    }
)
TRACES_PATH = "/v1/traces"
LONGEST_NAME = 200
EXPORT_SECONDS = 5.0
# A collector that does not answer holds up the end of a process for no longer.
SHUTDOWN_SECONDS = 3.0
_ASKED_ALL_THE_TIME = ("/health/", "/metrics", "/static/")


class _OnlyWhatIsTold(SpanExporter):
    """Hands spans on with what stands in TOLD, without events, links, descriptions and the caller's own state."""

    def __init__(self, target: SpanExporter) -> None:
        self._target = target

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export them, narrowed."""
        return self._target.export([narrowed(span) for span in spans])

    def shutdown(self) -> None:
        """End the export."""
        self._target.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing is kept here."""
        return self._target.force_flush(timeout_millis)


def narrowed(span: ReadableSpan) -> ReadableSpan:
    """Return a span that holds only what may be told."""
    return ReadableSpan(
        name=span.name[:LONGEST_NAME],
        context=_without_state(span.context),
        parent=_without_state(span.parent),
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in TOLD},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_state(context: SpanContext | None) -> SpanContext | None:
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


@contextmanager
def traced(settings: Settings, service: str) -> Iterator[TracerProvider | None]:
    """Send traces while the block lasts; None where no address is set. Neither a request nor the end waits for them."""
    if settings.traces_url is None:
        yield None
        return
    provider = provider_for(settings.traces_url, service)
    try:
        yield provider
    finally:
        ending = Thread(target=provider.shutdown, name="last traces", daemon=True)
        ending.start()
        ending.join(SHUTDOWN_SECONDS)


def provider_for(url: str, service: str) -> TracerProvider:
    """Return what makes spans and sends them, in a thread of its own, to a collector's address."""
    session = Session()
    # No password file and no proxy of this account's environment: the address that is set is the one that is spoken to.
    session.trust_env = False
    exporter = OTLPSpanExporter(
        endpoint=url if urlsplit(url).path.strip("/") else url.rstrip("/") + TRACES_PATH,
        certificate_file=_trusted(),
        timeout=EXPORT_SECONDS,
        session=session,
    )
    provider = TracerProvider(
        sampler=ParentBased(ALWAYS_ON),
        # Named here alone: the machine and its processes are nobody's business at the collector.
        resource=Resource({"service.name": service, "service.version": version("coursewatch")}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(_OnlyWhatIsTold(exporter)))
    return provider


def telemetry_of(provider: TracerProvider | None) -> TelemetryConfig:
    """Return what FastAPI is told: spans of requests where they are wanted; its own metrics and logs never.

    Its logs would hand exception messages to a collector; they may quote a patient's row.
    """
    silent: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
    if provider is None:
        return silent
    return {**silent, "tracing": True, "tracer_provider": provider, "operation_spans": False, "exclude": _not_traced}


def _not_traced(scope: Scope) -> bool:
    return own_path(scope).startswith(_ASKED_ALL_THE_TIME)


def _trusted() -> str | None:
    """Return where this machine keeps the authorities that it trusts, so that a hospital's own one counts."""
    store = ssl.get_default_verify_paths()
    return store.cafile or store.capath

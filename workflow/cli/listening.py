"""What must hold before anything is listened on: beyond this machine nobody's key or patient travels in the clear."""

import ssl
import stat
from ipaddress import ip_address
from pathlib import Path

from workflow.domain.errors import CoursewatchError
from workflow.settings import PREFIX, Settings

CERTIFICATE, KEY, PROXIES = f"{PREFIX}TLS_CERTIFICATE_FILE", f"{PREFIX}TLS_KEY_FILE", f"{PREFIX}TRUSTED_PROXIES"


class UnprotectedError(CoursewatchError):
    """Beyond this machine it is served over TLS or through a proxy that ends TLS, and neither is set."""


class CannotServeTlsError(CoursewatchError):
    """The certificate or its key cannot be used."""


def require_protection(settings: Settings) -> ssl.SSLContext | None:
    """Return what TLS is served with, None where a proxy ends it or nobody but this machine can connect.

    Raises UnprotectedError beyond loopback without either, CannotServeTlsError for files that cannot be used.
    """
    tls = _tls(settings.tls_certificate_file, settings.tls_key_file)
    if tls is None and not settings.trusted_proxies and not _is_loopback(settings.host):
        raise UnprotectedError(
            f"{settings.host} can be reached from other machines, and keys and patients must not cross a network in "
            f"the clear. Either serve TLS: set {CERTIFICATE} and {KEY}. Or put a proxy that ends TLS in front: set "
            f"{PROXIES} to its address, and nobody else is answered. On this machine alone: --host 127.0.0.1"
        )
    return tls


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # A name may come to mean any address.
        return False


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing, given = (CERTIFICATE, KEY) if certificate is None else (KEY, CERTIFICATE)
        raise CannotServeTlsError(f"{missing} must be set with {given}; set both or neither")
    _require_readable(certificate, CERTIFICATE)
    _require_readable(key, KEY)
    if stat.S_IMODE(key.stat().st_mode) & stat.S_IRWXO:
        raise CannotServeTlsError(f"{KEY}: everybody on this machine can read {key}; run: chmod o= {key}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Clients are not made to compute, and what was sent is never repeated in another key.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # An empty password: a key that wants one is refused, instead of asking a terminal that is not there.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as fault:
        raise CannotServeTlsError(
            f"{CERTIFICATE} and {KEY}: {certificate} and {key} are no pair that TLS can be served with "
            f"({getattr(fault, 'reason', None) or fault.strerror or type(fault).__name__}). The certificate comes "
            "first in its file, those between it and its authority after it, in PEM; the key is its own, without a "
            "password"
        ) from None
    return context


def _require_readable(file: Path, variable: str) -> None:
    try:
        file.read_bytes()
    except OSError as fault:
        raise CannotServeTlsError(f"{variable}: {file} cannot be read: {fault.strerror}") from None

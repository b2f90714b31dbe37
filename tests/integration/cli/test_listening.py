"""Beyond this machine: TLS or a proxy that ends it, or it does not start; and the TLS it serves, with a real client."""

import shutil
import socket
import ssl
import warnings
from pathlib import Path

import httpx2
import pytest

from tests.integration.channels.post_office import CERTIFICATES, trusting
from tests.integration.cli.running import coursewatch
from tests.integration.cli.test_serving import serving
from workflow.cli.listening import CannotServeTlsError, UnprotectedError, require_protection
from workflow.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 -- what is refused here


def settings(**variables: str) -> Settings:
    return Settings.from_environment({f"COURSEWATCH_{name}": value for name, value in variables.items()})


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a certificate for localhost with its key, which nobody else on the machine can read."""
    file = tmp_path / "localhost.pem"
    shutil.copy(CERTIFICATES / "localhost.pem", file)
    file.chmod(0o600)
    return file


def with_tls(certificate: Path, key: Path | None = None, **variables: str) -> Settings:
    return settings(TLS_CERTIFICATE_FILE=str(certificate), TLS_KEY_FILE=str(key or certificate), **variables)


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "10.1.2.3", "ward.example", "localhost.example", "128.0.0.1", "1"])
def test_beyond_this_machine_nothing_is_served_in_the_clear(host: str) -> None:
    with pytest.raises(UnprotectedError) as refused:
        require_protection(settings(HOST=host))

    for way_out in ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TRUSTED_PROXIES", "--host 127.0.0.1"):
        assert way_out in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost", "LOCALHOST"])
def test_on_this_machine_nothing_needs_to_be_set(host: str) -> None:
    assert require_protection(settings(HOST=host)) is None


def test_a_proxy_that_is_named_is_protection_enough() -> None:
    assert require_protection(settings(HOST=EVERYWHERE, TRUSTED_PROXIES="10.1.2.3,fd00::/8")) is None


@pytest.mark.parametrize("command", ["serve", "api"])
def test_a_start_that_is_refused_touches_nothing(new_home: Path, command: str) -> None:
    finished = coursewatch(command, "--host", EVERYWHERE)

    assert finished.code == 1
    assert "COURSEWATCH_TLS_CERTIFICATE_FILE and COURSEWATCH_TLS_KEY_FILE" in finished.err
    assert "COURSEWATCH_TRUSTED_PROXIES" in finished.err
    assert "Traceback" not in finished.err
    assert list(new_home.iterdir()) == []


def test_half_a_pair_is_no_tls(certificate: Path) -> None:
    for variables, missing in (
        ({"TLS_CERTIFICATE_FILE": str(certificate)}, "COURSEWATCH_TLS_KEY_FILE must be set"),
        ({"TLS_KEY_FILE": str(certificate)}, "COURSEWATCH_TLS_CERTIFICATE_FILE must be set"),
    ):
        with pytest.raises(CannotServeTlsError, match=missing):
            require_protection(settings(HOST="127.0.0.1", **variables))


def test_files_that_cannot_be_used_are_named_with_the_reason(certificate: Path, tmp_path: Path) -> None:
    absent, junk, others = tmp_path / "absent.pem", tmp_path / "junk.pem", tmp_path / "elsewhere.pem"
    junk.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n", encoding="ascii")
    shutil.copy(CERTIFICATES / "elsewhere.pem", others)
    for file in (junk, others):
        file.chmod(0o600)
    for cert, key, told in (
        (absent, certificate, "COURSEWATCH_TLS_CERTIFICATE_FILE: .*absent.pem cannot be read: No such file"),
        (certificate, absent, "COURSEWATCH_TLS_KEY_FILE: .*absent.pem cannot be read: No such file"),
        (junk, certificate, "are no pair that TLS can be served with"),
        (certificate, junk, "are no pair"),
        (certificate, others, "are no pair .*KEY_VALUES_MISMATCH"),
    ):
        with pytest.raises(CannotServeTlsError, match=told):
            require_protection(with_tls(cert, key))


def test_a_key_that_everybody_can_read_is_refused(certificate: Path) -> None:
    certificate.chmod(0o644)

    with pytest.raises(CannotServeTlsError, match=r"everybody on this machine can read .*; run: chmod o= "):
        require_protection(with_tls(certificate))


def test_no_key_is_waited_for_at_a_terminal(certificate: Path, tmp_path: Path) -> None:
    encrypted = tmp_path / "encrypted.pem"
    shutil.copy(CERTIFICATES / "encrypted.pem", encrypted)
    encrypted.chmod(0o600)

    with pytest.raises(CannotServeTlsError, match="without a password"):
        require_protection(with_tls(certificate, encrypted))


def test_tls_is_served_from_1_2_on_and_nothing_in_the_clear(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEWATCH_TLS_CERTIFICATE_FILE", str(certificate))
    monkeypatch.setenv("COURSEWATCH_TLS_KEY_FILE", str(certificate))
    with serving(tmp_path, "serve", "--host", EVERYWHERE) as (address, _):
        port = int(address.rpartition(":")[2])
        here = f"https://localhost:{port}"
        assert address == f"https://{EVERYWHERE}:{port}"

        with httpx2.Client(verify=trusting("localhost"), base_url=here) as client:
            key = (tmp_path / "coursewatch-data" / "admin.key").read_text(encoding="ascii").strip()
            signed_in = client.post("/sign-in", data={"key": key}, follow_redirects=False)
            assert client.get("/worklist").status_code == 200
            assert client.get("/api/v1/sites", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        with httpx2.Client(verify=trusting("elsewhere"), base_url=here) as client, pytest.raises(httpx2.ConnectError):
            client.get("/health/live")
        versions = [spoken_version(port, version) for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2)]
        in_the_clear = plain(port)

    assert signed_in.headers["set-cookie"].startswith("__Host-coursewatch_session=")
    assert signed_in.headers["strict-transport-security"] == "max-age=31536000"
    assert versions == [None, "TLSv1.2"]
    assert b"HTTP/1.1 2" not in in_the_clear


def spoken_version(port: int, version: ssl.TLSVersion) -> str | None:
    """Return the version that is agreed on with a client that speaks no other; None where there is none."""
    context = trusting("localhost")
    # At this level the client itself would still offer what is refused here.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options &= ~(ssl.OP_NO_TLSv1_1 | ssl.OP_NO_TLSv1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = version
        context.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as line,
            context.wrap_socket(line, server_hostname="localhost") as secured,
        ):
            return secured.version()
    except (ssl.SSLError, ConnectionResetError):
        return None


def plain(port: int) -> bytes:
    """Return what is answered to a request in the clear."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            return line.recv(65_536)
        except ConnectionResetError:
            return b""

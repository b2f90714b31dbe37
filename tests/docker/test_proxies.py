"""The proxy without containers does what the one in a container does."""

from tests.architecture.tree import ROOT

DOCKER = ROOT / "docker"
SECTIONS = ("global", "defaults", "resolvers", "frontend", "backend")
# There alone: names of containers are looked up, and restart.sh asks whom the proxy sends requests to.
OF_CONTAINERS = {"resolvers containers", "frontend seen"}
# What an address, a file or a user of a container is on a machine.
ON_A_MACHINE = {
    "log stdout format raw local0 info": "log /dev/log local0 info",
    "bind :8080": "bind :80",
    "bind :8443 ssl crt /run/secrets/tls.pem alpn h2,http/1.1": (
        "bind :443 ssl crt /etc/haproxy/coursewatch.pem alpn h2,http/1.1"
    ),
    "server api-1 api-1:8000": "server api-8001 127.0.0.1:8001",
    "server api-2 api-2:8000": "server api-8002 127.0.0.1:8002",
}
LOOKED_UP = " resolvers containers init-addr none"
AS_NOBODY_ELSE = ["user haproxy", "group haproxy"]
TO_HTTPS = ["http-request redirect scheme https code 308"]


def sections(text: str) -> dict[str, list[str]]:
    """Return the statements of a configuration by section, without comments."""
    found: dict[str, list[str]] = {}
    statements: list[str] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.startswith("#"):
            continue
        if line.split()[0] in SECTIONS:
            statements = found.setdefault(line, [])
        else:
            statements.append(line)
    return found


def on_a_machine(statement: str) -> str:
    return ON_A_MACHINE.get(statement, statement.replace(LOOKED_UP, ""))


def test_the_proxy_of_a_machine_is_that_of_the_containers_at_other_addresses() -> None:
    contained = sections((DOCKER / "proxy" / "haproxy.cfg").read_text(encoding="utf-8"))
    installed = sections((DOCKER / "systemd" / "haproxy.cfg").read_text(encoding="utf-8"))

    expected = {
        name: [on_a_machine(statement) for statement in statements]
        for name, statements in contained.items()
        if name not in OF_CONTAINERS
    }
    # A machine's ports are those that people see; a container's may be published elsewhere.
    expected["frontend http"] = [
        statement for statement in expected["frontend http"] if "txn.host" not in statement
    ] + TO_HTTPS

    assert {
        name: [one for one in statements if one not in AS_NOBODY_ELSE] for name, statements in installed.items()
    } == (expected)
    assert installed["global"].count("user haproxy") == 1

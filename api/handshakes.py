"""The server's event loop: uvicorn's usual one, on which nobody takes as long as they like to agree on TLS."""

from typing import Any

import uvloop

# As long as a head may take. Until they have agreed they are no connections of ours, and in no count of them.
HANDSHAKE_SECONDS = 10.0


class Loop(uvloop.Loop):
    """Ends a connection on which TLS is not agreed on in time; uvicorn has no option for that, and waits a minute."""

    async def create_server(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- handed on as they are
        """Listen as uvicorn asks for it."""
        if named.get("ssl") is not None:
            named["ssl_handshake_timeout"] = HANDSHAKE_SECONDS
        return await super().create_server(*args, **named)

"""The address where pages are asked for; taken before anything else is started or made."""

from __future__ import annotations

import errno
import socket


class CannotServe(Exception):
    """The desk cannot start; one sentence with what to do."""


def open_socket(host: str, port: int) -> socket.socket:
    """Raises CannotServe when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming the protocol lets asyncio switch Nagle's delay off: 44 ms a request without, 1.5 ms with.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)  # from here on nobody else gets it; who comes early waits a moment
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            what = f"port {port} on {host} is taken; stop the other program or set BALIE_HTTP__PORT to a free one"
        else:
            what = f"cannot listen on {host}:{port} ({error.strerror}); mend `http:` in config.yml"
        raise CannotServe(what) from None
    listener.set_inheritable(False)
    return listener

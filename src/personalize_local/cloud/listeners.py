"""The one port, on the loopback interfaces only."""

import errno
import socket

NO_SUCH_INTERFACE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class PortTakenError(RuntimeError):
    """Something else listens on the port."""


def listen_on_loopback(port: int) -> list[socket.socket]:
    """Listen on 127.0.0.1 and, where the machine has it, ::1: `localhost` may mean either.

    Connections wait in the queue until the server accepts them.
    Errors: PortTakenError.
    """
    sockets: list[socket.socket] = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            sockets.append(_listen(family, address, port))
        except OSError as error:
            if family == socket.AF_INET6 and error.errno in NO_SUCH_INTERFACE:
                continue
            for open_socket in sockets:
                open_socket.close()
            raise PortTakenError(f"Port {port} on {address} cannot be used: {error.strerror}.") from error
    return sockets


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Listen without Nagle's algorithm: an answer's head and body would wait 40 ms for each other (measured)."""
    listener = socket.create_server((address, port), family=family, backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener

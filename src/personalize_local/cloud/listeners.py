"""The one port: on the loopback interfaces, and on another address only when asked."""

import errno
import socket

NO_SUCH_INTERFACE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
# Every address of the machine, the loopback one with them.
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}

Address = tuple[socket.AddressFamily, str]


class PortTakenError(RuntimeError):
    """Something else listens on the port, or the address is none of this machine's."""


def listen_on_loopback(port: int) -> list[socket.socket]:
    """Listen on 127.0.0.1 and, where the machine has it, ::1: `localhost` may mean either.

    Connections wait in the queue until the server accepts them.
    Errors: PortTakenError.
    """
    return listen(port)


def listen(port: int, host: str = "") -> list[socket.socket]:
    """Listen on loopback, and on the addresses of `host` as well when it is given.

    The local cloud's own parts (functions, state machines) call it on loopback, wherever else it listens.
    Errors: PortTakenError.
    """
    asked = _addresses(host) if host else []
    covered = {WILDCARDS.get(address) for _, address in asked}
    wanted = [pair for pair in LOOPBACK if pair[1] not in covered and pair not in asked]
    sockets: list[socket.socket] = []
    for family, address in [*wanted, *asked]:
        try:
            sockets.append(_listen(family, address, port))
        except OSError as error:
            if (family, address) == LOOPBACK[1] and error.errno in NO_SUCH_INTERFACE:
                continue
            for open_socket in sockets:
                open_socket.close()
            raise PortTakenError(f"Port {port} on {address} cannot be used: {error.strerror}.") from error
    return sockets


def _addresses(host: str) -> list[Address]:
    """Give the addresses that a name stands for."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise PortTakenError(f"The address '{host}' cannot be used: {error.strerror}.") from error
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Listen without Nagle's algorithm: an answer's head and body would wait 40 ms for each other (measured)."""
    listener = socket.create_server((address, port), family=family, backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener

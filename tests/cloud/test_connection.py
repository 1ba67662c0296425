"""Head and body of an answer leave in one piece, and nothing is kept back for long."""

import asyncio

from personalize_local.cloud.connection import JoiningTransport

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """A transport that keeps what is sent, piece by piece."""

    def __init__(self):
        self.pieces = []
        self.is_closed = False

    def write(self, data):
        assert not self.is_closed
        self.pieces.append(bytes(data))

    def close(self):
        self.is_closed = True

    def get_extra_info(self, name):
        return name


def written(*pieces, closes=False, turns=0):
    """Write pieces in one turn of a loop, let some more turns pass, and give what was sent."""
    wire = Wire()

    async def write():
        transport = JoiningTransport(wire, asyncio.get_running_loop())
        assert transport.get_extra_info("peername") == "peername"
        for piece in pieces:
            transport.write(piece)
        if closes:
            transport.close()
        sent = list(wire.pieces)
        for _ in range(turns):
            await asyncio.sleep(0)
        return wire.pieces if turns else sent

    return asyncio.run(write())


def test_a_head_waits_for_its_body():
    assert written(HEAD, b"{}") == [HEAD + b"{}"]
    assert written(HEAD, b"{}", turns=2) == [HEAD + b"{}"]


def test_an_empty_body_sends_the_head():
    assert written(HEAD, b"") == [HEAD]


def test_a_head_alone_is_sent_in_the_next_turn():
    assert written(HEAD) == []
    assert written(HEAD, turns=2) == [HEAD]


def test_a_stream_goes_on_piece_by_piece():
    assert written(HEAD, b"a", b"b", HEAD, b"c") == [HEAD + b"a", b"b", HEAD + b"c"]


def test_closing_sends_what_was_kept_back():
    assert written(HEAD, closes=True) == [HEAD]

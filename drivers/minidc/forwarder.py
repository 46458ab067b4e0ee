"""The program behind a host's doors: unix sockets outside, TCP over the management network inside.

`python -m drivers.minidc.forwarder HOST-ADDRESS SOCKET=PORT ...`, run in the manager's network
namespace. What goes through a door crosses the management network: cut that, and it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import Final

CONNECT_TIMEOUT: Final = 4.0
"""Seconds; a host that is off is known as such after three, when nobody answered for it."""

SILENCE: Final = ((socket.TCP_KEEPIDLE, 3), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 5))
"""Seconds without a word before asking, between questions, and how many go unanswered."""

UNHEARD_MS: Final = 8000
"""For how long something sent may stay unconfirmed: as long as silence is borne."""

CHUNK: Final = 65536


async def forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> None:
    """Join one caller to the host; when either leaves, both are let go."""
    try:
        opening = asyncio.open_connection(host, port)
        inner_reader, inner_writer = await asyncio.wait_for(opening, CONNECT_TIMEOUT)
    except (OSError, TimeoutError):
        writer.close()
        return
    _notice_silence(inner_writer.get_extra_info("socket"))
    ways = {
        asyncio.create_task(_pump(reader, inner_writer)),
        asyncio.create_task(_pump(inner_reader, writer)),
    }
    _, going_on = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    writer.close()
    inner_writer.close()
    for way in going_on:
        way.cancel()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


def _notice_silence(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
    for option, value in SILENCE:
        connection.setsockopt(socket.IPPROTO_TCP, option, value)


async def serve(host: str, doors: dict[Path, int]) -> None:
    """Keep the doors of a host open until this process is killed."""
    servers = [await _open(door, host, port) for door, port in doors.items()]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _open(door: Path, host: str, port: int) -> asyncio.AbstractServer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forward(reader, writer, host, port)

    # Under its name the socket listens already: who finds a door can use it.
    fresh = door.with_name(f".{door.name}.{os.getpid()}")
    server = await asyncio.start_unix_server(answer, fresh)
    fresh.chmod(0o600)
    fresh.rename(door)
    return server


def main(words: list[str]) -> None:
    """Read the command line, and serve."""
    os.umask(0o077)
    host, *pairs = words
    doors = {Path(door): int(port) for door, _, port in (pair.rpartition("=") for pair in pairs)}
    asyncio.run(serve(host, doors))


if __name__ == "__main__":
    main(sys.argv[1:])

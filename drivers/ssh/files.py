"""Files to a host and back, whole or not at all."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from paramiko import Channel, SFTPClient

from drivers.ssh.command import TooLateError

_PRIVATE: Final = 0o600


def upload(channel: Channel, source: Path | bytes, remote: str, mode: int, deadline: float) -> int:
    """Write `source` to `remote` and return how many bytes it has.

    It is written beside its place, readable by its owner alone, and gets its name when it is
    complete.

    Raises:
        TooLateError: it was not through in time.
        OSError: the host refused it, or a local file cannot be read.
    """
    sftp = _client(channel, deadline)
    part = f"{remote}.{token_hex(4)}.part"
    with (
        io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as content,
        ExitStack() as stack,
    ):
        stack.callback(_remove, sftp, part)
        sftp.open(part, "wx").close()
        sftp.chmod(part, _PRIVATE)
        sent = sftp.putfo(content, part, callback=_in_time(deadline))
        sftp.chmod(part, mode)
        sftp.posix_rename(part, remote)
        stack.pop_all()
    return int(sent.st_size or 0)


def _remove(sftp: SFTPClient, part: str) -> None:
    """Take away what was not written to its end."""
    with suppress(OSError, EOFError):
        sftp.remove(part)


def download(channel: Channel, remote: str, target: BinaryIO, deadline: float) -> int:
    """Write the content of `remote` into `target` and return how many bytes it has.

    Raises:
        TooLateError: it was not through in time.
        OSError: the host refused it, or there is no such file.
    """
    sftp = _client(channel, deadline)
    return int(sftp.getfo(remote, target, callback=_in_time(deadline)))


def _client(channel: Channel, deadline: float) -> SFTPClient:
    channel.settimeout(max(0.1, deadline - time.monotonic()))
    channel.invoke_subsystem("sftp")
    return SFTPClient(channel)


def _in_time(deadline: float) -> Callable[[int, int], None]:
    def check(_moved: int, _size: int) -> None:
        if time.monotonic() > deadline:
            raise TooLateError

    return check

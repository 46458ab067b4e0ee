"""Ways into the data centre's networks for a process that stays outside."""

from __future__ import annotations

import ctypes
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

CLONE_NEWNET: Final = 0x40000000


def open_socket(namespace: Path, host: str, port: int, timeout: float) -> socket.socket:
    """Return a socket connected to `host`:`port` from inside a network namespace.

    A socket keeps the namespace it was made in. A thread made for it enters the namespace and
    ends there: the thread that calls, and the process, stay where they are.

    Args:
        namespace: The file that stands for it, as /run/netns/cl-mgmt.
        host: An address; names would be asked of the caller's resolver.
        port: A TCP port.
        timeout: Seconds to wait for an answer; the socket keeps it.

    Raises:
        OSError: there is no such namespace, nobody answers, or the caller is not root.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="door") as one_thread:
        return one_thread.submit(_connect, namespace, host, port, timeout).result()


def open_door(path: Path, timeout: float) -> socket.socket:
    """Return a socket connected to one of the data centre's doors.

    A door always opens; where the host behind does not answer, it closes again at once.

    Raises:
        OSError: there is no such door.
    """
    door = socket.socket(socket.AF_UNIX)
    try:
        door.settimeout(timeout)
        door.connect(str(path))
    except OSError:
        door.close()
        raise
    return door


def _connect(namespace: Path, host: str, port: int, timeout: float) -> socket.socket:
    _enter(namespace)
    return socket.create_connection((host, port), timeout)


def _enter(namespace: Path) -> None:
    """Move this thread, and it alone, into a network namespace for good."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(namespace))
    finally:
        os.close(descriptor)

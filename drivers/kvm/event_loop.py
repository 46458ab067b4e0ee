"""libvirt's event loop: one thread for all connections, without which no keepalive is sent."""

from __future__ import annotations

import threading
from functools import cache

import libvirt


@cache
def start_event_loop() -> None:
    """Run libvirt's event loop in a thread that ends with the process; twice is once.

    It has to run before the first connection is opened. libvirt's own printing of errors to
    stderr is switched off, too: every error is raised as well.
    """
    libvirt.registerErrorHandler(_ignore, None)
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_run, name="libvirt-events", daemon=True).start()


def _ignore(_context: object, _error: object) -> None:
    """Let libvirt print nothing."""


def _run() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()

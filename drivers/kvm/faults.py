"""What libvirt's errors mean to a workflow: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import libvirt

from cloudlab.errors import CloudError, DriverFault, HostFault

_ANY: Final = -1


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row: errors with this code and these words are of this kind."""

    code: int
    words: str
    kind: type[CloudError]
    advice: str


_LOST: Final = "the host does not answer any more; machines there may well be running"
_UNREADY: Final = "the host lacks what the machine needs; another may have it"

MEANINGS: Final = (
    Meaning(_ANY, 'Failed to get "write" lock', DriverFault, "its disk is in use on a host"),
    Meaning(_ANY, 'Failed to get shared "write" lock', DriverFault, "its disk is in use on a host"),
    Meaning(_ANY, "No space left on device", DriverFault, "make room on the storage"),
    Meaning(_ANY, "process exited while connecting to monitor", HostFault, _UNREADY),
    Meaning(_ANY, "monitor", DriverFault, "QEMU ended; its log on the host says why"),
    Meaning(_ANY, "client socket is closed", HostFault, _LOST),
    Meaning(_ANY, "keepalive timeout", HostFault, _LOST),
    Meaning(_ANY, "Connection reset by peer", HostFault, _LOST),
    Meaning(_ANY, "Cannot write data", HostFault, _LOST),
    Meaning(_ANY, "End of file while reading data", HostFault, _LOST),
    Meaning(_ANY, "Failed to connect socket", HostFault, "is libvirtd running there?"),
    Meaning(_ANY, "unable to connect to server", HostFault, "is libvirtd running there?"),
    Meaning(_ANY, "Cannot access storage file", HostFault, _UNREADY),
    Meaning(_ANY, "Cannot get interface", HostFault, _UNREADY),
    Meaning(_ANY, "Unable to add bridge", HostFault, _UNREADY),
    Meaning(_ANY, "Cannot allocate memory", HostFault, _UNREADY),
    Meaning(libvirt.VIR_ERR_AUTH_FAILED, "", HostFault, "check the credentials for its libvirt"),
    Meaning(libvirt.VIR_ERR_RPC, "", HostFault, _LOST),
    Meaning(libvirt.VIR_ERR_NO_CONNECT, "", HostFault, "is libvirtd running there?"),
    Meaning(libvirt.VIR_ERR_INVALID_CONN, "", HostFault, _LOST),
    Meaning(libvirt.VIR_ERR_OPERATION_TIMEOUT, "", HostFault, "something else holds the machine"),
    Meaning(libvirt.VIR_ERR_NO_DOMAIN, "", DriverFault, "it is not defined there"),
    Meaning(libvirt.VIR_ERR_NO_SUPPORT, "", DriverFault, "this hypervisor cannot do that"),
    Meaning(_ANY, "", DriverFault, ""),
)
"""The first row that fits tells; the last one fits everything."""

LOST: Final = frozenset({libvirt.VIR_ERR_RPC, libvirt.VIR_ERR_INVALID_CONN})
"""Codes after which a connection is of no use any more."""


def translated(error: libvirt.libvirtError, what: str, host_name: str) -> CloudError:
    """Return what `error` means.

    Args:
        error: what libvirt raised.
        what: what was tried, `starting vm web`.
        host_name: where.
    """
    row, text = _meaning(error), str(error)
    hint = f" ({row.advice})" if row.advice else ""
    message = f"{what} on host {host_name} failed: {text}{hint}"
    return HostFault(message, host_name) if row.kind is HostFault else row.kind(message)


def means_lost(error: libvirt.libvirtError) -> bool:
    """Return whether `error` says that a connection broke; whose, it does not say."""
    return _meaning(error).advice == _LOST


def is_lost(error: CloudError) -> bool:
    """Return whether `error` tells of a connection that broke: the one to the host it names."""
    cause = error.__cause__
    return isinstance(cause, libvirt.libvirtError) and means_lost(cause)


def _meaning(error: libvirt.libvirtError) -> Meaning:
    text, code = str(error), error.get_error_code()
    return next(row for row in MEANINGS if row.code in {_ANY, code} and row.words in text)

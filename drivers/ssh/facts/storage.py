"""Whether a machine reaches a storage: a folder of its own, or a server on the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cloudlab.errors import InvalidParameter
from drivers.ssh.facts.asking import Machine, shell
from drivers.ssh.facts.record import Reach

PORTS: Final[Mapping[str, tuple[int, ...]]] = {
    "nfs": (2049,),
    "iscsi": (3260,),
    "nbd": (10809,),
    "rbd": (3300,),
    "http": (80,),
    "https": (443,),
}
"""Where servers of these storages listen unless the URL says otherwise."""

_CONNECT: Final = 'timeout 5 bash -c \'exec 3<>"/dev/tcp/$0/$1"\' "$1" "$2"'
_FOLDER: Final = 'test -d "$1" && test -w "$1"'


def storage_url(text: str) -> SplitResult:
    """Return the parts of a storage's URL.

    Raises:
        InvalidParameter: it is none, of a kind that nobody knows, or tells a password.
    """
    try:
        url = urlsplit(text)
        is_known = (url.scheme == "file" and url.path) or (url.scheme in PORTS and url.hostname)
        _ = url.port
    except ValueError:
        is_known = False
    if not is_known:
        allowed = f"file:///folder or one of {', '.join(PORTS)} with a server: nfs://server/export"
        raise InvalidParameter(f"storage {text!r} is no URL of a storage; it must be {allowed}")
    if url.username or url.password:
        message = "it must have no name or password in it; to reach it needs none"
        raise InvalidParameter(f"the storage URL of {url.hostname}: {message}")
    return url


def reach(machine: Machine, text: str) -> Reach:
    """Return whether `machine` reaches the storage at this URL: connects, or may write there.

    Raises:
        InvalidParameter: it is no URL of a storage.
    """
    url = storage_url(text)
    if url.scheme == "file":
        done = machine.run(shell(_FOLDER, url.path))
        return Reach(text, done.ok, "" if done.ok else "it is no folder that we may write to")
    for port in (url.port,) if url.port else PORTS[url.scheme]:
        done = machine.run(shell(_CONNECT, url.hostname or "", str(port)))
        if not done.ok:
            cause = "no answer within 5 s" if done.exit_code == 124 else _cause(done.complaint)
            return Reach(text, ok=False, trouble=f"TCP port {port}: {cause}")
    return Reach(text, ok=True)


def _cause(complaint: str) -> str:
    """Return the last part of what bash complained about: `Connection refused`."""
    return complaint.rpartition(": ")[2].lower() or "no connection"

"""Whether a host is the one it was: its key against the file of known hosts."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Final

from paramiko import HostKeys, PKey

from cloudlab.errors import InvalidParameter
from drivers.ssh import faults
from drivers.ssh.target import Target

_WRITING: Final = threading.Lock()


def preferred(target: Target, kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds of keys to ask the host for, those that we can check first."""
    known = set(_known(target))
    if "ssh-rsa" in known:
        known |= {"rsa-sha2-256", "rsa-sha2-512"}
    return tuple(sorted(kinds, key=lambda kind: kind not in known))


def verify(target: Target, key: PKey) -> None:
    """Pass if `key` is the host's own.

    Raises:
        HostFault: it is unknown, or not the one that is known.
    """
    with _WRITING:
        known = _known(target)
        if key in known.values():
            return
        if known:
            raise faults.changed_host_key(target, key.fingerprint)
        if not target.trust_first_use:
            raise faults.unknown_host_key(target, key.fingerprint)
        _write_down(target, key)


def _known(target: Target) -> dict[str, PKey]:
    """Return the keys that the file has for this host: kind -> key."""
    try:
        found = HostKeys(str(target.known_hosts)).lookup(target.known_as)
    except FileNotFoundError:
        return {}
    except OSError as error:
        message = f"{target.known_hosts} cannot be read: {error.strerror}"
        raise InvalidParameter(f"{message}; correct the path of known hosts") from error
    return dict(found) if found else {}


def _write_down(target: Target, key: PKey) -> None:
    """Add a line to the file; what people wrote into it stays as it is."""
    line = f"{target.known_as} {key.get_name()} {key.get_base64()}\n"
    try:
        target.known_hosts.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        file = os.open(target.known_hosts, flags, 0o600)
        with os.fdopen(file, "a", encoding="utf-8") as known_hosts:
            known_hosts.write(line)
    except OSError as error:
        message = f"{target.known_hosts} cannot be written: {error.strerror}"
        raise InvalidParameter(f"{message}; correct the path of known hosts") from error

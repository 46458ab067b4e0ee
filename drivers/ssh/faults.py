"""What can go wrong between us and a host, each with what to do about it."""

from __future__ import annotations

import errno
import shlex
import socket
from collections.abc import Mapping
from typing import Final

from cloudlab.errors import HostFault
from drivers.ssh.target import SSH_PORT, Target

_REMEDIES: Final[Mapping[int, str]] = {
    errno.ECONNREFUSED: "nothing listens there; start sshd on it, or correct the port",
    errno.EHOSTUNREACH: "there is no way to it; check its power, cable, address and our routes",
    errno.ENETUNREACH: "there is no way to it; check its address and our routes",
    errno.ENOENT: "the socket is not there; start what opens it, or correct its path",
    errno.ETIMEDOUT: "check its power, its network and the firewalls on the way",
}


def unreachable(target: Target, error: OSError, seconds: float) -> HostFault:
    """Return that no connection came about."""
    if isinstance(error, socket.gaierror):
        cause, remedy = "its name is unknown", "correct it, or add it to DNS or /etc/hosts"
    elif isinstance(error, TimeoutError):
        cause, remedy = f"no answer within {seconds:.3g} s", _REMEDIES[errno.ETIMEDOUT]
    else:
        cause = (error.strerror or str(error)).lower()
        remedy = _REMEDIES.get(error.errno or 0, "check its address and its network")
    return HostFault(f"{target} cannot be reached: {cause}; {remedy}", target.name)


def no_handshake(target: Target, error: Exception) -> HostFault:
    """Return that whatever answers there did not agree on an SSH connection."""
    cause = str(error) or "it closed the connection"
    remedy = "check that an SSH server listens there, and its log"
    return HostFault(f"{target} did not shake hands: {cause}; {remedy}", target.name)


def not_admitted(target: Target, keys: str) -> HostFault:
    """Return that the host takes none of our keys."""
    remedy = f"add its public half to ~{target.user}/.ssh/authorized_keys there, or name another"
    message = f"{target} does not admit {target.user} with {keys}; {remedy}"
    return HostFault(message, target.name)


def unknown_host_key(target: Target, fingerprint: str) -> HostFault:
    """Return that nothing vouches for the host's key."""
    known = target.known_hosts
    unknown = "does not know" if known.exists() else "cannot vouch for, as there is no such file"
    message = (
        f"{target} shows a host key that {known} {unknown}: {fingerprint}; compare it on the "
        f"host's console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then {_add_key(target)}"
    )
    return HostFault(message, target.name)


def _add_key(target: Target) -> str:
    """Return what makes the host's key known, where its file is and where it is not."""
    file = shlex.quote(str(target.known_hosts))
    if target.sock_path is not None:  # which ssh-keyscan cannot go through
        return f"add a line to {file}: {target.known_as}, a space, and what that .pub holds"
    folder = target.known_hosts.parent
    make = "" if folder.exists() else f"mkdir -p {shlex.quote(str(folder))} && "
    port = "" if target.port == SSH_PORT else f"-p {target.port} "
    return f"{make}ssh-keyscan {port}{shlex.quote(target.address)} >> {file}"


def changed_host_key(target: Target, fingerprint: str) -> HostFault:
    """Return that the host is not the one that it was, or somebody is in between."""
    message = (
        f"{target} shows the host key {fingerprint}, which is not the one in "
        f"{target.known_hosts}: it was installed anew, or another machine answers in its place; "
        f"nothing was sent; if the change is meant, ssh-keygen -R '{target.known_as}' "
        f"-f {target.known_hosts}"
    )
    return HostFault(message, target.name)


def timed_out(target: Target, what: str, seconds: float) -> HostFault:
    """Return that a command did not end in its time."""
    message = (
        f"{target}: {what} did not end within {seconds:g} s and was stopped; what it did until "
        "then is not undone; look at the host, or allow more time"
    )
    return HostFault(message, target.name)


def stubborn(target: Target, what: str, seconds: float) -> HostFault:
    """Return that a command which nobody waits for any more did not end when it was stopped."""
    message = (
        f"{target}: {what} was stopped and had not ended {seconds:g} s later; it may still be "
        "running: look at the host"
    )
    return HostFault(message, target.name)


def lost(target: Target, what: str, cause: str) -> HostFault:
    """Return that the connection ended while something may have been under way."""
    message = (
        f"{target}: the connection was lost during {what} ({cause}); whether it was done is not "
        "known, and it is not repeated; check the host's power and network, then look"
    )
    return HostFault(message, target.name)


def busy(target: Target, seconds: float) -> HostFault:
    """Return that others kept all of the connection's channels for too long."""
    remedy = "wait for the commands under way, or allow more at once"
    return HostFault(f"{target} had no channel free within {seconds:.3g} s; {remedy}", target.name)


def no_session(target: Target, error: Exception) -> HostFault:
    """Return that the server refuses to open one more channel."""
    remedy = "raise MaxSessions in its sshd_config, or allow fewer commands at once"
    return HostFault(f"{target} opens no session: {error}; {remedy}", target.name)

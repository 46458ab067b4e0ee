"""The private keys by which a host may know us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from paramiko import Agent, PasswordRequiredException, PKey, SSHException
from paramiko.pkey import UnknownKeyType

from cloudlab.errors import InvalidParameter

USUAL: Final = ("id_ed25519", "id_ecdsa", "id_rsa")
"""Where OpenSSH keeps them, in ~/.ssh."""

_UNREADABLE: Final = (SSHException, UnknownKeyType, UnsupportedAlgorithm, ValueError, TypeError)


def our_keys(path: Path | None) -> Iterator[PKey]:
    """Yield the key at `path`; without one those of the agent, then those in ~/.ssh.

    Raises:
        InvalidParameter: there is no key at `path`, or it cannot be read.
    """
    if path is not None:
        yield _read(path)
        return
    yield from Agent().get_keys()
    for name in USUAL:
        with suppress(InvalidParameter):
            yield _read(Path.home() / ".ssh" / name)


def described(path: Path | None) -> str:
    """Return how messages call these keys; nothing of the keys themselves."""
    return "any key of the agent or in ~/.ssh" if path is None else f"the key {path}"


def _read(path: Path) -> PKey:
    try:
        return PKey.from_path(path)
    except OSError as error:
        raise InvalidParameter(f"key {path} cannot be read: {error.strerror}") from error
    except PasswordRequiredException:
        message = f"key {path} is locked by a passphrase"
        raise InvalidParameter(f"{message}; add it to an agent (ssh-add) and name none") from None
    except _UNREADABLE as error:
        kind = type(error).__name__
        message = f"{path} holds no private key that can be used ({kind})"
        raise InvalidParameter(f"{message}; give one made by ssh-keygen -t ed25519") from None

"""Secrets in a store: encrypted with a key that lies in a file of its own."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from cloudlab.errors import InputError, InvalidParameter

SECRETS: Final[Mapping[str, frozenset[str]]] = {}
"""Which fields of which table are secret: `{"vms": frozenset({"password"})}`. None so far."""


class Vault:
    """Encrypts and decrypts texts; the key file is made when the first secret is written."""

    def __init__(self, key_file: Path | None, store: str) -> None:
        """Keep the key in `key_file`; `store` is what messages call the store."""
        self.key_file = key_file
        self._store = store
        self._cipher: Fernet | None = None

    def encrypt(self, text: str) -> str:
        """Return `text` as only `decrypt` can read it; the same text is never the same twice.

        Raises:
            InvalidParameter: there is no key, or others may read its file.
        """
        if self._cipher is None:
            if self.key_file is not None and not self.key_file.exists():
                _write_key(self.key_file)
            self._cipher = self._load()
        return self._cipher.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Return the text that `encrypt` was given.

        Raises:
            InvalidParameter: there is no key, or others may read its file.
            InputError: it was encrypted with another key.
        """
        if self._cipher is None:
            self._cipher = self._load()
        try:
            return self._cipher.decrypt(token.encode()).decode()
        except InvalidToken:
            raise InputError(
                f"the secrets of {self._store} were encrypted with another key than that in "
                f"{self.key_file}: give the key file that belongs to it"
            ) from None

    def _load(self) -> Fernet:
        path = self.key_file
        if path is None:
            raise InvalidParameter(
                f"{self._store} holds secrets: say in which file their key lies (key_file)"
            )
        try:
            with path.open("rb") as file:
                shared = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
                key = file.read().strip()
        except OSError as error:
            raise InvalidParameter(
                f"the key file {path} of {self._store} cannot be read ({error.strerror}): "
                "put the key that belongs to it there"
            ) from None
        if shared:
            raise InvalidParameter(f"others may read the key file {path}: chmod 600 it")
        try:
            return Fernet(key)
        except ValueError:
            raise InputError(f"{path} holds no key: put the one of {self._store} there") from None


def _write_key(path: Path) -> None:
    """Make a key file that survives a power cut: without it the secrets would be lost."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, Fernet.generate_key() + b"\n")
        os.fsync(file)
    finally:
        os.close(file)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

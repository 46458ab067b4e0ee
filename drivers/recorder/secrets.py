"""Texts that nobody may read in a log or a message: known here, blotted out everywhere."""

from __future__ import annotations

import base64
import shlex
import threading
from html import escape
from typing import Final
from urllib.parse import quote

from cloudlab.errors import InvalidParameter

BLOT: Final = "•••"
"""What stands where a secret stood."""

SHORTEST: Final = 4
"""Characters; blotting out every `a` would hide everything else, too."""


class Secrets:
    """The secrets of one lab; safe to use from several threads."""

    def __init__(self, *secrets: str) -> None:
        self._lock = threading.Lock()
        self._writings: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide `secret` from now on, as it is and as shells, XML, URLs and base64 write it.

        Raises:
            InvalidParameter: it is too short to be told from ordinary text.
        """
        if len(secret) < SHORTEST:
            allowed = f"it must have {SHORTEST} or more to be told from ordinary text"
            raise InvalidParameter(f"a secret has {len(secret)} characters; {allowed}")
        with self._lock:
            written = {*self._writings, *writings(secret)}
            self._writings = tuple(sorted(written, key=len, reverse=True))

    def hide(self, text: str) -> str:
        """Return `text` with every secret blotted out."""
        for secret in self._writings:
            text = text.replace(secret, BLOT)
        return text

    def __repr__(self) -> str:
        return f"Secrets({len(self._writings)} writings)"


def writings(secret: str) -> frozenset[str]:
    """Return the ways in which commands and documents write `secret`."""
    shell = shlex.quote(secret)
    inside = shell[1:-1] if shell != secret else secret
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return frozenset({secret, inside, repr(secret)[1:-1], escape(secret), quote(secret), encoded})

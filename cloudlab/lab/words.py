"""Choices and ports, as people write them in a notebook."""

from __future__ import annotations

from typing import TypeVar

from cloudlab.errors import InvalidParameter
from cloudlab.model import Balancing, Protocol

Port = int | tuple[int, int]
"""One port, or the first and the last of several."""

C = TypeVar("C", Protocol, Balancing)


def ports_of(port: Port) -> tuple[int, int]:
    """Return the first and the last port."""
    return (port, port) if isinstance(port, int) else port


def choice(kind: type[C], word: str) -> C:
    """Return the choice that `word` names.

    Raises:
        InvalidParameter: it names none.
    """
    try:
        return kind(word.lower())
    except ValueError:
        what = {Protocol: "protocol", Balancing: "algorithm"}[kind]
        raise InvalidParameter(f"{what} {word!r}: there are {', '.join(kind)}") from None

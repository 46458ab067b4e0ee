"""What is refused wherever something is added to the physical cloud or removed from it."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from ipaddress import IPv4Address, IPv4Network

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import Record


def check_name(name: str, others: Iterable[Record], kind: str) -> None:
    """Refuse a missing name, or one that another of `others` has.

    Raises:
        InvalidParameter: there is no name, or it is taken.
    """
    if not name:
        raise InvalidParameter(f"a {kind} needs a name")
    if any(each.name == name for each in others):
        raise InvalidParameter(f"there is already a {kind} {name} here")


def check_empty(scope: Record, **parts: Sized) -> None:
    """Refuse to remove `scope` while one of its `parts` is not empty.

    Raises:
        Conflict: something is left; the message counts it.
    """
    there = [f"{len(part)} {what.replace('_', ' ')}" for what, part in parts.items() if len(part)]
    if there:
        raise Conflict(f"{scope} still has {', '.join(there)}; remove them first")


def address(where: object, what: str, text: str) -> IPv4Address:
    """Return `text` as an address.

    Raises:
        InvalidParameter: it is none.
    """
    try:
        return IPv4Address(text)
    except ValueError as error:
        raise InvalidParameter(f"{where}: {what} {text!r}: {error}") from None


def subnet(where: object, what: str, text: str) -> IPv4Network:
    """Return `text` as a network, `10.1.1.0/24`.

    Raises:
        InvalidParameter: it is none.
    """
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise InvalidParameter(f"{where}: {what} {text!r}: {error}") from None

"""A value out of a short list, or an error that shows the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter

if TYPE_CHECKING:
    from enum import StrEnum


def check_choice(name: str, value: str, choices: type[StrEnum]) -> None:
    """Raise `InvalidParameter` when `value` is not one of `choices`."""
    known = [str(choice) for choice in choices]
    if value not in known:
        message = f"{name} is {value!r}; choose one of {', '.join(known)}"
        raise InvalidParameter(message)

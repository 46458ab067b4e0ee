"""What accounts, networks, volumes and the like may be called."""

from __future__ import annotations

import re
from typing import Final

from cloudlab.errors import InvalidParameter

LONGEST: Final = 255
"""Characters (CloudStack's columns for names are as long)."""

_ACCOUNT: Final = re.compile(rf"[A-Za-z0-9._@-]{{1,{LONGEST}}}")


def check_account_name(name: str) -> None:
    """Refuse what no account may be called.

    Raises:
        InvalidParameter: it is empty, too long, or has other characters than such names have.
    """
    if not _ACCOUNT.fullmatch(name):
        raise InvalidParameter(
            f"name of account is {_short(name)}; "
            f"allowed: 1 to {LONGEST} letters, digits, - _ . and @"
        )


def check_name(kind: str, name: str) -> None:
    """Refuse what nothing may be called: people must be able to read it, in one line.

    Raises:
        InvalidParameter: it is empty or blank, too long, or has a line break, a control
            character or half a character.
    """
    if not name:
        raise InvalidParameter(f"a {kind} needs a name")
    if not (name.isprintable() and name.strip() and len(name) <= LONGEST):
        raise InvalidParameter(
            f"name of {kind} is {_short(name)}; allowed: 1 to {LONGEST} printable characters, "
            "not only blanks, in one line"
        )


def _short(name: str) -> str:
    """Return `name` as a message shows it, cut where it is long."""
    shown = 40
    return repr(name) if len(name) <= shown else f"{name[:shown]!r}... ({len(name)} characters)"

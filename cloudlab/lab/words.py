"""What people write in a notebook: texts, numbers, sizes, ports and choices, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from numbers import Integral, Real
from pathlib import Path
from typing import TypeAlias, TypeVar

from cloudlab.errors import InvalidParameter
from cloudlab.model import Balancing, Protocol
from cloudlab.units import MIB_PER_GIB

Port: TypeAlias = int | tuple[int, int]
"""One port, or the first and the last of several."""

C = TypeVar("C", Protocol, Balancing)
T = TypeVar("T")

_LARGEST_MIB = 2**53
"""Up to here whole MiB are told apart."""


def text(field: str, value: object) -> str:
    """Return what must be a text.

    Raises:
        InvalidParameter: it is none.
    """
    if not isinstance(value, str):
        raise InvalidParameter(f"{field} is {value!r}; allowed: a text, in quotes")
    return value


def whole(field: str, value: object, least: int = 1) -> int:
    """Return what must be a whole number of `least` or more.

    Raises:
        InvalidParameter: it is none.
    """
    found = whole_or_none(value)
    if found is None or found < least:
        raise InvalidParameter(f"{field} is {value!r}; allowed: a whole number, {least} or more")
    return found


def whole_or_none(value: object) -> int | None:
    """Return a whole number, of Python or NumPy; `None` for anything else, true and false too."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        return None
    return int(value)


def real(field: str, value: object) -> float:
    """Return what must be a number; whether it is finite, the caller looks.

    Raises:
        InvalidParameter: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidParameter(f"{field} is {value!r}; allowed: a number")
    try:
        return float(value)
    except OverflowError:
        return inf


def mib_of(field: str, gib: object) -> int:
    """Return whole MiB of a size in GiB.

    Raises:
        InvalidParameter: it is not a finite number above 0.
    """
    size = real(field, gib) * MIB_PER_GIB
    if not 0 < size < _LARGEST_MIB:
        raise InvalidParameter(f"{field} is {gib!r}; allowed: GiB, a finite number above 0")
    return round(size)


def port_of(field: str, port: object) -> int:
    """Return one port; whether it is in range, the workflow looks.

    Raises:
        InvalidParameter: it is no whole number.
    """
    found = whole_or_none(port)
    if found is None:
        raise InvalidParameter(f"{field} is {port!r}; allowed: one port, as 80")
    return found


def ports_of(field: str, port: object) -> tuple[int, int]:
    """Return the first and the last port; whether they are in range, the workflow looks.

    Raises:
        InvalidParameter: it is neither a port nor a first and a last one.
    """
    both = port if isinstance(port, tuple | list) else (port, port)
    ends = [end for end in map(whole_or_none, both) if end is not None]
    if len(both) != 2 or len(ends) != 2:
        raise InvalidParameter(
            f"{field} is {port!r}; allowed: a port, as 80, or the first and last, as (8000, 8010)"
        )
    return ends[0], ends[1]


def old_file(field: str, path: object) -> Path:
    """Return a file that must be there.

    Raises:
        InvalidParameter: it is not.
    """
    found = _path(field, path)
    if not found.is_file():
        raise InvalidParameter(f"{field} is {str(found)!r}; allowed: a file that is there")
    return found


def new_file(field: str, path: object) -> Path:
    """Return where a file is to be made: nothing is there, but its folder is.

    Raises:
        InvalidParameter: something is there, which is never overwritten, or no such folder.
    """
    found = _path(field, path)
    if found.exists() or found.is_symlink() or not found.parent.is_dir():
        raise InvalidParameter(
            f"{field} is {str(found)!r}; allowed: a name that is free, in a folder that is there"
        )
    return found


def _path(field: str, path: object) -> Path:
    if not isinstance(path, str | Path) or "\0" in str(path):
        raise InvalidParameter(f"{field} is {path!r}; allowed: the path of a file")
    return Path(path)


def several(field: str, values: Iterable[T] | str) -> Sequence[T]:
    """Return what must be a list.

    Raises:
        InvalidParameter: it is none; a text is not taken for a list of letters.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidParameter(f"{field} is {values!r}; allowed: a list, as [{values!r}]")
    return tuple(values)


def choice(kind: type[C], word: object) -> C:
    """Return the choice that `word` names.

    Raises:
        InvalidParameter: it names none.
    """
    try:
        return kind(word.lower() if isinstance(word, str) else repr(word))
    except ValueError:
        what = {Protocol: "protocol", Balancing: "algorithm"}[kind]
        raise InvalidParameter(f"{what} {word!r}: there are {', '.join(kind)}") from None

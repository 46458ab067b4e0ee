"""Which record is meant: the object itself, its name or its id, and never one by accident."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import TypeAlias, TypeVar

from cloudlab.errors import Conflict, InvalidParameter, NotFound
from cloudlab.lab.words import whole_or_none
from cloudlab.model import Record
from cloudlab.state import Table

R = TypeVar("R", bound=Record)

Which: TypeAlias = R | str | int
"""How a verb is told which record is meant: the object, its name or its id."""

_SHOWN = 8
"""How many names a message lists."""


def the(table: Table[R], what: Which[R]) -> R:
    """Return the record that is meant.

    Raises:
        InvalidParameter: it is none of object, name and id of this kind.
        NotFound: there is none such, or the object is of another moment of the lab.
        Conflict: several have this name.
    """
    if isinstance(what, table.kind):
        return _now(table, what)
    number = whole_or_none(what)
    if number is not None:
        return table.get(number)
    if isinstance(what, str) and what:
        return table.named(what)
    kind = table.kind.kind
    raise InvalidParameter(
        f"{_asked(kind, what)}give the object, its name or its id; there are: {_names(list(table))}"
    )


def _now(table: Table[R], record: R) -> R:
    """Return what became of `record`, which may be of before the lab was taken back.

    Raises:
        NotFound: it is gone, or its id is another's now.
    """
    found = record if record in table else table.get(record.id)
    if found.name != record.name:
        raise NotFound(
            f"{record} is not there any more; {table.kind.kind} {record.id} is {found.name} now"
        )
    return found


def first_of(table: Table[R]) -> R:
    """Return the first record that is not for system machines: what is taken if none is given.

    Raises:
        NotFound: there is none.
    """
    for record in table:
        if not getattr(record, "is_system", False):
            return record
    raise NotFound(f"this cloud has no {table.kind.kind}")


def among(kinds: str, records: Sequence[R], what: object) -> R:
    """Return which of `records`, of several `kinds`, is meant: the object, or by name.

    Raises:
        InvalidParameter: it is neither; an id alone does not tell the kind.
        NotFound: there is none such.
        Conflict: several have this name.
    """
    name = what.name if isinstance(what, Record) else what
    if not isinstance(name, str) or not name:
        raise InvalidParameter(
            f"{_asked(kinds, what)}give the object or its name; there are: {_names(records)}"
        )
    found = [each for each in records if each.name == name]
    if isinstance(what, Record):
        found = [each for each in found if (each.kind, each.id) == (what.kind, what.id)]
    if not found:
        raise NotFound(f"there is no {kinds} {name}; there are: {_names(records)}")
    if len(found) > 1:
        both = ", ".join(f"{each.kind} {each.id}" for each in found)
        raise Conflict(f"{len(found)} are called {name}: {both}; give the object")
    return found[0]


def _asked(kinds: str, what: object) -> str:
    """Return how a message begins about `what`, which is none of `kinds`."""
    if what is None or isinstance(what, str):
        return f"which {kinds}? "
    return f"{shorten(repr(what), 60)} is no {kinds}: "


def _names(records: Sequence[Record]) -> str:
    more = " ..." if len(records) > _SHOWN else ""
    return (", ".join(each.name for each in records[:_SHOWN]) or "none") + more

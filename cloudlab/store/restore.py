"""A lab as its store has it: what `Cloud.restored` takes, and when that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from cloudlab.state.snapshot import Plain
from cloudlab.store.schema import (
    ADDRESSES,
    ALLOCATIONS,
    CLAIMS,
    EVENTS,
    META,
    MOVES,
    RECORDS,
    RESERVATIONS,
)

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from cloudlab.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Saved:
    """A lab as of the last commit.

    Attributes:
        state: what `Cloud.state()` would have returned then.
        lab: the id of the lab, the same for its whole life.
        epoch: wall time of engine second 0, seconds since 1970.
        at: engine time of the last commit, seconds.
        total_moves: how many moves the journal had seen, kept or not.
        total_events: how many events.
    """

    state: Plain
    lab: str
    epoch: float
    at: float
    total_moves: int
    total_events: int

    def resume_at(self, wall: float) -> float:
        """Return the engine time at `wall`, at which the lab goes on; never before `at`."""
        return max(self.at, wall - self.epoch)


def load(connection: Connection, vault: Vault) -> Saved | None:
    """Return what the database holds, `None` if nothing was ever committed.

    Raises:
        InputError: the secrets were encrypted with another key.
        InvalidParameter: there is no key.
    """
    meta = dict(cast("list[tuple[str, object]]", _rows(connection, META)))
    if not meta:
        return None
    inventory = _inventory(connection, vault, cast("dict[str, int]", meta["last_ids"]))
    here = {name: {each["id"] for each in it["records"]} for name, it in inventory.items()}
    state = {
        **{name: meta[name] for name in ("name", "seed", "requests", "settings")},
        "inventory": _without_dangling(inventory, here),
        "ledger": {
            book.name: [list(row[1:]) for row in _rows(connection, book)]
            for book in (CLAIMS, RESERVATIONS, ALLOCATIONS)
        },
        "addresses": _addresses(connection, here["ranges"]),
        "journal": _journal(connection, here),
    }
    return Saved(
        state,
        str(meta["lab"]),
        cast("float", meta["epoch"]),
        cast("float", meta["now"]),
        cast("int", meta["total_moves"]),
        cast("int", meta["total_events"]),
    )


def _rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    query = select(table).order_by(table.primary_key.columns[0])
    return [tuple(row) for row in connection.execute(query)]


def _inventory(connection: Connection, vault: Vault, last_ids: Mapping[str, int]) -> Plain:
    return {
        name: {
            "last_id": last_ids[name],
            "records": [
                _opened(data, vault)
                for data in connection.scalars(select(table.c.data).order_by(table.c.id))
            ],
        }
        for name, table in RECORDS.items()
        if name in last_ids
    }


def _opened(data: Plain, vault: Vault) -> Plain:
    """Return the fields of a record, those that are secret decrypted."""
    return {
        name: vault.decrypt(value["secret"])
        if isinstance(value, dict) and "secret" in value
        else value
        for name, value in data.items()
    }


def _addresses(connection: Connection, ranges: set[int]) -> Plain:
    held: Plain = {str(number): [] for number in sorted(ranges)}
    for _, number, address, holder in _rows(connection, ADDRESSES):
        held[str(number)].append([address, holder])
    return held


def _journal(connection: Connection, here: Mapping[str, set[int]]) -> Plain:
    """Return the kept events, and the kept moves of what is still there."""
    events, moves = (
        connection.scalars(select(log.c.data).order_by(log.c.number)) for log in (EVENTS, MOVES)
    )
    told = [_without_dangling(move, here) for move in moves]
    return {
        "moves": [move for move in told if isinstance(move, list) and move[1] is not None],
        "events": list(events),
    }


def _without_dangling(value: object, here: Mapping[str, set[int]]) -> object:
    """Return `value`, references to what was dropped since it was written being `None`.

    A record that is not changed is not written again when one it refers to is dropped.
    """
    if isinstance(value, list):
        return [_without_dangling(each, here) for each in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("ref")
    if isinstance(reference, list) and len(value) == 1:
        name, number = reference
        return value if number in here.get(name, ()) else None
    return {name: _without_dangling(each, here) for name, each in value.items()}

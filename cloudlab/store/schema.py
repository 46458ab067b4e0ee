"""The tables of a store: one for each kind of record, and one for each of the books."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
)

from cloudlab.state import Inventory

VERSION: Final = 2
"""Of the tables and of what stands in them; raised by whatever makes an old store unreadable."""

METADATA: Final = MetaData()

_BIG = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers its rows by a column of the type INTEGER; any other costs an index."""


def _records(name: str) -> Table:
    """Return the table of one kind of record; name, state and removed are there for people."""
    return Table(
        name,
        METADATA,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("name", Text),
        Column("state", String(40)),
        Column("removed", Double),
        Column("data", JSON, nullable=False),
    )


def _book(name: str, *columns: Column[str] | Column[int] | Column[float]) -> Table:
    """Return the table of one book; `position` keeps the order in which things were taken."""
    first = Column("position", _BIG, primary_key=True, autoincrement=False)
    return Table(name, METADATA, first, *columns)


def _log(name: str) -> Table:
    """Return the table of one half of the journal; `number` counts all that was ever written."""
    return Table(
        name,
        METADATA,
        Column("number", _BIG, primary_key=True, autoincrement=False),
        Column("at", Double, nullable=False),
        Column("type", String(80), nullable=False),
        Column("data", JSON, nullable=False),
    )


RECORDS: Final = {name: _records(name) for name in Inventory().tables()}

CLAIMS: Final = _book(
    "claims",
    Column("vm", Integer),
    Column("host", Integer),
    Column("cpu_mhz", BigInteger),
    Column("ram_mib", BigInteger),
)
RESERVATIONS: Final = _book(
    "reservations",
    Column("vm", Integer),
    Column("host", Integer),
    Column("cpu_mhz", BigInteger),
    Column("ram_mib", BigInteger),
    Column("until", Double),
)
ALLOCATIONS: Final = _book(
    "allocations",
    Column("kind", String(40)),
    Column("number", Integer),
    Column("pool", Integer),
    Column("size_mib", BigInteger),
)
ADDRESSES: Final = _book(
    "held_addresses",
    Column("range", Integer),
    Column("address", BigInteger),
    Column("holder", Integer),
)
EVENTS: Final = _log("events")
MOVES: Final = _log("moves")
META: Final = Table(
    "meta",
    METADATA,
    Column("key", String(40), primary_key=True),
    Column("value", JSON),
)
OWNER: Final = Table(
    "owner",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("since", DateTime, nullable=False, server_default=func.now()),
    Column("token", String(40), nullable=False),
)
"""Who has a store on a database server open; beside SQLite a locked file says so."""

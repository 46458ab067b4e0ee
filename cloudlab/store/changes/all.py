"""Everything of a cloud that is written, in the order in which it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from cloudlab.state.snapshot import Writer
from cloudlab.store.changes.books import (
    addresses_watch,
    allocations_watch,
    claims_watch,
    reservations_watch,
)
from cloudlab.store.changes.change import Watch
from cloudlab.store.changes.journal import events_watch, moves_watch
from cloudlab.store.changes.meta import MetaWatch
from cloudlab.store.changes.records import RecordWatch

if TYPE_CHECKING:
    from cloudlab.store.mirrored import Mirrored
    from cloudlab.store.restore import Saved
    from cloudlab.store.vault import Vault


class Place(Protocol):
    """What there is to be known of a store."""

    vault: Vault
    saved: Saved | None


def watches(
    books: Mirrored,
    store: Place,
    lab: Mapping[str, object],
    secrets: Mapping[str, Collection[str]],
) -> list[Watch]:
    """Return what watches all the books of a cloud; nothing was written yet.

    Args:
        books: the cloud.
        store: where to.
        lab: what never changes, by name.
        secrets: which fields of which table are encrypted.
    """
    inventory, journal, saved = books.inventory, books.journal, store.saved
    moves, events = (0, 0) if saved is None else (saved.total_moves, saved.total_events)
    writer = Writer(inventory)
    seen = moves_watch(journal, writer, max(0, moves - journal.total_moves))
    told = events_watch(journal, writer, max(0, events - journal.total_events))

    def meta() -> Mapping[str, object]:
        return {
            **lab,
            "name": books.name,
            "seed": books.seed,
            "requests": books.requests,
            "settings": books.settings.by_name(),
            "last_ids": {name: table.last_id for name, table in inventory.tables().items()},
            "total_moves": seen.total,
            "total_events": told.total,
        }

    return [
        *(
            RecordWatch(inventory, name, store.vault, secrets.get(name, ()))
            for name in inventory.tables()
        ),
        claims_watch(books.ledger),
        reservations_watch(books.ledger),
        allocations_watch(books.ledger),
        addresses_watch(books.addresses, inventory),
        seen,
        told,
        MetaWatch(meta),
    ]

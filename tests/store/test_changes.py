"""What is found to have changed is what changed, in the order in which it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from cloudlab.model import Account, Domain
from cloudlab.state import Inventory
from cloudlab.store import Vault
from cloudlab.store.changes.books import BookWatch
from cloudlab.store.changes.records import RecordWatch
from cloudlab.store.schema import METADATA, RECORDS, RESERVATIONS

if TYPE_CHECKING:
    from cloudlab.store.changes.change import Change, Row

Acts = list[tuple[str, int]]

ACTS = st.lists(
    st.tuples(st.sampled_from(["take", "give back", "change", "commit"]), st.integers(0, 3)),
    min_size=20,
    max_size=60,
)
"""Long enough that things are given back and taken again between commits."""


class Rows:
    """The rows of a table, as a database would have them."""

    def __init__(self, key: str) -> None:
        """Begin with none."""
        self.key = key
        self.by_key: dict[object, Row] = {}

    def write(self, change: Change | None) -> None:
        """Do what `change` says; what is not there cannot be taken away."""
        if change is not None:
            for key in change.gone:
                del self.by_key[key]
            for row in change.rows:
                self.by_key[row[self.key]] = row
            change.remember()


@given(ACTS)
def test_a_book_keeps_its_order(acts: Acts) -> None:
    """Read by position, a book says what is held in the order in which it was taken."""
    held: dict[int, tuple[int, int, int, float]] = {}
    watch = BookWatch(RESERVATIONS, lambda: dict(held), lambda vm, value: (vm, *value))
    rows = Rows("position")
    for count, (act, number) in enumerate([*acts, ("commit", 0)]):
        if act == "take":
            held.setdefault(number, (1, 2, 3, 4.0))
        elif act == "give back":
            held.pop(number, None)
        elif act == "change" and number in held:
            held[number] = (1, 2, count, 4.0)
        elif act == "commit":
            rows.write(watch.change())
            written = [row for _, row in sorted(rows.by_key.items())]
            assert [(row["vm"], row["ram_mib"]) for row in written] == [
                (vm, value[2]) for vm, value in held.items()
            ]
            assert watch.change() is None


def accounts() -> tuple[Inventory, RecordWatch, Rows]:
    """Return an inventory, what watches its accounts, and what was written."""
    inventory = Inventory()
    return inventory, RecordWatch(inventory, "accounts", Vault(None, "lab"), ()), Rows("id")


@given(ACTS)
def test_records_are_written_as_they_are(acts: Acts) -> None:
    """Whatever was added, dropped or changed since: afterwards the rows are the records."""
    inventory, watch, rows = accounts()
    for count, (act, number) in enumerate([*acts, ("commit", 0)]):
        here = list(inventory.accounts)
        if act == "take":
            inventory.accounts.add(Account(name=f"a{number}", domain=None))
        elif act == "give back" and here:
            inventory.accounts.drop(here[number % len(here)])
        elif act == "change" and here:
            here[number % len(here)].users.append(count)
        elif act == "commit":
            rows.write(watch.change())
            written = {key: (row["name"], row["data"]["users"]) for key, row in rows.by_key.items()}
            assert written == {each.id: (each.name, each.users) for each in here}
            assert watch.change() is None


def test_only_what_differs_is_written() -> None:
    """Of a thousand records one that changed is one row."""
    inventory, watch, rows = accounts()
    for _ in range(1000):
        inventory.accounts.add(Account(name="a", domain=None))
    rows.write(watch.change())
    inventory.accounts.get(700).name = "b"
    change = watch.change()
    assert change is not None
    assert [row["id"] for row in change.rows] == [700]
    assert not change.gone


def test_what_is_not_committed_differs_again() -> None:
    """A change that was found but could not be written is found once more."""
    inventory, watch, _ = accounts()
    inventory.accounts.add(Account(name="a", domain=None))
    first, second = watch.change(), watch.change()
    assert first is not None
    assert second is not None
    assert first.rows == second.rows


def test_a_reference_to_what_has_no_number_yet_is_written_once_it_has() -> None:
    """A record is not changed by the numbering of another, but what is written of it is."""
    inventory, watch, rows = accounts()
    domain = Domain(name="new")
    inventory.accounts.add(Account(name="a", domain=domain))
    rows.write(watch.change())
    assert rows.by_key[1]["data"]["domain"] is None
    inventory.domains.add(domain)
    rows.write(watch.change())
    assert rows.by_key[1]["data"]["domain"] == {"ref": ["domains", 1]}
    assert watch.change() is None


def test_every_kind_of_record_has_a_table() -> None:
    """Each has one of its own, and no book is called as a kind of record is."""
    assert RECORDS.keys() == Inventory().tables().keys()
    assert len(METADATA.tables) == len(RECORDS) + 8

"""Records as plain data that JSON knows, and back.

Records refer to each other; here a reference is `{"ref": ["vms", 7]}`. Reading makes all
records first and fills them afterwards. Only classes of `cloudlab.model` are ever made: a
saved file cannot bring code along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from ipaddress import IPv4Address
from typing import Any, Final, cast

from cloudlab import model
from cloudlab.errors import CloudError, InputError
from cloudlab.state.inventory import Inventory

Plain = dict[str, Any]
"""What JSON knows: texts, numbers, lists and dictionaries."""

_ENUMS: Final[dict[str, Callable[[object], Enum]]] = {
    name: kind
    for name, kind in vars(model).items()
    if isinstance(kind, type) and issubclass(kind, Enum)
}
_MAKERS: Final[dict[str, Callable[[list[object]], object]]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


class Writer:
    """Turns the records of an inventory into plain data."""

    def __init__(self, inventory: Inventory) -> None:
        """Know where every record stands."""
        self.inventory = inventory
        self._table = {table.kind: name for name, table in inventory.tables().items()}

    def inventory_state(self) -> Plain:
        """Return every table: its last id, and its records as field -> value."""
        return {
            name: {
                "last_id": table.last_id,
                "records": [
                    {each.name: self.value(getattr(record, each.name)) for each in fields(record)}
                    for record in table
                ],
            }
            for name, table in self.inventory.tables().items()
        }

    def value(self, value: object) -> object:
        """Return `value` as plain data; an error that was raised is not saved.

        Raises:
            TypeError: it is of a class that is never saved.
        """
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, model.Record):
            return self._reference(value)
        if isinstance(value, Enum):
            return {"enum": [type(value).__name__, value.value]}
        if isinstance(value, IPv4Address):
            return {"ip": str(value)}
        return None if isinstance(value, CloudError) else self._container(value)

    def _container(self, value: object) -> object:
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, tuple):
            return {"tuple": [self.value(each) for each in value]}
        if isinstance(value, (set, frozenset)):
            kind = "set" if isinstance(value, set) else "frozenset"
            return {kind: [self.value(each) for each in sorted(value)]}
        if isinstance(value, dict):
            return {"map": [[self.value(key), self.value(each)] for key, each in value.items()]}
        raise TypeError(f"{type(value).__name__} is never saved")

    def _reference(self, record: model.Record) -> Plain | None:
        """Return a reference to `record`, `None` if it is not in the inventory any more."""
        name = self._table[type(record)]
        known = record in self.inventory.tables()[name]
        return {"ref": [name, record.id]} if known else None


class Reader:
    """Turns plain data into the records of an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        """Read into the empty `inventory`."""
        self.tables = inventory.tables()

    def fill(self, state: Plain) -> None:
        """Make every record of `state`, then fill them.

        Raises:
            InputError: the data is not what `Writer` wrote.
        """
        try:
            for name, saved in state.items():
                self._make(name, saved)
            for name, saved in state.items():
                for each in saved["records"]:
                    self._fill(self.tables[name].get(each["id"]), each)
        except (KeyError, TypeError, ValueError, AttributeError, CloudError) as error:
            raise InputError(f"the saved cloud cannot be read: {error!r}") from error

    def _make(self, name: str, saved: Plain) -> None:
        """Make the records of one table, empty but for their ids."""
        table = self.tables[name]
        for each in saved["records"]:
            record = object.__new__(table.kind)
            record.id = each["id"]
            table.put(record)
        table.last_id = saved["last_id"]

    def _fill(self, record: model.Record, saved: Plain) -> None:
        odd = {each.name for each in fields(record)} ^ saved.keys()
        if odd:
            raise ValueError(f"a {record.kind} has the fields {sorted(odd)} too many or too few")
        for name, value in saved.items():
            setattr(record, name, self.value(value))

    def value(self, value: object) -> object:
        """Return what `Writer.value` was given."""
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        ((kind, inner),) = value.items()
        return self._tagged(kind, cast("list[Any]", inner))

    def _tagged(self, kind: str, inner: list[Any]) -> object:
        if kind == "ref":
            return self.tables[inner[0]].get(inner[1])
        if kind == "enum":
            return _ENUMS[inner[0]](inner[1])
        if kind == "ip":
            return IPv4Address(inner)
        if kind == "map":
            return {self.value(key): self.value(each) for key, each in inner}
        return _MAKERS[kind]([self.value(each) for each in inner])

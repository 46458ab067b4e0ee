"""What an alert is about, in words that no other object shares."""

from __future__ import annotations

from cloudlab.model import AddressRange, Cluster, Host, Record, StoragePool


def scope_of(record: Record) -> str:
    """Return kind and full name of `record`: `host z1/p1/c1/h1`, `vm web #7`."""
    above = _above(record)
    if not above:
        return f"{record} #{record.id}"
    return f"{record.kind} {'/'.join(each.name for each in (*above, record))}"


def _above(record: Record) -> tuple[Record, ...]:
    """Return the places that `record` belongs to, the largest first; none: it has a number."""
    if isinstance(record, Host):
        return record.zone, record.pod, record.cluster
    if isinstance(record, Cluster):
        return record.zone, record.pod
    return (record.zone,) if isinstance(record, (StoragePool, AddressRange)) else ()

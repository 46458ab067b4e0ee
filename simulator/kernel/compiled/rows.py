"""Everything a run reads and writes, as arrays of rows.

A row is a NumPy record; in compiled code it is a pointer whose fields are read by name. Rows
instead of columns keep what one decision touches side by side in memory, and spare every
call the counting of references to forty arrays: the run is ten times faster for it.

The classes below say which fields a row has. From them come the layout in memory and the
types that the compiled functions are checked against; nobody makes objects of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar, get_type_hints

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Int32: TypeAlias = Annotated[int, np.int32]
Int64: TypeAlias = Annotated[int, np.int64]
UInt64: TypeAlias = Annotated[np.uint64, np.uint64]
Float64: TypeAlias = Annotated[float, np.float64]

Free: TypeAlias = "NDArray[np.float64]"  # of `trees.Trees`
Addresses: TypeAlias = "NDArray[np.int64]"  # free ones of every address pool
Marks: TypeAlias = "NDArray[np.bool_]"  # which hosts of the cluster in hand fit
Counts: TypeAlias = "NDArray[np.int32]"  # of `accounts.counts_of`


class Request:
    """A request and what became of it: 64 bytes, one line of the processor's cache."""

    arrival_s: Float64
    departure_s: Float64
    released_s: Float64  # disk and address are free again
    ram: Int64
    disk: Int64
    vcpu: Int32
    mhz: Int32  # 0: the speed of the host
    account: Int32
    host: Int32  # -1: refused, or not yet decided
    pool: Int32
    reason: Int32


class Host:
    """A host; what is free on it stands in its leaf of the tree."""

    cpu: Int64  # what VMs may be promised
    ram: Int64
    leaf: Int64
    cores: Int32
    mhz: Int32
    cluster: Int32
    seat: Int32  # its column in the counts


class Cluster:
    """A cluster, its tree, its hosts `first_host` up to `end_host`, and what they hold."""

    share: Float64  # used of the resource that orders clusters
    cpu: Int64  # what VMs may be promised
    ram: Int64
    cpu_used: Int64
    ram_used: Int64
    cpu_disable: Float64
    ram_disable: Float64
    first_host: Int64
    end_host: Int64
    first_pool: Int64  # its pools are serving[first_pool:end_pool]
    end_pool: Int64
    tree: Int64  # node k is row `tree + k`
    width: Int64  # leaves of the tree
    tried: Int64  # the last request that asked it
    first_mhz: Int64
    least_mhz: Int64
    most_mhz: Int64
    least_cores: Int32
    number: Int32
    zone: Int32
    address_pool: Int32
    seat: Int32
    pod_seat: Int32


class Zone:
    """A zone, in the resource that orders zones."""

    usable: Int64
    used: Int64
    share: Float64


class Pool:
    """A storage pool."""

    room: Int64  # what volumes may be promised
    used: Int64
    size: Float64  # the room before it is rounded: the whole of the threshold's share
    disable: Float64
    seat: Int64


class Settings:
    """The rules: one row."""

    seed: UInt64
    weight: Float64
    ram_per_mhz: Float64  # what goes together in the average request
    clusters: Int32
    hosts: Int32
    pools: Int32
    by_ram: Int32
    total_seat: Int32


R = TypeVar("R")


def rows_of(kind: type[R], count: int, **columns: object) -> NDArray[np.record]:
    """Return `count` rows of a kind, filled from columns; fields that are not named are 0."""
    hints = get_type_hints(kind, include_extras=True)
    fields = [(name, hint.__metadata__[0]) for name, hint in hints.items()]
    layout = np.dtype(fields, align=True)
    rows: NDArray[np.record] = np.zeros(count, np.dtype((np.record, layout)))
    for name, column in columns.items():
        rows[name] = column
    return rows

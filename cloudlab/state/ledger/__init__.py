"""What is left on each host and pool, and who holds the rest.

A host knows its totals, the ledger knows what is left: one array a resource, one row a
host. `claim`, `reserve`, `release` and `allocate` are the only writes; they raise rather
than clamp. Capacity is counted as CloudStack counts it: a running VM *uses*, a VM that was
just stopped keeps its place *reserved* for a while, and what is neither is *free*.
"""

from cloudlab.state.ledger.capacity import Rows
from cloudlab.state.ledger.ledger import Ledger
from cloudlab.state.ledger.pools import PoolLedger
from cloudlab.state.ledger.shares import Share, cpu_need

__all__ = ["Ledger", "PoolLedger", "Rows", "Share", "cpu_need"]

"""What is true now: every record, what is left, which addresses are taken, what happened."""

from cloudlab.state.addresses import NumberPool
from cloudlab.state.inventory import Inventory, Table
from cloudlab.state.journal import Journal, Move
from cloudlab.state.ledger import Ledger, Rows, Share, cpu_need

__all__ = [
    "Inventory",
    "Journal",
    "Ledger",
    "Move",
    "NumberPool",
    "Rows",
    "Share",
    "Table",
    "cpu_need",
]

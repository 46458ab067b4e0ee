"""The whole state of a cloud as plain data that JSON knows, and back."""

from cloudlab.state.snapshot.books import (
    addresses_state,
    journal_state,
    ledger_state,
    restore_addresses,
    restore_journal,
    restore_ledger,
)
from cloudlab.state.snapshot.records import Plain, Reader, Writer

__all__ = [
    "Plain",
    "Reader",
    "Writer",
    "addresses_state",
    "journal_state",
    "ledger_state",
    "restore_addresses",
    "restore_journal",
    "restore_ledger",
]

"""The ledger itself: hosts, pools and who holds what of them, in one place."""

from __future__ import annotations

from cloudlab.model import Host
from cloudlab.state.ledger.holdings import Holdings
from cloudlab.state.ledger.pools import PoolLedger
from cloudlab.state.ledger.shares import Share, share_of
from cloudlab.units import size_text


class Ledger(Holdings, PoolLedger):
    """CPU (MHz), RAM (MiB) and guests of every host; storage (MiB) of every pool."""

    def cpu(self, *hosts: Host) -> Share:
        """Return the CPU of `hosts` together, in MHz."""
        return share_of(hosts, self.cpu_total, self.cpu_free, self.cpu_reserved)

    def ram(self, *hosts: Host) -> Share:
        """Return the RAM of `hosts` together, in MiB."""
        return share_of(hosts, self.ram_total, self.ram_free, self.ram_reserved)

    def __repr__(self) -> str:
        """Say how full the cloud is."""
        cpu, ram = self.cpu(*self.hosts), self.ram(*self.hosts)
        return (
            f"<Ledger: {len(self.hosts)} hosts, CPU {cpu.taken:.0%} of {cpu.total} MHz taken, "
            f"RAM {ram.taken:.0%} of {size_text(ram.total)} taken>"
        )

"""Networks of a simulated cloud."""

from __future__ import annotations

from cloudlab.model import Host, Nic
from simulator.outside import Outside


class SimulatedFabric:
    """Plugs NICs by remembering where they are plugged."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def plug(self, nic: Nic, host: Host) -> None:
        """Connect `nic` on `host`."""
        self.outside.check_contact(host)
        await self.outside.spend("fabric.plug", nic)
        self.outside.check_contact(host)
        self.outside.plugged.add((nic.id, host.id))

    async def unplug(self, nic: Nic, host: Host) -> None:
        """Make sure `nic` is not connected on `host`."""
        if (nic.id, host.id) in self.outside.plugged:
            await self.outside.spend("fabric.unplug", nic)
            self.outside.plugged.discard((nic.id, host.id))


class SimulatedRouter:
    """Serves networks by remembering which NICs it knows."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def admit(self, nic: Nic) -> None:
        """Let the network's services know `nic`."""
        await self.outside.spend("router.admit", nic)
        self.outside.admitted.add(nic.id)

    async def forget(self, nic: Nic) -> None:
        """Make sure the services do not know `nic`."""
        if nic.id in self.outside.admitted:
            await self.outside.spend("router.forget", nic)
            self.outside.admitted.discard(nic.id)

"""Networks of a simulated cloud."""

from __future__ import annotations

from cloudlab.errors import DriverFault
from cloudlab.model import Host, Network, Nic, NicState
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

    async def protect(self, nic: Nic, host: Host) -> None:
        """Let through to `nic` what its security groups say now."""
        outside = self.outside
        outside.check_contact(host)
        await outside.spend("fabric.protect", nic)
        outside.check_contact(host)
        if (nic.id, host.id) not in outside.plugged:
            raise DriverFault(f"{nic} is not plugged on {host}")

    async def plugged(self, host: Host) -> set[int]:
        """Return the NICs that are connected on `host`."""
        self.outside.check_contact(host)
        await self.outside.spend("fabric.plugged", host)
        self.outside.check_contact(host)
        return {nic for nic, there in self.outside.plugged if there == host.id}


class SimulatedRouter:
    """Serves networks by remembering which NICs it knows."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def implement(self, network: Network, host: Host) -> None:
        """Run the router of `network` on `host`."""
        outside = self.outside
        outside.check_contact(host)
        await outside.spend("router.implement", network)
        outside.check_contact(host)
        outside.routers.add((network.id, host.id))
        outside.admitted -= {nic.id for nic in network.nics}
        outside.admitted |= {nic.id for nic in network.nics if nic.state is not NicState.ALLOCATED}

    async def shutdown(self, network: Network, host: Host) -> None:
        """Make sure the router of `network` does not run on `host`."""
        outside = self.outside
        if (network.id, host.id) in outside.routers:
            await outside.spend("router.shutdown", network)
            outside.routers.discard((network.id, host.id))
            if all(known != network.id for known, _ in outside.routers):
                outside.admitted -= {nic.id for nic in network.nics}

    async def apply(self, network: Network) -> None:
        """Make the router do what the records say."""
        self._check_runs(network)
        await self.outside.spend("router.apply", network)
        self._check_runs(network)

    async def issue_password(self, nic: Nic) -> str:
        """Return a password; nobody can log in anywhere with it."""
        self._check_runs(nic.network)
        await self.outside.spend("router.issue_password", nic)
        self._check_runs(nic.network)
        return f"simulated-{nic.id}"

    async def networks(self, host: Host) -> set[int]:
        """Return the networks whose router runs on `host`."""
        self.outside.check_contact(host)
        await self.outside.spend("router.networks", host)
        self.outside.check_contact(host)
        return {network for network, there in self.outside.routers if there == host.id}

    def _check_runs(self, network: Network) -> Host:
        """Return where the router of `network` runs.

        Raises:
            HostFault: it fell with its host.
            DriverFault: it was never begun.
        """
        host = network.router_host
        if host is None:
            raise DriverFault(f"{network} has no virtual router")
        self.outside.check_contact(host)
        if (network.id, host.id) not in self.outside.routers:
            raise DriverFault(f"the virtual router of {network} does not run on {host}")
        return host

    async def admit(self, nic: Nic) -> None:
        """Let the network's services know `nic`."""
        host = self._check_runs(nic.network)
        await self.outside.spend("router.admit", nic)
        self.outside.check_contact(host)
        self.outside.admitted.add(nic.id)

    async def forget(self, nic: Nic) -> None:
        """Make sure the services do not know `nic`."""
        if nic.id in self.outside.admitted:
            await self.outside.spend("router.forget", nic)
            self.outside.admitted.discard(nic.id)

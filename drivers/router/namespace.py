"""The Router port on real hosts: a network namespace, dnsmasq, nftables, haproxy."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from itertools import chain
from secrets import token_urlsafe
from typing import Final

from cloudlab.engine import Engine
from cloudlab.engine.locks import Holding
from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import Host, HostStatus, Network, Nic
from drivers import naming
from drivers.fabric.greeting import Greeter
from drivers.fabric.script import Script, checked_lab_id, compose, shipped
from drivers.fabric.vxlan import PATIENCE
from drivers.fabric.wire import COMMON, RETIRE, WIRE, Wire
from drivers.router import balancer, guests, legs, names, packets
from drivers.router.files import SECRET, File, writing
from drivers.site import Site


def _script(name: str) -> str:
    return shipped(name, "drivers.router")


_ROUTER: Final = COMMON, WIRE, _script("router.sh"), _script("daemons.sh")
_PASSWORD_BYTES: Final = 12
"""Of chance in a password: 16 letters, digits, hyphens and underscores."""
_SHUTDOWN: Final = COMMON, RETIRE, _script("shutdown.sh")
_REFRESH: Final = _script("refresh.sh")
_RUNNING: Final = _script("running.sh")
_SERVICES: Final = (files("drivers.router") / "guest_services.py").read_text(encoding="utf-8")


class NamespaceRouter:
    """Runs the virtual routers of networks as namespaces on the hosts of a site.

    What a host needs, besides what the fabric needs: dnsmasq, haproxy, Python 3.7 or newer,
    and a bridge that leads outside. What routers remember lies in its /run.
    """

    def __init__(self, engine: Engine, site: Site, *, upstream: tuple[str, ...] = ()) -> None:
        """Work on the hosts of `site`.

        Args:
            engine: the clock.
            site: how hosts are reached.
            upstream: name servers that routers ask for names they do not know.

        Raises:
            InvalidParameter: the site's `lab_id` cannot be part of names on a host.
        """
        self._engine = engine
        self._site = site
        self._lab_id = checked_lab_id(site.lab_id)
        self._upstream = upstream
        self._greeter = Greeter(engine, site)
        self._behind: set[int] = set()
        """Networks whose router may know NICs that it should have forgotten."""

    async def implement(self, network: Network, host: Host) -> None:
        """Run the router of `network` on `host`, or make the one there what it has to be.

        Raises:
            HostFault: the host does not answer, or has no bridge that leads outside.
            DriverFault: it could not be done.
        """
        await self._greeter.introduce(host, network)
        async with self._working_on(network):
            parts = _REFRESH, _script("implement.sh")
            await self._do(self._compose("implement", network, host, *parts), host)
            self._behind.discard(network.id)

    async def shutdown(self, network: Network, host: Host) -> None:
        """Make sure the router of `network` does not run on `host`.

        A host that is Down is not asked, and one that does not answer is no error: with its
        power all routers are gone. One that lives on is found by `networks`.

        Raises:
            DriverFault: it could not be done.
        """
        settings = Wire.of(network, host, self._site).settings(self._lab_id)
        settings |= legs.names(network, self._lab_id)
        script = compose(_words("shut down", network), settings, *_SHUTDOWN)
        async with self._working_on(network):
            if host.status is not HostStatus.DOWN:
                with suppress(HostFault):
                    await self._do(script, host)

    async def apply(self, network: Network) -> None:
        """Make the running router of `network` do what the records say: addresses and rules.

        Raises:
            HostFault: its host does not answer.
            DriverFault: it does not run there.
        """
        async with self._working_on(network):
            await self._apply(network)

    async def _apply(self, network: Network) -> None:
        host = _host_of(network)
        parts = _REFRESH, _RUNNING, _script("apply.sh")
        await self._do(self._compose("apply", network, host, *parts), host)
        self._behind.discard(network.id)

    async def admit(self, nic: Nic) -> None:
        """Let the running router know `nic`: its MAC, address, name, user data and key.

        Raises:
            HostFault: the router's host does not answer.
            DriverFault: it does not run, or the NIC has no address.
        """
        network = nic.network
        async with self._working_on(network):
            host = _host_of(network)
            if network.id in self._behind:
                await self._apply(network)
            parts = writing(guests.files_of(nic)), _RUNNING, _script("admit.sh")
            await self._do(self._about(nic, "admit", *parts), host)

    async def forget(self, nic: Nic) -> None:
        """Make sure the router does not know `nic`; a network without a router knows none.

        A host that is Down is not asked, and one that does not answer is no error: should its
        router live on, it is put right with the next NIC that is admitted.

        Raises:
            DriverFault: it could not be done.
        """
        async with self._working_on(nic.network):
            host = nic.network.router_host
            if host is not None and not await self._has_forgotten(nic, host):
                self._behind.add(nic.network.id)

    async def _has_forgotten(self, nic: Nic, host: Host) -> bool:
        """Return whether the router on `host` was there to forget `nic`."""
        if host.status is HostStatus.DOWN:
            return False
        try:
            await self._do(self._about(nic, "forget", _script("forget.sh")), host)
        except HostFault:
            return False
        return True

    async def issue_password(self, nic: Nic) -> str:
        """Return a new password, which the machine of `nic` gets when it asks next.

        Raises:
            HostFault: the router's host does not answer.
            DriverFault: the network's router does not run.
        """
        password = token_urlsafe(_PASSWORD_BYTES)
        await self.keep_password(nic, password)
        return password

    async def keep_password(self, nic: Nic, password: str) -> None:
        """Hand the machine of `nic` a password when it asks for one, until it says it has it.

        Raises:
            HostFault: the router's host does not answer.
            DriverFault: the network's router does not run.
        """
        host = _host_of(nic.network)
        kept = File(f"passwords/{nic.id}@{nic.ip}", password + "\n", SECRET)
        parts = writing([kept]), _RUNNING, "write_files\n"
        await self._do(self._about(nic, "keep a password", *parts), host)

    async def networks(self, host: Host) -> set[int]:
        """Return the networks whose router runs on `host`, by id.

        Raises:
            HostFault: the host does not answer.
        """
        prefix = f"clr-{self._lab_id}-"
        settings = {"lab": self._lab_id, "prefix": prefix}
        script = compose(("list", "routers"), settings, COMMON, _script("networks.sh"))
        listed = (await self._do(script, host)).split()
        return {int(word) for word in listed if word.isdecimal()}

    def _compose(self, verb: str, network: Network, host: Host, *parts: str) -> Script:
        """Return a script that leaves the router with all that the records say."""
        folder = f"/run/cloudlab/{self._lab_id}/routers/{network.id}"
        every = [
            File("services.py", _SERVICES),
            names.configuration(network, folder, self._upstream),
            balancer.configuration(network, folder),
            legs.announcements(network),
            *chain.from_iterable(map(guests.files_of, guests.known(network))),
        ]
        settings = Wire.of(network, host, self._site).settings(self._lab_id)
        settings |= legs.settings(network, self._lab_id)
        settings["public_bridge"] = self._site.of(host).public_bridge
        settings["router_rules"] = packets.rules(network)
        writes = writing(every, *guests.DIRECTORIES)
        return compose(_words(verb, network), settings, *_ROUTER, writes, *parts)

    def _about(self, nic: Nic, verb: str, *parts: str) -> Script:
        """Return a script about one NIC."""
        settings = {"lab": self._lab_id, "nic": str(nic.id), "network": str(nic.network.id)}
        settings |= legs.names(nic.network, self._lab_id)
        return compose((*verb.split(), naming.tap(nic)), settings, *_ROUTER, *parts)

    def _working_on(self, network: Network) -> Holding:
        """Hold the router of `network`: what was written down earlier must not arrive later."""
        return self._engine.lock(("work on router", network.id))

    async def _do(self, script: Script, host: Host) -> str:
        return await self._engine.call(script.carry_out, self._site.of(host), timeout=PATIENCE)


def _words(verb: str, network: Network) -> tuple[str, ...]:
    return (*verb.split(), "router", str(network.id))


def _host_of(network: Network) -> Host:
    """Return the host of the router of `network`.

    Raises:
        DriverFault: it has none.
    """
    if network.router_host is None:
        raise DriverFault(f"{network} has no virtual router: implement it first")
    return network.router_host


def router(engine: Engine, site: Site, *, upstream: tuple[str, ...] = ()) -> NamespaceRouter:
    """Return the virtual routers of `site`; see `NamespaceRouter`."""
    return NamespaceRouter(engine, site, upstream=upstream)

"""Hosts learn of each other: a network that spreads to a new one must flood there, too."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from cloudlab.engine import Engine
from cloudlab.errors import HostFault
from cloudlab.model import Host, HostStatus, Network
from drivers.fabric.script import SECONDS, compose, shipped
from drivers.fabric.wire import COMMON, WIRE, peers
from drivers.site import Site

_GREET: Final = COMMON, WIRE, shipped("greet.sh")


class Greeter:
    """Tells hosts which others there are, once, and again when the site has changed.

    Wires are told when they are laid. But a host may have wires from before the site grew, of
    an earlier process even, so each is greeted before a network spreads from it.
    """

    def __init__(self, engine: Engine, site: Site) -> None:
        """Greet the hosts of `site`; none has been."""
        self._engine = engine
        self._site = site
        self._told: dict[str, tuple[str, ...]] = {}

    async def introduce(self, host: Host, network: Network) -> None:
        """Let `host` and those that `network` is on know all hosts there are now.

        One of the others that does not answer is let be: with its power its wires went.

        Raises:
            HostFault: `host` does not answer.
            DriverFault: it could not be done.
        """
        if self._is_new_to(host):
            await self.greet(host)
        for other in _ends(network):
            if other.name in self._site.hosts and self._is_new_to(other):
                self._told[other.name] = peers(other, self._site)
                with suppress(HostFault):
                    await self.greet(other)

    async def greet(self, host: Host) -> None:
        """Let all wires on `host` flood to every other host, and to none that has left.

        Raises:
            HostFault: it does not answer.
            DriverFault: it could not be done.
        """
        known = peers(host, self._site)
        settings = {"lab": self._site.lab_id, "peers": " ".join(known)}
        script = compose(("greet", "other", "hosts"), settings, *_GREET)
        await self._engine.call(script.carry_out, self._site.of(host), timeout=2 * SECONDS)
        self._told[host.name] = known

    def _is_new_to(self, host: Host) -> bool:
        """Return whether there is a host that `host` was not told of; alone it needs not be."""
        return self._told.get(host.name, ()) != peers(host, self._site)


def _ends(network: Network) -> list[Host]:
    """Return the hosts that are up and have `network`: by a machine, or by its router."""
    found = {nic.vm.host for nic in network.nics} | {network.router_host}
    there = [host for host in found if host is not None and host.status is HostStatus.UP]
    return sorted(there, key=lambda host: host.id)

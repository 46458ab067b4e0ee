"""The Fabric port on real hosts: Linux bridges over VXLAN, guarded by nftables."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import Final

from cloudlab.engine import Engine
from cloudlab.engine.locks import Holding
from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import Host, HostStatus, Nic
from drivers import naming
from drivers.fabric import nic_rules
from drivers.fabric.greeting import Greeter
from drivers.fabric.script import SECONDS, Script, checked_lab_id, compose, shipped
from drivers.fabric.wire import COMMON, RETIRE, WIRE, Wire
from drivers.site import Site

PATIENCE: Final = 2 * SECONDS
"""When the engine gives up; the shell does so before."""

_PLUG: Final = COMMON, WIRE, shipped("plug.sh")
_UNPLUG: Final = COMMON, RETIRE, shipped("unplug.sh")
_PROTECT: Final = COMMON, shipped("protect.sh")
_PLUGGED: Final = COMMON, shipped("plugged.sh")


class VxlanFabric:
    """Connects NICs on the hosts of a site.

    What a host needs: iproute2, nftables, flock, and a kernel with bridges, VXLAN and
    br_netfilter. The record of what is plugged lies in its /run, and is lost with its power.
    """

    def __init__(self, engine: Engine, site: Site) -> None:
        """Work on the hosts of `site`.

        Raises:
            InvalidParameter: the site's `lab_id` cannot be part of names on a host.
        """
        self._engine = engine
        self._site = site
        self._lab_id = checked_lab_id(site.lab_id)
        self._greeter = Greeter(engine, site)
        self._owed: defaultdict[str, dict[int, Nic]] = defaultdict(dict)
        """What is to be unplugged on hosts that did not answer, should they live on."""

    async def plug(self, nic: Nic, host: Host) -> None:
        """Connect `nic` on `host`; its device may come later and is guarded from its first frame.

        Raises:
            HostFault: the host does not answer, or another lab is in the way there.
            DriverFault: it could not be done.
        """
        await self._settle(host)
        await self._greeter.introduce(host, nic.network)
        async with self._working_on(nic):
            self._owed[host.name].pop(nic.id, None)
            await self._do(self._plugging(nic, host), host)

    def _plugging(self, nic: Nic, host: Host) -> Script:
        return compose(("plug", naming.tap(nic)), self._settings(nic, host), *_PLUG)

    def _settings(self, nic: Nic, host: Host) -> dict[str, str]:
        """Return what scripts about a NIC are given."""
        settings = Wire.of(nic.network, host, self._site).settings(self._lab_id)
        settings |= {"nic": str(nic.id), "tap": naming.tap(nic)}
        settings["nic_rules"] = nic_rules.plugged(nic, self._lab_id)
        settings["gone_rules"] = nic_rules.unplugged(nic, self._lab_id)
        return settings

    async def unplug(self, nic: Nic, host: Host) -> None:
        """Make sure `nic` is not connected on `host`.

        A host that is Down is not asked, and one that does not answer is no error: with its
        power all plugs are gone. Should it come back alive, it is the first thing done there.

        Raises:
            DriverFault: it could not be done.
        """
        async with self._working_on(nic):
            if host.status is HostStatus.DOWN:
                self._owed[host.name][nic.id] = nic
            else:
                with suppress(HostFault):
                    await self._unplug(nic, host)

    async def _unplug(self, nic: Nic, host: Host) -> None:
        """Unplug `nic`, or owe it to `host` until that answers."""
        self._owed[host.name].pop(nic.id, None)
        try:
            await self._do(self._unplugging(nic, host), host)
        except HostFault:
            self._owed[host.name][nic.id] = nic
            raise

    def _unplugging(self, nic: Nic, host: Host) -> Script:
        return compose(("unplug", naming.tap(nic)), self._settings(nic, host), *_UNPLUG)

    async def protect(self, nic: Nic, host: Host) -> None:
        """Let through to the plugged `nic` what its security groups say now.

        Connections that are open stay so. Rules that somebody took away are there again.

        Raises:
            HostFault: the host does not answer.
            DriverFault: the NIC is not plugged there.
        """
        async with self._working_on(nic):
            settings = self._settings(nic, host)
            await self._do(compose(("protect", naming.tap(nic)), settings, *_PROTECT), host)

    async def plugged(self, host: Host) -> set[int]:
        """Return the NICs that are connected on `host`, by id.

        Raises:
            HostFault: the host does not answer.
        """
        await self._settle(host)
        script = compose(("list", "NICs"), {"lab": self._lab_id}, *_PLUGGED)
        return {int(word) for word in (await self._do(script, host)).split()}

    async def _settle(self, host: Host) -> None:
        """Do on `host` what it could not be asked for before; what fails is left for `plugged`."""
        for nic in list(self._owed[host.name].values()):
            async with self._working_on(nic):
                if nic.id in self._owed[host.name]:
                    with suppress(DriverFault):
                        await self._unplug(nic, host)

    def _working_on(self, nic: Nic) -> Holding:
        """Hold `nic`: rules written down earlier must not arrive later."""
        return self._engine.lock(("work on nic", nic.id))

    async def _do(self, script: Script, host: Host) -> str:
        return await self._engine.call(script.carry_out, self._site.of(host), timeout=PATIENCE)


def fabric(engine: Engine, site: Site) -> VxlanFabric:
    """Return the fabric of `site`."""
    return VxlanFabric(engine, site)

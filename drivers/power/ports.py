"""The Power port over one switch for each host: off means seen to be off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cloudlab.errors import CloudError, DriverFault
from cloudlab.ports import PowerState

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from cloudlab.model import Host
    from drivers.power.switch import Switch

CALL_S = 30.0
"""Seconds that a switch may take for one answer."""


class SwitchedPower:
    """Cuts and gives power, and believes nothing that it has not read back."""

    def __init__(
        self, engine: Engine, switches: Mapping[str, Switch], *, patience: float = 20.0
    ) -> None:
        """Know the switch of every host.

        Args:
            engine: what runs calls that block.
            switches: by the names of the hosts.
            patience: seconds until a host must be seen to be off or on.
        """
        self._engine = engine
        self._switches = switches
        self._patience = patience

    async def off(self, host: Host) -> bool:
        """Cut the power of `host`; return whether it was seen to be off afterwards.

        Raises:
            DriverFault: nothing says how to switch it.
        """
        switch = self._switch(host)
        try:
            await self._engine.call(switch.off, timeout=CALL_S)
            return await self._is(host, PowerState.OFF)
        except CloudError:
            return False

    async def on(self, host: Host) -> None:
        """Switch `host` on.

        Raises:
            DriverFault: it has no power after `patience` seconds.
        """
        await self._engine.call(self._switch(host).on, timeout=CALL_S)
        if not await self._is(host, PowerState.ON):
            raise DriverFault(f"{host} was switched on and has no power after {self._patience:g} s")

    async def state(self, host: Host) -> PowerState:
        """Return whether `host` has power, `UNKNOWN` where its switch does not say."""
        try:
            is_on = await self._engine.call(self._switch(host).is_on, timeout=CALL_S)
        except CloudError:
            return PowerState.UNKNOWN
        return PowerState.ON if is_on else PowerState.OFF

    async def _is(self, host: Host, wanted: PowerState) -> bool:
        """Return whether `host` comes to be so."""
        deadline = self._engine.now + self._patience
        while (await self.state(host)) is not wanted:
            if self._engine.now >= deadline:
                return False
            await self._engine.sleep(0.5)
        return True

    def _switch(self, host: Host) -> Switch:
        try:
            return self._switches[host.name]
        except KeyError:
            raise DriverFault(
                f"nothing says how to switch {host} off and on; add power to it in the lab file"
            ) from None

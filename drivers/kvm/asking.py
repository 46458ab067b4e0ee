"""How a host is asked about one of its machines, and a guest until it has obeyed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple

from cloudlab.errors import DriverFault
from cloudlab.ports import PowerState
from drivers.kvm import domains
from drivers.kvm.marks import Identity

if TYPE_CHECKING:
    import libvirt

    from cloudlab.model import Host, VirtualMachine
    from drivers.kvm.contacts import Contacts

T = TypeVar("T")
Args = TypeVarTuple("Args")

POLL: Final = 0.25
"""Seconds between two looks at something a guest does in its own time."""
ASK_AGAIN: Final = 5.0
"""Seconds after which a guest that does not react is asked again; it may have been booting."""
SLOW: Final = 120.0
"""Seconds for what QEMU does at its own speed: begin, save its memory, shut down by agent."""


class Asking:
    """What everything that has to do with machines on hosts is made of."""

    def __init__(self, contacts: Contacts) -> None:
        """Work through `contacts`."""
        self.contacts = contacts
        self.options = contacts.options

    def _who(self, vm: VirtualMachine) -> Identity:
        return Identity.of(vm, self.contacts.site.owner)

    async def _ask(
        self,
        host: Host,
        doing: str,
        vm: VirtualMachine,
        fn: Callable[[libvirt.virConnect, Identity, *Args], T],
        *args: *Args,
        timeout: float = SLOW,
    ) -> T:
        """Return `fn(connection, identity of vm, *args)`."""
        who = self._who(vm)
        return await self.contacts.ask(host, f"{doing} {vm}", fn, who, *args, timeout=timeout)

    async def power_at(self, vm: VirtualMachine, host: Host) -> PowerState:
        """Return what `host` says of `vm`.

        Raises:
            HostFault: it does not answer.
        """
        return await self._ask(host, "looking after", vm, domains.power_by_name)

    async def _runs(self, vm: VirtualMachine, host: Host) -> bool:
        return await self.power_at(vm, host) is PowerState.ON

    async def _patiently(
        self,
        ask: Callable[[], Awaitable[bool]],
        lasts: Callable[[], Awaitable[bool]],
        seconds: float,
        failure: str,
    ) -> None:
        """Ask a guest, again and again, for something until it has been done.

        Args:
            ask: asks; it returns False if there is nothing to do any more.
            lasts: whether it has not been done yet.
            seconds: after which to give up.
            failure: what to say then.

        Raises:
            DriverFault: it was not done in time.
        """
        engine = self.contacts.engine
        deadline = engine.now + seconds
        while await ask():
            again = min(engine.now + ASK_AGAIN, deadline)
            while engine.now < again:
                if not await lasts():
                    return
                await engine.sleep(POLL)
            if engine.now >= deadline:
                raise DriverFault(failure)

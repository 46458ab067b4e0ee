"""Ports that are far away: a request may not arrive, or its answer may be lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from typing import Any

from cloudlab.errors import CloudError, HostFault
from cloudlab.ports import Ports
from simulator.faults import Faults


class Wire:
    """What goes over the wire to the ports, and what does not arrive.

    Attributes:
        cut: the requests that will not arrive: the caller gets an error, nothing has happened.
        lost: the answers that will be lost: the caller gets an error, it has happened.
        log: every step that was taken to its end, with its subject, in order.
    """

    def __init__(self, outside: Any) -> None:
        """Lose nothing and have nothing in the log; `outside` is what is true out there."""
        self.outside = outside
        self.cut = Faults()
        self.lost = Faults()
        self.log: list[tuple[str, object]] = []

    def through(self, ports: Ports) -> Ports:
        """Return `ports` with this wire before each of them."""
        names = [each.name for each in fields(ports) if each.name != "are_instant"]
        return replace(ports, **{name: Far(self, name, getattr(ports, name)) for name in names})

    def refuse(self, step: str, error: CloudError, times: int = 1) -> None:
        """Let the next `times` requests for `step` not arrive."""
        self.cut.plan(step, error, times=times)

    def lose(self, step: str, error: CloudError, times: int = 1) -> None:
        """Lose the answers to the next `times` times that `step` is taken."""
        self.lost.plan(step, error, times=times)

    def count(self, step: str) -> int:
        """Return how often `step` was taken to its end."""
        return sum(taken == step for taken, _ in self.log)


class Far:
    """A port behind the wire."""

    def __init__(self, wire: Wire, name: str, port: Any) -> None:
        """Stand before `port`, which is called `name`."""
        self._wire, self._name, self._port = wire, name, port

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        """Return the method of the port, with the wire before and after it."""
        act, step, wire = getattr(self._port, method), f"{self._name}.{method}", self._wire

        async def sent(*args: Any, **options: Any) -> Any:
            if step == "hypervisor.start":
                check_ready(wire.outside, *args)
            wire.cut.strike(step, args[0])
            answer = await act(*args, **options)
            wire.log.append((step, args[0]))
            wire.lost.strike(step, args[0])
            return answer

        return sent


def check_ready(outside: Any, vm: Any, host: Any) -> None:
    """Assert what a hypervisor relies on: the disks are there, the NICs plugged.

    Raises:
        HostFault: the host is just coming back, and does not reach its storage yet.
    """
    for volume in vm.volumes:
        assert (volume.id, volume.pool.id) in outside.disks, f"{vm} boots without {volume}"
        if (volume.pool.id, host.id) not in outside.mounted:
            raise HostFault(f"{host} does not reach {volume.pool}", host.name)
    for nic in vm.nics:
        if host.id not in outside.connected:
            continue
        assert (nic.id, host.id) in outside.plugged, f"{vm} boots without {nic}"
        assert nic.id in outside.admitted, f"{vm} boots with an unknown {nic}"
        assert nic.range is not None, f"{vm} boots without an address"

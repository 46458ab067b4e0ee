"""The ports of a simulated cloud: every step takes its time and changes the outside."""

from cloudlab.ports import Ports
from simulator.outside import Outside
from simulator.ports.fabric import SimulatedFabric, SimulatedRouter
from simulator.ports.hypervisor import SimulatedHypervisor, SimulatedPower, SimulatedProbe
from simulator.ports.storage import SimulatedBlockStore, SimulatedImageStores


def simulated_ports(outside: Outside) -> Ports:
    """Return one of each port, all on the same `outside`."""
    return Ports(
        hypervisor=SimulatedHypervisor(outside),
        blocks=SimulatedBlockStore(outside),
        images=SimulatedImageStores(outside),
        fabric=SimulatedFabric(outside),
        router=SimulatedRouter(outside),
        power=SimulatedPower(outside),
        probe=SimulatedProbe(outside),
        are_instant=lambda: outside.latency.is_instant,
    )


__all__ = [
    "SimulatedBlockStore",
    "SimulatedFabric",
    "SimulatedHypervisor",
    "SimulatedImageStores",
    "SimulatedPower",
    "SimulatedProbe",
    "SimulatedRouter",
    "simulated_ports",
]

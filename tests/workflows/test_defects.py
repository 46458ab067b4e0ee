"""A defect of a driver is told, and ends neither the run nor the watch over the hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudlab.model import AlertType, HostStatus, Settings, VmState
from cloudlab.policy.health import Health
from cloudlab.ports import Ports
from cloudlab.workflows import machines, recovery, services
from tests.support.clouds import World, build, leaks


class Broken:
    """A port, one step of which raises what no driver should."""

    def __init__(self, port: object, step: str) -> None:
        """Stand before `port`; `step` is broken."""
        self._port, self._step = port, step

    def __getattr__(self, name: str) -> object:
        """Return the step, or one that is broken."""
        return self._fail if name == self._step else getattr(self._port, name)

    async def _fail(self, *_args: object) -> None:
        raise ValueError("invalid literal for int(): 'on'")


def broken(step: str) -> World:
    """Return a world with a machine under HA, in which `step` has a defect."""
    rules = Settings.of({"vm.allocation.algorithm": "firstfit"})
    world = build(settings=rules)
    world.deploy("safe", offering=world.offering(ha=True))
    name, _, method = step.partition(".")
    ports: Ports = world.cloud.ports
    world.cloud.ports = replace(ports, **{name: Broken(getattr(ports, name), method)})
    services.start(world.cloud)
    return world


def told(world: World) -> set[tuple[str, str]]:
    """Return subject and kind of the open alerts about defects."""
    alerts = world.cloud.inventory.alerts
    return {(each.name, each.type.name) for each in alerts if each.name.startswith("Defect in")}


@pytest.mark.parametrize("step", ["power.state", "probe.reachable", "probe.heartbeat_age"])
def test_a_witness_with_a_defect_does_not_know(step: str) -> None:
    """The others decide: the dead host is fenced, its machine runs again, and time goes on."""
    world = broken(step)
    (vm,), host = world.vms, world.hosts[0]
    world.outside.break_host(host)
    world.cloud.engine.run(until=3600)
    assert host.status is HostStatus.DOWN
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[1])
    assert told(world) == {(f"Defect in {step} of c1-h1", "MANAGEMENT_NODE")}
    (text,) = {alert.text for alert in world.cloud.inventory.alerts if "Defect" in alert.name}
    assert text.startswith("ValueError: invalid literal for int(): 'on' (")
    assert "test_defects.py, line" in text


def test_who_is_asked_in_vain_is_told_once() -> None:
    """The alert counts how often; it is one as long as it is open."""
    world = broken("probe.reachable")
    for _ in range(3):
        assert world.run(recovery.investigate(world.cloud, world.hosts[0])) is Health.UP
    (alert,) = world.cloud.inventory.alerts
    assert (alert.type, alert.sent_count) == (AlertType.MANAGEMENT_NODE, 3)


def test_a_ping_with_a_defect_is_no_answer() -> None:
    """The hosts are looked into, and found to live; nothing is fenced."""
    world = broken("hypervisor.ping")
    world.cloud.engine.run(until=3600)
    assert {host.status for host in world.hosts} == {HostStatus.ALERT}
    assert world.vms[0].state is VmState.RUNNING
    assert world.wire.count("power.off") == 0


def test_a_fence_with_a_defect_has_not_fenced() -> None:
    """The machine may still run: it is left alone, and the fence is tried again."""
    world = broken("power.off")
    (vm,), host = world.vms, world.hosts[0]
    world.outside.break_host(host)
    world.cloud.engine.run(until=3600)
    assert (host.status, vm.host) == (HostStatus.DOWN, host)
    assert world.alerts().count("Unable to fence off host c1-h1") > 1
    assert ("Defect in power.off of c1-h1", "MANAGEMENT_NODE") in told(world)


def test_a_restart_with_a_defect_is_tried_again() -> None:
    """The machine is still wanted: the monitor comes back to it."""
    world = broken("hypervisor.start")
    (vm,), host = world.vms, world.hosts[0]
    ports = world.cloud.ports
    world.outside.break_host(host)
    world.cloud.engine.run(until=400)
    assert vm.state is VmState.STOPPED
    assert told(world) == {("Defect in investigation of c1-h1", "MANAGEMENT_NODE")}
    world.cloud.ports = replace(ports, hypervisor=ports.hypervisor._port)
    world.cloud.engine.run(until=3600)
    assert vm.state is VmState.RUNNING


def test_a_round_with_a_defect_is_not_the_last() -> None:
    """What was destroyed is expunged by the next round that can."""
    world = broken("router.forget")
    (vm,), ports = world.vms, world.cloud.ports
    world.cloud.ports = replace(ports, router=ports.router._port)
    world.run(machines.destroy(world.cloud, vm))
    world.cloud.ports = replace(ports, blocks=Broken(ports.blocks, "delete"))
    world.cloud.engine.run(until=2 * 86_400 + 1)
    assert told(world) == {("Defect in a round of the expunge", "MANAGEMENT_NODE")}
    assert vm.removed is None
    world.cloud.ports = replace(ports, router=ports.router._port)
    world.cloud.engine.run(until=4 * 86_400)
    assert vm.removed is not None


def test_a_test_sees_a_defect_all_the_same() -> None:
    """What only an alert tells of is among the leaks."""
    world = broken("probe.reachable")
    world.run(recovery.investigate(world.cloud, world.hosts[0]))
    assert [each[:40] for each in leaks(world)] == ["Defect in probe.reachable of c1-h1: Valu"]

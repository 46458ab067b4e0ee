"""Settings that change what a workflow does."""

from __future__ import annotations

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.model import Settings, VmState
from cloudlab.workflows import machines, recovery, services
from tests.support.clouds import World, build


def world_with(**settings: object) -> World:
    """Return a small cloud with these settings, by CloudStack's names with underscores."""
    named = {name.replace("_", "."): value for name, value in settings.items()}
    rules = {"vm.allocation.algorithm": "firstfit", **named}
    return build(VirtualEngine(), settings=Settings.of(rules))


@pytest.mark.parametrize(
    ("settings", "ha", "runs"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"vm_ha_enabled": False}, True, False),
        ({"force_ha": True}, False, True),
        ({"force_ha": True, "vm_ha_enabled": False}, True, False),
    ],
)
def test_who_is_restarted(settings: dict[str, object], ha: bool, runs: bool) -> None:
    """The offering says, unless `force.ha` wants all or `vm.ha.enabled` wants none."""
    world = world_with(**settings)
    vm = world.deploy("web", offering=world.offering(ha=ha))
    host = vm.host
    assert host is not None
    world.outside.break_host(host)
    world.run(recovery.host_down(world.cloud, host))
    world.quiet()
    assert vm.state is (VmState.RUNNING if runs else VmState.STOPPED)


@pytest.mark.parametrize("forced", [False, True])
def test_destroying_pulls_the_plug_if_it_should(forced: bool) -> None:
    """`vm.destroy.forcestop`; otherwise the guest is asked to shut down."""
    world = world_with(vm_destroy_forcestop=forced)
    world.outside.latency = world.outside.latency.__class__(
        "slow", {"hypervisor.stop": 50.0, "hypervisor.destroy": 1.0}
    )
    vm, begin = world.deploy("web"), world.cloud.now
    world.run(machines.destroy(world.cloud, vm))
    assert vm.state is VmState.DESTROYED
    assert (world.cloud.now - begin < 50) is forced


def test_a_cluster_has_thresholds_of_its_own_for_alerts() -> None:
    """They come before the cloud's, for CPU, RAM and the storage of its pools."""
    world = world_with()
    world.deploy("web")
    world.run(services.check_capacity(world.cloud))
    assert world.alerts() == []
    (cluster,) = world.clusters
    cluster.cpu_notify_threshold = cluster.ram_notify_threshold = 0.0
    cluster.storage_notify_threshold = 0.0
    world.run(services.check_capacity(world.cloud))
    told = " ".join(world.alerts())
    assert "CPU" in told
    assert "memory" in told
    assert "storage" in told

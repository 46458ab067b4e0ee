"""Settings have CloudStack's names, defaults, units and scopes."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

from cloudlab import model
from cloudlab.design.schema import AllocationAlgorithm, ClusterSettings, Settings, ZoneSettings
from cloudlab.design.schema.settings import NOT_MODELLED
from cloudlab.model.settings import ALGORITHMS
from tests.design.documents import LEAST, complaint, read

DEFAULTS = {
    "vm.allocation.algorithm": "random",
    "vm.user.dispersion.weight": 1,
    "host.capacityType.to.order.clusters": "CPU",
    "apply.allocation.algorithm.to.pods": False,
    "start.retry": 10,
    "host.retry": 2,
    "cpu.overprovisioning.factor": 1,
    "mem.overprovisioning.factor": 1,
    "storage.overprovisioning.factor": 2,
    "cluster.cpu.allocated.capacity.disablethreshold": 0.85,
    "cluster.memory.allocated.capacity.disablethreshold": 0.85,
    "pool.storage.allocated.capacity.disablethreshold": 0.85,
    "pool.storage.capacity.disablethreshold": 0.85,
    "cluster.cpu.allocated.capacity.notificationthreshold": 0.75,
    "cluster.memory.allocated.capacity.notificationthreshold": 0.75,
    "cluster.localStorage.capacity.notificationthreshold": 0.75,
    "zone.vlan.capacity.notificationthreshold": 0.75,
    "pod.privateip.capacity.notificationthreshold": 0.75,
    "capacity.skipcounting.hours": 3600,
    "capacity.check.period": 300_000,
    "check.pod.cidrs": True,
    "expunge.delay": 86_400,
    "expunge.interval": 86_400,
    "expunge.workers": 1,
    "vm.destroy.forcestop": False,
    "custom.diskoffering.size.max": 1024,
    "storage.max.volume.size": 2000,
    "ha.tag": None,
    "ha.workers": 5,
    "max.retries": 5,
    "restart.retry.interval": 600,
    "migrate.retry.interval": 120,
    "ping.interval": 60,
    "ping.timeout": 2.5,
    "alert.wait": 1800,
    "migratewait": 3600,
}


@pytest.mark.book("1.39")
@pytest.mark.parametrize(("name", "default"), DEFAULTS.items(), ids=DEFAULTS)
def test_defaults_are_cloudstacks(name: str, default: object):
    """Under CloudStack's own name; `expunge.delay` can be changed, as all can."""
    assert Settings().model_dump(by_alias=True)[name] == default
    assert read(LEAST + "settings: {expunge.delay: 7}\n").settings.expunge_delay == 7


def test_algorithms_are_those_that_a_cloud_can_run():
    """The document offers neither more nor fewer."""
    assert {str(each) for each in AllocationAlgorithm} == set(ALGORITHMS)


def test_every_setting_that_a_running_cloud_obeys_can_be_written():
    """Nothing can only be set from Python."""
    written = set(Settings().model_dump(by_alias=True))
    assert {each.metadata["name"] for each in fields(model.Settings)} <= written


def test_what_nothing_obeys_is_named():
    """Every setting is obeyed by a running cloud or by the design itself, or said to be idle."""
    by_design = {"check.pod.cidrs"}
    obeyed = {each.metadata["name"] for each in fields(model.Settings)} | by_design
    unread = {"pool.storage.capacity.disablethreshold", "wait"}
    assert set(Settings().model_dump(by_alias=True)) - (obeyed - unread) == NOT_MODELLED


def test_a_design_tells_which_of_its_settings_have_no_effect():
    """Only those that were changed."""
    design = read("settings: {ha.workers: 7, wait: 60, expunge.workers: 1}\n" + LEAST)
    assert design.without_effect() == {"ha.workers": 7, "wait": 60}
    assert read(LEAST).without_effect() == {}


def test_thresholds_can_be_off():
    """Off is infinity inside, so that no share is above it, and `off` when written."""
    name = "cluster.cpu.allocated.capacity.disablethreshold"
    for word in ("off", "false"):
        settings = read(f"settings: {{{name}: {word}}}\n{LEAST}").settings
        assert settings.cluster_cpu_allocated_capacity_disablethreshold == math.inf
        assert settings.model_dump(mode="json", by_alias=True)[name] == "off"
    assert read(f"settings: {{{name}: 0}}\n{LEAST}").settings.model_dump(by_alias=True)[name] == 0


@pytest.mark.parametrize("value", ["true", "-0.1", "101", "high", ".nan", "[]", "1.01"])
def test_thresholds_are_shares(value: str):
    """Everything else is refused with the range."""
    text = f"settings: {{pool.storage.capacity.disablethreshold: {value}}}\n{LEAST}"
    assert "it must be a share from 0 to 1, or off" in complaint(text)


def test_scoped_settings_are_a_part_of_the_global_ones():
    """A zone or cluster can only differ in what the cloud has."""
    names = set(Settings().model_dump(by_alias=True))
    for scoped in (ZoneSettings(), ClusterSettings()):
        own = scoped.model_dump(by_alias=True)
        assert set(own) < names
        assert set(own.values()) == {None}


def test_a_setting_of_another_scope_is_refused():
    """What a cluster cannot have for itself is no field there."""
    text = LEAST.replace("    - hosts", "    - settings: {expunge.delay: 5}\n      hosts")
    assert "clusters[0].settings.expunge.delay is not a field of a design" in complaint(text)

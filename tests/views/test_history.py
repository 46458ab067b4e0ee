"""The timeline: bars from the journal, failures as marks, waiting between them."""

from __future__ import annotations

import pytest

from cloudlab.cloud import Cloud
from cloudlab.errors import InvalidParameter
from cloudlab.model import HostEvent
from cloudlab.state import Journal
from cloudlab.views import Level, Tone, timeline
from cloudlab.workflows import hosts, machines, recovery
from tests.views.build import Site, small_site


def lane_of(site: Site, name: str, **window: float):
    """Return the lane of this name."""
    return next(lane for lane in timeline(site.cloud, **window).lanes if lane.name == name)


@pytest.fixture
def life() -> Site:
    """One VM that was deployed in steps of 10 s, ran for 100 s and was stopped."""
    site = small_site(vms=1, seconds=10)
    site.sleep(100)
    site.run(machines.stop(site.cloud, site.cloud.inventory.vms.get(1)))
    site.sleep(50)
    return site


def test_bars_follow_each_other(life: Site) -> None:
    """The states of a VM cover its life without gaps or overlaps."""
    lane = lane_of(life, "web-1")
    assert [bar.state for bar in lane.bars] == ["Starting", "Running", "Stopping", "Stopped"]
    assert all(a.end == b.start for a, b in zip(lane.bars, lane.bars[1:], strict=False))
    vm = life.cloud.inventory.vms.get(1)
    assert (lane.bars[0].start, lane.bars[-1].end) == (vm.created, life.cloud.now)
    assert lane.spent("Running") == 100.0


def test_a_stop_on_purpose_is_no_waiting(life: Site) -> None:
    """A VM that its owner stopped waits for nothing and has no failure."""
    lane = lane_of(life, "web-1")
    assert (lane.waited_s, lane.failures) == (0, 0)
    assert lane.bars[-1].tone is Tone.IDLE


def test_hosts_come_first(life: Site) -> None:
    """Lanes are those of hosts, then of VMs, each in order of id."""
    lanes = timeline(life.cloud).lanes
    assert [lane.level for lane in lanes] == [Level.HOST] * 4 + [Level.VM]
    assert [lane.name for lane in lanes[:2]] == ["c1-h1", "c1-h2"]


def test_the_window_cuts_bars(life: Site) -> None:
    """Bars are cut at both ends of the window; a state that began before it is known."""
    stopping = next(bar for bar in lane_of(life, "web-1").bars if bar.state == "Stopping")
    window = {"since": stopping.start - 10, "until": stopping.end - 5}
    lane = lane_of(life, "web-1", **window)
    assert [(bar.state, bar.start, bar.end) for bar in lane.bars] == [
        ("Running", stopping.start - 10, stopping.start),
        ("Stopping", stopping.start, stopping.end - 5),
    ]


def test_a_window_that_ends_before_it_starts(life: Site) -> None:
    """The refusal names both moments."""
    with pytest.raises(InvalidParameter, match="from 50 s cannot end at 20 s"):
        timeline(life.cloud, since=50, until=20)


def test_a_failed_host_leaves_marks_and_waiting() -> None:
    """Host down: a mark and a red bar; its VM waits until it runs elsewhere."""
    site = small_site(vms=1, seconds=10)
    vm = site.cloud.inventory.vms.get(1)
    host = vm.host
    site.sleep(100)
    site.outside.break_host(host)
    site.run(recovery.host_down(site.cloud, host))
    site.sleep(10)
    down, lane = lane_of(site, host.name), lane_of(site, "web-1")
    assert [(mark.event, mark.tone) for mark in down.marks] == [("HostDown", Tone.BAD)]
    assert down.bars[-1].state == "Down"
    assert lane.failures == 1
    assert lane.bars[-1].state == "Running"
    assert vm.host is not host


def test_waiting_lasts_until_somebody_starts_the_vm() -> None:
    """A VM that stopped by itself waits, also while nobody tries to start it."""
    site = small_site(vms=1)
    vm = site.cloud.inventory.vms.get(1)
    vm.offering.ha = False
    site.sleep(10)
    site.outside.break_host(vm.host)
    site.run(recovery.host_down(site.cloud, vm.host))
    site.sleep(300)
    site.run(machines.start(site.cloud, vm))
    site.sleep(40)
    lane = lane_of(site, "web-1")
    waiting = [bar for bar in lane.bars if bar.is_waiting]
    assert lane.waited_s == 300.0
    assert (waiting[0].tone, waiting[0].event) == (Tone.WARN, "AgentReportStopped")
    assert "waiting to be started for 5 min" in str(waiting[0])


def test_a_disabled_host_is_idle_not_failed() -> None:
    """What the administrator wants stands in the lane of a host that is Up."""
    site = small_site(vms=0)
    site.sleep(30)
    host = site.cloud.inventory.hosts.get(1)
    site.run(hosts.disable(site.cloud, host))
    site.sleep(30)
    lane = lane_of(site, host.name)
    assert [(bar.state, bar.seconds) for bar in lane.bars] == [("Up", 30.0), ("Disabled", 30.0)]
    assert lane.failures == 0


def test_a_removed_vm_keeps_its_lane() -> None:
    """An expunged VM is gone from the cloud but not from its history."""
    site = small_site(vms=1)
    site.sleep(20)
    site.run(machines.destroy(site.cloud, site.cloud.inventory.vms.get(1), expunge=True))
    site.sleep(50)
    lane = lane_of(site, "web-1")
    assert lane.bars[-1].end == 20.0


def test_what_the_journal_forgot_is_taken_from_its_first_move() -> None:
    """With a short memory the state before the first kept move still fills the lane."""
    site = small_site(vms=0)
    cloud: Cloud = site.cloud
    cloud.journal = Journal(keep=1)
    host = cloud.inventory.hosts.get(1)
    site.sleep(100)
    cloud.move(host, HostEvent.PING_TIMEOUT)
    site.sleep(10)
    lane = lane_of(site, host.name)
    assert [(bar.state, bar.seconds) for bar in lane.bars] == [("Up", 100.0), ("Alert", 10.0)]
    assert lane.bars[0].event == ""


def test_names_can_be_searched(life: Site) -> None:
    """A part of the name is enough, upper or lower case."""
    assert [lane.name for lane in timeline(life.cloud).named("WEB").lanes] == ["web-1"]


def test_the_busiest_lanes_are_kept_in_order() -> None:
    """With room for few lanes those with failures stay, and the order does not change."""
    site = small_site(vms=3)
    site.sleep(10)
    third = site.cloud.inventory.hosts.get(3)
    site.cloud.move(third, HostEvent.HOST_DOWN)
    site.sleep(10)
    kept = timeline(site.cloud).busiest(2).lanes
    assert len(kept) == 2
    assert "c2-h1" in [lane.name for lane in kept]
    ids = [(lane.level.depth, lane.id) for lane in kept]
    assert ids == sorted(ids)


def test_repr_counts_failures(life: Site) -> None:
    """The repr says how much it holds and how to see it."""
    assert "5 lanes, 0 failures" in repr(timeline(life.cloud))

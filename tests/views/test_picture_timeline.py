"""The picture of a timeline: bars in their lanes, in scale, failures marked."""

from __future__ import annotations

import pytest

from cloudlab.model import HostEvent
from cloudlab.views import draw_timeline, timeline
from cloudlab.views.pictures.timeline import _Axis
from cloudlab.workflows import machines, recovery
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, SVG, classes, is_harmless, nodes, read_svg, texts


@pytest.fixture(scope="module")
def site() -> Site:
    """Two VMs; the host of one fails after 100 s and the VM stays down for 300 s."""
    site = small_site(vms=2, seconds=5)
    vm = site.cloud.inventory.vms.get(1)
    vm.offering.ha = False
    site.sleep(100)
    site.outside.break_host(vm.host)
    site.run(recovery.host_down(site.cloud, vm.host))
    site.sleep(300)
    site.run(machines.start(site.cloud, vm))
    site.sleep(100)
    return site


def test_a_bar_a_state(site: Site) -> None:
    """Each bar of the data is one rectangle, with its state and a tooltip."""
    view = timeline(site.cloud)
    for lane in view.lanes:
        group = next(
            each
            for each in nodes(draw_timeline(view), lane.level)
            if each.get("data-id") == str(lane.id)
        )
        bars = [each.get("data-state") for each in group.iter(f"{SVG}rect")]
        assert bars == [bar.state for bar in lane.bars]


def test_bars_are_in_scale(site: Site) -> None:
    """A bar is as wide as its share of the window, from its moment on."""
    view = timeline(site.cloud)
    lane = next(lane for lane in view.lanes if lane.name == "web-1")
    drawn = list(nodes(draw_timeline(view), "vm")[0].iter(f"{SVG}rect"))
    first, last = lane.bars[0], lane.bars[-1]
    scale = float(drawn[-1].get("width")) / last.seconds
    for bar, rect in zip(lane.bars, drawn, strict=True):
        assert float(rect.get("width")) == pytest.approx(bar.seconds * scale, abs=0.02)
        offset = float(rect.get("x")) - float(drawn[0].get("x"))
        assert offset == pytest.approx((bar.start - first.start) * scale, abs=0.1)


def test_waiting_is_dashed_and_failures_are_marked(site: Site) -> None:
    """The gap until the VM is started again looks different from a stop on purpose."""
    group = nodes(draw_timeline(timeline(site.cloud)), "vm")[0]
    assert "waits" in set(classes(group))
    marks = [each.get("data-event") for each in group.iter(f"{SVG}path")]
    assert marks == ["AgentReportStopped"]
    host = nodes(draw_timeline(timeline(site.cloud)), "host")[0]
    assert [each.get("data-event") for each in host.iter(f"{SVG}path")] == ["HostDown"]


def test_too_many_lanes_are_cut_and_counted(site: Site) -> None:
    """Only the liveliest lanes are drawn; the legend says how many are not."""
    view = timeline(site.cloud)
    picture = draw_timeline(view, lanes=2)
    drawn = [each for kind in ("host", "vm") for each in nodes(picture, kind)]
    assert len(drawn) == 2
    assert f"{len(view.lanes) - 2} quieter lanes are not drawn" in texts(read_svg(picture))


@pytest.mark.parametrize("span", [0.0, 0.05, 7, 400, 5000, 86_400, 86_400 * 30, 86_400 * 3000])
def test_ticks_are_round_and_few(span: float) -> None:
    """Whatever the span, there are some ticks, not many, and all inside."""
    ticks = list(_Axis(3.0, 3.0 + span, 0, 800).ticks())
    assert len(ticks) <= 12
    assert all(3.0 <= tick <= 3.0 + span for tick in ticks)
    assert ticks or span < 1


def test_names_cannot_break_out() -> None:
    """A VM's name is text in its lane and in every tooltip."""
    site = small_site(vms=0)
    site.deploy(site.cloud.inventory.zones.get(1), "web").name = NASTY
    site.sleep(10)
    site.cloud.move(site.cloud.inventory.hosts.get(1), HostEvent.HOST_DOWN)
    assert is_harmless(draw_timeline(timeline(site.cloud)))


def test_nothing_happened_yet() -> None:
    """An empty cloud gives a picture that says so."""
    assert "nothing happened yet" in texts(read_svg(draw_timeline(timeline(Site().cloud))))

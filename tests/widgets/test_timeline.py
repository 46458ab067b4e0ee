"""The timeline widget: a window of time and a part of the names."""

from __future__ import annotations

import pytest

from cloudlab.widgets import TimelineWidget
from tests.views.build import Site, small_site
from tests.views.parse import is_harmless, read_html


@pytest.fixture
def site() -> Site:
    """Two VMs that have been running for 200 s."""
    site = small_site(vms=2)
    site.sleep(200)
    return site


def test_it_shows_everything_up_to_now(site: Site) -> None:
    """The window reaches from the start to the present."""
    widget = TimelineWidget(site.cloud)
    assert widget.window.value == (0.0, 200.0)
    assert (widget.view.since, widget.view.until, len(widget.view.lanes)) == (0.0, 200.0, 6)


def test_the_window_can_be_narrowed(site: Site) -> None:
    """Moving the slider redraws for the new window."""
    widget = TimelineWidget(site.cloud)
    before = widget.picture.value
    widget.window.value = (50.0, 100.0)
    assert (widget.view.since, widget.view.until) == (50.0, 100.0)
    assert widget.picture.value != before


def test_names_can_be_searched(site: Site) -> None:
    """Typing a part of a name leaves those lanes."""
    widget = TimelineWidget(site.cloud)
    widget.search.value = "web"
    assert [lane.name for lane in widget.view.lanes] == ["web-1", "web-2"]


def test_a_window_to_the_present_follows_it(site: Site) -> None:
    """After time has passed, a window that reached to the present still does; another stays."""
    widget = TimelineWidget(site.cloud)
    site.sleep(100)
    widget.refresh()
    assert widget.window.value == (0.0, 300.0)
    widget.window.value = (20.0, 80.0)
    site.sleep(100)
    widget.refresh()
    assert widget.window.value == (20.0, 80.0)


def test_before_anything_happened() -> None:
    """An empty cloud at its first moment is no error."""
    widget = TimelineWidget(Site().cloud)
    assert "nothing happened yet" in read_html(widget.picture.value)[1]
    assert is_harmless(widget.to_html())

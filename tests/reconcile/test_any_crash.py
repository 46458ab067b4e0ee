"""A process that is killed leaves nothing behind that the next one does not see to."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.model import JobStatus
from cloudlab.workflows import recovery, services
from cloudlab.workflows.reconcile import reconcile
from tests.properties.stories import SETTINGS, SPAN, Setting, Story
from tests.reconcile.crash import Crash, Fuse, taken_up
from tests.support.clouds import World, leaks


def crashed(story: Story, steps: int, *, taken: bool) -> World | None:
    """Tell `story` until its process ends at a step; return its world taken up again."""
    fuse = Fuse(story.world, steps, taken=taken)
    try:
        story.tell()
    except Crash:
        story.world.outside.faults.clear()
        assert fuse.kept is not None
        return taken_up(story.world, fuse.kept, story.world.cloud.engine.now)
    return None


def after(world: World) -> None:
    """Reconcile, let the services deal with hosts that do not answer, and take those back."""
    cloud, engine = world.cloud, world.cloud.engine
    world.outside.unfenceable.clear()
    world.run(reconcile(cloud))
    watching = services.start(cloud, "host monitor")
    engine.run(until=engine.now + SPAN)
    for host in world.hosts:
        world.outside.repair_host(host)
        world.outside.mend_management(host)
        world.run(recovery.host_back(cloud, host))
    engine.run(until=engine.now + SPAN)
    for service in watching:
        engine.interrupt(service)
    world.quiet()


@settings(max_examples=150)
@given(SETTINGS, st.integers(0, 25), st.booleans())
def test_books_and_outside_agree_after_any_crash(setting: Setting, steps: int, taken: bool) -> None:
    """At any step of any story: what was begun is finished or undone, no job is open."""
    world = crashed(Story(setting), steps, taken=taken)
    if world is None:
        return
    after(world)
    assert leaks(world) == []
    assert all(job.status is not JobStatus.IN_PROGRESS for job in world.cloud.inventory.jobs)

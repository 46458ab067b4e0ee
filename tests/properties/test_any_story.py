"""Whatever happens to a small cloud, in the end books and outside agree."""

from __future__ import annotations

from hypothesis import given, settings

from cloudlab.model import JobStatus, VmState
from tests.properties.stories import DISK_SETTINGS, SETTINGS, Setting, Story
from tests.support.clouds import leaks


@settings(max_examples=60)
@given(SETTINGS | DISK_SETTINGS)
def test_any_story_ends_well(setting: Setting) -> None:
    """Claims are running machines, disks are volumes, NICs are plugged, nothing is given twice.

    Every job has ended, nothing is on its way, no lock is held, nothing is over-committed,
    and the sums of the ledger are those of its parts.
    """
    story = Story(setting)
    story.tell()
    assert leaks(story.world) == []
    story.mend()
    assert leaks(story.world) == []
    jobs = list(story.world.cloud.inventory.jobs)
    assert all(job.status is not JobStatus.IN_PROGRESS for job in jobs)
    assert not [job.error_text for job in jobs if "defect" in job.error_text]


@settings(max_examples=20)
@given(SETTINGS | DISK_SETTINGS)
def test_everything_can_be_taken_down_again(setting: Setting) -> None:
    """After any story every machine can be destroyed, and then nothing is held of anything."""
    story = Story(setting)
    story.tell()
    story.mend()
    story.take_down()
    world = story.world
    assert all(vm.state is VmState.EXPUNGING for vm in world.vms) or not world.vms
    assert leaks(world) == []
    assert not world.outside.running
    assert not world.outside.snapshots
    assert not world.outside.plugged
    assert not world.outside.admitted
    assert world.cloud.ledger.claims() == {}
    assert world.cloud.ledger.reservations() == {}
    assert all(pool.taken == 0 for pool in world.cloud.addresses)

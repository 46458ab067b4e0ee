"""A power cut at any moment of any story loses nothing that was begun."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.model import Record
from cloudlab.store import Mirror, Saved, Store
from tests.properties.stories import SETTINGS, Setting, Story
from tests.store.labs import WALL, plain, restored, stored, watched, without_rows
from tests.support.clouds import leaks

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

UNDER_WAY = {
    "blocks.create": {"Creating"},
    "fabric.plug": {"Reserving", "Reserved"},
    "hypervisor.migrate": {"Migrating"},
    "hypervisor.start": {"Starting"},
    "hypervisor.stop": {"Stopping"},
}
"""What the books say of the first thing an act is about, while it is under way."""


class Cut:
    """Looks at the store at some of the acts that are begun, counted from 0."""

    def __init__(self, cloud: Cloud, store: Store, every: int) -> None:
        """Mirror `cloud` and look at every so many acts."""
        self.cloud, self.every, self.begun, self.looked = cloud, every, 0, 0
        self.mirror = Mirror(cloud, store, wall=WALL)
        cloud.ports = self.mirror.through(watched(cloud.ports, self.seen))

    def seen(self, step: str, args: tuple[Any, ...]) -> None:
        """Compare books and store, as somebody would who came after a power cut right now."""
        self.begun += 1
        if self.begun % self.every == 0:
            self.looked += 1
            saved = stored(self.mirror)
            assert saved.state == plain(self.cloud), step
            assert saved.at <= self.cloud.engine.now
            again = restored(saved, self.cloud.ports)
            assert without_rows(plain(again)) == without_rows(saved.state)
            for each in args:
                assert_known(saved, step, each, is_first=each is args[0])


def assert_known(saved: Saved, step: str, record: object, *, is_first: bool) -> None:
    """Assert that the store knows `record`, as one that something is being done with."""
    if not isinstance(record, Record):
        return
    tables = [
        each["records"] for name, each in saved.state["inventory"].items() if _is_of(name, record)
    ]
    known = {each["id"]: each for each in tables[0]}
    assert record.id in known, f"{step} of the unknown {record}"
    if is_first and step in UNDER_WAY:
        assert known[record.id]["state"]["enum"][1] in UNDER_WAY[step], step


def _is_of(table: str, record: Record) -> bool:
    names = {"vm": "vms", "volume": "volumes", "nic": "nics", "host": "hosts", "pool": "pools"}
    return table == names.get(record.kind, f"{record.kind}s".replace(" ", "_"))


@settings(max_examples=15)
@given(SETTINGS, st.integers(3, 20))
def test_the_store_knows_everything_that_was_begun(setting: Setting, every: int) -> None:
    """At the moment any act is begun outside, the store says exactly what the books say.

    So it names everything the act is about, under way; and the cloud that is restored from it
    has the same books. A store changes nothing of what happens: the story ends as well.
    """
    tell_and_look(setting, every)


@pytest.mark.slow
@settings(max_examples=100)
@given(SETTINGS, st.integers(1, 20))
def test_the_store_knows_everything_in_many_stories(setting: Setting, every: int) -> None:
    """The same, for as many stories as it takes to be sure."""
    tell_and_look(setting, every)


def tell_and_look(setting: Setting, every: int) -> None:
    """Tell a story, and look at its store at some of the acts."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "lab.db") as store:
        story = Story(setting)
        cut = Cut(story.world.cloud, store, every)
        story.tell()
        assert leaks(story.world) == []
        assert cut.looked == cut.begun // every
        cut.mirror.close()
        assert cut.mirror.fault is None


@settings(max_examples=8)
@given(SETTINGS)
def test_what_is_restored_is_what_was_committed_last(setting: Setting) -> None:
    """After a story its store holds what the books say, once the run is over and it is closed."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "lab.db"
        story = Story(setting)
        cloud = story.world.cloud
        with Mirror(cloud, Store(place), wall=WALL) as mirror:
            cloud.ports = mirror.through(cloud.ports)
            story.tell()
        with Store(place) as store:
            saved = store.load()
        assert saved is not None
        assert saved.state == plain(cloud)
        again = restored(saved, cloud.ports)
        assert without_rows(plain(again)) == without_rows(saved.state)

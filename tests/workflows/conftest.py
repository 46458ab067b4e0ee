"""The workflow tests run on both clocks, and a choice of them on real hosts.

`REAL` names those that do, unchanged: each way in which a workflow uses several ports one after
the other, its undoing, and what becomes of machines when hosts fail. Nearly all others that ask
for a `world` would run there as well, only the time is dear. What stays simulated is what real
hosts cannot be told to do: steps that take a given time (`slow_world`), whole days that pass,
machines and contacts that end on command, disks that shrink, volumes that are removed when no
host is left, a fourth host, more clusters; and what never gets as far as a port, as refusals do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from tests.support.clouds import World, build, slow

if TYPE_CHECKING:
    from tests.support.real import Ground

REAL_HOSTS: Final = pytest.param("real hosts", marks=(pytest.mark.real, pytest.mark.slow))

REAL: Final = {
    "test_deploy": (
        "test_a_deployed_machine_runs",
        "test_a_host_fault_tries_the_next_host",
        "test_other_faults_try_no_other_host",
        "test_every_host_is_tried_once",
        "test_a_data_disk_comes_with_the_machine",
        "test_a_machine_may_be_made_without_being_started",
    ),
    "test_start_stop": (
        "test_a_stopped_machine_keeps_its_place_its_disk_and_its_address",
        "test_when_its_last_host_is_gone_a_machine_starts_elsewhere",
        "test_a_stop_that_fails_leaves_the_machine_running",
        "test_what_stays_plugged_is_told_and_unplugged_at_the_next_start",
        "test_a_reboot_stays_where_it_is",
        "test_a_machine_with_disks_on_storage_out_of_service_does_not_start",
    ),
    "test_destroy": (
        "test_a_destroyed_machine_keeps_its_disk_and_comes_back",
        "test_expunging_removes_all_but_the_data_disk",
        "test_a_disk_that_cannot_be_removed_keeps_the_machine_expunging",
    ),
    "test_migration": (
        "test_a_machine_moves_to_the_host_that_was_named",
        "test_a_migration_that_fails_returns_the_machine",
        "test_a_machine_that_moved_although_the_answer_was_lost_is_on_the_target",
    ),
    "test_host_maintenance": ("test_every_machine_moves_away",),
    "test_attach": (
        "test_a_disk_of_a_stopped_machine_is_there_when_it_starts",
        "test_a_detached_volume_keeps_its_data_for_another_machine",
        "test_an_attachment_that_fails_leaves_nothing",
        "test_a_disk_that_may_still_be_plugged_stays_the_machines",
        "test_a_volume_moves_to_another_pool",
        "test_a_machine_with_snapshots_keeps_its_disks_as_they_are",
    ),
    "test_resize": ("test_a_disk_grows_under_a_running_machine",),
    "test_snapshots": (
        "test_a_running_machine_is_kept",
        "test_each_stands_on_the_one_before",
        "test_a_stopped_machine_with_memory_gets_a_place_first",
        "test_disks_alone_go_back_only_while_it_is_off",
        "test_one_that_was_not_made_is_in_error",
    ),
    "test_recovery": (
        "test_machines_under_ha_run_again_elsewhere",
        "test_without_fencing_nothing_is_restarted",
        "test_a_host_comes_back_empty",
        "test_a_host_that_does_not_come_back_stays_down",
        "test_a_host_that_was_away_unnoticed_is_compared_with_the_books",
        "test_a_host_that_could_not_be_fenced_comes_back",
    ),
    "test_ha": (
        "test_a_host_that_does_not_say_what_it_runs_is_not_back",
        "test_nothing_is_done_to_machines_behind_a_cut",
    ),
    "test_pools": ("test_a_pool_is_removed_from_maintenance_without_volumes",),
    "test_pool_maintenance": ("test_users_are_stopped_and_started_again",),
    "test_networks": (
        "test_two_accounts_may_have_the_same_addresses",
        "test_a_network_with_machines_stays",
        "test_maintenance_moves_the_router",
        "test_a_router_that_falls_runs_where_machines_run",
    ),
}
"""Module -> the tests that run on real hosts, too."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test each clock, unless it chooses its own, and those of `REAL` real hosts."""
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "engine" in metafunc.fixturenames and not any("engine" in names for names in own):
        chosen = REAL.get(metafunc.module.__name__.rpartition(".")[2], ())
        real = [REAL_HOSTS] if metafunc.function.__name__ in chosen else []
        metafunc.parametrize("engine", ["virtual", "live", *real], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of each clock."""
    made = VirtualEngine() if request.param == "virtual" else LiveEngine()
    with made:
        yield made


@pytest.fixture(scope="session")
def hosts() -> Iterator[Ground]:
    """Three hosts of a mini data centre of this folder's own."""
    import os

    from drivers.minidc import Layout, MiniDc
    from tests.support.real import ground

    center = MiniDc(Layout.named(f"w{os.getpid() % 10**6}"))
    try:
        center.up(3)
        with ground(center) as found:
            yield found
    finally:
        center.down()


@pytest.fixture
def world(engine: Engine, request: pytest.FixtureRequest) -> Iterator[World]:
    """A small cloud in which nothing takes time; or one on real hosts."""
    if request.node.callspec.params["engine"] != "real hosts":
        yield build(engine)
        return
    from tests.support.real import real_world

    with real_world(engine, request.getfixturevalue("hosts")) as made:
        yield made


@pytest.fixture
def scale(engine: Engine) -> float:
    """How many seconds of the engine a second of the story lasts."""
    return 1.0 if isinstance(engine, VirtualEngine) else 0.01


@pytest.fixture
def slow_world(engine: Engine, scale: float) -> World:
    """A small cloud in which everything takes time."""
    return build(engine, slow(scale))

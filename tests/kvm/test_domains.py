"""Machines on libvirt's own test driver: define, start, stop, list, and what is not ours."""

from __future__ import annotations

from pathlib import Path

import libvirt
import pytest

from cloudlab.errors import DriverFault, HostFault, NotFound
from cloudlab.ports import PowerState
from drivers.kvm import domains
from drivers.kvm.marks import Identity
from tests.kvm.hosts import NODE, Here
from tests.kvm.hosts import here as hosts


def all_names(made: Here) -> list[str]:
    """Return every domain of the first host, whosoever it is."""
    listed = made.hypervisor.contacts.ask(
        made.host, "listing", lambda connection: [d.name() for d in connection.listAllDomains()]
    )
    return sorted(made.do(listed))


def test_a_started_machine_is_on(here) -> None:
    """It is the one guest of its host, under its mark, and of no other host."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    assert here.do(here.hypervisor.power_state(vm, here.host)) is PowerState.ON
    assert here.do(here.hypervisor.guests(here.host)) == {vm.id: PowerState.ON}
    assert here.do(here.hypervisor.guests(here.other)) == {}


def test_what_runs_already_is_not_started(here) -> None:
    """It is neither replaced nor taken for what was to be started: it runs on as it was."""
    vm, contacts = here.records.vm(), here.hypervisor.contacts
    here.do(here.hypervisor.start(vm, here.host))
    running = contacts.ask(here.host, "looking", lambda c: c.lookupByName(vm.instance_name).ID())
    before = here.do(running)
    with pytest.raises(DriverFault, match=f"{vm.instance_name} runs already on .*left alone"):
        here.do(here.hypervisor.start(vm, here.host))
    again = contacts.ask(here.host, "looking", lambda c: c.lookupByName(vm.instance_name).ID())
    assert here.do(again) == before
    assert all_names(here) == [vm.instance_name]


def test_what_is_left_over_is_replaced(here) -> None:
    """A definition of ours that does not run is no obstacle."""
    vm, contacts = here.records.vm(), here.hypervisor.contacts
    here.do(here.hypervisor.start(vm, here.host))
    who = Identity.of(vm, "lab1")
    cut = contacts.ask(here.host, "cut", lambda c: domains.pull_plug(domains.running(c, who)))
    here.do(cut)
    assert here.do(here.hypervisor.guests(here.host)) == {vm.id: PowerState.OFF}
    here.do(here.hypervisor.start(vm, here.host))
    assert here.do(here.hypervisor.guests(here.host)) == {vm.id: PowerState.ON}


@pytest.mark.parametrize("forced", [False, True])
def test_a_stopped_machine_leaves_nothing(here, forced: bool) -> None:
    """However it was stopped, and however often."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    for _ in range(2):
        here.do(here.hypervisor.stop(vm, here.host, forced=forced))
        assert all_names(here) == []


def test_destroying_what_was_never_there_is_no_error(here) -> None:
    """It is gone already."""
    here.do(here.hypervisor.destroy(here.records.vm(), here.host))


def test_what_does_not_run_is_not_rebooted(here) -> None:
    """The message names machine and host."""
    vm = here.records.vm()
    with pytest.raises(DriverFault, match=f"{vm.instance_name} does not run"):
        here.do(here.hypervisor.reboot(vm, here.host))


def test_a_domain_of_others_is_never_touched(tmp_path: Path) -> None:
    """Not started, not stopped, not destroyed, not listed; the message says what to do."""
    with hosts(tmp_path, NODE) as made:
        made.open()
        vm, hypervisor = made.records.vm(), made.hypervisor
        assert all_names(made) == [vm.instance_name]
        with pytest.raises(DriverFault, match=r"was made by others.*not touched: rename"):
            made.do(hypervisor.start(vm, made.host))
        made.do(hypervisor.stop(vm, made.host))
        made.do(hypervisor.destroy(vm, made.host))
        assert made.do(hypervisor.guests(made.host)) == {}
        assert made.do(hypervisor.power_state(vm, made.host)) is PowerState.OFF
        running = made.hypervisor.contacts.ask(
            made.host, "looking", lambda c: c.lookupByName(vm.instance_name).isActive()
        )
        assert made.do(running) == 1


def test_a_domain_of_another_lab_is_never_touched(here) -> None:
    """The message names the lab it belongs to."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    stranger = Identity(vm.instance_name, "lab2", vm.id)
    ask = here.hypervisor.contacts.ask
    with pytest.raises(DriverFault, match="belongs to vm 1 of the lab lab1"):
        here.do(ask(here.host, "starting", domains.begin, stranger, "<domain/>"))
    here.do(ask(here.host, "destroying", domains.end, stranger))
    assert here.do(here.hypervisor.power_state(vm, here.host)) is PowerState.ON


def test_a_domain_of_other_books_is_never_touched(here) -> None:
    """It has our name, lab and number, and is not in our books: not even listed as ours."""
    vm, site, hypervisor = here.records.vm(), here.site, here.hypervisor
    site.store_id = "one"
    for host in (here.host, here.other):
        here.do(hypervisor.connect(host))
    here.do(hypervisor.start(vm, here.host))
    assert here.do(hypervisor.guests(here.host)) == {vm.id: PowerState.ON}
    assert list(here.do(hypervisor.stats(here.host))) == [vm.id]
    site.store_id = "two"
    with pytest.raises(
        DriverFault, match=r"vm 1 of the lab lab1 \(in the books one\).*not touched"
    ):
        here.do(hypervisor.start(vm, here.host))
    here.do(hypervisor.destroy(vm, here.host))
    assert here.do(hypervisor.guests(here.host)) == {}
    assert here.do(hypervisor.stats(here.host)) == {}
    assert here.do(hypervisor.power_state(vm, here.host)) is PowerState.OFF
    site.store_id = "one"
    assert here.do(hypervisor.power_state(vm, here.host)) is PowerState.ON


def test_a_domain_of_an_earlier_release_is_ours(here) -> None:
    """Its mark names no books."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    here.site.store_id = "one"
    assert here.do(here.hypervisor.guests(here.host)) == {vm.id: PowerState.ON}


def test_a_host_belongs_to_one_lab(tmp_path: Path) -> None:
    """Another lab is refused, told whose it is and how to take over, until that is done."""
    with hosts(tmp_path, lab_id="lab1") as mine, hosts(tmp_path, lab_id="lab2") as theirs:
        mine.do(mine.hypervisor.connect(mine.host))
        with pytest.raises(DriverFault, match=r"belongs to the lab lab1, this is lab2.*removing"):
            theirs.do(theirs.hypervisor.connect(theirs.host))
        assert not theirs.do(theirs.hypervisor.ping(theirs.host))
        mine.do(mine.hypervisor.disconnect(mine.host))
        theirs.do(theirs.hypervisor.connect(theirs.host))
        assert theirs.do(theirs.hypervisor.ping(theirs.host))


def test_without_contact_nothing_is_known(tmp_path: Path) -> None:
    """Everything is the host's fault; a machine there is never said to be off."""
    with hosts(tmp_path) as made:
        vm = made.records.vm()
        assert made.do(made.hypervisor.power_state(vm, made.host)) is PowerState.UNKNOWN
        assert made.do(made.hypervisor.ping(made.host)) is False
        for work in (
            made.hypervisor.start(vm, made.host),
            made.hypervisor.destroy(vm, made.host),
            made.hypervisor.guests(made.host),
            made.blocks.volumes(made.pool),
        ):
            with pytest.raises(HostFault, match="connect"):
                made.do(work)


def test_a_host_nobody_described_is_named(here) -> None:
    """The message lists those that are known."""
    here.other.name = "h9"
    with pytest.raises(NotFound, match=r"h9.*h1, h2"):
        here.do(here.hypervisor.connect(here.other))


def test_vcpus_grow_within_their_headroom(here) -> None:
    """Neither fewer nor more than the machine was made for."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    here.do(here.hypervisor.set_vcpus(vm, 2, here.host))
    for wrong in (1, 3):
        with pytest.raises(DriverFault, match="allowed are 2 to 2"):
            here.do(here.hypervisor.set_vcpus(vm, wrong, here.host))


def test_ram_stays_within_its_headroom(here) -> None:
    """By the balloon it can shrink and grow back, never past what it was made for."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    here.do(here.hypervisor.set_ram(vm, 64, here.host))
    with pytest.raises(DriverFault, match=r"cannot have 129 MiB.*1 to 128"):
        here.do(here.hypervisor.set_ram(vm, 129, here.host))


def test_statistics_are_rows_by_machine(here) -> None:
    """Only of this lab's machines."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    stats = here.do(here.hypervisor.stats(here.host))
    assert list(stats) == [vm.id]
    assert stats[vm.id].vm_id == vm.id


def test_the_screen_asks_for_a_password(here) -> None:
    """Another for each start, known to those who ask the driver."""
    vm, seen = here.records.vm(), set()
    for _ in range(2):
        here.do(here.hypervisor.start(vm, here.host))
        seen.add(here.do(here.hypervisor.screen_password(vm, here.host)))
        here.do(here.hypervisor.stop(vm, here.host, forced=True))
    assert len(seen) == 2
    assert {len(each) for each in seen} == {8}


def test_a_guest_that_does_not_shut_down_still_runs(tmp_path: Path, monkeypatch) -> None:
    """The message says for how long it was asked, and what to do."""
    with hosts(tmp_path, shutdown_seconds=0.5) as made:
        made.open()
        vm = made.records.vm()
        made.do(made.hypervisor.start(vm, made.host))
        monkeypatch.setattr(libvirt.virDomain, "shutdownFlags", lambda *_: 0)
        with pytest.raises(DriverFault, match=r"did not shut down within 0.5 s.*force it"):
            made.do(made.hypervisor.stop(vm, made.host))
        assert made.do(made.hypervisor.power_state(vm, made.host)) is PowerState.ON


def test_everything_that_was_asked_is_written_down(here) -> None:
    """What, of which host, and what came of it; never a password."""
    vm = here.records.vm()
    here.do(here.hypervisor.start(vm, here.host))
    password = here.do(here.hypervisor.screen_password(vm, here.host))
    with pytest.raises(DriverFault):
        here.do(here.hypervisor.reboot(vm, here.other))
    log = here.hypervisor.contacts.log
    assert [each.text for each in log.entries(kind="libvirt", failed=True)] == [f"rebooting {vm}"]
    assert f"starting {vm}" in {each.text for each in log.entries(host="h1")}
    assert password not in repr(log.entries())

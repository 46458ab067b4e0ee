"""Contact with hosts: made, lost, and made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudlab.errors import DriverFault, HostFault
from drivers.kvm import kvm_ports
from drivers.recorder import CommandLog
from tests.kvm.hosts import here


def test_a_host_that_answers_again_is_connected_at_once(tmp_path: Path) -> None:
    """A failure a moment ago keeps nobody from connecting, and old connections are not used."""
    with here(tmp_path) as lab:
        hypervisor, contacts = lab.hypervisor, lab.hypervisor.contacts
        lab.do(hypervisor.connect(lab.host))
        (before,) = contacts._idle[lab.host.name]
        lab.shells["h1"].is_dead = True
        with pytest.raises(HostFault):
            lab.do(hypervisor.connect(lab.host))
        lab.shells["h1"].is_dead = False
        lab.do(hypervisor.connect(lab.host))
        (after,) = contacts._idle[lab.host.name]
        assert after is not before
        assert lab.do(hypervisor.ping(lab.host))


def test_a_host_that_was_restarted_unseen_is_no_contact(tmp_path: Path) -> None:
    """Its note is gone with its power: nothing is done there before it is connected again."""
    with here(tmp_path) as lab:
        hypervisor, contacts = lab.hypervisor, lab.hypervisor.contacts
        lab.do(hypervisor.connect(lab.host))
        for each in contacts._idle.values():
            each.clear()  # the connections broke
        contacts._claimed.clear()
        claim_path = lab.own(lab.host) / "cloudlab-lab"
        claim_path.unlink()
        assert not lab.do(hypervisor.ping(lab.host))
        with pytest.raises(HostFault, match="host h1 was restarted"):
            lab.do(hypervisor.guests(lab.host))
        lab.do(hypervisor.connect(lab.host))
        assert lab.do(hypervisor.ping(lab.host))
        assert claim_path.read_text().strip() == "lab1"


def test_the_log_that_was_given_is_written_to(tmp_path: Path) -> None:
    """Even if nothing was in it yet."""
    with here(tmp_path) as lab:
        log = CommandLog()
        hypervisor, _, _ = kvm_ports(lab.engine, lab.site, lab.options, log=log)
        lab.do(hypervisor.connect(lab.host))
        lab.do(hypervisor.guests(lab.host))
        assert "listing machines" in {each.text for each in log.entries(kind="libvirt")}


def test_a_host_of_other_books_is_refused(tmp_path: Path) -> None:
    """A copied lab file, or a lab whose books were lost, has the name and not the host."""
    with here(tmp_path, store_id="one") as mine, here(tmp_path, store_id="two") as theirs:
        mine.do(mine.hypervisor.connect(mine.host))
        note = mine.own(mine.host) / "cloudlab-lab"
        named = f"{mine.options.state_folder}/cloudlab-lab"
        refusal = rf"host h1 belongs to another lab called lab1 .*elsewhere: one.*remove {named}"
        with pytest.raises(DriverFault, match=refusal):
            theirs.do(theirs.hypervisor.connect(theirs.host))
        theirs.do(theirs.hypervisor.disconnect(theirs.host))
        assert note.read_text() == "lab1 one\n"
        mine.do(mine.hypervisor.connect(mine.host))
        note.unlink()
        theirs.do(theirs.hypervisor.connect(theirs.host))
        assert note.read_text() == "lab1 two\n"


def test_a_note_that_names_no_books_is_completed(tmp_path: Path) -> None:
    """An earlier release wrote no more than the lab; from then on, its books are known."""
    with here(tmp_path) as before, here(tmp_path, store_id="one") as lab:
        before.do(before.hypervisor.connect(before.host))
        lab.do(lab.hypervisor.connect(lab.host))
        assert (lab.own(lab.host) / "cloudlab-lab").read_text() == "lab1 one\n"
        with pytest.raises(DriverFault, match="these are without a name"):
            before.do(before.hypervisor.connect(before.host))

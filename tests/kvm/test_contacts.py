"""Contact with hosts: made, lost, and made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudlab.errors import HostFault
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
